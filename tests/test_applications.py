"""Applications of a policy: from settings to shares, stage tables and numbers."""

import copy
import re
from pathlib import Path

import numpy as np
import pytest

from experiments.one_run import simulate
from scenarios.applications import stacked
from scenarios.load import load
from scenarios.policy import build_policy
from sim import codes, levers
from sim.codes import BOARD, CITY, COMMAND, GRID, GRID_DESK, NONE, TOWNSHIP
from sim.errors import InputError
from tests.conftest import TINY

NAMES = ["water", "hazardous_rock", "high_rise_fire", "industry_brain", "e_map"]
QUICK = (
    "experiment=plain",
    "city=tiny",
    "horizon=short",
    "staff.pilot_incidents=4000",
    "record=visits",
)


SHARES = {"water_pollution": 6.6, "sanitation": 3.0}
"""Ten times as much polluted water, and as much less of something else."""


def on(name, strength=1):
    return f"policy.applications.{name}.strength={strength}"


@pytest.fixture
def settings(siloed):
    return copy.deepcopy(siloed.settings.policy)


@pytest.fixture(scope="module")
def world():
    """The integrated city with all the kinds, quick; e_map only for some."""
    return load([*QUICK, "policy=integrated", on("water"), on("e_map", 0.4)])


def test_the_shipped_ones_are_there_and_off(siloed, integrated):
    for p in (siloed, integrated):
        assert list(p.settings.policy.applications) == NAMES
        assert p.policy.applications == ()
        assert p.world.route.shape[1] == 1
        assert not p.world.applied.any()


def test_the_model_page_shows_their_numbers(siloed):
    """Row by row as conf/application has them."""
    page = (Path(__file__).parents[1] / "docs/model.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.M)
    shown = {name: cells.split(" | ") for name, cells in rows if name in NAMES}
    assert list(shown) == NAMES
    for name, one in siloed.settings.policy.applications.items():
        judged = one.stages.get("judge", {}).get("patrol")
        assert shown[name][0] == ("as the policy" if judged is None else f"`{judged}`")
        numbers = [None if cell == "null" else float(cell) for cell in shown[name][1:]]
        assert numbers == [one.map_logit, one.travel, one.sensing, one.warning, one.upkeep_minutes]


def test_rows_replace_the_policys_and_the_others_stay(world):
    (water, e_map), stage = world.policy.applications, codes.STAGES.index
    assert (water.name, e_map.name) == ("water", "e_map")
    assert water.route[stage("judge")].tolist() == [[CITY, BOARD]] * 4
    assert water.route[stage("sign")].tolist() == [[TOWNSHIP, COMMAND]] * 4
    assert water.route[stage("verify")].tolist() == [[GRID, GRID_DESK]] * 4
    same = [stage("supervise"), stage("dispatch")]
    np.testing.assert_array_equal(water.route[same], world.policy.route[same])
    hotline = water.route[stage("register"), codes.HOTLINE]
    np.testing.assert_array_equal(hotline, world.policy.route[stage("register"), codes.HOTLINE])
    np.testing.assert_array_equal(e_map.route, world.policy.route)


def test_kinds_get_the_strength_and_numbers_their_units(world):
    water, e_map = world.policy.applications
    kinds = world.catalogue.kinds
    assert dict(zip(kinds, water.share, strict=True)) == {
        kind: float(kind == "water_pollution") for kind in kinds
    }
    assert set(e_map.share) == {0.0, 0.4}
    stated = world.settings.policy.applications["water"]
    expected = (stated.map_logit, stated.travel, stated.sensing, stated.warning)
    assert water.number.tolist() == [*expected, 60 * stated.upkeep_minutes]
    assert e_map.number[levers.COVERAGE] == NONE


def test_desks_that_only_an_application_sends_work_to_are_staffed(world, integrated):
    """The silos' city boards do nothing else."""
    silos = load([*QUICK, on("water")])
    board = (silos.layout.tier == CITY) & (silos.layout.group == BOARD)
    assert silos.policy.used[board].all()
    assert (silos.seats[board].sum(axis=1) > 0).all()
    assert not load(QUICK).policy.used[board].any()


def test_kinds_of_another_catalogue_are_left_out_but_a_slip_is_named(siloed, settings):
    settings.applications["water"].strength = 1.0  # the tiny catalogue has no such kind
    assert build_policy(settings, siloed.layout, siloed.calendar_names).applications == ()
    settings.applications["water"].kinds = ["sanitaton"]
    with pytest.raises(InputError, match=r"applications\.water\.kinds: 'sanitaton'; did you mean"):
        build_policy(settings, siloed.layout, siloed.calendar_names)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (on("water", 1.5), r"policy\.applications\.water\.strength: 1\.5; allowed: 0 to 1"),
        ("policy.applications.water.sensing=2", r"water\.sensing: 2\.0; allowed: 0 to 1"),
        ("+policy.applications.water.speed=2", r"policy\.applications\.water\.speed: no such key"),
        ("policy.applications.water.stages.judge.patrol=city.hut",
         r"policy\.applications\.water\.stages\.judge\.patrol: 'hut'; allowed: hotline, "),
        ("+policy.applications.water.stages.juge.patrol=none",
         r"policy\.applications\.water\.stages: 'juge' \(did you mean 'judge'\?\)"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named_with_what_is_allowed(override, message):
    with pytest.raises(InputError, match=message):
        _ = load([*TINY, override]).policy


def test_an_unsigned_application_needs_direct_dispatch_as_a_policy_does(siloed, settings):
    settings.applications["water"].kinds, settings.applications["water"].strength = ["fire"], 1.0
    settings.applications["water"].stages["sign"] = {"sensor": "none"}
    with pytest.raises(InputError, match="sign: none is possible only with"):
        build_policy(settings, siloed.layout, siloed.calendar_names)


def test_an_application_that_only_one_policy_has_is_the_ordinary_way_under_the_other(world):
    plain = load([*QUICK, "policy=siloed"]).policy
    arrays = stacked([world.policy, plain], len(world.catalogue.kinds))
    assert arrays["route"].shape[:2] == (2, 3)
    for application in range(3):
        np.testing.assert_array_equal(arrays["route"][1, application], plain.route)
    assert not arrays["applied"][1].any()
    neutral = np.zeros(len(levers.APPLICATION_NUMBERS))
    neutral[levers.COVERAGE] = NONE
    np.testing.assert_array_equal(arrays["application"][1], np.tile(neutral, (3, 1)))


@pytest.mark.filterwarnings("ignore:policy ")
@pytest.mark.parametrize("policy", ["siloed", "integrated"])
def test_off_it_changes_nothing_whatever_its_numbers(policy):
    """Strength 0: not by one tick, in any table."""
    from tests.both import first_difference

    moved = ["map_logit=9", "travel=0.9", "sensing=0", "warning=1", "upkeep_minutes=600"]
    other = [f"policy.applications.{name}.{one}" for name in NAMES for one in moved]
    a, b = (simulate(load([*QUICK, f"policy={policy}", *more]), 2) for more in ((), other))
    assert first_difference(a, b) is None


@pytest.mark.filterwarnings("ignore:policy ")
@pytest.mark.parametrize("name", NAMES)
def test_each_is_switched_on_alone_and_leaves_other_kinds_their_path(name):
    """Only its own kinds' judging desks change; both clocks agree on it."""
    from tests.both import first_difference

    overrides = [*QUICK, "policy=integrated", "stream.volume=0.3", on(name)]
    fast, slow = (simulate(load([*overrides, f"clock={c}"]), 3) for c in ("compiled", "simpy"))
    assert first_difference(fast, slow) is None
    assert len(fast.incident_columns["kind"]) > 100


@pytest.mark.filterwarnings("ignore:policy ")
def test_water_is_judged_at_the_city_seen_by_more_sensors_and_sent_to_fewer_wrong_desks():
    """Its own measures, in the stated direction, on 10 times as much polluted water; with seats
    that never run out, so that nothing but the application differs."""
    shares = [f"catalogue.kinds.{kind}.share={share}" for kind, share in SHARES.items()]
    base = [*QUICK, "policy=integrated", *shares]
    runs = {}
    for strength in (0, 1):
        p = load([*base, on("water", strength)]).unlimited()
        runs[strength] = simulate(p, 5), p
    (off, p), (with_it, _) = runs[0], runs[1]
    kind = p.catalogue.kinds.index("water_pollution")

    def mean(run, column):
        table = run.incident_columns
        return table[column][table["kind"] == kind].astype(float).mean()

    def sensed(run):
        table = run.incident_columns
        return (table["channel"][table["kind"] == kind] == codes.SENSOR).mean()

    assert mean(with_it, "wrong_desks") < 0.7 * mean(off, "wrong_desks")
    assert sensed(with_it) > sensed(off)
    judged = with_it.visit_columns["desk"][with_it.visit_columns["stage"] == codes.JUDGE]
    assert (p.layout.tier[judged] == CITY).any()
    assert not (p.layout.tier[off.visit_columns["desk"]] == CITY)[
        off.visit_columns["stage"] == codes.JUDGE
    ].any()

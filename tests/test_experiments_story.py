"""The command trace: which incident it takes, what it writes, what it refuses."""

import json
import re
import time

import numpy as np
import pytest

from experiments import load, simulate
from experiments.cli import main
from experiments.compare import replication_seed
from experiments.story import (
    belongs,
    choose,
    cohort_keys,
    latencies,
    own_setting,
    pick,
    right_desk,
    simulate_all,
    tell,
    trace,
)
from scenarios.load import CONF, load_policies
from sim import codes
from sim.errors import InputError
from sim.stream import pack_key, unpack_key
from tests.conftest import TINY, find_desk

pytestmark = [
    pytest.mark.filterwarnings("ignore:policy '"),  # of desks that have too much to do
    pytest.mark.usefixtures("undrawn"),
]
SEED = replication_seed(1, 0)


@pytest.fixture(scope="module")
def policies():
    return load_policies([*TINY, "record=visits"])


@pytest.fixture(scope="module")
def runs(policies):
    return {name: simulate(parameters, SEED) for name, parameters in policies.items()}


@pytest.fixture(scope="module")
def keys(policies):
    return cohort_keys(policies["siloed"], SEED)


def folder_of(root):
    (made,) = root.iterdir()
    return made


def story_json(root):
    return json.loads((folder_of(root) / "story.json").read_text("utf-8"))


# --- which incident ---------------------------------------------------------------------------


def test_the_keys_of_the_cohort_are_those_that_a_run_records(runs, keys):
    for run in runs.values():
        assert (run.incident_columns["incident"] == keys).all()


def test_a_trace_has_the_keys_of_its_own_incidents():
    path = CONF / "city/tiny/example_trace.csv"
    parameters = load([*TINY, "stream=trace", f"stream.path={path}", "record=visits"])
    run = simulate(parameters, SEED)
    assert (cohort_keys(parameters, SEED) == run.incident_columns["incident"]).all()


def test_the_worst_is_the_one_that_waits_longest_more(runs, keys):
    """By the tables that users get, in place of the columns within."""
    solved = {}
    for name, run in runs.items():
        frame = run.incidents.to_pandas().set_index("incident")
        solved[name] = frame["solved"].fillna(run.parameters.end) - frame["occurred"]
    more = solved["integrated"] - solved["siloed"]
    assert more.max() > 0
    key, words = choose("worst", keys, {n: r.parameters for n, r in runs.items()}, SEED)
    assert more[key] == more.max()
    assert more.index[more == more.max()].min() == key
    assert "later" in words
    key, _ = choose("median", keys, {n: r.parameters for n, r in runs.items()}, SEED)
    assert (more < more[key]).sum() <= len(more) / 2
    assert (more > more[key]).sum() <= len(more) / 2


@pytest.mark.parametrize(
    ("more", "worst", "median"),
    [([5], 0, 0), ([1, 9, 9, 2], 1, 3), ([-3, -1, -2], 1, 2), ([0, 0, 0, 0], 0, 1)],
)
def test_of_equal_ones_the_first_and_of_two_middles_the_lower(more, worst, median):
    assert pick("worst", np.array(more)) == worst
    assert pick("median", np.array(more)) == median


def test_random_depends_on_the_seed_only(keys, policies):
    drawn = [choose("random", keys, policies, seed)[0] for seed in (1, 1, 2, 3, 4, 5)]
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) > 3
    assert set(drawn) <= set(keys.tolist())


def test_one_that_is_not_solved_counts_as_solved_at_the_end(runs):
    run = runs["siloed"]
    table = run.incident_columns
    never = table["state"] != codes.SOLVED
    assert 0 < never.sum() < len(never)
    latency = latencies(run)
    assert (latency[never] == run.parameters.end - table["occurred"][never]).all()
    assert (latency[~never] == (table["solved"] - table["occurred"])[~never]).all()


def test_only_the_visits_of_the_story_are_kept(policies, runs, keys):
    key = int(keys[5])
    kept = simulate_all(policies, SEED, "", key)["siloed"].visit_columns
    whole = runs["siloed"].visit_columns
    own = whole["incident"] == key
    assert 0 < own.sum() < len(own)
    for name, values in kept.items():
        assert (values == whole[name][own]).all()


# --- whose it is ------------------------------------------------------------------------------


def test_the_right_desk_is_that_of_lead_or_board(policies):
    parameters = policies["siloed"]
    layout, book = parameters.layout, parameters.catalogue
    row = {"kind": 3, "district": 1, "township": 2, "grid": 8}
    desks = [right_desk(parameters, row | {"tier": tier}) for tier in range(4)]
    lead, board = int(book.lead[3]), int(book.board141[3])
    assert desks == [
        find_desk(layout, codes.CITY, codes.DEPARTMENT, lead),
        find_desk(layout, codes.DISTRICT, codes.DEPARTMENT, lead, 1),
        find_desk(layout, codes.TOWNSHIP, codes.BOARD, board, 2),
        find_desk(layout, codes.GRID, codes.GRID_DESK, 0, 8),
    ]


def test_a_pool_may_stand_in_for_all_but_those_on_duty(policies):
    parameters = policies["siloed"]
    layout, book = parameters.layout, parameters.catalogue
    row = {"district": 1, "township": 2, "grid": 8, "tier": codes.DISTRICT, "growths": 0}
    pool = find_desk(layout, codes.DISTRICT, codes.POOL, 0, 1)
    for kind in range(len(book.kinds)):
        is_right = belongs(parameters, row | {"kind": kind})
        assert is_right(right_desk(parameters, row | {"kind": kind})) is True
        assert is_right(pool) is (False if book.department_duty[book.lead[kind]] else None)
        assert is_right(find_desk(layout, codes.TOWNSHIP, codes.POOL, 0, 2)) is False
    assert 0 < book.department_duty[book.lead].sum() < len(book.kinds)


# --- the command ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    made = tmp_path_factory.mktemp("trace")
    trace([*TINY, f"results={made}"])
    return made


def test_the_folder_is_whole(root):
    folder = folder_of(root)
    assert folder.name.startswith("trace-")
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    figures = {"figures/timeline.png", "figures/timeline.svg"}
    assert names == figures | {"story.md", "story.json", "config.yaml", "provenance.json"}
    origin = json.loads((folder / "provenance.json").read_text("utf-8"))
    assert origin["seeds"] == [SEED]


def test_both_policies_tell_of_the_same_incident(root):
    told = story_json(root)
    rows = [told["policies"][name]["incident"] for name in ("siloed", "integrated")]
    for name in ("incident", "occurred", "kind", "severity", "tier", "grid", "district"):
        assert rows[0][name] == rows[1][name]
    assert rows[0]["incident"] == told["incident"]


def test_the_steps_add_up_to_the_latency(root):
    for policy in story_json(root)["policies"].values():
        assert sum(policy["time_uses"].values()) == policy["latency"]
        steps = policy["steps"]
        assert steps[0]["what"] == "occurred"
        last = [step for step in steps if step["what"] in ("solved", "end")]
        assert last[0]["at"] - steps[0]["at"] == policy["latency"]


def test_a_key_tells_the_story_that_chance_told(root, tmp_path):
    key = story_json(root)["incident"]
    assert main(["trace", *TINY, f"incident={key}", f"results={tmp_path}"]) == 0
    assert story_json(tmp_path)["policies"] == story_json(root)["policies"]


def test_the_simpy_clock_tells_the_same_story(root, tmp_path):
    key = story_json(root)["incident"]
    trace([*TINY, f"incident={key}", "clock=simpy", f"results={tmp_path}"])
    assert story_json(tmp_path)["policies"] == story_json(root)["policies"]


def test_one_policy_alone_can_be_told(tmp_path, capsys):
    settings = [*TINY, "incident=random", "policies=[paper]", f"results={tmp_path}"]
    assert main(["trace", *settings]) == 0
    assert list(story_json(tmp_path)["policies"]) == ["paper"]
    assert capsys.readouterr().out.strip().splitlines()[-1].startswith(f"results: {tmp_path}")


# --- what is refused --------------------------------------------------------------------------


def test_its_own_setting_is_taken_out_and_visits_are_recorded():
    how, others = own_setting(["city=tiny", "incident=median", "record=summary", "seed=2"])
    assert (how, others) == ("median", ["city=tiny", "seed=2", "record=visits"])
    assert own_setting([])[0] == "worst"


@pytest.mark.parametrize("value", ["best", "-1", "", "1e3", "9" * 20])
def test_another_value_is_refused_with_those_allowed(value):
    message = f"incident: '{value}'; allowed: worst, median, random or an incident's key"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        own_setting([f"incident={value}"])


@pytest.mark.parametrize("how", ["worst", "median"])
def test_a_comparison_of_one_policy_is_refused(how, tmp_path, capsys):
    settings = [*TINY, f"incident={how}", "policies=[siloed]", f"results={tmp_path}"]
    assert main(["trace", *settings]) == 1
    assert f"incident: {how} compares two policies" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def other(key, **changes):
    """The key with other parts."""
    names = ("entity", "day", "district", "kind", "k")
    return pack_key(**(dict(zip(names, unpack_key(int(key)))) | changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"entity": 2}, "it is the key of no incident, but of a false alarm"),
        ({"day": 4}, "the cohort occurs from 2024-10-17 to 2024-10-20"),
        ({"district": 2}, "tiny has districts 0 to 1"),
        ({"kind": 9}, "the catalogue has kinds 0 to 3"),
        ({"k": 9999}, "occur that day in"),
    ],
)
def test_a_key_that_does_not_occur_is_refused_with_two_that_do(policies, keys, changes, reason):
    wanted = other(keys[7], **changes)
    with pytest.raises(InputError) as caught:
        choose(str(wanted), keys, policies, SEED)
    message = str(caught.value)
    assert message.startswith(f"incident: incident {wanted} (")
    assert reason in message
    near = re.search(r"a key of the cohort, such as (\d+) or (\d+)$", message)
    assert {int(near[1]), int(near[2])} <= set(keys.tolist())


def test_the_keys_that_are_offered_are_the_nearest(policies, keys):
    for place in (0, 30, len(keys) - 1):
        wanted = int(keys[place]) + 1
        if wanted in keys:
            continue
        with pytest.raises(InputError) as caught:
            choose(str(wanted), keys, policies, SEED)
        assert str(keys[place]) in str(caught.value)


def test_a_key_of_another_district_is_refused(keys):
    parameters = load([*TINY, "city.district=A", "record=visits"])
    own = cohort_keys(parameters, SEED)
    foreign = next(int(key) for key in keys if unpack_key(int(key))[2] == 1)
    with pytest.raises(InputError, match=r"only district 0 \(A\) runs"):
        choose(str(foreign), own, {"siloed": parameters}, SEED)


def test_a_cohort_without_incidents_is_refused():
    parameters = load([*TINY, "city.weight=0.01", "horizon.cohort_days=1"])
    with pytest.raises(InputError, match="none occurs in the cohort's days"):
        cohort_keys(parameters, SEED)


def test_when_one_run_fails_the_others_stop(policies, monkeypatch):
    import experiments.story as module

    finished = []

    def run(parameters, seed, advance, visits_of):
        if parameters.policy.name == "siloed":
            raise KeyboardInterrupt
        for _ in range(5000):
            advance(0.5)
            time.sleep(0.001)
        finished.append(parameters)

    monkeypatch.setattr(module, "simulate", run)
    with pytest.raises(KeyboardInterrupt):
        simulate_all(policies, SEED, "")
    assert not finished


def test_a_story_keeps_to_its_incident(runs, keys):
    story = tell(runs["integrated"], int(keys[0]))
    assert story.incident["incident"] == keys[0]
    assert {visit.incident for visit in story.visits} == {keys[0]}


def test_what_has_grown_may_belong_to_a_higher_tier(policies):
    parameters = policies["siloed"]
    place = {"tier": codes.TOWNSHIP, "kind": 0, "district": 0, "township": 0, "grid": 0}
    still = belongs(parameters, place | {"growths": 0})
    grown = belongs(parameters, place | {"growths": 1})
    first, higher = (right_desk(parameters, place, tiers) for tiers in (0, 1))
    layout = parameters.layout
    assert [layout.tier[desk] for desk in (first, higher)] == [codes.TOWNSHIP, codes.DISTRICT]
    assert right_desk(parameters, place, 5) == right_desk(parameters, place, 2)
    assert (still(first), still(higher)) == (True, False)
    assert (grown(first), grown(higher)) == (None, None)
    assert grown(find_desk(layout, codes.CITY, codes.HOTLINE_DESK)) is False

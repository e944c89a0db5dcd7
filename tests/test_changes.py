"""Dated changes of levers and seats: from settings to worlds and runs."""

import datetime
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from experiments.one_run import simulate
from scenarios.changes import build_changes, scaled, standing
from scenarios.load import load
from sim.codes import CITY, DISTRICT, TOWNSHIP
from sim.errors import InputError
from sim.levers import FLEXIBLE, MERGING, POOLING
from sim.rules.policy import regime_in
from sim.units import DAY, HOUR
from sim.world import world_handle
from tests.both import first_difference
from tests.conftest import TINY

SEED = 1
NOON = "2024-10-17 12:00:00"  # of the cohort's first day
AT = 3 * DAY + 12 * HOUR


def changes(*texts):
    return f"policy.rollout.changes=[{', '.join(texts)}]"


def parameters(*texts, policy="siloed"):
    return load([*TINY, f"policy={policy}", "record=visits", changes(*texts)])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{levers: {merging: 1}}", r"changes\[0\].*from"),
        ("{from: '2024-10-17', levers: {mergin: 1}}", r"changes\[0\].levers.mergin: no such key"),
        ("{from: '2024-10-17', levers: {merging: 1.1}}", r"levers.merging: 1.1; allowed: 0 to 1"),
        ("{from: '2024-10-17', levers: {merging: true}}", r"levers.merging: True; allowed: 0 to 1"),
        ("{from: '2024-10-17', seats: {county: 1}}", r"seats.county: no such key; allowed: city"),
        ("{from: '2024-10-17', seats: {city: -1}}", r"seats.city: -1; allowed: 0 to 100"),
        ("{from: noon, seats: {city: 1}}", r"changes\[0\].from: 'noon'; allowed: a date and time"),
        ("{from: '2024-10-17'}, {from: '2024-10-16'}", r"changes\[1\].from: 2024-10-16; allowed"),
    ],
)
def test_a_wrong_change_is_named_with_what_is_allowed(text, message):
    with pytest.raises(InputError, match=message):
        _ = load([*TINY, changes(text)]).rollout


def test_what_a_change_does_not_name_stays_as_the_one_before_has_left_it():
    p = load(TINY)
    stated = [
        {"from": "2024-10-15", "levers": {"merging": 0.2, "joint": 1}, "seats": {"city": 2}},
        {"from": "2024-10-16 06:00", "levers": {"merging": 0.4}, "seats": {"grid": 3}},
        {"from": "2025-10-16", "levers": {"merging": 0.6}},  # after the run
    ]
    found = build_changes(stated, p.start, p.end)
    assert [change.tick for change in found] == [DAY, 2 * DAY + 6 * HOUR]
    assert standing(found, DAY - 1).levers == {}
    assert standing(found, 2 * DAY).levers == {"merging": 0.2, "joint": 1}
    assert standing(found, p.end).levers == {"merging": 0.4, "joint": 1}
    assert standing(found, p.end).seats == {"city": 2, "grid": 3}


def test_the_example_of_the_documentation_is_read():
    page = (Path(__file__).parent.parent / "docs/policies.md").read_text("utf-8")
    block = re.search(r"```yaml\n# two dated changes\n(.*?)```", page, re.DOTALL)[1]
    start, stated = datetime.date(2024, 10, 14), yaml.safe_load(block)["rollout"]["changes"]
    first, second = build_changes(stated, start, 70 * DAY)
    assert first.levers == {"merging": 0.9, "pooling": 0.5}
    assert second.seats == {"district": 1.2, "township": 0.9}
    assert (first.tick, second.tick) == (29 * DAY + 9.5 * HOUR, 35 * DAY)


def test_desks_with_one_seat_share_what_a_tier_has_more():
    tier = np.array([DISTRICT] * 4 + [TOWNSHIP])
    seats = np.array([[1, 0], [1, 1], [1, 0], [4, 2], [5, 5]], np.int32)
    more = scaled(seats, tier, {"district": 1.5})
    assert more[:4].sum() == 15
    assert ((more > 0) == (seats > 0)).all()
    np.testing.assert_array_equal(more[4], seats[4])
    fewer = scaled(seats, tier, {"district": 0.5})
    assert (fewer[:3] == seats[:3]).all()  # who has a seat keeps one
    assert fewer[3].sum() == 3
    np.testing.assert_array_equal(scaled(seats, tier, {"district": 1.0}), seats)


def test_the_policy_in_force_is_that_after_the_last_change():
    first = f"{{from: '{NOON}', levers: {{merging: 0.9}}}}"
    p = parameters(first, "{from: '2024-10-19', levers: {flexible: 0.3}}")
    w = world_handle(p.world)
    regimes = [regime_in(w, 0, tick) for tick in (0, AT - 1, AT, 5 * DAY - 1, 5 * DAY)]
    assert regimes == [0, 0, 1, 1, 2]
    own = p.settings.policy.levers
    np.testing.assert_array_equal(p.world.lever[:, MERGING], [own.merging, 0.9, 0.9])
    np.testing.assert_array_equal(p.world.lever[:, FLEXIBLE], [own.flexible, own.flexible, 0.3])
    assert p.world.later_from.size == 0  # hours and seats stay as they are


def test_seats_are_changed_from_the_date_on_and_desks_that_open_get_one_a_shift():
    p = parameters(f"{{from: '{NOON}', levers: {{pooling: 0.5}}, seats: {{township: 2}}}}")
    assert p.world.later_from.tolist() == [AT]
    before, after = p.world.seats, p.world.later_seats[0]
    townships = (p.layout.tier == TOWNSHIP) & (before.sum(axis=1) > 0)
    assert after[townships].sum() == 2 * before[townships].sum()
    pools = [d for d, kind in enumerate(p.layout.kinds) if kind.endswith(".pool")]
    assert before[pools].sum() == 0 < after[pools].sum()
    assert p.world.lever[1, POOLING] == 0.5
    plain = load([*TINY])
    np.testing.assert_array_equal(before, plain.world.seats)
    assert p.paid_by_desk.sum() > plain.paid_by_desk.sum()


def test_a_change_shows_from_its_moment_on_and_not_before():
    plain = simulate(load([*TINY, "record=visits"]), SEED)
    text = f"{{from: '{NOON}', levers: {{merging: 1, shared_data: 1}}, seats: {{district: 3}}}}"
    changed = simulate(parameters(text), SEED)
    ended = [run.visit_columns["ended"] < AT for run in (plain, changed)]
    for name in ("incident", "desk", "joined", "started", "ended", "worked"):
        a, b = (r.visit_columns[name][e] for r, e in zip((plain, changed), ended, strict=True))
        np.testing.assert_array_equal(a, b)
    assert first_difference(plain, changed) is not None
    unlike = np.flatnonzero((plain.flow != changed.flow).any(axis=1))
    assert unlike[0] >= AT // HOUR


def test_both_clocks_make_the_same_of_changes():
    texts = (
        f"{{from: '{NOON}', levers: {{pooling: 0.5, flexible: 0.5}}, seats: {{district: 0.5}}}}",
        "{from: '2024-10-18 09:30', levers: {emergency: 1, direct: 0.5}}",
    )
    p = parameters(*texts)
    other = load([*TINY, "record=visits", "clock=simpy", changes(*texts)])
    assert first_difference(simulate(p, SEED), simulate(other, SEED)) is None


def test_changes_and_districts_that_go_over_stand_beside_each_other():
    """Whoever goes over between two changes finds the other policy as changed."""
    waves = "policy.rollout.waves=[{from: '2024-10-18', districts: [Qingshi], to: integrated}]"
    first = f"{{from: '{NOON}', levers: {{merging: 0.9}}, seats: {{district: 0.5}}}}"
    second = "{from: '2024-10-19', levers: {direct: 0.5}, seats: {city: 2}}"
    overrides = [*TINY, "record=visits", waves, changes(first, second)]
    p, other = load(overrides), load([*overrides, "clock=simpy"])
    w = world_handle(p.world)
    moments = (AT - 1, AT, 4 * DAY, 5 * DAY)
    assert [regime_in(w, 0, tick) for tick in moments] == [0, 2, 3, 5]
    assert [regime_in(w, 1, tick) for tick in moments] == [0, 2, 2, 4]
    assert p.world.later_from.tolist() == [AT, 4 * DAY, 5 * DAY]
    district = (p.layout.tier == DISTRICT) & (p.world.seats.sum(axis=1) > 0)
    seats = [p.world.seats, *p.world.later_seats]
    planned = [each[district].sum() for each in seats]
    assert planned[0] > planned[1]
    city = [each[p.layout.tier == CITY].sum() for each in seats]
    assert city[3] > 1.9 * city[2]
    assert first_difference(simulate(p, SEED), simulate(other, SEED)) is None

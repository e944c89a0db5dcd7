"""The completed time account adds up to the restricted latency, incident by incident."""

import numpy as np
import pytest

from analysis.account import CATEGORIES, OPEN, PARTS, by_category, totals
from experiments import load, simulate
from sim import codes
from sim.records import AGAIN_COLUMNS, INCIDENT_COLUMNS, TIME_COLUMNS, empty
from sim.units import DAY, HOUR, NEVER
from tests.conftest import TINY

HANGING_UP = (
    *("mechanism.hotline.patience_minutes=1", "mechanism.hotline.redial=0.2"),
    *("stream.volume=1.5", "policy.levers.direct=0.6"),
)


def one(lived, *, known=True, **columns):
    """The account of one incident."""
    table = empty(INCIDENT_COLUMNS, 1)
    for name, value in columns.items():
        table[name][:] = value
    return totals(table, np.array([lived]), np.array([known]))


def test_what_nobody_knows_of_is_sensing_and_what_is_under_way_waits():
    assert one(50, known=False)["sensing"] == 50
    under_way = one(50, sensing=20, state=codes.OPEN)
    assert (under_way["sensing"], under_way[OPEN]) == (20, 30)
    given_up = one(50, sensing=20, register_waiting=5, state=codes.WITHDRAWN)
    assert (given_up["sensing"], given_up["register_waiting"], given_up[OPEN]) == (45, 5, 0)
    solved = one(50, sensing=20, dispose_working=30, state=codes.SOLVED)
    assert (solved["sensing"], solved[OPEN]) == (20, 0)


def test_each_use_falls_into_its_category_and_what_is_done_again_into_rework():
    account = one(
        100, sensing=1, judge_waiting=10, judge_working=20, dispatch_release=30,
        dispose_release=8, dispose_waiting=16, dormant=4, again_waiting=3, again_working=5,
        again_release=7, state=codes.OPEN,
    )  # fmt: skip
    assert by_category(account) == {
        "sensing": 1,
        "assumed_delay": 38 - 7,
        "work": 20 - 5,
        "waiting": 26 - 3 + 11,  # 11 are not booked yet
        "rework": 3 + 5 + 7 + 4,
    }


def test_the_categories_have_the_sum_of_the_parts():
    rng = np.random.default_rng(1)
    account = {name: int(rng.integers(0, 10**9)) for name in (*PARTS, *AGAIN_COLUMNS)}
    found = by_category(account)
    assert tuple(found) == CATEGORIES
    assert sum(found.values()) == sum(account[name] for name in PARTS)


@pytest.mark.parametrize("policy", ["siloed", "integrated"])
@pytest.mark.parametrize("changes", [(), (*HANGING_UP, "horizon.mean_days=5")])
def test_the_clocks_books_add_up_for_every_incident(policy, changes):
    """Solved: exactly; else nothing is booked beyond the restriction, and the rest is completed."""
    p = load([*TINY, "city.weight=60", f"policy={policy}", *changes])
    run = simulate(p, 1)
    table = run.incident_columns
    lived = np.minimum(np.where(table["solved"] < NEVER, table["solved"], p.end), NEVER)
    lived = np.minimum(lived - table["occurred"], p.restrict)
    booked = np.sum([table[name] for name in TIME_COLUMNS], axis=0)
    solved = table["solved"] < NEVER
    np.testing.assert_array_equal(booked[solved], lived[solved])
    assert (booked <= lived).all()
    unseen = table["noticed"] == NEVER
    assert (booked[unseen] == 0).all()
    gone = table["state"] == codes.WITHDRAWN
    assert gone.any() == bool(changes)
    for use in ("waiting", "working", "release"):
        again = table[f"again_{use}"]
        spent = np.sum([table[name] for name in TIME_COLUMNS if name.endswith(use)], axis=0)
        assert (again <= spent).all()
        assert again.any()
    ticks = run.reducer.category_ticks()
    assert sum(ticks.values()) == lived.sum()
    assert all(isinstance(value, int) and value > 0 for value in ticks.values())
    mean = run.summary()["closure_latency_mean_hours"]
    assert sum(run.reducer.categories().values()) == pytest.approx(mean, rel=1e-12)
    assert sum(run.reducer.time_account().values()) == pytest.approx(mean, rel=1e-12)
    assert ticks["sensing"] == (table["sensing"] + (lived - booked) * (unseen | gone)).sum()


def test_restriction_is_one_number_for_the_clock_and_the_measures():
    for changes, days in (
        (("horizon.mean_days=3",), 3),
        (("horizon.mean_days=30",), 7),
        (("horizon.followup_days=2",), 2),
    ):
        p = load([*TINY, *changes])
        run = simulate(p, 1)
        assert run.reducer.restrict == p.world.restrict == days * DAY
        assert run.summary()["closure_latency_mean_hours"] < days * DAY / HOUR


def test_without_follow_up_there_is_no_account():
    run = simulate(load([*TINY, "horizon.followup_days=0"]), 1)
    assert set(run.reducer.categories().values()) == {None}
    assert set(run.reducer.time_account().values()) == {None}

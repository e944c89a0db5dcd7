"""Incidents joined one by one: what each difference is, and that its parts add up."""

import numpy as np
import pytest

from analysis.account import CATEGORIES
from analysis.counterfactual import KEPT, SHARES, check_same, half, reduced
from sim.codes import ASLEEP, OPEN, SOLVED, UNSEEN, WITHDRAWN
from sim.errors import InputError
from sim.records import INCIDENT_COLUMNS, empty
from sim.units import DAY, HOUR, NEVER

END, RESTRICT = 20 * DAY, 10 * DAY
LANDSCAPE = np.array([0, 3], np.int8)


def table(*rows):
    """Columns of incidents that occur at 0, each with what is given."""
    found = empty(INCIDENT_COLUMNS, len(rows))
    found["incident"][:] = 100 + np.arange(len(rows))
    for name in ("solved", "first_closed", "limit", "due"):
        found[name][:] = NEVER
    found["state"][:] = OPEN
    for i, row in enumerate(rows):
        for name, value in row.items():
            found[name][i] = value
        if "solved" in row:
            found["state"][i] = SOLVED
    return found


def half_of(*rows):
    return half(table(*rows), END, RESTRICT, LANDSCAPE)


def solved(hours, **parts):
    """An incident that waits to be disposed of for all its time, but for what is given [h]."""
    ticks = {name: value * HOUR for name, value in parts.items()}
    rest = hours * HOUR - sum(t for name, t in ticks.items() if not name.startswith("again"))
    return {"solved": hours * HOUR, "dispose_waiting": rest} | ticks


def uses(found, i):
    return dict(zip(CATEGORIES, (found.uses[:, i] / HOUR).tolist(), strict=True))


def test_an_account_goes_by_category_and_adds_up_to_the_latency():
    found = half_of(
        solved(30, sensing=5, judge_release=8, dispose_working=2, verify_working=1, again_working=1)
    )
    assert uses(found, 0) == {
        "sensing": 5, "assumed_delay": 8, "work": 2, "waiting": 14, "rework": 1,
    }  # fmt: skip
    assert (found.uses.sum(axis=0) == found.latency).all()


@pytest.mark.parametrize(
    ("row", "use"),
    [
        ({"noticed": NEVER, "state": UNSEEN}, "sensing"),
        ({"noticed": 0, "state": WITHDRAWN}, "sensing"),
        ({"noticed": 0, "state": OPEN}, "waiting"),
        ({"noticed": 0, "state": ASLEEP, "dormant": RESTRICT}, "rework"),
    ],
)
def test_what_is_open_counts_up_to_the_restriction_and_is_told(row, use):
    found = half_of(row)
    assert found.latency.tolist() == [RESTRICT]
    assert found.is_open.tolist() == [True]
    assert uses(found, 0)[use] == RESTRICT / HOUR


def test_what_is_solved_after_the_restriction_is_open_at_it():
    found = half_of({"solved": RESTRICT + 1}, {"solved": RESTRICT})
    assert found.is_open.tolist() == [True, False]
    assert found.latency.tolist() == [RESTRICT, RESTRICT]


FIRST = half_of(
    *(solved(h) for h in (10, 20, 30, 40)),
    solved(50, sensing=20) | {"tier": 2, "township": 1, "kind": 4},
    {"tier": 2, "township": 1},
)
SECOND = half_of(
    *(solved(h) for h in (4, 18, 30, 43)),
    solved(80, sensing=5) | {"tier": 2, "township": 1, "kind": 4},
    {"tier": 2, "township": 1},
)


def test_counts_and_sums_are_of_those_who_are_closed_sooner_and_later():
    found = reduced(FIRST, SECOND)
    assert found["incidents"] == 6
    counted = {name: found[name] for name in found if name.split(".")[-1] in ("0", "1h", "1d")}
    assert counted.items() >= {
        "sooner.0": 2, "sooner.1h": 2, "sooner.1d": 0, "later.0": 2, "later.1h": 2, "later.1d": 1,
    }.items()  # fmt: skip
    assert (found["sum.sooner"], found["sum.later"]) == (-8 * HOUR, 33 * HOUR)
    assert (found["open.first"], found["open.second"], found["open.both"]) == (1, 1, 1)
    assert found["later.sensing"] == -15 * HOUR
    for side in ("sooner", "later"):
        assert sum(found[f"{side}.{use}"] for use in CATEGORIES) == found[f"sum.{side}"]


def test_groups_have_their_own_counts_and_empty_ones_are_left_out():
    found = reduced(FIRST, SECOND)
    group = {what: found[f"tier.2.{what}"] for what in ("incidents", "later", "loss", "net")}
    assert group == {"incidents": 2, "later": 1, "loss": 30 * HOUR, "net": 30 * HOUR}
    assert found["tier.0.net"] == -5 * HOUR
    assert found["landscape.3.incidents"] == 2
    assert found["kind.4.incidents"] == 1
    assert "kind.3.incidents" not in found


def test_quantiles_are_differences_of_incidents():
    found = reduced(FIRST, SECOND)
    assert found["quantile.0"] == -6 * HOUR
    assert found[f"quantile.{len(SHARES) - 1}"] == 30 * HOUR
    assert found["quantile.100"] == 0


def test_the_ends_are_named_by_key_and_only_those_that_differ():
    found = reduced(FIRST, SECOND)
    assert (found["worst.0"], found["worst.1"]) == (104, 103)
    assert (found["best.0"], found["best.1"]) == (100, 101)
    assert "worst.2" not in found


def test_at_most_so_many_are_named_and_of_equal_ones_the_lower_key():
    rows = [solved(10)] * (KEPT + 5)
    found = reduced(half_of(*rows), half_of(*[solved(11)] * (KEPT + 5)))
    assert [found[f"worst.{i}"] for i in range(KEPT)] == list(range(100, 100 + KEPT))
    assert f"worst.{KEPT}" not in found


def test_different_incidents_are_refused():
    with pytest.raises(InputError, match="different incidents"):
        check_same(FIRST, half_of(solved(1)))

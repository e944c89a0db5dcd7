"""What cycle times are made of."""

import numpy as np
import pytest

from analysis.fitting.components import ARRIVAL, components, ways, widest
from sim.units import HOUR

NAMES = ("come", "work", "close")


def log(work, wait, n=20):
    """Cases that come, are worked on after `work` hours and closed after `wait` more; the last one
    is not closed."""
    arrived = np.arange(n) * HOUR
    tick = arrived[:, None] + np.array([1, 1 + work, 1 + work + wait]) * HOUR
    case, activity = np.repeat(np.arange(n), 3), np.tile([0, 1, 2], n)
    ended = np.where(np.arange(n) < n - 1, tick[:, 2], -1)
    shuffled = np.random.default_rng(1).permutation(3 * n)
    return ways(case[shuffled], activity[shuffled], tick.ravel()[shuffled], arrived, ended, NAMES)


def test_they_add_up_to_the_mean_cycle_time():
    table = components({"a": log(5, 7), "b": log(2, 30)})
    of = table.groupby("of")["hours_per_case"].sum()
    assert of.to_dict() == pytest.approx({"a": 13, "b": 33})
    step = table.set_index(["of", "before", "activity"]).loc[("b", "work", "close")]
    assert step[["n", "mean", "median"]].tolist() == [19, 30, 30]
    assert set(table["before"]) == {ARRIVAL, "come", "work"}


def test_the_widest_is_named_with_the_hours_of_both():
    table = components({"a": log(5, 7), "b": log(2, 30)})
    assert widest(table, "a", "b") == ("work", "close", 7, 30)
    assert widest(table, "a", "none") is None


def test_what_comes_after_the_end_does_not_count():
    """An activity that only one of the logs has counts as no hours in the other."""
    one = ways(np.zeros(3, int), np.array([0, 2, 1]), np.array([1, 3, 9]) * HOUR,
               np.zeros(1, int), np.array([3 * HOUR]), NAMES)  # fmt: skip
    table = components({"a": one, "b": log(5, 7)})
    assert table[table["of"] == "a"]["activity"].tolist() == ["come", "close"]
    assert widest(table, "a", "b") == ("work", "close", 0, 7)

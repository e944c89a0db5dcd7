"""Distances between logs."""

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from analysis.fitting.distances import NAMES, Timeline, distances, wasserstein
from sim.units import DAY, HOUR


def log(arrived, gaps):
    """Cases with an event at their arrival and one after each gap."""
    arrived = np.asarray(arrived, np.int64)
    n, k = len(arrived), 1 + len(gaps)
    tick = (arrived[:, None] + np.cumsum([0, *gaps])).ravel()
    return Timeline(np.repeat(np.arange(n), k), tick, arrived, np.full(n, float(sum(gaps))))


def test_the_distance_is_that_of_scipy():
    rng = np.random.default_rng(1)
    for _ in range(20):
        a, b = rng.exponential(5, rng.integers(1, 50)), rng.integers(0, 9, rng.integers(1, 50))
        assert wasserstein(a, b) == pytest.approx(wasserstein_distance(a, b))
    assert wasserstein(np.zeros(0), np.ones(3)) is None


def test_a_log_is_at_no_distance_from_itself():
    same = log(np.arange(50) * HOUR, [HOUR, 3 * HOUR])
    assert distances(same, same, 0) == dict.fromkeys(NAMES, 0.0)


def test_each_distance_tells_of_its_own_shift():
    """All cases a day and an hour later: they arrive 25 h off, the day's hours are 1 h off where
    they do not pass midnight, and nothing else moves. Gaps of 2 h more: cycle times are 2 h off."""
    base = log(np.arange(20) * 7 * DAY + 9 * HOUR, [HOUR])
    later = distances(base, log(base.arrived + 7 * DAY + HOUR, [HOUR]), 0)
    assert later["case_arrivals"] == pytest.approx(7 * 24 + 1)
    assert later["absolute_events"] == pytest.approx(7 * 24 + 1)
    assert later["circadian_events"] == pytest.approx(1)
    assert later["relative_events"] == later["cycle_times"] == 0
    slower = distances(base, log(base.arrived, [3 * HOUR]), 0)
    assert slower["cycle_times"] == pytest.approx(2)
    assert slower["relative_events"] == slower["absolute_events"] == pytest.approx(1)
    assert slower["case_arrivals"] == 0


def test_a_weekday_that_one_log_has_not_counts_as_far():
    mondays, tuesdays = log([9 * HOUR], [HOUR]), log([DAY + 9 * HOUR], [HOUR])
    assert distances(mondays, tuesdays, 0)["circadian_events"] == 23


def test_empty_logs_have_no_distance():
    nothing = Timeline(*np.zeros((4, 0), np.int64))
    assert distances(nothing, log([0], [1]), 0) == dict.fromkeys(NAMES)

"""Work at once, and who does it."""

import numpy as np
import pytest

from analysis.fitting.seats import at_once, seats
from sim.units import HOUR


def test_most_and_mean_at_once():
    start, complete = np.array([0, 5, 10, 10]), np.array([10, 15, 20, 12])
    most, mean = at_once(start, complete)
    assert most == 3  # from 10 to 12; what ends at 10 is not at once with what begins there
    assert mean == pytest.approx((10 + 10 + 10 + 2) / 20)
    assert at_once(np.zeros(0), np.zeros(0)) == (0, 0.0)


def test_many_servers_show_their_number():
    """Ten servers under a load of 9.5: all of them are busy at some time, never eleven."""
    rng = np.random.default_rng(1)
    free, starts, ends = np.zeros(10), [], []
    now = 0.0
    for _ in range(3000):
        now += rng.exponential(1)
        k = int(np.argmin(free))
        begin = max(now, free[k])
        free[k] = begin + rng.exponential(9.5)
        starts.append(begin)
        ends.append(free[k])
    most, mean = at_once(np.array(starts) * 1000, np.array(ends) * 1000)
    assert most == 10
    assert mean == pytest.approx(9.5, rel=0.15)


def test_resources_are_counted_by_the_hour():
    complete = np.array([10, 20, 30, HOUR + 1, HOUR + 2])
    found = seats(complete - 5, complete, np.array([0, 1, 0, 2, -1]))
    assert (found.resources, found.most_per_hour, found.per_hour) == (3, 2, 1.5)
    assert seats(complete, complete, np.full(5, -1)).resources == 0

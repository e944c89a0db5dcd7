"""Hours of work laid over the week."""

import numpy as np

from analysis.staffing.offered import HOURS, busy_hours, spread
from sim.units import HOUR, WEEK


def test_work_counts_in_every_hour_that_it_touches():
    started = np.array([HOUR // 2, 3 * HOUR, WEEK - HOUR // 4])
    worked = np.array([2 * HOUR, HOUR // 3, HOUR])
    found = busy_hours(np.array([0, 1, 1]), 2, started, worked)
    assert found.shape == (2, HOURS)
    assert np.allclose(found[0, :4], [0.5, 1.0, 0.5, 0.0])
    assert np.isclose(found[1, 3], 1 / 3)
    assert np.isclose(found[1, -1], 0.25)  # and the rest on the Monday after
    assert np.isclose(found[1, 0], 0.75)
    assert np.isclose(found.sum(), worked.sum() / HOUR)


def test_busy_hours_are_those_counted_second_by_second():
    random = np.random.default_rng(1)
    started = random.integers(0, 2 * WEEK, 50)
    worked = random.integers(0, 5 * HOUR, 50)
    expected = np.zeros(HOURS)
    for begin, length in zip(started.tolist(), worked.tolist(), strict=True):
        seconds = np.arange(begin, begin + length) // HOUR % HOURS
        expected += np.bincount(seconds, minlength=HOURS) / HOUR
    assert np.allclose(busy_hours(np.zeros(50, int), 1, started, worked)[0], expected)


def test_weekly_work_keeps_its_sum_and_its_shape():
    shape = np.array([[1.0, 3.0, 5.0], [0.0, 0.0, 9.0]])
    is_open = np.array([[True, True, False], [True, True, False]])
    found = spread(np.array([8.0, 6.0]), shape, is_open)
    assert np.allclose(found, [[2.0, 6.0, 0.0], [3.0, 3.0, 0.0]])

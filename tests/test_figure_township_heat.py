"""Townships over time: cells hold the right means, rows stand by district."""

from datetime import date

import numpy as np
import pytest

from analysis import style
from analysis.figures import township_heat
from sim.units import DAY, HOUR


def test_a_cell_is_the_mean_of_what_occurred_there_then():
    values = township_heat.latency_by_day(
        np.array([0, 0, 1, 0, 1]),
        DAY * np.array([1, 1, 2, 2, 9]),  # the last one lies outside
        np.array([DAY + 2 * HOUR, DAY + 4 * HOUR, np.nan, 2 * DAY + 50 * HOUR, 9 * DAY + HOUR]),
        n_townships=3,
        window=(DAY, 3 * DAY),
        restrict=24 * HOUR,
    )
    expected = [[3, 24], [np.nan, 24], [np.nan, np.nan]]
    assert values == pytest.approx(np.array(expected), nan_ok=True)


def test_weeks_hold_seven_days():
    occurred = DAY * np.arange(10)
    options = {"n_townships": 1, "window": (0, 10 * DAY), "restrict": DAY, "days": 7}
    values = township_heat.latency_by_day(np.zeros(10, int), occurred, occurred + HOUR, **options)
    assert values == pytest.approx(np.ones((1, 2)))


def test_townships_stand_by_district_in_the_order_given():
    values = np.array([[1.0], [2.0], [3.0]])
    fig, ax = style.figure()
    names = ["A", "B"]
    drawn = township_heat.draw(values, np.array([1, 0, 1]), names, date(2024, 1, 1), ax)
    assert drawn is ax
    (image,) = ax.get_images()
    assert image.get_array().ravel().tolist() == [2, 1, 3]
    assert [t.get_text() for t in ax.get_yticklabels()] == names
    assert township_heat.by_mean(np.array([[1.0], [np.nan], [3.0]])).tolist() == [2, 0, 1]
    fig.draw_without_rendering()


def test_colours_leave_the_extremes_out_and_are_never_empty():
    low, high = township_heat.colour_limits(np.r_[np.linspace(0, 100, 101), np.nan])
    assert (low, high) == pytest.approx((2, 98))
    assert township_heat.colour_limits(np.array([np.nan])) == (0, 1)
    assert township_heat.colour_limits(np.array([5.0])) == (5, 6)

"""The figure of what an incident costs: points in order, with the spread of the rounds."""

import numpy as np
import pytest

from analysis import style
from analysis.figures import scaling


def test_points_are_medians_in_order_with_bars_to_the_extremes():
    ax = style.figure()[1]
    costs = [[9.0, 11.0, 10.0], [4.0, 8.0, 5.0]]
    drawn = scaling.draw([1000, 10], costs, ax, label="desks", title="City")
    assert drawn is ax
    line = ax.containers[0].lines[0]
    assert line.get_xdata() == pytest.approx([10, 1000])
    assert line.get_ydata() == pytest.approx([5, 10])
    (bars,) = ax.containers[0].lines[2]
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    assert ends == pytest.approx(np.array([[4, 8], [9, 11]]))
    assert ax.get_xscale() == "log"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["10", "1k"]
    assert ax.get_ylim()[0] == 0
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("desks", "cost of an incident [µs]")
    assert ax.get_title("left") == "City"

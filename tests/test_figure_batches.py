"""Batch means in their order, about their mean."""

from analysis import style
from analysis.figures import batches


def test_points_are_the_means_and_the_line_is_their_mean():
    ax = style.figure()[1]
    batches.draw([1.0, 3.0, 2.0], (2.0, 0.5, 3.5), ax, label="difference (h)")
    line, points = ax.get_lines()
    assert list(points.get_ydata()) == [1.0, 3.0, 2.0]
    assert list(points.get_xdata()) == [1, 2, 3]
    assert set(line.get_ydata()) == {2.0}
    low, high = ax.patches[0].get_y(), ax.patches[0].get_y() + ax.patches[0].get_height()
    assert (low, high) == (0.5, 3.5)
    assert ax.get_ylabel() == "difference (h)"

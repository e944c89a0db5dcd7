"""Inequality between districts: the curve and its Gini coefficient, by hand."""

import numpy as np
import pytest

from analysis import style
from analysis.figures import lorenz

TWO = (np.array([3.0, 1.0]), np.array([1, 1]))  # half of the incidents take a quarter of the time


def line(ax, start):
    (found,) = [one for one in ax.lines if str(one.get_label()).startswith(start)]
    return found


def test_two_districts_by_hand():
    fig, ax = style.figure(5, 5)
    assert lorenz.draw({"siloed": [TWO]}, ax) is ax
    curve = line(ax, "siloed")
    x, y = curve.get_xdata(), curve.get_ydata()
    assert y[np.searchsorted(x, 50)] == pytest.approx(25)
    assert curve.get_label() == "siloed: Gini 0.250"  # twice the area below the diagonal
    area = np.trapezoid(x - y, x) / 100**2
    assert 2 * area == pytest.approx(0.25)
    fig.draw_without_rendering()


def test_replications_have_a_band_and_an_interval():
    alike = (np.array([2.0, 2.0, np.nan]), np.array([5, 7, 0]))
    _, ax = style.figure(5, 5)
    lorenz.draw({"siloed": [TWO, alike]}, ax)
    assert line(ax, "siloed").get_label().startswith("siloed: Gini 0.125 (0.000 to ")
    (band,) = ax.collections
    _, y = band.get_paths()[0].vertices.T
    assert y.max() <= 100

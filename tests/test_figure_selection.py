"""Running means of systems until they drop out."""

import numpy as np
import pytest

from analysis import style
from analysis.figures import selection
from analysis.stopping import cumulative


@pytest.fixture
def ax():
    return style.figure()[1]


def test_who_drops_out_ends_with_a_cross_and_who_is_left_has_an_interval(ax):
    values = {"siloed": [5.0, 7.0, 6.0], "integrated": [2.0, 3.0, 1.0, 2.0, 2.0]}
    selection.draw(values, ["integrated"], ax, label="mean (h)")
    line, cross, other = ax.get_lines()
    np.testing.assert_allclose(line.get_ydata(), [5.0, 6.0, 6.0])
    assert (list(cross.get_xdata()), list(cross.get_ydata())) == ([3], [6.0])
    np.testing.assert_allclose(other.get_ydata(), cumulative(values["integrated"])[0])
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    mean, low, high = (part[-1] for part in cumulative(values["integrated"]))
    assert {round(low, 9), round(high, 9)} <= set(np.round(band, 9))
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["siloed, out after 3", "integrated"]
    bottom, top = ax.get_ylim()
    assert bottom < low < mean < 6.0 < top


def test_ten_systems_look_all_different(ax):
    values = {f"system {i}": [float(i), i + 1.0] for i in range(10)}
    selection.draw(values, list(values), ax, label="h")
    looks = {(line.get_color(), line.get_linestyle()) for line in ax.get_lines()}
    assert len(looks) == 10


def test_one_replication_can_be_drawn(ax):
    selection.draw({"a": [1.0], "b": [1.0]}, ["a", "b"], ax, label="h")
    ax.figure.canvas.draw()
    assert len(ax.get_lines()) == 2

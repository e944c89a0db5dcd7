"""The box over its points, and its limits over their ranges."""

import math

import numpy as np
import pytest

from analysis import style
from analysis.discovery import HIGH, LOW, Box, Edge
from analysis.figures import boxes

POINTS = {"x": np.linspace(0, 1, 11), "y": np.linspace(10, 20, 11), "z": np.arange(11.0)}
INTEREST = np.array([False] * 5 + [True] * 6)
BOX = Box({"x": (0.45, math.inf), "z": (-math.inf, 7.5)}, 3, 3, 0.5, 1.0)


@pytest.fixture
def ax():
    return style.figure()[1]


def test_points_are_told_apart_by_colour_and_shape_and_the_box_by_its_shares(ax):
    boxes.draw(POINTS, INTEREST, BOX, ax, across="x", up="y", labels=("delay [h]", "cost [yuan]"))
    others, interest, _ = ax.collections
    np.testing.assert_allclose(
        interest.get_offsets(), np.column_stack([POINTS["x"], POINTS["y"]])[INTEREST]
    )
    assert len(others.get_offsets()) == 5
    assert (others.get_facecolor() != interest.get_facecolor()).any()
    assert others.get_paths()[0].vertices.shape != interest.get_paths()[0].vertices.shape
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "box: coverage 50 %, density 100 %" in texts
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("delay [h]", "cost [yuan]")


def test_the_box_is_open_where_it_has_no_limit(ax):
    boxes.draw(POINTS, INTEREST, BOX, ax, across="x", up="y", labels=("x", "y"))
    (drawn,) = ax.patches
    assert drawn.get_x() == 0.45
    assert drawn.get_x() + drawn.get_width() > 1
    assert drawn.get_y() < 10
    assert drawn.get_y() + drawn.get_height() > 20


def test_points_that_other_columns_leave_out_are_small(ax):
    boxes.draw(POINTS, INTEREST, BOX, ax, across="x", up="y", labels=("x", "y"))
    sizes = ax.collections[1].get_sizes()
    assert (sizes == np.where(POINTS["z"][INTEREST] <= 7.5, sizes.max(), sizes.min())).all()
    assert sizes.max() > sizes.min()
    plain = style.figure()[1]
    boxes.draw(
        POINTS, INTEREST, Box({}, 11, 6, 1, 0.5), plain, across="x", up="y", labels=("x", "y")
    )
    assert len(plain.collections) == 2


def test_limits_stand_at_their_place_in_the_range(ax):
    edges = [Edge("x", LOW, 0.45, 0.9, 0.4, 0.5), Edge("z", HIGH, 7.5, 0.4, 7.0, 9.0)]
    ranges = {"x": (0.0, 1.0), "z": (0.0, 10.0)}
    boxes.draw_limits(BOX, ranges, ax, edges=edges, names={"x": "delay [h]"})
    lines = [(list(line.get_xdata()), line.get_marker()) for line in ax.get_lines()]
    spans = [ends for ends, marker in lines if marker == "None"]
    assert spans == [[0, 100], pytest.approx([45, 100]), [0, 100], pytest.approx([0, 75])]
    spreads = [ends for ends, marker in lines if marker == "|"]
    assert spreads == [pytest.approx([40, 50]), pytest.approx([70, 90])]
    assert [text.get_text() for text in ax.texts] == ["0.45  (found 90 %)", "7.5  (found 40 %)"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["delay [h]", "z"]
    assert "[%]" in ax.get_xlabel()


def test_limits_of_names_are_left_out_and_stability_is_not_needed(ax):
    box = Box({"x": (0.2, 0.6), "kind": frozenset({"a"})}, 3, 3, 0.5, 1.0)
    boxes.draw_limits(box, {"x": (0.0, 1.0)}, ax)
    assert [text.get_text() for text in ax.texts] == ["0.2", "0.6"]
    assert boxes.height(3) > boxes.height(1)

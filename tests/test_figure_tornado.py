"""The tornado: bars from the base to either end."""

import numpy as np
import pytest

from analysis import style
from analysis.figures import tornado
from analysis.sensitivity import swings


@pytest.fixture
def found():
    shared = np.random.default_rng(1).normal(0, 0.5, 6)
    wiggle = np.array([-1.0, 1.0] * 3) / 10
    return swings({"slight": (shared, shared + wiggle), "wide": (5 + shared, -9 + shared + wiggle)})


@pytest.fixture
def ax():
    return style.figure(6.4, tornado.height(2))[1]


def test_bars_go_from_the_base_to_the_means(found, ax):
    tornado.draw(found, ax, base=-1.0, label="difference [h]")
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    means = [end for swing in found for end in (swing.at_low[0], swing.at_high[0])]
    assert [one[0] for one in ends] == pytest.approx([-1.0] * 4)
    assert [one[1] for one in ends] == pytest.approx(means)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["wide", "slight"]
    assert "[h]" in ax.get_xlabel()


def test_intervals_are_those_of_the_ends(found, ax):
    tornado.draw(found, ax, base=-1.0, label="h")
    drawn = [tuple(line.get_xdata()) for line in ax.get_lines() if line.get_marker() == "|"]
    expected = [end[1:] for swing in found for end in (swing.at_low, swing.at_high)]
    np.testing.assert_allclose(drawn, expected)


def test_what_could_be_chance_is_faint_and_told_in_the_legend(found, ax):
    tornado.draw(found, ax, base=-1.0, label="h")
    faint = [bar.get_alpha() for bar in ax.patches]
    assert faint[:2] == [1.0, 1.0]
    assert max(faint[2:]) < 0.5
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[-1] == "could be chance"
    other = style.figure()[1]
    tornado.draw(found[:1], other, base=-1.0, label="h")
    assert "could be chance" not in [t.get_text() for t in other.get_legend().get_texts()]


def test_no_difference_is_marked_where_it_is_in_sight(found, ax):
    tornado.draw(found, ax, base=-1.0, label="h")
    assert [list(line.get_xdata()) for line in ax.get_lines() if line.get_linestyle() == ":"] == [
        [0, 0]
    ]


def test_ends_are_told_and_what_lacks_a_value_is_left_out(ax):
    found = swings({"known": ([1.0, 2.0], [3.0, 4.5]), "unknown": ([None, 1.0], [2.0, 3.0])})
    tornado.draw(found, ax, base=2.0, label="h", ends={"known": ("1 h", "8 h")})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["known\n1 h to 8 h", "unknown"]
    assert len(ax.patches) == 3

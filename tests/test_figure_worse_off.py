"""Bars of who is worse off."""

import pytest

from analysis import style
from analysis.figures import worse_off
from analysis.figures.worse_off import Bar

NAN = float("nan")
GROUPS = {
    "kind": [Bar("fires", 40, 30, 50, 1, "+9 h"), Bar("noise", 20, 8, 32, 0, "+2 h")],
    "tier": [Bar("grid tier", 5, NAN, NAN, -1)],
}


@pytest.fixture
def ax():
    ax = style.figure(7.2, worse_off.height(GROUPS))[1]
    return worse_off.draw(GROUPS, ax, everybody=22.0, label="closed later [%]")


def test_every_group_has_a_bar_of_its_share_below_its_heading(ax):
    assert [bar.get_width() for bar in ax.patches] == [40, 20, 5]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["fires", "noise", "grid tier"]
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["by kind", "+9 h", "+2 h", "by tier", ""]


def test_colours_tell_the_sides_and_the_legend_explains_them(ax):
    assert len({bar.get_facecolor() for bar in ax.patches}) == 3
    told = [text.get_text() for text in ax.get_legend().get_texts()]
    assert told == ["all: 22.0 %", "more often", "as often", "less often"]


def test_only_known_intervals_are_drawn_and_all_fits(ax):
    ends = [list(line.get_xdata()) for line in ax.get_lines() if line.get_marker() == "|"]
    assert ends == [[30, 50], [8, 32]]
    assert ax.get_xlim()[1] > 50


def test_more_bars_are_higher():
    assert worse_off.height(GROUPS) > worse_off.height({"tier": GROUPS["tier"]})

"""The distribution of differences: shares, colours, and what lies beyond."""

import numpy as np
import pytest

from analysis import style
from analysis.figures import difference

MIXED = np.concatenate([np.linspace(-30, -1, 50), np.zeros(20), np.linspace(1, 10, 30)])


@pytest.fixture
def ax():
    return style.figure()[1]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def heights(ax, label):
    (bars,) = [one for one in ax.containers if one.get_label().startswith(label)]
    return np.array([bar.get_height() for bar in bars]), [bar.get_x() for bar in bars]


def test_shares_sum_to_all_and_stand_on_their_side(ax):
    difference.draw(MIXED, ax, label="difference [h]")
    assert {"sooner: 50.0 %", "later: 30.0 %"} <= set(legend(ax))
    sooner, left = heights(ax, "sooner")
    later, _ = heights(ax, "later")
    assert sooner.sum() == pytest.approx(50)
    assert later.sum() == pytest.approx(30)
    assert not sooner[np.array(left) >= -1e-9].any()
    assert not later[np.array(left) < -1e-9].any()
    assert heights(ax, "same")[0].tolist() == [pytest.approx(20)]
    assert "[h]" in ax.get_xlabel()
    assert ax.get_ylabel() == "incidents [%]"


def test_it_says_where_only_one_replication_is_shown(ax):
    difference.draw(MIXED, ax, label="difference [h]", first=True)
    assert ax.get_ylabel() == "incidents of the first replication [%]"


def test_a_tall_bar_of_none_does_not_hide_the_rest(ax):
    difference.draw(MIXED, ax, label="h")
    assert "same: 20.0 % (beyond the axis)" in legend(ax)
    assert ax.get_ylim()[1] < 20
    few = style.figure()[1]
    difference.draw(np.concatenate([np.full(50, -1.0), np.zeros(5), np.full(45, 1.0)]), few,
                    label="h")  # fmt: skip
    assert "same: 5.0 %" in legend(few)


def test_the_mean_is_that_of_all_and_far_values_stay_in_the_outermost_bars(ax):
    values = np.append(MIXED, [1e6])
    difference.draw(values, ax, label="h")
    assert f"mean {values.mean():+,.1f}" in legend(ax)
    assert heights(ax, "later")[0].sum() == pytest.approx(100 * 31 / 101)
    assert max(heights(ax, "later")[1]) < 1000


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [-2.0]])
def test_little_can_be_drawn_too(ax, values):
    difference.draw(values, ax, label="h", words=("less", "the same", "more"))
    ax.figure.canvas.draw()
    assert any(text.startswith("less: ") for text in legend(ax))

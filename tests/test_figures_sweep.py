"""The figure of a sweep: points and means by level, in the policies' colours."""

import numpy as np
import pytest

from analysis import style
from analysis.figures import sweep


@pytest.fixture
def ax():
    return style.figure()[1]


def lines(ax, policy):
    """(points, means) of a policy as arrays of (x, y)."""
    colour = style.POLICY_COLOURS[policy]
    return [line.get_xydata() for line in ax.get_lines() if line.get_color() == colour]


def test_the_line_goes_through_the_mean_at_each_level(ax):
    measured = {"siloed": np.array([1.0, 3.0, 5.0, 9.0]), "integrated": np.zeros(4)}
    assert sweep.draw([0.8, 0.8, 0.6, 0.6], measured, ax, factor="f [1]", label="m [h]") is ax
    points, means = lines(ax, "siloed")
    assert points.tolist() == [[0.8, 1], [0.8, 3], [0.6, 5], [0.6, 9]]
    assert means.tolist() == [[0.6, 7], [0.8, 2]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("f [1]", "m [h]")
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["siloed", "integrated"]


def test_texts_are_categories_in_the_order_in_which_they_come(ax):
    sweep.draw(
        ["none", "flood", "none"], {"siloed": np.array([1.0, 5.0, 3.0])}, ax,
        factor="f", label="m", legend=False,
    )  # fmt: skip
    assert [t.get_text() for t in ax.get_xticklabels()] == ["none", "flood"]
    assert lines(ax, "siloed")[1].tolist() == [[0, 2], [1, 5]]
    assert ax.get_legend() is None


def test_many_values_are_drawn_as_means_of_eight_parts_of_equally_many(ax):
    x = np.random.default_rng(1).permutation(64) / 64
    sweep.draw(list(x), {"siloed": 2 * x}, ax, factor="f", label="m")
    points, means = lines(ax, "siloed")
    assert len(points) == 64
    assert means[:, 0] == pytest.approx((np.arange(8) + 0.5) / 8 - 0.5 / 64)
    assert means[:, 1] == pytest.approx(2 * means[:, 0])


def test_points_that_are_not_known_are_left_out_of_the_means(ax):
    measured = {"siloed": np.array([1.0, np.nan, np.nan])}
    sweep.draw([1, 1, 2], measured, ax, factor="f", label="m")
    means = lines(ax, "siloed")[1]
    assert means[0].tolist() == [1, 1]
    assert np.isnan(means[1]).all()


def test_panels_share_one_y_axis():
    fig, axes = style.panels(2, 3, 2.0, 1.5)
    assert len(axes) == len(fig.axes) == 6
    assert fig.get_size_inches().tolist() == [6.0, 3.0]
    axes[0].set_ylim(3, 4)
    assert axes[5].get_ylim() == (3, 4)

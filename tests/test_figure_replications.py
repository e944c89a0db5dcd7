"""The cumulative mean with its interval, its target and its end."""

import numpy as np
import pytest

from analysis import style
from analysis.figures import replications
from analysis.stopping import Target, cumulative, until

VALUES = np.random.default_rng(1).normal(40, 4, 200)


@pytest.fixture
def ax():
    return style.figure()[1]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_line_and_band_are_the_cumulative_mean_and_its_interval(ax):
    target = Target(0.05, relative=True)
    state = until(target, VALUES)
    replications.draw(VALUES[: state.n], target, state, ax, label="difference [h]")
    mean, low, high = cumulative(VALUES[: state.n])
    line = ax.get_lines()[0]
    np.testing.assert_allclose(line.get_ydata(), mean)
    assert list(line.get_xdata()) == list(range(1, state.n + 1))
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert {round(low[9], 9), round(high[9], 9)} <= set(np.round(band, 9))
    dashed = [one.get_ydata()[0] for one in ax.get_lines() if one.get_linestyle() == "--"]
    assert dashed == pytest.approx([0.95 * mean[-1], 1.05 * mean[-1]])
    assert f"enough: {state.enough}" in legend(ax)
    assert "mean with its 95 % interval" in legend(ax)
    assert "[h]" in ax.get_ylabel()
    bottom, top = ax.get_ylim()
    assert bottom <= low[-1] < high[-1] <= top
    assert top - bottom < high[1] - low[1]


def test_a_spent_budget_is_not_called_enough(ax):
    target = Target(3.0, most=10)
    state = until(target, [1.0, 2.0, 1.0, 2.0, 9.0, 9.0, 9.0, 5.0, 5.0, 5.0])
    replications.draw([1.0, 2.0] * 5, target, state, ax, label="h")
    assert not [text for text in legend(ax) if text.startswith("enough")]


def test_one_replication_can_be_drawn(ax):
    target = Target(1.0)
    replications.draw([3.0], target, until(target, [3.0]), ax, label="h")
    ax.figure.canvas.draw()
    assert legend(ax)[0].startswith("mean")

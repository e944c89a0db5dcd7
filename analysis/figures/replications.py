"""The cumulative mean as replications come, with its narrowing interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.stopping import MET, State, Target, cumulative
from analysis.style import styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE, _TARGET = "#0072B2", "#D55E00"


@styled
def draw(
    values: Sequence[float], target: Target, state: State, ax: "Axes", *, label: str
) -> "Axes":
    """Cumulative mean and interval after each replication; dashed, the width that was asked for.

    values : of the replications, in order. state : of `analysis.stopping` at the end. label : of
    the value, with its unit.
    """
    mean, low, high = cumulative(values, target.level)
    n = np.arange(1, mean.size + 1)
    ax.fill_between(n, low, high, color=_LINE, alpha=0.2, lw=0)
    told = say("mean with its {level:g} % interval", level=100 * target.level)
    ax.plot(n, mean, color=_LINE, label=told)
    wide = target.half_width * (abs(mean[-1]) if target.relative else 1.0)
    asked = say("width asked for")
    for i, end in enumerate((mean[-1] - wide, mean[-1] + wide)):
        ax.axhline(end, color=_TARGET, ls="--", lw=1.0, label=None if i else asked)
    if state.enough is not None:
        what = "enough: {n}" if state.status == MET else "narrow enough, but not looked ahead: {n}"
        told = say(what, n=state.enough)
        ax.axvline(state.enough, color="black", lw=0.8, ls=":", label=told)
    _show_narrowing(ax, mean, low, high, wide)
    ax.set_xlim(1, max(mean.size, 2))
    ax.set_xlabel(say("replications"))
    ax.set_ylabel(label)
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1))
    return ax


def _show_narrowing(
    ax: "Axes", mean: np.ndarray, low: np.ndarray, high: np.ndarray, wide: float
) -> None:
    """Limit the y axis, so that the first intervals, which are very wide, don't hide the rest."""
    later = slice(min(3, mean.size - 1), None)
    ends = np.concatenate([mean, low[later], high[later], mean[-1] + wide * np.array([-1.5, 1.5])])
    ends = ends[np.isfinite(ends)]
    ax.set_ylim(ends.min(), ends.max())

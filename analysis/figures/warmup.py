"""The backlog day by day, and where it is warm."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.style import looks, styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@styled
def draw(
    backlog: Mapping[str, Sequence[float]],
    warm: Mapping[str, int | None],
    given: int,
    ax: "Axes",
    *,
    label: str,
) -> "Axes":
    """A line a policy, with a dot where MSER takes it to be warm.

    backlog : at the end of each day, mean over replications. warm : days that MSER leaves out;
    None where it cannot tell. given : days of warm-up, shaded. label : of the y axis.
    """
    told = say("warm-up: {n} days", n=given)
    ax.axvspan(0, given, color="#F2F2F2", zorder=0, label=told)
    for policy, look in looks(backlog).items():
        values, cut = np.asarray(backlog[policy], float), warm[policy]
        days = np.arange(1, values.size + 1)
        told = "{policy}: MSER-5 cannot tell"
        if cut is not None:
            told = "{policy}: warm after {n} days by MSER-5"
        told = say(told, policy=say(policy), n=cut)
        ax.plot(days, values, color=look["color"], label=told)
        if cut:
            ax.plot(cut, values[cut - 1], "o", color=look["color"], ms=6)
    ax.margins(x=0)
    ax.set_ylim(bottom=0)
    ax.set_xlabel(say("day of the horizon"))
    ax.set_ylabel(label)
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1))
    return ax

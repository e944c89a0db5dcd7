"""What an incident costs, against what grows: a curve of medians with the spread of the rounds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.style import POLICY_COLOURS, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOUR = POLICY_COLOURS["integrated"]


@styled
def draw(
    amounts: Sequence[float],
    costs: Sequence[Sequence[float]],
    ax: "Axes",
    *,
    label: str,
    title: str,
) -> "Axes":
    """The curve of a cost over an amount on a logarithmic axis; the cost begins at 0.

    amounts : of each point; costs : of each point, one number a round [µs an incident]; the point
    is at the median, the bar goes from the least to the most. label, title : of the amount, and
    of the figure.
    """
    from matplotlib.ticker import EngFormatter

    order = np.argsort(amounts)
    x = np.asarray(amounts, float)[order]
    rounds = [np.asarray(costs[i], float) for i in order]
    medians = np.array([np.median(values) for values in rounds])
    below = medians - [values.min() for values in rounds]
    above = [values.max() for values in rounds] - medians
    ax.errorbar(x, medians, (below, above), color=COLOUR, marker="o", markersize=4, capsize=3)
    ax.set_xscale("log")
    written = EngFormatter(places=0, sep="")
    ax.set_xticks(x, [written(amount) for amount in x])
    ax.minorticks_off()
    ax.set_ylim(bottom=0)
    ax.set_xlabel(label)
    ax.set_ylabel("cost of an incident [µs]")
    ax.set_title(title)
    return ax

"""The batch means of one long run, in their order, with the mean of all and its interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.style import styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE, _POINTS = "#0072B2", "#595959"


@styled
def draw(
    means: Sequence[float], interval: tuple[float, float, float], ax: "Axes", *, label: str
) -> "Axes":
    """means : of the batches. interval : mean, low, high. label : of a mean, with its unit."""
    means = np.asarray(means, float)
    mean, low, high = interval
    batches = np.arange(1, means.size + 1)
    ax.axhspan(low, high, color=_LINE, alpha=0.2, lw=0)
    ax.axhline(mean, color=_LINE, label=say("mean with its {level:g} % interval", level=95))
    ax.plot(batches, means, "o-", color=_POINTS, lw=0.8, ms=4, label=say("batch means"))
    ax.set_xlim(0.5, means.size + 0.5)
    ax.set_xticks(batches[:: 1 + means.size // 25])
    ax.set_xlabel(say("batch, in the order of time"))
    ax.set_ylabel(label)
    ax.legend(loc="best")
    return ax

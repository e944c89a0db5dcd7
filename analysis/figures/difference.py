"""What another policy means for each incident: how many gain, how many lose, and how much."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.style import styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LESS, _MORE, _SAME = "#0072B2", "#D55E00", "#595959"
_BINS = 40


@styled
def draw(
    differences: Sequence[float],
    ax: "Axes",
    *,
    label: str,
    words: tuple[str, str, str] = ("sooner", "same", "later"),
    first: bool = False,
) -> "Axes":
    """Distribution of differences, one an incident, with the shares below, at and above 0.

    The outermost bars hold all that lies beyond the 1 % and 99 % quantiles. label : of the
    difference, with its unit. words : for below, at and above 0. first : they are
    those of the first replication of several, and the figure says so.
    """
    differences = np.asarray(differences, float)
    n = max(differences.size, 1)
    edges = _edges(differences)
    held = np.clip(differences, edges[0], edges[-1])
    below, above = differences < 0, differences > 0
    highest = 0.0
    for word, chosen, colour in ((words[0], below, _LESS), (words[2], above, _MORE)):
        heights = 100 * np.histogram(held[chosen], edges)[0] / n
        highest = max(highest, heights.max())
        ax.bar(
            edges[:-1], heights, np.diff(edges), align="edge", color=colour, edgecolor="white",
            lw=0.3, label=f"{say(word)}: {100 * chosen.sum() / n:.1f} %",
        )  # fmt: skip
    same = 100 * (differences.size - below.sum() - above.sum()) / n
    text = f"{say(words[1])}: {same:.1f} %"
    text += say(" (beyond the axis)") if same > 1.5 * highest > 0 else ""
    ax.bar(0, same, width=0.4 * (edges[1] - edges[0]), color=_SAME, label=text, zorder=3)
    if highest:
        ax.set_ylim(0, 1.08 * (highest if same > 1.5 * highest else max(highest, same)))
    if differences.size:
        mean = say("mean {x:+,.1f}", x=differences.mean()).replace("-", "\N{MINUS SIGN}")
        ax.axvline(differences.mean(), color="black", lw=1.0, ls="--", label=mean)
    ax.set_xlabel(label)
    ax.set_ylabel(say("incidents of the first replication [%]") if first else say("incidents [%]"))
    ax.legend(loc="best")
    return ax


def _edges(differences: np.ndarray) -> np.ndarray:
    """Equal bins, one of which begins at 0."""
    low, high = np.quantile(differences, [0.01, 0.99]) if differences.size else (-1.0, 1.0)
    low, high = min(low, 0.0), max(high, 0.0)
    width = (high - low) / _BINS or 1.0
    return width * np.arange(np.floor(low / width) - 1, np.ceil(high / width) + 2)

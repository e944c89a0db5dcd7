"""Who is made worse off: the share of each group's incidents that are closed later."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from analysis.style import styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Bar(NamedTuple):
    """A group: its share with the ends of the interval [%], NaN without; side : 1 and -1 where the
    share is larger and smaller than that of all beyond doubt, else 0; beside : written by it."""

    name: str
    share: float
    low: float
    high: float
    side: int
    beside: str = ""


_COLOURS = {1: "#D55E00", 0: "#BBBBBB", -1: "#0072B2"}
_WORDS = {1: "more often", 0: "as often", -1: "less often"}


def height(groups: Mapping[str, Sequence[Bar]]) -> float:
    """A good height of the figure for these bars [inches]."""
    return 1.2 + 0.24 * sum(len(bars) + 1.5 for bars in groups.values())


@styled
def draw(
    groups: Mapping[str, Sequence[Bar]], ax: "Axes", *, everybody: float, label: str
) -> "Axes":
    """A bar a group, below a heading for what they are groups of.

    everybody : the share of all incidents [%]; label : of the axis.
    """
    places, names, at = [], [], 0.0
    for heading, bars in groups.items():
        ax.annotate(
            say("by {what}", what=say(heading)), (0, at), xytext=(4, 0),
            textcoords="offset points", va="center", fontweight="bold",
        )  # fmt: skip
        for bar in bars:
            at += 1
            ax.barh(at, bar.share, height=0.7, color=_COLOURS[bar.side])
            end = bar.share
            if bar.low == bar.low:  # not NaN
                ax.plot([bar.low, bar.high], [at, at], color="black", lw=1.0, marker="|", ms=5)
                end = max(bar.share, bar.high)
            _beside(ax, at, end, bar.beside)
            places.append(at)
            names.append(bar.name)
        at += 1.5
    ax.axvline(
        everybody,
        color="black",
        lw=0.8,
        ls="--",
        label=say("all: {x:.1f} %", x=everybody),
        zorder=0,
    )
    found = {bar.side for bars in groups.values() for bar in bars}
    for side in (side for side in _COLOURS if side in found):
        ax.plot([], [], color=_COLOURS[side], lw=6, label=say(_WORDS[side]))
    ax.set_yticks(places, names)
    ax.set_ylim(at - 0.5, -0.8)
    ends = (end for bars in groups.values() for bar in bars for end in (bar.share, bar.high))
    ax.set_xlim(0, 1.14 * max([everybody, *(end for end in ends if end == end)]))
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(say("{label}; beside it, by how much in the mean", label=label))
    ax.legend(
        loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0, ncols=4, handlelength=1,
        columnspacing=1.2,
    )  # fmt: skip
    return ax


def _beside(ax: "Axes", at: float, value: float, text: str) -> None:
    ax.annotate(
        text, (value, at), xytext=(5, 0), textcoords="offset points", va="center", fontsize=7.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
    )  # fmt: skip

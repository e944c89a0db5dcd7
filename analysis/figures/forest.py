"""Changes with their intervals, one above the other, about a line of no change."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.style import styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Entry = tuple[str, float, float, float]
"""Name (of one or two lines), mean, low, high."""

_HIGHER, _LOWER, _NEITHER = "#D55E00", "#0072B2", "#595959"


def height(entries: int) -> float:
    """Height of the figure for so many entries [inches]."""
    return 1.2 + 0.5 * max(entries, 1)


@styled
def draw(entries: Sequence[Entry], ax: "Axes", *, label: str) -> "Axes":
    """Changes with intervals; those wholly above 0 and wholly below have a colour each.

    label : of the axis, with the unit.
    """
    ax.axvline(0.0, color="black", lw=0.8)
    for place, (_, mean, low, high) in enumerate(entries):
        colour = _HIGHER if low > 0 else _LOWER if high < 0 else _NEITHER
        ax.plot([low, high], [place, place], color=colour, lw=2, solid_capstyle="butt")
        ax.plot(mean, place, marker="o", color=colour, markersize=5)
    ax.set_yticks(range(len(entries)), [name for name, *_ in entries])
    ax.set_ylim(len(entries) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(label)
    return ax

"""How far an outcome swings as one assumption after the other goes from end to end."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from analysis.intervals import Interval
from analysis.sensitivity import Swing
from analysis.style import styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LOW, _HIGH, _FAINT = "#56B4E9", "#E69F00", 0.35


def height(entries: int) -> float:
    """A good height of the figure for so many assumptions [inches]."""
    return 1.5 + 0.4 * max(entries, 1)


@styled
def draw(
    swings: Sequence[Swing],
    ax: "Axes",
    *,
    base: float,
    label: str,
    ends: Mapping[str, tuple[str, str]] | None = None,
) -> "Axes":
    """Bars from the base to the outcome at either end, with their intervals.

    swings : as by `analysis.sensitivity.swings`, drawn from the top in their order; those that
    chance can explain are faint. base : outcome with all assumptions as they are. ends : {NAME:
    (its low end, its high end)}, printed below the name. label : of the axis, with the unit.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    for row, swing in enumerate(swings):
        faint = 1.0 if swing.is_distinguishable else _FAINT
        for interval, colour, y in ((swing.at_low, _LOW, -0.17), (swing.at_high, _HIGH, 0.17)):
            _bar(ax, row + y, interval, base, colour, faint)
    ax.axvline(base, color="black", lw=0.8)
    low, high = ax.get_xlim()
    if low < 0 < high and base != 0:
        ax.axvline(0, color="black", lw=0.8, ls=":")
    ax.set_yticks(range(len(swings)), [_name(swing.name, ends or {}) for swing in swings])
    ax.set_ylim(len(swings) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(label)
    handles = [
        Patch(color=_LOW, label=say("at its low end")),
        Patch(color=_HIGH, label=say("at its high end")),
        Line2D([], [], color="black", lw=0.8, label=say("as assumed")),
    ]
    if not all(swing.is_distinguishable for swing in swings):
        handles.append(Patch(color="#595959", alpha=_FAINT, label=say("could be chance")))
    ax.legend(handles=handles, ncols=4, loc="lower left", bbox_to_anchor=(0, 1), handlelength=1)
    return ax


def _bar(ax: "Axes", y: float, interval: Interval, base: float, colour: str, faint: float) -> None:
    mean, low, high = interval
    if mean is None:
        return
    ax.barh(y, mean - base, left=base, height=0.34, color=colour, alpha=faint)
    if low is not None:
        ax.plot([low, high], [y, y], color="black", alpha=faint, lw=1.0, marker="|", ms=4)


def _name(name: str, ends: Mapping[str, tuple[str, str]]) -> str:
    return (
        say("{name}\n{low} to {high}", name=name, low=ends[name][0], high=ends[name][1])
        if name in ends
        else name
    )

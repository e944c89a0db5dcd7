"""What a difference is made of: arithmetic, found, in all, and in the control, by category."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.account import CATEGORIES
from analysis.split import BASE, CONTROL, TOTAL, UNLIMITED
from analysis.style import USE_COLOURS, styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Rows = Mapping[str, Mapping]
"""{ROW: {"mean", "ci95"}} of a difference [h]."""

CATEGORY_LABELS = {
    "sensing": "sensing",
    "assumed_delay": "assumed delay",
    "work": "work content",
    "waiting": "waiting",
    "rework": "re-work, false closings",
}
_USES = ("sensing", "release", "working", "waiting", "dormant")
_COLOURS = {name: USE_COLOURS[use] for name, use in zip(CATEGORIES, _USES, strict=True)}
_SUM = {"marker": "v", "color": "black", "markersize": 5, "linestyle": "none"}
_NARROWEST = 0.07  # share of the axis in which a number still fits


@styled
def draw(parts: Mapping[str, Mapping], reference: str, ax: "Axes") -> "Axes":
    """Diverging stacked bars, a group for each policy that is compared with the reference.

    parts : {POLICY: `analysis.split.split`}. Categories that get less stand left of 0. The mark
    above a bar is its sum, printed at its right with the half-width of its interval. `height`
    gives a good height.
    """
    y, ticks = 0.0, []
    widest = _widest(parts)
    for policy, part in parts.items():
        ax.annotate(
            say("{a} minus {b}", a=say(policy), b=say(reference)), (0, y),
            xycoords=("axes fraction", "data"), xytext=(0, 0), textcoords="offset points",
            va="center", weight="bold",
        )  # fmt: skip
        for label, rows in _bars(part).items():
            y += 1
            ticks.append((y, say(label)))
            _bar(ax, y, rows, _NARROWEST * widest)
        y += 1.4
    ax.set_yticks(*zip(*ticks, strict=True))
    ax.set_ylim(y - 0.8, -0.6)
    _dress(ax)
    return ax


def height(parts: Mapping[str, Mapping]) -> float:
    """A good height of the figure [inches]."""
    return 1.3 + 0.34 * sum(len(_bars(part)) + 1.4 for part in parts.values())


def _bars(part: Mapping) -> dict[str, Rows]:
    """The bars of a policy, by label; those that were run."""
    differences = {
        name: {row: entries["difference"] for row, entries in rows.items()}
        for name, rows in part["settings"].items()
    }
    found = {
        "arithmetic": differences.get(UNLIMITED),
        "found": part.get("found"),
        "in all": differences[BASE],
        "control": differences.get(CONTROL),
    }
    return {label: rows for label, rows in found.items() if rows}


def _means(rows: Rows) -> dict[str, float]:
    """Hours of each category; none where the mean is not defined."""
    return {name: rows[name]["mean"] or 0.0 for name in CATEGORIES}


def _widest(parts: Mapping[str, Mapping]) -> float:
    """Length of the x axis that the bars take [h]."""
    means = [_means(rows).values() for part in parts.values() for rows in _bars(part).values()]
    right = max(sum(max(v, 0) for v in bar) for bar in means)
    left = min(sum(min(v, 0) for v in bar) for bar in means)
    return right - left


def _bar(ax: "Axes", y: float, rows: Rows, narrowest: float) -> None:
    ends = {True: 0.0, False: 0.0}  # of the stacks right and left of 0
    for name, hours in _means(rows).items():
        right = hours > 0
        start, ends[right] = ends[right], ends[right] + hours
        ax.barh(y, hours, left=start, height=0.75, color=_COLOURS[name], edgecolor="white")
        if abs(hours) > narrowest:
            middle = start + hours / 2
            ax.text(middle, y, _signed(hours), ha="center", va="center", fontsize=8)
    total = rows[TOTAL]
    if total["mean"] is None:
        text = say("not defined")
    else:
        ax.plot(total["mean"], y - 0.5, **_SUM)
        text = _signed(total["mean"]) + _margin(total["ci95"])
    ax.annotate(
        text, (max(ends[True], total["mean"] or 0.0), y), xytext=(5, 0), textcoords="offset points",
        va="center", fontsize=8, weight="bold",
    )  # fmt: skip


def _signed(hours: float) -> str:
    return f"{hours:+.1f}".replace("-", "\N{MINUS SIGN}")


def _margin(ends: tuple[float | None, float | None]) -> str:
    low, high = ends
    return "" if low is None else f" ± {(high - low) / 2:.1f}"


def _dress(ax: "Axes") -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    ax.axvline(0, color="black", linewidth=0.8)
    ax.margins(x=0.17)  # room for the sums
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(say("difference of the mean closure latency [h]"))
    ax.set_title(say("What the difference is made of"), pad=36)  # the legend stands below it
    handles = [Patch(color=_COLOURS[name], label=say(CATEGORY_LABELS[name])) for name in CATEGORIES]
    handles.append(Line2D([], [], label=say("sum"), **_SUM))
    ax.legend(handles=handles, ncols=3, loc="lower left", bbox_to_anchor=(-0.01, 1), handlelength=1)

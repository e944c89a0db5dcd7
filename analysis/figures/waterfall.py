"""How a gain comes about: steps of an attribution from one policy to the other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.shapley import Attribution
from analysis.style import styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LESS, _MORE, _END = "#0072B2", "#D55E00", "#595959"


def height(players: int) -> float:
    """A good height of the figure for so many steps [inches]."""
    return 1.2 + 0.42 * (players + 2)


@styled
def draw(
    attribution: Attribution,
    ax: "Axes",
    *,
    start: float,
    ends: tuple[str, str],
    label: str,
    names: Sequence[str] | None = None,
) -> "Axes":
    """Steps in the order of their size, each from where the one before has led.

    start : value of the first of `ends`, the coalition of nobody, on the mean. names : of the
    players, to be printed. label : of the axis, with the unit. The line across the end of a step
    is the interval of that step alone.
    """
    names = list(names or attribution.players)
    means = attribution.means
    order = sorted(range(len(names)), key=lambda i: -abs(means[i]))
    whole = float(attribution.whole.mean())
    labels = [ends[0], *(names[i] for i in order), ends[1]]
    at = start
    _end(ax, 0, start, f"{start:,.1f}")
    for row, i in enumerate(order, start=1):
        step = float(means[i])
        colour = _LESS if step < 0 else _MORE
        ax.barh(row, step, left=at, height=0.62, color=colour)
        ax.plot([at, at], [row - 1, row + 0.31], color="black", lw=0.6)
        low, high = float(attribution.low[i]), float(attribution.high[i])
        if low == low:  # not NaN
            ax.plot([at + low, at + high], [row, row], color="black", lw=1.2, marker="|", ms=6)
        furthest = max(at, at + step, *([at + high] if high == high else []))
        _text(ax, row, furthest, signed(step))
        at += step
    ax.plot([at, at], [len(order), len(order) + 1], color="black", lw=0.6)
    _end(ax, len(order) + 1, start + whole, f"{start + whole:,.1f}  ({signed(whole)})")
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.use_sticky_edges = False
    ax.margins(x=0.14)  # room for the numbers
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(label)
    return ax


def signed(value: float) -> str:
    """`+1.2`, with a true minus sign."""
    return f"{value:+,.1f}".replace("-", "\N{MINUS SIGN}")


def _end(ax: "Axes", row: int, value: float, text: str) -> None:
    ax.plot(value, row, marker="D", color=_END, ms=6)
    _text(ax, row, value, text)


def _text(ax: "Axes", row: int, value: float, text: str) -> None:
    ax.annotate(
        text, (value, row), xytext=(8, 0), textcoords="offset points", va="center", fontsize=8
    )

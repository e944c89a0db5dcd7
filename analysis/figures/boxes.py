"""A box of an assumption space: over the points, and as limits with their spread."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.discovery import HIGH, LOW, Box, Edge, inside
from analysis.style import styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_OTHER, _INTEREST, _BOX = "#BBBBBB", "#0072B2", "#D55E00"


@styled
def draw(
    points: Mapping[str, Sequence[float]],
    interest: Sequence[bool],
    box: Box,
    ax: "Axes",
    *,
    across: str,
    up: str,
    labels: tuple[str, str],
    of_interest: str = "of interest",
) -> "Axes":
    """The box over the points, in two of its columns.

    across, up : columns of numbers on the x and y axis. labels : of these, with their units.
    Points that the box leaves out by its other columns are drawn small.
    """
    from matplotlib.patches import Rectangle

    x, y = np.asarray(points[across], float), np.asarray(points[up], float)
    interest = np.asarray(interest, bool)
    others = {name: limit for name, limit in box.limits.items() if name not in (across, up)}
    sizes = np.where(inside(points, others), 18.0, 4.0)
    looks = ((~interest, _OTHER, "o", say("not so")), (interest, _INTEREST, "^", say(of_interest)))
    for chosen, colour, marker, label in looks:
        ax.scatter(
            x[chosen], y[chosen], s=sizes[chosen], c=colour, marker=marker, lw=0, label=label
        )
    spans = [_drawn(box.limits.get(name), values) for name, values in ((across, x), (up, y))]
    (left, right), (bottom, top) = spans
    ax.add_patch(
        Rectangle(
            (left, bottom), right - left, top - bottom, fill=False, ec=_BOX, lw=1.8,
            label=say(
                "box: coverage {coverage:.0f} %, density {density:.0f} %",
                coverage=100 * box.coverage, density=100 * box.density,
            ),
        )
    )  # fmt: skip
    if others:
        ax.scatter([], [], s=4.0, c=_OTHER, lw=0, label=say("small: left out by other limits"))
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    ax.legend(ncols=2, loc="lower left", bbox_to_anchor=(-0.01, 1), handlelength=1)
    return ax


def _drawn(limit: tuple[float, float] | None, values: np.ndarray) -> tuple[float, float]:
    """Where the box is drawn: a little beyond the points where it has no limit."""
    beyond = 0.02 * np.ptp(values)
    low, high = limit or (-math.inf, math.inf)
    return max(low, values.min() - beyond), min(high, values.max() + beyond)


def height(columns: int) -> float:
    """A good height of the figure of so many columns' limits [inches]."""
    return 1.2 + 0.5 * max(columns, 1)


@styled
def draw_limits(
    box: Box,
    ranges: Mapping[str, tuple[float, float]],
    ax: "Axes",
    *,
    edges: Sequence[Edge] = (),
    names: Mapping[str, str] | None = None,
) -> "Axes":
    """The limits of the box's columns of numbers, each over its whole range.

    ranges : {COLUMN: (low, high)}. edges : of `analysis.discovery.stability`; a limit then shows
    where it lies in nine of ten resamples, and how often it is found. names : to be printed.
    """
    shown = [name for name, limit in box.limits.items() if isinstance(limit, tuple)]
    spread = {(edge.name, edge.side): edge for edge in edges}
    for row, name in enumerate(shown):
        low, high = ranges[name]
        ax.plot([0, 100], [row, row], color=_OTHER, lw=7, solid_capstyle="butt")
        ends = [100 * (_within(end, low, high) - low) / (high - low) for end in box.limits[name]]
        ax.plot(ends, [row, row], color=_INTEREST, lw=7, solid_capstyle="butt")
        for side, end, at in zip((LOW, HIGH), box.limits[name], ends, strict=True):
            if math.isfinite(end):
                _limit(ax, row, at, end, spread.get((name, side)), (low, high))
    ax.set_yticks(range(len(shown)), [(names or {}).get(name, name) for name in shown])
    ax.set_ylim(max(len(shown), 1) - 0.4, -0.7)
    ax.set_xlim(-3, 103)
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(say("place in the range that was looked at [%]"))
    return ax


def _limit(
    ax: "Axes", row: int, at: float, end: float, edge: Edge | None, span: tuple[float, float]
) -> None:
    text = f"{end:.3g}"
    if edge is not None and edge.low is not None:
        low, high = span
        ends = [100 * (place - low) / (high - low) for place in (edge.low, edge.high)]
        ax.plot(ends, [row, row], color=_BOX, lw=1.4, marker="|", ms=9)
        text += say("  (found {share:.0f} %)", share=100 * edge.frequency)
    ax.annotate(
        text, (at, row), xytext=(0, 9), textcoords="offset points",
        ha="left" if at < 15 else "right" if at > 85 else "center", fontsize=8,
    )  # fmt: skip


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)

"""A heat map of the townships over time: a row a township, its district's beside one another."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from analysis.style import styled
from analysis.words import say
from sim.units import DAY, HOUR

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SEQUENTIAL = "cividis"
"""Light is much; told apart by the colour-blind and in print (Nuñez, Anderton and Renslow 2018)."""

_NEVER_KNOWN = "#FFFFFF"
_FEWEST_ROWS = 0.018  # share of the height that a district needs to have its name printed


def latency_by_day(
    township: np.ndarray,
    occurred: np.ndarray,
    solved: np.ndarray,
    *,
    n_townships: int,
    window: tuple[int, int],
    restrict: int,
    days: int = 1,
) -> np.ndarray:
    """Mean closure latency [h] of a township's incidents by when they occurred,
    float[n_townships, bins]; NaN where none did.

    township, occurred, solved : of each incident; ticks, `solved` NaN for what is not.
    window : ticks, the cohort's. restrict : ticks; no incident counts more, and what is not solved
    counts so much. days : in a bin.
    """
    solved = np.asarray(solved, float)
    took = np.minimum(np.where(np.isnan(solved), np.inf, solved - occurred), restrict)
    n_bins = -(-(window[1] - window[0]) // (days * DAY))
    bins = (np.asarray(occurred) - window[0]) // (days * DAY)
    inside = (bins >= 0) & (bins < n_bins)
    cell = (np.asarray(township) * n_bins + bins)[inside].astype(np.int64)
    count, total = (
        np.bincount(cell, weights, minlength=n_townships * n_bins)
        for weights in (None, took[inside])
    )
    with np.errstate(invalid="ignore"):
        return (total / count / HOUR).reshape(n_townships, n_bins)


@styled
def draw(
    values: np.ndarray,
    district: np.ndarray,
    names: Sequence[str],
    start: date,
    ax: "Axes",
    *,
    days: int = 1,
    label: str | None = None,
    limits: tuple[float, float] | None = None,
    bar: bool = True,
) -> "Axes":
    """Values of townships over time.

    values : float[n_townships, bins], NaN (white) where there is none; bins of `days` days from
    `start` on. district : of each township, a code that counts `names`. Townships stand by
    district, within it in the order given (`by_mean` gives one). limits : of the colours, the 2 %
    and 98 % quantiles by default; give the same to figures that are compared. bar : draw the
    colours' key.
    """
    from matplotlib.dates import AutoDateLocator, DateFormatter, date2num

    district = np.asarray(district)
    order = np.argsort(district, kind="stable")
    low, high = limits or colour_limits(values)
    first = date2num(start)
    width = days * values.shape[1]
    colours = _colours()
    image = ax.imshow(
        values[order], aspect="auto", interpolation="nearest", cmap=colours, vmin=low, vmax=high,
        extent=(first, first + width, len(order), 0),
    )  # fmt: skip
    ax.xaxis_date()
    ax.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=6))
    ax.xaxis.set_major_formatter(DateFormatter(say("%d %b\n%Y")))
    _districts(ax, district[order], names)
    ax.grid(visible=False)
    ax.set_xlabel(say("date of occurrence"))
    if bar:
        of_what = label or say("mean closure latency [h]")
        ax.figure.colorbar(image, ax=ax, label=of_what, pad=0.02, extend="both")
    return ax


def by_mean(values: np.ndarray) -> np.ndarray:
    """Places of the townships, the highest mean first, those of which nothing is known last."""
    known = np.isfinite(values).any(axis=1)
    means = np.full(len(values), -np.inf)
    means[known] = np.nanmean(values[known], axis=1)
    return np.argsort(-means, kind="stable")


def colour_limits(*parts: np.ndarray) -> tuple[float, float]:
    """The 2 % and 98 % quantiles of what is known, so that few extremes leave the rest a range."""
    known = np.concatenate([part[np.isfinite(part)] for part in parts])
    if not known.size:
        return 0.0, 1.0
    low, high = np.quantile(known, [0.02, 0.98])
    return float(low), float(high if high > low else low + 1)


def _colours():
    from matplotlib import colormaps

    return colormaps[SEQUENTIAL].with_extremes(bad=_NEVER_KNOWN)


def _districts(ax: "Axes", district: np.ndarray, names: Sequence[str]) -> None:
    """A thin line between districts, and the names of those that are tall enough."""
    begins = np.flatnonzero(np.r_[True, district[1:] != district[:-1]])
    ends = np.r_[begins[1:], len(district)]
    for end in ends[:-1]:
        ax.axhline(end, color="white", lw=0.5)
    tall = (ends - begins) >= _FEWEST_ROWS * len(district)
    middles = ((begins + ends) / 2)[tall]
    ax.set_yticks(middles, [names[code] for code in district[begins[tall]]], fontsize=6.5)
    ax.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)

"""A measure against the volume, with the volume that can be carried."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from analysis.intervals import Interval, band
from analysis.style import looks, styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_KNEE = {"marker": "D", "markerfacecolor": "white", "markersize": 6, "linestyle": "none"}
_INTERVAL = {"marker": "|", "markersize": 9, "markeredgewidth": 1.6, "linestyle": "-"}


@styled
def draw(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]],
    capacities: Mapping[str, Interval],
    ax: "Axes",
    *,
    label: str,
    title: str,
    knees: Mapping[str, float | None] = {},
) -> "Axes":
    """Curves of a measure by policy.

    curves     : {POLICY: (volumes f8[n], values f8[replications, n])}; a line is the mean over
                 replications, the band its 95 % interval (Student's t, point by point)
    capacities : {POLICY: (mean, low, high)}, each None where not known
    label, title : of the measure, with its unit, and of the figure
    knees      : {POLICY: volume}, marked on the line
    """
    from matplotlib.ticker import StrMethodFormatter

    for i, (policy, look) in enumerate(looks(curves).items()):
        volumes, values = curves[policy]
        mean, low, high = band(values)
        ax.plot(volumes, mean, label=say(policy), marker="o", markersize=3.5, **look)
        if len(values) > 1:
            ax.fill_between(volumes, low.clip(0), high, color=look["color"], alpha=0.2, lw=0)
        _mark_capacity(ax, capacities[policy], look, 0.03 + 0.035 * i)
        knee = knees.get(policy)
        if knee is not None:
            at_knee = np.interp(knee, volumes, mean)
            ax.plot(knee, at_knee, color=look["color"], **_KNEE)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_xlabel(say("volume [multiples of what staff is planned for]"))
    ax.set_ylabel(label)
    ax.set_title(title)
    ax.legend(handles=_handles(ax, capacities, knees), loc="best")
    return ax


def _mark_capacity(ax: "Axes", capacity: Interval, look: Mapping[str, str], height: float) -> None:
    """A thin line upwards and, near the bottom, the interval; height : share of the axis."""
    mean, low, high = capacity
    if mean is None:
        return
    ax.axvline(mean, linewidth=0.8, zorder=1, **look)
    ends = [mean] if low is None else [low, mean, high]
    heights = [height] * len(ends)
    across = ax.get_xaxis_transform()
    ax.plot(ends, heights, color=look["color"], transform=across, **_INTERVAL)


def _handles(
    ax: "Axes", capacities: Mapping[str, Interval], knees: Mapping[str, float | None]
) -> list:
    """Entries of the legend: the policies and what is marked for all of them."""
    from matplotlib.lines import Line2D

    handles = ax.get_legend_handles_labels()[0]
    grey = "#595959"
    if any(capacity[0] is not None for capacity in capacities.values()):
        label = say("capacity and its interval")
        handles.append(Line2D([0, 1], [0, 0], color=grey, label=label, **_INTERVAL))
    if any(knee is not None for knee in knees.values()):
        handles.append(Line2D([], [], color=grey, label=say("knee"), **_KNEE))
    return handles

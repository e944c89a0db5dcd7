"""How long incidents last: the share not yet solved, against the time since they occurred."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.histogram import Histogram
from analysis.intervals import band
from analysis.style import duration_axis, looks, styled
from analysis.words import say
from sim.units import HOUR, MINUTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

N_POINTS = 300


@styled
def draw(latencies: Mapping[str, Sequence[Histogram]], ax: "Axes") -> "Axes":
    """Survival curves of the closure latency by policy.

    latencies : {POLICY: one histogram of the closure latency a replication}. A line is the
    mean of the replications' Kaplan-Meier curves, the band its 95 % interval (Student's t,
    point by point). A line ends where the shortest of its curves ends.
    """
    reach = max(histogram.reach for runs in latencies.values() for histogram in runs)
    times = np.geomspace(MINUTE, max(reach, HOUR), N_POINTS).astype(np.int64)
    for policy, look in looks(latencies).items():
        curves = 100 * np.array([histogram.survival(times) for histogram in latencies[policy]])
        mean, low, high = band(curves)
        ax.plot(times, mean, label=say(policy), **look)
        if len(curves) > 1:
            low, high = low.clip(min=0), high.clip(max=100)
            ax.fill_between(times, low, high, color=look["color"], alpha=0.2, lw=0)
    duration_axis(ax, times[0], times[-1])
    ax.set_ylim(0, 100)
    ax.set_xlabel(say("time since the incident occurred"))
    ax.set_ylabel(say("incidents not yet solved [%]"))
    ax.set_title(say("Closure latency"))
    ax.legend(loc="lower left")
    return ax

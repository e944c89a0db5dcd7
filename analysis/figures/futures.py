"""What is open over time in several futures of one past."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from analysis.intervals import band
from analysis.style import looks, styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PAST = "#595959"
_BEFORE = 7  # days of the past that are shown at least


@styled
def draw(
    opens: Mapping[str, np.ndarray],
    dates: Mapping[str, Sequence[int]],
    fork: int,
    start: date,
    ax: "Axes",
) -> "Axes":
    """Incidents noticed and not solved at the end of each day.

    opens : {FUTURE: float[n_replications, n_days]}, alike before day `fork`. dates : {FUTURE: days
    at whose beginning somebody goes over}, marked on its line. start : date of day 0.
    A line is the mean over replications, the band its 95 % interval (Student's t, day by day).
    """
    from matplotlib.dates import AutoDateLocator, DateFormatter
    from matplotlib.ticker import StrMethodFormatter

    first = next(iter(opens.values()))
    times = np.datetime64(start, "s") + np.timedelta64(1, "D") * np.arange(1, first.shape[1] + 1)
    mean, low, high = band(first[:, :fork])
    past = slice(max(fork - max(_BEFORE, first.shape[1] - fork), 0), fork)
    ax.plot(times[past], mean[past], color=_PAST, label=say("common past"))
    if len(first) > 1:
        ax.fill_between(times[past], low[past], high[past], color=_PAST, alpha=0.2, lw=0)
    for name, look in looks(opens).items():
        mean, low, high = band(opens[name])
        since = slice(fork - 1, None)
        ax.plot(times[since], mean[since], label=say(name), lw=1.3, **look)
        if len(first) > 1:
            ax.fill_between(
                times[since], low[since], high[since], color=look["color"], alpha=0.1, lw=0
            )
        marks = [int(day) - 1 for day in dates[name] if fork <= day < len(mean)]
        ax.plot(times[marks], mean[marks], "o", color=look["color"], markersize=4)
    ax.axvline(times[fork - 1], color="black", lw=0.8, ls=":")
    ax.margins(x=0.01)
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_locator(AutoDateLocator(minticks=4, maxticks=8))
    ax.xaxis.set_major_formatter(DateFormatter(say("%d %b\n%Y")))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_xlabel(say("date; dots: somebody goes over"))
    ax.set_ylabel(say("incidents noticed and not solved"))
    ax.legend(loc="best")
    return ax

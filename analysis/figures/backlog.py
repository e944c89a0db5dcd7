"""The backlog over time: incidents that are noticed and not yet solved."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from analysis.intervals import band
from analysis.style import looks, styled
from analysis.words import say
from sim.records import FLOW_BIN, FLOW_COLUMNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_A_ROW = 3  # entries in a row of the legend, which stands below the title
_STORM = "#56B4E9"
_PAD, _ROW_HEIGHT = 7, 17  # points


@styled
def draw(
    flows: Mapping[str, Sequence[np.ndarray]],
    window: tuple[int, int],
    start: date,
    ax: "Axes",
    *,
    storms: Sequence[tuple[int, int]] = (),
) -> "Axes":
    """Backlog by policy.

    flows  : {POLICY: one flow table a replication}, each int64[n_bins, 9] (FLOW_COLUMNS)
    window : ticks; the time in which the cohort occurred, shaded
    start  : the date of tick 0
    storms : ticks, from and until; shaded darker

    A line is the mean over replications, the band its 95 % interval (Student's t, hour by
    hour). Dormant incidents are in it: closed on paper, they are not solved.
    """
    from matplotlib.dates import AutoDateLocator, DateFormatter
    from matplotlib.ticker import StrMethodFormatter

    ax.axvspan(
        *_time(start, np.array(window)), color="#F2F2F2", zorder=0, label=say("the cohort occurs")
    )
    for i, storm in enumerate(storms):
        label = None if i else say("storm")
        ax.axvspan(*_time(start, np.array(storm)), color=_STORM, alpha=0.35, lw=0, label=label)
    for policy, look in looks(flows).items():
        backlogs = np.array([_backlog(flow) for flow in flows[policy]])
        times = _time(start, FLOW_BIN * np.arange(1, backlogs.shape[1] + 1))
        mean, low, high = band(backlogs)
        # Solid: in a curve that goes up and down every day, dashes cannot be told from days.
        ax.plot(times, mean, label=say(policy), color=look["color"], linewidth=1.1)
        if len(backlogs) > 1:
            ax.fill_between(times, low.clip(0), high, color=look["color"], alpha=0.2, lw=0)
    ax.margins(x=0)
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_locator(AutoDateLocator(minticks=4, maxticks=8))
    ax.xaxis.set_major_formatter(DateFormatter(say("%d %b\n%Y")))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_xlabel(say("date"))
    ax.set_ylabel(say("incidents noticed and not solved"))
    rows = math.ceil((1 + bool(storms) + len(flows)) / _A_ROW)
    ax.set_title(say("Backlog"), pad=_PAD + _ROW_HEIGHT * rows)
    spacing = {"handlelength": 1.2, "columnspacing": 1.0}
    ax.legend(loc="lower left", bbox_to_anchor=(0, 0.99), ncols=_A_ROW, **spacing)
    return ax


def _backlog(flow: np.ndarray) -> np.ndarray:
    """Noticed, not withdrawn and not solved at the end of each bin, int64[n_bins]."""
    flow = dict(zip(FLOW_COLUMNS, flow.T, strict=True))
    lost = flow["withdrawn"] - flow["renewed"]
    return np.cumsum(flow["noticed"] - flow["solved"] - lost)


def _time(start: date, ticks: np.ndarray) -> np.ndarray:
    """Ticks as dates that matplotlib understands, datetime64[s]."""
    return np.datetime64(start, "s") + ticks.astype("timedelta64[s]")

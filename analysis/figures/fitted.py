"""A log beside what was fitted to it: shares by hour and weekday, durations."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.style import FURTHER_COLOURS, LINES, duration_axis, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OBSERVED, FITTED = "#595959", "#0072B2"
_BINS = 40
_LEAST_SPAN = 20  # end of an axis of durations over its begin, so that two marks are on it


@styled
def draw_shares(
    observed: Sequence[float],
    fitted: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    names: Sequence[str],
    ax: "Axes",
    *,
    label: str,
    legend: bool = True,
) -> "Axes":
    """Bars of what was held out, and what was fitted with its 95 % interval, f8[n] each."""
    place = np.arange(len(names))
    value, low, high = (np.asarray(v, float) for v in (fitted, low, high))
    ax.bar(place, observed, color="#DDDDDD", label="held out")
    ax.errorbar(place, value, np.clip([value - low, high - value], 0, None), fmt="o", ms=3.5,
                color=FITTED, capsize=2, lw=1, label="fitted, 95 % interval")  # fmt: skip
    step = 1 + len(names) // 13
    ax.set_xticks(place[::step], list(names)[::step])
    ax.set_ylabel(label)
    ax.grid(axis="x", visible=False)
    if legend:
        ax.legend(loc="upper right")
    return ax


@styled
def draw_cycles(durations: Mapping[str, np.ndarray], ax: "Axes") -> "Axes":
    """Distribution functions of cycle times [ticks] by what they are of, the observed first."""
    colours = (OBSERVED, FITTED, *FURTHER_COLOURS)
    everything = np.concatenate([np.asarray(d, float) for d in durations.values()])
    everything = everything[everything > 0]
    for i, (name, values) in enumerate(durations.items()):
        x = np.sort(np.maximum(values, 1.0))
        y = np.arange(1, len(x) + 1) / max(len(x), 1)
        ax.plot(x, y, drawstyle="steps-post", color=colours[i], ls=LINES[i], label=name)
    if everything.size:
        low, high = float(np.quantile(everything, 0.01)), 1.5 * float(everything.max())
        duration_axis(ax, min(low, high / _LEAST_SPAN), high)
    ax.set_ylim(0, 1)
    ax.set_xlabel("cycle time of finished cases")
    ax.set_ylabel("share no longer")
    ax.legend(loc="upper left")
    return ax


@styled
def draw_work(values: np.ndarray, density, ax: "Axes", *, title: str) -> "Axes":
    """A histogram of durations [ticks] on a logarithmic axis, and the fitted family's `density`
    of the logarithm, a function of ticks; None: all durations are alike."""
    x = np.maximum(np.asarray(values, float), 0.5)
    low, high = float(np.quantile(x, 0.002)), float(x.max())
    low, high = min(low, high / 1.5), high * 1.2
    edges = np.geomspace(low, high, _BINS + 1)
    counts, _ = np.histogram(x, edges)
    widths = np.diff(np.log(edges))
    ax.bar(edges[:-1], counts / len(x) / widths, np.diff(edges), align="edge", color="#DDDDDD",
           label="log")  # fmt: skip
    if density is not None:
        t = np.geomspace(low, high, 300)
        ax.plot(t, density(t), color=FITTED, label="fitted")
    duration_axis(ax, low, high)
    ax.set_title(title)
    ax.set_yticks([])
    ax.legend(loc="upper left")
    return ax

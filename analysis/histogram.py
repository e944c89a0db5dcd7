"""A histogram of durations in fixed memory, with Kaplan-Meier estimates from it.

Durations are non-negative integer ticks [s]. Below 2048 every tick has a bin of its own; above,
every octave is cut into 1024 bins of equal width (the layout of HDR histograms: Tene 2012).
Each duration is represented by the middle of its bin, which moves it by less than 1/2048
(0.05 %, so well within 0.1 %). Apart from that the estimates are exactly those of Kaplan and
Meier (1958); as in theirs, where an event and a censoring tie (here: share a bin) the event
comes first. Adding is integer addition, so neither chunks nor their order can matter.
"""

import numpy as np

from sim.records import Columns
from sim.units import HOUR

BITS = 10
LARGEST = 2**36 - 1
"""The longest duration that has a bin [ticks]: 2177 years."""
N_BINS = (36 - BITS + 1) << BITS
BIN_ERROR = 2.0 ** -(BITS + 1)
"""Largest relative error of a duration that is represented by the middle of its bin."""

_ROUNDING = 1e-9  # of a product of thousands of factors; far below 1 / (incidents of a run)


def bin_of(ticks: np.ndarray) -> np.ndarray:
    """Bins of durations. ticks : int64[n], 0 to LARGEST; returns int64[n]."""
    ticks = np.asarray(ticks, np.int64)
    if ticks.size and (ticks.min() < 0 or ticks.max() > LARGEST):
        raise ValueError(f"durations must be 0 to {LARGEST} ticks")
    length = np.frexp(ticks.astype(float))[1]  # bit length; exact below 2**53
    shift = np.maximum(length - (BITS + 1), 0)
    return (shift.astype(np.int64) << BITS) + (ticks >> shift)


def lower_edge(bins: np.ndarray) -> np.ndarray:
    """Shortest duration in each bin [ticks]. bins : int64[n]; returns int64[n]."""
    shift = _shift(bins)
    return (bins - (shift << BITS)) << shift


def upper_edge(bins: np.ndarray) -> np.ndarray:
    """Longest duration in each bin, itself included [ticks]. bins : int64[n]; int64[n]."""
    return lower_edge(bins) + (np.int64(1) << _shift(bins)) - 1


def _shift(bins: np.ndarray) -> np.ndarray:
    """log2 of the width of each bin."""
    return np.maximum((np.asarray(bins, np.int64) >> BITS) - 1, 0)


class Histogram:
    """Durations that ended in an event, and durations that were censored.

    events, censored : int64[N_BINS], how many
    sums             : int64[N_BINS], sum of the events' exact durations [ticks]
    """

    def __init__(self):
        self.events = np.zeros(N_BINS, np.int64)
        self.censored = np.zeros(N_BINS, np.int64)
        self.sums = np.zeros(N_BINS, np.int64)

    def add(self, events: np.ndarray, censored: np.ndarray = ()) -> None:
        """Count durations [ticks]: int64[n] up to the event, int64[m] up to the censoring."""
        bins = bin_of(events)
        self.events += np.bincount(bins, minlength=N_BINS)
        # Weights are summed as float64, which is exact up to 2**53 ticks.
        self.sums += np.bincount(bins, events, minlength=N_BINS).astype(np.int64)
        self.censored += np.bincount(bin_of(censored), minlength=N_BINS)

    def merge(self, other: "Histogram") -> None:
        """Add all that another histogram has counted."""
        self.events += other.events
        self.censored += other.censored
        self.sums += other.sums

    @property
    def mean(self) -> float | None:
        """Exact mean duration of the events alone [ticks]; None without events."""
        count = int(self.events.sum())
        return int(self.sums.sum()) / count if count else None

    @property
    def reach(self) -> float:
        """How far the survival curve is known [ticks]: the longest duration, ended or not."""
        times, _, _ = self._curve()
        return float(times[-1]) if times.size else 0.0

    def quantile(self, p: float) -> float | None:
        """Duration within which a share p has ended [ticks]; None if that was not reached.

        p : 0 < p < 1. Error of the bins: at most BIN_ERROR.
        """
        if not 0 < p < 1:
            raise ValueError(f"a quantile must be between 0 and 1, not {p}")
        times, survival, _ = self._curve()
        hit = np.flatnonzero(survival <= 1 - p + _ROUNDING)
        return float(times[hit[0]]) if hit.size else None

    def quantile_text(self, p: float, unit: int = HOUR) -> str:
        """The quantile for print, in `unit` ticks: "12.3", or "> 672" where not reached."""
        value = self.quantile(p)
        return f"> {self.reach / unit:.4g}" if value is None else f"{value / unit:.4g}"

    def survival(self, times: np.ndarray) -> np.ndarray:
        """Share that lasts longer than each of `times`, int64[n] [ticks]; float64[n].

        NaN where the curve does not reach: beyond the longest duration, if that is censored.
        """
        _, survival, bins = self._curve()
        wanted = bin_of(times)
        steps = np.concatenate([[1.0], survival])
        result = steps[np.searchsorted(bins, wanted, side="right")]
        if not bins.size or steps[-1] > 0:
            result[wanted > (bins[-1] if bins.size else -1)] = np.nan
        return result

    def restricted_mean(self, limit: int) -> float | None:
        """Mean of min(duration, limit) [ticks]: the area under the curve up to `limit`.

        A curve that ends before the limit is taken to stay level: a bound from above, exact to
        the share that is left times the rest. Error of the bins: at most BIN_ERROR. None if
        there are no durations.
        """
        times, survival, bins = self._curve()
        if not bins.size:
            return None
        ends = np.minimum(np.concatenate([[0.0], times, [limit]]), limit)
        return float(np.diff(ends) @ np.concatenate([[1.0], survival]))

    def to_columns(self) -> Columns:
        """The bins that hold anything, as a table; `from_columns` reads it back unchanged."""
        bins = np.flatnonzero(self.events + self.censored)
        return {
            "lower": lower_edge(bins),
            "upper": upper_edge(bins),
            "events": self.events[bins],
            "censored": self.censored[bins],
            "sums": self.sums[bins],
        }

    @classmethod
    def from_columns(cls, table: Columns) -> "Histogram":
        """The histogram that `to_columns` wrote."""
        histogram = cls()
        bins = bin_of(table["lower"])
        for name in ("events", "censored", "sums"):
            getattr(histogram, name)[bins] = table[name]
        return histogram

    def _curve(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Kaplan-Meier: middles [ticks] of the bins in use, survival after them, and the bins."""
        bins = np.flatnonzero(self.events + self.censored)
        events = self.events[bins]
        leaving = events + self.censored[bins]
        at_risk = leaving[::-1].cumsum()[::-1]
        times = (lower_edge(bins) + upper_edge(bins)) / 2
        return times, np.cumprod(1 - events / at_risk), bins

"""What a run says of things that are known from outside: measures of its cohort, and verdicts.

A measure takes a `Sample` and returns a number, or None where the sample cannot give it: nothing of
its sort occurred, or it needs the whole city or whole weeks. The names in `MEASURES` are those that
facts use (`conf/facts.yaml`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

import numpy as np

from analysis.histogram import Histogram
from analysis.intervals import Interval
from sim.codes import ASLEEP, GRID, HOTLINE, PATROL, TOWNSHIP, WORKDAY
from sim.records import Columns
from sim.units import DAY, HOUR

VERDICTS = ("inside", "at the edge", "outside", "check only", "not measured")
INSIDE, EDGE, OUTSIDE, CHECK, MISSING = VERDICTS

_FRIDAY, _SATURDAY, _DAYS_OF_WEEK = 4, 5, 7
_DAYS_OF_YEAR = 365.25
_NAMING = tuple(
    f"{stage}_{use}"
    for stage in ("register", "judge", "dispatch")
    for use in ("waiting", "working", "release")
)


@dataclass(frozen=True, eq=False)
class Sample:
    """The cohort of one run, or some of it, and the city that it occurred in."""

    incidents: Columns  # incident table (`INCIDENT_COLUMNS`), the cohort only
    window: tuple[int, int]  # the cohort's [ticks]
    end: int  # of the run [tick]
    restrict: int  # of means [ticks]
    weekday: np.ndarray  # i1[days], 0 = Monday, from tick 0 on
    day_type: np.ndarray  # i1[days], DAY_TYPES
    season: np.ndarray  # f8[K], how often a kind occurs in the window, the year's mean being 1
    residents: float
    townships: int
    grids: int
    whole: bool  # the whole city, not one of its districts

    def only(self, **columns: int) -> "Sample":
        """The incidents that have these codes in these columns."""
        kept = np.all([self.incidents[name] == code for name, code in columns.items()], axis=0)
        return replace(self, incidents={n: v[kept] for n, v in self.incidents.items()})

    @property
    def days(self) -> float:
        return (self.window[1] - self.window[0]) / DAY

    @property
    def noticed(self) -> np.ndarray:
        return self.incidents["noticed"] <= self.end

    @property
    def closed(self) -> np.ndarray:
        """Closed at least once, truly or falsely."""
        return self.incidents["first_closed"] <= self.end

    @property
    def solved(self) -> np.ndarray:
        return self.incidents["solved"] <= self.end

    def among_noticed(self, column: str) -> np.ndarray:
        """A column of the incidents that were noticed."""
        return self.incidents[column][self.noticed]


Measure = Callable[[Sample], float | None]


def _share(hits: np.ndarray) -> float | None:
    return float(np.mean(hits)) if hits.size else None


# --- volume -----------------------------------------------------------------------------------


def events_per_day(sample: Sample) -> float | None:
    """Incidents noticed, a day of an average year: each counts for one over the season of its
    kind. None for a part of the city, which no published volume is about."""
    if not sample.whole:
        return None
    return float((1.0 / sample.season[sample.among_noticed("kind")]).sum() / sample.days)


def _events_per(sample: Sample, factor: Callable[[Sample], float]) -> float | None:
    events = events_per_day(sample)
    return None if events is None else events * factor(sample)


def day_cv(sample: Sample) -> float | None:
    """Coefficient of variation of the working days' factor in a district.

    Of the counts n of a district's days, (var n - mean n) / mean n ^ 2 is the squared coefficient
    without what counting alone brings (Cox 1955, doubly stochastic Poisson counts); districts count
    by their incidents. 0 where days vary less than by counting; None with fewer than two days.
    """
    first = sample.window[0] // DAY
    days = np.arange(first, -(-sample.window[1] // DAY))
    working = sample.day_type[days] == WORKDAY
    if working.sum() < 2:
        return None
    district = sample.incidents["district"]
    counts = np.zeros((int(district.max(initial=0)) + 1, days.size))
    np.add.at(counts, (district, sample.incidents["occurred"] // DAY - first), 1.0)
    counts = counts[:, working]
    mean = counts.mean(axis=1)
    some = mean > 0
    if not some.any():
        return None
    counts, mean = counts[some], mean[some]
    squared = (counts.var(axis=1, ddof=1) - mean) / mean**2
    return float(np.sqrt(max(np.average(squared, weights=mean), 0.0)))


# --- reports ----------------------------------------------------------------------------------


def _channel_share(sample: Sample, channel: int) -> float | None:
    return _share(sample.among_noticed("channel") == channel)


def _by_residents(sample: Sample) -> np.ndarray:
    """Ticks at which residents were the first to report."""
    return sample.among_noticed("noticed")[sample.among_noticed("channel") == HOTLINE]


def _hours_share(sample: Sample, begin: int, end: int) -> float | None:
    hour = _by_residents(sample) % DAY // HOUR
    return _share((hour >= begin) & (hour < end))


def _weekdays_share(sample: Sample, begin: int, end: int) -> float | None:
    """None unless the window has whole weeks."""
    if sample.days % _DAYS_OF_WEEK:
        return None
    weekday = sample.weekday[_by_residents(sample) // DAY]
    return _share((weekday >= begin) & (weekday < end))


def duplicate_share(sample: Sample) -> float | None:
    """Duplicates among first reports and duplicates; a return from a false closing is neither."""
    incidents = sample.incidents
    returned = incidents["false_closings"] - (incidents["state"] == ASLEEP)
    first = int(sample.noticed.sum())
    extra = int((incidents["reports"] - returned)[sample.noticed].sum(dtype=np.int64)) - first
    return extra / (first + extra) if first else None


# --- routing and outcomes ---------------------------------------------------------------------


def _mean(sample: Sample, column: str) -> float | None:
    values = sample.among_noticed(column)
    return float(values.mean()) if values.size else None


def _share_with(sample: Sample, column: str) -> float | None:
    return _share(sample.among_noticed(column) > 0)


def below_district_share(sample: Sample) -> float | None:
    """Of those solved, the share that grid or township resolves."""
    return _share(np.isin(sample.incidents["tier"][sample.solved], (TOWNSHIP, GRID)))


def solved_at_first_closing(sample: Sample) -> float | None:
    """Of those closed, the share that the first closing solved."""
    return _share(sample.incidents["false_closings"][sample.closed] == 0)


def on_time_share(sample: Sample) -> float | None:
    """Of those noticed, the share first closed no later than the limit."""
    on_time = sample.closed & (sample.incidents["first_closed"] <= sample.incidents["limit"])
    return _share(on_time[sample.noticed])


# --- times [h] --------------------------------------------------------------------------------


def _restricted(sample: Sample, since: np.ndarray, until: np.ndarray) -> float | None:
    """Mean of what lies between, at most `restrict` of each."""
    lasted = np.minimum(np.minimum(until, sample.end) - since, sample.restrict)
    return float(lasted.mean() / HOUR) if lasted.size and sample.restrict else None


def sensing_hours(sample: Sample) -> float | None:
    """Restricted mean from occurrence to first notice."""
    return _restricted(sample, sample.incidents["occurred"], sample.incidents["noticed"])


def closure_hours(sample: Sample) -> float | None:
    """Restricted mean from occurrence to the closing that solves."""
    return _restricted(sample, sample.incidents["occurred"], sample.incidents["solved"])


def _closing(sample: Sample) -> Histogram:
    """From first notice to first closing, of those noticed."""
    histogram, noticed = Histogram(), sample.noticed
    since = sample.incidents["noticed"]
    closed, open_ = noticed & sample.closed, noticed & ~sample.closed
    histogram.add(
        sample.incidents["first_closed"][closed] - since[closed], sample.end - since[open_]
    )
    return histogram


def closing_hours(sample: Sample) -> float | None:
    """Restricted mean from first notice to first closing, of those noticed (Kaplan-Meier)."""
    ticks = _closing(sample).restricted_mean(sample.restrict) if sample.restrict else None
    return None if ticks is None else ticks / HOUR


def judging_hours(sample: Sample) -> float | None:
    """Mean time of registering, judging and dispatching, of those noticed; done again included."""
    spent = np.sum([sample.among_noticed(name) for name in _NAMING], axis=0)
    return float(spent.mean() / HOUR) if spent.size else None


def _closing_quantile(sample: Sample, p: float) -> float | None:
    """From first notice to first closing, of those noticed (Kaplan-Meier); None if not reached."""
    ticks = _closing(sample).quantile(p)
    return None if ticks is None else ticks / HOUR


MEASURES: Mapping[str, Measure] = MappingProxyType({
    "events_per_day": events_per_day,
    "events_per_township_day": partial(_events_per, factor=lambda s: 1 / s.townships),
    "events_per_grid_week": partial(_events_per, factor=lambda s: _DAYS_OF_WEEK / s.grids),
    "events_per_thousand_residents": partial(
        _events_per, factor=lambda s: 1000 * _DAYS_OF_YEAR / s.residents
    ),
    "day_cv": day_cv,
    "hotline_share": partial(_channel_share, channel=HOTLINE),
    "patrol_share": partial(_channel_share, channel=PATROL),
    "morning_share": partial(_hours_share, begin=9, end=12),
    "night_share": partial(_hours_share, begin=0, end=6),
    "friday_share": partial(_weekdays_share, begin=_FRIDAY, end=_SATURDAY),
    "weekend_share": partial(_weekdays_share, begin=_SATURDAY, end=_DAYS_OF_WEEK),
    "duplicate_share": duplicate_share,
    "wrong_dispatch_share": partial(_share_with, column="wrong_desks"),
    "returned_share": partial(_share_with, column="returns"),
    "handovers": partial(_mean, column="handovers"),
    "below_district_share": below_district_share,
    "solved_at_first_closing": solved_at_first_closing,
    "on_time_share": on_time_share,
    "sensing_hours": sensing_hours,
    "judging_hours": judging_hours,
    "closing_hours": closing_hours,
    "closure_hours": closure_hours,
    **{
        f"closing_p{percent}": partial(_closing_quantile, p=percent / 100)
        for percent in (10, 25, 50, 75, 90)
    },
})  # fmt: skip
"""Every measure by name."""


# --- verdicts ---------------------------------------------------------------------------------


def fall(before: float | None, after: float | None) -> float | None:
    """The share by which a measure falls; None where it is not defined."""
    return None if before is None or after is None or before == 0 else 1.0 - after / before


def verdict(low: float, high: float, simulated: Interval) -> str:
    """How a simulated interval lies to a known range, or to a known number (low = high).

    inside: it lies in the range, or holds the number; outside: they do not meet; at the edge: they
    overlap. Without an interval the mean stands for it.
    """
    mean, begin, end = simulated
    if mean is None:
        return MISSING
    if begin is None or end is None:
        begin = end = mean
    if end < low or begin > high:
        return OUTSIDE
    return INSIDE if low == high or low <= begin <= end <= high else EDGE

"""Which hours of the week are worked in, and time counted in them alone."""

from typing import NamedTuple

import numpy as np

from sim.units import DAY, HOUR

_WEEK = 7
_HOURS = DAY // HOUR
_WORKDAYS = 5
_HALF = HOUR // 2
_SHIFT = 16  # half hours of a working day
_BULK = 0.9  # share of the events that the hours hold whose middle one is the measure


def open_hours(ticks: np.ndarray, first_weekday: int, least: float) -> np.ndarray:
    """Hours of the week that count as open, bool[7, 24], from Monday.

    ticks : i8[n], of events; least : share of the events of the middle hour. The middle is the
    median of the busiest hours that hold nine tenths of the events.
    """
    counts = by_hour_of_week(ticks, first_weekday)
    ordered = np.sort(counts.ravel())[::-1]
    if not ordered.any():
        return np.ones((_WEEK, _HOURS), bool)
    bulk = ordered[: int(np.searchsorted(np.cumsum(ordered), _BULK * ordered.sum())) + 1]
    return counts >= max(least * float(np.median(bulk)), 1e-9)


def by_hour_of_week(ticks: np.ndarray, first_weekday: int) -> np.ndarray:
    """Events by weekday and hour, i8[7, 24]."""
    hours = (ticks // HOUR + first_weekday * _HOURS) % (_WEEK * _HOURS)
    return np.bincount(hours, minlength=_WEEK * _HOURS).reshape(_WEEK, _HOURS)


def periods(hours: np.ndarray) -> list[tuple[int, int]]:
    """Runs of open parts of a day, bool[n]: (from, until)."""
    edges = np.diff(np.concatenate([[0], hours.astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist()))


class Office(NamedTuple):
    """open : bool[48], half hours of the day; weekend : whether that is so on weekends, too."""

    open: np.ndarray
    weekend: bool


def office(
    ticks: np.ndarray, resource: np.ndarray, first_weekday: int, least: float, few: int
) -> Office:
    """The hours of those who keep office hours, where some do: whoever is hardly ever at work at
    weekends. Their hours would else be lost among those of others who work on.

    ticks, resource : i8[n], of work begun, -1 where nobody is known; least : share of the events of
    the middle half hour of a working day from which on one counts as open, of a weekday's from
    which on weekends do, and of all events from which on those with office hours count; few :
    events below which nobody is told apart.
    """
    weekend = (ticks // DAY + first_weekday) % _WEEK >= _WORKDAYS
    chosen = np.ones(len(ticks), bool)
    if (resource >= 0).any():
        size = int(resource.max()) + 1
        known = np.maximum(resource, 0)
        every = np.bincount(known, resource >= 0, size)
        ends = np.bincount(known, weekend & (resource >= 0), size)
        closed = (every >= few) & ~_goes_on(ends, every, least)
        own = closed[known] & (resource >= 0)
        chosen = own if own.mean() >= least else chosen
    halves = np.bincount(ticks[chosen] % DAY // _HALF, ~weekend[chosen], DAY // _HALF)
    busy = np.sort(halves)[-_SHIFT:]
    hours = halves >= max(least * float(np.median(busy)), 1)
    return Office(hours, bool(_goes_on(weekend[chosen].sum(), chosen.sum(), least)))


def _goes_on(ends, every, least: float):
    """Whether work goes on at weekends as on weekdays, or at `least` of that."""
    days = _WEEK - _WORKDAYS
    return ends / days >= least * (every - ends) / _WORKDAYS


class OpenTime:
    """The clock that runs in open hours alone, from tick `begin` on over `n_days` days."""

    def __init__(self, hours: np.ndarray, first_weekday: int, begin_day: int, n_days: int):
        """hours : bool[7, 24], at least one of them open."""
        days = (np.arange(begin_day, begin_day + n_days) + first_weekday) % _WEEK
        worked = hours[days].ravel().astype(np.int64) * HOUR
        self._edges = (begin_day * DAY + np.arange(worked.size + 1) * HOUR).astype(np.int64)
        self._open = np.concatenate([[0], np.cumsum(worked)])

    def at(self, ticks: np.ndarray) -> np.ndarray:
        """Open time that has passed at ticks, f8."""
        return np.interp(ticks, self._edges, self._open)

    def tick(self, opened: np.ndarray) -> np.ndarray:
        """The first tick at which so much open time has passed, f8; clipped to the end."""
        place = np.searchsorted(self._open, opened, side="left")
        place = np.clip(place, 1, self._open.size - 1)
        return self._edges[place] - np.maximum(self._open[place] - opened, 0.0)

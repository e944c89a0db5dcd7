"""Days, opening hours, batch releases and limits.

`calendar_from` turns the plain `calendar` configuration into a `Calendar`: a tuple of arrays
that compiled code can take. The functions below it answer questions about it with integers
alone. All times are ticks [s] since 00:00 on the start date; every interval is half open,
[start, end). Nothing is known past the last day: a tick that would lie there is NEVER.
"""

import datetime
import difflib
import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.codes import CLOCK_HOURS, DAY_TYPES, HOLIDAY, WEEKEND, WORKDAY, WORKING_HOURS
from sim.errors import InputError
from sim.jit import jit
from sim.units import DAY, HOUR, MINUTE, NEVER

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ORDINARY_WEEK = (WORKDAY,) * 5 + (WEEKEND,) * 2


class Calendar(NamedTuple):
    """Arrays of D days, O openings, R releases, S segments and Q release ticks.

    The segments of an opening (its open periods) stand together, sorted and disjoint, and
    `seg_first[o, d]` is the first of them on or after day d, so that a lookup needs no search;
    `seg_first[o, D]` is one past its last. The release ticks are kept in the same way.
    """

    day_type: np.ndarray  # i1[D], DAY_TYPES
    month: np.ndarray  # i1[D], 0 = January
    weekday: np.ndarray  # i1[D], 0 = Monday
    seg_start: np.ndarray  # i8[S], tick
    seg_end: np.ndarray  # i8[S], tick
    seg_shift: np.ndarray  # i1[S], shift of its opening, 0-based
    seg_first: np.ndarray  # i4[O, D + 1]
    open_before: np.ndarray  # i8[O, D + 1], open time before each day [ticks]
    release_tick: np.ndarray  # i8[Q]
    release_first: np.ndarray  # i4[R, D + 1]


@dataclass(frozen=True)
class CalendarNames:
    """What the rows of a Calendar are called and what they cost."""

    openings: tuple[str, ...]
    releases: tuple[str, ...]
    n_shifts: tuple[int, ...]
    """Shifts of each opening."""
    week_hours: tuple[tuple[float, ...], ...]
    """Per opening and shift: paid hours of one seat in a week without holidays [h]."""
    known_days: int
    """Days from the start for which holidays are on record; later days are ordinary weeks."""


# Building ------------------------------------------------------------------------------


def check_keys(
    config: Any, key: str, required: Iterable[str], optional: Iterable[str] = ()
) -> Mapping[str, Any]:
    """`config` itself, if it is a mapping with all required keys and no unknown one.

    key : full name of `config`, for the message. Raises InputError.
    """
    if not isinstance(config, Mapping):
        raise InputError(f"{key}: {config!r} is not a mapping of names to values")
    required, allowed = list(required), [*required, *optional]
    for name in config:
        if name not in allowed:
            near = difflib.get_close_matches(str(name), allowed, 1)
            hint = f" (did you mean '{near[0]}'?)" if near else ""
            raise InputError(f"{key}.{name}: no such key{hint}; allowed: {', '.join(allowed)}")
    for name in required:
        if name not in config:
            raise InputError(f"{key}.{name}: missing; {key} needs {', '.join(required)}")
    return config


def calendar_from(
    config: Mapping, start: datetime.date, n_days: int
) -> tuple[Calendar, CalendarNames]:
    """Build the calendar of `n_days` days from `start`.

    config : plain nested mapping with `openings`, `releases` and, optionally, `holidays`,
        `makeup_workdays` and `covers` (the dates between which the holidays are complete).
    n_days : horizon plus the slack that limits and batches may need [days], at least 1.
    Raises InputError, naming the full key.
    """
    optional = ("holidays", "makeup_workdays", "covers")
    check_keys(config, "calendar", ("openings", "releases"), optional)
    if n_days < 1:
        raise InputError(f"calendar: a horizon of {n_days} days; at least 1 is needed")
    dates = np.datetime64(start, "D") + np.arange(n_days)
    weekday = (start.weekday() + np.arange(n_days)) % len(WEEKDAYS)
    day_type = _day_types(config, start, weekday)
    openings = _entries(config, "openings", _opening)
    releases = _entries(config, "releases", _release)
    calendar = Calendar(
        day_type.astype(np.int8),
        (dates.astype("M8[M]").astype(np.int64) % 12).astype(np.int8),
        weekday.astype(np.int8),
        *_segments(openings.values(), day_type),
        *_release_ticks(releases.values(), day_type, weekday),
    )
    names = CalendarNames(
        tuple(openings),
        tuple(releases),
        tuple(opening.n_shifts for opening in openings.values()),
        tuple(opening.hours(_ORDINARY_WEEK) for opening in openings.values()),
        _known_days(config, start, n_days),
    )
    return calendar, names


class _Opening(NamedTuple):
    day_types: frozenset[int]
    periods: list[tuple[int, int, int]]  # start, end [ticks of the day], shift; sorted
    n_shifts: int

    def hours(self, days: Sequence[int]) -> tuple[float, ...]:
        """Hours of each shift on days of these types [h]."""
        ticks = [0] * self.n_shifts
        for start, end, shift in self.periods:
            ticks[shift] += end - start
        n_days = sum(day_type in self.day_types for day_type in days)
        return tuple(n_days * total / HOUR for total in ticks)


class _Release(NamedTuple):
    day_types: frozenset[int]
    weekdays: frozenset[int]
    at: list[int]  # ticks of the day, sorted


def _entries(config: Mapping, group: str, build: Callable[[Any, str], Any]) -> dict[str, Any]:
    entries = config[group]
    if not isinstance(entries, Mapping) or not entries:
        raise InputError(f"calendar.{group}: {entries!r}; at least one named entry is needed")
    return {name: build(entry, f"calendar.{group}.{name}") for name, entry in entries.items()}


def _opening(entry: Any, key: str) -> _Opening:
    check_keys(entry, key, ("days", "shifts"))
    periods = []
    for shift, listed in enumerate(_list(entry["shifts"], f"{key}.shifts")):
        for k, period in enumerate(_list(listed, f"{key}.shifts[{shift}]")):
            place = f"{key}.shifts[{shift}][{k}]"
            if not isinstance(period, Sequence) or isinstance(period, str) or len(period) != 2:
                raise InputError(f"{place}: {period!r} is not a period [from, to]")
            begin, end = (_time_of_day(text, place) for text in period)
            if begin >= end:
                raise InputError(f"{place}: {period!r} ends before it starts; split it at 24:00")
            periods.append((begin, end, shift))
    periods.sort()
    for (_, end, _), (begin, _, _) in itertools.pairwise(periods):
        if begin < end:
            raise InputError(f"{key}.shifts: periods overlap; shifts of an opening are disjoint")
    return _Opening(_codes(entry["days"], DAY_TYPES, f"{key}.days"), periods, len(entry["shifts"]))


def _release(entry: Any, key: str) -> _Release:
    check_keys(entry, key, ("days", "at"), ("weekdays",))
    at = {_time_of_day(text, f"{key}.at") for text in _list(entry["at"], f"{key}.at")}
    if DAY in at:
        raise InputError(f"{key}.at: '24:00' belongs to the next day; write '00:00'")
    return _Release(
        _codes(entry["days"], DAY_TYPES, f"{key}.days"),
        _codes(entry.get("weekdays", WEEKDAYS), WEEKDAYS, f"{key}.weekdays"),
        sorted(at),
    )


def _list(value: Any, key: str) -> Sequence:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise InputError(f"{key}: {value!r}; a list of at least one item is needed")
    return value


def _codes(values: Any, names: Sequence[str], key: str) -> frozenset[int]:
    for value in _list(values, key):
        if value not in names:
            raise InputError(f"{key}: {value!r} is none of {', '.join(names)}")
    return frozenset(names.index(value) for value in values)


def _time_of_day(text: Any, key: str) -> int:
    """'HH:MM' in ticks of the day, up to '24:00'."""
    match = re.fullmatch(r"(\d\d):([0-5]\d)", str(text))
    ticks = int(match[1]) * HOUR + int(match[2]) * MINUTE if match else NEVER
    if ticks > DAY:
        raise InputError(f"{key}: {text!r} is not a time '00:00' to '24:00' (write it in quotes)")
    return ticks


def _date(value: Any, key: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(str(value))
    except ValueError:
        raise InputError(f"{key}: {value!r} is not a date YYYY-MM-DD") from None


def _from_to(entry: Any, key: str) -> tuple[datetime.date, datetime.date]:
    first, last = _date(entry["from"], f"{key}.from"), _date(entry["to"], f"{key}.to")
    if first > last:
        raise InputError(f"{key}.to: {last} is before {key}.from, {first}")
    return first, last


def _day_types(config: Mapping, start: datetime.date, weekday: np.ndarray) -> np.ndarray:
    day_type = np.array(_ORDINARY_WEEK)[weekday]
    holidays = set()
    for k, entry in enumerate(config.get("holidays") or ()):
        key = f"calendar.holidays[{k}]"
        first, last = _from_to(check_keys(entry, key, ("from", "to"), ("name",)), key)
        holidays |= {first.toordinal() + day for day in range((last - first).days + 1)}
    workdays = set()
    for k, value in enumerate(config.get("makeup_workdays") or ()):
        key = f"calendar.makeup_workdays[{k}]"
        date = _date(value, key)
        if date.toordinal() in holidays or _ORDINARY_WEEK[date.weekday()] == WORKDAY:
            raise InputError(f"{key}: {date} must be a Saturday or Sunday that is no holiday")
        workdays.add(date.toordinal())
    for days, code in ((holidays, HOLIDAY), (workdays, WORKDAY)):
        offsets = np.array(sorted(days), np.int64) - start.toordinal()
        day_type[offsets[(offsets >= 0) & (offsets < day_type.size)]] = code
    return day_type


def _known_days(config: Mapping, start: datetime.date, n_days: int) -> int:
    if config.get("covers") is None:
        return n_days
    key = "calendar.covers"
    first, last = _from_to(check_keys(config["covers"], key, ("from", "to")), key)
    if not first <= start <= last:
        raise InputError(f"{key}: the start date {start} is outside {first} to {last}")
    return min(n_days, (last - start).days + 1)


def _daily(on: np.ndarray, ticks: np.ndarray) -> np.ndarray:
    """The ticks of the day `ticks`, on each day that is `on`, as ticks since the start."""
    return (np.flatnonzero(on)[:, None] * DAY + ticks).ravel()


def _by_day(counts: list[np.ndarray]) -> np.ndarray:
    """i4[rows, D + 1]: index of the first item on or after each day, rows concatenated."""
    before = np.cumsum([0] + [count.sum() for count in counts[:-1]])
    within = np.cumsum([np.append(0, count) for count in counts], axis=1)
    return (before[:, None] + within).astype(np.int32)


def _segments(openings: Iterable[_Opening], day_type: np.ndarray) -> tuple[np.ndarray, ...]:
    """seg_start, seg_end, seg_shift, seg_first, open_before of a Calendar."""
    starts, ends, shifts, counts, lengths = [], [], [], [], []
    for opening in openings:
        on = np.isin(day_type, list(opening.day_types))
        begin, end, shift = np.array(opening.periods, np.int64).T
        starts.append(_daily(on, begin))
        ends.append(_daily(on, end))
        shifts.append(np.tile(shift, on.sum()).astype(np.int8))
        counts.append(on * shift.size)
        lengths.append(np.append(0, on * (end - begin).sum()))
    joined = (np.concatenate(parts) for parts in (starts, ends, shifts))
    return *joined, _by_day(counts), np.cumsum(lengths, axis=1)


def _release_ticks(
    releases: Iterable[_Release], day_type: np.ndarray, weekday: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """release_tick, release_first of a Calendar."""
    ticks, counts = [], []
    for release in releases:
        on = np.isin(day_type, list(release.day_types)) & np.isin(weekday, list(release.weekdays))
        ticks.append(_daily(on, np.array(release.at, np.int64)))
        counts.append(on * len(release.at))
    return np.concatenate(ticks), _by_day(counts)


# Asking --------------------------------------------------------------------------------


@jit
def segment_at(cal, opening, t):
    """Index of the segment of `opening` that holds tick t, or -1 while closed."""
    day = t // DAY
    if day < 0 or day >= cal.day_type.size:
        return -1
    for i in range(cal.seg_first[opening, day], cal.seg_first[opening, day + 1]):
        if cal.seg_start[i] <= t < cal.seg_end[i]:
            return i
    return -1


@jit
def shift_at(cal, opening, t):
    """Shift of `opening` on duty at tick t, or -1 while closed."""
    i = segment_at(cal, opening, t)
    return cal.seg_shift[i] if i >= 0 else -1


@jit
def next_start(cal, opening, t):
    """First start of a segment of `opening` after tick t [tick], or NEVER."""
    day = max(t // DAY, 0)
    n_days = cal.day_type.size
    if day >= n_days:
        return NEVER
    for i in range(cal.seg_first[opening, day], cal.seg_first[opening, n_days]):
        if cal.seg_start[i] > t:
            return cal.seg_start[i]
    return NEVER


@jit
def open_until(cal, opening, t):
    """Open time of `opening` in [0, t) [ticks]; past the last day there is none."""
    if t <= 0:
        return 0
    day = t // DAY
    n_days = cal.day_type.size
    if day >= n_days:
        return cal.open_before[opening, n_days]
    total = cal.open_before[opening, day]
    for i in range(cal.seg_first[opening, day], cal.seg_first[opening, day + 1]):
        total += max(0, min(t, cal.seg_end[i]) - cal.seg_start[i])
    return total


@jit
def open_ticks(cal, opening, a, b):
    """Open time of `opening` in [a, b) [ticks]; a <= b."""
    return open_until(cal, opening, b) - open_until(cal, opening, a)


@jit
def add_open(cal, opening, t, ticks):
    """First tick at which `ticks` of open time have passed since t; t itself for 0; or NEVER."""
    if ticks <= 0:
        return t
    target = open_until(cal, opening, t) + ticks
    low, high = max(t // DAY, 0), cal.day_type.size
    if low >= high or target > cal.open_before[opening, high]:
        return NEVER
    while high - low > 1:  # open_before[low] < target <= open_before[high]
        middle = (low + high) // 2
        if cal.open_before[opening, middle] < target:
            low = middle
        else:
            high = middle
    rest = target - cal.open_before[opening, low]
    i = cal.seg_first[opening, low]
    while rest > cal.seg_end[i] - cal.seg_start[i]:
        rest -= cal.seg_end[i] - cal.seg_start[i]
        i += 1
    return cal.seg_start[i] + rest


@jit
def next_release(cal, release, t):
    """Smallest tick of `release` that is >= t, or NEVER; t itself where release < 0 (NONE)."""
    if release < 0:
        return t
    day = max(t // DAY, 0)
    n_days = cal.day_type.size
    if day >= n_days:
        return NEVER
    for i in range(cal.release_first[release, day], cal.release_first[release, n_days]):
        if cal.release_tick[i] >= t:
            return cal.release_tick[i]
    return NEVER


@jit
def add_limit(cal, office, t, value, unit):
    """Tick by which work noticed at tick t must be closed, or NEVER.

    value : ticks for CLOCK_HOURS and WORKING_HOURS, days for WORKING_DAYS.
    unit : LIMIT_UNITS. Clock hours run on always. Working hours run while the opening `office`
        is open. A limit of n working days ends with the last segment of the n-th day after the
        day of t on which `office` opens: the day of t itself does not count.
    """
    if unit == CLOCK_HOURS:
        return t + value
    if unit == WORKING_HOURS:
        return add_open(cal, office, t, value)
    left = value
    for day in range(max(t // DAY + 1, 0), cal.day_type.size):
        after = cal.seg_first[office, day + 1]
        if after > cal.seg_first[office, day]:
            left -= 1
            if left <= 0:
                return cal.seg_end[after - 1]
    return NEVER

"""The stream of incidents: what occurs, drawn by key, alike under every policy.

An incident's key says where it comes from: (entity class, day, district, kind, k). Each cell
(day, district, kind) draws its count by inversion of one uniform, so neither the size of the
chunks nor anything that happens in the city can change what occurs.
"""

import datetime
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim import draws
from sim.codes import GRADE_IV, GRID, HOTLINE, NONE, PATROL, SENSOR
from sim.draws import (
    OF_BACKGROUND,
    OF_CONSULTATION,
    OF_FALSE_ALARM,
    OF_INCIDENT,
    OF_TRIVIAL,
    index_of,
    poisson,
    uniform,
)
from sim.durations import relative_duration
from sim.handle import Handle
from sim.jit import jit
from sim.rows import (
    I_BASE,
    I_DISTRICT,
    I_DUPLICATES,
    I_ENTITY,
    I_GIVEN,
    I_GRID,
    I_KEY,
    I_KIND,
    I_OCCURRED,
    I_PARTNERS,
    I_SEVERITY,
    I_TIER,
    I_TOWNSHIP,
    TOWNSHIP_BIT,
    TOWNSHIP_BRANCH,
)
from sim.units import DAY, HOUR

EPOCH = datetime.date(2000, 1, 1)
"""Day 0 of incident keys."""

_KIND_BITS, _DISTRICT_BITS, _DAY_BITS, _K_BITS = 8, 12, 16, 24
_OF_STORM = 1 << 16
"""Numbers within a cell from which each stated storm has so many of its own."""

_DRAWN = 1 << (_K_BITS - 1)
MOST_STORMS = _DRAWN // _OF_STORM - 1

_TYPE_BITS, _BACK_BITS, _SAME_BITS = 3, 4, 3
_OF_DRAWN = _DRAWN >> (_TYPE_BITS + _BACK_BITS + _SAME_BITS)
"""Numbers within a cell that each drawn storm has of its own, in the upper half of the numbers: by
its type, the days since it began, and which of its type it is of those that began that day."""

MOST_TYPES, MOST_OF_A_DAY = 1 << _TYPE_BITS, 1 << _SAME_BITS
LONGEST_STORM = (1 << _BACK_BITS) - 1
"""Types of drawn storms, how many of a type can begin on one day, how long one lasts [days]."""


class Rates(NamedTuple):
    """Arrays that the stream is drawn from. D districts, K kinds, T townships, P departments."""

    first_day: int  # day of the start date, counted from EPOCH: one date, one set of incidents
    daily: np.ndarray  # f8[D, K], mean incidents of an average day
    day_factor: np.ndarray  # f8[K, 3], by day type
    season: np.ndarray  # f8[K, 12], by month
    hour: np.ndarray  # f8[K, 24], share of the day's incidents in each hour
    city_factor: np.ndarray  # f8[points], quantiles of the city's day factor, mean 1
    district_factor: np.ndarray  # f8[points], of the districts' day factors, mean 1
    first_township: np.ndarray  # i4[D + 1]
    township_share: np.ndarray  # f8[K, T], share of the district's incidents, cumulated
    first_grid: np.ndarray  # i4[T + 1]
    severity: np.ndarray  # f8[K, 4]
    tier: np.ndarray  # f8[K, 4]
    base: np.ndarray  # f8[K, 4], channel mix without sensors
    joint: np.ndarray  # f8[K, P]
    joint_township: np.ndarray  # f8[K]
    duplicates: np.ndarray  # f8[K]
    alarms: np.ndarray  # f8[K], false alarms per incident, all sensors being in place
    consultations: np.ndarray  # f8[K], calls that only ask, per incident
    storm_from: np.ndarray  # i8[storms], tick at which each begins
    storm_to: np.ndarray  # i8[storms], tick at which it is over
    storm_rate: np.ndarray  # f8[storms, D, K], what it adds [incidents a tick]
    trivial: np.ndarray  # f8[K], self-reported trivial events per incident, all being reported
    storm_alarms: np.ndarray  # f8[storms], false alarms that it adds, relative to `alarms`
    storm_number: np.ndarray  # i8[storms], its first number in a cell of the day it begins
    drawn_daily: np.ndarray  # f8[types, 12], storms of each type that begin on a day, by month
    drawn_time: np.ndarray  # f8[types], their mean length [ticks]
    drawn_quantile: np.ndarray  # f8[types, points], quantiles of the length, mean 1
    drawn_reach: np.ndarray  # f8[types], probability that it goes over to a neighbouring district
    drawn_extra: np.ndarray  # f8[types, K], what it adds, relative to the ordinary rate
    drawn_alarms: np.ndarray  # f8[types], false alarms that it adds, relative to `alarms`
    neighbour_start: np.ndarray  # i4[D + 1], as in City
    neighbours: np.ndarray  # i4[]
    background_daily: np.ndarray  # f8[B], background tasks of an average day
    background_desk: np.ndarray  # i8[B], desk that each of the B burdens falls on


_ENTITIES = (OF_INCIDENT, OF_FALSE_ALARM, OF_CONSULTATION)
"""What occurs in each cell, by the rates of its kind."""


def pack_key(entity, day, district, kind, k):
    """Incident key, int64: entity class, day, district, kind, running number in the cell."""
    return (
        ((entity << _DAY_BITS | day) << _DISTRICT_BITS | district) << _KIND_BITS | kind
    ) << _K_BITS | k


_pack = jit(pack_key)


def unpack_key(key: int) -> tuple[int, int, int, int, int]:
    """(entity class, day, district, kind, k) of an incident key."""
    parts = []
    for width in (_K_BITS, _KIND_BITS, _DISTRICT_BITS, _DAY_BITS):
        parts.append(key & ((1 << width) - 1))
        key = key >> width  # not in place: it may be the caller's array
    k, kind, district, day = parts
    return key, day, district, kind, k


def describe_key(key: int) -> str:
    """An incident key in words."""
    _, day, district, kind, k = unpack_key(int(key))
    date = EPOCH + datetime.timedelta(days=day)
    return f"incident {key} ({date}, district {district}, kind {kind}, number {k})"


@jit
def _moment(u, hours):
    """Tick of the day by inversion of the hourly profile (shares, constant within the hour)."""
    total = 0.0
    for hour in range(24):
        if u < total + hours[hour] or hour == 23:
            within = (u - total) / hours[hour] if hours[hour] > 0.0 else 0.0
            return min(int((hour + within) * HOUR), DAY - 1)
        total += hours[hour]
    return DAY - 1


@jit
def _place(u, rates, district, kind):
    """(township, grid) by inversion of the cumulated shares; grids of a township alike."""
    low, high = rates.first_township[district], rates.first_township[district + 1] - 1
    first = low
    cumulated = rates.township_share[kind]
    while low < high:
        middle = (low + high) // 2
        if u < cumulated[middle]:
            high = middle
        else:
            low = middle + 1
    below = cumulated[low - 1] if low > first else 0.0
    within = (u - below) / max(cumulated[low] - below, 1e-300)
    n = rates.first_grid[low + 1] - rates.first_grid[low]
    return low, rates.first_grid[low] + min(int(max(within, 0.0) * n), n - 1)


@jit
def fill(seed, rates, row, entity, key, day, district, kind):
    """Draw what an incident is; day : of the horizon, 0-based."""
    row[I_KEY], row[I_ENTITY], row[I_KIND], row[I_DISTRICT] = key, entity, kind, district
    u = uniform(seed, entity, key, draws.MOMENT)
    row[I_OCCURRED] = day * DAY + _moment(u, rates.hour[kind])
    u = uniform(seed, entity, key, draws.PLACE)
    row[I_TOWNSHIP], row[I_GRID] = _place(u, rates, district, kind)
    u = uniform(seed, entity, key, draws.SEVERITY)
    row[I_SEVERITY] = index_of(u, rates.severity[kind])
    row[I_TIER] = index_of(uniform(seed, entity, key, draws.TIER), rates.tier[kind])
    row[I_GIVEN] = NONE
    row[I_PARTNERS] = row[I_DUPLICATES] = 0
    if entity == OF_FALSE_ALARM:
        row[I_BASE] = SENSOR
        return
    if entity == OF_CONSULTATION:
        row[I_BASE], row[I_SEVERITY] = HOTLINE, GRADE_IV
        return
    row[I_BASE] = index_of(uniform(seed, entity, key, draws.CHANNEL), rates.base[kind])
    u = uniform(seed, entity, key, draws.DUPLICATES)
    row[I_DUPLICATES] = poisson(u, rates.duplicates[kind])
    partners = 0
    for p in range(rates.joint.shape[1]):
        if rates.joint[kind, p] > 0.0:
            u = uniform(seed, entity, key, draws.PARTNER, 0, 0, p + 1)
            if u < rates.joint[kind, p]:
                partners |= 1 << p
    if rates.joint_township[kind] > 0.0:
        u = uniform(seed, entity, key, draws.PARTNER, 0, 0, TOWNSHIP_BRANCH)
        if u < rates.joint_township[kind]:
            partners |= 1 << TOWNSHIP_BIT
    row[I_PARTNERS] = partners


@jit(allocates=True)
def _counts(seed, rates, cal, day):
    """Incidents, false alarms and consultations of each cell of a day, i8[3, D, K]."""
    n_districts, n_kinds = rates.daily.shape
    counts = np.zeros((len(_ENTITIES), n_districts, n_kinds), np.int64)
    date = rates.first_day + day
    u = uniform(seed, draws.OF_WORLD, date, draws.CITY_DAY)
    city = relative_duration(u, rates.city_factor)
    day_type, month = cal.day_type[day], cal.month[day]
    for d in range(n_districts):
        u = uniform(seed, draws.OF_WORLD, date, draws.DISTRICT_DAY, 0, 0, d)
        factor = city * relative_duration(u, rates.district_factor)
        for k in range(n_kinds):
            mean = rates.daily[d, k] * factor
            mean *= rates.day_factor[k, day_type] * rates.season[k, month]
            ratios = (1.0, rates.alarms[k], rates.consultations[k])
            for i in range(len(_ENTITIES)):
                if ratios[i] > 0.0:
                    cell = _pack(_ENTITIES[i], date, d, k, 0)
                    u = uniform(seed, _ENTITIES[i], cell, draws.COUNT)
                    counts[i, d, k] = poisson(u, mean * ratios[i])
    return counts


@jit
def _numbers(rates, storm, day):
    """First number of a storm in the cells of a day, and how many numbers it has."""
    first = rates.storm_number[storm]
    if first < _DRAWN:
        return first, _OF_STORM
    return first + (day - rates.storm_from[storm] // DAY) * (_OF_DRAWN << _SAME_BITS), _OF_DRAWN


def drawn_number(storm_type: int, same: int) -> int:
    """First number of a drawn storm in the cells of the day on which it begins.

    same : which one of its type it is of those that begin on that day.
    """
    return _DRAWN + ((storm_type << (_BACK_BITS + _SAME_BITS)) + same) * _OF_DRAWN


def stated_numbers(n_storms: int) -> np.ndarray:
    """First numbers of stated storms in their cells, i8[n_storms]."""
    return (1 + np.arange(n_storms, dtype=np.int64)) * _OF_STORM


@jit(allocates=True)
def _of_storms(seed, rates, day):
    """What storms add on a day, in cells of their own, evenly over their hours of the day.

    Returns arrivals i8[n, I_GIVEN + 1].
    """
    n_storms, n_districts, n_kinds = rates.storm_rate.shape
    counts = np.zeros((n_storms, 2, n_districts, n_kinds), np.int64)
    date = rates.first_day + day
    for storm in range(n_storms):
        begin = max(rates.storm_from[storm], day * DAY)
        length = min(rates.storm_to[storm], (day + 1) * DAY) - begin
        if length <= 0:
            continue
        first, room = _numbers(rates, storm, day)
        for d in range(n_districts):
            for kind in range(n_kinds):
                mean = rates.storm_rate[storm, d, kind] * length
                ratios = (1.0, rates.storm_alarms[storm] * rates.alarms[kind])
                for i in range(2):
                    if mean * ratios[i] > 0.0:
                        cell = _pack(_ENTITIES[i], date, d, kind, first)
                        u = uniform(seed, _ENTITIES[i], cell, draws.COUNT)
                        counts[storm, i, d, kind] = min(poisson(u, mean * ratios[i]), room)
    rows = np.zeros((counts.sum(), I_GIVEN + 1), np.int64)
    n = 0
    for storm, i, d, kind in np.ndindex(counts.shape):
        for k in range(counts[storm, i, d, kind]):
            first, _ = _numbers(rates, storm, day)
            key = _pack(_ENTITIES[i], date, d, kind, first + k)
            fill(seed, rates, rows[n], _ENTITIES[i], key, day, d, kind)
            begin = max(rates.storm_from[storm], day * DAY)
            length = min(rates.storm_to[storm], (day + 1) * DAY) - begin
            moment = int(uniform(seed, _ENTITIES[i], key, draws.MOMENT) * length)
            rows[n, I_OCCURRED] = begin + moment
            n += 1
    return rows


@jit(allocates=True)
def _background(seed, rates, day):
    """Background tasks of a day, in cells of their own (one per burdened desk)."""
    n = 0
    counts = np.zeros(rates.background_daily.shape[0], np.int64)
    for b in range(counts.shape[0]):
        cell = _pack(OF_BACKGROUND, rates.first_day + day, b, 0, 0)
        counts[b] = poisson(
            uniform(seed, OF_BACKGROUND, cell, draws.COUNT), rates.background_daily[b]
        )
        n += counts[b]
    rows = np.zeros((n, I_GIVEN + 1), np.int64)
    i = 0
    for b in range(counts.shape[0]):
        for k in range(counts[b]):
            key = _pack(OF_BACKGROUND, rates.first_day + day, b, 0, k)
            row = rows[i]
            row[I_KEY], row[I_ENTITY] = key, OF_BACKGROUND
            moment = int(uniform(seed, OF_BACKGROUND, key, draws.MOMENT) * DAY)
            row[I_OCCURRED] = day * DAY + moment
            row[I_SEVERITY], row[I_BASE] = GRADE_IV, HOTLINE
            row[I_GIVEN] = rates.background_desk[b]
            i += 1
    return rows


@jit(allocates=True)
def _trivial(seed, rates, day):
    """Trivial events that grid workers may report of a day, in cells of their own: by the average
    day, since they follow the ranking and not what occurs."""
    n_districts, n_kinds = rates.daily.shape
    date = rates.first_day + day
    counts = np.zeros((n_districts, n_kinds), np.int64)
    for kind in range(n_kinds):
        if rates.trivial[kind] > 0.0:
            for d in range(n_districts):
                cell = _pack(OF_TRIVIAL, date, d, kind, 0)
                u = uniform(seed, OF_TRIVIAL, cell, draws.COUNT)
                counts[d, kind] = poisson(u, rates.daily[d, kind] * rates.trivial[kind])
    rows = np.zeros((counts.sum(), I_GIVEN + 1), np.int64)
    i = 0
    for d, kind in np.ndindex(counts.shape):
        for k in range(counts[d, kind]):
            key = _pack(OF_TRIVIAL, date, d, kind, k)
            fill(seed, rates, rows[i], OF_TRIVIAL, key, day, d, kind)
            rows[i, I_BASE], rows[i, I_SEVERITY], rows[i, I_TIER] = PATROL, GRADE_IV, GRID
            rows[i, I_PARTNERS] = rows[i, I_DUPLICATES] = 0
            i += 1
    return rows


@jit(allocates=True)
def day_of_incidents(seed, rates, cal, day):
    """Everything that occurs on a day: i8[n, I_GIVEN + 1], by (occurred, key)."""
    counts = _counts(seed, rates, cal, day)
    storms, background = _of_storms(seed, rates, day), _background(seed, rates, day)
    trivial = _trivial(seed, rates, day)
    n = counts.sum()
    rows = np.zeros((n, I_GIVEN + 1), np.int64)
    i = 0
    for e, d, kind in np.ndindex(counts.shape):
        for k in range(counts[e, d, kind]):
            key = _pack(_ENTITIES[e], rates.first_day + day, d, kind, k)
            fill(seed, rates, rows[i], _ENTITIES[e], key, day, d, kind)
            i += 1
    rows = np.concatenate((rows, storms, background, trivial))
    order = np.argsort(rows[:, I_KEY], kind="mergesort")  # ties go by key
    return rows[order[np.argsort(rows[:, I_OCCURRED][order], kind="mergesort")]]


def generate(
    seed: np.uint64, rates: Rates, cal, n_days: int, days_per_chunk: int = 1, since: int = 0
) -> Iterator[tuple[int, np.ndarray]]:
    """Chunks of the stream of `n_days` days, from day `since` on: (tick up to which it is complete,
    rows)."""
    rates_, cal_ = Handle(rates), Handle(cal)
    for first in range(since, n_days, days_per_chunk):
        last = min(first + days_per_chunk, n_days)
        days = [day_of_incidents(seed, rates_, cal_, day) for day in range(first, last)]
        yield last * DAY, days[0] if len(days) == 1 else np.concatenate(days)

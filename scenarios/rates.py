"""How often what occurs: from catalogue, city and calendar to the arrays of the stream."""

import datetime
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from scenarios.schema import StreamSettings
from scenarios.storm_types import build_storm_types
from sim.calendar import Calendar, check_keys
from sim.catalogue import Catalogue
from sim.city import City
from sim.codes import HOTLINE, PATROL, SENSOR, WEEKEND, WORKDAY
from sim.durations import FAMILIES, quantile_row
from sim.errors import InputError
from sim.stream import EPOCH, MOST_STORMS, Rates, stated_numbers
from sim.units import DAY, HOUR

_DAYS_OF_YEAR = 365.25


def build_rates(
    settings: StreamSettings,
    city: City,
    catalogue: Catalogue,
    year: Calendar,
    start: datetime.date,
    weight: float,
) -> Rates:
    """Rates of the stream; a year's total is per_resident x the city's population x weight, or
    365.25 x per_day where that is given.

    start : date of tick 0; weight : residents that each one stands for;
    year : calendar of the year from the start date, over which day and season factors average 1.
    """
    residents = city.township_population.astype(np.float64)
    # What each township counts for each kind, f8[K, T].
    counts = catalogue.landscape[:, city.township_landscape] * residents
    by_district = np.add.reduceat(counts, city.district_first_township[:-1], axis=1)
    per_day = settings.per_day
    if per_day is None:
        per_day = settings.per_resident * weight * residents.sum() / _DAYS_OF_YEAR
    total = counts.sum(axis=1, keepdims=True)
    daily = per_day * catalogue.share[:, None] * by_district / np.where(total > 0, total, 1)
    cumulated = np.cumsum(counts, axis=1)
    before = np.concatenate([np.zeros((len(counts), 1)), cumulated], axis=1)
    first = city.district_first_township
    earlier = before[:, first[:-1]][:, city.township_district]
    share = (cumulated - earlier) / np.maximum(by_district[:, city.township_district], 1e-300)
    day_factor, season = _normalised(catalogue, year)
    base = catalogue.channel.copy()
    base[:, SENSOR] = 0.0
    rest = base.sum(axis=1, keepdims=True)
    if (rest <= 0).any():  # a kind that only sensors see is noticed by them alone
        base[rest[:, 0] <= 0, SENSOR] = 1.0
        rest = base.sum(axis=1, keepdims=True)
    false = catalogue.false_alarms
    return Rates(
        first_day=(start - EPOCH).days,
        daily=np.ascontiguousarray(daily.T),
        day_factor=day_factor,
        season=season,
        hour=catalogue.hour / catalogue.hour.sum(axis=1, keepdims=True),
        city_factor=_factor(settings, city=True),
        district_factor=_factor(settings, city=False),
        first_township=city.district_first_township,
        township_share=share,
        first_grid=city.township_first_grid,
        severity=catalogue.severity,
        tier=catalogue.tier,
        base=base / rest,
        joint=catalogue.joint,
        joint_township=catalogue.joint_township,
        duplicates=catalogue.duplicates,
        alarms=catalogue.channel[:, SENSOR] * false / (1.0 - false),
        consultations=settings.consultations * base[:, HOTLINE] / rest[:, 0],
        **build_storms(settings.storms, start, daily.T, city, catalogue),
        trivial=np.zeros(len(catalogue.kinds)),
        **build_storm_types(settings, catalogue),
        neighbour_start=city.neighbour_start,
        neighbours=city.neighbours,
        background_daily=np.zeros(0),
        background_desk=np.zeros(0, np.int64),
    )


def build_storms(
    storms: Sequence[Any], start: datetime.date, daily: np.ndarray, city: City, catalogue: Catalogue
) -> dict[str, np.ndarray]:
    """The storm arrays of the rates from `stream.storms`.

    storms : mappings with `from` (date and time), `hours`, `factor` (of the ordinary rate of an
    average hour, the ordinary incidents included) and, unless all are meant, `kinds` and
    `districts`; daily : f8[D, K]. Raises InputError.
    """
    if len(storms) > MOST_STORMS:
        raise InputError(f"stream.storms: {len(storms)} storms; allowed: {MOST_STORMS} at most")
    begin, end = np.zeros((2, len(storms)), np.int64)
    rate = np.zeros((len(storms), *daily.shape))
    for i, storm in enumerate(storms):
        key = f"stream.storms[{i}]"
        check_keys(storm, key, ("from", "hours", "factor"), ("kinds", "districts"))
        for name, least in (("hours", 0), ("factor", 1)):
            value = storm[name]
            if not isinstance(value, (int, float)) or not least < value < math.inf:
                raise InputError(f"{key}.{name}: {value}; allowed: a number above {least}")
        kinds = [_kind(name, catalogue, f"{key}.kinds") for name in storm.get("kinds") or ()]
        named = storm.get("districts") or ()
        districts = [city.find_district(str(name), f"{key}.districts") for name in named]
        begin[i] = tick_of(storm["from"], start, f"{key}.from")
        end[i] = begin[i] + round(storm["hours"] * HOUR)
        where = np.ix_(districts or range(len(daily)), kinds or range(daily.shape[1]))
        rate[i][where] = (storm["factor"] - 1.0) * daily[where] / DAY
    return {
        "storm_from": begin,
        "storm_to": end,
        "storm_rate": rate,
        "storm_alarms": np.zeros(len(storms)),
        "storm_number": stated_numbers(len(storms)),
    }


def _kind(name: Any, catalogue: Catalogue, key: str) -> int:
    if name not in catalogue.kinds:
        raise InputError(f"{key}: '{name}'; allowed: {', '.join(catalogue.kinds)}")
    return catalogue.kinds.index(name)


def tick_of(text: Any, start: datetime.date, key: str) -> int:
    """Tick of a date and time such as 2024-11-04 08:00. Raises InputError."""
    try:
        moment = datetime.datetime.fromisoformat(str(text))
        since = moment - datetime.datetime.combine(start, datetime.time())
    except (ValueError, TypeError):
        raise InputError(f"{key}: '{text}'; allowed: a date and time YYYY-MM-DD HH:MM") from None
    return int(since.total_seconds())


def _normalised(catalogue: Catalogue, year: Calendar) -> tuple[np.ndarray, np.ndarray]:
    """Day factors scaled so that their product with the season averages 1 over the year."""
    product = catalogue.day[:, year.day_type] * catalogue.season[:, year.month]
    return catalogue.day / product.mean(axis=1, keepdims=True), catalogue.season.copy()


def _factor(settings: StreamSettings, *, city: bool) -> np.ndarray:
    """Quantiles of the city's or the districts' day factor; their product has day_cv."""
    variance = settings.day_cv**2
    of_city = settings.day_city_share * variance
    of_district = (1.0 + variance) / (1.0 + of_city) - 1.0
    cv = float(np.sqrt(of_city if city else of_district))
    return quantile_row(FAMILIES.index(settings.day_family), cv)


def ranked(rates: Rates, strength: float, per_patrol: float) -> Rates:
    """The same rates with the trivial events that grid workers may report where they are ranked.

    strength : lever of assessment; at 0 none would be kept, and none is drawn; per_patrol : how
    many there are for each incident that patrol would find, all being reported.
    """
    drawn = per_patrol if strength > 0 else 0.0
    return rates._replace(trivial=drawn * rates.base[:, PATROL])


def check_rates(stream: StreamSettings, rates: Rates) -> None:
    """Raises InputError when no incident can ever occur at the rates of a stream's settings."""
    if not rates.daily.sum() > 0:
        key = "per_resident" if stream.per_day is None else "per_day"
        key = key if stream.volume > 0 else "volume"
        raise InputError(
            f"stream.{key}: {getattr(stream, key)}; a stream without incidents has nothing to "
            "simulate; allowed: above 0"
        )


def only_district(rates: Rates, district: int) -> Rates:
    """The same rates with nothing in the other districts."""
    daily, storm_rate = np.zeros_like(rates.daily), np.zeros_like(rates.storm_rate)
    daily[district] = rates.daily[district]
    storm_rate[:, district] = rates.storm_rate[:, district]
    return rates._replace(daily=daily, storm_rate=storm_rate)


def with_background(rates: Rates, hours: np.ndarray, minutes: float) -> Rates:
    """The same rates and, at each city desk, background tasks for so many seat hours a week.

    hours : f8[city places]; minutes : seat time of a task.
    """
    daily = hours * 60.0 / max(minutes, 1e-9) / 7.0
    burdened = np.flatnonzero(daily > 0)
    return rates._replace(
        background_daily=daily[burdened], background_desk=burdened.astype(np.int64)
    )


def scaled(rates: Rates, factor: float) -> Rates:
    """The same rates at another volume."""
    return rates._replace(daily=rates.daily * factor, storm_rate=rates.storm_rate * factor)


def with_alarms(rates: Rates, factor: float) -> Rates:
    """The same rates with so many times the false alarms."""
    return rates._replace(alarms=rates.alarms * factor)


def average_weeks(rates: Rates) -> Rates:
    """The same rates with every week an average one: no day factors, seasons or storms."""
    week = rates.day_factor[:, [WORKDAY] * 5 + [WEEKEND] * 2].mean(axis=1, keepdims=True)
    return rates._replace(
        day_factor=rates.day_factor / np.where(week > 0, week, 1.0),
        season=np.ones_like(rates.season),
        city_factor=np.ones_like(rates.city_factor),
        district_factor=np.ones_like(rates.district_factor),
        storm_rate=np.zeros_like(rates.storm_rate),
        drawn_daily=np.zeros_like(rates.drawn_daily),
    )

"""How often what occurs: from catalogue, city and calendar to the arrays of the stream."""

import datetime

import numpy as np

from scenarios.schema import StreamSettings
from sim.calendar import Calendar
from sim.catalogue import Catalogue
from sim.city import City
from sim.codes import SENSOR, WEEKEND, WORKDAY
from sim.durations import FAMILIES, quantile_row
from sim.stream import EPOCH, Rates

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
        background_daily=np.zeros(0),
        background_desk=np.zeros(0, np.int64),
    )


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


def only_district(rates: Rates, district: int) -> Rates:
    """The same rates with nothing in the other districts."""
    daily = np.zeros_like(rates.daily)
    daily[district] = rates.daily[district]
    return rates._replace(daily=daily)


def scaled(rates: Rates, factor: float) -> Rates:
    """The same rates at another volume."""
    return rates._replace(daily=rates.daily * factor)


def average_weeks(rates: Rates) -> Rates:
    """The same rates with every week an average one: neither day factors nor seasons."""
    week = rates.day_factor[:, [WORKDAY] * 5 + [WEEKEND] * 2].mean(axis=1, keepdims=True)
    return rates._replace(
        day_factor=rates.day_factor / np.where(week > 0, week, 1.0),
        season=np.ones_like(rates.season),
        city_factor=np.ones_like(rates.city_factor),
        district_factor=np.ones_like(rates.district_factor),
    )

"""When cases arrive: their rate, how it goes with hour, weekday and month, and how unlike days are.

Counts of days are taken as Poisson with a mean that goes by weekday times a factor of the day, of
mean 1: so their variance is m + cv^2 m^2, and Pearson's dispersion 1 + cv^2 m (quasi-Poisson;
McCullagh and Nelder 1989, section 6.2).
"""

from typing import NamedTuple

import numpy as np

from analysis.fitting.estimate import NOTHING, Estimate, between
from sim.units import DAY, HOUR

_WEEK = 7
_HOURS = DAY // HOUR
_YEAR = 365


class Arrivals(NamedTuple):
    """per_day, dispersion (1: Poisson) and cv of the day factor, each with its interval; p_poisson
    : probability of a dispersion as large if days were Poisson; hour[24] : shares; weekday[7],
    from Monday : rate relative to the mean; day_type : likewise by the codes given; month[12] :
    likewise, empty for less than a year. counts : i8[days]."""

    per_day: Estimate
    dispersion: Estimate
    cv: Estimate
    p_poisson: float | None
    hour: list[Estimate]
    weekday: list[Estimate]
    day_type: list[Estimate]
    month: list[Estimate]
    counts: np.ndarray


def arrivals(
    ticks: np.ndarray,
    n_days: int,
    weekday: np.ndarray,
    day_type: np.ndarray,
    month: np.ndarray,
    resamples: int,
    rng: np.random.Generator,
) -> Arrivals:
    """Estimates from arrivals within the first `n_days` days.

    ticks : i8[n], from midnight of the first day; weekday (0 Monday), day_type, month (0 January)
    : i8[n_days], of each day. At least one day and one arrival.
    """
    inside = ticks[(ticks >= 0) & (ticks < n_days * DAY)]
    table = np.bincount(inside // HOUR, minlength=n_days * _HOURS).reshape(n_days, _HOURS)
    counts = table.sum(axis=1)
    groups = _groups(weekday, n_days)
    per_day, dispersion, p = _rate(counts, groups)
    chosen = rng.integers(0, n_days, (resamples, n_days))
    by_hour = table[chosen].sum(axis=1)
    totals = np.maximum(by_hour.sum(axis=1), 1)
    n = len(inside)
    hours = table.sum(axis=0) / max(n, 1)
    return Arrivals(
        per_day,
        *_spread(counts, groups, dispersion, resamples, rng),
        p,
        [between(hours[h], by_hour[:, h] / totals, n) for h in range(_HOURS)],
        _relative(counts, weekday, _WEEK, chosen),
        _relative(counts, day_type, 3, chosen),
        _relative(counts, month, 12, chosen) if n_days >= _YEAR else [],
        counts,
    )


def _groups(weekday: np.ndarray, n_days: int) -> np.ndarray:
    """What days are alike by: the weekday, where each is seen twice."""
    return weekday if n_days >= 2 * _WEEK else np.zeros(n_days, np.int64)


def _pearson(counts: np.ndarray, groups: np.ndarray) -> tuple[float, int]:
    """Dispersion about the means of the groups, and its degrees of freedom."""
    sizes = np.bincount(groups)
    means = np.bincount(groups, counts) / np.maximum(sizes, 1)
    expected = means[groups]
    df = len(counts) - int((sizes > 0).sum())
    squares = (counts - expected) ** 2 / np.where(expected > 0, expected, 1.0)
    return (float(squares.sum() / df) if df > 0 else 1.0), df


def _rate(counts: np.ndarray, groups: np.ndarray) -> tuple[Estimate, float, float | None]:
    from scipy.special import gammaincc, stdtrit

    n, value = len(counts), float(counts.mean())
    dispersion, df = _pearson(counts, groups)
    if df < 1:
        half = 1.96 * np.sqrt(value / n)
        return Estimate(value, max(0.0, value - half), value + half, n), 1.0, None
    half = float(stdtrit(df, 0.975) * np.sqrt(max(dispersion, 1e-12) * value / n))
    p = float(gammaincc(df / 2, dispersion * df / 2))
    return Estimate(value, max(0.0, value - half), value + half, n), dispersion, p


def _spread(counts, groups, dispersion, resamples, rng) -> tuple[Estimate, Estimate]:
    """Dispersion and cv with intervals from resampling days within their group."""
    n, value = len(counts), float(counts.mean())
    if _pearson(counts, groups)[1] < 1 or value == 0:
        return NOTHING, NOTHING
    places = [np.flatnonzero(groups == g) for g in np.unique(groups)]
    found = np.empty((resamples, 2))
    for b in range(resamples):
        rows = np.concatenate([rng.choice(place, place.size) for place in places])
        # Resampling n of n days shrinks the variance by (n - 1) / n in each group.
        grow = n / max(n - len(places), 1)
        drawn = _pearson(counts[rows], groups[rows])[0] * grow
        found[b] = drawn, _cv(drawn, counts[rows].mean())
    return (
        between(dispersion, found[:, 0], n),
        between(_cv(dispersion, value), found[:, 1], n),
    )


def _cv(dispersion: float, value: float) -> float:
    return float(np.sqrt(max(0.0, (dispersion - 1.0) / value))) if value > 0 else 0.0


def _relative(
    counts: np.ndarray, codes: np.ndarray, n_codes: int, chosen: np.ndarray
) -> list[Estimate]:
    """Mean count of the days of each code over the mean of all days, by bootstrap of days."""
    whole = counts.mean()
    drawn, of = counts[chosen], codes[chosen]
    found = []
    for code in range(n_codes):
        here = codes == code
        if not here.any() or whole == 0:
            found.append(NOTHING)
            continue
        sizes = (of == code).sum(axis=1)
        seen = sizes > 0
        ratios = ((drawn * (of == code)).sum(axis=1) / np.maximum(sizes, 1))[seen]
        value = counts[here].mean() / whole
        samples = ratios / np.maximum(drawn[seen].mean(axis=1), 1e-12)
        found.append(between(value, samples, int(here.sum())))
    return found

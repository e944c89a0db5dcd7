"""Intervals from one long run, whose values depend on one another, and intervals of quantiles.

The values of a run are cut into sections that hardly depend on one another: batches of one long
run after its warm-up, or replications.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from analysis.intervals import mean_interval
from sim.errors import InputError

BATCHES = 20
"""10 to 30 batches serve best (Schmeiser 1982, Operations Research 30)."""

FEWEST = 5


class BatchMeans(NamedTuple):
    """Mean of a long run and its interval.

    size : values a batch. correlation : of neighbouring batches, estimated.
    is_dependent : the correlation is beyond chance, so the run is too short and its interval too
    narrow.
    """

    batches: int
    size: int
    mean: float
    low: float
    high: float
    correlation: float
    is_dependent: bool


def batch_means(
    series: Sequence[float], batches: int = BATCHES, level: float = 0.95, alpha: float = 0.05
) -> BatchMeans:
    """Student's t interval over the means of equal batches of one run (Law 2015, section 9.5.3).

    series : float[n], in the order of time, warm-up left out; the first n mod batches are not
    used. alpha : chance that independent batches are called dependent, by von Neumann's ratio
    (von Neumann 1941, Annals of Mathematical Statistics 12; for batch means Fishman 1978,
    Management Science 24): C = 1 - sum (Y_i - Y_{i+1})^2 / (2 sum (Y_i - mean)^2) is normal with
    variance (b - 2) / (b^2 - 1) if the b batches are independent.
    Raises InputError for fewer than five batches or fewer than two values a batch.
    """
    means = split(series, batches).mean(axis=1)
    size = len(series) // batches
    mean, low, high = mean_interval(means.tolist(), level)
    correlation = _von_neumann(means)
    is_dependent = correlation > _normal_quantile(1 - alpha) * math.sqrt(
        (batches - 2) / (batches**2 - 1)
    )
    return BatchMeans(batches, size, mean, low, high, correlation, is_dependent)


def split(series: Sequence[float], batches: int = BATCHES) -> np.ndarray:
    """The series in equal batches, float[batches, size]; what doesn't fit is left out in front."""
    series = np.asarray(series, float)
    if batches < FEWEST or series.size < 2 * batches:
        raise InputError(
            f"{batches} batches of {series.size} values; "
            f"allowed: {FEWEST} batches or more, of 2 values or more each"
        )
    if not np.isfinite(series).all():
        raise InputError("a run that is cut into batches needs finite numbers")
    return series[series.size % batches :].reshape(batches, -1)


def _von_neumann(means: np.ndarray) -> float:
    square = ((means - means.mean()) ** 2).sum()
    return float(1 - (np.diff(means) ** 2).sum() / (2 * square)) if square > 0 else 0.0


def _normal_quantile(p: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(p))


# --- quantiles --------------------------------------------------------------------------------


class Quantile(NamedTuple):
    """A quantile and its interval; an end is None where there are too few values to give it."""

    value: float
    low: float | None
    high: float | None


def quantile_interval(values: Sequence[float], p: float, level: float = 0.95) -> Quantile:
    """The p-quantile of independent values between two of them in order.

    Whatever the distribution, the number of values up to the quantile is binomial(n, p), so the
    interval from the r-th to the s-th smallest holds it with a probability of
    P(r <= B <= s - 1), at least `level`: at most (1 - level) / 2 is left out at either end
    (Conover 1999, Practical Nonparametric Statistics, section 3.2). `ranks` gives r and s.
    """
    ordered = np.sort(np.asarray(values, float))
    _check(ordered, p)
    low, high = (
        None if r is None else float(ordered[r - 1]) for r in ranks(ordered.size, p, level)
    )
    return Quantile(_quantile(ordered, p), low, high)


def ranks(n: int, p: float, level: float = 0.95) -> tuple[int | None, int | None]:
    """Ranks r and s, from 1, of the order statistics that bound the p-quantile of n values."""
    from scipy.special import bdtr, bdtrc

    outside = (1 - level) / 2
    counts = np.arange(n + 1)
    below = bdtr(counts, n, p)  # P(B <= k)
    above = np.append(1.0, bdtrc(counts[:-1], n, p))  # P(B >= k)
    low = np.flatnonzero(below <= outside)
    high = np.flatnonzero(above <= outside)
    r = int(low[-1]) + 1 if low.size else None
    s = int(high[0]) if high.size else None
    return r, s


def section_quantile(
    sections: Sequence[Sequence[float]], p: float, level: float = 0.95
) -> Quantile:
    """The p-quantile of values that depend on one another within sections, by sectioning.

    sections : values of each replication, or the batches of `split`; about equally many each.
    The quantile q of all values together, with t s / sqrt(b) on both sides, where s^2 is the sum
    of (q_i - q)^2 over the b sections' own quantiles, divided by b - 1 (Asmussen and Glynn 2007,
    Stochastic Simulation, section III.5; Nakayama 2014, ACM Transactions on Modeling and Computer
    Simulation 24). Centred at q, not at the mean of the q_i, whose bias is b times as large.
    """
    from scipy.special import stdtrit

    parts = [np.asarray(section, float) for section in sections]
    for part in parts:
        _check(part, p)
    if not parts:
        raise InputError("0 sections; allowed: 1 or more")
    q, b = _quantile(np.concatenate(parts), p), len(parts)
    if b < 2:
        return Quantile(q, None, None)
    spread = math.sqrt(sum((_quantile(part, p) - q) ** 2 for part in parts) / (b - 1))
    margin = float(stdtrit(b - 1, (1 + level) / 2)) * spread / math.sqrt(b)
    return Quantile(q, q - margin, q + margin)


def _quantile(values: np.ndarray, p: float) -> float:
    return float(np.quantile(values, p, method="inverted_cdf"))


def _check(values: np.ndarray, p: float) -> None:
    if not 0 < p < 1:
        raise InputError(f"p: {p}; allowed: between 0 and 1")
    if not values.size or np.isnan(values).any():
        raise InputError("a quantile needs values, and no NaN among them")

"""Seats without end, and arrivals that come and go with the time of day.

Nobody waits, so the number present is Poisson at every moment; its mean is that of Eick, Massey
and Whitt (1993). Work is given by its *limited mean*, E[min(work, x)]: how long, on the mean, a
job is present during the first x after it came.
"""

from collections.abc import Callable

import numpy as np

from analysis.queueing.measures import require_list, require_not_negative, require_positive
from sim.errors import InputError

LimitedMean = Callable[[np.ndarray], np.ndarray]
"""E[min(work, x)], of float[...] x >= 0 or infinite."""


def fixed(mean: float) -> LimitedMean:
    """Work that is always the same."""
    require_positive(mean=mean)
    return lambda x: np.minimum(x, mean)


def exponential(mean: float) -> LimitedMean:
    """Exponential work."""
    require_positive(mean=mean)
    return lambda x: -mean * np.expm1(-np.asarray(x) / mean)


def gamma(mean: float, cv: float) -> LimitedMean:
    """Gamma work of coefficient of variation `cv`."""
    from scipy.special import gammainc, gammaincc

    require_positive(mean=mean, cv=cv)
    shape = 1 / cv**2

    def limited_mean(x):
        scaled = np.asarray(x, float) * shape / mean
        return mean * gammainc(shape + 1, scaled) + _beyond(x, gammaincc(shape, scaled))

    return limited_mean


def lognormal(mean: float, cv: float) -> LimitedMean:
    """Lognormal work of coefficient of variation `cv`."""
    from scipy.special import ndtr

    require_positive(mean=mean, cv=cv)
    sigma = np.sqrt(np.log1p(cv**2))

    def limited_mean(x):
        with np.errstate(divide="ignore"):  # log 0 is -inf
            score = np.log(np.asarray(x, float) / mean) / sigma
        return mean * ndtr(score - sigma / 2) + _beyond(x, ndtr(-score - sigma / 2))

    return limited_mean


def _beyond(x, share: np.ndarray) -> np.ndarray:
    """x times the share of work that is longer, which is 0 at infinity."""
    return np.where(share > 0, x, 0.0) * share


def infinite_servers(
    rates: np.ndarray, width: float, work: LimitedMean, times: np.ndarray, *, periodic: bool = True
) -> np.ndarray:
    """M(t)/G/infinity: mean number present (Eick, Massey and Whitt 1993), float[n_times].

    rates    : float[n_bins], arrivals per unit of time in bins of `width` from 0 on
    work     : such as `exponential(2.0)`
    times    : float[n_times]; if not periodic, 0 or more
    periodic : the bins come again and again and have always done so; else nobody is there at 0
               and nobody comes after the last bin
    """
    require_list(rates=rates)
    require_positive(width=width)
    rates, times = np.asarray(rates, float), np.asarray(times, float)
    if periodic:
        return _periodic(rates, width, work, times)
    require_not_negative(earliest_time=times.min(initial=0.0))
    # The rate steps at the edge of each bin; a step counts from its edge on.
    steps = np.diff(rates, prepend=0.0, append=0.0)
    edges = width * np.arange(len(steps))
    return work(np.maximum(times[:, None] - edges, 0.0)) @ steps


def _periodic(rates, width, work, times) -> np.ndarray:
    """The rate of now lasts for ever, but for the steps in every period of the past. Those of a
    period add up to 0, so each may count from where its period ends; so the sum converges."""
    steps = rates - np.roll(rates, 1)
    period = width * len(rates)
    clock = times % period
    bins = np.minimum(clock // width, len(rates) - 1).astype(int)
    order = np.arange(len(rates))
    ages = clock[:, None] - width * order + period * (order > bins[:, None])
    ages, place = np.unique(np.maximum(ages, 0.0), return_inverse=True)
    mean = _mean(work)
    since = np.zeros(len(ages))
    first, block = 0, 1
    while mean - work(np.array(period * first)) > 1e-12 * mean:
        ends = period * np.arange(first, first + block)[:, None]
        since += (work(ends + ages) - work(ends)).sum(axis=0)
        first += block
        block = min(2 * block, 1 + 100_000 // (1 + len(ages)))
    return rates[bins] * mean + since[place.reshape(len(times), len(steps))] @ steps


def _mean(work: LimitedMean) -> float:
    mean = float(work(np.array(np.inf)))
    if not (np.isfinite(mean) and mean > 0):
        raise InputError(f"work has a mean of {mean}, but it must be a number above 0")
    return mean

"""Poisson arrivals, work that isn't exponential, or jobs of several classes."""

from typing import NamedTuple

import numpy as np

from analysis.queueing.chains import poisson
from analysis.queueing.measures import (
    Measures,
    lossless,
    require_list,
    require_not_negative,
    require_positive,
    require_stable,
    require_whole,
    seats_of,
)


def mg1(arrival_rate: float, work_mean: float, work_cv: float) -> Measures:
    """M/G/1, the formula of Pollaczek (1930) and Khinchine (1932).

    work_cv : coefficient of variation of the work; 0 fixed, 1 exponential
    """
    require_not_negative(arrival_rate=arrival_rate, work_cv=work_cv)
    require_positive(work_mean=work_mean)
    require_stable(arrival_rate, 1 / work_mean, seats_of(1))
    load = arrival_rate * work_mean
    mean_wait = load * work_mean * (1 + work_cv**2) / 2 / (1 - load)
    return lossless(arrival_rate, work_mean, 1, load, mean_wait)


def mdc(arrival_rate: float, work: float, seats: int = 1) -> Measures:
    """M/D/c, fixed work at several seats (Crommelin 1932), with exact distributions.

    The number that waits, looked at every `work`, is the chain max(waiting + Poisson - seats, 0);
    it is solved on its first states, beyond which it is geometric (Tijms 2003, section 9.6).
    The distribution of the wait follows by the formula of Franx (2001).
    """
    require_not_negative(arrival_rate=arrival_rate)
    require_positive(work=work)
    require_whole(1, seats=seats)
    require_stable(arrival_rate, seats / work, seats_of(seats))
    waiting, ratio = _waiting_in_mdc(arrival_rate * work, seats)
    last = len(waiting) - 1
    mean_waiting = waiting @ np.arange(len(waiting)) + waiting[-1] * ratio * (
        last / (1 - ratio) + 1 / (1 - ratio) ** 2
    )
    above = np.append(waiting[1:], waiting[-1] * ratio / (1 - ratio))[::-1].cumsum()[::-1]

    def more_waiting(n):
        """P(more than n wait)."""
        return above[np.minimum(n, last)] * ratio ** np.maximum(n - last, 0)

    def wait_tail_at(t):
        from scipy.special import pdtrc

        k = int(t // work) + 1
        mean = arrival_rate * (k * work - t)
        most = k * seats - 1
        # All but 1e-17 of the chance, in a number of terms that t doesn't raise.
        count = np.arange(min(most, int(mean + 10 * np.sqrt(mean) + 40)) + 1)
        return poisson(mean, count) @ more_waiting(most - count) + pdtrc(count[-1], mean)

    wait_tail = np.vectorize(wait_tail_at, otypes=[float])

    def time_tail(t):
        return np.where(np.asarray(t) < work, 1.0, wait_tail(np.maximum(t - work, 0.0)))

    mean_wait = mean_waiting / arrival_rate if arrival_rate else 0.0
    return lossless(arrival_rate, work, seats, wait_tail(0.0), mean_wait, wait_tail, time_tail)


def _waiting_in_mdc(load: float, seats: int) -> tuple[np.ndarray, float]:
    """Distribution of the number waiting on 0..n, and its ratio of neighbours from n on."""
    ratio = _decay_in_mdc(load, seats)
    last = 2 * seats + 40
    to, origin = np.ogrid[: last + 1, : last + 1 + seats]
    step = poisson(load, to - origin + seats)  # from `origin` waiting to `to`, which is > 0
    step[:, last] += step[:, last + 1 :] @ ratio ** np.arange(1, seats + 1)
    balance = np.eye(last + 1) - step[:, : last + 1]
    balance[0] = 1.0  # the first balance follows from the others; in its place: all add up to 1
    balance[0, last] = 1 / (1 - ratio)
    waiting = np.linalg.solve(balance, np.eye(last + 1)[0])
    return np.maximum(waiting, 0.0), ratio  # rounding below 0


def _decay_in_mdc(load: float, seats: int) -> float:
    """Ratio of neighbours far out: 1 / z for the root z > 1 of z^seats e^(load (1 - z)) = 1."""
    from scipy.optimize import brentq

    if load == 0:
        return 0.0

    def log_excess(z):
        return seats * np.log(z) + load * (1 - z)

    low = seats / load  # where it is highest
    high = 2 * low
    while log_excess(high) > 0:
        high *= 2
    return float(1 / brentq(log_excess, low, high, xtol=1e-14))


class Classes(NamedTuple):
    """A queue with classes of jobs."""

    by_class: tuple[Measures, ...]
    """`utilisation` is the share of the seats that the class takes."""
    overall: Measures


def priority_mg1(
    arrival_rates: np.ndarray, work_means: np.ndarray, work_cvs: np.ndarray
) -> Classes:
    """M/G/1 with priorities, the first class first; work begun isn't interrupted (Cobham 1954).

    arrival_rates, work_means, work_cvs : float[n_classes]
    """
    require_list(arrival_rates=arrival_rates, work_means=work_means, work_cvs=work_cvs)
    for work_mean in work_means:
        require_positive(work_mean=work_mean)
    rates, works, cvs = (np.asarray(x, float) for x in (arrival_rates, work_means, work_cvs))
    loads = rates * works
    if loads.sum() > 0:
        require_stable(rates.sum(), rates.sum() / loads.sum(), seats_of(1))
    rest = (loads * works * (1 + cvs**2)).sum() / 2  # of the work that a job finds going on
    above = np.cumsum(loads)
    waits = rest / (1 - above) / (1 - np.append(0.0, above[:-1]))
    by_class = tuple(
        lossless(rate, work, 1, loads.sum(), wait) for rate, work, wait in zip(rates, works, waits)
    )
    share = rates / rates.sum() if rates.sum() > 0 else np.full(len(rates), 1 / len(rates))
    overall = lossless(rates.sum(), share @ works, 1, loads.sum(), share @ waits)
    return Classes(by_class, overall)

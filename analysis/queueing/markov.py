"""Poisson arrivals, exponential work, seats alike, first come first served."""

from typing import NamedTuple

import numpy as np

from analysis.queueing.chains import birth_death
from analysis.queueing.measures import (
    Measures,
    lossless,
    require_not_negative,
    require_positive,
    require_stable,
    require_whole,
    seats_of,
)


def erlang_b(load: float, seats: int) -> float:
    """Share of jobs blocked where none can wait, by the recursion of Erlang's formula B
    (Erlang 1917).

    load : arrival rate times mean work [erlang]; may exceed `seats`
    """
    require_not_negative(load=load)
    require_whole(0, seats=seats)
    blocked = 1.0
    for n in range(1, seats + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(load: float, seats: int) -> float:
    """Share of jobs that wait in M/M/c, Erlang's formula C (Erlang 1917).

    load : arrival rate times mean work [erlang], below `seats`
    """
    require_whole(1, seats=seats)
    require_not_negative(load=load)
    require_stable(load, seats, seats_of(seats))
    blocked = erlang_b(load, seats)
    return blocked / (1 - load / seats * (1 - blocked))


def mmc(arrival_rate: float, work_mean: float, seats: int = 1) -> Measures:
    """M/M/c (Erlang 1917), with the exact distributions of the wait and of the time."""
    require_not_negative(arrival_rate=arrival_rate)
    require_positive(work_mean=work_mean)
    require_whole(1, seats=seats)
    require_stable(arrival_rate, seats / work_mean, seats_of(seats))
    waiting_share = erlang_c(arrival_rate * work_mean, seats)
    spare = seats / work_mean - arrival_rate  # who waits, waits exponentially at this rate

    def wait_tail(t):
        return waiting_share * np.exp(-spare * t)

    def time_tail(t):
        at_once = (1 - waiting_share) * np.exp(-t / work_mean)
        return at_once + waiting_share * _sum_tail(1 / work_mean, spare, t)

    return lossless(
        arrival_rate, work_mean, seats, waiting_share, waiting_share / spare, wait_tail, time_tail
    )


def _sum_tail(rate: float, other: float, t):
    """P(sum of two exponential times > t), without cancelling where the rates are nearly equal."""
    from scipy.special import exprel

    slow, fast = sorted((rate, other))
    return np.exp(-slow * t) * (1 + slow * t * exprel(-(fast - slow) * t))


def mmck(arrival_rate: float, work_mean: float, seats: int, places: int) -> Measures:
    """M/M/c/K: blocked are those who find all places taken. With as many places as seats it is
    Erlang's loss system (Erlang 1917). Waits and times are those of the accepted.

    places : K, jobs waiting or in work at most, `seats` or more
    """
    require_not_negative(arrival_rate=arrival_rate)
    require_positive(work_mean=work_mean)
    require_whole(1, seats=seats)
    require_whole(seats, places=places)
    ahead = np.arange(1, places + 1)
    share = birth_death(np.full(places, float(arrival_rate)), np.minimum(ahead, seats) / work_mean)
    blocked, found = share[-1], share[:-1] / share[:-1].sum()
    accepted_rate = arrival_rate * (1 - blocked)
    turns = np.arange(1, places - seats + 1)  # seats to fall free before one's own
    queued = found[seats:]
    mean_wait = queued @ turns * work_mean / seats

    def wait_tail(t):
        from scipy.special import gammaincc

        return gammaincc(turns, _column(t) * seats / work_mean) @ queued

    def time_tail(t):
        at_once = (1 - queued.sum()) * np.exp(-np.asarray(t) / work_mean)
        return at_once + _erlang_and_work_tail(turns, seats, _column(t) / work_mean) @ queued

    return Measures(
        arrival_rate=float(arrival_rate),
        utilisation=float(accepted_rate * work_mean / seats),
        waiting_share=float(queued.sum()),
        mean_wait=float(mean_wait),
        mean_waiting=float(accepted_rate * mean_wait),
        mean_time=float(mean_wait + work_mean),
        mean_present=float(accepted_rate * (mean_wait + work_mean)),
        lost_share=float(blocked),
        wait_tail=wait_tail,
        time_tail=time_tail,
    )


def _erlang_and_work_tail(turns: np.ndarray, seats: int, t: np.ndarray) -> np.ndarray:
    """P(Erlang(turns, rate seats) + exponential (rate 1) > t)."""
    from scipy.special import gammainc, gammaincc

    if seats == 1:
        return gammaincc(turns + 1, t)
    with np.errstate(divide="ignore"):  # log 0 is -inf, its share 0
        done = np.log(gammainc(turns, (seats - 1) * t))
    return gammaincc(turns, seats * t) + np.exp(done - t + turns * np.log(seats / (seats - 1)))


class Patience(NamedTuple):
    """M/M/c+M."""

    everyone: Measures
    """Of all jobs, with the wait up to the seat or to giving up."""
    mean_wait_served: float


def mmc_patience(
    arrival_rate: float, work_mean: float, seats: int, patience_mean: float
) -> Patience:
    """M/M/c+M, Erlang A (Palm 1943): each gives up after an exponential time of waiting.

    By the birth-death chain, cut where less than 1e-18 is left. The distribution of the wait is
    exact: e^(-patience rate * wait until j seats fall free, those ahead giving up too) is a
    product of powers of uniforms and so a beta variable. `time_tail` is None.
    """
    require_not_negative(arrival_rate=arrival_rate)
    require_positive(work_mean=work_mean, patience_mean=patience_mean)
    require_whole(1, seats=seats)
    share = _patience_chain(arrival_rate, work_mean, seats, patience_mean)
    queued = share[seats:]
    turn = np.arange(1, len(queued) + 1)  # of an arrival that finds seats - 1 + turn present
    mean_waiting = float(queued @ (turn - 1))
    lost_rate = mean_waiting / patience_mean
    lost_share = lost_rate / arrival_rate if arrival_rate else 0.0
    mean_wait = mean_waiting / arrival_rate if arrival_rate else 0.0
    seat_turns = seats * patience_mean / work_mean  # seats falling free in a mean patience
    p_served = seat_turns / (seat_turns + turn)
    if_served = np.cumsum(patience_mean / (seat_turns + turn))
    wait_of_served = float(queued * p_served @ if_served)  # times the share that is served

    def wait_tail(t):
        from scipy.special import betainc

        stayed = np.exp(-np.asarray(t) / patience_mean)
        return stayed * (betainc(seat_turns, turn, stayed[..., None]) @ queued)

    everyone = Measures(
        arrival_rate=float(arrival_rate),
        utilisation=float(arrival_rate - lost_rate) * work_mean / seats,
        waiting_share=float(queued.sum()),
        mean_wait=mean_wait,
        mean_waiting=mean_waiting,
        mean_time=mean_wait + (1 - lost_share) * work_mean,
        mean_present=float(share @ np.arange(len(share))),
        lost_share=lost_share,
        wait_tail=wait_tail,
    )
    return Patience(everyone, wait_of_served / (1 - lost_share))


def _patience_chain(arrival_rate, work_mean, seats, patience_mean) -> np.ndarray:
    """Distribution of the number present, cut where less than 1e-18 is left."""
    most = 2 * seats + 64
    while True:
        present = np.arange(1, most + 1)
        busy = np.minimum(present, seats)
        leaving = busy / work_mean + (present - busy) / patience_mean
        share = birth_death(np.full(most, float(arrival_rate)), leaving)
        # Beyond the last state weights fall at least by this ratio each.
        ratio = arrival_rate / leaving[-1]
        if ratio < 1 and share[-1] * ratio < 1e-18 * (1 - ratio):
            return share
        most *= 2


def _column(t) -> np.ndarray:
    return np.asarray(t, float)[..., None]

"""Arrivals and seats that come and go with the time of day: M(t)/M/c(t).

Rates and seats are constant within bins. Work begun is finished: when seats fall, those that are
busy stay so until their job is done, and only then are gone. The state is (present, busy); its
distribution moves by the Kolmogorov forward equations (Kolmogorov 1931), solved by
uniformisation, in about (rate + seats / work_mean) * time steps. The number present is cut where
less than 1e-13 is ever beyond.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from analysis.queueing.chains import advance, steady_cycle
from analysis.queueing.measures import Measures, require_list, require_positive, require_stable
from sim.errors import InputError

_BEYOND = 1e-13
_MOST_STATES = 200_000


class Course(NamedTuple):
    """Means at given times, float[n_times] each; at an edge of bins, of the later bin."""

    times: np.ndarray
    mean_present: np.ndarray
    mean_waiting: np.ndarray
    mean_busy: np.ndarray


def mmc_from_empty(
    rates: np.ndarray, width: float, work_mean: float, seats: np.ndarray, times: np.ndarray
) -> Course:
    """M(t)/M/c(t) that is empty at 0.

    rates : float[n_bins], arrivals per unit of time in bins of `width` from 0 on
    seats : int[n_bins], 0 or more
    times : float[n_times], rising, from 0 to the end of the last bin
    """
    times = _checked(rates, width, work_mean, seats, times)

    def solve(chain: _Chain) -> Course:
        return chain.course((chain.present == 0).astype(float), times)

    far = _backlog(rates, width, work_mean, seats)
    return _with_states_enough(rates, width, work_mean, seats, far, solve)


def mmc_periodic(
    rates: np.ndarray, width: float, work_mean: float, seats: np.ndarray, times: np.ndarray = ()
) -> tuple[Measures, Course]:
    """M(t)/M/c(t) whose bins come again and again: its measures over a period of the steady
    state, and its course at some times of the period. Arguments as of `mmc_from_empty`.

    The mean wait is by Little's law. `utilisation` is busy time over open time; as work is
    finished after closing, it can exceed 1. Raises InputError if the seats can't keep up.
    """
    times = _checked(rates, width, work_mean, seats, times)
    require_positive(mean_rate=float(np.mean(rates)))
    capacity = saturated_rate(seats, width, work_mean)
    require_stable(np.mean(rates), capacity, "these seats")
    ratio = max(np.mean(rates) / capacity, 0.1)  # roughly that of neighbours far out

    def solve(chain: _Chain) -> tuple[Measures, Course]:
        start = steady_cycle(chain.cycle, ratio**chain.present)
        return chain.period(start), chain.course(start, times)

    far = _backlog(np.tile(rates, 2), width, work_mean, np.tile(seats, 2)) - 30 / np.log(ratio)
    return _with_states_enough(rates, width, work_mean, seats, far, solve)


def saturated_rate(seats: np.ndarray, width: float, work_mean: float) -> float:
    """Jobs that seats do per unit of time while someone always waits, work after closing
    included: what the arrival rate of a steady state must stay below.

    seats : int[n_bins], as in `mmc_periodic`
    """
    from scipy.linalg import expm

    require_list(0, seats=seats)
    require_positive(width=width, work_mean=work_mean)
    seats = np.asarray(seats)
    top = int(seats.max())
    busy = np.arange(top + 1)
    # By number busy, and last the jobs done so far. In a bin with most seats all are busy.
    state = np.zeros(top + 2)
    state[top] = 1.0
    for seat in np.roll(seats, -seats.argmax()):
        state[seat] += state[:seat].sum()
        state[:seat] = 0.0
        flow = np.zeros((top + 2, top + 2))
        flow[busy, -1] = busy / work_mean
        closing = busy[busy > seat]
        flow[closing, closing - 1] += closing / work_mean
        flow[closing, closing] -= closing / work_mean
        state = state @ expm(flow * width)
    return float(state[-1] / (width * len(seats)))


def _checked(rates, width, work_mean, seats, times) -> np.ndarray:
    require_list(rates=rates)
    require_list(0, seats=seats)
    require_list(rates=rates, seats=seats)
    require_positive(width=width, work_mean=work_mean)
    times = np.asarray(times, float)
    end = width * len(rates)
    if (np.diff(times) < 0).any() or not ((times >= 0) & (times <= end)).all():
        raise InputError(f"times must rise, from 0 to {end:g}, the end of the last bin")
    return times


def _backlog(rates, width, work_mean, seats) -> float:
    """Roughly the most that wait: what comes above what seats can do, and some more by chance."""
    level = peak = 0.0
    for rate, seat in zip(rates, seats):
        level = max(level + (rate - seat / work_mean) * width, 0.0)
        peak = max(peak, level)
    return peak + 8 * np.sqrt(peak)


def _with_states_enough(
    rates, width, work_mean, seats, far: float, solve: Callable[["_Chain"], Any]
) -> Any:
    """What `solve` gives for a chain that is cut far enough out; `far` is a first guess."""
    most = int(far) + 2 * int(np.max(seats)) + 64
    while (most + 1) * (1 + int(np.ptp(seats))) <= _MOST_STATES:
        chain = _Chain(rates, width, work_mean, seats, most)
        result = solve(chain)
        if chain.beyond < _BEYOND:
            return result
        most *= 2
    raise InputError(f"up to {most} jobs can be present, which is too many to be solved")


class _Chain:
    """The states (present, busy) that can be, of at most `most` present, and their moves."""

    def __init__(self, rates, width, work_mean, seats, most):
        self.rates, self.width, self.work_mean = np.asarray(rates, float), width, work_mean
        self.seats, self.most = np.asarray(seats), most
        low, top = int(self.seats.min()), int(self.seats.max())
        present, busy = np.mgrid[: most + 1, : top + 1]
        can_be = (busy >= np.minimum(present, low)) & (busy <= present)
        self.present, self.busy = present[can_be], busy[can_be]
        self.size = len(self.present)
        self.index = np.full(can_be.shape, -1)
        self.index[can_be] = np.arange(self.size)
        self.beyond = 0.0
        """The highest chance seen of as many present as can be."""
        self._steps: dict[tuple[float, int], Any] = {}

    def cycle(self, vector: np.ndarray) -> np.ndarray:
        """From the beginning of a period to its end."""
        for i in range(len(self.rates)):
            vector, _ = self._pass(self._reseat(vector, i), i, self.width)
        return vector

    def course(self, vector: np.ndarray, times: np.ndarray) -> Course:
        """The course from a distribution at 0."""
        bins = np.minimum(times // self.width, len(self.rates) - 1)
        means = []
        for i in range(len(self.rates)):
            vector, now = self._reseat(vector, i), self.width * i
            for time in times[bins == i]:
                vector, _ = self._pass(vector, i, time - now)
                now = max(time, now)
                means.append((vector @ self.present, vector @ self.busy))
                self._note(vector)
            vector, _ = self._pass(vector, i, self.width * (i + 1) - now)
            self._note(vector)
        present, busy = np.array(means).reshape(-1, 2).T
        return Course(times, present, present - busy, busy)

    def period(self, vector: np.ndarray) -> Measures:
        """Measures over a period from its steady state."""
        present = busy = must_wait = 0.0
        for i, (rate, seats) in enumerate(zip(self.rates, self.seats)):
            vector, mean = self._pass(self._reseat(vector, i), i, self.width)
            self._note(vector)
            present += mean @ self.present / len(self.rates)
            busy += mean @ self.busy / len(self.rates)
            must_wait += mean[self.busy >= seats].sum() * rate / self.rates.sum()
        arrival_rate = float(self.rates.mean())
        return Measures(
            arrival_rate=arrival_rate,
            utilisation=float(busy / self.seats.mean()),
            waiting_share=float(must_wait),
            mean_wait=float(present - busy) / arrival_rate,
            mean_waiting=float(present - busy),
            mean_time=float(present) / arrival_rate,
            mean_present=float(present),
        )

    def _note(self, vector: np.ndarray) -> None:
        self.beyond = max(self.beyond, vector[self.present == self.most].sum())

    def _reseat(self, vector: np.ndarray, i: int) -> np.ndarray:
        """Take up waiting jobs as the seats of bin i open."""
        busy = np.maximum(self.busy, np.minimum(self.present, self.seats[i]))
        return np.bincount(self.index[self.present, busy], vector, minlength=self.size)

    def _pass(self, vector: np.ndarray, i: int, time: float) -> tuple[np.ndarray, np.ndarray]:
        """Let time pass in bin i; the distribution at the end and its mean over the time."""
        if time <= 0:
            return vector, vector
        rate, seats = float(self.rates[i]), int(self.seats[i])
        if (rate, seats) not in self._steps:
            self._steps[rate, seats] = self._step(rate, seats)
        return advance(vector, self._steps[rate, seats], self._pace(rate) * time)

    def _pace(self, rate: float) -> float:
        """As fast as any state is left."""
        return rate + max(int(self.seats.max()), 1) / self.work_mean

    def _step(self, rate: float, seats: int) -> Any:
        """I + Q^T / pace."""
        from scipy.sparse import csr_array

        n, busy, here = self.present, self.busy, np.arange(self.size)
        more = np.minimum(n + 1, self.most)  # cut: who would be one too many doesn't come
        fewer, freed = np.maximum(n - 1, 0), np.maximum(busy - 1, 0)
        comes = self.index[more, np.maximum(busy, np.minimum(more, seats))]
        ends = self.index[fewer, np.maximum(freed, np.minimum(fewer, seats))]
        p_comes = np.full(self.size, rate / self._pace(rate))
        p_ends = busy / self.work_mean / self._pace(rate)
        chances = np.concatenate([p_comes, p_ends, 1 - p_comes - p_ends])
        to = np.concatenate([comes, ends, here])
        return csr_array((chances, (to, np.tile(here, 3))), (self.size, self.size))

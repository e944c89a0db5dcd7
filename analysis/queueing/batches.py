"""Jobs that are held until a batch of them is released, and then meet M/M/c seats all at once.

Waits are those after the release; `hold_of_size` and `hold_of_period` give what goes before.
"""

import numpy as np

from analysis.queueing.chains import advance, poisson, steady_cycle
from analysis.queueing.measures import (
    Measures,
    lossless,
    require_positive,
    require_stable,
    require_whole,
    seats_of,
)


def hold_of_period(period: float) -> float:
    """Mean time that Poisson arrivals are held where all are released every `period`: half of
    it, as each comes at an even chance at any moment of it."""
    require_positive(period=period)
    return period / 2


def hold_of_size(arrival_rate: float, size: int) -> float:
    """Mean time that Poisson arrivals are held until they are `size`: the i-th of a batch is
    held for size - i arrivals, so (size - 1) / (2 arrival_rate) on the mean."""
    require_positive(arrival_rate=arrival_rate)
    require_whole(1, size=size)
    return (size - 1) / (2 * arrival_rate)


def batches_of_size(arrival_rate: float, work_mean: float, seats: int, size: int) -> Measures:
    """M/M/c whose jobs are released by `size`, so E_n^[n]/M/c, solved exactly.

    The state is (present, held among them): an arrival raises both, and the n-th held puts that
    back to 0. So it is a quasi-birth-death chain, beyond its first levels geometric with a
    matrix R (Neuts 1981), which here is a circulant of known eigenvalues.
    """
    _check(arrival_rate, work_mean, seats)
    require_whole(1, size=size)
    load = arrival_rate * work_mean
    ratio = _level_ratio(load, seats, size)
    levels = _first_levels(load, seats, size, ratio)
    last = len(levels) - 1
    beyond = np.linalg.inv(np.eye(size) - ratio)
    present = np.arange(last) @ levels[:-1].sum(axis=1)
    present += (levels[last] @ (last * beyond + ratio @ beyond @ beyond)).sum()
    mean_waiting = present - (size - 1) / 2 - load
    # The n-th arrival releases the batch; it finds n - 1 held and `at_desk` others.
    at_desk = np.arange(seats)
    found = size * levels[size - 1 + at_desk, size - 1]
    at_once = found @ np.minimum(size, seats - at_desk) / size
    return lossless(arrival_rate, work_mean, seats, 1 - at_once, mean_waiting / arrival_rate)


def _level_ratio(load: float, seats: int, size: int) -> np.ndarray:
    """R, float[size, size]: the distribution at a level is that of the level below @ R."""
    turn = np.exp(2j * np.pi * np.arange(size) / size)
    root = 2 * load * turn / (load + seats + np.sqrt((load + seats) ** 2 - 4 * load * seats * turn))
    first_row = np.fft.fft(root).real / size
    return first_row[(np.arange(size) - np.arange(size)[:, None]) % size]


def _first_levels(load: float, seats: int, size: int, ratio: np.ndarray) -> np.ndarray:
    """Distribution over the levels up to the first from which R holds, float[n_levels, size]."""
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import spsolve

    n_levels = seats + size - 1
    present, held = (x.ravel() for x in np.mgrid[:n_levels, :size])
    here = np.arange(len(present))
    busy = np.clip(present - held, 0, seats)
    up, down = present < n_levels - 1, present > 0
    top = here[~up]
    flows = [  # rate, origin, to
        (np.full(up.sum(), load), here[up], (here + size - held + (held + 1) % size)[up]),
        (busy[down], here[down], here[down] - size),
        (-load - busy, here, here),
        (seats * ratio.ravel(), np.repeat(top, size), np.tile(top, size)),
    ]
    rate, origin, to = (np.concatenate(column) for column in zip(*flows))
    kept = to > 0  # the first balance follows from the others; in its place: all add up to 1
    weight = np.ones((n_levels, size))
    weight[-1] = np.linalg.inv(np.eye(size) - ratio).sum(axis=1)
    rate = np.append(rate[kept], weight)
    origin, to = np.append(origin[kept], here), np.append(to[kept], np.zeros_like(here))
    balance = coo_array((rate, (to, origin)), (len(here), len(here))).tocsc()
    return spsolve(balance, (here == 0).astype(float)).reshape(n_levels, size)


def batches_of_period(arrival_rate: float, work_mean: float, seats: int, period: float) -> Measures:
    """M/M/c whose jobs are all released every `period`: the chain of the number at the desk
    before each release, cut where less than 1e-13 is beyond. Between releases the desk only
    works, which is solved by uniformisation."""
    _check(arrival_rate, work_mean, seats)
    require_positive(period=period)
    mean, ratio = arrival_rate * period, arrival_rate * work_mean / seats
    most = int(mean + 10 * np.sqrt(mean) + 30 / -np.log(min(ratio, 0.999))) + seats + 40
    while True:
        before, after, later = _steady_release(mean, seats, period / work_mean, most)
        if after[-1] < 1e-13:
            break
        most *= 2
    mean_waiting = later @ np.maximum(np.arange(most + 1) - seats, 0)
    open_seats = np.arange(seats, 0, -1)  # that a batch finds
    more = 1 - np.cumsum(poisson(mean, np.arange(seats)))  # P(batch > 0, 1, ...)
    at_once = before[:seats] @ np.cumsum(more)[open_seats - 1] / mean
    return lossless(arrival_rate, work_mean, seats, 1 - at_once, mean_waiting / arrival_rate)


def _steady_release(mean: float, seats: int, works: float, most: int) -> tuple[np.ndarray, ...]:
    """Distribution of the number at the desk, float[most + 1]: before a release, after it, and
    over the time until the next.

    mean  : of the batch
    works : the period over the mean work
    """
    from scipy.sparse import diags_array

    number = np.arange(most + 1)
    ended = np.minimum(number, seats) / seats
    step = diags_array([1 - ended, ended[1:]], offsets=[0, 1]).tocsr()
    batch = poisson(mean, number)

    def release(before: np.ndarray) -> np.ndarray:
        return np.convolve(before, batch)[: most + 1]

    def period(before: np.ndarray) -> np.ndarray:
        return advance(release(before), step, seats * works)[0]

    before = steady_cycle(period, (mean / (seats * works)) ** number)
    after = release(before)
    return before, after, advance(after, step, seats * works)[1]


def _check(arrival_rate: float, work_mean: float, seats: int) -> None:
    require_positive(arrival_rate=arrival_rate, work_mean=work_mean)
    require_whole(1, seats=seats)
    require_stable(arrival_rate, seats / work_mean, seats_of(seats))

"""Textbook sizing: the smallest number of seats at which few enough have to wait.

A *slot* is a shift of a desk, with its load in each hour of the week that it is open. Hour by hour
it is taken for M/M/n in its steady state at the load that unlimited seats would have then, which is
the modified offered load (Jennings, Mandelbaum, Massey and Whitt 1996); its share of tasks that
wait is the mean over the hours by their load.
"""

import math
from collections.abc import Sequence

import numpy as np

from analysis.queueing import erlang_b, mmc_patience
from sim.errors import InputError

_MOST = 10**6


def sizes(
    load: np.ndarray, is_open: np.ndarray, delays: Sequence[float], utilisation: float = 1.0
) -> np.ndarray:
    """Smallest seats of each slot for each share of tasks that may wait, by Erlang C (1917).

    load : f8[n, hours] erlang; is_open : bool[n, hours]; delays : f8[k], 0 < delay <= 1.
    utilisation : no slot's mean load passes this share of its seats (at 1 it stays below them).
    Returns i8[n, k], at least 1. Raises InputError for a delay out of range.
    """
    wanted = _checked(delays)
    load = np.where(is_open, load, 0.0)
    mean = load.sum(axis=1) / np.maximum(is_open.sum(axis=1), 1)
    weight = load / np.maximum(load.sum(axis=1, keepdims=True), 1e-300)
    found = np.zeros((len(load), wanted.size), np.int64)
    left = np.arange(len(load))
    blocked = np.ones_like(load)
    for n in range(1, _MOST):
        m = load[left]
        blocked = m * blocked / (n + m * blocked)  # Erlang B, from n - 1 seats to n
        rho = np.minimum(m / n, 1.0)
        waiting = blocked / (1.0 - rho * (1.0 - blocked))  # Erlang C; 1 where m >= n
        share = (weight[left] * np.where(m < n, waiting, 1.0)).sum(axis=1)
        stable = mean[left] <= utilisation * n if utilisation < 1 else mean[left] < n
        fits = stable[:, None] & (share[:, None] <= wanted * (1 + 1e-12)) & (found[left] == 0)
        rows, columns = np.nonzero(fits)
        found[left[rows], columns] = n
        open_still = (found[left] == 0).any(axis=1)
        left, blocked = left[open_still], blocked[open_still]
        if not left.size:
            return found
    raise InputError(f"more than {_MOST:,} seats at one desk")


def keeping_up(
    seats: np.ndarray, load: np.ndarray, hours: np.ndarray, desk: np.ndarray, utilisation: float
) -> np.ndarray:
    """Seats that are left when each desk gives up those that its week's work can do without: what
    comes in a busy shift may wait for the next one. One in each shift stays. i8[n], of i8[n] seats.

    load : f8[n] mean erlang of each slot; hours : f8[n] open hours a week; desk : i8[n], rising,
    that the slot belongs to; utilisation : as in `sizes`, of the desk's seat hours of a week.
    """
    left = seats.copy()
    begins = np.flatnonzero(np.diff(desk, prepend=-1))
    for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), desk.size], strict=True):
        here = slice(begin, end)
        while (left[here] > 1).any():
            idle = np.where(left[here] > 1, load[here] / left[here], np.inf)
            fewer = left[here].copy()
            fewer[int(np.argmin(idle))] -= 1
            work, most = float(load[here] @ hours[here]), float(fewer @ hours[here])
            if work > utilisation * most or (utilisation >= 1 and work >= most):
                break
            left[here] = fewer
    return left


def sizes_with_patience(
    load: np.ndarray, is_open: np.ndarray, delays: Sequence[float], patience: float
) -> np.ndarray:
    """As `sizes` of one slot whose callers hang up, by Erlang A (Palm 1943); they have waited.

    load : f8[hours] erlang; patience : mean, in units of the mean work. A desk that people leave is
    never overfull, so nothing bounds its utilisation. Returns i8[k].
    """
    m = load[is_open & (load > 0)]
    if not m.size:
        return np.ones(len(delays), np.int64)
    weight = m / m.sum()

    def waiting(n: int) -> float:
        shares = [mmc_patience(x, 1.0, n, patience).everyone.waiting_share for x in m]
        return float(weight @ shares)

    return np.array([_smallest(waiting, delay) for delay in _checked(delays)], np.int64)


def _smallest(falling, target: float) -> int:
    """The smallest n >= 1 at which a falling function does not pass the target."""
    high = 1
    while falling(high) > target:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if falling(middle) > target else (low, middle)
    return high


def _checked(delays: Sequence[float]) -> np.ndarray:
    wanted = np.asarray(delays, float)
    if not ((wanted > 0) & (wanted <= 1)).all():
        raise InputError(f"delays: {list(delays)}; allowed: shares above 0 and up to 1")
    return wanted


def safety(delay: float) -> float:
    """The beta of square-root staffing, n = m + beta sqrt(m), at which a share `delay` of the tasks
    of a large desk waits: delay = 1 / (1 + beta Phi(beta) / phi(beta)) (Halfin and Whitt 1981).
    At desks of 10 erlang and more that is within a seat of Erlang C."""
    from scipy.optimize import brentq
    from scipy.special import ndtr

    if delay >= 1:
        return 0.0

    def beyond(beta: float) -> float:
        density = math.exp(-(beta**2) / 2) / math.sqrt(2 * math.pi)
        return 1 / (1 + beta * ndtr(beta) / density) - delay

    return float(brentq(beyond, 0.0, 10.0))


def proportional(load: np.ndarray, paid: np.ndarray, total: float) -> np.ndarray:
    """Seats in proportion to the load, one a slot at least, for a total of paid hours: what a rule
    of three makes of it, to compare with. i8[n]; largest remainders get what is left."""
    free = np.ones(load.size, bool)
    ideal = np.ones(load.size)
    while True:  # those that the minimum lifts are paid for by the others
        rest = total - paid[~free].sum()
        scale = max(rest, 0.0) / max(float((load * paid)[free].sum()), 1e-300)
        ideal[free] = scale * load[free]
        short = free & (ideal < 1)
        if not short.any():
            break
        ideal[short], free[short] = 1.0, False
    seats = np.maximum(np.floor(ideal + 1e-9), 1).astype(np.int64)
    left = total - float((seats * paid).sum())
    for i in np.lexsort((np.arange(load.size), -(ideal - seats))):
        if ideal[i] > seats[i] and paid[i] <= left + 1e-9:
            seats[i] += 1
            left -= paid[i]
    return seats


def waiting_share(load: float, seats: int) -> float:
    """Share of tasks that wait at a constant load; 1 where the seats cannot do it all."""
    if load >= seats:
        return 1.0
    blocked = erlang_b(load, seats)
    return blocked / (1 - load / seats * (1 - blocked))

"""Placing staff: how many seats each desk opens in each of its shifts.

A *slot* is one shift of one desk. Its offered load is the work that comes to it per hour that
it is open [erlang]; a seat in it costs paid hours per week.
"""

import numpy as np

from sim.errors import InputError


def seats_for_target(load: np.ndarray, target: float) -> np.ndarray:
    """Smallest whole seats, at least 1, that keep every slot's utilisation at or below target.

    load : f8[n] erlang. Returns i8[n].
    """
    return np.maximum(1, np.ceil(load / target - 1e-9)).astype(np.int64)


def place_equally(load: np.ndarray, paid: np.ndarray, total: float) -> np.ndarray:
    """Share out a total of paid hours by square-root staffing, whole seats, at least 1 a slot.

    seats = load + beta x sqrt(load), with the one beta that spends `total` (Halfin and Whitt
    1981; Borst, Mandelbaum and Reiman 2004), rounded by largest remainder. No slot gets fewer
    seats than its load needs, as far as the total allows that for all.

    load : f8[n] erlang; paid : f8[n] paid hours a week of one seat in the slot; total : paid
    hours a week. Returns i8[n]. Raises InputError when one seat in each slot costs more.
    """
    least = np.ones(load.size)
    if float(paid.sum()) > total * (1 + 1e-9):
        raise InputError(
            f"staff: one seat in each open shift of each desk costs {paid.sum():,.0f} paid hours a "
            f"week, but only {total:,.0f} are there; shorten policy.opening or lower "
            "staff.target_utilisation"
        )
    stable = np.floor(load) + 1.0
    if float((stable * paid).sum()) <= total:
        least = stable
    ideal = _ideal(load, paid, total, least)
    seats = np.floor(ideal + 1e-9).astype(np.int64)
    left = total - float((seats * paid).sum())
    order = np.lexsort((np.arange(load.size), -(ideal - seats)))
    for i in order:  # largest remainder first, as far as the money goes
        if paid[i] <= left + 1e-9 and ideal[i] > seats[i]:
            seats[i] += 1
            left -= paid[i]
    return seats


def _ideal(load: np.ndarray, paid: np.ndarray, total: float, least: np.ndarray) -> np.ndarray:
    """Square-root staffing in fractions of seats that spends `total`, by bisection for beta."""

    def wanted(beta: float) -> np.ndarray:
        return np.maximum(least, load + beta * np.sqrt(load))

    low, high = -float(np.sqrt(load.max(initial=1.0))) - 1.0, 1.0
    while (wanted(high) * paid).sum() < total and high < 1e9:
        high *= 2.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if (wanted(middle) * paid).sum() < total else (low, middle)
    return wanted(low)

"""The modified offered load: how many seats would be busy, hour by hour, were they never short."""

import numpy as np

from sim.units import HOUR, WEEK

HOURS = WEEK // HOUR
"""Of a week."""


def busy_hours(key: np.ndarray, n_keys: int, started: np.ndarray, worked: np.ndarray) -> np.ndarray:
    """Seat hours worked in each hour of the week, f8[n_keys, HOURS], summed over weeks.

    key : i8[visits], where each visit counts; started : i8[visits] ticks; worked : i8[visits] ticks
    of unbroken work from then on.
    """
    result = np.zeros(n_keys * HOURS)
    at, left = started.astype(np.int64), worked.astype(np.int64)
    key = key.astype(np.int64)
    while at.size:
        hour = at // HOUR
        part = np.minimum(left, (hour + 1) * HOUR - at)
        result += np.bincount(key * HOURS + hour % HOURS, part, minlength=result.size)
        more = left > part
        key, at, left = key[more], ((hour + 1) * HOUR)[more], (left - part)[more]
    return result.reshape(n_keys, HOURS) / HOUR


def spread(weekly: np.ndarray, shape: np.ndarray, is_open: np.ndarray) -> np.ndarray:
    """Weekly hours of work of each slot laid over the hours in which it is open, as its shape has
    them; evenly where the shape is empty there. f8[n, HOURS] erlang.

    weekly : f8[n] seat hours a week; shape : f8[n, HOURS]; is_open : bool[n, HOURS].
    """
    here = np.where(is_open, shape, 0.0)
    empty = here.sum(axis=1) <= 0
    here[empty] = is_open[empty]
    return weekly[:, None] * here / np.maximum(here.sum(axis=1, keepdims=True), 1e-300)

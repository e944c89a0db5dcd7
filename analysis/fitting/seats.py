"""How much is at work at once: what seats a place must have had at least."""

from typing import NamedTuple

import numpy as np

from sim.units import HOUR


class Seats(NamedTuple):
    """most : at work at once at the busiest moment; mean : over the time from the first start to
    the last end; resources : different ones seen; per_hour, most_per_hour : of them in an hour in
    which any is seen, on average and at most."""

    most: int
    mean: float
    resources: int
    per_hour: float
    most_per_hour: int


def at_once(start: np.ndarray, complete: np.ndarray) -> tuple[int, float]:
    """Most work at once, and its mean over time. start, complete : i8[n], start <= complete; work
    that ends when other begins is not at once with it."""
    if not len(start):
        return 0, 0.0
    ticks = np.concatenate([start, complete])
    change = np.concatenate([np.ones(len(start)), -np.ones(len(complete))])
    order = np.lexsort((change, ticks))
    level = np.cumsum(change[order])
    span = int(ticks.max() - ticks.min())
    area = float((complete - start).sum())
    return max(int(level.max()), 1), area / span if span else float(level.max())


def seats(start: np.ndarray, complete: np.ndarray, resource: np.ndarray) -> Seats:
    """As `at_once`, and the resources that complete; resource : i8[n], -1 where not known."""
    most, mean = at_once(start, complete) if (start > -(2**61)).all() else (0, float("nan"))
    known = resource >= 0
    if not known.any():
        return Seats(most, mean, 0, float("nan"), 0)
    pairs = np.unique(np.stack([complete[known] // HOUR, resource[known]]), axis=1)
    _, per_hour = np.unique(pairs[0], return_counts=True)
    return Seats(most, mean, len(np.unique(pairs[1])), float(per_hour.mean()), int(per_hour.max()))

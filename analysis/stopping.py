"""How many replications are enough: go on until an interval is narrow enough, and stays so.

The replications algorithm of Hoad, Robinson and Davies (2010, "Automated selection of the number
of replications for a discrete-event simulation", Journal of the Operational Research Society 61).
After each replication the half-width of the Student's t interval of the cumulative mean is
compared with the target. As an interval can be narrow by luck, the rule looks ahead: it stops only
when the target is still met through f(k, n) further replications, f = k up to n = 100 and
floor(k n / 100) beyond.

On common random numbers the values are paired differences, one a seed. Values are to be added in
the order of their seeds and those after the end are not taken, so the result doesn't depend on how
many are run at a time.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis.intervals import mean_interval
from sim.errors import InputError

RUNNING, MET, SPENT = "running", "met", "spent"


@dataclass(frozen=True)
class Target:
    """When to stop.

    half_width : of the interval, in the unit of the values, or as a share of |mean| if `relative`.
    least, most : replications; at `most` the budget is spent.
    look_ahead : replications through which the target must stay met (k; 5 in the paper).
    """

    half_width: float
    relative: bool = False
    level: float = 0.95
    least: int = 3
    most: int = 1000
    look_ahead: int = 5

    def __post_init__(self) -> None:
        allowed = {
            "half_width": (self.half_width > 0, "more than 0"),
            "level": (0 < self.level < 1, "between 0 and 1"),
            "least": (self.least >= 2, "2 or more"),
            "most": (self.most >= self.least, f"{self.least} (the least) or more"),
            "look_ahead": (self.look_ahead >= 0, "0 or more"),
        }
        for name, (fits, what) in allowed.items():
            if not fits:
                raise InputError(f"{name}: {getattr(self, name)}; allowed: {what}")

    def ahead(self, n: int) -> int:
        """Replications to look ahead from the n-th."""
        return self.look_ahead if n <= 100 else math.floor(self.look_ahead * n / 100)


class State(NamedTuple):
    """What is known after `n` replications.

    mean, low, high : None as by `mean_interval`. status : RUNNING, MET or SPENT.
    enough : replications after which the target was met and stayed met; None while it isn't.
    """

    n: int
    mean: float | None
    low: float | None
    high: float | None
    status: str
    enough: int | None

    @property
    def half_width(self) -> float | None:
        return None if self.low is None else (self.high - self.low) / 2

    @property
    def is_done(self) -> bool:
        return self.status != RUNNING


class Replications:
    """Values as they come, and whether they are enough."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.values: list[float | None] = []
        self.state = State(0, None, None, None, RUNNING, None)

    def add(self, value: float | None) -> State:
        """Take the next replication's value, None if it has none; the state after it."""
        if self.state.is_done:
            return self.state
        self.values.append(value)
        n, target = len(self.values), self.target
        interval = mean_interval(self.values, target.level)
        enough = (self.state.enough or n) if self._is_narrow(interval) else None
        if enough is not None and n - enough >= target.ahead(enough):
            status = MET
        else:
            status = SPENT if n >= target.most else RUNNING
        self.state = State(n, *interval, status, enough)
        return self.state

    def _is_narrow(self, interval: tuple) -> bool:
        mean, low, high = interval
        if low is None or len(self.values) < self.target.least:
            return False
        allowed = self.target.half_width * (abs(mean) if self.target.relative else 1.0)
        return (high - low) / 2 <= allowed


def until(target: Target, values: Iterable[float | None]) -> State:
    """Take values until they are enough, or there are no more."""
    replications = Replications(target)
    for value in values:
        if replications.add(value).is_done:
            break
    return replications.state


def cumulative(
    values: Sequence[float], level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, low and high after 1, 2, ... values, each float[n]; ends NaN after the first."""
    from scipy.special import stdtrit

    values = np.asarray(values, float)
    n = np.arange(1, values.size + 1)
    mean = np.cumsum(values) / n
    about = values - values[:1]  # against the loss of digits by subtracting squares
    square = np.cumsum(about**2) - np.cumsum(about) ** 2 / n
    margin = np.full(values.size, np.nan)
    m = n[1:]
    deviation = np.sqrt(np.maximum(square[1:], 0) / (m - 1))
    margin[1:] = stdtrit(m - 1, (1 + level) / 2) * deviation / np.sqrt(m)
    return mean, mean - margin, mean + margin

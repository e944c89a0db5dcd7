"""What is measured of a queue, and the checks of what is given.

All times are in one unit of the caller's choice, rates per that unit. `work` is the time that a
seat spends on a job (service time), `load` the work that comes per unit of time [erlang].
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from numbers import Integral

import numpy as np

from sim.errors import InputError

Tail = Callable[[np.ndarray | float], np.ndarray | float]
"""P(duration > t), of a time t >= 0 or an array of them."""


@dataclass(frozen=True)
class Measures:
    """A queue in its steady state. Jobs that are blocked count in `arrival_rate` and
    `lost_share` only; jobs that give up while they wait count in everything."""

    arrival_rate: float
    """Jobs that come, per unit of time."""
    utilisation: float
    """Mean share of the seats that are busy."""
    waiting_share: float
    """P(wait > 0)."""
    mean_wait: float
    mean_waiting: float
    """Mean number of jobs waiting, Lq."""
    mean_time: float
    """Mean time in the system: wait and work."""
    mean_present: float
    """Mean number of jobs in the system, L."""
    lost_share: float = 0.0
    """Share of all jobs that are blocked, or give up before a seat takes them."""
    wait_tail: Tail | None = field(default=None, repr=False, compare=False)
    """P(wait > t); None where it isn't known exactly."""
    time_tail: Tail | None = field(default=None, repr=False, compare=False)
    """P(time in the system > t); None where it isn't known exactly."""

    def wait_quantile(self, p: float) -> float:
        """The wait that a share p of the jobs don't exceed; 0 if as many don't wait.

        p : 0 <= p < 1. Raises InputError where the distribution isn't known exactly.
        """
        return self._quantile("wait", self.wait_tail, p)

    def time_quantile(self, p: float) -> float:
        """The time in the system that a share p of the jobs don't exceed; as `wait_quantile`."""
        return self._quantile("time in the system", self.time_tail, p)

    def _quantile(self, what: str, tail: Tail | None, p: float) -> float:
        if tail is None:
            raise InputError(f"the distribution of the {what} is not known for this queue")
        if not 0 <= p < 1:
            raise InputError(f"p = {p} is no share of the jobs; allowed is 0 <= p < 1")
        if tail(0.0) <= 1 - p:
            return 0.0
        from scipy.optimize import brentq

        high = self.mean_time
        while tail(high) > 1 - p:
            high *= 2
        return float(brentq(lambda t: tail(t) - (1 - p), 0.0, high, xtol=1e-13 * high))


def lossless(
    arrival_rate: float,
    work_mean: float,
    seats: float,
    waiting_share: float,
    mean_wait: float,
    wait_tail: Tail | None = None,
    time_tail: Tail | None = None,
) -> Measures:
    """Measures of a queue that loses nothing, completed by Little's law (Little 1961)."""
    return Measures(
        arrival_rate=float(arrival_rate),
        utilisation=float(arrival_rate * work_mean / seats),
        waiting_share=float(waiting_share),
        mean_wait=float(mean_wait),
        mean_waiting=float(arrival_rate * mean_wait),
        mean_time=float(mean_wait + work_mean),
        mean_present=float(arrival_rate * (mean_wait + work_mean)),
        wait_tail=wait_tail,
        time_tail=time_tail,
    )


def require_positive(**values: float) -> None:
    """Raise InputError unless all are finite numbers above 0."""
    for name, value in values.items():
        if not (isfinite(value) and value > 0):
            raise InputError(f"{name} = {value} is not allowed: it must be a number above 0")


def require_not_negative(**values: float) -> None:
    """Raise InputError unless all are finite numbers, 0 or more."""
    for name, value in values.items():
        if not (isfinite(value) and value >= 0):
            raise InputError(f"{name} = {value} is not allowed: it must be a number, 0 or more")


def require_whole(least: int, **values: int) -> None:
    """Raise InputError unless all are whole numbers, `least` or more."""
    for name, value in values.items():
        if not isinstance(value, Integral) or value < least:
            raise InputError(
                f"{name} = {value} is not allowed: it must be a whole number, {least} or more"
            )


def require_list(least: int | None = None, **lists: np.ndarray) -> None:
    """Raise InputError unless all are lists of finite numbers, 0 or more, as long as each other;
    of whole numbers, `least` or more, where that is given."""
    lengths = {name: np.shape(values) for name, values in lists.items()}
    for name, shape in lengths.items():
        if len(shape) != 1 or 0 in shape:
            raise InputError(f"{name} must be a list of numbers, not of shape {shape}")
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {shape[0]}" for name, shape in lengths.items())
        raise InputError(f"lists must be equally long, but have as many entries: {told}")
    for name, values in lists.items():
        for i, value in enumerate(values):
            if least is None:
                require_not_negative(**{f"{name}[{i}]": value})
            else:
                require_whole(least, **{f"{name}[{i}]": value})


def require_stable(arrival_rate: float, capacity: float, seats: str) -> None:
    """Raise InputError unless `seats`, such as "3 seats", can do more jobs than come.

    capacity : jobs per unit of time that they do while someone always waits
    """
    if not arrival_rate < capacity:
        raise InputError(
            f"{seats} can do {capacity:.6g} jobs per unit of time, but {arrival_rate:.6g} come; "
            "the queue would grow without end"
        )


def seats_of(count: int) -> str:
    """Seats, in words."""
    return "1 seat" if count == 1 else f"{count} seats"

"""What a run of a reduced world shows, and the numbers of it that theory knows."""

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from analysis.queueing import Measures
from experiments.one_run import Run
from sim.records import FLOW_COLUMNS
from sim.units import HOUR


class Seen:
    """What one run shows, by the names that checks use."""

    def __init__(self, run: Run):
        self.run = run

    @cached_property
    def desks(self) -> dict:
        return self.run.summary()["desks"]

    @cached_property
    def whole(self) -> dict:
        return self.run.metrics()

    @cached_property
    def by_kind(self) -> np.ndarray:
        """Mean time in the system by kind [h]."""
        return self.run.reducer.breakdown("kind")["mean_latency_hours"]

    @cached_property
    def present(self) -> np.ndarray:
        """Incidents noticed and not solved at the end of each hour of the run."""
        flow = dict(zip(FLOW_COLUMNS, self.run.flow.T, strict=True))
        return np.cumsum(flow["noticed"] - flow["solved"])

    def present_at(self, hour: int) -> float:
        """The same at an hour of the day, mean over the days of the window."""
        first, last = (tick // HOUR for tick in self.run.parameters.window)
        return float(self.present[first + hour - 1 : last : 24].mean())


class Check(NamedTuple):
    """One number that theory knows."""

    measure: str
    expected: float
    read: Callable[[Seen], float]


_OF_DESK = {
    "mean_wait_hours": ("mean wait (h)", "mean_wait"),
    "waiting_share": ("P(wait > 0)", "waiting_share"),
    "mean_waiting": ("mean number waiting", "mean_waiting"),
    "utilisation": ("utilisation", "utilisation"),
    "lost_share": ("share lost", "lost_share"),
}


def at_desk(kind: str, measures: Measures, *names: str) -> list[Check]:
    """Checks of a desk's measures, the four usual ones unless named."""
    names = names or ("mean_wait_hours", "waiting_share", "mean_waiting", "utilisation")
    return [
        Check(
            f"{kind}: {_OF_DESK[name][0]}",
            getattr(measures, _OF_DESK[name][1]),
            reader(kind, name),
        )
        for name in names
    ]


def reader(kind: str, name: str) -> Callable[[Seen], float]:
    """How to read a measure of a kind of desk."""
    return lambda seen: seen.desks[kind][name]


def time_in_system(expected: float) -> Check:
    """The mean time in the system."""
    return Check(
        "mean time in the system (h)",
        expected,
        lambda seen: seen.whole["closure_latency_mean_hours"],
    )


def time_quantile(measures: Measures, percent: int) -> Check:
    """A percentile of the time in the system."""
    name = f"closure_latency_p{percent}_hours"
    expected = measures.time_quantile(percent / 100)
    return Check(f"p{percent} of the time in the system (h)", expected, lambda s: s.whole[name])

"""How often confidence intervals hold what they promise: repeated studies with known answers.

Each repetition is a small study, as `compare` would do it, of two reduced worlds whose mean times
in the system theory knows: four separate desks and one pool, on the same incidents.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from analysis.intervals import mean_interval, paired_interval
from experiments.one_run import simulate
from experiments.theory import expected
from scenarios.load import load
from scenarios.parameters import Parameters

REPLICATIONS = 6
WORLDS = ("separate", "pooled")
SHORT = ("horizon.warmup_days=4", "horizon.cohort_days=14", "horizon.followup_days=3")
SHORTEST, LONGEST = 0.93, 0.97
"""Bounds of the coverage of a 95 % interval that is to be called honest."""

METRIC, MEASURE = "closure_latency_mean_hours", "mean time in the system (h)"


@dataclass(frozen=True)
class Coverage:
    """How many of so many intervals held the known answer."""

    what: str
    truth: float
    repetitions: int
    held: int

    @property
    def share(self) -> float:
        return self.held / self.repetitions

    @property
    def is_honest(self) -> bool:
        return SHORTEST <= self.share <= LONGEST


@cache
def _worlds() -> tuple[Parameters, ...]:
    return tuple(
        load([f"experiment=theory/{name}", "record=summary", "horizon.mean_days=3", *SHORT])
        for name in WORLDS
    )


@cache
def truths() -> tuple[float, float]:
    """Known mean times of both worlds [h]."""
    a, b = (
        next(check.expected for check in expected(world) if check.measure == MEASURE)
        for world in _worlds()
    )
    return a, b


def study(number: int) -> tuple[bool, bool, bool]:
    """Whether the intervals of one study hold: both means and their paired difference.

    number : of the repetition; it sets the seeds, different from those of any other.
    """
    seeds = range(number * REPLICATIONS, (number + 1) * REPLICATIONS)
    a, b = ([simulate(world, seed).metrics()[METRIC] for seed in seeds] for world in _worlds())
    first, second = truths()
    return (
        _holds(mean_interval(a), first),
        _holds(mean_interval(b), second),
        _holds(paired_interval(a, b), second - first),
    )


def _holds(interval: Sequence[float | None], truth: float) -> bool:
    _, low, high = interval
    return low <= truth <= high


def studies(numbers: Sequence[int]) -> np.ndarray:
    """How many of some studies held, by question, i8[3]."""
    return np.sum([study(number) for number in numbers], axis=0, dtype=np.int64)


def coverage(repetitions: int, held: np.ndarray) -> Iterator[Coverage]:
    """What so many repetitions say."""
    first, second = truths()
    questions = (
        (f"mean of `{WORLDS[0]}`", first),
        (f"mean of `{WORLDS[1]}`", second),
        (f"`{WORLDS[1]}` minus `{WORLDS[0]}`, paired", second - first),
    )
    for (what, truth), n in zip(questions, held.tolist(), strict=True):
        yield Coverage(what, truth, repetitions, n)

"""How often the rules of analysis/ keep what they promise, on problems with known answers.

A trial is one use of a rule on random numbers of its own: does its interval hold the truth, is the
best system chosen, is the planted box found? No simulation is run. The claim of a promise is the
share of trials in which it is kept: 0.95 or more where that is exact, 0.93 or 0.94 for 95 % rules
that are exact only in the limit (stopping, batches, sections, KN++, sampled orders), 0.9 for boxes.
A promise counts as broken if so few would be kept by chance in fewer than one of 1,000 cases.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from analysis.break_even import break_even
from analysis.discovery import Prim, inside, jaccard
from analysis.long_run import batch_means, quantile_interval, section_quantile, split
from analysis.selection import Selection
from analysis.shapley import coalitions, exact, orders, sampled
from analysis.stopping import Target, until

Random = np.random.Generator
_CHANCE = 0.001


@dataclass(frozen=True)
class Promise:
    """claim : share of trials in which the promise is kept."""

    what: str
    claim: float
    trial: Callable[[Random], bool]


@dataclass(frozen=True)
class Kept:
    """In how many of so many trials a promise was kept."""

    what: str
    claim: float
    trials: int
    held: int

    @property
    def share(self) -> float:
        return self.held / self.trials

    @property
    def is_kept(self) -> bool:
        from scipy.special import bdtr

        return bool(bdtr(self.held, self.trials, self.claim) >= _CHANCE)


# --- stopping ---------------------------------------------------------------------------------


def _stopped(draw: Callable[[Random], float], truth: float, random: Random) -> bool:
    """Replications until the interval is within 10 % of the mean."""
    target = Target(0.1, relative=True, most=5000)
    end = until(target, iter(partial(draw, random), None))
    return end.low <= truth <= end.high


def _normal(random: Random) -> float:
    return random.normal(10.0, 3.0)


def _skewed(random: Random) -> float:
    return random.exponential(10.0)


# --- one long run -----------------------------------------------------------------------------

_LOAD = 0.7


def _autoregressive(random: Random, n: int = 20_000, phi: float = 0.9) -> np.ndarray:
    """A stationary AR(1) series of mean 0 and variance 1."""
    from scipy.signal import lfilter

    shocks = random.normal(0, math.sqrt(1 - phi**2), n)
    shocks[0] /= math.sqrt(1 - phi**2)
    return lfilter([1.0], [1.0, -phi], shocks)


def _waits(random: Random, n: int = 100_000, warmup: int = 2_000) -> np.ndarray:
    """Waits of n jobs of M/M/1, whose mean work is 1: W' = max(0, W + S - A) (Lindley 1952)."""
    steps = random.exponential(1.0, n + warmup) - random.exponential(1 / _LOAD, n + warmup)
    walk = np.concatenate([[0.0], np.cumsum(steps)])
    return (walk - np.minimum.accumulate(walk))[warmup + 1 :]


def _batches_hold(series: Callable[[Random], np.ndarray], truth: float, random: Random) -> bool:
    found = batch_means(series(random))
    return found.low <= truth <= found.high


def _mean_wait() -> float:
    return _LOAD / (1 - _LOAD)


def _wait_quantile(p: float) -> float:
    """P(W > x) = load exp(-(1 - load) x)."""
    return math.log(_LOAD / (1 - p)) / (1 - _LOAD)


def _sections_hold(random: Random) -> bool:
    found = section_quantile(split(_waits(random)), 0.9)
    return found.low <= _wait_quantile(0.9) <= found.high


def _quantile_holds(random: Random) -> bool:
    found = quantile_interval(random.exponential(size=60), 0.9)
    return found.low <= math.log(10) <= found.high


# --- selection --------------------------------------------------------------------------------


def _chooses(systems: int, correlation: float, updating: bool, random: Random) -> bool:
    """The slippage configuration: the best is lower by just the zone, all others are equal."""
    zone = 0.5 * math.sqrt(1 - correlation)
    names = [str(i) for i in range(systems)]
    selection = Selection(names, zone, updating=updating)
    while wanted := selection.wanted:
        values = math.sqrt(1 - correlation) * random.normal(size=systems)
        values += math.sqrt(correlation) * random.normal()
        values[0] -= zone
        selection.add({name: values[int(name)] for name in wanted})
    return selection.state.best == "0"


# --- attribution, break-even, discovery -------------------------------------------------------


def _shares_hold(random: Random) -> bool:
    """The share of one player of six, whose game has values at random."""
    members = coalitions("abcdef")
    mean = dict(zip(members, random.normal(100, 30, (64, 1)), strict=True))
    noise = dict(zip(members, random.normal(0, 20, (64, 8)), strict=True))
    truth = exact("abcdef", mean.__getitem__).means[0]
    drawn = orders("abcdef", 10, seed=int(random.integers(2**32)))
    found = sampled("abcdef", drawn, lambda one: mean[one] + noise[one])
    return bool(found.low[0] <= truth <= found.high[0])


def _crossing_held(random: Random) -> bool:
    x = np.array([0.0, 1.0, 2.0, 4.0, 6.0])
    noise = random.normal(0, 1, 10) + random.normal(0, 0.25, (5, 10))
    found = break_even(x, 2 * (x[:, None] - 2.5) + noise)
    return (found.low or 0.0) <= 2.5 <= (found.high or 6.0)


_PLANTED = {"x0": (0.4, math.inf), "x1": (-math.inf, 0.6), "x2": (0.3, math.inf)}


def _box_found(noise: float, random: Random) -> bool:
    """500 points in six columns; the box is a quarter of the space."""
    points, probe = ({f"x{i}": random.random(n) for i in range(6)} for n in (500, 10_000))
    labels = inside(points, _PLANTED) ^ (random.random(500) < noise)
    found = Prim().find(points, labels).box.limits
    return jaccard(inside(probe, _PLANTED), inside(probe, found)) >= 0.7


PROMISES = (
    Promise(
        "stopping at 10 % of the mean, normal values: 95 % interval", 0.93,
        partial(_stopped, _normal, 10.0),
    ),
    Promise(
        "stopping at 10 % of the mean, exponential values: 95 % interval", 0.93,
        partial(_stopped, _skewed, 10.0),
    ),
    Promise(
        "batch means, AR(1) of 0.9, 20,000 values: 95 % interval", 0.94,
        partial(_batches_hold, _autoregressive, 0.0),
    ),
    Promise(
        "batch means, waits of M/M/1 at 0.7, 100,000 jobs: 95 % interval", 0.93,
        partial(_batches_hold, _waits, _mean_wait()),
    ),
    Promise("0.9-quantile of 60 independent values: 95 % interval", 0.95, _quantile_holds),
    Promise("0.9-quantile of the waits of M/M/1, sections: 95 % interval", 0.93, _sections_hold),
    Promise("best of 5 by KN, independent: 95 %", 0.95, partial(_chooses, 5, 0.0, False)),
    Promise("best of 5 by KN++, independent: 95 %", 0.94, partial(_chooses, 5, 0.0, True)),
    Promise("best of 5 by KN++, correlated by 0.7: 95 %", 0.94, partial(_chooses, 5, 0.7, True)),
    Promise("best of 2 by KN++, independent: 95 %", 0.94, partial(_chooses, 2, 0.0, True)),
    Promise("Shapley values from 20 sampled orders of 6: 95 % interval", 0.94, _shares_hold),
    Promise("break-even of a line: 95 % interval", 0.95, _crossing_held),
    Promise("planted box, 1 label in 10 wrong: Jaccard 0.7 or more", 0.9, partial(_box_found, 0.1)),
)  # fmt: skip


def trials(index: int, numbers: Sequence[int]) -> int:
    """In how many of the trials with these numbers the promise of that index was kept."""
    promise = PROMISES[index]
    return sum(promise.trial(np.random.default_rng([index, number])) for number in numbers)


def kept(n_trials: int, held: Sequence[int]) -> list[Kept]:
    """What so many trials of each promise say."""
    return [
        Kept(promise.what, promise.claim, n_trials, n)
        for promise, n in zip(PROMISES, held, strict=True)
    ]

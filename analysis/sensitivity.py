"""Which assumptions a result rests on: screening by Morris, shares of variance by Sobol', swings.

The designs and estimators are those of SALib. A design asks for one outcome a row, such as the
paired difference on the mean over the replications. Where rows don't share their seeds, or a
change of any factor reshuffles what happens by chance, the outcomes carry noise, and a factor
without any effect looks as if it had one: give `noise` to have that told apart.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis.extras import extra
from analysis.intervals import Interval, mean_interval, paired_interval
from sim.errors import InputError

_RESAMPLES = 1000


@dataclass(frozen=True)
class Factors:
    """What is varied, and between what.

    ranges : {FACTOR: (low, high)}. groups : {FACTOR: GROUP}; factors of a group are varied
    together and judged as one. Without groups each factor stands for itself.
    """

    ranges: Mapping[str, tuple[float, float]]
    groups: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        for name, (low, high) in self.ranges.items():
            if not -math.inf < low < high < math.inf:
                raise InputError(f"{name}: {low}..{high}; allowed: low below high, both finite")
        if self.groups is not None and set(self.groups) != set(self.ranges):
            odd = sorted(set(self.groups) ^ set(self.ranges))
            raise InputError(f"groups: {odd}; allowed: a group for each factor, no others")
        if len(self.judged) < 2:
            raise InputError(f"{len(self.judged)} factors or groups; allowed: 2 or more")

    @property
    def judged(self) -> tuple[str, ...]:
        """Groups, or factors where there are no groups."""
        groups = self.groups or {}
        return tuple(dict.fromkeys(groups.get(name, name) for name in self.ranges))

    def problem(self) -> dict:
        """What SALib calls a problem."""
        problem = {
            "num_vars": len(self.ranges),
            "names": list(self.ranges),
            "bounds": [list(ends) for ends in self.ranges.values()],
        }
        if self.groups is not None:
            problem["groups"] = [self.groups[name] for name in self.ranges]
        return problem


# --- screening --------------------------------------------------------------------------------


class Effect(NamedTuple):
    """Elementary effects of a factor over its whole range [unit of the outcome].

    mu_star : mean size, with its interval low..high. mu : mean. sigma : standard deviation, which
    is large where the effect depends on other factors or bends; None, like mu, for groups.
    is_distinguishable : the interval lies above what noise alone would give.
    """

    name: str
    mu_star: float
    low: float
    high: float
    mu: float | None
    sigma: float | None
    is_distinguishable: bool


def morris_design(factors: Factors, trajectories: int, seed: int, levels: int = 4) -> np.ndarray:
    """Random trajectories in which one factor or group moves at a time (Morris 1991, Technometrics
    33; groups: Campolongo, Cariboni and Saltelli 2007, Environmental Modelling and Software 22).

    Returns float[trajectories * (judged + 1), factors], a row a run. levels : of each factor, even.
    """
    morris = extra("SALib.sample.morris")

    if trajectories < 2 or levels < 2 or levels % 2:
        raise InputError(
            f"{trajectories} trajectories of {levels} levels; "
            "allowed: 2 trajectories or more, an even number of levels"
        )
    return morris.sample(factors.problem(), trajectories, num_levels=levels, seed=seed)


def morris_effects(
    factors: Factors,
    design: np.ndarray,
    outcomes: Sequence[float],
    *,
    seed: int,
    noise: float | Mapping[str, float] = 0.0,
    levels: int = 4,
    level: float = 0.95,
) -> list[Effect]:
    """Elementary effects, the largest mean size first; intervals by bootstrap over trajectories.

    noise : standard error of an outcome, or {FACTOR or GROUP: that of the runs it is judged by},
    where some reshuffle more than others. An elementary effect of noise alone is normal with
    deviation d = noise sqrt(2) / delta, so its mean size over r trajectories is d sqrt(2 / pi),
    with deviation d sqrt((1 - 2 / pi) / r); the upper end of that is what has to be exceeded.
    """
    morris = extra("SALib.analyze.morris")

    outcomes = _finite(outcomes, len(design))
    found = morris.analyze(
        factors.problem(), np.asarray(design, float), outcomes, num_resamples=_RESAMPLES,
        conf_level=level, num_levels=levels, seed=seed,
    )  # fmt: skip
    trajectories = len(design) // (len(factors.judged) + 1)
    effects = []
    for i, name in enumerate(found["names"]):
        size, margin = float(found["mu_star"][i]), float(found["mu_star_conf"][i])
        mu, sigma = (
            None if factors.groups is not None else float(found[key][i]) for key in ("mu", "sigma")
        )
        low = max(size - margin, 0.0)
        floor = _noise_floor(_noise_of(str(name), noise), trajectories, levels, level)
        effects.append(Effect(str(name), size, low, size + margin, mu, sigma, low > floor))
    return sorted(effects, key=lambda effect: -effect.mu_star)


def _noise_of(name: str, noise: float | Mapping[str, float]) -> float:
    return noise[name] if isinstance(noise, Mapping) else noise


def _noise_floor(noise: float, trajectories: int, levels: int, level: float) -> float:
    from scipy.special import ndtri

    deviation = noise * math.sqrt(2) * 2 * (levels - 1) / levels  # delta = p / (2 (p - 1))
    above = ndtri(level) * math.sqrt((1 - 2 / math.pi) / trajectories)
    return deviation * (math.sqrt(2 / math.pi) + float(above))


# --- shares of variance -----------------------------------------------------------------------


class Share(NamedTuple):
    """Shares of the outcome's variance.

    first : by the factor alone. total : by the factor and all it takes part in; it is what would
    be left if all others were known. is_distinguishable : the interval of the total lies above
    what noise alone would give.
    """

    name: str
    first: float
    first_low: float
    first_high: float
    total: float
    total_low: float
    total_high: float
    is_distinguishable: bool


def sobol_design(factors: Factors, n: int, seed: int) -> np.ndarray:
    """Scrambled Sobol' points, crossed as by Saltelli and others (2010, Computer Physics
    Communications 181). Returns float[n * (judged + 2), factors], a row a run.

    Raises InputError unless n is a power of two, as the points are balanced only then.
    """
    sobol = extra("SALib.sample.sobol")

    if n < 4 or n & (n - 1):
        raise InputError(f"n: {n}; allowed: 4, 8, 16 or another power of two")
    return sobol.sample(factors.problem(), n, calc_second_order=False, seed=seed)


def sobol_shares(
    factors: Factors,
    outcomes: Sequence[float],
    *,
    seed: int,
    noise: float | Mapping[str, float] = 0.0,
    level: float = 0.95,
) -> list[Share]:
    """First and total shares of variance, the largest total first; intervals by bootstrap.

    outcomes : of the rows of `sobol_design`. noise : as of `morris_effects`; noise alone
    gives every factor a total of noise^2 over the variance, as the total is estimated by half the
    mean squared difference of two runs (Jansen 1999, Computer Physics Communications 117).
    An outcome that never changes has no shares: all are 0.
    """
    sobol = extra("SALib.analyze.sobol")

    judged = factors.judged
    outcomes = _finite(outcomes, None)
    if outcomes.size % (len(judged) + 2) or not outcomes.size:
        raise InputError(f"{outcomes.size} outcomes; allowed: n times {len(judged) + 2}")
    if np.ptp(outcomes) == 0:
        return [Share(name, *[0.0] * 6, False) for name in judged]
    found = sobol.analyze(
        factors.problem(), outcomes, calc_second_order=False, num_resamples=_RESAMPLES,
        conf_level=level, seed=seed + 1,  # 0 would mean no seed
    )  # fmt: skip
    shares = []
    for i, name in enumerate(judged):
        first, first_margin, total, total_margin = (
            float(found[key][i]) for key in ("S1", "S1_conf", "ST", "ST_conf")
        )
        floor = _noise_of(name, noise) ** 2 / outcomes.var()
        shares.append(
            Share(
                name, first, first - first_margin, first + first_margin,
                total, total - total_margin, total + total_margin, total - total_margin > floor,
            )
        )  # fmt: skip
    return sorted(shares, key=lambda share: -share.total)


def rests_on(entries: Sequence[Effect] | Sequence[Share]) -> list[str]:
    """The factors that the outcome rests on, the weightiest first."""
    return [entry.name for entry in entries if entry.is_distinguishable]


def _finite(outcomes: Sequence[float], n: int | None) -> np.ndarray:
    outcomes = np.asarray(outcomes, float)
    if outcomes.ndim != 1 or (n is not None and outcomes.size != n):
        raise InputError(f"outcomes of shape {outcomes.shape}; allowed: one a run")
    if not np.isfinite(outcomes).all():
        raise InputError("an outcome is missing; a sensitivity analysis needs all of its runs")
    return outcomes


# --- one factor at a time ---------------------------------------------------------------------


class Swing(NamedTuple):
    """The outcome with a factor at either end of its range, all others as they are.

    at_low, at_high : mean and interval. change : of the second against the first, paired.
    """

    name: str
    at_low: Interval
    at_high: Interval
    change: Interval

    @property
    def is_distinguishable(self) -> bool:
        _, low, high = self.change
        return low is not None and not low <= 0 <= high


def swings(
    ends: Mapping[str, tuple[Sequence[float], Sequence[float]]], level: float = 0.95
) -> list[Swing]:
    """Swings, the widest first; those that lack a value last.

    ends : {FACTOR: (values at its low end, at its high end)}, one a replication, on the same seeds.
    """
    found = [
        Swing(name, mean_interval(low, level), mean_interval(high, level),
              paired_interval(low, high, level))
        for name, (low, high) in ends.items()
    ]  # fmt: skip
    return sorted(found, key=lambda s: math.inf if s.change[0] is None else -abs(s.change[0]))

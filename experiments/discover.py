"""`guantong discover`: in which part of the space of assumptions the second policy is better.

Points of the space are drawn, both policies run at each on the same incidents, and a point is of
interest where the second is better by as much as is asked. Boxes are looked for among the points of
whichever sort is rarer (PRIM), a regression tree is grown as a second opinion, and boxes are judged
again in halves of the points and under labels that chance may have given.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from analysis.designs import latin_hypercube, sobol
from analysis.discovery import Box, Prim, Stability, inside, stability
from analysis.tree import Leaf, grow
from experiments import console, discover_report
from experiments.space import DIGITS, Differences, Space, space_of
from experiments.store import results_folder, write_study, write_table
from experiments.study import Study
from experiments.sweep import FailedPointsError
from scenarios.commands import DiscoverSettings
from scenarios.load import compose_settings, load_policies
from scenarios.schema import Settings
from sim.errors import InputError

SCENARIO = "scenario"
_FEWEST = 8  # points that a box or a tree can be looked for in
_SURE = 1.96  # standard errors


@dataclass(frozen=True)
class Sample:
    """The points that have values.

    place : of each in the design. columns : {COLUMN: values}, in the unit of a lone number, a share
    of the ranges of several, names of scenarios. values : of the metric, f8[n, replications, 2].
    score : f8[n, replications], how much better the second policy is than asked; above 0 is of
    interest. error : standard error of a mean score, None for one replication.
    """

    place: np.ndarray
    columns: Mapping[str, np.ndarray]
    values: np.ndarray
    score: np.ndarray
    error: float | None

    @property
    def mean(self) -> np.ndarray:
        return self.score.mean(axis=1)

    @property
    def doubtful(self) -> np.ndarray:
        """Points whose interval across replications straddles what is asked, bool[n]."""
        if self.error is None:
            return np.zeros(self.mean.size, bool)
        return np.abs(self.mean) <= _SURE * self.error


@dataclass(frozen=True)
class Judged:
    """A box, and how it does where labels are drawn anew: 5 % and 95 % of density and coverage;
    None for one replication."""

    box: Box
    density: tuple[float, float] | None
    coverage: tuple[float, float] | None


@dataclass
class Found:
    """What was found.

    better : points of interest, bool[n]. target : what the boxes hold: "better", "worse", or "best"
    or "worst" where the best or worst quarter or so is looked for; None where nothing is.
    labels : bool[n], those of the target. again : of the first box; overlaps of at least a half
    with it count as its coming back.
    """

    space: Space
    sample: Sample
    better: np.ndarray
    target: str | None = None
    labels: np.ndarray | None = None
    boxes: list[Judged] = field(default_factory=list)
    again: Stability | None = None
    leaves: list[Leaf] = field(default_factory=list)

    @property
    def returns(self) -> float | None:
        """Share of halves of the points in which the first box comes back."""
        return None if self.again is None else float((self.again.overlap >= 0.5).mean())


def discover(overrides: Sequence[str] = ()) -> Path:
    """Run the points, look for boxes, print what was found, write a results folder; its path.

    Raises InputError before the first run for settings that are wrong; FailedPointsError, when
    all is written, if points have failed or have no value.
    """
    begun = time.perf_counter()
    first = next(iter(load_policies(overrides).values()))
    settings, asked = first.settings, first.settings.discover
    space = space_of(overrides, settings, asked.only, "discover")
    shares, scenarios = _design(space, asked, settings.seed)
    with Study(settings) as study:
        runs = Differences(study, overrides, settings, asked.metric, asked.replications, "discover")
        more = [[f"scenario={name}"] for name in scenarios] or None
        values = runs.at("the space", space.rows(shares), more)
    sample = sample_of(space, shares, scenarios, values, asked)
    found = look(space, sample, settings)
    made = discover_report.summary(found, settings, len(values))
    with results_folder(settings.results, "discover") as (folder, final):
        config = compose_settings(overrides)
        write_study(folder, config, made, runs.failures, first, runs.seeds, begun)
        for name, frame in discover_report.tables(found, settings).items():
            write_table(folder / name, frame)
        discover_report.draw(folder / "figures", found, settings)
    discover_report.show(found, made, settings)
    console.console.print(f"results: {final}", soft_wrap=True)
    if runs.failures:
        raise FailedPointsError(runs.failures, runs.points, final)
    return final


def _design(space: Space, asked: DiscoverSettings, seed: int) -> tuple[np.ndarray, list[str]]:
    """Shares of the ranges, f8[points, factors], and the scenario of each point, if any are asked
    for. Raises InputError."""
    names = asked.scenarios
    if len(set(names)) < len(names):
        raise InputError(f"discover.scenarios: {names}; allowed: different names")
    width = len(space.factors) + bool(names)
    if asked.design == "sobol":
        design = sobol(asked.points, width)
    else:
        design = latin_hypercube(asked.points, width, seed)
    of_point = [names[int(share * len(names))] for share in design[:, -1]] if names else []
    return np.round(design[:, : len(space.factors)], DIGITS), of_point


def sample_of(
    space: Space,
    shares: np.ndarray,
    scenarios: Sequence[str],
    values: np.ndarray,
    asked: DiscoverSettings,
) -> Sample:
    """The points that have values in all replications, and how much better the second policy is
    there than asked: than the first by `reach`, or by a share of its value."""
    known = np.flatnonzero(np.isfinite(values).all(axis=(1, 2)))
    columns: dict[str, np.ndarray] = {}
    for factor, column in zip(space.factors.values(), shares[known].T, strict=True):
        low, high = factor.ends
        columns[discover_report.column(factor)] = low + column * (high - low)
    if scenarios:
        columns[SCENARIO] = np.array(scenarios)[known]
    values = values[known]
    gain = values[..., 0] - values[..., 1]
    if asked.better == "higher":
        gain = -gain
    least = asked.reach if asked.reduction is None else asked.reduction * np.abs(values[..., 0])
    score = gain - least
    n = score.shape[1]
    error = None
    if n > 1 and len(score):  # told from all points together: two replications tell little of one
        error = math.sqrt(score.var(axis=1, ddof=1).mean() / n)
    return Sample(known, columns, values, score, error)


# --- looking ----------------------------------------------------------------------------------


def look(space: Space, sample: Sample, settings: Settings) -> Found:
    """Boxes and tree. Where all or no points are of interest, boxes of the worst or best of them
    are looked for if `discover.quantile` says how many."""
    asked = settings.discover
    found = Found(space, sample, sample.mean > 0)
    if sample.mean.size < _FEWEST:
        return found
    found.target, threshold = _target(sample.mean, asked.quantile)
    found.leaves = grow(sample.columns, sample.mean, leaves=asked.leaves)
    if found.target is None:
        return found
    sign = 1.0 if found.target in ("better", "best") else -1.0
    found.labels = sign * (sample.mean - threshold) > 0
    prim = Prim(dense=asked.dense)
    boxes = prim.cover(sample.columns, found.labels, asked.boxes)
    drawn = _labels_drawn(sample, threshold, sign, asked.resamples, settings.seed)
    found.boxes = [_judged(box, sample, drawn) for box in boxes]
    if boxes:
        found.again = stability(
            sample.columns, found.labels, prim=prim, resamples=asked.resamples, seed=settings.seed
        )
    return found


def _target(mean: np.ndarray, quantile: float | None) -> tuple[str | None, float]:
    """What boxes are to hold, and the score that parts it from the rest."""
    share = float((mean > 0).mean())
    if 0 < share < 1:
        return ("better" if share <= 0.5 else "worse"), 0.0
    if quantile is None:
        return None, 0.0
    if share == 1:
        return "worst", float(np.quantile(mean, quantile))
    return "best", float(np.quantile(mean, 1 - quantile))


def _labels_drawn(
    sample: Sample, threshold: float, sign: float, resamples: int, seed: int
) -> np.ndarray | None:
    """Labels as another set of replications might give them, bool[resamples, n]: each mean score
    with a normal error of its standard error added."""
    if sample.error is None:
        return None
    random = np.random.default_rng(seed)
    errors = random.normal(0.0, sample.error, (resamples, sample.mean.size))
    return sign * (sample.mean + errors - threshold) > 0


def _judged(box: Box, sample: Sample, drawn: np.ndarray | None) -> Judged:
    if drawn is None:
        return Judged(box, None, None)
    held = inside(sample.columns, box.limits)
    density = drawn[:, held].mean(axis=1)
    coverage = drawn[:, held].sum(axis=1) / np.maximum(drawn.sum(axis=1), 1)
    return Judged(box, *(tuple(np.quantile(x, (0.05, 0.95)).tolist()) for x in (density, coverage)))

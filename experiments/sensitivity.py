"""`guantong sensitivity`: which assumptions a conclusion rests on.

The outcome is the difference between two policies in a metric, on common random numbers. Groups of
assumed numbers are screened first (Morris), those that matter then share out the variance (Sobol'),
each of their numbers goes to either end of its range, and each lever of the second policy is
followed along its range to where the difference changes sign.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from analysis.break_even import BreakEven, break_even
from analysis.intervals import Interval, mean_interval
from analysis.sensitivity import (
    Effect,
    Factors,
    Share,
    Swing,
    morris_design,
    morris_effects,
    rests_on,
    sobol_design,
    sobol_shares,
    swings,
)
from experiments import console, sensitivity_report
from experiments.factors import key_of
from experiments.space import (
    DIGITS,
    Differences,
    Row,
    Space,
    design_table,
    difference,
    long_table,
    space_of,
)
from experiments.store import results_folder, write_study, write_table
from experiments.study import Study
from experiments.sweep import FailedPointsError
from scenarios.assumptions import Factor
from scenarios.commands import SensitivitySettings
from scenarios.load import compose_settings, load_policies
from scenarios.schema import Settings
from sim.errors import InputError

MORRIS, SOBOL, SWINGS, BREAK_EVEN, BASE = "morris", "sobol", "swings", "break_even", "as assumed"


@dataclass
class Found:
    """What the stages have found; empty where a stage was not asked for.

    base : the difference with all assumptions as they are. kept, of : trajectories (Morris) or
    blocks (Sobol') whose points all have a value, and all of them, by stage. turns : the
    break-even of each lever, None where it has values at fewer than two places.
    """

    space: Space
    base: Interval = (None, None, None)
    effects: list[Effect] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)
    swings: list[Swing] = field(default_factory=list)
    turns: dict[str, BreakEven | None] = field(default_factory=dict)
    kept: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def told_apart(self) -> list[str]:
        """The groups that the difference rests on, the weightiest first: those whose share of the
        variance can be told from zero, then the others that the screening has found."""
        return list(dict.fromkeys(rests_on(self.shares) + rests_on(self.effects)))

    @property
    def weightiest(self) -> Space:
        """What is looked at more closely: the groups that matter; all where none was screened."""
        return self.space.of(rests_on(self.effects)) if self.effects else self.space


def sensitivity(overrides: Sequence[str] = ()) -> Path:
    """Run the stages of the settings, print what was found, write a results folder; its path.

    Raises InputError before the first run for settings that are wrong; FailedPointsError, when
    all is written, if points have failed or have no value.
    """
    begun = time.perf_counter()
    rest = [f"++{o}" if key_of(o) == "sensitivity.groups" and o[0] != "+" else o for o in overrides]
    first = next(iter(load_policies(rest).values()))
    settings, asked = first.settings, first.settings.sensitivity
    space = space_of(rest, settings, asked.only, "sensitivity")
    _check(space, asked)
    with Study(settings) as study:
        runs = Differences(study, rest, settings, asked.metric, asked.replications, "sensitivity")
        stages = Stages(runs, space, settings)
        found = stages.run()
    made = sensitivity_report.summary(found, settings)
    with results_folder(settings.results, "sensitivity") as (folder, final):
        config = compose_settings(rest)
        write_study(folder, config, made, runs.failures, first, runs.seeds, begun)
        for name, frame in (stages.tables | sensitivity_report.tables(found)).items():
            write_table(folder / name, frame)
        sensitivity_report.draw(folder / "figures", found, settings)
    sensitivity_report.show(found, made, settings)
    console.console.print(f"results: {final}", soft_wrap=True)
    if runs.failures:
        raise FailedPointsError(runs.failures, runs.points, final)
    return final


def _check(space: Space, asked: SensitivitySettings) -> None:
    """Raises InputError for what the stages would only find when others have run."""
    if MORRIS in asked.stages or SOBOL in asked.stages:
        _judged(space)
    if asked.samples & (asked.samples - 1):
        allowed = "4, 8, 16 or another power of two"
        raise InputError(f"sensitivity.samples: {asked.samples}; allowed: {allowed}")


class Stages:
    """The stages of the settings in turn; what one finds says where the next looks."""

    def __init__(self, runs: Differences, space: Space, settings: Settings):
        self.runs, self.space, self.settings = runs, space, settings
        self.asked = settings.sensitivity
        self.found = Found(space)
        self._measured: list = []

    def run(self) -> Found:
        self.found.base = mean_interval(list(self._at(BASE, [{}])[0]))
        for stage in (MORRIS, SOBOL, SWINGS, BREAK_EVEN):
            if stage in self.asked.stages:
                getattr(self, f"_{stage}")()
        return self.found

    @property
    def tables(self) -> dict:
        """Every point: what was measured there, and where it is."""
        import pandas as pd

        points, designs = zip(*self._measured, strict=True)
        return {"points": pd.concat(points), "design": pd.concat(designs)}

    def _at(self, stage: str, rows: Sequence[Row]) -> np.ndarray:
        """The difference, f8[rows, replications]; NaN where a point has no value."""
        values = self.runs.at(stage, rows)
        policies = self.settings.policies
        self._measured.append(
            (long_table(stage, values, policies), design_table(stage, rows, self.space))
        )
        return difference(values)

    def _morris(self) -> None:
        space, seed = self.space, self.settings.seed
        factors = _judged(space)
        design = morris_design(factors, self.asked.trajectories, seed)
        whole, values = self._in_blocks(MORRIS, space, design, len(space.names) + 1)
        if len(whole) < 2:
            return
        rows = design.reshape(self.asked.trajectories, -1, design.shape[1])[whole]
        steps: dict[str, list[np.ndarray]] = {}
        moved = np.array(list(space.groups.values()))
        for path, outcome in zip(rows, values, strict=True):
            for before, after, a, b in zip(path, path[1:], outcome, outcome[1:], strict=False):
                steps.setdefault(moved[before != after][0], []).append(b - a)
        self.found.effects = morris_effects(
            factors, rows.reshape(-1, design.shape[1]), values.mean(axis=2).ravel(),
            seed=seed, noise={name: noise(np.array(found)) for name, found in steps.items()},
        )  # fmt: skip

    def _sobol(self) -> None:
        matter = rests_on(self.found.effects)[: self.asked.keep]
        space = self.space.of(matter) if self.found.effects else self.space
        if len(space.names) < 2:  # nothing to share out
            return
        factors = _judged(space)
        design = sobol_design(factors, self.asked.samples, self.settings.seed)
        whole, values = self._in_blocks(SOBOL, space, design, len(space.names) + 2)
        if len(whole) < 2:
            return
        of_group = {
            name: noise(values[:, i] - values[:, 0])  # of a block: A, A with each of B's, B
            for i, name in enumerate(factors.judged, start=1)
        }
        self.found.shares = sobol_shares(
            factors, values.mean(axis=2).ravel(), seed=self.settings.seed, noise=of_group
        )

    def _in_blocks(
        self, stage: str, space: Space, design: np.ndarray, size: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Which blocks of so many rows have values throughout, and the differences in these,
        f8[blocks, rows, replications]. Estimates are means over blocks, so they may go without."""
        values = self._at(stage, space.rows(design))
        blocks = values.reshape(-1, size, values.shape[1])
        whole = np.flatnonzero(np.isfinite(blocks).all(axis=(1, 2)))
        self.found.kept[stage] = (len(whole), len(blocks))
        return whole, blocks[whole]

    def _swings(self) -> None:
        factors = self.found.weightiest.factors
        rows = [{key: share} for key in factors for share in (0.0, 1.0)]
        if rows:
            ends = self._at(SWINGS, rows).reshape(len(factors), 2, -1)
            pairs = zip(factors.values(), ends, strict=True)
            self.found.swings = swings({f.name: (list(a), list(b)) for f, (a, b) in pairs})

    def _break_even(self) -> None:
        second = self.settings.policies[1]
        levers = {k: f for k, f in self.space.factors.items() if f.policy == second}
        shares = np.round(np.linspace(0.0, 1.0, self.asked.steps), DIGITS)
        rows = [{key: float(share)} for key in levers for share in shares]
        if not rows:
            return
        values = self._at(BREAK_EVEN, rows).reshape(len(levers), len(shares), -1)
        for lever, of_lever in zip(levers.values(), values, strict=True):
            self.found.turns[lever.name] = _turn(lever, shares, of_lever)


def _judged(space: Space) -> Factors:
    return Factors(dict.fromkeys(space.factors, (0.0, 1.0)), dict(space.groups))


def _turn(lever: Factor, shares: np.ndarray, values: np.ndarray) -> BreakEven | None:
    known = np.isfinite(values).all(axis=1)
    if known.sum() < 2:
        return None
    low, high = lever.ends
    return break_even(low + shares[known] * (high - low), values[known])


def noise(changes: np.ndarray) -> float:
    """Standard error of an outcome, as the changes between pairs of points tell it.

    changes : f8[pairs, replications], replication by replication on the same random numbers, so
    that chance which both points share does not count. A change has twice the variance of an
    outcome; variances are averaged over the pairs.
    """
    n = changes.shape[1]
    return math.sqrt(changes.var(axis=1, ddof=1).mean() / n / 2)

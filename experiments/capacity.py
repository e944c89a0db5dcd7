"""`guantong capacity`: the largest volume that each policy carries, and what gives way first."""

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.capacity import Crossing, crossing, growth, knee_before, next_volume, whole_weeks
from analysis.intervals import compare_metrics
from experiments import bottlenecks, capacity_report, console
from experiments.bottlenecks import Bottlenecks, Queues
from experiments.compare import replication_seed
from experiments.one_run import Progress, Run, simulate
from experiments.store import (
    check_writable,
    file_name,
    provenance,
    results_folder,
    write_json,
    write_settings,
)
from experiments.threads import in_threads
from experiments.warm import compile_if_cold
from scenarios.load import compose_settings, load_policies
from scenarios.parameters import Parameters
from sim.codes import WEEKEND, WORKDAY
from sim.errors import InputError
from sim.units import DAY, HOUR

if TYPE_CHECKING:
    import pandas as pd

LATENCY, GOODPUT = "closure_latency_mean_hours", "goodput_per_day"


@dataclass(frozen=True, eq=False)
class Point:
    """What is kept of one run."""

    volume: float
    growth: float
    metrics: dict[str, float | None]
    waiting: np.ndarray  # i8[N], tasks that wait at the end
    busy: np.ndarray  # i8[N], seat time worked in the window [ticks]


@dataclass(frozen=True, eq=False)
class Search:
    """One policy on one replication's incidents: runs by increasing volume."""

    points: list[Point]
    reference: np.ndarray  # i8[N], tasks that wait at the end where seats never run out
    tolerance: float

    @cached_property
    def crossing(self) -> Crossing:
        """Where growth leaves the tolerance of the settings."""
        return self.crossing_of(self.tolerance)

    def crossing_of(self, tolerance: float) -> Crossing:
        """Where growth leaves another tolerance, by the same runs."""
        return crossing(self._all("volume"), self._all("growth"), tolerance)

    @cached_property
    def knee(self) -> float | None:
        """The knee of the mean closure latency up to capacity; None without a capacity."""
        if self.crossing.volume is None:
            return None
        latency = np.array([p.metrics[LATENCY] for p in self.points], float)
        return knee_before(self._all("volume"), latency, self.crossing.volume)

    def at(self, volume: float) -> Point:
        """The run at a volume that was tried."""
        return next(p for p in self.points if p.volume == volume)

    def _all(self, name: str) -> np.ndarray:
        return np.array([getattr(p, name) for p in self.points])


def explore(parameters: Parameters, seed: int, advance: Progress | None = None) -> Search:
    """Run one policy at the volumes of the settings and then nearer and nearer to capacity.

    seed : the same incidents at every volume: what occurs at one also occurs at a larger one.
    """
    settings, weeks = parameters.settings.capacity, parameters.in_average_weeks()
    volumes = settings.volumes
    total = 1.0 + sum(volumes) + settings.refinements * float(np.mean(volumes))
    spent = 0.0

    def tell(done: float) -> None:
        if advance is not None:
            advance(min(1.0, done / total))

    def once(world: Parameters, cost: float) -> Run:
        nonlocal spent
        run = simulate(world, seed, lambda share: tell(spent + cost * share))
        spent += cost
        return run

    reference = once(weeks.unlimited(), 1.0)
    begin = parameters.window[0]

    def at(volume: float) -> Point:
        run = once(weeks.at_volume(volume), volume)
        rise = growth(run.flow, reference.flow, begin)
        return Point(volume, rise, run.metrics(), run.outcome.queue, run.outcome.busy)

    points = [at(volume) for volume in volumes]
    for _ in range(settings.refinements):
        found = next_volume(
            np.array([p.volume for p in points]),
            np.array([p.growth for p in points]),
            settings.tolerance,
        )
        if found is None:
            break
        points = sorted([*points, at(found)], key=lambda p: p.volume)
    tell(total)
    return Search(points, reference.outcome.queue, settings.tolerance)


def search(policies: Mapping[str, Parameters], replications: int) -> dict[str, list[Search]]:
    """Every policy on every replication's incidents, in threads of this process."""
    settings = next(iter(policies.values())).settings
    jobs = [(name, r) for r in range(replications) for name in policies]
    runs = len(jobs) * (1 + len(settings.capacity.volumes) + settings.capacity.refinements)

    def work(job: tuple[str, int], advance: Progress) -> Search:
        name, r = job
        return explore(policies[name], replication_seed(settings.seed, r), advance)

    done = in_threads(f"{runs} runs", jobs, work, settings.threads)
    result: dict[str, list[Search]] = {name: [] for name in policies}
    for (name, _), one in zip(jobs, done, strict=True):
        result[name].append(one)
    return result


def capacity(overrides: Sequence[str] = ()) -> Path:
    """Find capacities, print them and write a results folder; returns its path."""
    begun = time.perf_counter()
    overrides = [o for o in overrides if not o.lstrip("+").startswith("record=")]
    overrides.append("record=summary")
    with console.telling_warnings():
        policies = load_policies(overrides)
        first = next(iter(policies.values()))
        _check(first)
        check_writable(first.settings.results)
        compile_if_cold()
        for parameters in policies.values():
            _ = parameters.world, parameters.rates, parameters.open_ticks, parameters.open_hours
    replications = _replications(first, overrides)
    searches = search(policies, replications)
    found = {name: _bottlenecks(policies[name], runs) for name, runs in searches.items()}
    result = _summary(policies, searches, found)
    curve = _curve(searches)
    seeds = [replication_seed(first.settings.seed, r) for r in range(replications)]
    with results_folder(first.settings.results, "capacity") as (folder, final):
        write_settings(folder / "config.yaml", compose_settings(overrides))
        for name, parameters in policies.items():
            (folder / "policies").mkdir(exist_ok=True)
            write_settings(
                folder / "policies" / f"{file_name(name)}.yaml", parameters.settings.policy
            )
        write_json(folder / "summary.json", result)
        write_json(
            folder / "provenance.json", provenance(first, seeds, time.perf_counter() - begun)
        )
        curve.to_parquet(folder / "curve.parquet", index=False)
        _desks(policies, found).to_parquet(folder / "bottlenecks.parquet", index=False)
        capacity_report.draw(folder / "figures", _curves(searches), result)
    capacity_report.show(first, _curves(searches), result, replications)
    console.console.print(f"results: {final}", soft_wrap=True)
    return final


def _check(parameters: Parameters) -> None:
    """Raises InputError for settings that leave nothing to find."""
    stream, horizon = parameters.settings.stream, parameters.settings.horizon
    if stream.kind == "trace":
        raise InputError("stream: trace; capacity changes how much occurs; allowed: generated")
    if stream.volume != 1.0:
        raise InputError(
            f"stream.volume: {stream.volume:g}; capacity sets it itself, by capacity.volumes; "
            "allowed: 1"
        )
    if whole_weeks(parameters.n_days * DAY // HOUR, parameters.window[0]) < 2:
        after = horizon.cohort_days + horizon.followup_days
        raise InputError(
            f"horizon.followup_days: {horizon.followup_days}; capacity compares whole weeks after "
            f"the warm-up, and there are {after} days; allowed: {14 - horizon.cohort_days} or more"
        )
    _warn(parameters)


def _warn(parameters: Parameters) -> None:
    """Tell of holidays among the weeks that are to be alike."""
    cal, days = parameters.calendar, slice(parameters.window[0] // DAY, parameters.n_days)
    ordinary = np.where(cal.weekday[days] < 5, WORKDAY, WEEKEND)
    unlike = np.count_nonzero(cal.day_type[days] != ordinary)
    if unlike:
        warnings.warn(
            f"horizon: {unlike} days after the warm-up are holidays or make up for them, so that "
            "weeks are not alike; calendar=plain has none",
            stacklevel=2,
        )


def _replications(parameters: Parameters, overrides: Sequence[str]) -> int:
    """Those of capacity, or as on the command line for any command."""
    stated = any(o.lstrip("+").startswith("replications=") for o in overrides)
    settings = parameters.settings
    return settings.replications if stated else settings.capacity.replications


# --- numbers ----------------------------------------------------------------------------------


def _common(searches: Sequence[Search]) -> list[float]:
    """The volumes that all replications have tried, increasing."""
    return sorted(set.intersection(*({p.volume for p in one.points} for one in searches)))


def _bottlenecks(parameters: Parameters, searches: list[Search]) -> Bottlenecks | None:
    settings = parameters.settings.capacity
    runs, growths = [], []
    for volume in _common(searches):
        points = [one.at(volume) for one in searches]
        waiting = np.mean([p.waiting for p in points], axis=0)
        runs.append(Queues(volume, waiting, np.mean([p.busy for p in points], axis=0)))
        growths.append(float(np.mean([p.growth for p in points])))
    reference = np.mean([one.reference for one in searches], axis=0)
    return bottlenecks.find(runs, growths, settings.tolerance, reference)


def _summary(
    policies: Mapping[str, Parameters],
    searches: Mapping[str, list[Search]],
    found: Mapping[str, Bottlenecks | None],
) -> dict[str, Any]:
    """All that is found, as JSON."""
    per_day = float(next(iter(policies.values())).in_average_weeks().rates.daily.sum())
    metrics = {}
    for name, runs in searches.items():
        volumes = [one.crossing.volume for one in runs]
        metrics[name] = [
            {
                "capacity": volume,
                "incidents_per_day": None if volume is None else volume * per_day,
                "knee": one.knee,
            }
            for one, volume in zip(runs, volumes, strict=True)
        ]
    others = next(iter(policies.values())).settings.capacity.other_tolerances
    sensitivity = {
        name: [{f"{x:g}": one.crossing_of(x).volume for x in others} for one in runs]
        for name, runs in searches.items()
    }
    return {
        "incidents_per_day_at_volume_1": per_day,
        "metrics": compare_metrics(metrics),
        "capacity_by_tolerance": compare_metrics(sensitivity),
        "searches": {name: [one.crossing._asdict() for one in r] for name, r in searches.items()},
        "planned": {name: bottlenecks.planned(p) for name, p in policies.items()},
        "bottlenecks": {name: bottlenecks.summary(policies[name], f) for name, f in found.items()},
    }


def _curve(searches: Mapping[str, list[Search]]) -> "pd.DataFrame":
    """One row a run: policy, replication, volume, growth and the metrics."""
    import pandas as pd

    return pd.DataFrame(
        [
            {"policy": name, "replication": r, "volume": p.volume, "growth": p.growth, **p.metrics}
            for name, runs in searches.items()
            for r, one in enumerate(runs)
            for p in one.points
        ]
    )


def _curves(searches: Mapping[str, list[Search]]) -> dict[str, capacity_report.Curves]:
    """{POLICY: {MEASURE: f8[replications, volumes]}} at the volumes that all have tried."""
    result = {}
    for name, runs in searches.items():
        volumes = _common(runs)
        tables = [[one.at(v) for v in volumes] for one in runs]
        result[name] = {
            measure: np.array([[p.metrics[measure] for p in row] for row in tables], float)
            for measure in (LATENCY, GOODPUT)
        } | {
            column: np.array([[getattr(p, column) for p in row] for row in tables])
            for column in ("volume", "growth")
        }
    return result


def _desks(
    policies: Mapping[str, Parameters], found: Mapping[str, Bottlenecks | None]
) -> "pd.DataFrame":
    import pandas as pd

    tables = [
        bottlenecks.desk_table(parameters, found[name]).assign(policy=name)
        for name, parameters in policies.items()
    ]
    return pd.concat(tables, ignore_index=True)

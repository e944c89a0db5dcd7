"""`guantong replicate`: run policies on the same incidents until their difference is known well
enough, or the budget is spent; or one long run of them, cut into batches."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from analysis.intervals import mean_interval, paired_interval, variance_ratio
from analysis.long_run import BATCHES, batch_means, split
from analysis.stopping import Replications, State, Target, cumulative
from experiments import console, replicate_report, series
from experiments.compare import replication_seed
from experiments.factors import of_model
from experiments.rounds import Measured, Rounds, check_metric
from experiments.store import results_folder, write_study, write_table
from experiments.study import Point, Study
from experiments.sweep import FailedPointsError
from experiments.warmups import warmups
from scenarios.load import compose_settings, load
from scenarios.schema import Settings
from sim.errors import InputError
from sim.units import DAY

if TYPE_CHECKING:
    import pandas as pd

MET, SPENT, LATE, FAILED, UNKNOWN = "met", "spent", "out of time", "failed", "unknown"
"""Why no more replications were made: the target is met; the budget in replications or in time is
spent; too many failed; the metric has no value in one, so that no more of them can help."""

Values = dict[str, dict[str, list[float | None]]]
"""{POLICY: {MEASURE: by replication, or by span of a long run}}."""


class Replicated(NamedTuple):
    """What was run. numbers : of the replications, or of the spans of a long run. states : of the
    rule, by policy after the first, and why no more were made; of a long run none. whole : the
    metric's difference over the whole cohort of a long run, which is not quite the mean of its
    spans'. days : backlog by policy, f8[n, days]."""

    numbers: list[int]
    values: Values
    days: dict[str, np.ndarray]
    states: dict[str, State]
    stopped: str | None
    whole: dict[str, float | None]


def replicate(overrides: Sequence[str] = ()) -> Path:
    """Replicate, print what was found and write a results folder; returns its path.

    Raises InputError before the first run for settings that are wrong; FailedPointsError, when
    all is written, if replications have failed.
    """
    begun = time.perf_counter()
    first = load(overrides)
    settings = first.settings
    if len(settings.policies) < 2 or len(set(settings.policies)) < len(settings.policies):
        raise InputError(f"policies: {settings.policies}; allowed: two or more, all different")
    target = _target(settings)
    long_run = settings.replicate.long_run
    if long_run:
        series.spans(first.window)
        console.warn(_of_weeks(first.window))
    measure = series.BY_SPAN if long_run else series.BY_DAY
    model = tuple(of_model(overrides))

    def point(policy: str, replication: int) -> Point:
        return Point(model, (policy,), replication_seed(settings.seed, replication), measure)

    most = 1 if long_run else settings.replicate.most
    with Study(settings, "runs") as study:
        minutes = settings.replicate.minutes
        rounds = Rounds(study, settings.policies, point, most, minutes=minutes)
        made = _long_run(rounds, settings) if long_run else _until_met(rounds, target, settings)
    if not made.numbers:
        failed = rounds.failures[0]
        raise InputError(
            f"no replication has a result; the first failed by {failed['error']}: "
            f"{failed['message']}"
        )
    differences = _differences(made.values, settings.policies, _batched if long_run else _paired)
    warm = warmups(made.days, settings.horizon.warmup_days)
    console.warn(warm.warnings)
    found = replicate_report.summary(differences, made, warm, target, settings)
    with results_folder(settings.results, "replicate") as (folder, final):
        seeds = [replication_seed(settings.seed, r) for r in ([0] if long_run else made.numbers)]
        write_study(
            folder, compose_settings(overrides), found, rounds.failures, first, seeds, begun
        )
        _write_tables(folder, made, differences, settings)
        replicate_report.draw(folder / "figures", made, warm, found, target, settings)
    replicate_report.show(differences, found, settings)
    console.console.print(f"results: {final}", soft_wrap=True)
    if rounds.failures:
        raise FailedPointsError(rounds.failures, rounds.runs, final)
    return final


def _target(settings: Settings) -> Target:
    given = settings.replicate
    if given.most < given.least:
        raise InputError(
            f"replicate.most: {given.most}; allowed: {given.least} (replicate.least) or more"
        )
    return Target(
        given.half_width,
        given.relative,
        least=given.least,
        most=given.most,
        look_ahead=given.look_ahead,
    )


# --- running ----------------------------------------------------------------------------------


def _until_met(rounds: Rounds, target: Target, settings: Settings) -> Replicated:
    """Replications until the target is met for every policy after the first."""
    metric, (reference, *others) = settings.replicate.metric, settings.policies
    rules = {policy: Replications(target) for policy in others}
    taken: list[Measured] = []
    numbers: list[int] = []

    def unknown() -> bool:
        return bool(taken) and any(m[metric] is None for m in taken[-1].values())

    def wanted() -> Sequence[str]:
        done = unknown() or all(rule.state.is_done for rule in rules.values())
        return () if done else settings.policies

    for number, measured in rounds.until(wanted):
        check_metric("replicate.metric", metric, list(series.plain(measured[reference])))
        taken.append(measured)
        numbers.append(number)
        for policy, rule in () if unknown() else rules.items():
            rule.add(measured[policy][metric] - measured[reference][metric])
    states = {policy: rule.state for policy, rule in rules.items()}
    return Replicated(
        numbers,
        _values([{p: series.plain(m[p]) for p in m} for m in taken], settings.policies),
        _days(taken, settings.policies),
        states,
        _reason(rounds, states, is_unknown=unknown()),
        {},
    )


def _reason(rounds: Rounds, states: Mapping[str, State], *, is_unknown: bool) -> str:
    if is_unknown:
        return UNKNOWN
    if all(state.status == MET for state in states.values()):
        return MET
    return FAILED if rounds.has_given_up else LATE if rounds.is_late else SPENT


def _long_run(rounds: Rounds, settings: Settings) -> Replicated:
    """One replication, with its measures by span."""
    metric, policies = settings.replicate.metric, settings.policies
    taken = [measured for _, measured in rounds.until(lambda: policies)]
    if not taken:
        return Replicated([], {}, {}, {}, None, {})
    (run,) = taken
    names = [name.removesuffix("[0]") for name in run[policies[0]] if name.endswith("[0]")]
    names.remove(series.BACKLOG)
    check_metric("replicate.metric", metric, names)
    values = {p: {name: series.series(run[p], name) for name in names} for p in policies}
    before = run[policies[0]][metric]
    whole = {p: None if None in (before, run[p][metric]) else run[p][metric] - before for p in run}
    return Replicated(list(range(series.SPANS)), values, _days(taken, policies), {}, None, whole)


def _values(taken: Sequence[Measured], policies: Sequence[str]) -> Values:
    names = taken[0][policies[0]] if taken else ()
    return {
        p: {name: [measured[p][name] for measured in taken] for name in names} for p in policies
    }


def _days(taken: Sequence[Measured], policies: Sequence[str]) -> dict[str, np.ndarray]:
    return {
        policy: np.array([series.series(m[policy], series.BACKLOG) for m in taken], float)
        for policy in policies
    }


def _of_weeks(window: tuple[int, int]) -> list[str]:
    """A warning where batches are not whole weeks, whose days differ."""
    begin, end = series.spans(window)[0]
    days = 2 * (end - begin) // DAY
    if days % 7 == 0:
        return []
    return [
        f"batches of {days} days hold unlike days of the week; with horizon.cohort_days="
        f"{-(-days // 14) * 14 * BATCHES} they would be whole weeks"
    ]


# --- tables -----------------------------------------------------------------------------------

Between = Callable[[list, list], dict[str, Any]]
"""From the values of the first policy and of another to columns about their difference."""


def _paired(a: list[float | None], b: list[float | None]) -> dict[str, Any]:
    columns = dict(zip(("difference", "low", "high"), paired_interval(a, b), strict=True))
    return columns | {"variance_ratio": variance_ratio(a, b)}


def _batched(a: list[float | None], b: list[float | None]) -> dict[str, Any]:
    """Batch means of the difference, span by span, and whether they hardly depend on one another.

    The ratio of variances is that of batch means, too.
    """
    values = np.array([a, b], float)
    if not np.isfinite(values).all():
        names = ("difference", "low", "high", "variance_ratio", "correlation", "is_dependent")
        return dict.fromkeys(names)
    found = batch_means(values[1] - values[0])
    means = [split(row).mean(axis=1).tolist() for row in values]
    return {
        "difference": found.mean,
        "low": found.low,
        "high": found.high,
        "variance_ratio": variance_ratio(*means),
        "correlation": found.correlation,
        "is_dependent": found.is_dependent,
    }


def _differences(values: Values, policies: Sequence[str], between: Between) -> "pd.DataFrame":
    """One row a policy after the first and measure: means under both, and the difference."""
    import pandas as pd

    rows = []
    reference = values[policies[0]]
    for policy in policies[1:]:
        for name, theirs in values[policy].items():
            means = (mean_interval(side)[0] for side in (reference[name], theirs))
            row = dict(zip(("reference_mean", "mean"), means, strict=True))
            row |= between(reference[name], theirs)
            rows.append({"policy": policy, "measure": name, "values": len(theirs)} | row)
    frame = pd.DataFrame(rows)
    numbers = [c for c in frame if c not in ("policy", "measure", "values", "is_dependent")]
    return frame.astype(dict.fromkeys(numbers, float))


def _write_tables(
    folder: Path, made: Replicated, differences: "pd.DataFrame", settings: Settings
) -> None:
    import pandas as pd

    by = "span" if settings.replicate.long_run else "replication"
    rows = [
        (policy, number, name, value)
        for policy, measures in made.values.items()
        for name, values in measures.items()
        for number, value in zip(made.numbers, values, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["policy", by, "measure", "value"]).astype({"value": float})
    write_table(folder / f"{by}s", frame)
    write_table(folder / "differences", differences)
    days = [
        (policy, *place, value)
        for policy, values in made.days.items()
        for place, value in np.ndenumerate(values)
    ]
    names = ["policy", "replication", "day", series.BACKLOG]
    write_table(folder / "days", pd.DataFrame(days, columns=names))
    if not settings.replicate.long_run:
        write_table(folder / "cumulative", _cumulative(made, settings))


def _cumulative(made: Replicated, settings: Settings) -> "pd.DataFrame":
    """One row a policy after the first and number of replications: mean difference of the metric
    so far, with its 95 % interval."""
    import pandas as pd

    parts = []
    for policy in settings.policies[1:]:
        values = replicate_report.of_pair(made, policy, settings)
        mean, low, high = cumulative(values)
        columns = {"replications": np.arange(1, len(values) + 1), "mean": mean}
        parts.append(pd.DataFrame({"policy": policy, **columns, "low": low, "high": high}))
    return pd.concat(parts, ignore_index=True)

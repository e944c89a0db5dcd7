"""`guantong counterfactual`: the same incidents under two policies, one by one."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments import console, counterfactual_report
from experiments.compare import replication_seed
from experiments.counterfactual_groups import Pairs, group_table, summary
from experiments.counterfactual_paths import Retold, paths, retell
from experiments.factors import of_model
from experiments.incident_pairs import MEASURE
from experiments.store import results_folder, write_json, write_study
from experiments.study import Failure, Outcome, Result, replications, run_points
from experiments.sweep import FailedPointsError
from scenarios.load import compose_settings, load_policies
from scenarios.parameters import Parameters
from sim.errors import InputError


def counterfactual(overrides: Sequence[str] = ()) -> Path:
    """Compare two policies incident by incident, print who is made worse off and write a results
    folder; returns its path.

    Raises InputError before the first run for settings that are wrong; FailedPointsError, when
    what is known is written, if replications have failed.
    """
    begun = time.perf_counter()
    policies = load_policies([*overrides, "record=visits"])
    first = next(iter(policies.values()))
    settings, n = first.settings, first.settings.replications
    _check(policies)
    own = of_model(overrides)
    points = replications(own, list(policies), settings.seed, n, MEASURE)
    outcomes = run_points(points, settings, "replications")
    known = _known(outcomes, list(policies)[1])
    failures = _failures(outcomes, own)
    retold = _retold(policies, known)
    told = paths(retold) if retold else []
    groups = group_table(list(known.values()), first)
    found = summary(list(known.values()), groups, policies)
    found["paths"] = [path.text for path in told]
    with results_folder(settings.results, "counterfactual") as (folder, final):
        seeds = [replication_seed(settings.seed, r) for r in range(n)]
        write_study(folder, compose_settings(overrides), found, failures, first, seeds, begun)
        if retold:
            write_json(folder / "paths.json", [path.record for path in told])
            counterfactual_report.write(folder, known, groups, found, retold)
            counterfactual_report.draw(folder / "figures", groups, found, retold)
    counterfactual_report.show(groups, found, told)
    console.console.print(f"results: {final}", soft_wrap=True)
    if failures:
        raise FailedPointsError(failures, n, final)
    return final


def _check(policies: Mapping[str, Parameters]) -> None:
    if len(policies) != 2:
        raise InputError(f"policies: {list(policies)}; allowed: two")
    if not next(iter(policies.values())).settings.horizon.followup_days:
        raise InputError("horizon.followup_days: 0; allowed: 1 or more, as closings are awaited")


def _known(outcomes: Sequence[Outcome], second: str) -> dict[int, Pairs]:
    """What was measured, by replication; tells what the runs warned of."""
    results = {r: o for r, o in enumerate(outcomes) if isinstance(o, Result)}
    console.warn(warning for o in results.values() for warning in o.warnings)
    return {r: o.measures[second] for r, o in results.items()}


def _failures(outcomes: Sequence[Outcome], overrides: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"settings": list(overrides), "replication": r}
        | {"error": outcome.kind, "message": outcome.message, "trace": outcome.trace}
        for r, outcome in enumerate(outcomes)
        if isinstance(outcome, Failure)
    ]


def _retold(policies: Mapping[str, Parameters], known: Mapping[int, Pairs]) -> Retold | None:
    """The first replication run once more, with the visits of the incidents to be told."""
    if not known:
        return None
    replication, pairs = next(iter(known.items()))
    told = next(iter(policies.values())).settings.counterfactual.told
    names = [f"{end}.{i}" for end in ("worst", "best") for i in range(told)]
    return retell(policies, replication, {n: int(pairs[n]) for n in names if n in pairs})

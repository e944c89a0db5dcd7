"""`guantong sweep`: policies over a design of settings, every point on the same incidents."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.intervals import Values, mean_interval, paired_interval
from experiments import console, sweep_report
from experiments.compare import replication_seed
from experiments.factors import Design, crossed, design, key_of, of_model, of_settings
from experiments.rounds import check_metric
from experiments.store import results_folder, write_study, write_table
from experiments.study import Failure, Outcome, Result, replications, run_points
from scenarios.load import compose_settings, load
from scenarios.schema import Settings
from sim.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


class FailedPointsError(InputError):
    """Some points have no result; the others are in the folder `path`."""

    def __init__(self, failures: Sequence[Mapping[str, Any]], n: int, path: Path):
        first = failures[0]
        super().__init__(
            f"{len(failures)} of {n} points failed, the first by {first['error']}: "
            f"{first['message']} ({' '.join(first['settings'])}). All of them are in "
            f"{path / 'failed.json'}; the same command tries them again"
        )
        self.path = path


def sweep(overrides: Sequence[str] = ()) -> Path:
    """Run a design, print what was found and write a results folder; returns its path.

    Raises InputError before the first run for settings that are wrong; FailedPointsError, when
    all is written, if points have failed.
    """
    begun = time.perf_counter()
    rest, across = crossed(overrides)
    # Factors are keys of the user's own in a section that is empty as shipped.
    rest = [f"++{o}" if key_of(o) == "sweep.over" and o[0] != "+" else o for o in rest]
    first = load(rest)
    settings = first.settings
    plan = design(of_settings(settings), across, settings)
    outcomes = _run(of_model(rest), plan, settings)
    measures, failures = _table(plan, outcomes, settings)
    check_metric("sweep.metric", settings.sweep.metric, measures["measure"].unique().tolist())
    differences = _differences(measures, plan, settings.policies)
    found = sweep_report.summary(measures, differences, plan, settings)
    with results_folder(settings.results, "sweep") as (folder, final):
        seeds = [replication_seed(settings.seed, r) for r in range(settings.replications)]
        write_study(folder, compose_settings(rest), found, failures, first, seeds, begun)
        write_table(folder / "points", measures)
        write_table(folder / "differences", differences)
        sweep_report.draw(folder / "figures", measures, plan, settings)
    sweep_report.show(differences, found, plan, settings)
    console.console.print(f"results: {final}", soft_wrap=True)
    if failures:
        raise FailedPointsError(failures, len(plan.points) * settings.replications, final)
    return final


def _run(overrides: Sequence[str], plan: Design, settings: Settings) -> list[list[Outcome]]:
    """The outcomes of each point of the design, replication by replication."""
    n = settings.replications
    points = [
        point
        for i in range(len(plan.points))
        for point in replications(
            [*overrides, *plan.overrides(i)], settings.policies, settings.seed, n
        )
    ]
    outcomes = run_points(points, settings)
    warned = [o.warnings[0] for o in outcomes if isinstance(o, Result) and o.warnings]
    if warned:
        console.warn([f"{len(warned)} of {len(outcomes)} points warn, the first: {warned[0]}"])
    return [outcomes[i : i + n] for i in range(0, len(outcomes), n)]


# --- tables -----------------------------------------------------------------------------------


def _table(
    plan: Design, outcomes: Sequence[Sequence[Outcome]], settings: Settings
) -> tuple["pd.DataFrame", list[dict[str, Any]]]:
    """One row a point, policy, replication and measure; and what has failed."""
    import pandas as pd

    rows, failures = [], []
    named = list(zip(*plan.columns.values(), strict=True))
    for i, of_point in enumerate(outcomes):
        for policy in settings.policies:
            for r, outcome in enumerate(of_point):
                if isinstance(outcome, Result):
                    here = (i, *named[i], policy, r)
                    rows += [(*here, *pair) for pair in outcome.measures[policy].items()]
        for r, outcome in enumerate(of_point):
            if isinstance(outcome, Failure):
                failures.append(
                    {"point": i, "settings": plan.overrides(i), "replication": r}
                    | {"error": outcome.kind, "message": outcome.message, "trace": outcome.trace}
                )
    columns = ["point", *plan.keys, "policy", "replication", "measure", "value"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"value": float}), failures


def _differences(measures: "pd.DataFrame", plan: Design, policies: Sequence[str]) -> "pd.DataFrame":
    """One row a point, policy after the first and measure: mean under both, and the difference
    with its 95 % interval, replication by replication on the same incidents."""
    import pandas as pd

    rows = []
    named = list(zip(*plan.columns.values(), strict=True))
    for (i, name), of_measure in measures.groupby(["point", "measure"], sort=False):
        by_policy: dict[str, Values] = {
            policy: list(values) for policy, values in of_measure.groupby("policy")["value"]
        }
        reference = by_policy[policies[0]]
        for policy in policies[1:]:
            means = (mean_interval(values)[0] for values in (reference, by_policy[policy]))
            difference = paired_interval(reference, by_policy[policy])
            rows.append((i, *named[i], policy, name, len(reference), *means, *difference))
    columns = ["point", *plan.keys, "policy", "measure", "replications"]
    numbers = ["reference_mean", "mean", "difference", "low", "high"]
    frame = pd.DataFrame(rows, columns=[*columns, *numbers])
    return frame.astype(dict.fromkeys(numbers, float))

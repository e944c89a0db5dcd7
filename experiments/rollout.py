"""`guantong rollout`: several plans of who goes over when, from one past on."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.intervals import Values, mean_interval, paired_interval
from experiments import console, rollout_report
from experiments.compare import replication_seed
from experiments.factors import key_of, of_model
from experiments.futures import SAME, Of, check_clock, chosen, looks, named, plans
from experiments.rounds import check_metric
from experiments.store import results_folder, write_study, write_table
from experiments.study import Outcome, Result, replications, run_points
from experiments.sweep import FailedPointsError
from scenarios.load import compose_settings, load
from scenarios.schema import Settings
from sim.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_ASIDE = ("rollout.metric", "rollout.check")
"""What says how futures are shown, not what they are."""


def rollout(overrides: Sequence[str] = ()) -> Path:
    """Run the futures, print what was found and write a results folder; returns its path.

    Raises InputError for settings that are wrong; FailedPointsError, when all is written, if
    replications have failed.
    """
    begun = time.perf_counter()
    with console.telling_warnings():
        forked = _forked(overrides)
        first = load(forked)
        settings = first.settings
        check_clock(settings)
        futures = plans(first)
        for parameters in futures.values():
            _ = parameters.rollout  # raises InputError before anything is run
    measure = f"experiments.futures:{'checked' if settings.rollout.check else 'measure'}"
    points = replications(
        [o for o in of_model(forked) if key_of(o) not in _ASIDE],
        [settings.policy.name],
        settings.seed,
        settings.replications,
        measure,
    )
    outcomes = run_points(points, settings, "replications of all futures")
    values, failures = _table(outcomes, settings.policy.name, settings)
    metrics = values[values["what"] == "metric"]
    check_metric("rollout.metric", settings.rollout.metric, metrics["name"].unique().tolist())
    differences = _differences(metrics, list(futures))
    found = rollout_report.summary(differences, values, futures, settings)
    with results_folder(settings.results, "rollout") as (folder, final):
        seeds = [replication_seed(settings.seed, r) for r in range(settings.replications)]
        write_study(folder, compose_settings(forked), found, failures, first, seeds, begun)
        write_table(folder / "futures", values)
        write_table(folder / "differences", differences)
        rollout_report.draw(folder / "figures", values, differences, futures, settings)
    rollout_report.show(differences, found, settings)
    console.console.print(f"results: {final}", soft_wrap=True)
    if failures:
        raise FailedPointsError(failures, settings.replications, final)
    return final


def _forked(overrides: Sequence[str]) -> list[str]:
    """The overrides, and the policies of all futures made known at the fork."""
    # Futures are keys of the user's own beside those that are shipped.
    overrides = [
        f"++{o}" if key_of(o).startswith("rollout.futures") and o[0] != "+" else o
        for o in overrides
    ]
    settings = load(overrides).settings
    policies = named(chosen(settings.rollout))
    if not policies:
        raise InputError("rollout.only: nobody goes over; allowed: a future with a `to` at least")
    known = looks(settings, policies)
    waves = [*settings.policy.rollout.waves, *known]
    text = ", ".join(f"{{{', '.join(f'{k}: {_text(v)}' for k, v in w.items())}}}" for w in waves)
    rest = [o for o in overrides if key_of(o) != "policy.rollout.waves"]
    return [*rest, f"policy.rollout.waves=[{text}]"]


def _text(value: Any) -> str:
    """A value as Hydra's grammar has it."""
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return f"'{value}'" if isinstance(value, str) else str(value)


# --- tables -----------------------------------------------------------------------------------


def _table(
    outcomes: Sequence[Outcome], policy: str, settings: Settings
) -> tuple["pd.DataFrame", list[dict[str, Any]]]:
    """One row a future, replication and value: `what` it is about and `name`; and what failed."""
    import pandas as pd

    rows, failures = [], []
    for r, outcome in enumerate(outcomes):
        if isinstance(outcome, Result):
            for key, value in outcome.measures[policy].items():
                of = Of(*key.rsplit("|", 2))
                rows.append((of.future, r, of.what, of.name, value))
        else:
            told = {"error": outcome.kind, "message": outcome.message, "trace": outcome.trace}
            here = [f"seed={replication_seed(settings.seed, r)}"]
            failures.append({"settings": here, "replication": r} | told)
    columns = ["future", "replication", "what", "name", "value"]
    frame = pd.DataFrame(rows, columns=columns).astype({"value": float})
    return frame.sort_values(["future", "replication"], kind="stable"), failures


def _differences(metrics: "pd.DataFrame", futures: Sequence[str]) -> "pd.DataFrame":
    """One row a future and metric: its mean, and the difference from the first future with its 95 %
    interval, on the same incidents."""
    import pandas as pd

    rows = []
    for name, of_metric in metrics.groupby("name", sort=False):
        by_future: Mapping[str, Values] = {
            future: list(part) for future, part in of_metric.groupby("future")["value"]
        }
        for future in futures:
            values, reference = by_future[future], by_future[futures[0]]
            difference = paired_interval(reference, values)
            rows.append((future, name, len(values), *mean_interval(values), *difference))
    columns = ["future", "measure", "replications", "mean", "mean_low", "mean_high"]
    numbers = [*columns[3:], "difference", "low", "high"]
    frame = pd.DataFrame(rows, columns=[*columns, *numbers[3:]])
    return frame[frame["measure"] != SAME].astype(dict.fromkeys(numbers, float))

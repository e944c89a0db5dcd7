"""`guantong attribute`: the gain of one policy over another, split among groups of levers."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis import shapley
from analysis.shapley import Attribution, Coalition
from experiments import attribute_report, console
from experiments.compare import replication_seed
from experiments.factors import key_of, of_model
from experiments.lever_groups import LeverGroups, check_whole, lever_groups
from experiments.store import results_folder, write_study, write_table
from experiments.study import Failure, Outcome, Point, Result, Study, replications
from experiments.sweep import FailedPointsError
from scenarios.load import compose_settings, load, load_policies
from scenarios.policy import index_of_name
from scenarios.schema import Settings
from sim.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

SUMS_WITHIN = 1e-9
"""How far the shares' sum may lie from the whole, relative to the largest value or 1."""

_GROUPS = "attribute.groups"

Values = Mapping[Coalition, Sequence[float | None]]
"""{coalition: the metric by replication}."""


def attribute(overrides: Sequence[str] = ()) -> Path:
    """Split the gain of the second policy over the first, print who brings how much and write a
    results folder; returns its path.

    Raises InputError before the first run for settings that are wrong; FailedPointsError, when
    what is known is written, if runs have failed.
    """
    begun = time.perf_counter()
    overrides = anew(overrides)
    policies = load_policies(overrides)
    if len(policies) != 2:
        raise InputError(f"policies: {list(policies)}; allowed: two")
    first, second = policies.values()
    settings = first.settings
    own = of_model(overrides)
    base = [*own, f"policy={next(iter(policies))}"]
    found = lever_groups(settings.attribute.groups, settings.policy, second.settings.policy)
    everybody = load([*base, *found.overrides(found.names)]).settings.policy
    check_whole(everybody, second.settings.policy)
    drawn = _orders(found, settings)
    members = shapley.joined(drawn) if drawn else shapley.coalitions(found.names)
    outcomes = _run(own, members, found, settings)
    values = {
        coalition: [o.measures[found.first].get(settings.attribute.metric) for o in of_coalition]
        for coalition, of_coalition in outcomes.items()
        if all(isinstance(o, Result) for o in of_coalition)
    }
    failures = _failures(outcomes, found)
    shares = None if failures else split(found.names, drawn, values, settings.attribute.metric)
    summary = attribute_report.summary(found, shares, values, settings, len(drawn))
    with results_folder(settings.results, "attribute") as (folder, final):
        seeds = [replication_seed(settings.seed, r) for r in range(settings.replications)]
        write_study(folder, compose_settings(overrides), summary, failures, first, seeds, begun)
        write_table(folder / "coalitions", coalition_table(values, found))
        if shares is not None:
            write_table(folder / "shares", attribute_report.share_table(shares, values, found))
            attribute_report.draw(folder / "figures", shares, values, found, settings)
    attribute_report.show(summary, settings)
    console.console.print(f"results: {final}", soft_wrap=True)
    if failures:
        raise FailedPointsError(failures, len(members) * settings.replications, final)
    return final


def anew(overrides: Sequence[str]) -> list[str]:
    """The overrides, where groups that are given take the place of those of the file, to which
    Hydra would add them."""
    return [
        part
        for o in overrides
        for part in ([f"~{_GROUPS}", f"+{o.lstrip('+')}"] if key_of(o) == _GROUPS else [o])
    ]


def split(
    players: Sequence[str], drawn: Sequence[Sequence[str]], values: Values, metric: str
) -> Attribution:
    """The shares, exact without orders that were drawn. Raises InputError for a metric that a run
    does not know, and ArithmeticError unless shares sum to the whole in every replication."""
    try:
        if drawn:
            shares = shapley.sampled(players, drawn, values.__getitem__)
        else:
            shares = shapley.exact(players, values.__getitem__)
    except InputError as error:
        raise InputError(f"attribute.metric: '{metric}': {error}") from None
    size = max(1.0, *(abs(v) for of_coalition in values.values() for v in of_coalition))
    if sum_error(shares) > SUMS_WITHIN * size:
        raise ArithmeticError(f"shares miss the whole by {sum_error(shares)}")
    return shares


def sum_error(shares: Attribution) -> float:
    """By how much the shares' sum misses the whole at most, over the replications."""
    return float(np.abs(shares.shares.sum(axis=0) - shares.whole).max())


def _orders(found: LeverGroups, settings: Settings) -> list[tuple[str, ...]]:
    """The orders to sample; none where all coalitions are run."""
    if len(found.names) <= shapley.MOST_EXACT:
        return []
    return shapley.orders(found.names, settings.attribute.orders, settings.seed)


def _run(
    overrides: Sequence[str], members: Sequence[Coalition], found: LeverGroups, settings: Settings
) -> dict[Coalition, list[Outcome]]:
    """The outcomes of each coalition by replication. The coalition of nobody runs first, as it
    shows whether there is such a metric."""

    def points(coalition: Coalition) -> list[Point]:
        own = [*overrides, *found.overrides(coalition)]
        return replications(own, [found.first], settings.seed, settings.replications)

    with Study(settings, "runs") as study:
        (trial,) = study.run(points(frozenset())[:1])
        if isinstance(trial, Result):
            known = tuple(trial.measures[found.first])
            index_of_name(settings.attribute.metric, known, "attribute.metric")
        outcomes = study.run([point for coalition in members for point in points(coalition)])
    warned = [o.warnings[0] for o in outcomes if isinstance(o, Result) and o.warnings]
    if warned:
        console.warn([f"{len(warned)} of {len(outcomes)} runs warn, the first: {warned[0]}"])
    n = settings.replications
    return {c: outcomes[i * n : (i + 1) * n] for i, c in enumerate(members)}


def _failures(
    outcomes: Mapping[Coalition, Sequence[Outcome]], found: LeverGroups
) -> list[dict[str, Any]]:
    return [
        {"coalition": sorted(coalition), "settings": found.overrides(coalition), "replication": r}
        | {"error": outcome.kind, "message": outcome.message, "trace": outcome.trace}
        for coalition, of_coalition in outcomes.items()
        for r, outcome in enumerate(of_coalition)
        if isinstance(outcome, Failure)
    ]


def coalition_table(values: Values, found: LeverGroups) -> "pd.DataFrame":
    """One row a coalition and replication: whether each group is in it, and the metric."""
    import pandas as pd

    rows = [
        (*(name in coalition for name in found.names), r, value)
        for coalition, of_coalition in values.items()
        for r, value in enumerate(of_coalition)
    ]
    frame = pd.DataFrame(rows, columns=[*found.names, "replication", "value"])
    return frame.astype({"value": float})

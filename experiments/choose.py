"""`guantong choose`: the best of several policies or settings, with a stated probability and few
runs; those that fall behind drop out."""

import time
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.intervals import mean_interval, paired_interval
from analysis.selection import Selection, State
from experiments import console, series
from experiments.compare import replication_seed
from experiments.factors import crossed, of_model, text
from experiments.metric_words import Words, words
from experiments.rounds import Rounds, check_metric
from experiments.store import results_folder, write_study, write_table
from experiments.study import Point, Study
from experiments.sweep import FailedPointsError
from scenarios.load import compose_settings, load
from scenarios.schema import Settings
from sim.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


class System(NamedTuple):
    """One of what is chosen from: a policy, with settings of its own."""

    policy: str
    overrides: tuple[str, ...]


Values = dict[str, dict[int, float]]
"""{SYSTEM: {REPLICATION: the metric}}, as far as the system was run."""


def choose(overrides: Sequence[str] = ()) -> Path:
    """Choose the best system, print it and write a results folder; returns its path.

    Raises InputError before the first run for settings that are wrong; FailedPointsError, when
    all is written, if replications have failed.
    """
    begun = time.perf_counter()
    rest, factors = crossed(overrides)
    first = load(rest)
    settings = first.settings
    lists = ([f"{f.key}={text(level)}" for level in f.levels] for f in factors)
    found = systems(settings.policies, list(product(*lists)))
    selection = _selection(list(found), settings)
    model = of_model(rest)

    def point(name: str, replication: int) -> Point:
        system, seed = found[name], replication_seed(settings.seed, replication)
        return Point((*model, *system.overrides), (system.policy,), seed, series.BY_DAY)

    with Study(settings, "runs") as study:
        given = settings.choose
        rounds = Rounds(study, list(found), point, given.most, least=given.first)
        values = _select(selection, rounds, settings)
    state = selection.state
    table = _table(values, state, found)
    told = _summary(table, state, rounds, settings)
    with results_folder(settings.results, "choose") as (folder, final):
        write_table(folder / "systems", table)
        write_table(folder / "replications", _replications(values))
        numbers = sorted({r for of_system in values.values() for r in of_system})
        seeds = [replication_seed(settings.seed, r) for r in numbers]
        write_study(folder, compose_settings(rest), told, rounds.failures, first, seeds, begun)
        _draw(folder / "figures", values, state, settings)
    _show(table, told, settings)
    console.console.print(f"results: {final}", soft_wrap=True)
    if rounds.failures:
        raise FailedPointsError(rounds.failures, rounds.runs, final)
    return final


def systems(
    policies: Sequence[str], settings: Sequence[tuple[str, ...]] = ((),)
) -> dict[str, System]:
    """Every policy with every set of settings, by name: what tells it from the others.

    settings : of each set KEY=VALUE. Raises InputError for fewer than two systems and for a
    policy that is named twice.
    """
    if len(set(policies)) < len(policies):
        raise InputError(f"policies: {list(policies)}; allowed: different names")
    found = {}
    for policy, chosen in product(policies, settings):
        parts = ([policy] if len(policies) > 1 or not chosen else []) + list(chosen)
        found[", ".join(parts)] = System(policy, chosen)
    if len(found) < 2:
        raise InputError(
            f"policies: {list(policies)}; allowed: two or more, or a setting with several values "
            "as KEY=A,B"
        )
    return found


def _selection(names: Sequence[str], settings: Settings) -> Selection:
    given = settings.choose
    if given.most < given.first:
        raise InputError(
            f"choose.most: {given.most}; allowed: {given.first} (choose.first) or more"
        )
    return Selection(
        names,
        given.zone,
        alpha=given.alpha,
        first=given.first,
        lowest=given.lowest,
        most=given.most,
    )


def _select(selection: Selection, rounds: Rounds, settings: Settings) -> Values:
    """Run until one system is left, or none may be run more; a replication that has failed is
    one for nobody."""
    metric = settings.choose.metric
    values: Values = {name: {} for name in selection.systems}
    for number, measured in rounds.until(lambda: selection.wanted):
        for name, of_system in measured.items():
            known = series.plain(of_system)
            check_metric("choose.metric", metric, list(known))
            if known[metric] is None:
                raise InputError(
                    f"choose.metric: '{metric}' has no value in replication {number} of {name}; "
                    "allowed: a measure that every replication has"
                )
            values[name][number] = known[metric]
        selection.add({name: values[name][number] for name in measured})
    if not any(values.values()):
        failed = rounds.failures[0]
        raise InputError(
            f"no replication has a result; the first failed by {failed['error']}: "
            f"{failed['message']}"
        )
    return values


# --- what was found ---------------------------------------------------------------------------

_NUMBERS = ("mean", "low", "high", "behind", "behind_low", "behind_high")


def _table(values: Values, state: State, found: Mapping[str, System]) -> "pd.DataFrame":
    """One row a system: its mean with its 95 % interval, and how far it lies behind the best, on
    the incidents of the replications that it had."""
    import pandas as pd

    rows = []
    for name, system in found.items():
        mine = list(values[name].values())
        n = len(mine)
        alone = mean_interval(mine)
        behind = paired_interval(list(values[state.best].values())[:n], mine)
        rows.append(
            {"system": name, "policy": system.policy, "settings": " ".join(system.overrides)}
            | {"replications": n, "dropped_out_at": None if name in state.left else n}
            | {"is_best": name == state.best}
            | dict(zip(_NUMBERS, (*alone, *behind), strict=True))
        )
    return pd.DataFrame(rows).astype({"dropped_out_at": "Int64"} | dict.fromkeys(_NUMBERS, float))


def _replications(values: Values) -> "pd.DataFrame":
    """One row a system and replication."""
    import pandas as pd

    rows = [(name, r, value) for name, of in values.items() for r, value in of.items()]
    return pd.DataFrame(rows, columns=["system", "replication", "value"])


def _summary(
    table: "pd.DataFrame", state: State, rounds: Rounds, settings: Settings
) -> dict[str, Any]:
    given = settings.choose
    found: dict[str, Any] = {
        "metric": given.metric,
        "lowest": given.lowest,
        "zone": given.zone,
        "probability": 1 - given.alpha,
        "best": state.best,
        "is_decided": state.is_decided,
        "left": list(state.left),
        "replications": state.replications,
        "spent": state.spent,
        "run": rounds.runs,
        "equal_allocation": state.replications * len(table),
    }
    rows = table.set_index("system")
    found["systems"] = {
        name: {
            "replications": int(row["replications"]),
            "mean": row["mean"],
            "ci95": _ends(row["low"], row["high"]),
            "behind": {"mean": row["behind"], "ci95": _ends(row["behind_low"], row["behind_high"])},
            "dropped_out_at": None if name in state.left else int(row["replications"]),
        }
        for name, row in rows.iterrows()
    }
    found["finding"] = sentence(found, words(given.metric))
    return found


def _ends(low: float, high: float) -> list[float | None]:
    return [None if np.isnan(end) else end for end in (low, high)]


def sentence(found: Mapping[str, Any], metric: Words) -> str:
    """The finding."""
    extreme = "lowest" if found["lowest"] else "highest"
    what = f"{extreme} {'' if metric.name.startswith('mean ') else 'mean of '}{metric.name}"
    zone = f"indifference zone {metric.exact(found['zone'])}"
    spent, equal, n = found["spent"], found["equal_allocation"], found["replications"]
    runs = f"{spent:,} runs spent ({equal:,} had each system been run {n} times)"
    if found["is_decided"]:
        return (
            f"{found['best']} has the {what} with probability at least "
            f"{100 * found['probability']:g} % ({zone}), {runs}."
        )
    left = "; ".join(found["left"])
    mean = metric.level(found["systems"][found["best"]]["mean"])
    return (
        f"Undecided after {n} replications which system has the {what} ({zone}): "
        f"{len(found['left'])} are left ({left}), the {extreme} so far is {found['best']} with "
        f"{mean}; {runs}."
    )


def _show(table: "pd.DataFrame", found: Mapping[str, Any], settings: Settings) -> None:
    """Print a row a system, the best first, and the finding."""
    metric = words(settings.choose.metric)
    shown = Table(title=metric.title, box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    shown.add_column("system")
    behind = "system - best\n(± 95 % interval)"
    for name in ("replications", "mean\n(± 95 % interval)", behind, "dropped out at"):
        shown.add_column(name, justify="right", no_wrap=True)
    for row in table.sort_values("mean", ascending=settings.choose.lowest).itertuples():
        mean = console.number(row.mean, percent=metric.percent)
        if not np.isnan(row.low):
            mean += f" ± {console.number((row.high - row.low) / 2, percent=metric.percent)}"
        ends = None if np.isnan(row.behind_low) else row.behind_low, row.behind_high
        change = console.measure({"mean": row.behind, "ci95": ends}, percent=metric.percent)
        cells = [row.system, str(row.replications), mean, "" if row.is_best else change]
        cells.append("" if row.system in found["left"] else str(row.dropped_out_at))
        shown.add_row(*cells, style="bold" if row.is_best else None)
    console.console.print(shown)
    console.console.print(found["finding"], style="bold", soft_wrap=True)


def _draw(figures: Path, values: Values, state: State, settings: Settings) -> None:
    from analysis import style
    from analysis.figures import selection

    metric = words(settings.choose.metric)
    scale = 100.0 if metric.percent else 1.0
    numbers = {name: [scale * v for v in of.values()] for name, of in values.items()}
    fig, ax = style.figure(6.4, 3.6 + 0.2 * len(numbers))
    selection.draw(numbers, state.left, ax, label=metric.title)
    style.save(fig, figures, "choose")

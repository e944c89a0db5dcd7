"""`guantong lab`: policies compared quickly, for lessons; and the answer key of the lesson.

A comparison without figures, on the toy city of `experiment=lesson`: a second or two a run.
"""

import re
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.intervals import compare_metrics
from experiments import console, pages
from experiments.asked import parted
from experiments.compare import replicate, replication_seed
from experiments.store import check_writable, results_folder, write_study
from experiments.warm import compile_if_cold
from scenarios.load import compose_settings, load_policies
from scenarios.parameters import Parameters
from sim.errors import InputError

LESSON = "experiment=lesson"
MEASURES = {
    "closure_latency_mean_hours": "Closure latency, mean (h)",
    "sensing": "  sensing",
    "assumed_delay": "  batches, coordination",
    "work": "  work",
    "waiting": "  waiting for a desk",
    "rework": "  re-work, false closings",
    "on_time_share": "Closed on time (%)",
    "open_at_end": "Not solved at the end",
    "handovers_mean": "Hand-overs per incident",
    "utilisation_city": "Utilisation, city (%)",
    "utilisation_district": "Utilisation, districts (%)",
    "utilisation_township": "Utilisation, townships (%)",
    "utilisation_grid": "Utilisation, grids (%)",
}
"""What is printed, in order: metrics, and under the first the parts that add up to it."""

Found = dict[str, Any]
"""As `analysis.intervals.compare_metrics` returns it."""


@dataclass
class Asked:
    """What the command may be told beside settings of `conf/`."""

    page: str | None = None


def lab(overrides: Sequence[str] = ()) -> Path | None:
    """Compare policies, print a short table and write a results folder; returns its path.

    overrides : as of `compare`, on `experiment=lesson` unless they say otherwise; or page=FILE
    alone, which writes the answers of a lesson's page anew and returns None.
    """
    begun = time.perf_counter()
    wanted, settings = parted(Asked, overrides)
    if wanted.page is not None:
        if settings:
            raise InputError(f"page: stands alone, and {settings[0]} was given; allowed: page=FILE")
        answer(Path(wanted.page))
        return None
    settings = of_lesson(settings)
    with console.telling_warnings():
        policies = load_policies(settings)
        first = next(iter(policies.values()))
        check_writable(first.settings.results)
        compile_if_cold()
    found = measured(policies)
    seeds = [replication_seed(first.settings.seed, r) for r in range(first.settings.replications)]
    with results_folder(first.settings.results, "lab") as (folder, final):
        config = compose_settings(settings)
        write_study(folder, config, {"metrics": found}, None, first, seeds, begun)
    console.console.print(_table(found, list(policies)))
    console.console.print(f"results: {final}", soft_wrap=True)
    return final


def of_lesson(overrides: Sequence[str]) -> list[str]:
    """The overrides, on the settings of the lesson unless they name others."""
    named = any(override.lstrip("+").startswith("experiment=") for override in overrides)
    return [*([] if named else [LESSON]), *overrides]


def measured(policies: Mapping[str, Parameters]) -> Found:
    """Every measure of MEASURES under every policy, and the differences, with intervals."""
    for parameters in policies.values():
        _ = parameters.world, parameters.rates, parameters.open_ticks, parameters.paid_by_desk
    runs, _ = replicate(policies)
    kept = {
        name: [{**run.metrics, **run.categories} for run in of_policy]
        for name, of_policy in runs.items()
    }
    found = compare_metrics(kept)
    return {name: found[name] for name in MEASURES}


def _table(found: Found, policies: list[str]) -> Table:
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("measure", no_wrap=True)
    for head in _heads(policies):
        table.add_column(head, justify="right", no_wrap=True)
    for name, label in MEASURES.items():
        table.add_row(label, *_cells(found, name, policies))
    return table


def _heads(policies: list[str]) -> list[str]:
    return [*policies, *(f"{policy} - {policies[0]}" for policy in policies[1:])]


def _cells(found: Found, name: str, policies: list[str]) -> list[str]:
    """A mean a policy, with its interval where there is but one; and differences with theirs."""
    row, percent = found[name], console.is_share(name)
    if len(policies) == 1:
        return [_with_interval(row[policies[0]], percent)]
    differences = {policies[1]: row["difference"], **row.get("differences", {})}
    return [
        *(console.number(row[policy]["mean"], percent=percent) for policy in policies),
        *(console.measure(differences[policy], percent=percent) for policy in policies[1:]),
    ]


def _with_interval(entry: Mapping[str, Any], percent: bool) -> str:
    mean, (low, high) = entry["mean"], entry["ci95"]
    text = console.number(mean, percent=percent)
    if mean is None or low is None:
        return text
    return f"{text} ± {console.number((high - low) / 2, percent=percent)}"


# --- the answer key ----------------------------------------------------------------------------

_MARKED = re.compile(r"<!-- (guantong lab .*): begin -->")


def commands(text: str) -> list[str]:
    """The commands whose answers a page has between its marks."""
    return _MARKED.findall(text)


def answer(page: Path) -> None:
    """Write what stands between the marks of a page anew: each mark names the command whose table
    belongs there. Raises InputError."""
    try:
        asked = commands(page.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"page: '{page}' cannot be read: {error.strerror}") from None
    if not asked:
        raise InputError(f"page: '{page}' has no line '<!-- guantong lab ...: begin -->'")
    with console.progress_bar("answers", len(asked)) as progress:
        for k, command in enumerate(asked):
            pages.renew(page, command, answer_of(command))
            progress(k)(1.0)


def answer_of(command: str) -> str:
    """The table that a command gives, as a page has it."""
    policies = load_policies(of_lesson(shlex.split(command)[2:]))
    found, names = measured(policies), list(policies)
    heads = ["measure", *_heads(names)]
    rows = [[label.strip(), *_cells(found, name, names)] for name, label in MEASURES.items()]
    return "\n".join(pages.table(heads, rows, len(heads) - 1))

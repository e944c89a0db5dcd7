"""`guantong claim`: under which assumptions the source's claim for water comes out.

The source says that sensing, judgement and results of the water application are each up by 80 %.
Two readings: the time falls by 80 %, or all is 1.8 times as fast, so that the time falls by 44 %.
Each experiment of conf/experiment/water is a set of assumptions; nothing is fitted.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.calibration import MEASURES, fall
from analysis.intervals import Interval, mean_interval
from experiments import console
from experiments.calibrate import sample_of
from experiments.compare import replication_seed
from experiments.one_run import Progress, simulate
from experiments.pages import renew, table
from experiments.regimes import wanted
from experiments.store import check_writable, provenance, results_folder, write_json, write_settings
from experiments.threads import in_threads
from experiments.warm import compile_if_cold
from scenarios.load import CONF, compose_settings, load_policies
from scenarios.parameters import Parameters
from sim.errors import InputError

KIND = "water_pollution"
PARTS = {"sensing_hours": "sensed", "judging_hours": "judged", "closure_hours": "solved"}
"""Measures of analysis.calibration, and the words for them."""

READINGS = {"80 % less time": 0.8, "1.8 times as fast": 1.0 - 1.0 / 1.8}
"""The share by which the time falls, by each reading of the claim."""

_FOLDER = "water"
_OWN = ("page", "cases")

Values = dict[str, float | None]


@dataclass(frozen=True)
class Row:
    """What a set of assumptions makes of the claim under one policy."""

    case: str
    before: str
    after: str
    falls: Mapping[str, Interval]
    """Share by which each of PARTS falls, with its 95 % interval."""

    def says(self, part: str) -> str:
        """The strongest reading that the whole interval bears out, or none."""
        _, low, _ = self.falls[part]
        borne = [words for words, share in READINGS.items() if low is not None and low >= share]
        return borne[0] if borne else "neither"


def claim(overrides: Sequence[str] = ()) -> Path:
    """Run every set of assumptions, print the table, write a results folder; returns its path.

    overrides : settings, and `cases=[NAME, ...]` and `page=FILE`. Raises InputError.
    """
    begun = time.perf_counter()
    own = {key: value for key, _, value in (o.partition("=") for o in overrides) if key in _OWN}
    rest = [o for o in overrides if o.partition("=")[0] not in _OWN]
    found: list[Row] = []
    made: dict[str, Any] = {}
    for name in wanted("cases", own.get("cases"), cases()):
        given = [f"experiment={_FOLDER}/{name}", *rest, "record=incidents"]
        with console.telling_warnings():
            policies = load_policies(given)
            first = next(iter(policies.values()))
            check_writable(first.settings.results)
            if KIND not in first.catalogue.kinds:
                raise InputError(f"catalogue: it has no kind {KIND}; allowed: one that has it")
            compile_if_cold()
            for each in policies.values():
                _ = each.world, each.rates, each.open_ticks, each.paid_by_desk
        found += rows(name, replicate(policies))
        count = first.settings.replications
        seeds = [replication_seed(first.settings.seed, r) for r in range(count)]
        made = provenance(first, seeds, time.perf_counter() - begun)
    with results_folder(first.settings.results, "claim") as (folder, final):
        write_settings(folder / "config.yaml", compose_settings(rest))
        write_json(folder / "summary.json", {"cases": [_plain(row) for row in found]})
        write_json(folder / "provenance.json", made)
    if "page" in own:
        renew(Path(own["page"]), "claim", "\n".join(page(found, made)))
    _print(found)
    console.console.print(f"results: {final}", soft_wrap=True)
    return final


def cases() -> list[str]:
    """The sets of assumptions: experiments of conf/experiment/water."""
    return sorted(path.stem for path in (CONF / "experiment" / _FOLDER).glob("*.yaml"))


def replicate(policies: Mapping[str, Parameters]) -> dict[str, list[Values]]:
    """The measures of the kind in each replication, by policy, on the same incidents."""
    settings = next(iter(policies.values())).settings
    seeds = [replication_seed(settings.seed, r) for r in range(settings.replications)]
    jobs = [partial(_run, p, seed) for seed in seeds for p in policies.values()]
    done = iter(
        in_threads(f"{len(jobs)} runs", jobs, lambda job, tell: job(tell), settings.threads)
    )
    by_seed = [{name: next(done) for name in policies} for _ in seeds]
    return {name: [of_seed[name] for of_seed in by_seed] for name in policies}


def _run(parameters: Parameters, seed: int, tell: Progress) -> Values:
    sample = sample_of(simulate(parameters, seed, tell))
    sample = sample.only(kind=parameters.catalogue.kinds.index(KIND))
    return {part: MEASURES[part](sample) for part in PARTS}


def rows(case: str, runs: Mapping[str, Sequence[Values]]) -> list[Row]:
    """How much each part falls from the first policy to each of the others."""
    before, *others = runs
    return [
        Row(
            case,
            before,
            after,
            {
                part: mean_interval(
                    [fall(a[part], b[part]) for a, b in zip(runs[before], runs[after], strict=True)]
                )
                for part in PARTS
            },
        )
        for after in others
    ]


# --- words ------------------------------------------------------------------------------------

_SOONER = [f"{words} sooner" for words in PARTS.values()]
_HEAD = ("assumptions", "before", "after", *_SOONER, "borne out")


def _plain(row: Row) -> dict[str, Any]:
    falls = {part: list(interval) for part, interval in row.falls.items()}
    return {"case": row.case, "before": row.before, "after": row.after, "falls": falls}


def _percent(interval: Interval) -> str:
    mean, low, high = interval
    if mean is None:
        return "not defined"
    text = f"{100 * mean:.0f} %"
    return text if low is None else f"{text} ({100 * low:.0f} to {100 * high:.0f})"


def _cells(row: Row) -> list[str]:
    said = ", ".join(f"{words}: {row.says(part)}" for part, words in PARTS.items())
    falls = [_percent(row.falls[part]) for part in PARTS]
    return [row.case.replace("_", " "), row.before, row.after, *falls, said]


def page(found: Sequence[Row], made: Mapping[str, Any]) -> list[str]:
    """The part of the page that the command writes."""
    return [
        f"*Written by `guantong claim`, {str(made['created'])[:10]}: {len(made['seeds'])} "
        f"replications each; sources {made['sources'][:16]}.*",
        "",
        *table(_HEAD, [_cells(row) for row in found]),
    ]


def _print(found: Sequence[Row]) -> None:
    shown = Table(box=SIMPLE_HEAD, header_style="bold")
    for head in _HEAD:
        shown.add_column(head)
    for row in found:
        shown.add_row(*_cells(row))
    console.console.print(shown)

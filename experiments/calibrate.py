"""`guantong calibrate`: the model against what is known from outside it.

Every fact of conf/facts.yaml is held against its measure under the policy that it describes. What
comes out is shown as it is: nothing is fitted here.
"""

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from analysis.calibration import CHECK, MEASURES, MISSING, OUTSIDE, VERDICTS, Sample, fall, verdict
from analysis.intervals import Interval, mean_interval
from experiments import console
from experiments.calibration_page import known_text, numbers_text, page
from experiments.compare import replication_seed
from experiments.facts import CHANGE, CHECKED, EITHER, ENDS, Fact, read_facts
from experiments.one_run import Progress, Run, simulate
from experiments.pages import renew
from experiments.store import check_writable, provenance, results_folder, write_json, write_settings
from experiments.threads import in_threads
from experiments.warm import compile_if_cold
from scenarios.load import CONF, compose_settings, load_policies
from scenarios.parameters import Parameters
from sim.units import DAY

FACTS = CONF / "facts.yaml"
EVERY = "every"
"""Stands for the policies where a measure is the same number under all of them."""

_OWN = ("facts", "page")
"""Settings of the command itself."""

Values = dict[str, float | None]
"""What one run says of each fact, by its key."""


@dataclass(frozen=True)
class Row:
    """A fact and what the replications say of it under a policy."""

    fact: Fact
    policy: str
    simulated: Interval
    verdict: str
    why: str = ""
    """Why it is not measured."""


def calibrate(overrides: Sequence[str] = ()) -> Path:
    """Hold the model against the facts, print the table, write a results folder; its path.

    overrides : settings, and `facts=FILE` and `page=FILE`; with `log=FILE` a model is fitted to an
    event log instead (`experiments.fit`). Raises InputError.
    """
    if any(o.startswith("log=") for o in overrides):
        from experiments.fit.command import fit_log

        return fit_log(overrides)
    begun = time.perf_counter()
    own = {key: value for key, _, value in (o.partition("=") for o in overrides) if key in _OWN}
    rest = [o for o in overrides if o.partition("=")[0] not in _OWN]
    rest = [*rest, "record=incidents"]
    facts = read_facts(Path(own.get("facts", FACTS)))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        policies = load_policies(rest)
        first = next(iter(policies.values()))
        check_writable(first.settings.results)
        compile_if_cold()
        for parameters in policies.values():
            _ = parameters.world, parameters.rates
    for text in dict.fromkeys(str(w.message) for w in caught):
        console.notes.print(f"warning: {text}", style="yellow", soft_wrap=True)
    seeds = [
        replication_seed(first.settings.seed, r)
        for r in range(first.settings.calibrate.replications)
    ]
    found = rows(facts, replicate(policies, facts, seeds), first)
    made = provenance(first, seeds, time.perf_counter() - begun)
    with results_folder(first.settings.results, "calibrate") as (folder, final):
        write_settings(folder / "config.yaml", compose_settings(rest))
        write_json(folder / "summary.json", {"facts": [_plain(row) for row in found]})
        write_json(folder / "provenance.json", made)
    if "page" in own:
        renew(Path(own["page"]), "facts", page(found, _about(first, len(seeds), made)))
    _print(found)
    console.console.print(_about(first, len(seeds), made), soft_wrap=True)
    console.console.print(f"results: {final}", soft_wrap=True)
    return final


# --- measuring --------------------------------------------------------------------------------


def sample_of(run: Run) -> Sample:
    """The cohort of a run with record=incidents."""
    parameters = run.parameters
    city, district = parameters.city, parameters.district
    townships = np.ones(city.n_townships, bool)
    if district is not None:
        townships = city.township_district == district
    residents = city.township_population[townships].sum() * parameters.settings.city.weight
    return Sample(
        run.incident_columns,
        parameters.window,
        parameters.end,
        parameters.restrict,
        parameters.calendar.weekday,
        parameters.calendar.day_type,
        _season(parameters),
        float(residents),
        int(townships.sum()),
        int(city.township_grids[townships].sum()),
        district is None,
    )


def _season(parameters: Parameters) -> np.ndarray:
    """How often each kind occurs in the cohort's window, the year's mean being 1, f8[K]."""
    begin, end = (tick // DAY for tick in parameters.window)
    day_type, month = (a[begin:end] for a in (parameters.calendar.day_type,
                                               parameters.calendar.month))  # fmt: skip
    rates = parameters.rates
    return (rates.day_factor[:, day_type] * rates.season[:, month]).mean(axis=1)


def measured(facts: Sequence[Fact], sample: Sample, kinds: Sequence[str]) -> Values:
    """What a sample says of each fact; None where it says nothing. kinds : of the catalogue."""
    values: Values = {}
    for fact in facts:
        value = None
        if fact.measure is not None and fact.of.get("kind", kinds[0]) in kinds:
            value = MEASURES[fact.measure](sample.only(**fact.codes(kinds)) if fact.of else sample)
        values[fact.key] = value
    return values


def _run(parameters: Parameters, seed: int, facts: Sequence[Fact], tell: Progress) -> Values:
    sample = sample_of(simulate(parameters, seed, tell))
    return measured(facts, sample, parameters.catalogue.kinds)


def replicate(
    policies: Mapping[str, Parameters], facts: Sequence[Fact], seeds: Sequence[int]
) -> dict[str, list[Values]]:
    """What each replication says of the facts, by policy; all policies meet the same incidents."""
    jobs = [partial(_run, p, seed, facts) for seed in seeds for p in policies.values()]
    threads = next(iter(policies.values())).settings.threads
    done = iter(in_threads(f"{len(jobs)} runs", jobs, lambda job, tell: job(tell), threads))
    by_seed = [{name: next(done) for name in policies} for _ in seeds]
    return {name: [of_seed[name] for of_seed in by_seed] for name in policies}


# --- judging ----------------------------------------------------------------------------------


def rows(
    facts: Sequence[Fact], values: Mapping[str, Sequence[Values]], parameters: Parameters
) -> list[Row]:
    """Facts and what was simulated, in the order of the facts, each under what it describes."""
    return [
        _judged(fact, policy, numbers, parameters)
        for fact in facts
        for policy, numbers in _simulated(fact, values).items()
    ]


def _simulated(fact: Fact, values: Mapping[str, Sequence[Values]]) -> dict[str, list]:
    """The replications' numbers under each policy that the fact is about; none where that policy
    was not run."""
    by_policy = {name: [run[fact.key] for run in runs] for name, runs in values.items()}
    if fact.policy == EITHER:
        same = len({tuple(numbers) for numbers in by_policy.values()}) == 1
        return {EVERY: next(iter(by_policy.values()))} if same else by_policy
    if fact.policy == CHANGE:
        pairs = zip(*(by_policy.get(end, ()) for end in ENDS), strict=False)
        return {CHANGE: [fall(before, after) for before, after in pairs]}
    return {fact.policy: by_policy.get(fact.policy, [])}


def _judged(fact: Fact, policy: str, numbers: list, parameters: Parameters) -> Row:
    simulated = mean_interval(numbers)
    if simulated[0] is None:
        return Row(fact, policy, simulated, MISSING, _why_missing(fact, numbers, parameters))
    found = CHECK if fact.use == CHECKED else verdict(fact.low, fact.high, simulated)
    return Row(fact, policy, simulated, found)


def _why_missing(fact: Fact, numbers: list, parameters: Parameters) -> str:
    if fact.measure is None:
        return fact.note
    if not numbers:
        return "a policy that it is about was not run"
    if "kind" in fact.of and fact.of["kind"] not in parameters.catalogue.kinds:
        return f"the catalogue has no kind {fact.of['kind']}"
    return "not defined or not reached in this run"


# --- words ------------------------------------------------------------------------------------


def _plain(row: Row) -> dict[str, Any]:
    mean, low, high = row.simulated
    simulated = {"mean": mean, "ci95": [low, high]}
    about = asdict(row.fact) | {"describes": row.fact.policy, "policy": row.policy}
    return about | {"simulated": simulated, "verdict": row.verdict, "why": row.why}


def _about(parameters: Parameters, replications: int, made: Mapping[str, Any]) -> str:
    """What was run, in a sentence."""
    city, horizon = parameters.city, parameters.settings.horizon
    where = city.name
    if parameters.district is not None:
        where += f", {city.district_name_en[parameters.district]} alone"
    return (
        f"{where}; {replications} replications from {parameters.start}, {horizon.warmup_days} + "
        f"{horizon.cohort_days} + {horizon.followup_days} days (warm-up, cohort, follow-up); "
        f"sources {made['sources']}."
    )


_STYLES = {OUTSIDE: "bold red", MISSING: "dim"}


def _print(found: Sequence[Row]) -> None:
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in ("fact", "use", "policy"):
        table.add_column(name)
    for name in ("known", "simulated (± 95 % interval)"):
        table.add_column(name, justify="right")
    table.add_column("verdict", no_wrap=True)
    for row in found:
        fact = row.fact
        cells = (f"{fact.what} ({fact.place})", fact.use, row.policy, known_text(fact),
                 numbers_text(row), row.verdict)  # fmt: skip
        table.add_row(*map(escape, cells), style=_STYLES.get(row.verdict))
    console.console.print(table)
    for row in found:
        if row.why:
            text = f"not measured: {row.fact.what} ({row.policy}): {row.why}"
            console.console.print(escape(text), style="dim", soft_wrap=True)
    counts = {name: sum(row.verdict == name for row in found) for name in VERDICTS}
    told = ", ".join(f"{n} {name}" for name, n in counts.items() if n)
    console.console.print(f"{len(found)} comparisons: {told}.", style="bold", soft_wrap=True)

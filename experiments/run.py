"""`guantong run`: one policy, one world, once."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from experiments import console, records
from experiments.one_run import Run, simulate
from experiments.store import check_writable, provenance, results_folder, write_json, write_settings
from experiments.theory import expected
from experiments.warm import compile_if_cold
from scenarios.load import compose_settings, load
from sim.arrow import numbers, to_arrow, words
from sim.records import FLOW_COLUMNS


def run(overrides: Sequence[str] = ()) -> Path:
    """Run once, print the measures and write a results folder; returns its path."""
    begun = time.perf_counter()
    with console.telling_warnings():
        parameters = load(overrides)
        if parameters.settings.theory is not None:
            expected(parameters)  # refuses a reduced world that has no steady state
        check_writable(parameters.settings.results)
        compile_if_cold()
        _ = parameters.world
    settings = parameters.settings
    with results_folder(settings.results, "run") as (folder, final):
        with (
            console.progress_bar(f"{parameters.policy.name}", 1) as progress,
            records.Files(records.paths(folder, settings.record), parameters) as files,
        ):
            done = simulate(parameters, settings.seed, progress(0), sink=files.add)
        write_settings(folder / "config.yaml", compose_settings(overrides))
        write_json(folder / "summary.json", done.summary())
        seconds = time.perf_counter() - begun
        write_json(folder / "provenance.json", provenance(parameters, [settings.seed], seconds))
        _write_tables(folder, done)
    _print(done)
    console.console.print(f"results: {final}", soft_wrap=True)
    return final


def _write_tables(folder: Path, done: Run) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    layout = done.parameters.layout
    desks = to_arrow(done.desks)
    desks = desks.append_column("name", words([layout.name(d) for d in range(layout.n_desks)]))
    pq.write_table(desks, folder / "desks.parquet")
    hours = {"hour": numbers(np.arange(len(done.flow)))}
    flow = hours | {name: numbers(done.flow[:, i]) for i, name in enumerate(FLOW_COLUMNS)}
    pq.write_table(pa.table(flow), folder / "flow.parquet")


def _print(done: Run) -> None:
    parameters, summary = done.parameters, done.metrics()
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("measure", no_wrap=True)
    table.add_column(parameters.policy.name, justify="right")
    reached = done.reducer.reached()
    for name, label in console.LABELS.items():
        value = console.number(summary[name], percent=console.is_share(name))
        if summary[name] is None and name in reached:
            value = f"> {console.number(reached[name])}"
        table.add_row(label, value)
    console.console.print(table)
    console.console.print(
        f"{parameters.city.name}: {summary['incidents']:,} incidents in {parameters.n_days} days, "
        f"{summary['cohort_incidents']:,} of them in the cohort.",
        soft_wrap=True,
    )

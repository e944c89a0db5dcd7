"""`guantong compare`: policies on the same incidents, and what lies between them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from analysis.histogram import Histogram
from analysis.intervals import compare_metrics, paired_interval
from experiments import console, records, split, split_text
from experiments.evidence import in_force
from experiments.one_run import Progress, simulate
from experiments.store import (
    check_writable,
    file_name,
    provenance,
    results_folder,
    write_json,
    write_settings,
)
from experiments.threads import in_threads
from experiments.warm import compile_if_cold
from scenarios.load import compose_settings, load_policies
from scenarios.parameters import Parameters
from sim.records import FLOW_COLUMNS, Columns

_SEEDS_APART = 1_000_000  # replications that fit between the seeds of two studies


@dataclass(frozen=True)
class Replication:
    """What is kept of one run."""

    metrics: dict[str, float | None]
    reached: dict[str, float]
    account: dict[str, float | None]
    categories: dict[str, float | None]
    flow: np.ndarray
    latency: Histogram
    tables: dict[str, Columns]


def replication_seed(seed: int, replication: int) -> int:
    """Seed of a replication: the same for every policy, different between studies."""
    return seed * _SEEDS_APART + replication


def _replication(
    parameters: Parameters, seed: int, where: Mapping[str, Path], progress: Progress
) -> Replication:
    with records.Files(where, parameters) as files:
        run = simulate(parameters, seed, progress, sink=files.add if where else None)
    return Replication(
        run.metrics(),
        run.reducer.reached(),
        run.reducer.time_account(),
        run.reducer.categories(),
        run.flow,
        run.reducer.closure_latency,
        run.tables(),
    )


def replicate(
    policies: Mapping[str, Parameters],
    cases: Sequence[split.Case] = (),
    folder: Path | None = None,
) -> tuple[dict[str, list[Replication]], list[list[split.Hours]]]:
    """Every policy on every replication's incidents, and then the cases that split a difference,
    in threads of this process. folder : where incidents and visits go, as far as the settings
    record them; None: nowhere."""
    settings = next(iter(policies.values())).settings
    seeds = [replication_seed(settings.seed, r) for r in range(settings.replications)]

    def where(name: str, r: int) -> dict[str, Path]:
        record = "summary" if folder is None else settings.record
        return records.paths(folder, record, f"{{}}/{file_name(name)}-{r}.parquet")

    runs = [
        partial(_replication, p, seed, where(name, r))
        for r, seed in enumerate(seeds)
        for name, p in policies.items()
    ]
    further = [partial(split.run_case, c, seed) for c in cases for seed in seeds[: c.replications]]
    jobs = [*runs, *further]
    done = iter(
        in_threads(f"{len(jobs)} runs", jobs, lambda job, tell: job(tell), settings.threads)
    )
    by_seed = [{name: next(done) for name in policies} for _ in seeds]
    return (
        {name: [of_seed[name] for of_seed in by_seed] for name in policies},
        [[next(done) for _ in range(case.replications)] for case in cases],
    )


def compare(overrides: Sequence[str] = ()) -> Path:
    """Compare policies, print the table and write a results folder; returns its path."""
    begun = time.perf_counter()
    if not any(o.lstrip("+").startswith("record=") for o in overrides):
        overrides = [*overrides, "record=summary"]
    with console.telling_warnings():
        policies = load_policies(overrides)
        check_writable(next(iter(policies.values())).settings.results)
        compile_if_cold()
        for parameters in policies.values():
            _ = parameters.world, parameters.rates, parameters.open_ticks, parameters.paid_by_desk
    plan = split.plan(policies)
    console.warn(plan.notes)
    config = compose_settings(overrides)
    first = next(iter(policies.values()))
    seeds = [replication_seed(first.settings.seed, r) for r in range(first.settings.replications)]
    with results_folder(first.settings.results, "compare") as (folder, final):
        runs, further = replicate(policies, plan.cases, folder)
        base = {name: [r.categories for r in reps] for name, reps in runs.items()}
        samples = split.samples(base, plan, further)
        ledger = in_force(overrides, config) if split.ASSUMED in samples else []
        shares = split.summary(samples, plan, ledger)
        metrics = compare_metrics({n: [r.metrics for r in reps] for n, reps in runs.items()})
        write_settings(folder / "config.yaml", config)
        for name, parameters in policies.items():
            (folder / "policies").mkdir(exist_ok=True)
            write_settings(
                folder / "policies" / f"{file_name(name)}.yaml", parameters.settings.policy
            )
        write_json(folder / "summary.json", {"metrics": metrics, "split": shares})
        write_json(
            folder / "provenance.json", provenance(first, seeds, time.perf_counter() - begun)
        )
        _write_tables(folder, policies, runs)
        split.write(folder / "split.parquet", samples)
        _write_flow(folder, runs)
        if first.settings.record == "visits":
            _write_desks(folder, first)
        draw(folder, policies, runs)
        draw_split(folder, shares, next(iter(policies)))
    _print(policies, runs, metrics)
    split_text.show(shares, first)
    console.console.print(f"results: {final}", soft_wrap=True)
    return final


# --- tables -----------------------------------------------------------------------------------


def _write_tables(
    folder: Path, policies: Mapping[str, Parameters], runs: Mapping[str, list[Replication]]
) -> None:
    """Tidy Parquet: one row a policy, replication and thing measured."""
    import pandas as pd

    rows = [
        {"policy": name, "replication": r, "metric": metric, "value": value}
        for name, reps in runs.items()
        for r, rep in enumerate(reps)
        for metric, value in rep.metrics.items()
    ]
    pd.DataFrame(rows).to_parquet(folder / "metrics.parquet", index=False)
    for table in next(iter(runs.values()))[0].tables:
        frames = [
            pd.DataFrame(rep.tables[table]).assign(policy=name, replication=r)
            for name, reps in runs.items()
            for r, rep in enumerate(reps)
        ]
        frame = named(pd.concat(frames, ignore_index=True), next(iter(policies.values())))
        frame.to_parquet(folder / f"{table}.parquet", index=False)


def _write_flow(folder: Path, runs: Mapping[str, list[Replication]]) -> None:
    """The hours of every run, as `guantong run` writes them of its own."""
    import pandas as pd

    frames = [
        pd.DataFrame(rep.flow, columns=FLOW_COLUMNS)
        .rename_axis("hour")
        .reset_index()
        .assign(policy=name, replication=r)
        for name, reps in runs.items()
        for r, rep in enumerate(reps)
    ]
    pd.concat(frames, ignore_index=True).to_parquet(folder / "flow.parquet", index=False)


def _write_desks(folder: Path, parameters: Parameters) -> None:
    """What each desk of the visit tables is; the same under every policy."""
    import pandas as pd

    layout = parameters.layout
    desks = range(layout.n_desks)
    columns = {"desk": desks, "centre": layout.centre, "tier": layout.tier, "role": layout.group}
    frame = pd.DataFrame(columns | {"name": [layout.name(d) for d in desks]})
    named(frame, parameters).to_parquet(folder / "desks.parquet", index=False)


def named(frame: Any, parameters: Parameters) -> Any:
    """A breakdown with its codes as names."""
    from sim.codes import LANDSCAPES, SEVERITIES, TIERS

    names = {
        "district": parameters.city.district_name_zh,
        "kind": parameters.catalogue.kinds,
        "severity": SEVERITIES,
        "tier": TIERS,
        "landscape": LANDSCAPES,
    }
    for column, texts in names.items():
        if column in frame and frame[column].dtype.kind in "iu":
            frame[column] = [texts[code] for code in frame[column]]
    return frame


# --- figures and words ------------------------------------------------------------------------


def draw(
    folder: Path, policies: Mapping[str, Parameters], runs: Mapping[str, list[Replication]]
) -> None:
    """The figures of a comparison, as PNG and SVG."""
    from analysis import style
    from analysis.figures import backlog, lorenz, survival, time_use

    first = next(iter(policies.values()))
    figures = folder / "figures"
    figures.mkdir()
    fig, ax = style.figure()
    survival.draw({n: [r.latency for r in reps] for n, reps in runs.items()}, ax)
    style.save(fig, figures, "survival")
    fig, ax = style.figure(6.4, time_use.height(len(runs)))
    time_use.draw({n: [r.account for r in reps] for n, reps in runs.items()}, ax)
    style.save(fig, figures, "time_use")
    fig, ax = style.figure()
    flows = {n: [r.flow for r in reps] for n, reps in runs.items()}
    backlog.draw(flows, first.window, first.start, ax)
    style.save(fig, figures, "backlog")
    if first.city.n_districts > 1 and first.district is None:
        fig, ax = style.figure(5.2, 5.2)
        lorenz.draw({n: [_districts(r) for r in reps] for n, reps in runs.items()}, ax)
        style.save(fig, figures, "lorenz")
    names = list(runs)
    for name in names[1:]:
        _draw_map(figures, first, runs[names[0]], runs[name], names[0], name)


def _districts(run: Replication) -> tuple[np.ndarray, np.ndarray]:
    """Mean closure latency [h] and incidents of each district."""
    table = run.tables["by_district"]
    return table["mean_latency_hours"], table["incidents"]


def _draw_map(
    figures: Path,
    parameters: Parameters,
    a: list[Replication],
    b: list[Replication],
    name_a: str,
    name_b: str,
) -> None:
    from analysis import style
    from analysis.figures import district_map

    city, column = parameters.city, "mean_latency_hours"
    before = np.array([rep.tables["by_district"][column] for rep in a])
    after = np.array([rep.tables["by_district"][column] for rep in b])
    entries = [
        paired_interval(list(before[:, d]), list(after[:, d])) for d in range(city.n_districts)
    ]
    mean, low, high = (
        np.array([np.nan if e[k] is None else e[k] for e in entries]) for k in range(3)
    )
    fig, ax = style.figure(8.6, 5.6)
    district_map.draw(
        mean,
        ax,
        hex_x=city.hex_x,
        hex_y=city.hex_y,
        hex_size=city.hex_size,
        names=city.district_name_en,
        interval=(low, high),
        label=f"mean closure latency, {name_b} minus {name_a} [h]",
        title=f"{name_b} minus {name_a}, by district",
    )
    style.save(fig, figures, f"district_map_{file_name(name_b)}")


def draw_split(folder: Path, shares: Mapping[str, Any], reference: str) -> None:
    """The figure of what the differences are made of, if there are any."""
    if not shares["policies"]:
        return
    from analysis import style
    from analysis.figures import split as figure

    fig, ax = style.figure(6.4, figure.height(shares["policies"]))
    figure.draw(shares["policies"], reference, ax)
    style.save(fig, folder / "figures", "split")


def headline(metrics: Mapping[str, Any], policies: Sequence[str]) -> str:
    """The finding in a sentence for each further policy."""
    return " ".join(_finding(metrics, policies, k) for k in range(1, len(policies)))


def _difference(row: Mapping[str, Any], policies: Sequence[str], k: int) -> Mapping[str, Any]:
    return row["difference"] if k == 1 else row["differences"][policies[k]]


def _finding(metrics: Mapping[str, Any], policies: Sequence[str], k: int) -> str:
    first, policy = policies[0], policies[k]
    change = _difference(metrics["closure_latency_mean_hours"], policies, k)
    more = _difference(metrics["goodput_per_day"], policies, k)
    if change["mean"] is None:
        return f"{policy}: the mean closure latency is not defined here."
    low, high = change["ci95"]
    ends = ""
    if low is not None:
        low_text, high_text = (console.number(end, sign=True) for end in (low, high))
        ends = f" (95 % interval {low_text} to {high_text} h)"
    if low is not None and low <= 0 <= high:
        return f"{policy} cannot be told apart from {first} in mean closure latency{ends}."
    word = "sooner" if change["mean"] < 0 else "later"
    size, extra = console.number(abs(change["mean"])), console.number(more["mean"], sign=True)
    return (
        f"{policy} solves incidents {size} h {word} on average than {first}{ends}; "
        f"solved within the limit: {extra} a day."
    )


def _print(
    policies: Mapping[str, Parameters],
    runs: Mapping[str, list[Replication]],
    metrics: Mapping[str, Any],
) -> None:
    names, first = list(policies), next(iter(policies.values()))
    horizon = first.settings.horizon
    reached = {
        name: {m: max(r.reached.get(m, 0.0) for r in reps) for rep in reps for m in rep.reached}
        for name, reps in runs.items()
    }
    console.console.print(console.comparison(metrics, names, reached))
    drawn = metrics["incidents"][names[0]]["mean"]
    console.console.print(
        f"{first.city.name}: {first.city.n_districts} districts, {first.city.n_townships:,} "
        f"townships, {first.city.n_grids:,} grids; "
        f"{console.replications(first.settings.replications)} of {drawn:,.0f} incidents; "
        f"from {first.start}, {horizon.warmup_days} + "
        f"{horizon.cohort_days} + {horizon.followup_days} days (warm-up, cohort, follow-up).",
        soft_wrap=True,
    )
    if len(names) > 1:
        console.console.print(headline(metrics, names), style="bold", soft_wrap=True)

"""What `guantong replicate` shows: a summary, a sentence, two tables, figures."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.long_run import BATCHES, split
from analysis.stopping import MET, Target
from experiments import console
from experiments.metric_words import Words, listed, words
from experiments.store import file_name
from scenarios.schema import Settings

if TYPE_CHECKING:
    import pandas as pd

    from experiments.replicate import Replicated
    from experiments.warmups import Warmups

_AT_ENDS = 3
"""Measures of either end of the table of what pairing removes."""

_LATENCY = "closure_latency_mean_hours"


# --- summary ----------------------------------------------------------------------------------


def summary(
    differences: "pd.DataFrame",
    made: "Replicated",
    warm: "Warmups",
    target: Target,
    settings: Settings,
) -> dict[str, Any]:
    """What was found of the metric of the settings, for each policy after the first."""
    metric = settings.replicate.metric
    rows = differences[differences["measure"] == metric].set_index("policy")
    policies = {p: _of_policy(rows.loc[p], made, p, target) for p in settings.policies[1:]}
    found: dict[str, Any] = {
        "metric": metric,
        "reference": settings.policies[0],
        "interval_of": "20 batch means of one run" if made.stopped is None else "replications",
        "replications": 1 if made.stopped is None else len(made.numbers),
        "target": {"half_width": target.half_width, "relative": target.relative},
        "stopped": made.stopped,
        "policies": policies,
        "unknown": _first_hole(made, metric),
        "warmup": warm.summary(),
    }
    found["finding"] = sentence(found, settings)
    return found


def _of_policy(row: Any, made: "Replicated", policy: str, target: Target) -> dict[str, Any]:
    mean, low, high, ratio = (
        None if np.isnan(row[name]) else float(row[name])
        for name in ("difference", "low", "high", "variance_ratio")
    )
    width = None if low is None else (high - low) / 2
    entry = {"mean": mean, "ci95": [low, high], "half_width": width, "variance_ratio": ratio}
    if policy in made.states:
        state = made.states[policy]
        return entry | {"is_met": state.status == MET, "enough": state.enough}
    wide = target.half_width * (abs(mean or 0.0) if target.relative else 1.0)
    entry["is_met"] = width is not None and width <= wide
    entry["whole_run"] = made.whole[policy]
    known = row["is_dependent"] is not None
    entry["correlation"] = float(row["correlation"]) if known else None
    entry["is_dependent"] = bool(row["is_dependent"]) if known else None
    return entry


def _first_hole(made: "Replicated", metric: str) -> dict[str, Any] | None:
    """The first replication or span in which the metric has no value, and under which policy."""
    for place, number in enumerate(made.numbers):
        for policy, measures in made.values.items():
            if measures[metric][place] is None:
                return {"policy": policy, "number": number}
    return None


def of_pair(made: "Replicated", policy: str, settings: Settings) -> list[float]:
    """The metric's differences from the first policy, in order, up to the first that is unknown."""
    metric = settings.replicate.metric
    sides = (made.values[name][metric] for name in (settings.policies[0], policy))
    found = []
    for a, b in zip(*sides, strict=True):
        if a is None or b is None:
            break
        found.append(b - a)
    return found


# --- words ------------------------------------------------------------------------------------


def sentence(found: Mapping[str, Any], settings: Settings) -> str:
    """The finding, a sentence for each policy after the first."""
    return " ".join(
        _finding(found, policy, entry, settings) for policy, entry in found["policies"].items()
    )


def _finding(
    found: Mapping[str, Any], policy: str, entry: Mapping[str, Any], settings: Settings
) -> str:
    metric, first = words(found["metric"]), found["reference"]
    mean, (low, high) = entry["mean"], entry["ci95"]
    if mean is None:
        return f"{metric.heading}, {policy} - {first}: not known, {_unknown(found)}."
    if low is None:
        said = metric.amount(mean, sign=True)
        return f"{metric.heading}, {policy} - {first}: {said} in one replication, no interval."
    parts = [
        _difference(found["metric"], policy, first, mean, (low, high)),
        _basis(found, settings),
        _pairing(entry["variance_ratio"]),
    ]
    return ", ".join(part for part in parts if part) + f"{_beyond(found, entry, metric)}."


def _unknown(found: Mapping[str, Any]) -> str:
    """Why the metric has no mean; one that were left out would flatter."""
    policy, number = found["unknown"]["policy"], found["unknown"]["number"]
    where = "span" if found["stopped"] is None else "replication"
    return (
        f"as {where} {number} has no value under {policy} (not reached by the end of the run, or "
        "nothing of its sort occurred)"
    )


def _difference(
    name: str, policy: str, first: str, mean: float, interval: tuple[float, float]
) -> str:
    metric, (low, high) = words(name), interval
    if low == high == 0:
        return f"{metric.heading} is the same under {policy} and {first}"
    if low <= 0 <= high:
        return (
            f"{policy} cannot be told apart from {first} in {metric.name}: "
            f"{metric.amount(mean, sign=True)}, 95 % interval {metric.ends(low, high, sign=True)}"
        )
    size = metric.amount(abs(mean))
    if name == _LATENCY:
        change = "sooner" if mean < 0 else "later"
        said = f"{policy} closes incidents {size} {change} than {first}"
    else:
        change = "lower" if mean < 0 else "higher"
        said = f"{metric.heading} is {size} {change} under {policy} than under {first}"
    ends = sorted((abs(low), abs(high)))
    return f"{said}, 95 % interval {metric.ends(*ends)}"


def _basis(found: Mapping[str, Any], settings: Settings) -> str:
    n = found["replications"]
    if found["stopped"] is None:
        return f"one run of {settings.horizon.cohort_days} days in {BATCHES} batches"
    return f"{n} replication{'s' if n > 1 else ''}"


def _pairing(ratio: float | None) -> str:
    if ratio is None:
        return ""
    change = "removed" if ratio <= 1 else "added"
    return f"pairing {change} {100 * abs(1 - ratio):.0f} % of the variance"


def _beyond(found: Mapping[str, Any], entry: Mapping[str, Any], metric: Words) -> str:
    """What is wrong with it, if anything."""
    said = ""
    if entry.get("is_dependent"):
        said = (
            f"; the batches depend on one another (correlation {entry['correlation']:.2f}), so "
            "that the interval is too narrow: lengthen horizon.cohort_days"
        )
    if entry["is_met"]:
        return said
    target = found["target"]
    wide = (
        f"{100 * target['half_width']:g} % of the difference"
        if target["relative"]
        else metric.exact(target["half_width"])
    )
    why = {
        "spent": " when the budget of replications was spent",
        "out of time": " when the budget of time was spent",
        "failed": " when too many replications had failed",
    }.get(found["stopped"] or "", "")
    return (
        f"{said}; the target of ± {wide} was not met{why}: ± {metric.amount(entry['half_width'])}"
    )


# --- tables and figures -----------------------------------------------------------------------


def show(differences: "pd.DataFrame", found: Mapping[str, Any], settings: Settings) -> None:
    """Print what pairing removes of the variance of some measures, and the finding."""
    for policy in settings.policies[1:]:
        rows = differences[differences["policy"] == policy]
        console.console.print(_table(rows, policy, settings))
    days = {p: d for p, d in found["warmup"]["mser_days"].items() if d is not None}
    if days:
        told = listed([f"{d} days under {p}" for p, d in days.items()])
        given = found["warmup"]["warmup_days"]
        console.console.print(f"warm by MSER-5 after {told}; the warm-up has {given} days.")
    console.console.print(found["finding"], style="bold", soft_wrap=True)


def _table(rows: "pd.DataFrame", policy: str, settings: Settings) -> Table:
    """The metric, and of all measures that are printed elsewhere those of which pairing leaves
    least and most of the variance."""
    metric, first = settings.replicate.metric, settings.policies[0]
    printed = rows[rows["measure"].isin(console.LABELS) & rows["variance_ratio"].notna()]
    others = printed[printed["measure"] != metric].sort_values("variance_ratio", kind="stable")
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("measure", no_wrap=True)
    change = f"{policy} - {first}\n(± 95 % interval)"
    for name in (first, policy, change, "variance left\nby pairing (%)"):
        table.add_column(name, justify="right", no_wrap=True)
    parts = [rows[rows["measure"] == metric], others[:_AT_ENDS]]
    parts.append(others[max(_AT_ENDS, len(others) - _AT_ENDS) :])
    for part in parts:
        for row in part.itertuples():
            table.add_row(*_cells(row))
        table.add_section()
    return table


def _cells(row: Any) -> list[str]:
    known = {k: None if v != v else v for k, v in row._asdict().items()}
    metric = words(row.measure)
    entry = {"mean": known["difference"], "ci95": (known["low"], known["high"])}
    sides = [console.number(known[k], percent=metric.percent) for k in ("reference_mean", "mean")]
    left = console.number(known["variance_ratio"], percent=True)
    return [metric.title, *sides, console.measure(entry, percent=metric.percent), left]


def draw(
    figures: Path,
    made: "Replicated",
    warm: "Warmups",
    found: Mapping[str, Any],
    target: Target,
    settings: Settings,
) -> None:
    """The difference as replications came, or batch by batch; and the backlog's warm-up."""
    from analysis import style
    from analysis.figures import batches, replications, warmup

    metric, first = words(found["metric"]), found["reference"]
    scale = 100.0 if metric.percent else 1.0
    wide = target if target.relative else replace(target, half_width=scale * target.half_width)
    for policy, entry in found["policies"].items():
        values = scale * np.array(of_pair(made, policy, settings))
        label = f"{metric.heading},\n{policy} - {first}" + (
            f" ({metric.unit})" if metric.unit else ""
        )
        if values.size < 2:
            continue
        fig, ax = style.figure()
        if made.stopped is None:
            interval = tuple(scale * end for end in (entry["mean"], *entry["ci95"]))
            batches.draw(split(values).mean(axis=1), interval, ax, label=label)
        else:
            replications.draw(values, wide, made.states[policy], ax, label=label)
        style.save(fig, figures, f"difference_{file_name(policy)}")
    fig, ax = style.figure()
    draw_label = "backlog at the end of the day (incidents)"
    warmup.draw(warm.backlog, warm.days, warm.given, ax, label=draw_label)
    style.save(fig, figures, "warmup")

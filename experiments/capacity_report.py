"""What `guantong capacity` shows: tables, a sentence, figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.intervals import Interval
from experiments import console
from experiments.bottlenecks import N_NAMED
from scenarios.parameters import Parameters

Curves = Mapping[str, np.ndarray]
"""Of one policy: volume, growth, closure latency and goodput, f8[replications, volumes]."""

_LATENCY, _GOODPUT = "closure_latency_mean_hours", "goodput_per_day"
_PLANNED = {
    "first_desk": "Planned load fills the first desk at",
    "one_percent": "  1 % of the desks above the grid at",
    "ten_percent": "  10 % of them at",
}


# --- figures ----------------------------------------------------------------------------------


def draw(figures: Path, curves: Mapping[str, Curves], result: Mapping[str, Any]) -> None:
    """Latency and goodput against the volume, as PNG and SVG."""
    from analysis import style
    from analysis.figures import capacity

    metrics = result["metrics"]
    marks = {name: _interval(metrics["capacity"][name]) for name in curves}
    knees = {name: metrics["knee"][name]["mean"] for name in curves}
    for measure, name, label, title, marked in (
        (_LATENCY, "latency", "mean closure latency [h]", "Latency against volume", knees),
        (_GOODPUT, "goodput", "solved within the limit, per day", "Goodput against volume", {}),
    ):
        fig, ax = style.figure()
        lines = {policy: (c["volume"][0], c[measure]) for policy, c in curves.items()}
        capacity.draw(lines, marks, ax, label=label, title=title, knees=marked)
        style.save(fig, figures, f"{name}_by_volume")


def _interval(entry: Mapping[str, Any]) -> Interval:
    return entry["mean"], *entry["ci95"]


# --- tables -----------------------------------------------------------------------------------


def show(
    parameters: Parameters, curves: Mapping[str, Curves], result: Mapping[str, Any], n: int
) -> None:
    """Print what was found; n : replications."""
    names = list(curves)
    console.console.print(_capacities(names, result))
    console.console.print(_curve(names, curves))
    for name in names:
        if result["bottlenecks"][name] is not None:
            console.console.print(_bottlenecks(name, result["bottlenecks"][name]))
    horizon, per_day = parameters.settings.horizon, result["incidents_per_day_at_volume_1"]
    console.console.print(
        f"{parameters.city.name}: {console.replications(n)} of average weeks; volume 1 is "
        f"{per_day:,.0f} incidents a day, and staff stays as planned for it; "
        f"{horizon.warmup_days} + {horizon.cohort_days} + {horizon.followup_days} days (warm-up, "
        "cohort, follow-up); backlog may grow by "
        f"{100 * parameters.settings.capacity.tolerance:g} % of what occurs.",
        soft_wrap=True,
    )
    console.console.print(sentence(names, result), style="bold", soft_wrap=True)


def _capacities(names: Sequence[str], result: Mapping[str, Any]) -> Table:
    metrics, first = result["metrics"], names[0]
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("volumes in multiples of the planned one", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for name in names[1:]:
        table.add_column(f"{name} - {first}\n(± 95 % interval)", justify="right", no_wrap=True)
    labels = {"capacity": "Capacity", "incidents_per_day": "  incidents per day", "knee": "Knee"}
    for metric, label in labels.items():
        row = metrics[metric]
        digits = 0 if metric == "incidents_per_day" else 3
        cells, differences = _estimates(row, names, digits)
        if metric == "capacity":
            cells = [
                bound(result["searches"][name]) or cell
                for name, cell in zip(names, cells, strict=True)
            ]
        table.add_row(label, *cells, *differences)
        if metric == "incidents_per_day":
            _add_tolerances(table, names, result["capacity_by_tolerance"])
    for key, label in _PLANNED.items():
        cells = [result["planned"][name][key] for name in names]
        table.add_row(label, *("-" if cell is None else f"{cell:.2f}" for cell in cells))
    return table


def _add_tolerances(table: Table, names: Sequence[str], by_tolerance: Mapping[str, Any]) -> None:
    for tolerance, row in by_tolerance.items():
        cells, differences = _estimates(row, names, 3)
        label = f"  were growth of {100 * float(tolerance):g} % allowed"
        table.add_row(label, *cells, *differences)


def _estimates(
    row: Mapping[str, Any], names: Sequence[str], digits: int
) -> tuple[list[str], list[str]]:
    """Each policy with its interval, and each further one minus the first."""
    changes = [_change(row, names, k) for k in range(1, len(names))]
    return (
        [_estimate(row[name], digits) for name in names],
        [_estimate(change, digits, is_change=True) for change in changes],
    )


def _estimate(entry: Mapping[str, Any], digits: int, *, is_change: bool = False) -> str:
    """A number with the ends of its interval; a change with its sign and the half-width."""
    mean, (low, high) = entry["mean"], entry["ci95"]
    if mean is None:
        return "-"
    form = f",.{digits}f"
    text = f"{mean:{'+' if is_change else ''}{form}}"
    if low is None:
        return text
    if is_change:
        return f"{text} ± {(high - low) / 2:{form}}"
    return f"{text} ({low:{form}} to {high:{form}})"


def _change(row: Mapping[str, Any], names: Sequence[str], k: int) -> Mapping[str, Any]:
    """Policy k minus the first."""
    return row["difference"] if k == 1 else row["differences"][names[k]]


def bound(searches: Sequence[Mapping[str, float | None]]) -> str | None:
    """What is known of a capacity that lies outside the volumes tried in some replication:
    "> 1.6", "< 0.6", or "-" where replications differ; None where all lie within."""
    above = any(one["high"] is None for one in searches)
    below = any(one["low"] is None for one in searches)
    if above and below:
        return "-"
    if above:
        known = [one["low"] if one["volume"] is None else one["volume"] for one in searches]
        return f"> {min(known):.4g}"
    if below:
        known = [one["high"] if one["volume"] is None else one["volume"] for one in searches]
        return f"< {max(known):.4g}"
    return None


def _curve(names: Sequence[str], curves: Mapping[str, Curves]) -> Table:
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("volume", justify="right")
    for heading in ("growth (%)", "latency (h)", "goodput per day"):
        for name in names:
            table.add_column(f"{heading}\n{name}", justify="right", no_wrap=True)
    means = {n: {k: v.mean(axis=0) for k, v in curves[n].items()} for n in names}
    volumes = sorted({float(v) for n in names for v in means[n]["volume"]})
    for volume in volumes:
        cells = []
        for measure in ("growth", _LATENCY, _GOODPUT):
            for name in names:
                (here,) = np.nonzero(means[name]["volume"] == volume)
                value = means[name][measure][here[0]] if here.size else np.nan
                cells.append(_cell(value, measure))
        table.add_row(f"{volume:.4g}", *cells)
    return table


def _cell(value: float, measure: str) -> str:
    if np.isnan(value):
        return ""
    return f"{100 * value:.2f}" if measure == "growth" else console.number(float(value))


def _bottlenecks(name: str, found: Mapping[str, Any]) -> Table:
    since = "none" if found["lower_volume"] is None else f"{found['lower_volume']:.4g}"
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column(f"{name}: queues at {found['volume']:.4g} against {since}", no_wrap=True)
    for heading in ("desks", "tasks more", "share (%)", "utilisation (%)"):
        table.add_column(heading, justify="right")
    for row in [r for r in found["kinds"] if r["queue_growth"] > 0][:N_NAMED]:
        table.add_row(row["kind"], f"{row['desks']:,}", *_numbers(row))
    for row in [r for r in found["desks"] if r["queue_growth"] > 0]:
        table.add_row(f"  {row['name']}", "", *_numbers(row))
    return table


def _numbers(row: Mapping[str, Any]) -> list[str]:
    return [
        f"{row['queue_growth']:,.0f}",
        console.number(row["share"], percent=True),
        console.number(row["utilisation"], percent=True),
    ]


# --- words ------------------------------------------------------------------------------------


def sentence(names: Sequence[str], result: Mapping[str, Any]) -> str:
    """The finding in plain words: capacities, differences, what gives way first."""
    row = result["metrics"]["capacity"]
    carried = [
        f"{name}{' carries' if i == 0 else ''} {_carried(row[name], result['searches'][name])}"
        + (" times the planned volume" if i == 0 else "")
        + _ends(row[name])
        for i, name in enumerate(names)
    ]
    text = [f"{', '.join(carried)}."]
    for k in range(1, len(names)):
        text += [_verdict(names, row, k), _doubt(names, row, result["capacity_by_tolerance"], k)]
    text += [_gives_way(names, result["bottlenecks"])]
    return " ".join(part for part in text if part)


def _carried(entry: Mapping[str, Any], searches: Sequence[Mapping[str, float | None]]) -> str:
    outside = bound(searches)
    if outside is None:
        return f"{entry['mean']:.3f}"
    if outside == "-":
        return "an unknown number of"
    return f"{'more' if outside[0] == '>' else 'less'} than {outside[2:]}"


def _ends(entry: Mapping[str, Any]) -> str:
    low, high = entry["ci95"]
    return "" if low is None else f" (95 % interval {low:.3f} to {high:.3f})"


def _verdict(names: Sequence[str], row: Mapping[str, Any], k: int) -> str:
    entry = _change(row, names, k)
    mean, (low, high) = entry["mean"], entry["ci95"]
    word = _word(entry)
    if word is None:
        return ""
    if word == "as much":
        return f"{names[k]} cannot be told apart from {names[0]}."
    return f"{names[k]} carries {abs(mean):.3f} {word} than {names[0]} (± {(high - low) / 2:.3f})."


def _word(entry: Mapping[str, Any]) -> str | None:
    """Whether a difference is more, less or neither; None where it is not known."""
    low, high = entry["ci95"]
    if low is None:
        return None
    return "as much" if low <= 0 <= high else "more" if low > 0 else "less"


def _doubt(
    names: Sequence[str], row: Mapping[str, Any], by_tolerance: Mapping[str, Any], k: int
) -> str:
    """That another tolerance would give another verdict, where it would."""
    said = _word(_change(row, names, k))
    others = {x: _word(_change(other, names, k)) for x, other in by_tolerance.items()}
    unlike = [f"at {100 * float(x):g} % {w}" for x, w in others.items() if w not in (said, None)]
    if said is None or not unlike:
        return ""
    return f"That hangs on the growth allowed: {names[k]} carries {', '.join(unlike)}."


def _gives_way(names: Sequence[str], found: Mapping[str, Any]) -> str:
    parts = []
    for name in names:
        if found[name] is not None and found[name]["queue_growth"] > 0:
            worst = found[name]["kinds"][0]
            parts.append(
                f"{worst['kind']} under {name} ({100 * worst['share']:.0f} % of the growth)"
            )
    return f"What gives way first is {', '.join(parts)}." if parts else ""

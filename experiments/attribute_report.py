"""What `guantong attribute` shows: a summary, a sentence, a table, the waterfall."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.intervals import mean_interval
from analysis.shapley import Attribution, Coalition
from experiments import console
from experiments.lever_groups import LeverGroups
from scenarios.schema import Settings

if TYPE_CHECKING:
    import pandas as pd

_LATENCY = "closure_latency_mean_hours"

_AGAINST = {True: "it is made worse by", False: "it is lessened by"}

Values = Mapping[Coalition, Sequence[float | None]]


# --- summary ----------------------------------------------------------------------------------


def summary(
    found: LeverGroups,
    shares: Attribution | None,
    values: Values,
    settings: Settings,
    orders: int = 0,
) -> dict[str, Any]:
    """What was found, the groups with the largest share first; without shares only what ran.

    orders : of joining that were drawn, 0 where all coalitions were run.
    """
    result: dict[str, Any] = {
        "metric": settings.attribute.metric,
        "policies": [found.first, found.second],
        "replications": settings.replications,
        "coalitions": len(values),
        "alike": list(found.alike),
        "changes": {name: [str(c) for c in own] for name, own in found.changes.items()},
    }
    if shares is None:
        return result | {"groups": {}, "finding": "The shares are not known, as runs failed."}
    mean, low, high = mean_interval(list(shares.whole))
    rows = sorted(_rows(shares, values, found), key=lambda row: -abs(row["share"]))
    result |= {
        "orders": orders,
        "first_mean": float(np.mean(values[frozenset()])),
        "whole": {"mean": mean, "ci95": [low, high]},
        "sum_error": float(np.abs(shares.shares.sum(axis=0) - shares.whole).max()),
        "groups": {row.pop("group"): row for row in rows},
    }
    return result | {"finding": sentence(result)}


def _rows(shares: Attribution, values: Values, found: LeverGroups) -> list[dict[str, Any]]:
    """Each group's share, and what it brings alone and as the last to join, where that was run."""
    everybody, whole = frozenset(found.names), float(shares.whole.mean())
    ends = [_end(low, high) for low, high in zip(shares.low, shares.high, strict=True)]
    return [
        {
            "group": name,
            "share": float(share),
            "ci95": ci95,
            "of_whole": float(share) / whole if whole else None,
            "alone": _step(values, frozenset(), frozenset([name])),
            "last": _step(values, everybody - {name}, everybody),
        }
        for name, share, ci95 in zip(shares.players, shares.means, ends, strict=True)
    ]


def _end(low: float, high: float) -> list[float | None]:
    return [None, None] if np.isnan(low) else [float(low), float(high)]


def _step(values: Values, before: Coalition, after: Coalition) -> float | None:
    if before not in values or after not in values:
        return None
    return float(np.mean(values[after]) - np.mean(values[before]))


def sentence(found: Mapping[str, Any]) -> str:
    """The finding in words: who brings how much of the difference, who works against it."""
    groups, sign = found["groups"], np.sign(found["whole"]["mean"])

    def told(names: Sequence[str], text: str, sign: float) -> str:
        sizes = (_size(groups[name], sign, found["metric"]) for name in names)
        return "; ".join(
            text.format(name=name, size=size) for name, size in zip(names, sizes, strict=True)
        )

    sure = [name for name, entry in groups.items() if _is_sure(entry["ci95"])]
    bring = [name for name in sure if groups[name]["share"] * sign > 0]
    against = [name for name in sure if name not in bring]
    others = [name for name in groups if name not in sure]
    brought = told(bring, "{size} from {name}", sign) or "no group brings a part beyond doubt"
    parts = [f"{_subject(found)}{':' if bring else ','} {brought}"]
    if against:
        word = _AGAINST[found["metric"] == _LATENCY and sign < 0]
        parts.append(f"{word} {told(against, '{name} {size}', -sign)}")
    if others:
        parts.append(f"{_listed(others)} cannot be told apart from 0")
    return ". ".join(f"{part[0].upper()}{part[1:]}" for part in parts) + "."


def _subject(found: Mapping[str, Any]) -> str:
    first, second = found["policies"]
    mean, ci95 = found["whole"]["mean"], found["whole"]["ci95"]
    size = _amount(abs(mean), found["metric"])
    if not _is_sure(ci95) and ci95[0] is not None:
        size += " (which cannot be told apart from 0)"
    if found["metric"] == _LATENCY:
        return (
            f"of the {size} that {second} closes {'sooner' if mean < 0 else 'later'} than {first}"
        )
    word = "lowers" if mean < 0 else "raises"
    return f"of the {size} by which {second} {word} '{label_of(found['metric'])}'"


def _size(entry: Mapping[str, Any], sign: float, metric: str) -> str:
    """A share in the direction of `sign`, with its interval."""
    low, high = (_amount(end, metric) for end in sorted(sign * end for end in entry["ci95"]))
    return f"{_amount(sign * entry['share'], metric)} (95 % interval {low} to {high})"


def _amount(value: float, metric: str) -> str:
    unit = " h" if metric.endswith("_hours") else " points" if console.is_share(metric) else ""
    return console.number(value, percent=console.is_share(metric)) + unit


def _is_sure(ci95: Sequence[float | None]) -> bool:
    """Whether the interval leaves no doubt about the sign; without one there is all doubt."""
    low, high = ci95
    return low is not None and (low > 0 or high < 0)


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def label_of(metric: str) -> str:
    return console.LABELS.get(metric, metric).strip()


# --- tables and figure ------------------------------------------------------------------------


def share_table(shares: Attribution, values: Values, found: LeverGroups) -> "pd.DataFrame":
    """One row a group: share, interval, part of the whole, alone, last, what it changes, and its
    share by replication."""
    import pandas as pd

    rows = []
    for row, by_replication in zip(_rows(shares, values, found), shares.shares, strict=True):
        low, high = row.pop("ci95")
        changes = "; ".join(str(change) for change in found.changes[row["group"]])
        named = {f"replication_{r}": value for r, value in enumerate(by_replication)}
        rows.append(row | {"low": low, "high": high, "changes": changes} | named)
    frame = pd.DataFrame(rows)
    numbers = ["share", "low", "high", "of_whole", "alone", "last"]
    frame = frame.astype(dict.fromkeys(numbers, float))
    return frame[["group", *numbers, *(c for c in frame if c not in ("group", *numbers))]]


def show(found: Mapping[str, Any], settings: Settings) -> None:
    """Print the shares and the finding."""
    if found["groups"]:
        console.console.print(_table(found))
        ways = f"{found['coalitions']} coalitions, {console.replications(settings.replications)}"
        if found["orders"]:
            ways += f", {found['orders']} orders drawn"
        console.console.print(
            f"{ways}; shares sum to the whole within {max(found['sum_error'], 1e-15):.0e} in every "
            "replication.",
            soft_wrap=True,
        )
    if found["alike"]:
        console.console.print(f"alike in both policies: {', '.join(found['alike'])}")
    console.console.print(found["finding"], style="bold", soft_wrap=True)


def _table(found: Mapping[str, Any]) -> Table:
    percent = console.is_share(found["metric"])
    first, second = found["policies"]

    def signed(value: float | None) -> str:
        return console.number(value, percent=percent, sign=True)

    title = f"{label_of(found['metric'])}, {second} - {first}"
    table = Table(title=title, box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("group", no_wrap=True)
    for name in ("share\n(± 95 % interval)", "of the whole\n(%)", "alone", "as the last"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, entry in found["groups"].items():
        share = console.measure({"mean": entry["share"], "ci95": entry["ci95"]}, percent=percent)
        part = console.number(entry["of_whole"], percent=True)
        table.add_row(name, share, part, signed(entry["alone"]), signed(entry["last"]))
    table.add_section()
    table.add_row("all together", console.measure(found["whole"], percent=percent), "100", "", "")
    return table


def draw(
    figures: Path, shares: Attribution, values: Values, found: LeverGroups, settings: Settings
) -> None:
    """The waterfall from the first policy to the second, as PNG and SVG."""
    from analysis import style
    from analysis.figures import waterfall

    metric = settings.attribute.metric
    scale = 100.0 if console.is_share(metric) else 1.0
    scaled = Attribution(
        shares.players,
        *(scale * part for part in (shares.shares, shares.whole, shares.low, shares.high)),
    )
    fig, ax = style.figure(7.2, waterfall.height(len(shares.players)))
    waterfall.draw(
        scaled,
        ax,
        start=scale * float(np.mean(values[frozenset()])),
        ends=(found.first, found.second),
        label=label_of(metric),
    )
    style.save(fig, figures, "waterfall")

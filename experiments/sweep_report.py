"""What `guantong sweep` shows: a summary, a sentence, a table, a figure."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.intervals import mean_interval
from experiments import console
from experiments.factors import Design, text
from scenarios.schema import Settings

if TYPE_CHECKING:
    import pandas as pd

_SHOWN, _AT_ENDS = 20, 6  # rows of the table; of either end where there are more points
_CHANGES_TOLD = 3
_COLUMNS = 3  # panels side by side


# --- summary ----------------------------------------------------------------------------------


def summary(
    measures: "pd.DataFrame", differences: "pd.DataFrame", plan: Design, settings: Settings
) -> dict[str, Any]:
    """What was found in the metric of the settings, for each policy after the first."""
    metric, policies = settings.sweep.metric, settings.policies
    of_metric = differences[differences["measure"] == metric]
    found: dict[str, Any] = {
        "metric": metric,
        "design": settings.sweep.design,
        "points": len(plan.points),
        "replications": settings.replications,
        "aliases": list(plan.aliases),
        "policies": {},
    }
    for policy in policies[1:]:
        of_policy = of_metric[(of_metric["policy"] == policy) & of_metric["difference"].notna()]
        entries = {row.point: _entry(row, plan) for row in of_policy.itertuples()}
        found["policies"][policy] = _of_policy(entries, plan, settings) | {
            "main_effects": _effects(measures, plan, metric, policies[0], policy)
        }
    found["finding"] = sentence(found, policies[0])
    return found


def _entry(row: Any, plan: Design) -> dict[str, Any]:
    ends = [None if np.isnan(end) else end for end in (row.low, row.high)]
    values = dict(zip(plan.keys, plan.points[row.point], strict=True))
    return {"settings": values, "mean": row.difference, "ci95": ends}


def _of_policy(
    entries: Mapping[int, Mapping[str, Any]], plan: Design, settings: Settings
) -> dict[str, Any]:
    signs = {i: np.sign(entry["mean"]) for i, entry in entries.items()}
    ordered = sorted(entries.values(), key=lambda entry: entry["mean"])
    on_grid = settings.sweep.design in ("grid", "factorial")
    return {
        "known": len(entries),
        "lower": sum(sign < 0 for sign in signs.values()),
        "lower_beyond_doubt": sum(_sure(e) and e["mean"] < 0 for e in ordered),
        "higher": sum(sign > 0 for sign in signs.values()),
        "higher_beyond_doubt": sum(_sure(e) and e["mean"] > 0 for e in ordered),
        "smallest": ordered[0] if ordered else None,
        "largest": ordered[-1] if ordered else None,
        "changes_sign": list(_changes(signs, plan)) if on_grid else None,
    }


def _sure(entry: Mapping[str, Any]) -> bool:
    """Whether the interval leaves no doubt about the sign."""
    low, high = entry["ci95"]
    return low is not None and (low > 0 or high < 0)


def _changes(signs: Mapping[int, float], plan: Design) -> Iterator[dict[str, Any]]:
    """Where neighbours on the grid differ in the sign of the difference."""
    place = {point: i for i, point in enumerate(plan.points)}
    for k, key in enumerate(plan.keys):
        levels = list(dict.fromkeys(point[k] for point in plan.points))
        for before, after in zip(levels, levels[1:], strict=False):
            for point, i in place.items():
                j = place.get((*point[:k], after, *point[k + 1 :]))
                if point[k] == before and signs.get(i, 0) * signs.get(j, 0) < 0:
                    rest = dict(zip(plan.keys, point, strict=True))
                    del rest[key]
                    yield {"key": key, "between": [before, after], "at": rest}


def _effects(
    measures: "pd.DataFrame", plan: Design, metric: str, first: str, policy: str
) -> dict[str, Any]:
    """Of factors with two levels: mean difference at the second level less that at the first,
    with its interval over replications; empty for other designs and where points have failed."""
    if not plan.two_levels:
        return {}
    rows = measures[measures["measure"] == metric]
    by_run = rows.pivot(index=["point", "replication"], columns="policy", values="value")
    change = (by_run[policy] - by_run[first]).unstack("replication")
    if len(change) < len(plan.points):
        return {}
    effects = {}
    for key in plan.two_levels:
        values = [point[plan.keys.index(key)] for point in plan.points]
        at_second = np.array(values) != values[0]
        of_runs = change[at_second].mean(skipna=False) - change[~at_second].mean(skipna=False)
        mean, low, high = mean_interval(list(of_runs))
        effects[key] = {"mean": mean, "ci95": [low, high]}
    return effects


# --- words ------------------------------------------------------------------------------------


def sentence(found: Mapping[str, Any], first: str) -> str:
    """The finding, a sentence or two for each policy after the first."""
    metric = found["metric"]
    label = console.LABELS.get(metric, metric).strip()
    return " ".join(
        _finding(label, policy, first, entry, percent=console.is_share(metric))
        for policy, entry in found["policies"].items()
    )


def _finding(
    label: str, policy: str, first: str, found: Mapping[str, Any], *, percent: bool
) -> str:
    what = f"{label}, {policy} - {first}"
    n = found["known"]
    if not n:
        return f"{what}: not known at any point."
    sides = [
        f"{word} at {'all ' if found[word] == n > 1 else ''}{_points(found[word])} "
        f"({found[f'{word}_beyond_doubt']} beyond doubt)"
        for word in ("lower", "higher")
        if found[word]
    ]
    ends = " to ".join(
        f"{_amount(found[end], percent=percent)} at {_settings(found[end]['settings'])}"
        for end in ("smallest", "largest")
    )
    said = f"{what}: {', '.join(sides) or f'the same at {_points(n)}'}; from {ends}."
    changes = found["changes_sign"]
    if changes:
        told = "; ".join(map(_change, changes[:_CHANGES_TOLD]))
        more = len(changes) - _CHANGES_TOLD
        said += f" It changes sign {told}{f'; and {more} times more' if more > 0 else ''}."
    return said


def _points(n: int) -> str:
    return "1 point" if n == 1 else f"{n} points"


def _amount(entry: Mapping[str, Any], *, percent: bool) -> str:
    low, high = entry["ci95"]
    mean = console.number(entry["mean"], percent=percent, sign=True)
    if low is None:
        return mean
    ends = [console.number(end, percent=percent, sign=True) for end in (low, high)]
    return f"{mean} (95 % interval {ends[0]} to {ends[1]})"


def _settings(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={text(value)}" for key, value in values.items())


def _change(change: Mapping[str, Any]) -> str:
    before, after = (text(value) for value in change["between"])
    at = f" where {_settings(change['at'])}" if change["at"] else ""
    return f"between {change['key']}={before} and {after}{at}"


# --- table and figure -------------------------------------------------------------------------


def show(
    differences: "pd.DataFrame", found: Mapping[str, Any], plan: Design, settings: Settings
) -> None:
    """Print the metric at every point, or at the ends of its difference where there are many."""
    metric, policies = settings.sweep.metric, settings.policies
    rows = differences[differences["measure"] == metric]
    for policy in policies[1:]:
        _print_table(rows[rows["policy"] == policy], plan, policies[0], policy, metric)
    for policy, entry in found["policies"].items():
        for key, effect in entry["main_effects"].items():
            size = console.measure(effect, percent=console.is_share(metric))
            console.console.print(f"main effect of {key} on {policy} - {policies[0]}: {size}")
    if plan.aliases:
        told = "; ".join(plan.aliases)
        console.console.print(f"cannot be told apart by this design: {told}", soft_wrap=True)
    console.console.print(found["finding"], style="bold", soft_wrap=True)


def _print_table(rows: "pd.DataFrame", plan: Design, first: str, policy: str, metric: str) -> None:
    percent = console.is_share(metric)
    label = console.LABELS.get(metric, metric).strip()
    table = Table(title=label, box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for key in plan.keys:
        table.add_column(key, justify="right")
    for name in (first, policy, f"{policy} - {first}\n(± 95 % interval)"):
        table.add_column(name, justify="right", no_wrap=True)
    many = len(rows) > _SHOWN
    ordered = rows.sort_values("difference", kind="stable") if many else rows
    for place, row in enumerate(ordered.itertuples()):
        if many and _AT_ENDS <= place < len(rows) - _AT_ENDS:
            continue
        entry = {k: None if v is None or np.isnan(v) else v for k, v in _numbers(row).items()}
        change = {"mean": entry["difference"], "ci95": (entry["low"], entry["high"])}
        table.add_row(
            *(text(value) for value in plan.points[row.point]),
            console.number(entry["reference_mean"], percent=percent),
            console.number(entry["mean"], percent=percent),
            console.measure(change, percent=percent),
            end_section=many and place == _AT_ENDS - 1,
        )
    console.console.print(table)


def _numbers(row: Any) -> dict[str, float]:
    names = ("reference_mean", "mean", "difference", "low", "high")
    return {name: getattr(row, name) for name in names}


def draw(figures: Path, measures: "pd.DataFrame", plan: Design, settings: Settings) -> None:
    """The metric against each factor, a panel a factor, as PNG and SVG."""
    from analysis import style
    from analysis.figures import sweep

    metric = settings.sweep.metric
    rows = measures[measures["measure"] == metric]
    means = rows.groupby(["policy", "point"])["value"].mean()
    measured = {
        policy: np.array([means.get((policy, i), np.nan) for i in range(len(plan.points))])
        for policy in settings.policies
    }
    columns = min(_COLUMNS, len(plan.keys))
    n_rows = -(-len(plan.keys) // columns)
    fig, axes = style.panels(n_rows, columns, 6.4 if columns == 1 else 3.6, 4.0)
    label = console.LABELS.get(metric, metric).strip()
    for k, (key, values) in enumerate(plan.columns.items()):
        words = {"factor": key, "label": "" if k % columns else label, "legend": k == 0}
        sweep.draw(values, measured, axes[k], **words)
    for ax in axes[len(plan.keys) :]:
        ax.remove()
    style.save(fig, figures, "sweep")

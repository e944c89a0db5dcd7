"""The tables of a report: of a comparison, of a run, and of whatever else lies in a folder."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.intervals import mean_interval
from analysis.split import ASSUMED, BASE, CONTROL, ROWS, UNLIMITED, UTILISATION
from experiments import console
from experiments.report import html
from experiments.report.findings import LATENCY, difference, is_sure
from experiments.report.folder import Folder
from experiments.report.html import Html
from experiments.report.pictures import differences
from experiments.report.words import Words, number

if TYPE_CHECKING:
    import pandas as pd

KEYS = (LATENCY, "goodput_per_day", "on_time_share", "open_at_end", "handovers_mean")
KEYS += ("yuan_per_solved", "harm_yuan_per_risk_incident")
"""Measures that stand out at the top."""

HIGHER_IS_BETTER = (
    *("throughput_per_day", "goodput_per_day", "on_time_share", "on_time_with_extensions_share"),
    *("satisfied_share", "senior_free_share", "senior_free_hours_per_novel", "solved"),
)
NEITHER = (
    *("utilisation_city", "utilisation_district", "utilisation_township", "utilisation_grid"),
    *("staff_hours", "escalated_share", "reports_per_incident", "merged_share", "incidents"),
)
"""Of all other measures less is better."""

_MOST_ROWS = 40  # of a table that lies in a folder
_MOST_COLUMNS = 12
_RAW = (
    *("design", "points", "coalitions", "counts", "replications", "days", "cumulative", "futures"),
    *("curve", "bottlenecks", "flow", "desks", "visits", "incidents", "metrics"),
)
"""Tables of single runs and points, of which a page shows a few rows, after the others."""

_MOST_RAW = 5


def entry(mean: float, low: float, high: float) -> dict[str, Any]:
    """An entry of a mean and its interval, NaN for none."""
    values = [None if value != value else float(value) for value in (mean, low, high)]
    return {"mean": values[0], "ci95": values[1:]}


def verdict(measure: str, change: Mapping[str, Any], words: Words) -> Html:
    """Better, worse, or what cannot be told, in words and not by colour alone."""
    if change["mean"] is None:
        return html.text("–")
    if change["ci95"][0] is None:
        return html.element("span", words("verdict.unknown"), class_="note")
    if change["mean"] == 0 and change["ci95"] == [0, 0]:
        return html.element("span", words("verdict.equal"), class_="note")
    if not is_sure(change):
        return html.element("span", words("verdict.same"), class_="note")
    if measure in NEITHER:
        return html.text(words("verdict.higher" if change["mean"] > 0 else "verdict.lower"))
    better = (change["mean"] > 0) == (measure in HIGHER_IS_BETTER)
    name = "better" if better else "worse"
    return html.element("b", words(f"verdict.{name}"), class_=name)


# --- of a comparison --------------------------------------------------------------------------


def key_figures(folder: Folder, words: Words) -> Html:
    """The measures that matter most, large, with their intervals."""
    policies, metrics = list(folder.config["policies"]), folder.summary["metrics"]
    boxes = []
    for name in KEYS:
        row, percent = metrics.get(name), console.is_share(name)
        if row is None or len(policies) < 2:
            continue
        change = difference(row, policies, policies[1])
        levels = (number(row[p]["mean"], percent=percent) for p in policies[:2])
        boxes.append(
            html.element(
                "div",
                html.element("span", words.measure(name)),
                html.element("b", number(change["mean"], percent=percent, sign=True)),
                html.element("span", _between(change, words, percent=percent)),
                html.element("span", words("keys.levels", **_levels(policies, levels, words))),
                html.element("span", verdict(name, change, words)),
                class_="key",
            )
        )
    return html.element("div", *boxes, class_="keys")


def _between(change: Mapping[str, Any], words: Words, *, percent: bool) -> str:
    low, high = (number(end, percent=percent, sign=True) for end in change["ci95"])
    known = change["ci95"][0] is not None
    return words("keys.interval", low=low, high=high) if known else words("keys.no_interval")


def _levels(policies: Sequence[str], levels, words: Words) -> dict[str, str]:
    (a, b), (first, second) = levels, (words.named(p) for p in policies[:2])
    return {"a": a, "b": b, "first": first, "second": second}


def measures(folder: Folder, words: Words) -> Html:
    """Every measure that is printed, of all policies, with differences and what they mean."""
    policies, metrics = list(folder.config["policies"]), folder.summary["metrics"]
    head = [words("table.measure"), *(words.named(p) for p in policies)]
    for policy in policies[1:]:
        named = {"a": words.named(policy), "b": words.named(policies[0])}
        head += [words("table.difference", **named), words("table.verdict")]
    rows = []
    for name in console.LABELS:
        row, percent = metrics[name], console.is_share(name)
        cells = [words.measure(name)]
        cells += [number(row[p]["mean"], percent=percent) for p in policies]
        for policy in policies[1:]:
            change = difference(row, policies, policy)
            cells += [words.interval(change, percent=percent), verdict(name, change, words)]
        rows.append(cells)
    return html.table(head, rows)


def split(folder: Folder, words: Words) -> list[Html]:
    """What each difference is made of, and what it is in other settings."""
    found = []
    for policy, part in folder.summary["split"]["policies"].items():
        reference = folder.config["policies"][0]
        found += [_categories(part, policy, reference, words)]
        if len(part["settings"]) > 1:
            found += [_settings(part, policy, reference, folder, words)]
    return found


def _head(what: str, policy: str, reference: str, words: Words) -> list[str]:
    a, b = words.named(policy), words.named(reference)
    return [words(what), b, a, words("table.difference", a=a, b=b)]


def _categories(part: Mapping[str, Any], policy: str, reference: str, words: Words) -> Html:
    whole = UNLIMITED in part["settings"]
    head = _head("table.time", policy, reference, words)
    head += [words("table.arithmetic"), words("table.found")] if whole else []
    rows = []
    for name in ROWS:
        row = part["settings"][BASE][name]
        cells = [words(f"time.{name}"), *(number(row[p]["mean"]) for p in (reference, policy))]
        cells.append(words.interval(row["difference"]))
        if whole:
            cells.append(words.interval(part["settings"][UNLIMITED][name]["difference"]))
            cells.append(words.interval(part["found"][name]))
        rows.append(cells)
    return html.table(head, rows, caption=words("table.made_of"))


def _settings(
    part: Mapping[str, Any], policy: str, reference: str, folder: Folder, words: Words
) -> Html:
    rows = []
    for name, by_row in part["settings"].items():
        row = by_row["total"]
        levels = (number(row[p]["mean"]) for p in (reference, policy))
        label = _setting(name, reference, folder, words)
        runs = str(part["replications"][name])
        rows.append([label, *levels, words.interval(row["difference"]), runs])
    head = [*_head("table.setting", policy, reference, words), words("table.replications")]
    return html.table(head, rows, caption=words("table.settings"))


def _setting(name: str, reference: str, folder: Folder, words: Words) -> str:
    if name.startswith(UTILISATION):
        return words("setting.utilisation", x=f"{float(name.removeprefix(UTILISATION)):.2f}")
    keys = {BASE: "base", UNLIMITED: "unlimited", CONTROL: "control", ASSUMED: "assumed"}
    target = folder.config["staff"]["target_utilisation"]
    values = {"a": words.named(reference), "x": f"{target:.2f}"}
    return words(f"setting.{keys[name]}", **values)


def by_group(
    folder: Folder, by: str, words: Words, frame: "pd.DataFrame | None" = None
) -> Html | None:
    """Mean closure latency and on-time share by group, second policy against the first; None where
    there is one group only."""
    frame = folder.table(f"by_{by}") if frame is None else frame
    policies = list(folder.config["policies"])
    if len(policies) < 2 or frame[by].nunique() < 2:
        return None
    first, second = policies[:2]
    columns = ("mean_latency_hours", "on_time_share")
    changes = [differences(frame, by, first, second, column) for column in columns]
    means = frame.groupby([by, "policy"], sort=False)[["incidents", columns[0]]].mean()
    rows = []
    for latency, on_time in zip(*changes, strict=True):
        group = latency[by]
        n = means.loc[(group, first), "incidents"]
        if not n:
            continue
        change = entry(*(latency[k] for k in ("mean", "low", "high")))
        punctual = entry(*(on_time[k] for k in ("mean", "low", "high")))
        rows.append(
            (
                change["mean"] if change["mean"] is not None else -np.inf,
                [group_name(by, group, folder, words), f"{n:,.0f}"]
                + [number(means.loc[(group, p), columns[0]]) for p in (first, second)]
                + [words.interval(change), verdict(LATENCY, change, words)]
                + [words.interval(punctual, percent=True)],
            )
        )
    rows.sort(key=lambda pair: -pair[0])
    a, b = words.named(second), words.named(first)
    head = [
        words(f"column.{by}"), words("table.incidents"), b, a, words("table.difference_hours"),
        words("table.verdict"), words("table.on_time"),
    ]  # fmt: skip
    return html.table(head, [cells for _, cells in rows])


def group_name(by: str, group: str, folder: Folder, words: Words) -> str:
    """What a group is called on the page."""
    if by == "kind":
        return words.kind(group)
    if by == "severity":
        return words("grade", grade=group)
    if by == "landscape":
        return words(f"landscape.{group}")
    if by == "tier":
        return words.named(group)
    return words.district(group)


# --- of a run ---------------------------------------------------------------------------------


def of_run(folder: Folder, words: Words) -> Html:
    """Every measure of a single run."""
    rows = [
        [words.measure(name), number(folder.summary[name], percent=console.is_share(name))]
        for name in console.LABELS
    ]
    return html.table([words("table.measure"), words("table.value")], rows)


def of_lab(folder: Folder, words: Words) -> Html:
    """The few measures of a quick look."""
    metrics, policies = folder.summary["metrics"], list(folder.config["policies"])
    head = [words("table.measure"), *(words.named(p) for p in policies)]
    for policy in policies[1:]:
        named = {"a": words.named(policy), "b": words.named(policies[0])}
        head.append(words("table.difference", **named))
    rows = []
    for name, row in metrics.items():
        percent = console.is_share(name)
        part = words.known(f"time.{name}", "")
        label = words("table.part", part=part) if part else words.measure(name)
        cells = [number(row[p]["mean"], percent=percent) for p in policies]
        changes = (difference(row, policies, p) for p in policies[1:])
        cells += [words.interval(change, percent=percent) for change in changes]
        rows.append([label, *cells])
    return html.table(head, rows)


# --- of anything ------------------------------------------------------------------------------


def in_order(names: Sequence[str]) -> list[str]:
    """Tables of results before those of single runs."""
    return sorted(names, key=lambda name: name in _RAW)


def of_folder(folder: Folder, words: Words, name: str) -> list[Html]:
    """A table as it lies in the folder; of a long one the beginning, and how to see the rest."""
    frame = _told(folder.table(name), folder.summary.get("metric"), words)
    if frame.empty:
        return []
    most = _MOST_RAW if name in _RAW else _MOST_ROWS
    columns = list(frame.columns[:_MOST_COLUMNS])
    rows = [[_cell(value) for value in row] for row in frame[columns].head(most).to_numpy()]
    words_first = sum(1 for c in columns if frame[c].dtype.kind not in "iufb")
    ordered = sorted(columns, key=lambda c: frame[c].dtype.kind in "iufb")
    places = [columns.index(c) for c in ordered]
    shown = [[row[i] for i in places] for row in rows]
    found = [html.element("h3", html.element("code", f"{name}.parquet"))]
    found.append(html.table(ordered, shown, words=range(words_first)))
    if len(frame) > most or len(frame.columns) > _MOST_COLUMNS:
        sizes = {"rows": f"{len(frame):,}", "columns": len(frame.columns)}
        shown_sizes = {"shown": min(most, len(frame)), "wide": len(columns)}
        note = words("table.cut", **sizes, **shown_sizes)
        found.append(html.element("p", note, class_="note"))
    return found


def _told(frame: "pd.DataFrame", metric: str | None, words: Words) -> "pd.DataFrame":
    """Its rows, those of the metric that a study is about first; measures and policies in words."""
    if metric is not None and "measure" in frame:
        others = frame["measure"] != metric
        frame = frame.iloc[others.argsort(kind="stable")]
    said = {"measure": words.measure, "policy": words.named}
    return frame.assign(**{c: frame[c].map(say) for c, say in said.items() if c in frame})


def _cell(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)) or value is None or isinstance(value, str):
        return "" if value is None else str(value)
    if isinstance(value, (float, np.floating)):
        return "–" if value != value else f"{value:,.4g}".replace("-", "−")
    if isinstance(value, (int, np.integer)):
        return f"{value:,}".replace("-", "−")
    return str(value)


def interval_of(values: Sequence[float | None], *, share: bool = False) -> dict[str, Any]:
    """The entry of values, one a replication; the interval of a share stays within 0 and 1."""
    mean, *ends = mean_interval(values)
    if share:
        ends = [None if end is None else min(max(end, 0.0), 1.0) for end in ends]
    return {"mean": mean, "ci95": ends}

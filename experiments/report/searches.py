"""The figures of `replicate`, `choose`, `rollout`, `discover` and `staff`, drawn anew from the
tables of their folders."""

import datetime
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments import console
from experiments.report.folder import Folder
from experiments.report.pictures import Picture, start_of
from experiments.report.words import Words

if TYPE_CHECKING:
    import pandas as pd

    from analysis.discovery import Box


def _scale(metric: str) -> float:
    return 100.0 if console.is_share(metric) else 1.0


def _drawn(stem: str, words: Words, of: str = "") -> dict[str, str]:
    """The title of a figure, with what tells several of one kind apart."""
    title = words(f"drawn.{stem}")
    return {"title": words("drawn.of", title=title, of=of) if of else title}


# --- replicate --------------------------------------------------------------------------------


def replicate(folder: Folder, words: Words) -> Iterator[Picture]:
    """The difference as replications came, or batch by batch; and the backlog's warm-up."""
    from analysis import style
    from analysis.figures import warmup

    found = folder.summary
    for policy, entry in found["policies"].items():
        values = _scale(found["metric"]) * np.array(_paired(folder, found, policy))
        if values.size >= 2:
            svg = _replications(values, found, policy, entry, words)
            yield Picture("redrawn", svg, _drawn("difference", words, words.named(policy)))
    if folder.has("days"):
        days = folder.table("days")
        backlog = {
            policy: part.groupby("day")["backlog"].mean().to_numpy()
            for policy, part in days.groupby("policy", sort=False)
        }
        warm = found["warmup"]
        fig, ax = style.figure()
        label = words("figures.backlog_by_day")
        warmup.draw(backlog, warm["mser_days"], warm["warmup_days"], ax, label=label)
        yield Picture("redrawn", style.svg(fig), _drawn("warmup", words))


def _paired(folder: Folder, found: Mapping[str, Any], policy: str) -> list[float]:
    """The metric's differences from the first policy, in order, up to the first unknown."""
    frame = folder.table("replications" if folder.has("replications") else "spans")
    frame = frame[frame["measure"] == found["metric"]]
    sides = (frame.loc[frame["policy"] == p, "value"] for p in (found["reference"], policy))
    values = [b - a for a, b in zip(*sides, strict=True)]
    return values[: next((i for i, v in enumerate(values) if math.isnan(v)), len(values))]


def _replications(
    values: np.ndarray,
    found: Mapping[str, Any],
    policy: str,
    entry: Mapping[str, Any],
    words: Words,
) -> bytes:
    from analysis import style
    from analysis.figures import batches, replications
    from analysis.long_run import split
    from analysis.stopping import MET, SPENT, State, Target

    scale = _scale(found["metric"])
    named = {"a": words.named(policy), "b": words.named(found["reference"])}
    label = words("figures.difference_below", measure=words.measure(found["metric"]), **named)
    fig, ax = style.figure()
    if found["stopped"] is None:
        interval = tuple(scale * end for end in (entry["mean"], *entry["ci95"]))
        batches.draw(split(values).mean(axis=1), interval, ax, label=label)
    else:
        asked = found["target"]
        wide = asked["half_width"] * (1.0 if asked["relative"] else scale)
        status = MET if entry["is_met"] else SPENT
        state = State(values.size, None, None, None, status, entry["enough"])
        replications.draw(values, Target(wide, asked["relative"]), state, ax, label=label)
    return style.svg(fig)


# --- choose, rollout --------------------------------------------------------------------------


def choose(folder: Folder, words: Words) -> Iterator[Picture]:
    """The running means of the systems."""
    from analysis import style
    from analysis.figures import selection

    found = folder.summary
    frame, scale = folder.table("replications"), _scale(found["metric"])
    values = {
        name: list(scale * part["value"]) for name, part in frame.groupby("system", sort=False)
    }
    fig, ax = style.figure(6.4, 3.6 + 0.2 * len(values))
    selection.draw(values, found["left"], ax, label=words.measure(found["metric"]))
    yield Picture("redrawn", style.svg(fig), _drawn("choose", words))


def rollout(folder: Folder, words: Words) -> Iterator[Picture]:
    """What is open by day in every future, and the difference in the metric."""
    from analysis import style
    from analysis.figures import forest
    from analysis.figures import futures as figure

    found = folder.summary
    frame = folder.table("futures")
    open_ = frame[frame["what"] == "open"].astype({"name": int})
    if open_.empty:
        return
    tables = {
        name: part.pivot(index="replication", columns="name", values="value").to_numpy()
        for name, part in open_.groupby("future")
    }

    def day_of(date: str) -> int:
        return (datetime.date.fromisoformat(date) - start_of(folder)).days

    futures = found["futures"]
    dates = {n: [day_of(go["date"]) for go in each["goes_over"]] for n, each in futures.items()}
    fig, ax = style.figure(7.2, 4.2)
    days = {name: tables[name] for name in futures}
    figure.draw(days, dates, day_of(found["fork"]), start_of(folder), ax)
    yield Picture("redrawn", style.svg(fig), _drawn("open", words))
    first, *others = futures
    scale, entries = _scale(found["metric"]), []
    for name in others:
        change = futures[name].get("difference", {"mean": None, "ci95": [None, None]})
        numbers = (change["mean"], *change["ci95"])
        if None not in numbers:
            entries.append((name, *(scale * number for number in numbers)))
    if entries:
        fig, ax = style.figure(6.4, forest.height(len(entries)))
        label = words("figures.future", measure=words.measure(found["metric"]), first=first)
        forest.draw(entries, ax, label=label)
        yield Picture("redrawn", style.svg(fig), _drawn("difference", words))


# --- discover ---------------------------------------------------------------------------------


def discover(folder: Folder, words: Words) -> Iterator[Picture]:
    """The first box over the points, and its limits."""
    from analysis import style
    from analysis.discovery import Edge
    from analysis.figures import boxes

    drawn = folder.summary.get("drawn")
    if drawn is None:
        return
    points, limits = folder.table("points"), folder.table("boxes")
    limits = limits[limits["box"] == 0]
    interest = points["is_of_interest"].to_numpy(bool)
    box = _box(folder.summary["boxes"], limits, points, interest)
    names, across, up = drawn["names"], drawn["across"], drawn["up"]
    fig, (ax,) = style.panels(1, 1, 7.0, 5.0)
    boxes.draw(
        {name: points[name].to_numpy() for name in points}, interest, box, ax, across=across,
        up=up, labels=(names[across], names[up]), of_interest=drawn["of_interest"],
    )  # fmt: skip
    yield Picture("redrawn", style.svg(fig), _drawn("boxes", words))
    limited = [name for name, limit in box.limits.items() if isinstance(limit, tuple)]
    if limited:
        edges = [
            Edge(row.column, row.side, row.limit, row.frequency, row.low, row.high)
            for row in limits[limits["low"].notna()].itertuples()
        ]
        fig, (ax,) = style.panels(1, 1, 8.0, boxes.height(len(limited)))
        boxes.draw_limits(box, drawn["ranges"], ax, edges=edges, names=names)
        yield Picture("redrawn", style.svg(fig), _drawn("limits", words))


def _box(
    found: list[Mapping[str, Any]],
    rows: "pd.DataFrame",
    points: "pd.DataFrame",
    interest: np.ndarray,
) -> "Box":
    """The first box as its limits are kept, of names those that are left out; all of the space
    where none was found."""
    from analysis.discovery import LOW, Box

    n, k = interest.size, int(interest.sum())
    if not found:
        return Box({}, n, k, 1.0, k / n)
    limits: dict[str, Any] = {}
    for row in rows.itertuples():
        if math.isnan(row.limit):
            inside = limits.setdefault(row.column, frozenset(points[row.column]))
            limits[row.column] = inside - {row.side}
        else:
            low, high = limits.get(row.column, (-math.inf, math.inf))
            limits[row.column] = (row.limit, high) if row.side == LOW else (low, row.limit)
    first = found[0]
    return Box(limits, first["points"], 0, first["coverage"], first["density"])


# --- staff ------------------------------------------------------------------------------------


def staff(folder: Folder, words: Words) -> Iterator[Picture]:
    """The cost curve of each target of the whole."""
    from analysis import style
    from analysis.figures import staffing

    if not folder.has("curve"):
        return
    frame, found = folder.table("curve"), folder.summary
    for target in found["targets"]:
        grades, _, district = target["of"].partition(", ")
        if district:
            continue
        rows = frame[frame["target"] == target["of"]]
        curves = {
            policy: _curve(rows[rows["policy"] == policy], told["paid_hours"], ceiling)
            for policy, told in found["staff"].items()
            for ceiling in [found["ceiling"][policy][target["of"]]]
        }
        named = words(f"service.{grades}")
        fig, ax = style.figure()
        title = words("figures.staff", of=named)
        staffing.draw(curves, ax, level=target["level"], title=title)
        yield Picture("redrawn", style.svg(fig), _drawn("frontier", words, named))


def _curve(rows: "pd.DataFrame", hours: float, ceiling: float) -> Any:
    """A policy's curve; the plan that was settled on is that of these hours."""
    from analysis.figures.staffing import Curve

    def numbers(of: "pd.DataFrame") -> tuple[np.ndarray, np.ndarray]:
        return of["paid_hours"].to_numpy(float), of["share"].to_numpy(float)

    on_ladder = rows["ladder"] != ""
    settled = rows[np.isclose(rows["paid_hours"], hours)]
    chosen = None if settled.empty else (hours, float(settled["share"].iloc[0]))
    return Curve(*numbers(rows[on_ladder]), numbers(rows[~on_ladder]), chosen, ceiling)

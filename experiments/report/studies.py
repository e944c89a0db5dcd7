"""The figures of studies, drawn anew in the language of the report where tables are enough."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments import console
from experiments.report import claims, searches
from experiments.report.folder import Folder
from experiments.report.pictures import Picture
from experiments.report.words import Words

if TYPE_CHECKING:
    import pandas as pd

_BARS = 16
_BUSY = "staff.target_utilisation"


def of_study(folder: Folder, words: Words) -> Iterator[Picture]:
    """The figures that can be drawn anew; of the others, those that lie in the folder, as they
    are, which is in English."""
    draw = _DRAWN.get(folder.kind)
    made = list(draw(folder, words)) if draw else []
    yield from made
    if not made:
        for path in folder.figures:
            key = "stored" if words.lang == "en" else "stored_english"
            yield Picture(key, path.read_bytes(), {"title": _title(path.stem, words)})


def _title(stem: str, words: Words) -> str:
    """What a figure that lies in the folder shows; what follows `_` tells several of it apart."""
    whole = words.known(f"drawn.{stem}", "")
    name, _, of = stem.partition("_")
    start = words.known(f"drawn.{name}", "")
    if whole or not start:
        return whole or stem
    return f"{start}: {words.named(of)}"


def waterfall(folder: Folder, words: Words) -> Iterator[Picture]:
    """The steps of an attribution."""
    from analysis import style
    from analysis.figures import waterfall as figure
    from analysis.shapley import Attribution

    found = folder.summary
    if not folder.has("shares"):
        return
    frame = folder.table("shares")
    scale = 100.0 if console.is_share(found["metric"]) else 1.0
    runs = [c for c in frame if c.startswith("replication_")]
    shares = scale * frame[runs].to_numpy(float)
    ends = (scale * frame[name].to_numpy(float) for name in ("low", "high"))
    attribution = Attribution(tuple(frame["group"]), shares, shares.sum(axis=0), *ends)
    fig, ax = style.figure(7.4, figure.height(len(frame)))
    figure.draw(
        attribution, ax, start=scale * found["first_mean"],
        ends=tuple(words.named(name) for name in found["policies"]),
        label=words.measure(found["metric"]), names=[words.group(name) for name in frame["group"]],
    )  # fmt: skip
    yield Picture("waterfall", style.svg(fig))


def tornado(folder: Folder, words: Words) -> Iterator[Picture]:
    """The widest swings of a sensitivity study."""
    from analysis import style
    from analysis.figures import tornado as figure
    from analysis.sensitivity import Swing

    base = folder.summary["as_assumed"]["mean"]
    if not folder.has("swings") or base is None:
        return
    frame = folder.table("swings")
    frame = frame[frame["change"].notna() & (frame["change"] != 0)]
    frame = frame.loc[frame["change"].abs().sort_values(ascending=False).index[:_BARS]]
    if not len(frame):
        return
    scale = 100.0 if console.is_share(folder.summary["metric"]) else 1.0
    rows = frame.to_dict("records")
    swings = [
        Swing(
            row["assumption"],
            *(_scaled(row, name, scale) for name in ("at_low", "at_high", "change")),
        )
        for row in rows
    ]
    ends = {row["assumption"]: (f"{row['low_end']:g}", f"{row['high_end']:g}") for row in rows}
    fig, ax = style.figure(9.0, figure.height(len(rows)))
    a, b = (words.named(name) for name in folder.summary["policies"])
    label = words("figures.difference", measure=words.measure(folder.summary["metric"]), a=b, b=a)
    figure.draw(swings, ax, base=scale * base, label=label, ends=ends)
    yield Picture("tornado", style.svg(fig))


def _scaled(row: dict[str, Any], name: str, scale: float) -> tuple[float | None, ...]:
    values = (row[f"{name}{part}"] for part in ("", "_from", "_to"))
    return tuple(None if value != value else scale * value for value in values)


def sweep(folder: Folder, words: Words) -> Iterator[Picture]:
    """The metric against each factor; and the knee, where a sweep went over how busy staff is."""
    from analysis import style
    from analysis.figures import sweep as figure

    frame, metric = folder.table("points"), folder.summary["metric"]
    factors = [c for c in frame if c not in ("point", "policy", "replication", "measure", "value")]
    policies = list(folder.config["policies"])
    rows = frame[frame["measure"] == metric]
    points = rows.drop_duplicates("point").set_index("point")
    means = rows.groupby(["policy", "point"])["value"].mean()
    measured = {
        p: np.array([means.get((p, i), np.nan) for i in points.index], float) for p in policies
    }
    for factor in factors:
        fig, ax = style.figure()
        values = points[factor].tolist()
        names = {"factor": factor, "label": words.measure(metric)}
        figure.draw(values, measured, ax, **names)
        yield Picture("sweep", style.svg(fig), {"factor": factor})
    if factors == [_BUSY]:
        yield knee(frame, policies, words)


def knee(frame: "pd.DataFrame", policies: list[str], words: Words) -> Picture:
    """Latency against how busy staff is planned to be."""
    from analysis import style
    from analysis.figures import knee as figure
    from experiments.report.findings import LATENCY

    rows = frame[frame["measure"] == LATENCY]
    latency, busy = {}, {}
    for policy in policies:
        wide = rows[rows["policy"] == policy].pivot(
            index=_BUSY, columns="replication", values="value"
        )
        latency[policy] = wide.to_numpy(float)
        busy[policy] = np.repeat(wide.index.to_numpy(float)[:, None], wide.shape[1], axis=1)
    fig, ax = style.figure(6.8, 4.4)
    across = words("figures.planned")
    figure.draw(busy, latency, ax, label=words.measure(LATENCY), across=across)
    return Picture("knee", style.svg(fig))


def capacity(folder: Folder, words: Words) -> Iterator[Picture]:
    """Latency and goodput against the volume."""
    from analysis import style
    from analysis.figures import capacity as figure
    from experiments.report.findings import LATENCY

    frame, metrics = folder.table("curve"), folder.summary["metrics"]
    policies = list(dict.fromkeys(frame["policy"]))
    marks = {p: _interval(metrics["capacity"][p]) for p in policies}
    knees = {p: metrics["knee"][p]["mean"] for p in policies}
    for measure, found in ((LATENCY, knees), ("goodput_per_day", {})):
        wide = {
            p: frame[frame["policy"] == p]
            .pivot(index="replication", columns="volume", values=measure)
            .dropna(axis=1)  # volumes that the search of one replication tried alone
            for p in policies
        }
        curves = {p: (t.columns.to_numpy(float), t.to_numpy(float)) for p, t in wide.items()}
        fig, ax = style.figure()
        label = words.measure(measure)
        figure.draw(curves, marks, ax, label=label, title="", knees=found)
        yield Picture("capacity", style.svg(fig), {"measure": label})


def _interval(entry: dict[str, Any]) -> tuple[float | None, ...]:
    return entry["mean"], *entry["ci95"]


def counterfactual(folder: Folder, words: Words) -> Iterator[Picture]:
    """The incidents in the order of their difference, and its distribution."""
    from analysis import style
    from analysis.figures import difference, in_order

    found = folder.summary
    if "share" not in found:
        return
    a, b = (words.named(name) for name in found["policies"])
    label = words("figures.latency_difference", a=b, b=a)
    frame = folder.table("quantiles")
    parts = tuple(100 * found["share"][c]["0"]["mean"] for c in ("sooner", "later"))
    fig, ax = style.figure()
    columns = (100 * frame["share"], frame["hours"], frame["low"], frame["high"])
    in_order.draw(*(c.to_numpy(float) for c in columns), ax, label=label, parts=parts)
    yield Picture("in_order", style.svg(fig))
    fig, ax = style.figure()
    hours = folder.table("incidents", ["difference_hours"])["difference_hours"]
    difference.draw(hours.to_numpy(), ax, label=label, first=True)
    yield Picture("histogram", style.svg(fig))


_DRAWN: dict[str, Callable[[Folder, Words], Iterator[Picture]]] = {
    "attribute": waterfall,
    "sensitivity": tornado,
    "sweep": sweep,
    "capacity": capacity,
    "counterfactual": counterfactual,
    "replicate": searches.replicate,
    "choose": searches.choose,
    "rollout": searches.rollout,
    "discover": searches.discover,
    "staff": searches.staff,
    "regimes": claims.drawn,
}

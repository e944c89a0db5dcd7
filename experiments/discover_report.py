"""What `guantong discover` shows: tables, a summary, a sentence, the box over the points."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.discovery import HIGH, LOW, Box
from experiments import console
from experiments.space import label_of
from scenarios.assumptions import Factor
from scenarios.schema import Settings

if TYPE_CHECKING:
    import pandas as pd

    from experiments.discover import Found, Judged

_SHARE = " (share of range)"


def column(factor: Factor) -> str:
    """What a factor's column is called: several numbers move as shares of their ranges."""
    return factor.name if len(factor.low) == 1 else factor.name + _SHARE


# --- tables and summary -----------------------------------------------------------------------


def tables(found: "Found", settings: Settings) -> dict[str, "pd.DataFrame"]:
    """One row a point; one row a limit of a box; one row a leaf of the tree."""
    import pandas as pd

    sample, policies = found.sample, settings.policies
    means = sample.values.mean(axis=1)
    points = pd.DataFrame(
        {"point": sample.place}
        | dict(sample.columns)
        | {policy: means[:, k] for k, policy in enumerate(policies)}
        | {"difference": means[:, 1] - means[:, 0], "score": sample.mean}
        | {"is_better": found.better, "is_doubtful": sample.doubtful}
        | ({} if found.labels is None else {"is_of_interest": found.labels})
    )
    boxes = [row for i, judged in enumerate(found.boxes) for row in _limits(i, judged.box, found)]
    names = ["box", "column", "side", "limit", "p_value", "frequency", "low", "high"]
    leaves = [(leaf.words, leaf.points, leaf.mean) for leaf in found.leaves]
    return {
        "points": points,
        "boxes": pd.DataFrame(boxes, columns=names).astype({"limit": float}),
        "tree": pd.DataFrame(leaves, columns=["part", "points", "score"]),
    }


def _limits(i: int, box: Box, found: "Found") -> list[tuple]:
    """The limits of a box; how often they come back is known of the first one."""
    edges = {(edge.name, edge.side): edge for edge in found.again.edges} if i == 0 else {}
    rows = []
    for (name, side), p_value in box.p_values.items():
        limit, edge = box.limits[name], edges.get((name, side))
        place = np.nan if isinstance(limit, frozenset) else limit[side == HIGH]
        spread = (edge.frequency, edge.low, edge.high) if edge else (None, None, None)
        rows.append((i, name, side, place, p_value, *spread))
    return rows


def summary(found: "Found", settings: Settings, points: int) -> dict[str, Any]:
    """What was found, as it is kept."""
    asked = settings.discover
    return {
        "metric": asked.metric,
        "policies": list(settings.policies),
        "asked": {"better": asked.better, "reach": asked.reach, "reduction": asked.reduction},
        "points": points,
        "known": len(found.better),
        "better": int(found.better.sum()),
        "doubtful": int(found.sample.doubtful.sum()),
        "boxes_hold": found.target,
        "boxes": [_plain(judged) for judged in found.boxes],
        "comes_back": found.returns,
        "drawn": _drawn(found, settings),
        "tree": [leaf._asdict() | {"limits": leaf.words} for leaf in found.leaves],
        "finding": sentence(found, settings),
    }


def _plain(judged: "Judged") -> dict[str, Any]:
    box = judged.box
    return {
        "limits": box.words,
        "points": box.points,
        "density": box.density,
        "coverage": box.coverage,
        "density_relabelled": judged.density,
        "coverage_relabelled": judged.coverage,
    }


# --- words ------------------------------------------------------------------------------------


def sentence(found: "Found", settings: Settings) -> str:
    """The finding: where the second policy is better, and how sure that is."""
    n, k = found.better.size, int(found.better.sum())
    is_better = _asked(settings)
    if not n:
        return f"Whether {is_better}, is not known at any point."
    is_better = is_better[0].upper() + is_better[1:]
    doubtful = int(found.sample.doubtful.sum())
    if k in (0, n):
        said = f"{is_better} {'in all of the space' if k else 'nowhere in it'} ({n} points"
        said += f", {doubtful} within chance of not being so)." if doubtful else ")."
        return said + _of_extremes(found, settings)
    counted = f"{k} of {n} points, {doubtful} of them all within chance"
    if not found.boxes:
        why = "too few points for a box" if found.target is None else "no box stands out of chance"
        return f"{is_better} at {counted}; {why}."
    where = " or where ".join(judged.box.words for judged in found.boxes)
    word = "in all of the space but where" if found.target == "worse" else "only where"
    return f"{is_better} {word} {where} ({_quality(found)}); {counted}."


def _of_extremes(found: "Found", settings: Settings) -> str:
    if found.target is None:
        return ""
    share = f"{found.target} {100 * settings.discover.quantile:.0f} %"
    if not found.boxes:
        return f" No box of the {share} of points stands out of chance."
    where = " or where ".join(judged.box.words for judged in found.boxes)
    return f" The {share} of points lie where {where} ({_quality(found)})."


def _asked(settings: Settings) -> str:
    """Better in the metric, by how much."""
    asked, (first, second) = settings.discover, settings.policies
    by = f" by {asked.reach:g} or more" if asked.reach else ""
    if asked.reduction is not None:
        by = f" by {100 * asked.reduction:g} % or more"
    return f"in {label_of(asked.metric)}, {second} is better than {first}{by}"


def _called(found: "Found", settings: Settings) -> str:
    """What the boxes hold, in a word or two."""
    asked = settings.discover
    if found.target == "worse" and (asked.reach or asked.reduction is not None):
        return "not as much better"
    return found.target


def _quality(found: "Found") -> str:
    """Density, coverage and return of the first box, and what chance makes of them."""
    judged = found.boxes[0]
    told = []
    for name in ("density", "coverage"):
        ends = getattr(judged, name)
        said = f"{name} {100 * getattr(judged.box, name):.0f} %"
        if ends is not None:
            said += f", {100 * ends[0]:.0f} to {100 * ends[1]:.0f} with labels drawn anew"
        told.append(said)
    first = "of the first: " if len(found.boxes) > 1 else ""
    return f"{first}{'; '.join(told)}; comes back in {100 * found.returns:.0f} % of resamples"


# --- on the terminal --------------------------------------------------------------------------


def show(found: "Found", made: dict[str, Any], settings: Settings) -> None:
    """Print the boxes, the tree and the finding."""
    if found.boxes:
        table = _table(
            f"boxes of points that are {found.target}", ("points", "density", "coverage")
        )
        for judged in found.boxes:
            box = judged.box
            shares = (f"{100 * share:.0f} %" for share in (box.density, box.coverage))
            table.add_row(box.words, str(box.points), *shares)
        console.console.print(table)
    if len(found.leaves) > 1:
        table = _table("tree: where the second policy is better than asked", ("points", "by"))
        for leaf in found.leaves:
            percent = console.is_share(settings.discover.metric)
            mean = console.number(leaf.mean, percent=percent, sign=True)
            table.add_row(leaf.words, str(leaf.points), mean)
        console.console.print(table)
    console.console.print(made["finding"], style="bold", soft_wrap=True)


def _table(first: str, others: tuple[str, ...]) -> Table:
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def draw(figures: Path, found: "Found", settings: Settings) -> None:
    """The first box over the points in its two most restricting columns, and its limits; all of
    the space where no box was found, nothing without two columns of numbers or labels."""
    from analysis import style
    from analysis.figures import boxes

    drawn = _drawn(found, settings)
    if drawn is None:
        return
    n, k = found.labels.size, int(found.labels.sum())
    box = found.boxes[0].box if found.boxes else Box({}, n, k, 1.0, k / n)
    across, up, units = drawn["across"], drawn["up"], drawn["names"]
    fig, (ax,) = style.panels(1, 1, 7.0, 5.0)
    boxes.draw(
        found.sample.columns, found.labels, box, ax, across=across, up=up,
        labels=(units[across], units[up]), of_interest=drawn["of_interest"],
    )  # fmt: skip
    style.save(fig, figures, "boxes")
    limited = [name for name, limit in box.limits.items() if isinstance(limit, tuple)]
    if limited:
        fig, (ax,) = style.panels(1, 1, 8.0, boxes.height(len(limited)))
        boxes.draw_limits(box, drawn["ranges"], ax, edges=found.again.edges, names=units)
        style.save(fig, figures, "limits")


def _drawn(found: "Found", settings: Settings) -> dict[str, Any] | None:
    """What the figures need beside the tables; None where there is nothing to draw."""
    numbers = [name for name, v in found.sample.columns.items() if v.dtype.kind == "f"]
    if found.labels is None or len(numbers) < 2:
        return None
    box = found.boxes[0].box if found.boxes else Box({}, 0, 0, 0.0, 0.0)
    across, up = most_restricting(box, numbers, found)
    factors = found.space.factors.values()
    return {
        "across": across,
        "up": up,
        "of_interest": _called(found, settings),
        "names": {column(f): f"{column(f)}{_unit(f)}" for f in factors},
        "ranges": {column(f): f.ends for f in factors},
    }


def most_restricting(box: Box, numbers: list[str], found: "Found") -> tuple[str, str]:
    """Two columns of numbers: those whose limits chance explains least, then those whose limits
    come back most often, then those that most leaves of the tree name."""
    named = {name: sum(name in leaf.limits for leaf in found.leaves) for name in numbers}
    weight = {name: 2.0 + 1 / (1 + times) for name, times in named.items()}
    for edge in found.again.edges if found.again else ():
        if edge.name in weight and edge.side in (LOW, HIGH):
            weight[edge.name] = min(weight[edge.name], 2.0 - edge.frequency)
    for (name, side), p_value in box.p_values.items():
        if name in weight and side in (LOW, HIGH):
            weight[name] = min(weight[name], p_value)
    first, second, *_ = sorted(numbers, key=lambda name: weight[name])
    return first, second


def _unit(factor: Factor) -> str:
    return "" if factor.unit in ("", "1") or len(factor.low) > 1 else f" ({factor.unit})"

"""What `guantong counterfactual` shows and writes: tables, figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.account import CATEGORIES
from analysis.counterfactual import CLASSES, GROUPED
from analysis.figures.worse_off import Bar
from experiments import console
from experiments.counterfactual_groups import TOO_FEW, Pairs
from experiments.counterfactual_paths import USE_WORDS, Retold, incident_table
from experiments.counterfactual_paths import Path as IncidentPath
from sim.units import HOUR

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 12  # groups of the table
_DRAWN = 10  # groups of a kind in the figure
_OVER = {"0": "at all", "1h": "by more than an hour", "1d": "by more than a day",
         "1w": "by more than a week"}  # fmt: skip
_QUANTILES = ("0.010", "0.050", "0.250", "0.500", "0.750", "0.950", "0.990")


# --- files ------------------------------------------------------------------------------------


def write(
    folder: Path,
    known: Mapping[int, Pairs],
    groups: "pd.DataFrame",
    found: Mapping[str, Any],
    retold: Retold,
) -> None:
    """Write the tables: quantiles and groups over all replications, what each of them counted,
    and the incidents of the replication that is told."""
    import pandas as pd

    rows = [(r, name, value) for r, pairs in known.items() for name, value in pairs.items()]
    counted = pd.DataFrame(rows, columns=["replication", "name", "value"])
    entries = ((float(share), e["mean"], *e["ci95"]) for share, e in found["quantiles"].items())
    quantiles = pd.DataFrame(entries, columns=["share", "hours", "low", "high"]).astype(float)
    for name, frame in (("counts", counted), ("quantiles", quantiles), ("groups", groups)):
        frame.to_parquet(folder / f"{name}.parquet", index=False)
        frame.to_csv(folder / f"{name}.csv", index=False)
    incident_table(retold).to_parquet(folder / "incidents.parquet", index=False)


# --- the terminal -----------------------------------------------------------------------------


def show(groups: "pd.DataFrame", found: Mapping[str, Any], told: Sequence[IncidentPath]) -> None:
    """Print what was found."""
    if "share" in found:
        for table in (_shares(found), _made_of(found), _groups(groups)):
            console.console.print(table)
        for end in ("worst", "best"):
            listed = [path.text for path in told if path.end == end]
            if listed:
                lines = "".join(f"\n  {text}" for text in listed)
                console.console.print(f"the {end} of a replication:{lines}", soft_wrap=True)
        console.console.print(_censoring(found), soft_wrap=True)
    console.console.print(found["finding"], style="bold", soft_wrap=True)


def _plain(*headings: str, title: str = "") -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column(headings[0], no_wrap=True)
    for heading in headings[1:]:
        table.add_column(heading, justify="right")
    return table


def _level(entry: Mapping[str, Any], *, percent: bool = False, sign: bool = False) -> str:
    """A mean with the half-width of its interval."""
    mean = console.number(entry["mean"], percent=percent, sign=sign)
    low, high = entry["ci95"]
    if low is None:
        return mean
    return f"{mean} ± {console.number((high - low) / 2, percent=percent)}"


def _shares(found: Mapping[str, Any]) -> Table:
    first, second = found["policies"]
    title = f"incidents that {second} closes sooner and later than {first} (%, ± 95 % interval)"
    table = _plain("", *CLASSES, title=title)
    for over, words in _OVER.items():
        table.add_row(words, *(_level(found["share"][c][over], percent=True) for c in CLASSES))
    return table


def _made_of(found: Mapping[str, Any]) -> Table:
    table = _plain("what the difference is (h an incident)", *CLASSES)
    for use in CATEGORIES:
        cells = (_level(found["made_of"][c][use], sign=True) for c in CLASSES)
        table.add_row(f"time {USE_WORDS[use]}", *cells)
    table.add_section()
    table.add_row("all together", *(_level(found["hours"][c], sign=True) for c in CLASSES))
    return table


def _groups(groups: "pd.DataFrame") -> Table:
    title = "who is made worse off most often"
    headings = ("incidents", "later (%)", "by (h)", "net (h)", "note")
    table = _plain("group", *headings, title=title)
    for row in groups.head(_SHOWN).to_dict("records"):
        cells = [_level(_entry(row, "later_share"), percent=True)]
        cells += [_level(_entry(row, "loss_hours")), _level(_entry(row, "net_hours"), sign=True)]
        table.add_row(row["group"], f"{row['incidents']:,.0f}", *cells, row["note"])
    return table


def _entry(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    values = [row[name], row[f"{name}_low"], row[f"{name}_high"]]
    mean, *ends = (None if np.isnan(value) else value for value in values)
    return {"mean": mean, "ci95": ends}


def _censoring(found: Mapping[str, Any]) -> str:
    first, second = found["policies"]
    shares = (
        f"{console.number(found['open_share'][which]['mean'], percent=True)} %"
        for which in ("first", "second", "both")
    )
    days = found["restricted_to_days"]
    a, b, both = shares
    return (
        f"{console.replications(found['replications'])} of {found['incidents']:,.0f} incidents. A "
        f"difference counts at most {days:g} days of an incident: {a} are not solved by then under "
        f"{first}, {b} under {second}, {both} under both, which count as the same."
    )


# --- figures ----------------------------------------------------------------------------------


def draw(figures: Path, groups: "pd.DataFrame", found: Mapping[str, Any], retold: Retold) -> None:
    """The differences in order and as a histogram, and who is worse off, as PNG and SVG."""
    from analysis import style
    from analysis.figures import difference, in_order, worse_off

    first, second = found["policies"]
    label = f"closure latency, {second} minus {first} [h]"
    shares = np.array([float(share) for share in found["quantiles"]])
    entries = list(found["quantiles"].values())
    hours = np.array([[e["mean"], *e["ci95"]] for e in entries], float)
    fig, ax = style.figure()
    parts = tuple(100 * found["share"][c]["0"]["mean"] for c in CLASSES)
    in_order.draw(100 * shares, *hours.T, ax, label=label, parts=parts)
    style.save(fig, figures, "in_order")
    fig, ax = style.figure()
    a, b = retold.halves
    difference.draw((b.latency - a.latency) / HOUR, ax, label=label, first=True)
    style.save(fig, figures, "histogram")
    bars = _bars(groups)
    fig, ax = style.figure(7.2, worse_off.height(bars))
    worse_off.draw(bars, ax, everybody=parts[1], label=f"closed later by {second} [%]")
    style.save(fig, figures, "worse_off")


def _bars(groups: "pd.DataFrame") -> dict[str, list[Bar]]:
    """The bars of each grouping that has several groups, without those of too few incidents."""
    ranked = groups[~groups["note"].str.contains(TOO_FEW)]
    found = {}
    for by in GROUPED:
        rows = ranked[ranked["by"] == by].head(_DRAWN).to_dict("records")
        if len(rows) > 1:
            found[by] = [_bar(row) for row in rows]
    return found


def _bar(row: Mapping[str, Any]) -> Bar:
    share, low, high = (100 * row[f"later_share{end}"] for end in ("", "_low", "_high"))
    side = int(row["excess_share_low"] > 0) - int(row["excess_share_high"] < 0)
    loss = _entry(row, "loss_hours")["mean"]
    beside = "" if loss is None else f"{console.number(loss, sign=True)} h"
    return Bar(row["group"], share, low, high, side, beside)

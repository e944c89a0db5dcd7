"""What `guantong calibrate log=FILE` shows and keeps: tables, figures, a summary, a sentence."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from analysis.fitting.components import components, widest
from analysis.fitting.distances import NAMES
from analysis.fitting.estimate import Estimate
from analysis.fitting.families import log_density_of
from experiments import console
from experiments.evidence import safe_cell
from experiments.fit.estimates import Found
from experiments.fit.heldout import CHANCE, FITTED, FITTED_TO, HELD_OUT, MODEL, HeldOut
from experiments.fit.log import EventLog
from experiments.fit.part import Part
from experiments.fit.replay import DRAWN, GIVEN, Replay
from experiments.fit.row import Row
from experiments.store import write_table
from sim.units import DAY, HOUR

_PANELS = 6  # distributions of work that are drawn: those of the most events
_SHOWN = ("arrivals", "cycle time", "flow", "work")
_WORDS = {
    "absolute_events": "events over the span",
    "circadian_events": "events over the day",
    "relative_events": "events since arrival",
    "cycle_times": "cycle times",
    "case_arrivals": "arrivals over the span",
}


# --- tables -----------------------------------------------------------------------------------


def write_tables(folder: Path, part: Part, found: Found, held: HeldOut, replayed: Replay) -> None:
    """estimates, fits, distances, components, refused and replay, each as Parquet and CSV."""
    tables = {
        "estimates": estimates_table(found.rows),
        "fits": fits_table(found),
        "distances": held.distances,
        "components": components(held.ways),
        "refused": pd.DataFrame(part.log.listed, columns=["line", "reason", "row"]),
        "replay": replayed.table,
    }
    for name, frame in tables.items():
        write_table(folder / name, harmless(frame))


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with texts that no spreadsheet takes for formulas: a log may hold any text."""
    texts = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    return frame.assign(**{name: frame[name].map(safe_cell) for name in texts})


def estimates_table(rows: list[Row]) -> pd.DataFrame:
    """A row an estimate."""
    return pd.DataFrame(
        [
            {"group": r.group, "name": r.name, "quantity": r.quantity, "unit": r.unit,
             "value": r.estimate.value, "low": r.estimate.low, "high": r.estimate.high,
             "n": r.estimate.n, "how": r.how}
            for r in rows
        ]
    ).astype({"value": float, "low": float, "high": float, "n": "int64"})  # fmt: skip


def fits_table(found: Found) -> pd.DataFrame:
    """A row an activity and a family that was tried."""
    told = []
    for name, fit in found.work.items():
        for family in fit.aic or (fit.name,):
            chosen = family == fit.name
            told.append({
                "activity": name, "family": family, "chosen": chosen,
                "aic": fit.aic.get(family), "bic": fit.bic.get(family),
                "ks": fit.ks if chosen else None, "ks_p": fit.ks_p if chosen else None,
                "ad": fit.ad if chosen else None, "ad_p": fit.ad_p if chosen else None,
                "tested": fit.tested if chosen else None, "measured": found.measured,
            })  # fmt: skip
    columns = ("activity", "family", "chosen", "aic", "bic", "ks", "ks_p", "ad", "ad_p",
               "tested", "measured")  # fmt: skip
    frame = pd.DataFrame(told, columns=columns)
    numbers = ("aic", "bic", "ks", "ks_p", "ad", "ad_p", "tested")
    return frame.astype(dict.fromkeys(numbers, float))


# --- summary ----------------------------------------------------------------------------------


def summary(
    part: Part, found: Found, held: HeldOut, replayed: Replay, said: list[str]
) -> dict[str, Any]:
    """What summary.json holds."""
    log = part.log
    return {
        "log": {
            "source": log.source, "form": log.form, "sha256": log.sha256, "zone": log.zone,
            "rows": log.read, "events": len(log.frame), "cases": log.n_cases,
            "first_day": str(log.first_day), "days": log.n_days,
            "refused": dict(log.refused), "notes": log.notes, "stamps_are_days": log.by_day,
        },
        "cases": {
            "closing": part.cases.closing, "closing_known": part.cases.how,
            "finished": int(part.cases.finished.sum()),
            "fitted": int(part.chosen.sum()), "held_out": int((~part.chosen).sum()),
            "fitted_days": part.n_days,
        },
        "not_identifiable": found.said,
        "not_fitted": said,
        "work_measured_by": found.measured,
        "arrivals_per_day": _entry(found.arrivals.per_day),
        "dispersion": _entry(found.arrivals.dispersion)
        | {"p_if_poisson": found.arrivals.p_poisson},
        "distances_hours": _distances(held),
        "widest_difference": _widest(held),
        "replay": {
            "incidents": len(replayed.table), "start": str(replayed.start),
            "warmup_days": replayed.warmup_days, "cohort_days": replayed.cohort_days,
            GIVEN: replayed.given,
            DRAWN: {k: len(replayed.table) - n for k, n in replayed.given.items()},
        },
        "finding": finding(part, held),
    }  # fmt: skip


def _entry(e: Estimate) -> dict[str, Any]:
    return {"value": e.value, "ci95": [e.low, e.high], "n": e.n}


def _distances(held: HeldOut) -> dict[str, dict[str, float | None]]:
    frame = held.distances.set_index(["against", "distance"])["hours"]
    names = dict.fromkeys(frame.index.get_level_values(0))
    return {
        name: {d: _none(frame.loc[name, d]) for d in NAMES} for name in names
    }  # fmt: skip


def _widest(held: HeldOut) -> dict[str, dict[str, Any]]:
    """Of each of what is simulated, and of the cases held out, the step in whose hours a case it is
    farthest from the cases fitted to."""
    table, found = components(held.ways), {}
    for name in (name for name in (HELD_OUT, FITTED, MODEL) if name in held.ways):
        step = widest(table, FITTED_TO, name)
        if step is not None:
            before, activity, fitted, own = step
            found[name] = {"before": before, "activity": activity, "hours_per_case": own,
                           "fitted_to": fitted}  # fmt: skip
    return found


def _told_widest(found: dict[str, dict[str, Any]]) -> list[str]:
    return [
        f"cycle times, {name} against cases fitted to: they part most from "
        f"'{step['before'] or 'arrival'}' to '{step['activity']}', "
        f"{console.number(step['hours_per_case'])} h a case against "
        f"{console.number(step['fitted_to'])} h"
        for name, step in found.items()
    ]


def _none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def finding(part: Part, held: HeldOut) -> str:
    """The finding in a sentence."""
    of = _distances(held)
    whose = MODEL if MODEL in of else FITTED
    what = "the model" if MODEL in of else "the simulated process"
    told = [
        f"{_WORDS[name]} {console.number(of[whose][name])} h "
        f"(chance {console.number(of[CHANCE][name])} h)"
        for name in ("cycle_times", "case_arrivals", "circadian_events")
    ]
    n, m = int(part.chosen.sum()), int((~part.chosen).sum())
    return (
        f"Fitted to {n:,} cases and held against the {m:,} that came after them, {what} is off by: "
        f"{', '.join(told)}."
    )


# --- what is printed ----------------------------------------------------------------------------


def show(log: EventLog, found: Found, held: HeldOut, summed: dict[str, Any]) -> None:
    """The tables of estimates and distances, what is not known, and the finding."""
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in ("estimate", "of", "unit"):
        table.add_column(name)
    for name in ("value", "95 % interval", "n"):
        table.add_column(name, justify="right")
    for row in (row for row in found.rows if row.group in _SHOWN):
        e = row.estimate
        ends = "-" if e.low is None else f"{console.number(e.low)} to {console.number(e.high)}"
        cells = (row.quantity, row.name if row.name != "all" else row.group, row.unit,
                 console.number(e.value), ends, f"{e.n:,}")  # fmt: skip
        table.add_row(*map(escape, cells))
    console.console.print(table)
    console.console.print(_distance_table(held))
    refused = sum(log.refused.values())
    reasons = ", ".join(f"{n:,} {escape(why)}" for why, n in log.refused.items())
    console.console.print(
        f"{len(log.frame):,} events of {log.n_cases:,} cases; {refused:,} rows refused"
        + (f": {reasons}." if refused else "."),
        soft_wrap=True,
    )
    for text in (*log.notes, *summed["not_identifiable"], *summed["not_fitted"],
                 *_told_widest(summed["widest_difference"])):  # fmt: skip
        console.console.print(escape(f"note: {text}"), style="dim", soft_wrap=True)
    console.console.print(summed["finding"], style="bold", soft_wrap=True)


def _distance_table(held: HeldOut) -> Table:
    of = _distances(held)
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("distance from the held-out part (h)")
    for name in of:
        table.add_column(name, justify="right")
    for distance in NAMES:
        table.add_row(_WORDS[distance], *(console.number(of[name][distance]) for name in of))
    return table


# --- figures ----------------------------------------------------------------------------------


def draw(folder: Path, part: Part, found: Found, held: HeldOut) -> None:
    """arrivals.png, cycle_times.png and, where work is known, work.png; as .svg, too."""
    from analysis import style
    from analysis.figures import fitted

    came, observed = found.arrivals, held.observed
    fig, axes = style.panels(1, 2, 5.4, 3.4)
    ticks = observed.arrived + part.split
    hours = np.bincount(ticks % DAY // HOUR, minlength=24) / max(len(ticks), 1)
    _shares(fitted, axes[0], hours, came.hour, [f"{h:02d}" for h in range(24)], "of arrivals")
    axes[0].set_xlabel("hour of the day")
    days = (ticks // DAY + part.first_weekday) % 7
    weekday = np.bincount(days, minlength=7) / max(len(ticks), 1)
    total = sum(e.value or 0 for e in came.weekday) or 1.0
    scaled = [
        Estimate(*((v or 0.0) / total for v in e[:3]), e.n) for e in came.weekday
    ]  # fmt: skip
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    _shares(fitted, axes[1], weekday, scaled, names, "")
    style.save(fig, folder, "arrivals")

    fig, ax = style.figure()
    cycles = {
        "held out": held.observed.cycle,
        "fitted process, simulated": held.simulated.cycle,
        "the model as fitted": held.model.cycle if held.model else np.zeros(0),
        "cases fitted to": (part.cases.last - part.cases.arrived)[
            part.chosen & part.cases.finished
        ],
    }
    fitted.draw_cycles({k: v for k, v in cycles.items() if len(v)}, ax)
    style.save(fig, folder, "cycle_times")
    if found.work:
        _draw_work(folder, part, found)


def _shares(fitted, ax, observed, estimates, names, of: str) -> None:
    value, low, high = zip(*((e.value, e.low, e.high) for e in estimates), strict=True)
    fitted.draw_shares(observed, value, low, high, names, ax, label=f"share {of}".strip(),
                       legend=bool(of))  # fmt: skip


def _draw_work(folder: Path, part: Part, found: Found) -> None:
    from analysis import style
    from analysis.figures import fitted

    activity = part.column("activity")
    most = sorted(found.work, key=lambda name: -found.work[name].mean.n)[:_PANELS]
    columns = min(3, len(most))
    fig, axes = style.panels(-(-len(most) // columns), columns, 3.4, 2.6)
    for ax, name in zip(axes, most):
        here = activity == part.log.names["activity"].index(name)
        values = found.values[here & ~np.isnan(found.values)]
        fit = found.work[name]
        fitted.draw_work(values, log_density_of(fit), ax, title=f"{name[:24]}: {fit.name}")
    for ax in axes[len(most) :]:
        ax.set_visible(False)
    style.save(fig, folder, "work")

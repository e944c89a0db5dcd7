"""What `guantong rollout` shows: a summary, a sentence, a table, a figure."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from experiments import console
from experiments.futures import SAME, fork_day
from scenarios.parameters import Parameters
from scenarios.schema import Settings
from sim.units import DAY

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = ("solved", "open_at_end", "closure_latency_mean_hours", "on_time_share")


def summary(
    differences: "pd.DataFrame",
    values: "pd.DataFrame",
    futures: Mapping[str, Parameters],
    settings: Settings,
) -> dict[str, Any]:
    """The metric of the settings in every future, and its difference from the first."""
    metric, day = settings.rollout.metric, fork_day(settings)
    of_metric = differences[differences["measure"] == metric].set_index("future")
    n_days = next(iter(futures.values())).n_days
    run, alone = day + len(futures) * (n_days - day), len(futures) * n_days
    found: dict[str, Any] = {
        "metric": metric,
        "fork": _date(settings, day).isoformat(),
        "replications": settings.replications,
        "days_run": run,
        "days_of_futures_run_in_full": alone,
        "futures": {},
    }
    for name, parameters in futures.items():
        entry: dict[str, Any] = {"goes_over": _dates(parameters, settings)}
        if name in of_metric.index:
            row = of_metric.loc[name]
            entry |= {"mean": _plain(row["mean"]), "ci95": _ends(row["mean_low"], row["mean_high"])}
            ends = _ends(row["low"], row["high"])
            entry["difference"] = {"mean": _plain(row["difference"]), "ci95": ends}
        found["futures"][name] = entry
    same = values[(values["what"] == "metric") & (values["name"] == SAME)]["value"]
    found["forks_checked"], found["forks_that_differ"] = len(same), int((same != 1).sum())
    found["finding"] = sentence(found)
    return found


def _date(settings: Settings, day: int) -> datetime.date:
    return datetime.date.fromisoformat(str(settings.horizon.start)) + datetime.timedelta(days=day)


def _dates(parameters: Parameters, settings: Settings) -> list[dict[str, Any]]:
    """When how many districts go over, and whether the city's own desks do."""
    switch = parameters.rollout.switch
    return [
        {
            "date": _date(settings, tick // DAY).isoformat(),
            "districts": int((switch[:-1] == tick).sum()),
            "city": bool(switch[-1] == tick),
        }
        for tick in _ticks(parameters)
    ]


def _ticks(parameters: Parameters) -> list[int]:
    """Ticks at which somebody goes over."""
    switch = parameters.rollout.switch
    return np.unique(switch[switch < parameters.end]).tolist()


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _ends(low: float, high: float) -> list[float | None]:
    return [_plain(low), _plain(high)]


# --- words ------------------------------------------------------------------------------------


def sentence(found: Mapping[str, Any]) -> str:
    """The finding in words."""
    metric, futures = found["metric"], found["futures"]
    first, *others = futures
    label = console.LABELS.get(metric, metric).strip()
    told = [_against(name, futures[name], first, metric) for name in others]
    text = f"{label}, from {found['fork']} on: {'; '.join(told) or 'one future only'}."
    saved = 1 - found["days_run"] / found["days_of_futures_run_in_full"]
    text += f" The common past was run once, which saved {100 * saved:.0f} % of the days."
    if found["forks_checked"]:
        n, differ = found["forks_checked"], found["forks_that_differ"]
        right = "all of them" if not differ else f"{n - differ} of them"
        text += f" {n} forks were held against runs from the beginning: {right} gave the same."
    return text


def _against(name: str, entry: Mapping[str, Any], first: str, metric: str) -> str:
    percent = console.is_share(metric)
    mean, ends = entry.get("difference", {}).get("mean"), entry.get("difference", {}).get("ci95")
    if mean is None:
        return f"{name} - {first} is not known"
    said = f"{name} - {first} {console.number(mean, percent=percent, sign=True)}"
    if ends[0] is None:
        return f"{said} (one replication)"
    low, high = (console.number(end, percent=percent, sign=True) for end in ends)
    doubt = ", which cannot be told apart from 0" if ends[0] <= 0 <= ends[1] else ""
    return f"{said} (95 % interval {low} to {high}){doubt}"


# --- table and figure -------------------------------------------------------------------------


def show(differences: "pd.DataFrame", found: Mapping[str, Any], settings: Settings) -> None:
    """Print what each future comes to, and the finding."""
    metric, first = found["metric"], next(iter(found["futures"]))
    columns = [name for name in dict.fromkeys((metric, *_SHOWN)) if name in console.LABELS]
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("future", no_wrap=True)
    table.add_column("districts that\ngo over", no_wrap=True)
    for name in columns:
        table.add_column(console.LABELS[name].strip(), justify="right")
        table.add_column(f"- {first}\n(± 95 % interval)", justify="right", no_wrap=True)
    by_name = differences.set_index(["future", "measure"])
    for future, entry in found["futures"].items():
        cells = [future, _when(entry["goes_over"])]
        for name in columns:
            row = by_name.loc[(future, name)] if (future, name) in by_name.index else None
            cells += _cells(row, percent=console.is_share(name), is_first=future == first)
        table.add_row(*cells)
    console.console.print(table)
    console.console.print(found["finding"], style="bold", soft_wrap=True)


def _when(dates: list[dict[str, Any]]) -> str:
    """`2024-11-11: 41 + city`, for each date."""
    told = []
    for entry in dates:
        who = [str(entry["districts"])] if entry["districts"] else []
        who += ["city"] if entry["city"] else []
        told.append(f"{entry['date']}: {' + '.join(who)}")
    return "\n".join(told) or "nobody"


def _cells(row: Any, *, percent: bool, is_first: bool) -> list[str]:
    if row is None:
        return ["-", "-"]
    mean = console.number(_plain(row["mean"]), percent=percent)
    entry = {"mean": _plain(row["difference"]), "ci95": _ends(row["low"], row["high"])}
    return [mean, "" if is_first else console.measure(entry, percent=percent)]


def draw(
    folder: Path,
    values: "pd.DataFrame",
    differences: "pd.DataFrame",
    futures: Mapping[str, Parameters],
    settings: Settings,
) -> None:
    """What is open by day in every future, and the difference in the metric."""
    from analysis import style
    from analysis.figures import forest
    from analysis.figures import futures as figure

    open_ = values[values["what"] == "open"]
    backlogs = {
        name: part.pivot(index="replication", columns="name", values="value")
        for name, part in open_.groupby("future", sort=False)
    }
    if not backlogs:
        return
    fig, ax = style.figure(7.2, 4.2)
    dates = {name: [tick // DAY for tick in _ticks(p)] for name, p in futures.items()}
    day = fork_day(settings)
    days = {name: table[sorted(table, key=int)].to_numpy() for name, table in backlogs.items()}
    figure.draw({n: days[n] for n in futures}, dates, day, _date(settings, 0), ax)
    style.save(fig, folder, "open")
    metric, first = settings.rollout.metric, next(iter(futures))
    rows = differences[(differences["measure"] == metric) & (differences["future"] != first)]
    rows = rows[rows[["difference", "low", "high"]].notna().all(axis=1)]
    scale = 100 if console.is_share(metric) else 1
    entries = [
        (row.future, scale * row.difference, scale * row.low, scale * row.high)
        for row in rows.itertuples()
    ]
    if entries:
        fig, ax = style.figure(6.4, forest.height(len(entries)))
        label = console.LABELS.get(metric, metric).strip()
        forest.draw(entries, ax, label=f"{label}: future - {first}")
        style.save(fig, folder, "difference")

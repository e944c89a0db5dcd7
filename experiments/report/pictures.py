"""The figures of a comparison or a run, drawn anew from the tables of its folder."""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from analysis.intervals import paired_interval
from experiments.report import html
from experiments.report.folder import Folder
from experiments.report.html import Html
from experiments.report.words import Words
from experiments.store import file_name
from scenarios.load import CONF
from sim.city import City, load_city
from sim.codes import TIERS
from sim.errors import InputError
from sim.records import FLOW_COLUMNS
from sim.units import DAY, HOUR

if TYPE_CHECKING:
    import pandas as pd

_LANES = {name: code for code, name in enumerate(TIERS)}
_AUTONOMOUS = re.compile(r"^(\w{2,3}?)(?:\w{1,3}族)+自治[县州]$")
_MOST_BINS = 21  # of the townships' map: longer windows are drawn by the week


class Picture(NamedTuple):
    """A figure as SVG; `key` names its caption and its note in the words."""

    key: str
    svg: bytes
    values: Mapping[str, Any] = {}


def shown(drawn: Iterable[Picture], words: Words) -> list[Html]:
    """The figures with their captions and notes."""
    return [
        html.picture(
            each.svg,
            words(f"figure.{each.key}.title", **each.values),
            words(f"figure.{each.key}.note", **each.values),
        )
        for each in drawn
    ]


def city_of(folder: Folder) -> City | None:
    """The city of a run; None where its files are not there any more."""
    own = folder.config["city"]
    root = CONF / "city" if own["folder"] is None else Path(own["folder"])
    try:
        return load_city(root, own["name"])
    except InputError:
        return None


def short_names(city: City, words: Words) -> list[str]:
    """Names of the districts for figures: autonomous counties by their place alone."""
    if words.lang != "zh":
        return list(city.district_name_en)
    return [_AUTONOMOUS.sub(r"\1", name) for name in city.district_name_zh]


def policies_of(folder: Folder) -> list[str]:
    return list(folder.config["policies"])


def start_of(folder: Folder) -> datetime.date:
    return datetime.date.fromisoformat(str(folder.config["horizon"]["start"]))


def window_of(folder: Folder) -> tuple[int, int]:
    """The ticks between which the cohort occurred."""
    horizon = folder.config["horizon"]
    first = horizon["warmup_days"] * DAY
    return first, first + horizon["cohort_days"] * DAY


def by_run(
    frame: "pd.DataFrame", policies: Sequence[str], of: Callable[["pd.DataFrame"], Any]
) -> dict[str, list[Any]]:
    """What `of` makes of each run's rows: {POLICY: one a replication}."""
    return {
        policy: [of(rows) for _, rows in frame[frame["policy"] == policy].groupby("replication")]
        for policy in policies
    }


# --- of a comparison --------------------------------------------------------------------------


def of_comparison(folder: Folder, words: Words) -> Iterator[Picture]:
    """All that its tables are enough for."""
    policies = policies_of(folder)
    yield survival(folder, policies)
    if folder.summary["split"]["policies"]:
        yield parts(folder, policies[0])
    yield time_use(folder, policies)
    if folder.has("flow"):
        yield backlog(folder, policies)
    city = city_of(folder)
    if city is not None:
        for policy in policies[1:]:
            yield district_map(folder, city, policies[0], policy, words)
    if folder.table("by_district")["district"].nunique() > 1:
        yield lorenz(folder, policies)
    yield from of_records(folder, policies, city, words)


def survival(folder: Folder, policies: Sequence[str]) -> Picture:
    from analysis import style
    from analysis.figures import survival as figure
    from analysis.histogram import Histogram

    def histogram(rows):
        return Histogram.from_columns({name: rows[name].to_numpy() for name in rows})

    fig, ax = style.figure()
    figure.draw(by_run(folder.table("closure_latency"), policies, histogram), ax)
    return Picture("survival", style.svg(fig))


def parts(folder: Folder, reference: str) -> Picture:
    from analysis import style
    from analysis.figures import split as figure

    shares = folder.summary["split"]["policies"]
    fig, ax = style.figure(6.8, figure.height(shares))
    figure.draw(shares, reference, ax)
    return Picture("split", style.svg(fig))


def time_use(folder: Folder, policies: Sequence[str]) -> Picture:
    from analysis import style
    from analysis.figures import time_use as figure

    def account(rows):
        return dict(zip(rows["part"], rows["hours"].astype(float), strict=True))

    fig, ax = style.figure(6.4, figure.height(len(policies)))
    figure.draw(by_run(folder.table("time_account"), policies, account), ax)
    return Picture("time_use", style.svg(fig))


def backlog(folder: Folder, policies: Sequence[str]) -> Picture:
    """The backlog; of a single run, too, whose table has neither policy nor replication."""
    from analysis import style
    from analysis.figures import backlog as figure

    table = folder.table("flow")
    alone = "policy" not in table
    if alone:
        table = table.assign(policy=policies[0], replication=0)
    flows = by_run(table, policies, lambda rows: rows[list(FLOW_COLUMNS)].to_numpy())
    storms = stated_storms(folder)
    fig, ax = style.figure(7.2, 4.0)
    figure.draw(flows, window_of(folder), start_of(folder), ax, storms=storms)
    key = "backlog_run" if alone else "backlog_storm" if storms else "backlog"
    return Picture(key, style.svg(fig))


def stated_storms(folder: Folder) -> list[tuple[int, int]]:
    """From when until when the storms that the settings state last [ticks]."""
    begin = datetime.datetime.combine(start_of(folder), datetime.time())
    found = []
    for storm in folder.config["stream"]["storms"] or ():
        first = datetime.datetime.fromisoformat(str(storm["from"]))
        since = round((first - begin).total_seconds())
        found.append((since, round(since + storm["hours"] * HOUR)))
    return found


def district_differences(folder: Folder, a: str, b: str, column: str) -> "pd.DataFrame":
    """Difference of a column of `by_district` with its interval, a row a district in their order:
    district, mean, low, high; NaN for what is not known."""
    import pandas as pd

    return pd.DataFrame(differences(folder.table("by_district"), "district", a, b, column))


def differences(frame: "pd.DataFrame", by: str, a: str, b: str, column: str) -> list[dict]:
    """Second minus first policy, group by group, on the same incidents."""
    wide = frame.pivot(index=[by, "replication"], columns="policy", values=column)
    found = []
    for group in dict.fromkeys(frame[by]):
        rows = wide.loc[group]
        mean, low, high = paired_interval(list(rows[a]), list(rows[b]))
        entry = {"mean": mean, "low": low, "high": high}
        numbers = {key: np.nan if value is None else value for key, value in entry.items()}
        found.append({by: group} | numbers)
    return found


def district_map(folder: Folder, city: City, a: str, b: str, words: Words) -> Picture:
    from analysis import style
    from analysis.figures import district_map as figure

    found = district_differences(folder, a, b, "mean_latency_hours").set_index("district")
    rows = found.reindex(list(city.district_name_zh))
    names = short_names(city, words)
    said = {"a": words.named(b), "b": words.named(a)}
    fig, ax = style.figure(8.6, 5.6)
    figure.draw(
        rows["mean"].to_numpy(), ax, hex_x=city.hex_x, hex_y=city.hex_y, hex_size=city.hex_size,
        names=names, interval=(rows["low"].to_numpy(), rows["high"].to_numpy()),
        label=words("figures.district_map.label", **said),
        title=words("figures.district_map.title", **said),
    )  # fmt: skip
    clear = int(((rows["low"] > 0) | (rows["high"] < 0)).sum())
    known = int(rows["mean"].notna().sum())
    return Picture("district_map", style.svg(fig), {"clear": clear, "known": known})


def lorenz(folder: Folder, policies: Sequence[str]) -> Picture:
    from analysis import style
    from analysis.figures import lorenz as figure

    def districts(rows):
        return rows["mean_latency_hours"].to_numpy(float), rows["incidents"].to_numpy(float)

    fig, ax = style.figure(5.2, 5.2)
    figure.draw(by_run(folder.table("by_district"), policies, districts), ax)
    return Picture("lorenz", style.svg(fig))


# --- of what was recorded ---------------------------------------------------------------------


def of_records(
    folder: Folder, policies: Sequence[str], city: City | None, words: Words
) -> Iterator[Picture]:
    """Townships over time where incidents were recorded, flow between desks where visits were; of
    the first replication."""
    incidents = {p: where for p in policies if (where := _recorded(folder, "incidents", p))}
    if len(incidents) == len(policies) and city is not None:
        yield township_heat(folder, incidents, city, words)
    visits = {p: where for p in policies if (where := _recorded(folder, "visits", p))}
    if len(visits) == len(policies) and folder.has("desks"):
        yield from flow(folder, visits, words)


def _recorded(folder: Folder, table: str, policy: str) -> str | None:
    """The name of a table of records: of the policy's first run, or of the only run."""
    names = (f"{table}/{file_name(policy)}-0", table)
    return next((name for name in names if folder.has(name)), None)


def township_heat(
    folder: Folder, incidents: Mapping[str, str], city: City, words: Words
) -> Picture:
    from analysis import style
    from analysis.figures import township_heat as figure

    horizon, window = folder.config["horizon"], window_of(folder)
    days = 1 if horizon["cohort_days"] <= _MOST_BINS else 7
    restrict = min(horizon["mean_days"], horizon["followup_days"] or horizon["mean_days"]) * DAY
    found = {}
    for policy, name in incidents.items():
        table = folder.table(name, ["township", "occurred", "solved"])
        found[policy] = figure.latency_by_day(
            *(table[c].to_numpy() for c in table), n_townships=city.n_townships, window=window,
            restrict=restrict, days=days,
        )  # fmt: skip
    limits = figure.colour_limits(*found.values())
    order = figure.by_mean(next(iter(found.values())))
    names = short_names(city, words)
    first = start_of(folder) + datetime.timedelta(days=horizon["warmup_days"])
    fig, axes = style.panels(1, len(found), 4.4, 6.6 if city.n_townships > 100 else 3.6)
    for ax, (policy, values) in zip(axes, found.items(), strict=True):
        last = ax is axes[-1]
        options = {"days": days, "limits": limits, "bar": last}
        figure.draw(values[order], city.township_district[order], names, first, ax, **options)
        style.styled(ax.set_title)(words.named(policy))
    return Picture("township_heat", style.svg(fig), {"n": city.n_townships})


def flow(folder: Folder, visits: Mapping[str, str], words: Words) -> Iterator[Picture]:
    """The flow under each policy, with as many columns."""
    from analysis import style
    from analysis.figures import flow as figure

    desks = folder.table("desks", ["tier", "role"])
    places = figure.place(desks["tier"].map(_LANES).to_numpy(), desks["role"].to_numpy())
    needed = ["incident", "report", "branch", "desk", "joined"]
    for policy, name in visits.items():
        table = folder.table(name, needed)
        moves = figure.moves({c: table[c].to_numpy() for c in needed}, places)
        fig, ax = style.figure(8.4, 5.2)
        title = words("figures.flow.title", policy=words.named(policy))
        figure.draw(moves, ax, title=title, steps=figure.MOST_STEPS)
        yield Picture("flow", style.svg(fig), {"policy": words.named(policy)})

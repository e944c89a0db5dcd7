"""A district's own page: its gain, who loses, what to measure before buying, what breaks even."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.report import html
from experiments.report.assumptions import break_even, command, widest
from experiments.report.findings import LATENCY, is_sure
from experiments.report.folder import Folder
from experiments.report.html import Html
from experiments.report.tables import by_group, entry, group_name, interval_of, verdict
from experiments.report.words import Words, number
from experiments.store import file_name
from sim.city import City
from sim.errors import InputError
from sim.units import DAY, HOUR

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = {
    "incidents": False,
    "solved": False,
    "mean_latency_hours": False,
    "on_time_share": True,
    "goodput_per_day": False,
}
"""Columns of the district's table, and whether they are shares."""

_GROUPED = ("kind", "tier", "severity")
_FEWEST = 30  # incidents of a group in a replication, below which it is not listed
_MEASURED = 8  # assumptions to measure
_SAME_MEASURE = {"mean_latency_hours": LATENCY}


class District:
    """A district in a comparison."""

    def __init__(self, folder: Folder, city: City, place: int, words: Words):
        self.folder, self.city, self.place, self.words = folder, city, place, words
        self.name = city.district_name_zh[place]
        frame = folder.table("by_district")
        self.frame = frame[frame["district"] == self.name]
        self.policies = list(folder.config["policies"])
        if len(self.policies) < 2 or not self.frame["incidents"].sum():
            raise InputError(
                f"district: {self.name}; allowed: one with incidents in a comparison of two "
                "policies or more"
            )

    @property
    def shown(self) -> str:
        return self.words.district(self.name)

    @property
    def alone(self) -> bool:
        """Whether the run was of this district only, so that every table of it is its own."""
        own = self.folder.config["city"]["district"]
        return own in (*_names(self), self.city.district_code[self.place])

    def values(self, column: str) -> tuple[np.ndarray, np.ndarray]:
        """A column of the first and the second policy, replication by replication."""
        wide = self.frame.pivot(index="replication", columns="policy", values=column)
        first, second = (wide[p].to_numpy(float) for p in self.policies[:2])
        return first, second

    def change(self, column: str) -> dict:
        first, second = self.values(column)
        return interval_of([None if v != v else v for v in second - first])


# --- pages ------------------------------------------------------------------------------------


def finding(district: District) -> list[str]:
    """The gain with its interval, and how likely the district is worse off."""
    words, change = district.words, district.change("mean_latency_hours")
    a, b = (words.named(p) for p in district.policies[:2])
    named = {"district": district.shown, "a": a, "b": b}
    if change["mean"] is None:
        return [words("district.undefined", **named)]
    way = "same" if not is_sure(change) else "lower" if change["mean"] < 0 else "higher"
    if change["ci95"][0] is None:
        way = "lower" if change["mean"] < 0 else "higher"
    size = number(abs(change["mean"]))
    low, high = (number(end, sign=True) for end in change["ci95"])
    ends = words("finding.interval", low=low, high=high)
    if change["ci95"][0] is None:
        ends = words("finding.no_interval")
    said = words(f"district.{way}", **named, size=size, ends=ends)
    return [said, _risk(district)]


def _risk(district: District) -> str:
    first, second = district.values("mean_latency_hours")
    change = second - first
    n, worse = len(change), int((change > 0).sum())
    if n < 2:
        return district.words("district.risk_unknown")
    risk = probability_worse(change)
    return district.words("district.risk", n=n, worse=worse, risk=risk_text(risk))


def probability_worse(change: np.ndarray) -> float:
    """The probability that another replication is worse off: Student's t predictive distribution
    of one more difference, given those of n replications (n > 1), as if they were normal.

    change : float[n], second minus first policy, of a measure of which less is better.
    """
    from scipy.special import stdtr

    n, mean, spread = len(change), float(change.mean()), float(change.std(ddof=1))
    if not spread:
        return float(mean > 0)
    return float(stdtr(n - 1, mean / (spread * math.sqrt(1 + 1 / n))))


def risk_text(risk: float) -> str:
    if risk < 0.001:
        return "< 0.1 %"
    return "> 99.9 %" if risk > 0.999 else f"{100 * risk:.1f} %"


def gain(district: District) -> Html:
    """The district's measures under both policies."""
    words, rows = district.words, []
    for column, percent in _COLUMNS.items():
        levels = (number(float(v.mean()), percent=percent) for v in district.values(column))
        change = district.change(column)
        measure = _SAME_MEASURE.get(column, column)
        size = words.interval(change, percent=percent)
        rows.append([words(f"district.{column}"), *levels, size, verdict(measure, change, words)])
    a, b = (words.named(p) for p in district.policies[:2])
    head = [words("table.measure"), a, b, words("table.difference", a=b, b=a)]
    parts = [html.table([*head, words("table.verdict")], rows)]
    parts.append(html.element("p", words("district.rank", **_rank(district)), class_="note"))
    return html.section(words("section.gain"), *parts)


def _rank(district: District) -> dict[str, object]:
    """The place of its gain among all districts, the largest first."""
    frame = district.folder.table("by_district")
    wide = frame.pivot_table(index="district", columns="policy", values="mean_latency_hours")
    first, second = district.policies[:2]
    changes = (wide[second] - wide[first]).dropna()
    return {"rank": int((changes < changes[district.name]).sum()) + 1, "of": len(changes)}


def worse_off(district: District, others: Mapping[str, Folder]) -> Html:
    """The probability of being worse off, over replications and over incidents, each named."""
    words, parts = district.words, []
    first, second = district.values("mean_latency_hours")
    change = second - first
    if len(change) > 1:
        numbers = {"n": len(change), "worse": int((change > 0).sum())}
        risk = risk_text(probability_worse(change))
        text = words("district.over_replications", **numbers, risk=risk)
    else:
        text = words("district.risk_unknown")
    parts.append(html.element("p", html.element("b", words("district.a_stretch")), " ", text))
    told = _of_incidents(district, others)
    parts.append(html.element("p", html.element("b", words("district.an_incident")), " ", told[0]))
    parts += told[1:]
    parts.append(html.element("p", words("district.not_over"), class_="note"))
    return html.section(words("section.worse_off"), *parts)


def _of_incidents(district: District, others: Mapping[str, Folder]) -> list[Html]:
    words, pairs = district.words, incident_pairs(district)
    if pairs is not None:
        shares = pairs.groupby("replication")["hours"].agg(
            later=lambda h: (h > 0).mean(), sooner=lambda h: (h < 0).mean()
        )
        said = {
            name: words.interval(
                interval_of(list(shares[name]), share=True), percent=True, sign=False
            )
            for name in ("later", "sooner")
        }
        return [html.text(words("district.over_incidents", n=f"{len(pairs):,}", **said))]
    known = others.get("counterfactual")
    if known is not None and known.has("groups"):
        rows = known.table("groups")
        rows = rows[(rows["by"] == "district") & rows["group"].isin(_names(district))]
        for row in rows.to_dict("records"):
            share = entry(*(row[f"later_share{end}"] for end in ("", "_low", "_high")))
            net = entry(*(row[f"net_hours{end}"] for end in ("", "_low", "_high")))
            said = {
                "later": words.interval(share, percent=True, sign=False),
                "net": words.interval(net),
                "n": f"{row['incidents']:,.0f}",
            }
            text = words("district.of_counterfactual", folder=known.path.name, **said)
            return [html.text(text)]
    return [
        html.text(words("district.no_incidents")),
        command("compare", district.folder, f"city.district={district.name}", "record=incidents"),
    ]


def _names(district: District) -> list[str]:
    city, place = district.city, district.place
    return [city.district_name_zh[place], city.district_name_en[place]]


def incident_pairs(district: District) -> "pd.DataFrame | None":
    """The district's incidents under both policies: replication, kind, severity, tier, and the
    difference of the restricted closure latency [h]; None unless all were recorded."""
    import pandas as pd

    folder, parts = district.folder, []
    for r in range(folder.config["replications"]):
        names = [f"incidents/{file_name(p)}-{r}" for p in district.policies[:2]]
        if not all(folder.has(name) for name in names):
            return None
        first, second = (_latencies(district, name) for name in names)
        hours = (second["latency"] - first["latency"]).dropna() / HOUR
        parts.append(first.loc[hours.index].assign(hours=hours, replication=r))
    return pd.concat(parts, ignore_index=True)


def _latencies(district: District, name: str) -> "pd.DataFrame":
    """The restricted closure latency [ticks] of the district's incidents, by key."""
    columns = ["incident", "occurred", "solved", "kind", "severity", "tier", "district"]
    frame = district.folder.table(name, columns)
    frame = frame[frame["district"] == district.place].set_index("incident")
    horizon = district.folder.config["horizon"]
    days = min(horizon["mean_days"], horizon["followup_days"] or horizon["mean_days"])
    took = (frame["solved"] - frame["occurred"]).fillna(np.inf).astype(float)
    return frame.assign(latency=took.clip(upper=days * DAY))


def losers(district: District) -> Html:
    """Who gains least and who loses: kinds, tiers and grades, as far as the folder has them."""
    words, pairs = district.words, incident_pairs(district)
    parts: list[object] = []
    if pairs is not None:
        for by in _GROUPED:
            parts += _group(district, pairs, by)
        parts.append(html.element("p", words("district.few", n=_FEWEST), class_="note"))
    elif district.alone:
        for by in _GROUPED:
            table = by_group(district.folder, by, words)
            parts += [html.element("h3", words(f"by.{by}")), table] if table else []
    else:
        parts.append(html.element("p", words("district.no_groups")))
        own = f"city.district={district.name}"
        parts.append(command("compare", district.folder, own, "record=incidents"))
    return html.section(words("section.losers"), *parts)


def _group(district: District, pairs: "pd.DataFrame", by: str) -> list[Html]:
    words, rows = district.words, []
    runs = pairs["replication"].nunique()
    for group, of_group in pairs.groupby(by, observed=True):
        sizes = of_group.groupby("replication").size()
        if len(sizes) < runs or sizes.min() < _FEWEST:
            continue
        by_run = of_group.groupby("replication")["hours"]
        mean = interval_of(list(by_run.mean()))
        later = interval_of(list(by_run.agg(lambda h: (h > 0).mean())), share=True)
        rows.append((mean["mean"], [
            group_name(by, group, district.folder, words), f"{sizes.mean():,.0f}",
            words.interval(mean), words.interval(later, percent=True, sign=False),
            verdict(LATENCY, mean, words),
        ]))  # fmt: skip
    if not rows:
        return []
    rows.sort(key=lambda row: -row[0])
    head = [words(f"column.{by}"), words("table.incidents"), words("table.difference_hours")]
    head += [words("district.later"), words("table.verdict")]
    return [html.element("h3", words(f"by.{by}")), html.table(head, [r for _, r in rows])]


def to_measure(district: District, others: Mapping[str, Folder]) -> Html:
    """What decides whether it pays here and can be measured here, before anything is bought."""
    words, parts = district.words, []
    study = others.get("sensitivity")
    if study is not None and study.has("swings"):
        parts.append(html.element("p", words("measure.from", folder=study.path.name)))
        rows = [_measured(row, words) for row in widest(study, _MEASURED).to_dict("records")]
        head = [words(f"measure.{name}") for name in ("assumption", "range", "change", "how")]
        parts.append(html.table(head, rows, words=(0, 3)))
    else:
        parts.append(html.element("p", words("measure.no_study")))
        parts.append(command("sensitivity", district.folder, f"city.district={district.name}"))
    shares = list(_time_shares(district))
    if shares:
        parts.append(html.element("p", words("measure.by_time")))
        head = [words("table.time"), words("table.difference_hours"), words("measure.how")]
        parts.append(html.table(head, shares, words=(0, 2)))
    return html.section(words("section.measure"), *parts)


def _measured(row: Mapping[str, object], words: Words) -> Sequence[object]:
    scope = words("range", low=f"{row['low_end']:g}", high=f"{row['high_end']:g}")
    change = words.interval(entry(*(row[f"change{end}"] for end in ("", "_from", "_to"))))
    return [row["assumption"], scope, change, words.known(f"measurable.{row['group']}", "–")]


def _time_shares(district: District) -> Iterator[Sequence[object]]:
    """What the difference is made of in the whole run, the largest first, and how to measure it."""
    part = district.folder.summary["split"]["policies"].get(district.policies[1])
    if part is None:
        return
    rows = {name: row["difference"] for name, row in part["settings"]["base"].items()}
    rows.pop("total")
    words = district.words
    for name, change in sorted(rows.items(), key=lambda pair: -abs(pair[1]["mean"] or 0)):
        yield [words(f"time.{name}"), words.interval(change), words(f"measurable.time.{name}")]


def levers(district: District, others: Mapping[str, Folder]) -> Html:
    """Break-even of each lever, from a study that has it."""
    words, study = district.words, others.get("sensitivity")
    if study is not None and study.has("break_even"):
        of = study.config["city"]["district"]
        key = "own" if of in _names(district) else "city"
        parts = [
            html.element("p", words(f"break_even.{key}", folder=study.path.name)),
            break_even(study, words),
        ]
    else:
        more = (f"city.district={district.name}", "sensitivity.stages=[break_even]")
        parts = [
            html.element("p", words("break_even.none")),
            command("sensitivity", district.folder, *more),
        ]
    return html.section(words("section.break_even"), *parts)

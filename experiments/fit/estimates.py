"""What a log tells of arrivals, mix, work, flow, limits, hours and seats, with intervals."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from analysis.fitting.arrivals import Arrivals, arrivals
from analysis.fitting.estimate import Estimate, mean, share
from analysis.fitting.families import Fit, fit
from analysis.fitting.opening import OpenTime, open_hours, periods
from analysis.fitting.seats import seats
from analysis.fitting.survival import quantile, survival
from analysis.fitting.work import Steps, steps
from experiments.fit.cleaning import MISSING
from experiments.fit.flow import flow
from experiments.fit.occurrence import Occurrence, occurrence
from experiments.fit.part import Part
from experiments.fit.row import Row
from scenarios.commands import FitSettings
from sim.units import HOUR, MINUTE

MIXES = ("kind", "channel", "severity", "tier", "department")
QUANTILES = (0.5, 0.9, 0.95)
WORKED, CLOCK, CHAINED = "seat time", "completion less start", "chained"
"""What work was measured by, best first."""
HOW = {
    WORKED: "estimated: seat time as the log states it",
    CLOCK: "estimated: completion less start; pauses in between count as work",
    CHAINED: "assumed: open hours since the resource's completion before, where the case was there "
    "already; right if resources do one thing at a time and never idle while a case waits",
}


@dataclass
class Found:
    """rows : the table; work : the distribution of each activity [ticks]; measured : what work is;
    values : f8[n], work of each event of the part, NaN where not known; hours : bool[7, 24]; when,
    occurred : the moments at which cases occurred, or else came, and their rates."""

    arrivals: Arrivals
    steps: Steps
    values: np.ndarray
    measured: str
    hours: np.ndarray
    when: Occurrence
    occurred: Arrivals
    rows: list[Row] = field(default_factory=list)
    work: dict[str, Fit] = field(default_factory=dict)
    mixes: dict[str, dict[str, Estimate]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)


def estimates(
    part: Part,
    day_type: np.ndarray,
    month: np.ndarray,
    settings: FitSettings,
    rng: np.random.Generator,
    tell: Callable[[float], None],
) -> Found:
    """All that the part tells. day_type, month : i8[days], of the days from the first on."""
    n_days = part.n_days
    weekday = (part.first_weekday + np.arange(n_days)) % 7
    came = arrivals(
        part.cases.arrived[part.chosen], n_days, weekday, day_type[:n_days], month[:n_days],
        settings.resamples, rng,
    )  # fmt: skip
    step = steps(part.column("case"), part.column("complete"), part.column("resource"))
    hours = _hours(part, settings)
    values, measured = work_of(part, step, hours)
    when = occurrence(part, day_type, month, settings)
    every = np.ones(len(when.ticks), bool)
    occurred = when.of(every, rng) if when.stated else came
    found = Found(came, step, values, measured, hours, when, occurred)
    tell(0.2)
    found.rows += _arrival_rows(part, came)
    if when.stated:
        found.rows += [
            Row("occurrences", "all", "rate", "cases a day", occurred.per_day),
            Row("occurrences", "all", "cv of the day factor", "1", occurred.cv),
        ]
    _mixes(part, found)
    _work(part, found, settings, rng, lambda done: tell(0.2 + 0.6 * done))
    found.rows += _cycles(part) + flow(part) + _openings(part, found) + _seats(part, found)
    _say(part, found, settings)
    tell(1.0)
    return found


# --- arrivals and mix -------------------------------------------------------------------------


def _arrival_rows(part: Part, came: Arrivals) -> list[Row]:
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    types = ("workday", "weekend", "holiday")
    rows = [
        Row("arrivals", "all", "rate", "cases a day", came.per_day),
        Row("arrivals", "all", "dispersion of day counts", "1: Poisson", came.dispersion),
        Row("arrivals", "all", "cv of the day factor", "1", came.cv),
    ]
    if not part.log.by_day:
        rows += [Row("hour", f"{h:02d}", "share", "share", e) for h, e in enumerate(came.hour)]
    for group, names, every in (
        ("weekday", days, came.weekday),
        ("day type", types, came.day_type),
        ("month", tuple(map(str, range(1, 13))), came.month),
    ):
        pairs = zip(names, every, strict=bool(every))
        rows += [Row(group, n, "relative rate", "1", e) for n, e in pairs if e.n]
    return rows


def _mixes(part: Part, found: Found) -> None:
    """Shares of the cases by what their first event that says so says."""
    for role in MIXES:
        if not part.log.has(role):
            continue
        column = part.frame[["case", role]].dropna().drop_duplicates("case")
        texts = column[role].astype("str").str.strip()
        texts = texts[~texts.isin(["", "?"])]
        counts = texts.value_counts()
        found.mixes[role] = {v: share(int(n), int(counts.sum())) for v, n in counts.items()}
        for value, estimate in found.mixes[role].items():
            found.rows.append(Row(role, str(value), "share of cases", "share", estimate))


# --- work -------------------------------------------------------------------------------------


def work_of(part: Part, step: Steps, hours: np.ndarray) -> tuple[np.ndarray, str]:
    """Work of each event [ticks], NaN where not known, and what it is measured by."""
    if part.log.has("worked"):
        return part.column("worked").astype(float), WORKED
    started = part.started()
    if started.any():
        whole = (part.column("complete") - part.column("start")).astype(float)
        return np.where(started, whole, np.nan), CLOCK
    if part.log.by_day:
        return np.full(len(part.frame), np.nan), CHAINED
    clock = OpenTime(hours, part.first_weekday, 0, part.log.n_days + 1)
    complete = part.column("complete")
    opened = clock.at(complete) - clock.at(complete - np.nan_to_num(step.longest))
    return np.where(step.chained, opened, np.nan), CHAINED


def _work(part: Part, found: Found, settings, rng, tell) -> None:
    activity, started = part.column("activity"), part.started()
    waited = np.full(len(activity), np.nan)
    same = ~np.isnan(found.steps.since_case)
    known = same & started
    before = part.column("complete") - found.steps.since_case
    waited[known] = np.maximum(part.column("start")[known] - before[known], 0)
    if part.log.has("joined"):
        stated = started & (part.column("joined") != MISSING)
        waited[stated] = (part.column("start") - part.column("joined"))[stated]
    names = part.log.names["activity"]
    for code, name in enumerate(names):
        here = activity == code
        tell(code / len(names))
        x = found.values[here & ~np.isnan(found.values)]
        if len(x) >= settings.least:
            found.work[name] = fit(x, settings.resamples, settings.most_sample, rng)
            found.rows += _work_rows(name, found.work[name], HOW[found.measured])
        bounds = found.steps.longest[here & ~np.isnan(found.steps.longest)]
        if found.measured == CHAINED and len(bounds):
            e = Estimate(float(np.median(bounds)) / MINUTE, None, None, len(bounds))
            found.rows.append(Row("work", name, "median upper bound", "min", e, "bound"))
        for quantity, times in (("waiting", waited), ("since the event before",
                                                      found.steps.since_case)):  # fmt: skip
            t = times[here & ~np.isnan(times)]
            if len(t):
                e = _scaled(mean(t), HOUR)
                found.rows.append(Row("waiting", name, quantity, "h", e))


def _work_rows(name: str, found: Fit, how: str) -> list[Row]:
    test = f"{how}; {found.name} by AIC, KS {found.ks:.3f}"
    test += "" if found.ks_p is None else f" (p {found.ks_p:.3f}), AD {found.ad:.2f}"
    return [
        Row("work", name, "mean", "min", _scaled(found.mean, MINUTE), test),
        Row("work", name, "coefficient of variation", "1", found.cv, test),
    ]


def _scaled(e: Estimate, unit: float) -> Estimate:
    return Estimate(*(None if v is None else v / unit for v in e[:3]), e.n)


# --- cycle times, hours, seats ------------------------------------------------------------------


def _cycles(part: Part) -> list[Row]:
    """Quantiles by Kaplan and Meier: open cases are censored, not dropped."""
    found = survival(part.cases.duration[part.chosen], part.cases.finished[part.chosen])
    rows = [
        Row("cycle time", f"{p:.0%}", "quantile", "h", _scaled(quantile(found, p), HOUR),
            "estimated: Kaplan-Meier, open cases censored")
        for p in QUANTILES
    ]  # fmt: skip
    finished = share(found.ended, found.n)
    return [*rows, Row("cycle time", "all", "finished by the end of the log", "share", finished)]


def worked_at(part: Part) -> np.ndarray:
    """When each event shows that someone was at work: its start, or else its completion."""
    return np.where(part.started(), part.column("start"), part.column("complete"))


def _hours(part: Part, settings: FitSettings) -> np.ndarray:
    if part.log.by_day:
        return np.ones((7, 24), bool)
    return open_hours(worked_at(part), part.first_weekday, settings.open_share)


def _openings(part: Part, found: Found) -> list[Row]:
    if part.log.by_day:
        return []
    rows = []
    weekly = Estimate(float(found.hours.sum()), None, None, len(part.frame))
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    for day, name in enumerate(days):
        runs = ", ".join(f"{a:02d}-{b:02d}" for a, b in periods(found.hours[day]))
        e = Estimate(float(found.hours[day].sum()), None, None, len(part.frame))
        how = f"estimated: {runs or 'closed'}"
        rows.append(Row("opening", name, "open hours", "h", e, how))
    return [Row("opening", "week", "open hours", "h", weekly), *rows]


def _seats(part: Part, found: Found) -> list[Row]:
    rows, activity = [], part.column("activity")
    start = np.where(part.started(), part.column("start"), MISSING)
    for code, name in enumerate(part.log.names["activity"]):
        here = np.flatnonzero(activity == code)
        if not here.size:
            continue
        s = seats(start[here], part.column("complete")[here], part.column("resource")[here])
        n = here.size
        lower = "bound: seats are at least so many"
        if s.most:
            most = Estimate(float(s.most), None, None, n)
            rows.append(Row("seats", name, "at work at once, most", "1", most, lower))
            rows.append(Row("seats", name, "at work at once, mean", "1",
                            Estimate(s.mean, None, None, n)))  # fmt: skip
        if s.resources:
            values = {"different resources": s.resources, "resources in an hour, most":
                      s.most_per_hour, "resources in an hour, mean": s.per_hour}  # fmt: skip
            rows += [
                Row("seats", name, q, "1", Estimate(float(v), None, None, n), lower)
                for q, v in values.items()
            ]
    return rows


def _say(part: Part, found: Found, settings: FitSettings) -> None:
    """What cannot be known from this log."""
    if part.log.by_day:
        found.said.append(
            "stamps are days: hours, opening hours and work are not identifiable, and cycle times "
            "are known to a day"
        )
    elif found.measured == CHAINED:
        found.said.append(
            "starts are missing: waiting and working are not separable; work is bounded from above "
            "by the time since the resource's completion before, and estimated under the "
            "assumption that resources do one thing at a time and never idle"
        )
    if not len(part.log.names["resource"]):
        found.said.append("resources are missing: seats and bounds of work are not identifiable")
    if not found.arrivals.month:
        found.said.append(f"{part.n_days} days are less than a year: seasons are not identifiable")
    if found.arrivals.per_day.n < 14:
        found.said.append("less than two weeks: weekdays are not told apart from chance")

"""What a log does not show of the model, found by running the model over the days fitted to: how
much longer disposals take than their own work, and the staff at which cases wait as they did.

Nothing of the held-out part, or after the split, is used. Both sides are cut off alike: what counts
are the visits that ended in the last `replay_days` before the split.
"""

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from analysis.fitting.estimate import Z95, Estimate
from analysis.fitting.moments import matched
from experiments.fit.cleaning import MISSING
from experiments.fit.mapping import MODEL_STAGES
from experiments.fit.numbers import Number, of
from experiments.fit.simulated import laid_over
from experiments.fit.stages import InModel
from experiments.one_run import simulate
from scenarios.commands import FitSettings
from scenarios.evidence import entries
from scenarios.load import CONF, option_files
from scenarios.parameters import Parameters
from sim.codes import STAGES
from sim.draws import OF_INCIDENT
from sim.stream import unpack_key
from sim.units import DAY, HOUR

UTILISATION = "staff.target_utilisation"
_TRIED = 5  # utilisations within the range stated in conf/; between them runs a straight line
_FIRST = STAGES.index(MODEL_STAGES[0])
_DISPOSE = STAGES.index("dispose")
_SURE = 0.02  # standard error of a simulated mean, relative, at which no more runs are made


class Waits(NamedTuple):
    """What tells how long cases wait, and how much of it there is by day. sums [h], counts : f8[D];
    what : in words."""

    sums: np.ndarray
    counts: np.ndarray
    what: str


class Span:
    """The model run over the last days before the split, after a warm-up, with the overlay."""

    def __init__(self, model: InModel, settings: FitSettings):
        self.model, self.settings = model, settings
        last = model.part.split // DAY
        self.days = max(1, min(settings.replay_days, last))
        self.begin = last - self.days
        self.warmup = settings.replay_warmup_days

    def parameters(
        self, overrides: Sequence[str], folder: Path, calendar: str | None
    ) -> Parameters:
        start = self.model.part.log.first_day + datetime.timedelta(days=self.begin - self.warmup)
        spans = {"start": start, "warmup_days": 0, "cohort_days": self.warmup + self.days,
                 "followup_days": 0}  # fmt: skip
        horizon = [f"horizon.{name}={value}" for name, value in spans.items()]
        return laid_over(overrides, folder, calendar, *horizon, "record=visits")

    def visits(self, parameters: Parameters, seed: int) -> dict[str, np.ndarray]:
        """Visits of incidents in a run, by (case, ended); ticks as in the log's window."""
        run = simulate(parameters, seed)
        own = unpack_key(run.visit_columns["incident"])[0] == OF_INCIDENT
        found = {name: column[own] for name, column in run.visit_columns.items()}
        kinds = run.incident_columns
        found["kind"] = kinds["kind"][np.searchsorted(kinds["incident"], found["incident"])]
        order = np.lexsort((found["ended"], found["incident"]))
        found = {name: column[order] for name, column in found.items()}
        for name in ("joined", "started", "ended"):
            found[name] = found[name] - self.warmup * DAY
        return found

    def by_day(self, ended: np.ndarray, hours: np.ndarray, what: str) -> Waits:
        """Of the visits that ended in the window and of which `hours` is known."""
        day = ended // DAY
        used = (day >= 0) & (day < self.days) & ~np.isnan(hours)
        sums = np.bincount(day[used], hours[used], self.days)
        return Waits(sums, np.bincount(day[used], minlength=self.days).astype(float), what)


# --- how long disposals take ------------------------------------------------------------------


def free_disposals(
    tree: dict[str, Any],
    span: Span,
    parameters: Parameters,
    seeds: Sequence[int],
    tell: Callable[[float], None],
) -> dict[str, float]:
    """Take off the disposals of the overlay, in place, what a wrong desk, joint work and growth add
    to them in the model: their mean over what a run with the overlay has. The factors by kind."""
    kinds = parameters.catalogue.kinds
    stated = parameters.catalogue.dispose_mean
    values: list[list[np.ndarray]] = [[] for _ in kinds]
    share = np.array(span.model.availability) if span.model.has_tier else np.ones(4)
    for i, seed in enumerate(seeds):
        v = span.visits(parameters, seed)
        lead = (v["stage"] == _DISPOSE) & (v["report"] == 0) & (v["branch"] == 0)
        work = (v["worked"] - v["retyping"]) * share[parameters.layout.tier[v["desk"]]]
        for k in range(len(kinds)):
            values[k].append(work[lead & (v["kind"] == k)])
        tell((i + 1) / len(seeds))
        if all(_is_sure(np.concatenate(each)) for each in values):
            break
    factors = {}
    for k, key in enumerate(kinds):
        own, work = tree["catalogue"]["kinds"].get(key, {}), np.concatenate(values[k])
        if "dispose" in own and len(work) >= span.settings.least and stated[k] > 0:
            factors[key] = float(stated[k] / work.mean())
            own["dispose"]["mean"] = _freed(own["dispose"]["mean"], factors[key], work)
    return factors


def _is_sure(work: np.ndarray) -> bool:
    return len(work) > 1 and work.std() / work.mean() / np.sqrt(len(work)) < _SURE


def _freed(mean: Number, factor: float, work: np.ndarray) -> Number:
    """The mean times the factor, and its interval with what chance in the runs adds to it."""
    found = mean.times(factor)
    evidence = f"{mean.evidence}, less what wrong desks, joint work and growth add in the model"
    if found.low is None or found.high is None:
        return found._replace(evidence=evidence)
    own = np.log(float(found.high) / float(found.low)) / 2
    wide = float(np.hypot(own, Z95 * work.std() / work.mean() / np.sqrt(len(work))))
    ends = (float(found.value) * np.exp(-wide), float(found.value) * np.exp(wide))
    return Number(found.value, found.unit, *ends, evidence)


# --- staff --------------------------------------------------------------------------------------


def observed_waits(span: Span) -> Waits:
    """How long cases of the log waited: until work began, where it is known when; else from one
    completion to the next, work included."""
    part = span.model.part
    complete = part.column("complete")
    hours, what = _hours(
        part.column("case"), part.column("start"), complete,
        part.column("joined") if part.log.has("joined") else np.full(len(complete), MISSING),
    )  # fmt: skip
    return span.by_day(complete - span.begin * DAY, hours, what)


def _hours(case, start, complete, joined) -> tuple[np.ndarray, str]:
    """Hours of each event, f8[n], NaN where not known; events by (case, complete)."""
    before = np.full(len(case), MISSING)
    same = np.flatnonzero(case[1:] == case[:-1]) + 1
    before[same] = complete[same - 1]
    begun = start != MISSING
    if begun.any() and (joined != MISSING).any():
        known = begun & (joined != MISSING)
        return np.where(known, (start - joined) / HOUR, np.nan), "from joining a queue to the start"
    if begun.any():
        known = begun & (before != MISSING)
        gap = np.maximum(start - before, 0) / HOUR
        return np.where(known, gap, np.nan), "from the event before to the start"
    return np.where(before != MISSING, (complete - before) / HOUR, np.nan), (
        "from one completion to the next"
    )


def simulated_waits(span: Span, visits: dict[str, np.ndarray]) -> Waits:
    """The same of a run, of which only that is used which the log holds."""
    part, n = span.model.part, len(visits["ended"])
    unknown = np.full(n, MISSING)
    hours, what = _hours(
        visits["incident"],
        visits["started"] if part.started().any() else unknown,
        visits["ended"],
        visits["joined"] if part.log.has("joined") else unknown,
    )
    return span.by_day(visits["ended"], hours, what)


def staffed(
    span: Span,
    parameters: Parameters,
    overrides: Sequence[str],
    seeds: Sequence[int],
    rng: np.random.Generator,
    tell: Callable[[float], None],
) -> tuple[Number | None, list[str]]:
    """The target utilisation at which the model's cases wait as the log's do, of those that conf/
    states as its range; None where none does, and where seats are stated. And what to say."""
    staff = parameters.settings.staff
    if staff.plan or staff.place == "stated":
        return None, []
    ledger = entries(option_files(overrides, CONF), CONF)
    low, high = next((e.low, e.high) for e in ledger if e.key == UTILISATION)
    if low is None or high is None:
        return None, [f"{UTILISATION} stays as it is: it has no range to be sought in"]
    tried = np.linspace(low, high, _TRIED)
    observed = observed_waits(span)
    if not observed.counts.any():
        return None, [f"{UTILISATION} stays as assumed: nothing in the log tells of waiting"]
    sums, counts = np.zeros((_TRIED, span.days)), np.zeros((_TRIED, span.days))
    for i, target in enumerate(tried):
        at = parameters.staffed(float(target))
        for j, seed in enumerate(seeds):
            waits = simulated_waits(span, span.visits(at, seed))
            sums[i] += waits.sums
            counts[i] += waits.counts
            tell((i * len(seeds) + j + 1) / (_TRIED * len(seeds)))
    found = matched(
        tried, (sums, counts), (observed.sums, observed.counts), span.settings.resamples, rng
    )
    return _told(span, found, observed, sums.sum(axis=1) / counts.sum(axis=1), tried)


def _told(
    span: Span, found: Estimate, observed: Waits, means: np.ndarray, tried: np.ndarray
) -> tuple[Number | None, list[str]]:
    seen = float(observed.sums.sum() / observed.counts.sum())
    range_of = f"{means[0]:.3g} h at {tried[0]:g} to {means[-1]:.3g} h at {tried[-1]:g}"
    told = f"mean time {observed.what} {seen:.3g} h, in the model {range_of}"
    if found.value is None:
        return None, [
            f"{UTILISATION} stays as assumed: {told}; so the log's cases wait for something else "
            "than seats, or its work is not what it was taken for"
        ]
    evidence = f"{span.model.part.evidence()}, by simulated moments: {told}"
    return of(found, "share", evidence), []

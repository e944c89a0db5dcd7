"""What the log tells of the model's numbers, as a file of settings to be laid over conf/."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.fitting.arrivals import Arrivals
from analysis.fitting.estimate import Estimate, share
from analysis.fitting.families import Fit, fit
from analysis.fitting.opening import office, periods
from experiments.fit.cleaning import MISSING
from experiments.fit.estimates import CHAINED, worked_at
from experiments.fit.flow import case_limits
from experiments.fit.mapping import MODEL_STAGES
from experiments.fit.numbers import Number, Times, of, written
from experiments.fit.stages import InModel
from scenarios.commands import FitSettings
from scenarios.parameters import Parameters
from sim.catalogue import PAPERWORK
from sim.codes import (
    CHANNELS,
    DAY_TYPES,
    DISPOSE,
    FAILED,
    FALSE_CLOSED,
    GRID,
    OUTCOMES,
    SEVERITIES,
    SOLVED_BY,
    STAGES,
    TIERS,
)
from sim.units import DAY, HOUR, MINUTE

FILE = "experiment/fit.yaml"
"""Where the file stands in the overlay: `overlay=FIT/overlay experiment=fit`."""
PROFILE = "fitted"
_PERCENT = 100
_SAME_LIMIT = 0.95  # share of the cases of a grade that have one limit, for it to be written
_ALL_DAY = 44  # open half hours from which a place counts as open round the clock
_DISPOSE = MODEL_STAGES.index(STAGES[DISPOSE])

Tree = dict[str, Any]


def overlay(
    model: InModel, settings: FitSettings, rng: np.random.Generator
) -> tuple[Tree, list[str]]:
    """The settings that the log tells of, and what to say of those that it does not."""
    said: list[str] = []
    kinds: dict[str, Tree] = {key: {} for key in model.catalogue.kinds}
    catalogue: Tree = {"kinds": kinds}
    tree: Tree = {"stream": _stream(model), "catalogue": catalogue}
    _profiles(model, catalogue, settings, rng, said)
    _mix(model, kinds, settings, said)
    _work(model, catalogue, settings, rng, said)
    if not model.has_tier and (catalogue.get("paperwork") or _any(kinds, "dispose")):
        why = "assumed: seat time is taken whole as hands-on work, as the log names no tier"
        tree["mechanism"] = {
            "availability": {t: Number(1, "share", None, None, why) for t in TIERS}
        }
    _failures(model, kinds, settings, said)
    _limits(model, kinds, settings)
    opening = _opening(model, settings, said)
    if opening:
        tree["calendar"] = {"openings": {"office": opening}}
    catalogue["kinds"] = {key: own for key, own in kinds.items() if own}
    return tree, said


def text_of(tree: Tree, source: str) -> str:
    """The file."""
    head = f"# @package _global_\n# Estimated from {source}: docs/calibrating.md.\n\n"
    return head + written(tree)


def _any(kinds: Mapping[str, Tree], key: str) -> bool:
    return any(key in own for own in kinds.values())


def _stream(model: InModel) -> Tree:
    came, evidence = model.found.occurred, model.part.evidence()
    tree: Tree = {"per_day": of(came.per_day, "incidents a day", evidence)}
    if came.cv.value is not None:
        tree["day_cv"] = of(came.cv, "1", evidence)
        if came.cv.value > 0:
            tree["day_family"] = "gamma"
    return tree


def year_round(
    tree: Tree, model: InModel, parameters: Parameters, days: tuple[np.ndarray, np.ndarray]
) -> None:
    """Turn what is of the days fitted to into what is of a year and a district, as in the model.

    There the types of days and the months average 1 over a year, for each kind apart: so
    rate and shares are divided by what the days fitted to had of them. And the factor of a day is
    the city's times a district's, of which the city's counts show the mean: with district shares
    w and the share s of the variance that is the city's, cv^2 of the counts is s + (1 - s) sum w^2
    of that of a district. days : type and month of each day.
    """
    rates, share = parameters.city_rates, parameters.catalogue.share
    n = len(model.found.occurred.counts)
    here = (rates.day_factor[:, days[0][:n]] * rates.season[:, days[1][:n]]).mean(axis=1)
    here = np.where(here > 0, here, 1.0)  # a kind that these days never have
    whole = float((share / here).sum())
    stream, kinds = tree["stream"], tree["catalogue"]["kinds"]
    stream["per_day"] = stream["per_day"].times(whole)
    for k, key in enumerate(parameters.catalogue.kinds):
        if "share" in kinds.get(key, {}):
            kinds[key]["share"] = kinds[key]["share"].times(1 / float(here[k]) / whole)
    if "day_cv" in stream:
        districts = rates.daily.sum(axis=1) / rates.daily.sum()
        s = parameters.settings.stream.day_city_share
        grow = float(s + (1 - s) * (districts**2).sum()) ** -0.5
        stream["day_cv"] = stream["day_cv"].times(grow)


def _profiles(
    model: InModel,
    catalogue: Tree,
    settings: FitSettings,
    rng: np.random.Generator,
    said: list[str],
) -> None:
    """Hours, types of days and months: of all kinds together, and of those of which there is enough
    hours and types of days of their own."""
    whole, evidence = model.found.occurred, model.part.evidence()
    when, kind = model.found.when, model.kind[model.part.first]
    if model.part.log.by_day:
        said.append("the hours of the day stay as assumed")
        return
    profiles = catalogue["profiles"] = {PROFILE: _hours(whole, evidence)}
    for k, (key, own) in enumerate(catalogue["kinds"].items()):
        cases, came = kind == k, whole
        own["profile"] = PROFILE
        if cases.any() and when.fewest(cases) >= settings.least:
            came = when.of(cases, rng)
        if cases.sum() >= settings.least * len(whole.hour):
            own["profile"] = f"{PROFILE}_{key}"
            profiles[own["profile"]] = _hours(came, evidence)
        every = zip(DAY_TYPES, came.day_type, strict=True)
        day = {name: of(e, "1", evidence) for name, e in every if e.n}
        if day:
            own["day"] = day
        if whole.month:
            own["season"] = [of(e, "1", evidence) for e in whole.month]


def _hours(came: Arrivals, evidence: str) -> list[Number]:
    return [of(e, "%", evidence, _PERCENT) for e in came.hour]


# --- mix --------------------------------------------------------------------------------------


def _mix(model: InModel, kinds: dict[str, Tree], settings: FitSettings, said: list[str]) -> None:
    first = model.part.first
    kind, when = model.kind[first], model.found.when
    known = kind >= 0
    whole = known & (when.ticks < when.n_days * DAY)  # kinds that come late are short after them
    if whole.any():
        n = int(whole.sum())
        for k, key in enumerate(kinds):
            e = share(int((whole & (kind == k)).sum()), n)
            kinds[key]["share"] = of(e, "%", model.part.evidence(), _PERCENT)
        if not known.all():
            said.append(f"{(~known).sum()} of {len(kind)} cases are of no kind of the catalogue")
    else:
        said.append("the mix of kinds stays as assumed: no case has a kind of the catalogue")
    for role, section, names in (
        ("channel", "channels", CHANNELS),
        ("severity", "severities", SEVERITIES),
    ):
        codes = model.of_case(role, section, names)[first]
        if not (codes >= 0).any():
            said.append(f"the shares of {role} stay as assumed: no case has one of the model")
            continue
        for k, key in enumerate(kinds):
            own = (kind == k) & (codes >= 0)
            if own.sum() < settings.least:
                own = codes >= 0
            kinds[key][role] = _shares(codes[own], names, model.part.evidence())


def _shares(codes: np.ndarray, names: tuple[str, ...], evidence: str) -> Tree:
    n = len(codes)
    return {
        name: of(share(int((codes == c).sum()), n), "share", evidence)
        for c, name in enumerate(names)
    }


# --- work -------------------------------------------------------------------------------------


def _work(
    model: InModel,
    catalogue: Tree,
    settings: FitSettings,
    rng: np.random.Generator,
    said: list[str],
) -> None:
    known = ~np.isnan(model.hands_on) & model.lead & (model.stage >= 0)
    evidence = f"{model.part.evidence()}, {model.found.measured}"

    def fitted(rows: np.ndarray) -> Fit | None:
        x = model.hands_on[rows]
        if len(x) < settings.least:
            return None
        return fit(x, settings.resamples, settings.most_sample, rng)

    def is_wild(found: Fit) -> bool:
        return model.found.measured == CHAINED and (found.cv.value or 0) > settings.most_cv

    papers, few, wild = {}, [], []
    for s, name in enumerate(MODEL_STAGES):
        if name not in PAPERWORK:
            continue
        found = fitted(known & (model.stage == s))
        if found is None:
            few.append(name)
        elif is_wild(found):
            wild.append(name)
        else:
            papers[name] = _duration(found, evidence)
    if papers:
        catalogue["paperwork"] = papers
    disposals = known & (model.stage == _DISPOSE)
    whole = fitted(disposals)
    if whole is None:
        few.append(STAGES[DISPOSE])
    elif is_wild(whole):
        wild.append(STAGES[DISPOSE])
    if few:
        said.append(f"work stays as assumed, for too few events: {', '.join(few)}")
    if wild:
        said.append(
            "work stays as assumed, as completions alone do not tell it (coefficient of variation "
            f"above fit.most_cv={settings.most_cv:g}): {', '.join(wild)}"
        )
    if whole is None or is_wild(whole):
        return
    for k, key in enumerate(catalogue["kinds"]):
        found = fitted(disposals & (model.kind == k))
        found = whole if found is None or is_wild(found) else found
        catalogue["kinds"][key]["dispose"] = _duration(found, evidence)


def _duration(found: Fit, evidence: str) -> Tree:
    cv = found.cv if found.name != "exponential" else Estimate(1, None, None, found.cv.n)
    cv = cv if found.name != "fixed" else Estimate(0, None, None, found.cv.n)
    return {
        "mean": of(found.mean, "min", evidence, 1 / MINUTE),
        "cv": of(cv, "1", evidence),
        "family": found.name,
    }


# --- failures, limits, hours --------------------------------------------------------------------


def _failures(
    model: InModel, kinds: dict[str, Tree], settings: FitSettings, said: list[str]
) -> None:
    """Probability that a disposal does not solve: disposals that verifiers sent back or that were
    closed falsely, of all that were judged so."""
    if not model.part.log.has("outcome"):
        said.append("failed disposals stay as assumed: the log has no outcomes")
        return
    outcome = model.part.frame["outcome"].astype("str").to_numpy()
    bad = np.isin(outcome, [OUTCOMES[FAILED], OUTCOMES[FALSE_CLOSED]])
    judged = bad | (outcome == OUTCOMES[SOLVED_BY])
    for k, key in enumerate(kinds):
        rows = judged & (model.kind == k)
        if rows.sum() >= settings.least:
            e = share(int(bad[rows].sum()), int(rows.sum()))
            kinds[key]["failure"] = of(e, "share", model.part.evidence())


def _limits(model: InModel, kinds: dict[str, Tree], settings: FitSettings) -> None:
    """Limits in clock hours from the arrival, where nearly all cases of a grade have the same."""
    part = model.part
    if not part.log.has("limit"):
        return
    first = part.first
    case = part.column("case")[first]
    limit = case_limits(part)[case]
    hours = np.where(limit == MISSING, np.nan, (limit - part.cases.arrived[case]) / HOUR)
    grade = model.of_case("severity", "severities", SEVERITIES)[first]
    kind = model.kind[first]
    for k, key in enumerate(kinds):
        for g, name in enumerate(SEVERITIES):
            own = hours[(kind == k) & (grade == g) & ~np.isnan(hours)]
            if len(own) < settings.least:
                continue
            middle = float(np.median(own))
            if middle > 0 and (np.abs(own - middle) * HOUR <= MINUTE).mean() >= _SAME_LIMIT:
                number = Number(middle, "h", None, None, part.evidence())
                kinds[key].setdefault("limit", {})[name] = [number, "clock_hours"]


def _opening(model: InModel, settings: FitSettings, said: list[str]) -> Tree:
    """Office hours, from work above the grid but for registering, which hotlines do at night."""
    part = model.part
    rows = (model.stage > 0) & (model.tier != GRID)
    if part.log.by_day or not rows.any():
        return {}
    found = office(worked_at(part)[rows], part.column("resource")[rows], part.first_weekday,
                   settings.open_share, settings.least)  # fmt: skip
    if found.open.sum() >= _ALL_DAY:
        said.append("office hours stay as assumed: work goes on round the clock")
        return {}
    days = list(DAY_TYPES) if found.weekend else ["workday"]
    runs = ", ".join(f'["{_clock(a)}", "{_clock(b)}"]' for a, b in periods(found.open))
    evidence = f"{part.evidence()}, to the half hour"
    return {"days": days, "shifts": [Times(f"[{runs}]", evidence)]}


def _clock(half_hour: int) -> str:
    return f"{half_hour // 2:02d}:{half_hour % 2 * 30:02d}"

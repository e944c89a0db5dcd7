"""The last part of the log, which nothing was fitted to, against what was fitted.

Held against it are: the process as fitted, simulated anew (`analysis.fitting.process`); the same
span of weeks before, moved, which is what one would expect who fitted nothing; fitted cases drawn
again whole, at the arrivals of the simulation, which is the best that any process fitted to them
can do; and the held-out cases drawn again from themselves, which is how far chance alone puts two
logs apart.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.fitting.components import Ways, ways
from analysis.fitting.distances import NAMES, Timeline, distances
from analysis.fitting.opening import OpenTime
from analysis.fitting.process import Process, arrived_anew, process, replayed
from experiments.fit.estimates import Found
from experiments.fit.part import Part
from scenarios.commands import FitSettings
from sim.units import DAY

FITTED, BEFORE, CASES, CHANCE = "fitted", "weeks before", "fitted cases", "chance"
FITTED_TO, HELD_OUT = "cases fitted to", "held out"
MODEL = "the model"
"""Guantong itself with the overlay, where the log is of its stages (`simulated`)."""
_WEEK = 7


class HeldOut(NamedTuple):
    """distances : a row a log that is compared and a distance, with its mean over simulations and
    their standard deviation [h]; observed, simulated : the held-out cases, and those of the first
    simulation; model : those of the model's own first run, if any; ways : what the cycle times of
    each are made of, and of the cases fitted to."""

    distances: pd.DataFrame
    observed: Timeline
    simulated: Timeline
    ways: dict[str, Ways]
    model: Timeline | None = None


def held_out(
    part: Part,
    found: Found,
    settings: FitSettings,
    rng: np.random.Generator,
    tell: Callable[[float], None],
) -> HeldOut:
    """Simulate the held-out span `settings.simulations` times and give the distances."""
    last = last_compared(part, settings)
    late = ~part.chosen & (part.cases.arrived <= last)
    observed = _cut(part, late, 0, part.split, part.cases.end + 1)
    fitted = _process_of(part, found, settings)
    weekday = part.log.first_day.weekday() + part.split // DAY
    rows: dict[str, list[dict]] = {FITTED: [], CASES: [], CHANCE: []}
    pool = _cut(part, part.chosen, 0, 0, part.cases.end + 1)
    first = ways = None
    for i in range(settings.simulations):
        simulated, way = _simulated(part, found, fitted, last, rng)
        first, ways = first or simulated, ways or way
        rows[FITTED].append(distances(observed, simulated, weekday % _WEEK))
        whole = _drawn_again(pool, rng, simulated.arrived, part.cases.end + 1 - part.split)
        rows[CASES].append(distances(observed, whole, weekday % _WEEK))
        again = _drawn_again(observed, rng)
        rows[CHANCE].append(distances(observed, again, weekday % _WEEK))
        tell((i + 1) / settings.simulations)
    before = _weeks_before(part, last)
    if before is not None:
        rows[BEFORE] = [distances(observed, before, weekday % _WEEK)]
    left = rng.choice(part.cases.end + 1 - part.cases.arrived[late], len(late))
    alike = part.chosen & (part.cases.duration < left)  # cut off as those held out are
    own = {FITTED_TO: _ways_of(part, alike), HELD_OUT: _ways_of(part, late), FITTED: ways}
    return HeldOut(_table(rows), observed, first, own)


def _ways_of(part: Part, chosen: np.ndarray) -> Ways:
    """Of the chosen cases of the log, bool[cases]."""
    cases, frame = part.cases, part.log.frame
    ended = np.where(chosen & cases.finished, cases.last, -1)
    return ways(
        frame["case"].to_numpy(), frame["activity"].to_numpy(), frame["complete"].to_numpy(),
        cases.arrived, ended, tuple(part.log.names["activity"]),
    )  # fmt: skip


def with_model(
    held: HeldOut, simulated: Sequence[tuple[Timeline, Ways]], part: Part, stages: tuple[str, ...]
) -> HeldOut:
    """And the model's runs among what is compared. stages : of the model, one an activity."""
    weekday = (part.log.first_day.weekday() + part.split // DAY) % _WEEK
    rows = {MODEL: [distances(held.observed, run, weekday) for run, _ in simulated]}
    told = pd.concat([_table(rows), held.distances], ignore_index=True)
    run, way = simulated[0]
    named = {of: one._replace(names=stages) for of, one in held.ways.items()}
    return held._replace(distances=told, model=run, ways={**named, MODEL: way})


def _table(rows: dict[str, list[dict]]) -> pd.DataFrame:
    """Distances over simulations, in the order of what is compared."""
    told = []
    for name in (name for name in (MODEL, FITTED, CASES, BEFORE, CHANCE) if name in rows):
        for distance in NAMES:
            values = [row[distance] for row in rows[name] if row[distance] is not None]
            mean = float(np.mean(values)) if values else None
            sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
            told.append({"against": name, "distance": distance, "hours": mean, "sd": sd,
                         "simulations": len(values)})  # fmt: skip
    return pd.DataFrame(told).astype({"hours": float, "sd": float})


def timeline(
    case: np.ndarray, tick: np.ndarray, arrived: np.ndarray, cycle: np.ndarray, begin: int, end: int
) -> Timeline:
    """Cases that come in a window, and what of them falls into it. case, tick : i8[n], of events;
    arrived : i8[c]; cycle : f8[c], NaN of those not finished within it."""
    inside = tick < end
    chosen = (arrived >= begin) & (arrived < end)
    number = np.cumsum(chosen) - 1
    inside &= chosen[case]
    return Timeline(
        number[case[inside]], tick[inside] - begin, arrived[chosen] - begin, cycle[chosen]
    )


def _cut(part: Part, chosen: np.ndarray, shift: int, begin: int, end: int) -> Timeline:
    """The chosen cases of the log, moved by `shift`, from `begin` until `end`."""
    cases, frame = part.cases, part.log.frame
    rows = chosen[frame["case"].to_numpy()]
    number = np.cumsum(chosen) - 1
    case = number[frame["case"].to_numpy()[rows]]
    last = cases.last[chosen] + shift
    whole = cases.finished[chosen] & (last < end)
    cycle = np.where(whole, (cases.last - cases.arrived)[chosen], np.nan)
    return timeline(case, frame["complete"].to_numpy()[rows] + shift,
                     cases.arrived[chosen] + shift, cycle, begin, end)  # fmt: skip


def _weeks_before(part: Part, last: int) -> Timeline | None:
    """The cases of as long a span before the split, moved forward by whole weeks; None where the
    log is shorter than that."""
    end = part.cases.end + 1
    weeks = -(-(last + 1 - part.split) // (_WEEK * DAY))
    shift = weeks * _WEEK * DAY
    if part.split - shift < int(part.cases.arrived.min()) - DAY:
        return None
    chosen = part.chosen & (part.cases.arrived >= part.split - shift)
    chosen &= part.cases.arrived <= last - shift
    return _cut(part, chosen, shift, part.split, end) if chosen.any() else None


def _drawn_again(
    log: Timeline,
    rng: np.random.Generator,
    arrived: np.ndarray | None = None,
    end: int | None = None,
) -> Timeline:
    """Cases drawn with replacement: at the moments at which they came, or at `arrived`, i8[c],
    and then cut off at `end`."""
    n = len(log.arrived)
    pick = rng.integers(0, n, n if arrived is None else len(arrived))
    order = np.argsort(log.case, kind="stable")
    begin = np.searchsorted(log.case[order], np.arange(n + 1))
    lengths = np.diff(begin)[pick]
    starts = np.repeat(begin[pick], lengths)
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    rows = order[starts + within]
    case = np.repeat(np.arange(len(pick)), lengths)
    if arrived is None:
        return Timeline(case, log.tick[rows], log.arrived[pick], log.whole[pick])
    tick = log.tick[rows] - log.arrived[log.case[rows]] + arrived[case]
    cycle = log.whole[pick]
    return timeline(case, tick, arrived, np.where(arrived + cycle < end, cycle, np.nan), 0, end)


# --- the fitted process -----------------------------------------------------------------------


def _clock(part: Part, found: Found) -> OpenTime:
    """Open hours until well after the end of the log, so that no case runs out of them."""
    return OpenTime(found.hours, part.first_weekday, 0, 2 * part.log.n_days + _WEEK)


def last_compared(part: Part, settings: FitSettings) -> int:
    """The last arrival that is compared."""
    held = part.cases.arrived[~part.chosen]
    return int(np.quantile(held, settings.span_share, method="higher"))


def _process_of(part: Part, found: Found, settings: FitSettings) -> Process:
    return process(
        part.column("case"),
        part.column("activity"),
        part.column("complete"),
        part.cases.arrived,
        part.cases.finished,
        _clock(part, found),
        len(part.log.names["activity"]),
        settings.least,
        part.cases.end,
    )


def _simulated(
    part: Part, found: Found, fitted: Process, last: int, rng: np.random.Generator
) -> tuple[Timeline, Ways]:
    """Cases that come in the held-out span as those before it came."""
    came = found.arrivals
    begin = part.split // DAY
    days = np.arange(begin, last // DAY + 1)
    per_day = np.full(len(days), came.per_day.value)
    if came.per_day.n >= 2 * _WEEK:
        relative = np.array([e.value if e.n else 1.0 for e in came.weekday])
        per_day *= relative[(part.first_weekday + days) % _WEEK]
    hour = np.array([e.value for e in came.hour])
    arrived = arrived_anew(per_day, hour, came.cv.value or 0.0, int(begin), rng)
    arrived = arrived[(arrived >= part.split) & (arrived <= last)]
    case, activity, tick, ended = replayed(fitted, arrived, _clock(part, found), rng)
    end = part.cases.end + 1
    whole = np.full(len(arrived), np.nan)
    ends = np.full(len(arrived), -1, np.int64)
    np.maximum.at(ends, case, tick)
    done = ended & (ends >= 0) & (ends < end)
    whole[done] = (ends - arrived)[done]
    way = ways(case, activity, tick, arrived, np.where(done, ends, -1),
               tuple(part.log.names["activity"]))  # fmt: skip
    return timeline(case, tick, arrived, whole, part.split, end), way

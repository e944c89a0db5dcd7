"""Several futures of one past: what they have in common is run once.

A future is a plan of who goes over to which policy, and when, from the *fork* on. All of them name
the same policies and have the fork among their dates, so that until then their worlds are the same
to the last number. Then what a future's own run from the beginning would give is what its fork
gives: `alike` looks before, tests and `guantong rollout rollout.check=true` look afterwards.
"""

import datetime
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from experiments.one_run import Progress, Run, of_stream, prepared, simulate
from experiments.study.point import one_at_a_time
from scenarios.commands import FutureSettings, FuturesSettings
from scenarios.parameters import Parameters
from scenarios.schema import RolloutSettings, Settings
from sim.calendar import check_keys
from sim.compiled.clock import Course
from sim.errors import InputError
from sim.records import FLOW_COLUMNS
from sim.units import DAY
from sim.world import World

_SECTION = "rollout"
_AFTER_FORK = ("later", "switch", "later_from", "later_regime", "later_opening", "later_seats")
"""What worlds may differ in: it says when, and is looked up no earlier."""

SAME = "same"
"""Measure of a future that was checked: 1 if its own run from the beginning gives the same."""


# --- plans ------------------------------------------------------------------------------------


def chosen(settings: FuturesSettings) -> dict[str, FutureSettings]:
    """The futures that count, by name, the reference first. Raises InputError."""
    names = list(settings.futures) if settings.only is None else settings.only
    for name in names:
        if name not in settings.futures:
            known = ", ".join(settings.futures)
            raise InputError(f"rollout.only: '{name}'; allowed: {known}")
    if not names or len(set(names)) < len(names):
        raise InputError(f"rollout.only: {list(names)}; allowed: different names, at least one")
    return {name: settings.futures[name] for name in names}


def fork_day(settings: Settings) -> int:
    """Day of the horizon at whose beginning futures part. Raises InputError."""
    horizon, text = settings.horizon, settings.rollout.fork
    n_days = horizon.warmup_days + horizon.cohort_days + horizon.followup_days
    start, day = datetime.date.fromisoformat(str(horizon.start)), horizon.warmup_days
    if text is not None:
        try:
            day = (datetime.date.fromisoformat(str(text)) - start).days
        except ValueError:
            day = 0
    if not 0 < day < n_days:
        first, last = (start + datetime.timedelta(days=n) for n in (1, n_days - 1))
        raise InputError(f"rollout.fork: {text}; allowed: a date from {first} to {last}")
    return day


def named(futures: Mapping[str, FutureSettings]) -> list[str]:
    """The policies that futures go over to, each once, in the order of naming."""
    found = []
    for future in futures.values():
        ways = [wave.get("to") for wave in future.waves if isinstance(wave, Mapping)]
        found += [str(to) for to in (*ways, future.to) if to is not None]
    return list(dict.fromkeys(found))


def looks(settings: Settings, policies: list[str]) -> list[dict[str, Any]]:
    """Waves without members at the fork: all policies are known to every future, in one order, and
    every future has the date."""
    date = _date(settings, fork_day(settings))
    return [{"from": date, "share": 0, "to": to} for to in policies]


def plans(parameters: Parameters) -> dict[str, Parameters]:
    """What each future runs with, by name.

    parameters : their `policy.rollout` holds the past's own waves and the `looks`.
    Raises InputError.
    """
    futures, past = chosen(parameters.settings.rollout), parameters.settings.policy.rollout
    return {
        name: parameters.planned(_plan(name, future, past, parameters.settings))
        for name, future in futures.items()
    }


def _plan(
    name: str, future: FutureSettings, past: RolloutSettings, settings: Settings
) -> RolloutSettings:
    key, fork = f"{_SECTION}.futures.{name}", fork_day(settings)
    waves, city_from = list(past.waves), past.city_from
    for i, wave in enumerate(future.waves):
        of_wave = f"{key}.waves[{i}]"
        check_keys(wave, of_wave, ("after",), ("to", "districts", "zones", "share"))
        after, to = wave["after"], wave.get("to") or future.to
        if type(after) is not int or after < 0:
            raise InputError(
                f"{of_wave}.after: {after}; allowed: whole days after the fork, from 0"
            )
        if to is None:
            raise InputError(f"{of_wave}.to: no value is given, nor in {key}.to")
        rest = {k: v for k, v in wave.items() if k != "after"}
        waves.append(rest | {"from": _date(settings, fork + after), "to": to})
    if future.city_after is not None:
        if city_from is not None or future.to is None:
            why = "the policy's own city_from is given" if future.to else f"{key}.to is not given"
            raise InputError(f"{key}.city_after: {future.city_after}; not allowed: {why}")
        city_from = _date(settings, fork + future.city_after)
    return replace(past, to=future.to or past.to, waves=waves, city_from=city_from)


def _date(settings: Settings, day: int) -> str:
    start = datetime.date.fromisoformat(str(settings.horizon.start))
    return (start + datetime.timedelta(days=day)).isoformat()


# --- running ----------------------------------------------------------------------------------


def simulate_futures(
    futures: Mapping[str, Parameters], day: int, seed: int, progress: Progress | None = None
) -> Iterator[tuple[str, Run]]:
    """Each future's name and run, the past before `day` having been run once.

    Raises InputError unless the futures are alike until then, and for the SimPy clock.
    """
    first = next(iter(futures.values()))
    check_clock(first.settings)
    ready = {name: prepared(parameters, seed) for name, parameters in futures.items()}
    alike(futures, {name: world for name, (_, world) in ready.items()}, day * DAY)
    past, world = next(iter(ready.values()))
    length = day + len(futures) * (first.n_days - day)  # days to be run in all

    def told(done: int, share: float) -> None:
        if progress is not None:
            progress(min((done + share * first.n_days) / length, 1.0))

    keep = {"keep_visits": first.settings.record == "visits"}
    course = Course(world, first.end, first.window, **keep)
    for until, rows in of_stream(first, world.seed, partial(told, 0), (0, day)):
        past.add(course.advance(rows, until))
    for i, (name, parameters) in enumerate(futures.items()):
        run, world = past.fork(parameters), ready[name][1]
        own = course.fork(world)
        done = i * (first.n_days - day)
        for until, rows in of_stream(parameters, world.seed, partial(told, done), (day, None)):
            run.add(own.advance(rows, until))
        for part in (*own.left(), own.outcome()):
            run.add(part)
        yield name, run


def check_clock(settings: Settings) -> None:
    """Raises InputError for the SimPy clock, whose processes cannot be copied."""
    if settings.clock != "compiled":
        raise InputError(f"clock: {settings.clock}; allowed where futures fork: compiled")


def alike(futures: Mapping[str, Parameters], worlds: Mapping[str, World], fork: int) -> None:
    """Raises InputError unless all worlds are the same before a tick and have it as a date."""
    (first, one), *others = worlds.items()
    for name, world in worlds.items():
        if fork not in world.later_from:
            raise InputError(f"rollout.futures.{name}: the fork is not among its dates")
    for name, world in others:
        unlike = [
            field
            for field in World._fields
            if field not in (*_AFTER_FORK, "cal", "situation")
            and not np.array_equal(getattr(one, field), getattr(world, field))
        ]
        earlier = (one.switch < fork) | (world.switch < fork)
        past = [int((w.later_from < fork).sum()) for w in (one, world)]
        for field in _AFTER_FORK:
            a, b = getattr(one, field), getattr(world, field)
            is_same = (
                np.array_equal(a[earlier], b[earlier])
                if field in ("later", "switch")
                else np.array_equal(a[: past[0]], b[: past[1]])
            )
            unlike += [] if is_same else [field]
        rates = zip(futures[first].rates, futures[name].rates, strict=True)
        if not all(np.array_equal(a, b) for a, b in rates):
            unlike.append("rates")
        if unlike:
            raise InputError(
                f"rollout.futures: '{first}' and '{name}' are not alike before the fork: "
                f"{', '.join(unlike)}"
            )


# --- measures ---------------------------------------------------------------------------------


class Of(NamedTuple):
    """What a measure of a study is about."""

    future: str
    what: str  # "metric", "open", "solved" or "district"
    name: str  # of the metric; day of the horizon; number of the district


def measure(
    parameters: Parameters, seed: int, progress: Progress | None = None
) -> dict[str, float | int | None]:
    """Every measure of every future, `FUTURE|WHAT|NAME` (see `Of`)."""
    futures, day = _built(parameters), fork_day(parameters.settings)
    return {
        "|".join((name, *key)): value
        for name, run in simulate_futures(futures, day, seed, progress)
        for key, value in _kept(run).items()
    }


def checked(
    parameters: Parameters, seed: int, progress: Progress | None = None
) -> dict[str, float | int | None]:
    """As `measure`, and of every future whether its run from the beginning gives the same."""
    futures, day = _built(parameters), fork_day(parameters.settings)
    found: dict[str, float | int | None] = {}
    for name, run in simulate_futures(futures, day, seed, progress):
        kept = _kept(run)
        is_same = _same(run, simulate(futures[name], seed))
        found |= {"|".join((name, *key)): value for key, value in kept.items()}
        found["|".join((name, "metric", SAME))] = int(is_same)
    return found


@lru_cache(maxsize=2)
def _built(parameters: Parameters) -> dict[str, Parameters]:
    """The futures, built once for all replications; what they warn of is that of their policies,
    which `guantong compare` tells."""
    with one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        futures = plans(parameters)
        for each in futures.values():
            _ = each.world, each.rates, each.open_ticks, each.paid_by_desk
        return futures


def _same(a: Run, b: Run) -> bool:
    """Whether two runs gave the same: all totals, all measures, all tables."""
    if a.metrics() != b.metrics() or a.outage_hours != b.outage_hours:
        return False
    outcomes = zip(a.outcome, b.outcome, strict=True)
    tables, others = a.tables(), b.tables()
    return all(np.array_equal(x, y) for x, y in outcomes) and all(
        np.array_equal(column, others[name][key], equal_nan=column.dtype.kind == "f")
        for name, table in tables.items()
        for key, column in table.items()
    )


def _kept(run: Run) -> dict[tuple[str, str], float | int | None]:
    """What is kept of a run: its metrics, by day what is open and solved, by district the mean."""
    kept: dict[tuple[str, str], Any] = {("metric", n): v for n, v in run.metrics().items()}
    hours = DAY // 3600
    flow = run.flow[: run.parameters.n_days * hours]
    of_day = flow.reshape(-1, hours, len(FLOW_COLUMNS)).sum(axis=1)
    column = dict(zip(FLOW_COLUMNS, of_day.T, strict=True))
    lost = column["withdrawn"] - column["renewed"]
    backlog = np.cumsum(column["noticed"] - column["solved"] - lost)
    for day in range(len(of_day)):
        kept["open", str(day)] = int(backlog[day])
        kept["solved", str(day)] = int(column["solved"][day])
    for district, hours_ in enumerate(run.reducer.breakdown("district")["mean_latency_hours"]):
        kept["district", str(district)] = None if np.isnan(hours_) else float(hours_)
    return kept

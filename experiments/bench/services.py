"""Eight services an incident: plain SimPy, as its users write it, beside the full engine.

Both are given the same incidents, routes and lengths of work. SimPy reads them from a list, made
before it begins; the engine draws them as it runs, and counts, accounts and reduces as ever.
"""

import contextlib
import gc
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import simpy

from experiments.bench.cities import write_alike
from experiments.bench.rounds import SEED, Form, SideBySide, did, watch
from experiments.bench.runs import built
from experiments.one_run import simulate
from scenarios.load import load
from scenarios.parameters import Parameters

N_DISTRICTS = 200
A_DAY = 67.2  # incidents in each district: desks of two seats are 70 % utilised
LATER_DAYS = 6  # in which what occurred before finishes, so that its work is known


class Case(NamedTuple):
    """What occurs, in order of time."""

    occurred: list[int]  # [s]
    grade: list[int]  # 0 the gravest
    visits: list[list[tuple[int, int]]]  # (desk, work [s]) of each
    seats: list[int]  # of each desk


def world(folder: str | Path, *overrides: str, n_districts: int = N_DISTRICTS) -> Parameters:
    """The engine's world; its city is made below `folder`. overrides : as on the command line."""
    city = write_alike(Path(folder), "alike", n_districts)
    per_day = f"stream.per_day={A_DAY * n_districts:g}"
    return load(["experiment=bench/services", *city, per_day, *overrides])


def case_of(parameters: Parameters, seed: int, end: int) -> Case:
    """The incidents of a seed that occur before `end` [s], as the engine draws them; parameters
    must keep visits and run on until all of these incidents are done."""
    run = simulate(parameters, seed)
    incidents, visits = run.incident_columns, run.visit_columns
    order = np.lexsort((incidents["incident"], incidents["occurred"]))
    order = order[incidents["occurred"][order] < end]
    routes = {int(key): [] for key in incidents["incident"][order]}
    by_time = np.lexsort((visits["joined"], visits["incident"]))
    columns = (visits[name][by_time].tolist() for name in ("incident", "desk", "worked"))
    for key, desk, worked in zip(*columns, strict=True):
        if key in routes:
            routes[key].append((desk, worked))
    return Case(
        incidents["occurred"][order].tolist(),
        incidents["severity"][order].tolist(),
        list(routes.values()),
        parameters.seats[:, 0].tolist(),
    )


# --- SimPy ------------------------------------------------------------------------------------


def incident(
    env: simpy.Environment,
    desks: Sequence[simpy.PriorityResource],
    grade: int,
    visits: Iterable[tuple[int, int]],
    times: list[int],
):
    """One incident goes from desk to desk; the graver goes first."""
    occurred = env.now
    for desk, work in visits:
        with desks[desk].request(priority=grade) as turn:
            yield turn
            yield env.timeout(work)
    times.append(env.now - occurred)


def source(
    env: simpy.Environment,
    desks: Sequence[simpy.PriorityResource],
    case: Case,
    times: list[int],
):
    """Incidents occur."""
    for occurred, grade, visits in zip(case.occurred, case.grade, case.visits, strict=True):
        yield env.timeout(occurred - env.now)
        env.process(incident(env, desks, grade, visits, times))


def simpy_model(case: Case) -> tuple[simpy.Environment, list[int]]:
    """A model ready to run, and the list that takes the times in the system [s] of all that are
    done, in the order of their ends."""
    env = simpy.Environment()
    desks = [simpy.PriorityResource(env, capacity=max(seats, 1)) for seats in case.seats]
    times: list[int] = []
    env.process(source(env, desks, case, times))
    return env, times


# --- side by side -----------------------------------------------------------------------------


@contextlib.contextmanager
def suite(form: Form) -> Iterator[SideBySide]:
    """Four days of both; one in the quick form."""
    days = 1 if form.quick else 4
    cut = ["horizon.warmup_days=0", f"horizon.cohort_days={days}"]
    with tempfile.TemporaryDirectory() as folder:
        traced = world(folder, *cut, f"horizon.followup_days={LATER_DAYS}", "record=visits")
        parameters = world(folder, *cut, "horizon.followup_days=0")
        case = case_of(traced, SEED, parameters.end)
        built(parameters)

        def engine(_: int) -> dict[str, int]:
            return did(simulate(parameters, SEED))

        def of_simpy(_: int) -> dict[str, float]:
            env, _ = simpy_model(case)
            read = watch()
            env.run(until=parameters.end)
            return {"incidents": len(case.occurred), **read()}

        gc.collect()
        gc.freeze()  # else SimPy's garbage collections go through the long list of work each time
        try:
            yield SideBySide({"engine": engine, "SimPy": of_simpy}, form.rounds)
        finally:
            gc.unfreeze()

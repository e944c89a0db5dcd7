"""The model as fitted, run over the held-out span: seats, queues and all, where the log's
activities are the model's stages."""

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from analysis.fitting.components import Ways, ways
from analysis.fitting.distances import Timeline
from experiments.fit.heldout import last_compared, timeline
from experiments.fit.mapping import MODEL_STAGES
from experiments.fit.stages import InModel
from experiments.one_run import simulate
from experiments.warm import compile_if_cold
from scenarios.commands import FitSettings
from scenarios.load import load
from scenarios.parameters import Parameters
from sim.codes import NONE, STAGES
from sim.draws import OF_INCIDENT
from sim.stream import unpack_key
from sim.units import DAY, NEVER


def is_of_the_model(model: InModel) -> bool:
    """Whether every activity is a stage, and every case has a kind of the catalogue or none has, so
    that their mix stays as assumed."""
    known = model.kind >= 0
    return model.mapped == 1.0 and bool(known.all() or not known.any())


def laid_over(
    overrides: Sequence[str], folder: Path, calendar: str | None, *more: str
) -> Parameters:
    """Parameters with the overlay in force, beside whatever experiment was. Raises InputError."""
    mine = [o.partition("=")[2].strip("[]") for o in overrides if o.startswith("experiment=")]
    rest = [o for o in overrides if not o.startswith(("experiment=", "overlay="))]
    if calendar and not any(o.startswith("calendar=") for o in rest):
        rest.append(f"calendar={calendar}")
    chosen = ",".join([*(name for name in mine if name not in ("", "null")), "fit"])
    return load([*rest, f"overlay={folder}", f"experiment=[{chosen}]", *more])


def model_runs(
    model: InModel,
    overrides: Sequence[str],
    folder: Path,
    calendar: str | None,
    settings: FitSettings,
    tell: Callable[[float], None],
) -> list[tuple[Timeline, Ways]]:
    """`simulations` runs over the held-out span, after a warm-up, as `heldout.held_out` compares
    them: cases come when they are noticed, and end when they are solved. Raises InputError."""
    part = model.part
    first, end = part.split // DAY, part.cases.end + 1
    last = last_compared(part, settings)
    warmup = settings.replay_warmup_days
    start = part.log.first_day + datetime.timedelta(days=int(first) - warmup)
    spans = {
        "start": start,
        "warmup_days": 0,
        "cohort_days": warmup + last // DAY + 1 - first,
        "followup_days": max(0, end // DAY - last // DAY),
    }
    horizon = [f"horizon.{name}={value}" for name, value in spans.items()]
    parameters = laid_over(overrides, folder, calendar, *horizon, "record=visits")
    compile_if_cold()
    begin, n = (int(first) - warmup) * DAY, settings.simulations
    found = []
    for i in range(n):
        run = simulate(parameters, parameters.settings.seed + i, lambda s, i=i: tell((i + s) / n))
        found.append(_compared(run.incident_columns, run.visit_columns, part, begin, last, end))
    return found


def _compared(incidents, visits, part, shift: int, last: int, end: int) -> tuple[Timeline, Ways]:
    """The cases of a run whose ticks begin `shift` after those of the log."""
    noticed = (incidents["noticed"] != NONE) & (incidents["noticed"] < NEVER)
    keys = incidents["incident"][noticed]
    arrived = incidents["noticed"][noticed] + shift
    solved = incidents["solved"][noticed]
    done = (solved != NONE) & (solved < NEVER) & (solved + shift < end)
    cycle = np.where(done, solved + shift - arrived, np.nan)
    own = unpack_key(visits["incident"])[0] == OF_INCIDENT
    own &= np.isin(visits["incident"], keys)
    case = np.searchsorted(keys, visits["incident"][own])
    tick = visits["ended"][own] + shift
    chosen = done & (arrived >= part.split) & (arrived <= last)
    way = ways(case, visits["stage"][own] - STAGES.index(MODEL_STAGES[0]), tick, arrived,
               np.where(chosen, solved + shift, -1), MODEL_STAGES)  # fmt: skip
    arrived = np.where(arrived <= last, arrived, end)  # what comes later is not compared
    return timeline(case, tick, arrived, cycle, part.split, end), way

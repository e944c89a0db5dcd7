"""Measures that keep the course of a run beside the measures of its cohort, for a study's points.

A series is kept as NAME[0], NAME[1], ... among the measures; `series` puts it together again.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.long_run import BATCHES
from analysis.reducer import Reducer
from experiments.one_run import Progress, Run, simulate
from scenarios.parameters import Parameters
from sim.errors import InputError
from sim.records import FLOW_BIN, FLOW_COLUMNS
from sim.units import DAY

BY_DAY, BY_SPAN = (f"experiments.series:{name}" for name in ("by_day", "by_span"))
BACKLOG = "backlog"
SPANS = 2 * BATCHES
"""Spans of a long run: a batch mean is one of several values."""

_OF_DESKS = ("utilisation_", "staff_hours")
"""Measured over the whole cohort's window, not by incident."""


def by_day(
    parameters: Parameters, seed: int, progress: Progress | None = None
) -> dict[str, float | int | None]:
    """The measures of the run, and the backlog at the end of each day of the whole horizon."""
    run = simulate(parameters, seed, progress)
    return run.metrics() | _numbered(BACKLOG, backlog(run.flow).tolist())


def by_span(
    parameters: Parameters, seed: int, progress: Progress | None = None
) -> dict[str, float | int | None]:
    """As `by_day`, and the measures of the incidents that occur in each of `spans`; without those
    of desks. All incidents of the run are held in memory."""
    recorded = replace(parameters, settings=replace(parameters.settings, record="incidents"))
    built = {name: value for name, value in vars(parameters).items() if name != "settings"}
    recorded.__dict__.update(built)
    run = simulate(recorded, seed, progress)
    found = run.metrics() | _numbered(BACKLOG, backlog(run.flow).tolist())
    of_spans = [_of_span(run, span) for span in spans(parameters.window)]
    for name in of_spans[0]:
        found |= _numbered(name, [of_span[name] for of_span in of_spans])
    return found


def spans(window: tuple[int, int]) -> list[tuple[int, int]]:
    """The cohort's window in SPANS equal spans of whole days [ticks]; days that do not fit are
    left out in front. Raises InputError for fewer days."""
    days = (window[1] - window[0]) // DAY
    size = days // SPANS * DAY
    if not size:
        raise InputError(
            f"horizon.cohort_days: {days}; allowed with replicate.long_run: {SPANS} or more, "
            f"for {BATCHES} batches"
        )
    first = window[1] - SPANS * size
    return [(first + i * size, first + (i + 1) * size) for i in range(SPANS)]


def _of_span(run: Run, span: tuple[int, int]) -> dict[str, float | None]:
    parameters, columns = run.parameters, run.incident_columns
    inside = (columns["occurred"] >= span[0]) & (columns["occurred"] < span[1])
    city = parameters.city
    reducer = Reducer(
        span,
        parameters.end,
        city.n_districts,
        len(parameters.catalogue.kinds),
        city.township_landscape,
        parameters.restrict,
    )
    reducer.add({name: values[inside] for name, values in columns.items()})
    metrics = reducer.metrics(run.desks)
    metrics["cohort_incidents"] = metrics.pop("incidents")
    return {name: v for name, v in metrics.items() if not name.startswith(_OF_DESKS)}


def backlog(flow: np.ndarray) -> np.ndarray:
    """Incidents noticed and neither solved nor withdrawn at the end of each day, i8[days].

    flow : i8[bins, 9] (FLOW_COLUMNS), whole days.
    """
    column = dict(zip(FLOW_COLUMNS, flow.T, strict=True))
    lost = column["withdrawn"] - column["renewed"]
    open_ = np.cumsum(column["noticed"] - column["solved"] - lost)
    return open_[DAY // FLOW_BIN - 1 :: DAY // FLOW_BIN]


def _numbered(name: str, values: list) -> dict[str, Any]:
    return {f"{name}[{i}]": value for i, value in enumerate(values)}


def series(measures: Mapping[str, Any], name: str) -> list[Any]:
    """The values of a series in their order; empty if there is none of that name."""
    found = []
    while (key := f"{name}[{len(found)}]") in measures:
        found.append(measures[key])
    return found


def plain(measures: Mapping[str, Any]) -> dict[str, Any]:
    """The measures that are no part of a series."""
    return {name: value for name, value in measures.items() if not name.endswith("]")}

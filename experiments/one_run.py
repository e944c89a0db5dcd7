"""One run: a world, a policy, a seed; and what came of it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis import activity
from analysis.desks import by_kind_of_desk
from analysis.reducer import Reducer
from experiments import measures
from scenarios.parameters import Parameters, check_stream
from sim import stream
from sim.arrow import to_arrow
from sim.codes import STAGES
from sim.draws import OF_INCIDENT
from sim.errors import InputError
from sim.outages import outage_ticks, with_outages
from sim.outcome import Chunk, Outcome, incident_columns, visit_columns
from sim.records import INCIDENT_COLUMNS, VISIT_COLUMNS, Columns, concatenate
from sim.rows import I_ENTITY, I_OCCURRED
from sim.storms import with_drawn_storms
from sim.units import HOUR
from sim.world import World

if TYPE_CHECKING:
    import pyarrow as pa

_CHUNK, _MOST_DAYS = 5000, 30
"""Incidents that a chunk of the stream aims at, and the days that it holds at most."""

_AT_ONCE = 1 << 13
"""Incidents that are made columns of at once: of a day of a crowded city they would fill memory."""

Progress = Callable[[float], None]
"""Called with the share of the horizon that is done, 0 to 1."""

Sink = Callable[[str, Columns], None]
"""Takes parts of a table, "incidents" or "visits", as they come; see experiments/records.py."""


class Run:
    """What came of one run. Times are ticks [s] since 00:00 on the start date.

    Attributes: parameters, seed, visits_of (keys of the incidents whose visits are kept; None:
    all), outcome (totals), reducer (the measures so far), outage_hours (for how long the platform
    was down within the horizon). sink : takes the tables as they come, in place of this.
    """

    def __init__(
        self,
        parameters: Parameters,
        seed: int,
        visits_of: Collection[int] | None = None,
        sink: Sink | None = None,
    ):
        self.parameters, self.seed, self.visits_of = parameters, seed, visits_of
        self.sink = sink
        city = parameters.city
        self.reducer = Reducer(
            parameters.window,
            parameters.end,
            city.n_districts,
            len(parameters.catalogue.kinds),
            city.township_landscape,
            parameters.restrict,
        )
        self.outcome: Outcome | None = None
        self.outage_hours = 0.0
        self._kept: dict[str, list[Columns]] = {"incidents": [], "visits": []}
        self._waits: list[Columns] = []
        self._stage_ticks = np.zeros((2, len(STAGES)), np.int64)

    def fork(self, parameters: Parameters) -> "Run":
        """Another run with what this one has taken in so far, to go on with other parameters."""
        other = Run(parameters, self.seed, self.visits_of)
        other.reducer, other.outage_hours = deepcopy(self.reducer), self.outage_hours
        other._kept = {name: [*parts] for name, parts in self._kept.items()}
        other._waits, other._stage_ticks = [*self._waits], self._stage_ticks.copy()
        return other

    def add(self, part: Chunk | Outcome) -> None:
        """Take in what a clock yields."""
        if isinstance(part, Outcome):
            self.outcome = part
        else:
            self._add_incidents(part.incidents)
            if self.parameters.settings.record == "visits" and len(part.visits):
                self._add_visits(part.visits)

    def _add_incidents(self, rows: np.ndarray) -> None:
        for first in range(0, len(rows), _AT_ONCE):
            columns = incident_columns(rows[first : first + _AT_ONCE])
            self.reducer.add(columns)
            if self.parameters.settings.record != "summary":
                self._keep("incidents", columns)

    def _add_visits(self, rows: np.ndarray) -> None:
        if self.visits_of is not None:
            rows = rows[np.isin(rows[:, 0], list(self.visits_of))]
        columns, window = visit_columns(rows), self.parameters.window
        started, desk = columns["started"], columns["desk"]
        inside = (started >= window[0]) & (started < window[1])
        waited = (started - columns["joined"])[inside].astype(np.int32)
        self._waits.append({"waited": waited, "desk": desk[inside].astype(np.int32)})
        self._stage_ticks += activity.stage_ticks(columns)
        self._keep("visits", columns)

    def _keep(self, name: str, columns: Columns) -> None:
        if self.sink is None:
            self._kept[name].append(columns)
        else:
            self.sink(name, columns)

    @cached_property
    def incident_columns(self) -> Columns:
        """The incident table as NumPy columns, by incident key (records.INCIDENT_COLUMNS)."""
        table = concatenate(self._kept["incidents"], INCIDENT_COLUMNS)
        order = np.argsort(table["incident"], kind="stable")
        return {name: values[order] for name, values in table.items()}

    @cached_property
    def visit_columns(self) -> Columns:
        """The visit table as NumPy columns, in the order in which visits ended."""
        return concatenate(self._kept["visits"], VISIT_COLUMNS)

    @property
    def incidents(self) -> "pa.Table":
        """One row an incident of the cohort; empty with record=summary. docs/tables.md."""
        return to_arrow(self.incident_columns, {"kind": self.parameters.catalogue.kinds})

    @property
    def visits(self) -> "pa.Table":
        """One row a visit of a task to a desk; empty unless record=visits. docs/tables.md."""
        return to_arrow(self.visit_columns)

    @cached_property
    def desks(self) -> Columns:
        """One row a desk: its work within the measuring window (records.DESK_COLUMNS)."""
        parameters, outcome = self.parameters, self.outcome
        layout = parameters.layout
        return {
            "desk": np.arange(layout.n_desks, dtype=np.int32),
            "centre": layout.centre.astype(np.int32),
            "tier": layout.tier,
            "role": layout.group.astype(np.int16),
            "busy": outcome.busy,
            "open": parameters.open_ticks,
            "waited": outcome.waited,
            "starts": outcome.starts,
            "delayed": outcome.delayed,
            "joins": outcome.joins,
            "blocked": outcome.blocked,
            "abandoned": outcome.abandoned,
            "removed": outcome.removed,
            "queued": outcome.queued,
            "queue": outcome.queue,
            "moved": outcome.moved,
            "overtime": outcome.overtime,
            "emergency": outcome.emergency,
            "paid": parameters.paid_by_desk,
        }

    @property
    def flow(self) -> np.ndarray:
        """Incidents per hour of the whole horizon, i8[bins, 9] (records.FLOW_COLUMNS)."""
        return self.outcome.flow

    def summary(self) -> dict[str, Any]:
        """The measures by name, and under `desks` those of each kind of desk
        (`analysis.desks.by_kind_of_desk`; quantiles of waiting only with record=visits)."""
        window = self.parameters.window
        visits = None
        if self.parameters.settings.record == "visits":
            visits = concatenate(self._waits, {"waited": "int32", "desk": "int32"})
        kinds = self.parameters.layout.kinds
        return self.metrics() | {
            "desks": by_kind_of_desk(self.desks, kinds, window[1] - window[0], visits)
        }

    def metrics(self) -> dict[str, float | int | None]:
        """The measures by name; `incidents` is the number drawn over the whole horizon, the
        others are about the cohort. None: not defined, or not reached before the end."""
        desks = self.desks
        metrics = self.reducer.metrics(desks)
        metrics["cohort_incidents"] = metrics.pop("incidents")
        further = measures.metrics(self.parameters, self.reducer, desks)
        return {"incidents": self.outcome.drawn, **metrics, **further}

    def tables(self) -> dict[str, Columns]:
        """The tables of `Reducer.tables`, and of harm and staff hours; hours by stage only with
        record=visits. docs/tables.md."""
        begin, end = self.parameters.window
        tables = self.reducer.tables() | {
            "harm": measures.harm_table(self.parameters, self.reducer),
            "hours_by_group": activity.by_group(self.desks, end - begin),
        }
        if self.parameters.settings.record == "visits":
            tables["hours_by_stage"] = activity.by_stage(self._stage_ticks, end - begin)
        return tables


def simulate(
    parameters: Parameters,
    seed: int,
    progress: Progress | None = None,
    *,
    visits_of: Collection[int] | None = None,
    sink: Sink | None = None,
    cohort_only: bool = False,
    decisions: Mapping[str, Callable] | None = None,
) -> Run:
    """Run a world once.

    parameters : from `experiments.load`; seed : int, names the random world, so that two
    policies run with one seed meet the same incidents. visits_of : with record=visits, keys of
    the only incidents whose visits are kept. sink : takes incidents and visits as they come,
    which the run then does not keep: memory does not grow with them. cohort_only : leave out all
    that occurs but the cohort's incidents. decisions : functions of one's own in place of rules, by
    name (docs/extending.md); they need clock=simpy. Raises InputError.
    """
    if decisions and parameters.settings.clock != "simpy":
        raise InputError(
            f"clock: {parameters.settings.clock}; allowed with decisions of one's own: simpy"
        )
    run, world = prepared(parameters, seed, visits_of, sink)
    chunks = of_stream(parameters, world.seed, progress)
    if cohort_only:
        chunks = ((until, _of_cohort(rows, parameters.window)) for until, rows in chunks)
    for part in _clock(parameters, world, chunks, decisions):
        run.add(part)
    return run


def prepared(
    parameters: Parameters,
    seed: int,
    visits_of: Collection[int] | None = None,
    sink: Sink | None = None,
) -> tuple[Run, World]:
    """A run that has not begun, and its world: that of the seed. Raises InputError."""
    check_stream(parameters)
    run = Run(parameters, seed, visits_of, sink)
    world = parameters.world._replace(seed=np.uint64(seed))
    world = with_outages(world, parameters.city_rates.first_day, parameters.n_days)
    run.outage_hours = outage_ticks(world, 0, parameters.end) / HOUR
    return run, world


def _clock(
    parameters: Parameters,
    world: World,
    chunks: Iterable[tuple[int, np.ndarray]],
    decisions: Mapping[str, Callable] | None,
) -> Iterator[Chunk | Outcome]:
    """The clock that the settings name, on its way through the horizon."""
    record = parameters.settings.record
    # The reducer works on incidents whatever is kept of them.
    keep = {"keep_incidents": True, "keep_visits": record == "visits"}
    arguments = (chunks, parameters.end, parameters.window)
    if parameters.settings.clock == "compiled":
        from sim.compiled.clock import run

        return run(world, *arguments, **keep)
    from agents.model import run

    return run(world, parameters.city, *arguments, decisions=decisions, **keep)


def _of_cohort(rows: np.ndarray, window: tuple[int, int]) -> np.ndarray:
    """The incidents of the cohort among the arrivals of a chunk."""
    occurred = rows[:, I_OCCURRED]
    inside = (occurred >= window[0]) & (occurred < window[1])
    return rows[inside & (rows[:, I_ENTITY] == OF_INCIDENT)]


def of_stream(
    parameters: Parameters,
    seed: np.uint64,
    progress: Progress | None = None,
    days: tuple[int, int | None] = (0, None),
) -> Iterator[tuple[int, np.ndarray]]:
    """The stream's chunks, a day each or more; what has been asked for tells how far the clock is.

    days : the first, and the first that is not wanted any more (None: to the end). Whatever is
    chosen, what occurs on a day is the same.
    """
    first, last = days[0], parameters.n_days if days[1] is None else days[1]
    if parameters.trace is None:
        rates = with_drawn_storms(seed, parameters.rates, parameters.n_days)
        a_day = rates.daily.sum() + rates.background_daily.sum()
        # A chunk costs a millisecond: where little happens, several days make one.
        length = int(np.clip(_CHUNK / max(a_day, 1.0), 1, _MOST_DAYS))
        chunks = stream.generate(seed, rates, parameters.calendar, last, length, first)
    else:
        from sim.trace import chunks as of_trace

        chunks = of_trace(parameters.trace, last, since=first)
    for until, rows in chunks:
        yield until, rows
        if progress is not None:
            progress(until / parameters.end)

"""Both clocks on one case, and what first differs between two results."""

from collections.abc import Callable, Iterable

import numpy as np

from agents.desk import Desk
from experiments.one_run import Run
from sim.compiled import clock as compiled
from sim.errors import InputError
from sim.outcome import Chunk, Outcome, incident_columns
from sim.records import VISIT_COLUMNS, Columns
from sim.rows import INCIDENT_WIDTH
from sim.simpy_clock import Clock
from tests.worlds import Case

# --- both clocks ------------------------------------------------------------------------------

_NOTHING = Chunk(*(np.zeros((0, n), np.int64) for n in (INCIDENT_WIDTH, len(VISIT_COLUMNS))))

Result = list[Chunk | Outcome | str]
"""Chunks, then the Outcome; or the message of the error that ended the run."""


def of_compiled(case: Case) -> Result:
    """What the compiled clock makes of a case."""
    return _gathered(compiled.run(*case, keep_visits=True))


def of_simpy(case: Case, make_clock: Callable = Clock, make_desk: Callable = Desk) -> Result:
    """What the SimPy clock makes of a case, at a plain list of desks."""
    return _gathered(_run_simpy(case, make_clock, make_desk))


def _run_simpy(case, make_clock, make_desk):
    desks = [make_desk(number) for number in range(case.world.desk_opening.size)]
    clock = make_clock(case.world, desks, case.end, case.window, keep_visits=True)
    for until, arrivals in case.chunks:
        clock.feed(arrivals)
        clock.run_until(min(until, case.end))
        yield clock.drain()
    clock.run_until(case.end)
    yield clock.drain()
    yield from clock.left()
    yield clock.outcome()


def _gathered(parts: Iterable[Chunk | Outcome]) -> Result:
    result = []
    try:
        for part in parts:
            result.append(part)
    except InputError as error:
        result.append(str(error))
    return result


# --- comparing --------------------------------------------------------------------------------


def tables(result: Result | Run) -> dict[str, Columns]:
    """Everything that a run gave, by name, as columns."""
    if isinstance(result, Run):
        found = {"visits": result.visit_columns, "incidents": result.incident_columns}
        return found | {"desks": result.desks} | _totals(result.outcome)
    chunks = [part for part in result if isinstance(part, Chunk)]
    visits = np.concatenate([_NOTHING.visits, *(chunk.visits for chunk in chunks)])
    incidents = np.concatenate([_NOTHING.incidents, *(chunk.incidents for chunk in chunks)])
    found = {"visits": dict(zip(VISIT_COLUMNS, visits.T, strict=True))}
    found["incidents"] = incident_columns(incidents)
    found["chunks"] = {
        "incidents": np.array([len(chunk.incidents) for chunk in chunks]),
        "visits": np.array([len(chunk.visits) for chunk in chunks]),
    }
    if isinstance(result[-1], Outcome):
        return found | _totals(result[-1])
    return found | {"error": {"message": np.array(result[-1:])}}


def _totals(outcome: Outcome) -> dict[str, Columns]:
    found = {}
    for name in Outcome._fields:
        columns = np.atleast_1d(getattr(outcome, name))
        found[name] = {name: columns} if columns.ndim == 1 else dict(enumerate(columns.T))
    return found


def first_difference(a: Result | Run, b: Result | Run, before: int = 3) -> str | None:
    """What first differs between two results: table, row and columns, with the few rows before
    it; or None. Visits come first, since they tell most."""
    a, b = tables(a), tables(b)
    if a.keys() != b.keys():
        return f"errors: {a.get('error')} and {b.get('error')}"
    for table, left in a.items():
        right = b[table]
        lengths = len(next(iter(left.values()))), len(next(iter(right.values())))
        n = min(lengths)
        differs = np.array([left[name][:n] != right[name][:n] for name in left]).any(axis=0)
        if not differs.any() and lengths[0] == lengths[1]:
            continue
        row = int(differs.argmax()) if differs.any() else n
        names = [name for name in left if row < n and left[name][row] != right[name][row]]
        text = [f"{table}: row {row} of {lengths[0]} and {lengths[1]}: {names or 'is missing'}"]
        for title, side in (("a", left), ("b", right)):
            text.append(f"{title}  {' '.join(map(str, side))}")
            for i in range(max(0, row - before), row + 1):
                cells = [str(column[i]) for column in side.values() if i < len(column)]
                text.append(f"{'>' if i == row else ' '} {' '.join(cells)}")
        return "\n".join(text)
    return None

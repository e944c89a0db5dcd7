"""What a clock hands back: chunks of rows as it goes, totals at the end."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from sim import rows
from sim.errors import InputError
from sim.keys import keys_of
from sim.records import AGAIN_COLUMNS, INCIDENT_COLUMNS, TIME_COLUMNS, VISIT_COLUMNS, Columns
from sim.stream import describe_key


class Chunk(NamedTuple):
    """Output rows of one stretch of the run, in the order of the decisions that ended them; at the
    end of what has not ended, by key."""

    incidents: np.ndarray  # i4[n, INCIDENT_WIDTH]
    visits: np.ndarray  # i8[n, visit columns]


class Outcome(NamedTuple):
    """Totals of a whole run."""

    states: np.ndarray  # i8[5], incidents still in the city by INCIDENT_STATES, whenever occurred
    drawn: int  # incidents that have occurred
    flow: np.ndarray  # i8[bins, 9], records.FLOW_COLUMNS
    reports: np.ndarray  # i8[5], reports by REPORT_STATES
    reports_drawn: int  # reports drawn in all
    busy: np.ndarray  # i8[desks], seat time worked in the window [ticks]
    waited: np.ndarray  # i8[desks], waiting of the visits that started in the window [ticks]
    starts: np.ndarray  # i8[desks], how many these were
    delayed: np.ndarray  # i8[desks], how many of them had to wait
    joins: np.ndarray  # i8[desks], visits that joined the waiting list in the window
    blocked: np.ndarray  # i8[desks], calls that found no line in the window
    abandoned: np.ndarray  # i8[desks], callers who hung up in the window
    removed: np.ndarray  # i8[desks], tasks of withdrawn incidents that left in the window
    queued: np.ndarray  # i8[desks], time spent waiting in the window by all that wait [ticks]
    queue: np.ndarray  # i8[desks], tasks that wait at the end of the run
    moved: np.ndarray  # i8[desks], seats lent to each desk in the window, at each change of shifts
    overtime: np.ndarray  # i8[desks], seat time that emergency mode kept open in it [ticks]
    emergency: np.ndarray  # i8[desks], time of the desk's centre in the mode in it [ticks]
    settled: np.ndarray  # i8[14], events settled by kind (compiled/events.py), arrivals last


_AT_ONCE = 1 << 15
"""Rows of a chunk of what has not ended: all of it may be much."""


def unended(n: int, rows_of: Callable[[slice], np.ndarray]) -> Iterator[Chunk]:
    """Chunks of the rows of `n` incidents, rows_of(a stretch of them)."""
    nothing = np.zeros((0, len(VISIT_COLUMNS)), np.int64)
    for first in range(0, n, _AT_ONCE):
        yield Chunk(rows_of(slice(first, first + _AT_ONCE)), nothing)


def never_settles(key: int) -> InputError:
    """The error of a tick that has no end."""
    return InputError(
        f"the simulation goes in a circle within one second at {describe_key(key)}: "
        "some stage has no work and no delay and always sends its incident back"
    )


_FROM_ROWS = {
    "occurred": rows.I_OCCURRED,
    "noticed": rows.I_NOTICED,
    "limit": rows.I_LIMIT,
    "due": rows.I_DUE,
    "first_closed": rows.I_FIRST,
    "solved": rows.I_SOLVED,
    "state": rows.I_STATE,
    "kind": rows.I_KIND,
    "severity": rows.I_SEVERITY,
    "tier": rows.I_FIRST_TIER,
    "channel": rows.I_CHANNEL,
    "grid": rows.I_GRID,
    "township": rows.I_TOWNSHIP,
    "district": rows.I_DISTRICT,
    "reports": rows.I_REPORTS,
    "merged": rows.I_MERGED,
    "handovers": rows.I_HANDOVERS,
    "returns": rows.I_RETURNS,
    "reworks": rows.I_REWORKS,
    "false_closings": rows.I_FALSE,
    "wrong_desks": rows.I_WRONG,
    "escalated": rows.I_ESCALATED,
    "grade": rows.I_GRADE,
    "growths": rows.I_GROWTHS,
    "retracted": rows.I_RETRACTED,
    "mismerged": rows.I_MISMERGED,
    "satisfied": rows.I_SATISFIED,
    "reminded": rows.I_REMINDED,
    "criticised": rows.I_CRITICISED,
    "extensions": rows.I_EXTENSIONS,
    "dual": rows.I_DUAL,
    "whistled": rows.I_WHISTLED,
    "automated": rows.I_AUTOMATED,
    "helped": rows.I_HELPED,
    **{name: rows.I_ACCOUNT + i for i, name in enumerate(TIME_COLUMNS + AGAIN_COLUMNS)},
}


def incident_columns(table: np.ndarray) -> Columns:
    """The incident table of output rows, i4[n, INCIDENT_WIDTH]."""
    return {
        name: keys_of(table) if name == "incident" else table[:, _FROM_ROWS[name]].astype(dtype)
        for name, dtype in INCIDENT_COLUMNS.items()
    }


def visit_columns(table: np.ndarray) -> Columns:
    """The visit table of output rows, i8[n, visit columns]."""
    return {
        name: table[:, i].astype(dtype) for i, (name, dtype) in enumerate(VISIT_COLUMNS.items())
    }

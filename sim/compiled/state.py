"""The compiled clock's memory: every array declared here, allocated here, grown here.

Incidents and tasks live in slots that are used again, so memory follows what is open and not
the horizon. Output rows are buffered and drained by the Python side.
"""

import math
import mmap
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from sim.codes import NONE, REPORT_STATES
from sim.compiled.events import EVENT_KINDS, NODE_WIDTH, NOTHING, USED, WHEEL_SIZE, clear
from sim.records import FLOW_BIN, FLOW_COLUMNS, VISIT_COLUMNS
from sim.rows import INCIDENT_WIDTH, ROW, TASK_WIDTH

# Places in `State.count`.
(
    N_EVENTS,  # events that are pending
    N_FREE_INCIDENTS,
    N_FREE_TASKS,
    N_INCIDENT_ROWS,  # buffered output rows
    N_VISIT_ROWS,
    N_DONE,  # events settled so far
    N_ASKS,  # decisions waiting in this round
    N_TOUCHED,  # desks touched in this round
    N_DRAWN,  # incidents drawn so far
    N_REPORTS,  # reports drawn so far
    STUCK,  # key of an incident that never settles, or NONE
    WINDOW_FROM,  # measuring window [tick]
    WINDOW_TO,
    KEEP_VISITS,  # 1 when visits are recorded
    KEEP_INCIDENTS,  # 1 when incidents are recorded
    RESUMING,  # 1 when phase A of the present round is done and the rest waits for room
    ROUND,  # round of the present tick
    NEED_INCIDENTS,  # room that the loop asked for
    NEED_TASKS,
    NEED_EVENTS,
    NEED_ROWS,
    NEXT_ARRIVAL,  # place in the chunk of arrivals
    NOW,
    N_REVIEWS,  # centres that review in this round
    LOOKED,  # tick up to which the event list was looked at ahead
    N_AHEAD,  # events looked at ahead so far
) = range(26)
_COUNTS = 26
_AHEAD = 16  # events looked at ahead that are remembered: a power of 2


# Columns of `State.desks`. What is read at every step stands in the first line of the
# processor's cache, what is only counted in the second.
(
    D_HEAD,  # waiting list: first task of the line, or NONE
    D_TAIL,  # last task of the line
    D_ROOT,  # first task of the heap, or NONE
    D_BUSY,  # seats at work
    D_WAKE,  # tick of the pending opening, or NONE
    D_MARK,  # 1 while in `touched`
    D_LENGTH,  # tasks that wait
    D_SINCE,  # tick since which so many wait
    D_BATCH,  # first task of the batch that gathers for it, or NONE
    D_GATHERED,  # how many these are
    D_WORKED,  # seat time worked within the window [ticks]
    D_WAITED,  # waiting of the visits that started within it [ticks]
    D_STARTS,  # how many these were
    D_DELAYED,  # how many of them had to wait
    D_JOINS,  # visits that joined the waiting list within it
    D_QUEUED,  # task ticks spent waiting within it
    D_BLOCKED,  # calls that found no line within it
    D_ABANDONED,  # callers who hung up within it
    D_REMOVED,  # tasks of withdrawn incidents that left within it
) = range(19)
DESK_WIDTH = 24


class State(NamedTuple):
    """Everything that changes during a run."""

    count: np.ndarray  # i8[26], see above
    incidents: np.ndarray  # i4[slots, INCIDENT_WIDTH]
    free_incidents: np.ndarray  # i4[slots], stack
    tasks: np.ndarray  # i4[slots, TASK_WIDTH]
    free_tasks: np.ndarray  # i4[slots], stack
    wheel: np.ndarray  # i8[WHEEL_SIZE], event list: see events.py
    nodes: np.ndarray  # i8[events, NODE_WIDTH], its pending events
    taken: np.ndarray  # i8[events], those of the present tick
    ahead: np.ndarray  # i8[16], the last events looked at ahead
    ask_key: np.ndarray  # i8[asks], incident key
    ask_sub: np.ndarray  # i8[asks], report and branch
    ask_event: np.ndarray  # i8[asks], packed event
    touched: np.ndarray  # i8[desks], desks touched in this round
    desks: np.ndarray  # i8[desks, DESK_WIDTH]
    due: np.ndarray  # i8[desks], by centre: 1 where it reviews in this round
    moved: np.ndarray  # i8[desks], seats lent to each desk within the window
    overtime: np.ndarray  # i8[desks], seat time that the mode kept open within it [ticks]
    emergency: np.ndarray  # i8[desks], time of its centre in emergency mode within it [ticks]
    flow: np.ndarray  # i8[bins, FLOW_COLUMNS]
    reports: np.ndarray  # i8[REPORT_STATES], reports now in each state
    settled: np.ndarray  # i8[EVENT_KINDS + 1], events settled by kind, arrivals last
    incident_rows: np.ndarray  # i4[rows, INCIDENT_WIDTH], output
    visit_rows: np.ndarray  # i8[rows, visit columns], output


def allocate(
    n_desks: int, end: int, window: tuple[int, int], keep_incidents: bool, keep_visits: bool
) -> State:
    """State of an empty city at tick 0.

    end : last tick of the horizon; window : ticks between which desks are measured and
    incidents recorded.
    """
    slots = 1024
    desks = paged(n_desks, DESK_WIDTH)
    desks[:, [D_HEAD, D_TAIL, D_ROOT, D_WAKE, D_BATCH]] = NONE
    wheel = np.zeros(WHEEL_SIZE, np.int64)
    clear(wheel)
    count = np.zeros(_COUNTS, np.int64)
    count[N_FREE_INCIDENTS] = count[N_FREE_TASKS] = slots
    count[STUCK] = count[NOW] = NONE  # tick 0 has not begun
    count[WINDOW_FROM], count[WINDOW_TO] = window
    count[KEEP_INCIDENTS], count[KEEP_VISITS] = keep_incidents, keep_visits
    return State(
        count=count,
        incidents=paged(slots, INCIDENT_WIDTH, kind=ROW),
        free_incidents=np.arange(slots - 1, -1, -1, dtype=ROW),
        tasks=paged(slots, TASK_WIDTH, kind=ROW),
        free_tasks=np.arange(slots - 1, -1, -1, dtype=ROW),
        wheel=wheel,
        nodes=paged(slots, NODE_WIDTH),
        taken=paged(slots),
        ahead=np.full(_AHEAD, NOTHING, np.int64),
        ask_key=paged(slots),
        ask_sub=paged(slots),
        ask_event=paged(slots),
        touched=np.zeros(n_desks, np.int64),
        desks=desks,
        due=np.zeros(n_desks, np.int64),
        moved=np.zeros(n_desks, np.int64),
        overtime=np.zeros(n_desks, np.int64),
        emergency=np.zeros(n_desks, np.int64),
        flow=np.zeros((end // FLOW_BIN + 1, len(FLOW_COLUMNS)), np.int64),
        reports=np.zeros(len(REPORT_STATES), np.int64),
        settled=np.zeros(len(EVENT_KINDS) + 1, np.int64),
        incident_rows=paged(slots, INCIDENT_WIDTH, kind=ROW),
        visit_rows=paged(slots, len(VISIT_COLUMNS)),
    )


_HUGE = 1 << 21  # bytes of a huge page
_UNIX = hasattr(mmap, "MADV_DONTNEED")
_PRIVATE = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if _UNIX else {}


def paged(*shape: int, kind: DTypeLike = np.int64) -> np.ndarray:
    """Zeros in pages of their own: they begin at a line of the processor's cache, so that columns
    that are used together come together; room that is never used takes no memory; and what is
    no longer needed is given back at once. NumPy's memory does neither."""
    size = math.prod(shape) * np.dtype(kind).itemsize
    memory = mmap.mmap(-1, max(size, 1), **_PRIVATE)
    if size >= _HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, kind, math.prod(shape)).reshape(shape)


def _stretched(old: np.ndarray, used: int, length: int) -> np.ndarray:
    """The array with room for `length` rows or more; doubled, so that growth costs little. Only
    the rows that are `used` go over: to copy the others would take memory for them."""
    if length <= old.shape[0]:
        return old
    new = paged(max(length, 2 * old.shape[0]), *old.shape[1:], kind=old.dtype)
    _move(old[:used].reshape(-1), new.reshape(-1))
    return new


def _move(old: np.ndarray, new: np.ndarray) -> None:
    """Copy an array into a longer one and give its memory back as it goes, where the system can:
    both at once would be the most that a run ever holds."""
    at_once = 8 * _HUGE // old.itemsize
    for first in range(0, old.size, at_once):
        part = old[first : first + at_once]
        new[first : first + part.size] = part
        if _UNIX and part.size == at_once:
            memory = old.base.base.obj  # of the array, its bytes, the pages
            memory.madvise(mmap.MADV_DONTNEED, first * old.itemsize, part.nbytes)


def _with_slots(slots: np.ndarray, free: np.ndarray, n_free: int, needed: int):
    """Slots and stack of free slots with at least `needed` free; and how many are."""
    if n_free >= needed:
        return slots, free, n_free
    old = slots.shape[0]
    slots = _stretched(slots, old, old + needed - n_free)
    added = np.arange(slots.shape[0] - 1, old - 1, -1, dtype=free.dtype)
    stack = np.zeros(slots.shape[0], free.dtype)
    stack[: added.size] = added
    stack[added.size : added.size + n_free] = free[:n_free]
    return slots, stack, n_free + added.size


def grown(s: State, incidents: int, tasks: int, events: int, rows: int) -> State:
    """The state with room for so many more incidents, tasks, pending events and output rows."""
    n = s.count
    slots, free, n[N_FREE_INCIDENTS] = _with_slots(
        s.incidents, s.free_incidents, n[N_FREE_INCIDENTS], incidents
    )
    task_slots, free_tasks, n[N_FREE_TASKS] = _with_slots(
        s.tasks, s.free_tasks, n[N_FREE_TASKS], tasks
    )
    length = n[N_EVENTS] + events
    return s._replace(
        incidents=slots,
        free_incidents=free,
        tasks=task_slots,
        free_tasks=free_tasks,
        nodes=_stretched(s.nodes, s.wheel[USED], length),
        taken=_stretched(s.taken, 0, length),  # between two phases nothing is in it
        ask_key=_stretched(s.ask_key, n[N_ASKS], length),
        ask_sub=_stretched(s.ask_sub, n[N_ASKS], length),
        ask_event=_stretched(s.ask_event, n[N_ASKS], length),
        incident_rows=_stretched(s.incident_rows, n[N_INCIDENT_ROWS], n[N_INCIDENT_ROWS] + rows),
        visit_rows=_stretched(s.visit_rows, n[N_VISIT_ROWS], n[N_VISIT_ROWS] + rows),
    )

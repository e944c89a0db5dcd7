"""Fetching ahead: memory that the events of the next ticks are about, while others are dealt with.

An event leads to its task, a task to its incident and its desk, a desk to who waits there first.
Each lies anywhere in memory, and where is known only when the one before has come. So what is
about to come up is looked at several times, each time a step further, a few events apart. Nothing
is changed; what is scheduled at shorter notice is fetched when it is needed.
"""

from sim.codes import NONE
from sim.compiled.events import (
    AWAKES,
    E_EVENT,
    HANGS_UP,
    JOINS,
    OPENS,
    PATROLS,
    REVIEWS,
    RINGS_AGAIN,
    WORK_ENDS,
    first_node,
    next_node,
    unpack,
)
from sim.compiled.prefetch import prefetch
from sim.compiled.state import D_HEAD, D_ROOT, D_WORKED, LOOKED, N_AHEAD
from sim.jit import jit
from sim.rows import I_GRID, INCIDENT_WIDTH, T_DESK, T_SLOT, TASK_WIDTH
from sim.rules.patrol import grid_of, is_kept

_TICKS = 32  # between the last look at a tick and its turn
_LISTED = 5  # events of a tick that are looked for one by one: in working hours it has four
_EVENTS = 4  # between two looks at an event
_LINE = 16  # columns in a line of the processor's cache


@jit
def look_ahead(w, s, now):
    """Fetch for the ticks that have come nearer since the last time."""
    until = now + _TICKS + _LISTED
    for tick in range(max(s.count[LOOKED], now) + 1, until + 1):
        for n in range(_LISTED):
            _fetch_node(s, tick - n, n)
        node = first_node(s.wheel, tick - _LISTED)
        while node != NONE:
            _look_at(w, s, s.nodes[node, E_EVENT])
            node = next_node(s.nodes, node)
    s.count[LOOKED] = until


@jit
def _fetch_node(s, tick, n):
    """Event n of a tick, those before it having come."""
    node = first_node(s.wheel, tick)
    while n > 0 and node != NONE:
        node = next_node(s.nodes, node)
        n -= 1
    if node != NONE:
        prefetch(s.nodes, node, 0)


@jit
def _look_at(w, s, event):
    """The first look at an event, and the next at those before it."""
    i, last = s.count[N_AHEAD], s.ahead.shape[0] - 1
    s.count[N_AHEAD] = i + 1
    s.ahead[i & last] = event
    _fetch_row(s, event)
    _fetch_named(w, s, s.ahead[(i - _EVENTS) & last])
    _fetch_first(s, s.ahead[(i - 2 * _EVENTS) & last])
    _fetch_its_incident(s, s.ahead[(i - 3 * _EVENTS) & last])


@jit
def _fetch_row(s, event):
    """Its task, its incident or its desk."""
    kind, _, slot = unpack(event)
    if _is_of_task(kind):
        _fetch_task(s, slot)
    elif kind == OPENS:
        prefetch(s.desks, slot, 0)
    elif kind != REVIEWS:
        _fetch_incident(s, slot)


@jit
def _fetch_named(w, s, event):
    """What its row names: incident, desk and seats of a task, grid of who is not yet seen."""
    kind, _, slot = unpack(event)
    if _is_of_task(kind):
        desk = s.tasks[slot, T_DESK]
        prefetch(s.desks, desk, 0)
        _fetch_what_it_counts(w, s, desk)
        _fetch_incident(s, s.tasks[slot, T_SLOT])
    elif kind == OPENS:
        _fetch_what_it_counts(w, s, slot)
    elif kind == PATROLS:
        prefetch(w.situation.patrol, s.incidents[slot, I_GRID], 0)


@jit
def _fetch_what_it_counts(w, s, desk):
    """What is looked up and counted of a desk when it starts work."""
    prefetch(s.desks, desk, D_WORKED)
    prefetch(w.seats, desk, 0)
    if is_kept(w, desk):
        prefetch(w.situation.patrol, grid_of(w, desk), 0)


@jit
def _fetch_first(s, event):
    """Who waits first where it may free a seat."""
    waiting = _first_waiting(s, event)
    if waiting != NONE:
        _fetch_task(s, waiting)


@jit
def _fetch_its_incident(s, event):
    """And for what."""
    waiting = _first_waiting(s, event)
    if waiting != NONE:
        _fetch_incident(s, s.tasks[waiting, T_SLOT])


@jit
def _first_waiting(s, event):
    """Task that waits first at the desk where an event may free a seat, or NONE."""
    kind, _, slot = unpack(event)
    if kind != WORK_ENDS and kind != OPENS:
        return NONE
    desk = s.tasks[slot, T_DESK] if kind == WORK_ENDS else slot
    root = s.desks[desk, D_ROOT]
    return s.desks[desk, D_HEAD] if root == NONE else root


@jit
def _is_of_task(kind):
    return (
        kind == WORK_ENDS
        or kind == JOINS
        or kind == AWAKES
        or kind == RINGS_AGAIN
        or kind == HANGS_UP
    )


@jit
def _fetch_task(s, slot):
    for column in range(0, TASK_WIDTH, _LINE):
        prefetch(s.tasks, slot, column)


@jit
def _fetch_incident(s, slot):
    for column in range(0, INCIDENT_WIDTH, _LINE):
        prefetch(s.incidents, slot, column)

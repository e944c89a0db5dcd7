"""The compiled clock's Python side: feeds arrivals, lets the state grow, drains its output."""

from collections.abc import Iterable, Iterator

import numpy as np

from sim.codes import INCIDENT_STATES
from sim.compiled.centres import begin_reviews, keep_modes, reviews_at_first
from sim.compiled.loop import MORE_ROOM, NEVER_SETTLES, run_until
from sim.compiled.state import (
    D_ABANDONED,
    D_BLOCKED,
    D_DELAYED,
    D_JOINS,
    D_LENGTH,
    D_QUEUED,
    D_REMOVED,
    D_SINCE,
    D_STARTS,
    D_WAITED,
    D_WORKED,
    N_DRAWN,
    N_FREE_INCIDENTS,
    N_INCIDENT_ROWS,
    N_REPORTS,
    N_VISIT_ROWS,
    NEED_EVENTS,
    NEED_INCIDENTS,
    NEED_ROWS,
    NEED_TASKS,
    NEXT_ARRIVAL,
    STUCK,
    State,
    allocate,
    grown,
)
from sim.draws import OF_INCIDENT
from sim.handle import Handle
from sim.outcome import Chunk, Outcome, never_settles
from sim.rows import I_ENTITY, I_GIVEN, I_KEY, I_OCCURRED, I_STATE
from sim.world import World, world_handle


def run(
    world: World,
    chunks: Iterable[tuple[int, np.ndarray]],
    end: int,
    window: tuple[int, int],
    *,
    keep_incidents: bool = True,
    keep_visits: bool = False,
) -> Iterator[Chunk | Outcome]:
    """Run a world to tick `end`; yields a Chunk of output rows after each chunk of arrivals,
    and at last the Outcome.

    chunks : (tick up to which the arrivals are complete, i8[n, I_GIVEN + 1] arrivals), in
    order. Raises InputError when a tick never settles.
    """
    handle = world_handle(world)
    state = allocate(world.desk_opening.size, end, window, keep_incidents, keep_visits)
    n_reviews = reviews_at_first(handle)
    if n_reviews > 0:
        state = grown(state, 0, 0, n_reviews, 0)
        begin_reviews(handle, Handle(state))
    nobody = np.zeros((0, I_GIVEN + 1), np.int64)
    for until, arrivals in chunks:
        state = _advance(handle, state, arrivals, min(until, end))
        yield _drain(state)
    state = _advance(handle, state, nobody, end)
    yield _drain(state)
    keep_modes(handle, Handle(state), end)
    yield _outcome(state, end, window)


def _advance(world: Handle, state: State, arrivals: np.ndarray, until: int) -> State:
    state.count[NEXT_ARRIVAL] = 0
    handle = Handle(state)
    while True:
        ended = run_until(world, handle, arrivals, until)
        if ended == NEVER_SETTLES:
            raise never_settles(int(state.count[STUCK]))
        if ended != MORE_ROOM:
            return state
        need = state.count
        state = grown(
            state, need[NEED_INCIDENTS], need[NEED_TASKS], need[NEED_EVENTS], need[NEED_ROWS]
        )
        handle = Handle(state)


def _drain(state: State) -> Chunk:
    n_incidents, n_visits = state.count[N_INCIDENT_ROWS], state.count[N_VISIT_ROWS]
    state.count[N_INCIDENT_ROWS] = state.count[N_VISIT_ROWS] = 0
    return Chunk(state.incident_rows[:n_incidents].copy(), state.visit_rows[:n_visits].copy())


def _outcome(state: State, end: int, window: tuple[int, int]) -> Outcome:
    live = np.ones(state.incidents.shape[0], bool)
    live[state.free_incidents[: state.count[N_FREE_INCIDENTS]]] = False
    rows = state.incidents[live]
    rows = rows[rows[:, I_ENTITY] == OF_INCIDENT]
    inside = (rows[:, I_OCCURRED] >= window[0]) & (rows[:, I_OCCURRED] < window[1])
    left = rows[inside]
    desks = state.desks
    since = np.maximum(desks[:, D_SINCE], window[0])
    unsettled = np.maximum(0, min(end, window[1]) - since)
    return Outcome(
        left=left[np.argsort(left[:, I_KEY])],
        states=np.bincount(rows[:, I_STATE], minlength=len(INCIDENT_STATES)),
        drawn=int(state.count[N_DRAWN]),
        flow=state.flow,
        reports=state.reports,
        reports_drawn=int(state.count[N_REPORTS]),
        busy=desks[:, D_WORKED],
        waited=desks[:, D_WAITED],
        starts=desks[:, D_STARTS],
        delayed=desks[:, D_DELAYED],
        joins=desks[:, D_JOINS],
        blocked=desks[:, D_BLOCKED],
        abandoned=desks[:, D_ABANDONED],
        removed=desks[:, D_REMOVED],
        queued=desks[:, D_QUEUED] + desks[:, D_LENGTH] * unsettled,
        queue=desks[:, D_LENGTH],
        moved=state.moved,
        overtime=state.overtime,
        emergency=state.emergency,
        settled=state.settled,
    )

"""The compiled clock's Python side: feeds arrivals, lets the state grow, drains its output."""

from collections.abc import Iterable, Iterator
from copy import copy

import numpy as np

from sim.codes import INCIDENT_STATES
from sim.compiled.centres import begin_reviews, keep_modes, reviews_at_first
from sim.compiled.loop import MORE_ROOM, NEVER_SETTLES, run_until
from sim.compiled.resume import look_anew, looks
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
    KEEP_INCIDENTS,
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
    paged,
)
from sim.draws import OF_INCIDENT
from sim.handle import Handle
from sim.keys import keys_of
from sim.outcome import Chunk, Outcome, never_settles, unended
from sim.rows import I_ENTITY, I_GIVEN, I_OCCURRED, I_STATE
from sim.situation import Situation
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
    """Run a world to tick `end`; yields a Chunk of output rows after each chunk of arrivals, those
    of what is still in the city then, and at last the Outcome.

    chunks : (tick up to which the arrivals are complete, i8[n, I_GIVEN + 1] arrivals), in
    order. Raises InputError when a tick never settles.
    """
    course = Course(world, end, window, keep_incidents=keep_incidents, keep_visits=keep_visits)
    for until, arrivals in chunks:
        yield course.advance(arrivals, until)
    yield course.advance(_NOBODY, end)
    yield from course.left()
    yield course.outcome()


class Course:
    """A run on its way: it is taken from chunk to chunk, and may fork between two."""

    def __init__(
        self,
        world: World,
        end: int,
        window: tuple[int, int],
        *,
        keep_incidents: bool = True,
        keep_visits: bool = False,
    ):
        """As `run`."""
        self._end, self._window = end, window
        self._world = world_handle(world)
        self._state = allocate(world.desk_opening.size, end, window, keep_incidents, keep_visits)
        n_reviews = reviews_at_first(self._world)
        if n_reviews > 0:
            self._state = grown(self._state, 0, 0, n_reviews, 0)
            begin_reviews(self._world, Handle(self._state))

    def advance(self, arrivals: np.ndarray, until: int) -> Chunk:
        """Settle every tick before `until`, which the arrivals are complete up to; the rows that
        came of it. Raises InputError when a tick never settles."""
        self._state = _advance(self._world, self._state, arrivals, min(until, self._end))
        return _drain(self._state)

    def fork(self, world: World) -> "Course":
        """Another run with the same past, in a world that may be another from this tick on.

        It is what running that world from the beginning would be, where both worlds are alike
        before this tick and what they say of later ticks is looked up then: policies in force,
        seats and hours from a date of a rollout on, provided that this tick is such a date in both.
        """
        other = copy(self)
        other._state = State(*map(_copied, self._state))
        past = Situation(*map(_copied, self._world.situation.fields))
        other._world = world_handle(world, past)
        return other

    def go_on(self, world: World, tick: int) -> None:
        """Go on in a world that is another from `tick` on, up to which all is settled.

        It is what running that world from the beginning would be, where both are alike before the
        tick and all that is looked up later in the first is in the second, too: policies, dates,
        and dated changes; but for `Outcome.settled`, as some are woken in vain. Unlike for `fork`,
        the tick need not have been a date before.
        """
        self._world = world_handle(world, self._world.situation.fields)
        self._state = grown(self._state, 0, 0, looks(self._world, Handle(self._state)), 0)
        look_anew(self._world, Handle(self._state), tick)

    @property
    def state(self) -> State:
        """All that changes, to be looked at between two chunks and left as it is."""
        return self._state

    def left(self) -> Iterator[Chunk]:
        """Recorded incidents that are still in the city, by key."""
        return _left(self._state, self._window)

    def outcome(self) -> Outcome:
        """What there is at the end, once it has been reached."""
        keep_modes(self._world, Handle(self._state), self._end)
        return _outcome(self._state, self._end, self._window)


_NOBODY = np.zeros((0, I_GIVEN + 1), np.int64)


def _copied(array: np.ndarray) -> np.ndarray:
    """A copy, in pages of its own as its original."""
    new = paged(*array.shape, kind=array.dtype)
    new[:] = array
    return new


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


def _counted(state: State) -> np.ndarray:
    """Slots that hold an incident of the catalogue, bool[slots]."""
    counted = state.incidents[:, I_ENTITY] == OF_INCIDENT
    counted[state.free_incidents[: state.count[N_FREE_INCIDENTS]]] = False
    return counted


def _left(state: State, window: tuple[int, int]) -> Iterator[Chunk]:
    if not state.count[KEEP_INCIDENTS]:
        return
    incidents = state.incidents
    occurred = incidents[:, I_OCCURRED]
    left = np.flatnonzero(_counted(state) & (occurred >= window[0]) & (occurred < window[1]))
    left = left[np.argsort(keys_of(incidents, left))]
    yield from unended(left.size, lambda part: incidents[left[part]])


def _outcome(state: State, end: int, window: tuple[int, int]) -> Outcome:
    desks = state.desks
    since = np.maximum(desks[:, D_SINCE], window[0])
    unsettled = np.maximum(0, min(end, window[1]) - since)
    return Outcome(
        states=np.bincount(
            state.incidents[_counted(state), I_STATE], minlength=len(INCIDENT_STATES)
        ),
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

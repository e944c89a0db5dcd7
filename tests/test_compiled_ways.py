"""Ways to the next desk: at once, with a caller's patience, in a batch that gathers: by hand."""

import numpy as np
import pytest

from sim import codes, rows
from sim.codes import CITY, COMMAND, DISPATCH, HOTLINE_DESK, NONE, REGISTER
from sim.compiled import ways
from sim.compiled.events import HANGS_UP, JOINS, LIMIT
from sim.compiled.slots import GATHERED, IDLE, WAITING, new_incident, new_task
from sim.compiled.state import (
    D_BATCH,
    D_GATHERED,
    D_JOINS,
    D_LENGTH,
    allocate,
)
from sim.compiled.waiting import take
from sim.handle import Handle
from sim.units import DAY, NEVER
from sim.world import world_handle
from tests.conftest import account, arrival, changed, own_desk, pending, with_mechanism

FROM, TO = 1000, 5000


@pytest.fixture
def state(plain):
    return allocate(plain.desk_opening.size, DAY, (FROM, TO), True, True)


@pytest.fixture
def desk(layout):
    """The desk for which tasks gather."""
    return own_desk(layout, CITY, COMMAND)


@pytest.fixture
def of_three(plain):
    """The world with batches of three."""
    return world_handle(changed(plain, choice=((codes.FIRST_COME, NONE, 3),)))


def sent(state, desk, k=0, stage=DISPATCH, **columns):
    """Slot of a task on its way to a desk, of the k-th incident."""
    place = new_task(Handle(state), new_incident(Handle(state), arrival(k=k)), 0)
    for name, value in ({"stage": stage, "desk": desk} | columns).items():
        state.tasks[place, getattr(rows, "T_" + name.upper())] = value
    return place


def gathering(state, desk):
    """The tasks that gather for a desk."""
    found, place = [], int(state.desks[desk, D_BATCH])
    while place != NONE:
        assert state.tasks[place, rows.T_STATUS] == GATHERED
        found.append(place)
        place = int(state.tasks[place, rows.T_NEXT])
    assert len(found) == state.desks[desk, D_GATHERED]
    return set(found)


def test_what_is_scheduled_comes_at_its_tick(state):
    for tick, kind in ((70, LIMIT), (30, JOINS), (50, HANGS_UP)):
        ways.schedule(Handle(state), tick, kind, tick + 1, tick + 2)
    assert pending(state) == [(30, JOINS, 31, 32), (50, HANGS_UP, 51, 52), (70, LIMIT, 71, 72)]


@pytest.mark.parametrize(
    ("now", "measured"), [(FROM - 1, False), (FROM, True), (TO - 1, True), (TO, False)]
)
def test_visits_that_join_within_the_window_are_counted(state, plain, desk, now, measured):
    place = sent(state, desk, work=55, joined=3)
    assert ways.in_window(Handle(state), now) == measured
    ways.join(world_handle(plain), Handle(state), place, now)
    task = state.tasks[place]
    assert task[[rows.T_JOINED, rows.T_WORK, rows.T_STATUS]].tolist() == [now, NONE, WAITING]
    assert state.desks[desk, [D_JOINS, D_LENGTH]].tolist() == [measured, 1]
    assert pending(state) == []


def test_a_caller_joins_with_patience_and_nobody_else_does(state, plain, layout, desk):
    w = world_handle(with_mechanism(plain, patience=600))
    caller = sent(state, own_desk(layout, CITY, HOTLINE_DESK), stage=REGISTER, age=4)
    incident = state.incidents[state.tasks[caller, rows.T_SLOT]]
    incident[rows.I_CHANNEL] = codes.HOTLINE
    ways.join(w, Handle(state), caller, 2000)
    ways.join(w, Handle(state), sent(state, desk, k=1), 2000)
    assert pending(state) == [(2600, HANGS_UP, 4, caller)]


# --- batches ----------------------------------------------------------------------------------


@pytest.mark.parametrize("until", [9000, NEVER])
def test_a_batch_gathers_until_it_is_large_enough(state, of_three, desk, until):
    """Then all join at once, in the order of their keys, and none is let out again."""
    handle = Handle(state)
    ticks = (1500, 1800, 2500)
    places = [
        sent(state, desk, 2 - i, joined=tick, until=until, age=i) for i, tick in enumerate(ticks)
    ]
    for i, tick in enumerate(ticks[:2]):
        ways.gather(of_three, handle, places[i], tick)
        assert gathering(state, desk) == set(places[: i + 1])
    assert state.desks[desk, [D_LENGTH, D_JOINS]].tolist() == [0, 0]
    ways.gather(of_three, handle, places[2], ticks[2])
    assert gathering(state, desk) == set()
    assert state.desks[desk, [D_LENGTH, D_JOINS]].tolist() == [3, 3]
    assert (state.tasks[places, rows.T_JOINED] == 2500).all()
    timers = [(until, JOINS, i, places[i]) for i in range(2)] if until < NEVER else []
    assert sorted(pending(state)) == sorted(timers)
    assert state.tasks[places, rows.T_AGE].tolist() == [1, 2, 3]  # so the timers are stale
    held = [
        account(state.incidents[state.tasks[p, rows.T_SLOT]], "dispatch_release") for p in places
    ]
    assert held == [1000, 700, 0]
    served = [take(state.tasks, state.incidents, state.desks, desk) for _ in places]
    assert served == places[::-1]


def test_each_desk_has_a_batch_of_its_own(state, of_three, desk):
    others = [sent(state, desk + 1, k, until=9000) for k in (0, 1)]
    here = [sent(state, desk, k, until=9000) for k in (2, 3)]
    for place in others + here:
        ways.gather(of_three, Handle(state), place, 1500)
    assert gathering(state, desk) == set(here)
    assert gathering(state, desk + 1) == set(others)


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (2, 1), (1, 2), (0, 2), (2, 0)])
def test_whose_time_has_come_leaves_the_batch_wherever_it_stands(state, plain, desk, order):
    w = world_handle(changed(plain, choice=((codes.FIRST_COME, NONE, 9),)))
    places = [sent(state, desk, k, until=9000 + k) for k in range(3)]
    for place in places:
        ways.gather(w, Handle(state), place, 1500)
    left = set(places)
    for which in order:
        ways.leave_batch(Handle(state), places[which])
        left.remove(places[which])
        assert state.tasks[places[which], rows.T_STATUS] == IDLE
        assert gathering(state, desk) == left
    later = sent(state, desk, 7, until=9000)
    ways.gather(w, Handle(state), later, 1600)
    assert gathering(state, desk) == left | {later}


def test_who_joins_the_next_batch_does_not_count_for_the_last(state, of_three, desk):
    places = [sent(state, desk, k, until=NEVER) for k in range(4)]
    for place in places:
        ways.gather(of_three, Handle(state), place, 1500)
    assert gathering(state, desk) == {places[3]}
    assert state.desks[desk, D_JOINS] == 3
    np.testing.assert_array_equal(state.tasks[places, rows.T_STATUS], [WAITING] * 3 + [GATHERED])

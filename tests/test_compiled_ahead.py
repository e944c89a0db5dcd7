"""Fetching ahead looks at every event once and changes nothing that a run rests on."""

import numpy as np
import pytest

from sim.compiled import ahead
from sim.compiled.ahead import look_ahead
from sim.compiled.events import EVENT_KINDS, REVIEWS, pack, push, take_all, turn_to
from sim.compiled.state import LOOKED, N_AHEAD, allocate
from sim.handle import Handle
from sim.units import DAY
from sim.world import world_handle

FAR = ahead._TICKS
SPAN = 1 << 16  # ticks that the first level of the event list holds


@pytest.fixture
def state(plain):
    return allocate(plain.desk_opening.size, 5 * DAY, (0, DAY), True, True)


def listed(state, *ticks):
    """The state with an event of each kind in turn at the ticks; the events, in their order."""
    events = [pack(n % len(EVENT_KINDS), 0, n % 7) for n in range(len(ticks))]
    for tick, event in zip(ticks, events, strict=True):
        push(state.wheel, state.nodes, tick, event)
    return events


def test_it_changes_nothing_but_its_own_notes(plain, state):
    listed(state, *range(1, 60), *[5] * 20)
    before = {name: getattr(state, name).copy() for name in state._fields}
    look_ahead(world_handle(plain), Handle(state), 0)
    before["count"][[LOOKED, N_AHEAD]] = state.count[[LOOKED, N_AHEAD]]
    for name in set(state._fields) - {"ahead"}:
        np.testing.assert_array_equal(getattr(state, name), before[name], err_msg=name)


def test_every_event_is_looked_at_once_in_its_order(plain, state):
    ticks = [n // 2 for n in range(2, 300)]
    events = listed(state, *ticks)
    w, s, seen = world_handle(plain), Handle(state), []
    taken = np.zeros(8, np.int64)
    for now in range(max(ticks)):
        look_ahead(w, s, now)
        new = state.count[N_AHEAD] - len(seen)
        if now > 0:  # the first look is at several ticks
            assert new == (2 if now + FAR <= max(ticks) else 0)
        noted = [int(state.ahead[i % state.ahead.size]) for i in range(len(seen), len(seen) + new)]
        seen += noted if now > 0 else [None] * new
        take_all(state.wheel, state.nodes, now, taken)
    first = seen.count(None)
    assert first == 2 * FAR
    of_tick = [sorted(events[i : i + 2]) for i in range(first, len(events), 2)]
    assert [sorted(seen[i : i + 2]) for i in range(first, len(seen), 2)] == of_tick


def test_after_a_pause_it_goes_on_from_the_present(plain, state):
    listed(state, 1, 1000, 1000 + FAR, 1001 + FAR)
    w, s = world_handle(plain), Handle(state)
    look_ahead(w, s, 0)
    assert state.count[N_AHEAD] == 1
    look_ahead(w, s, 999)  # that of tick 1000 is known
    assert state.count[N_AHEAD] == 2
    look_ahead(w, s, 1000)
    assert state.count[N_AHEAD] == 3


def test_what_lies_past_the_present_span_waits_until_it_is_dealt_out(plain, state):
    listed(state, SPAN - 1, SPAN, SPAN + 1)
    w, s = world_handle(plain), Handle(state)
    look_ahead(w, s, SPAN - 2)
    assert state.count[N_AHEAD] == 1
    turn_to(state.wheel, state.nodes, SPAN + 1)
    look_ahead(w, s, SPAN + 1)
    assert state.count[N_AHEAD] == 1  # too late for those two


def test_an_empty_memory_names_no_row_and_holds_three_steps(state):
    assert state.ahead.size > 3 * ahead._EVENTS
    assert state.ahead.size.bit_count() == 1
    assert (state.ahead == pack(REVIEWS, 0, 0)).all()

"""The event list gives every event at its tick, and an event packs into one integer."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.compiled import events
from sim.compiled.events import (
    AGES,
    EVENT_KINDS,
    NODE_WIDTH,
    SPAN,
    USED,
    WHEEL_SIZE,
    clear,
    holds,
    next_tick,
    pack,
    push,
    take_all,
    turn_to,
    unpack,
)
from sim.units import DAY, NEVER

ROOM = 300
SPAN_TICKS = 1 << 16
TURN = SPAN_TICKS * 1024  # after which the second level is in the same place again


class Wheel:
    """An event list, and beside it a heap of the same."""

    def __init__(self):
        self.wheel = np.full(WHEEL_SIZE, 99, np.int64)
        clear(self.wheel)
        self.nodes = np.full((ROOM, NODE_WIDTH), 99, np.int64)
        self.taken = np.zeros(ROOM, np.int64)
        self.expected = []
        self.now, self.number = 0, 0

    def push(self, wait):
        self.number += 1
        push(self.wheel, self.nodes, self.now + wait, self.number)
        heapq.heappush(self.expected, (self.now + wait, self.number))

    def take(self):
        """All events of the next tick."""
        self.now = next_tick(self.wheel, self.nodes, self.now, NEVER)
        assert holds(self.wheel, self.now)
        n = take_all(self.wheel, self.nodes, self.now, self.taken)
        assert not holds(self.wheel, self.now)
        found = sorted((self.now, event) for event in self.taken[:n].tolist())
        assert found == [heapq.heappop(self.expected) for _ in range(n)]
        assert not self.expected or self.expected[0][0] > self.now


waits = st.one_of(
    st.integers(0, 3),
    st.integers(0, 200),
    st.integers(0, 2 * DAY),
    st.integers(SPAN_TICKS - 2, SPAN_TICKS + 2),
    st.integers(TURN - SPAN_TICKS, TURN + SPAN_TICKS),
    st.integers(0, 3 * TURN),
)


@given(st.lists(st.one_of(st.none(), waits), min_size=1, max_size=ROOM))
@settings(deadline=None)
def test_the_wheel_gives_what_a_heap_gives(operations):
    """A number is pushed, so many ticks ahead; None takes out the events of the next tick."""
    wheel = Wheel()
    for wait in operations:
        if wait is not None:
            wheel.push(wait)
        elif wheel.expected:
            wheel.take()
    while wheel.expected:
        wheel.take()
    assert next_tick(wheel.wheel, wheel.nodes, wheel.now, wheel.now + 9 * DAY) == NEVER


@pytest.mark.parametrize("place", [0, 1, 62, 63, 64, 65, SPAN_TICKS - 1])
def test_every_slot_of_the_first_level_is_found(place):
    wheel = Wheel()
    wheel.push(place)
    wheel.push(SPAN_TICKS + place)
    assert next_tick(wheel.wheel, wheel.nodes, 0, NEVER) == place
    assert next_tick(wheel.wheel, wheel.nodes, place, NEVER) == place
    wheel.take()
    wheel.take()
    assert wheel.now == SPAN_TICKS + place


def test_a_limit_keeps_the_wheel_from_turning_further():
    """What is added afterwards may be as early as the limit."""
    wheel = Wheel()
    wheel.push(5 * SPAN_TICKS)
    for limit in (1, SPAN_TICKS, SPAN_TICKS + 1, 3 * SPAN_TICKS):
        assert next_tick(wheel.wheel, wheel.nodes, 0, limit) >= limit
        assert wheel.wheel[SPAN] << 16 < limit
    wheel.now = 3 * SPAN_TICKS
    turn_to(wheel.wheel, wheel.nodes, wheel.now)
    wheel.push(0)
    wheel.take()
    wheel.take()
    assert wheel.now == 5 * SPAN_TICKS


def test_an_event_at_the_limit_is_there_once_the_wheel_has_turned_to_it():
    wheel = Wheel()
    wheel.push(SPAN_TICKS)
    assert next_tick(wheel.wheel, wheel.nodes, 0, SPAN_TICKS) >= SPAN_TICKS
    turn_to(wheel.wheel, wheel.nodes, SPAN_TICKS)
    assert holds(wheel.wheel, SPAN_TICKS)


def test_room_is_used_again_so_that_it_need_only_be_that_of_pending_events():
    wheel = Wheel()
    for _ in range(50):
        for wait in (1, 1, 40, 3 * DAY):
            wheel.push(wait)
        while wheel.expected:
            wheel.take()
    assert wheel.wheel[USED] == 4


@given(st.integers(0, len(EVENT_KINDS) - 1), st.integers(0, AGES - 1), st.integers(0, 2**35 - 1))
@settings(deadline=None)
def test_an_event_unpacks_to_its_parts(kind, age, slot):
    event = pack(kind, age, slot)
    assert unpack(event) == (kind, age, slot)
    assert 0 <= event < 2**63


@pytest.mark.parametrize(("code", "name"), enumerate(EVENT_KINDS))
def test_kinds_of_event_have_their_names_in_order(code, name):
    assert getattr(events, name.upper()) == code

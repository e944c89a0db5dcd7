"""The event list is a heap by tick, and an event packs into one integer."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.compiled import events
from sim.compiled.events import AGES, EVENT_KINDS, pack, pop, push, unpack

ROOM = 300
ticks_of = st.lists(
    st.one_of(st.none(), st.integers(0, 12), st.integers(0, 2**62)), min_size=1, max_size=ROOM
)


@given(ticks_of)
@settings(deadline=None)
def test_the_heap_gives_what_heapq_gives(operations):
    """A number is pushed, None takes out the first; events of one tick in any order."""
    ticks, found, n = np.zeros(ROOM, np.int64), np.zeros(ROOM, np.int64), 0
    reference = []
    tick_of_event = {}
    for event, tick in enumerate(operations):
        if tick is None:
            if not reference:
                continue
            assert ticks[0] == reference[0]
            first, n = pop(ticks, found, n)
            assert tick_of_event.pop(first) == heapq.heappop(reference)
        else:
            heapq.heappush(reference, tick)
            tick_of_event[event] = tick
            n = push(ticks, found, n, tick, event)
        assert n == len(reference)
    last = -1
    while n > 0:
        tick = ticks[0]
        first, n = pop(ticks, found, n)
        assert tick_of_event.pop(first) == tick == heapq.heappop(reference) >= last
        last = tick
    assert not tick_of_event


@given(st.lists(st.integers(0, 30), min_size=1, max_size=ROOM))
@settings(deadline=None)
def test_every_parent_is_no_later_than_its_four_children(pushed):
    ticks, found = np.zeros(ROOM, np.int64), np.zeros(ROOM, np.int64)
    for n, tick in enumerate(pushed):
        push(ticks, found, n, tick, n)
    for n in range(len(pushed), 0, -1):
        for i in range(1, n):
            assert ticks[(i - 1) // 4] <= ticks[i]
        pop(ticks, found, n)


def test_a_heap_needs_no_more_room_than_its_events():
    ticks, found, n = np.zeros(5, np.int64), np.zeros(5, np.int64), 0
    for tick in (3, 1, 2, 1, 0):
        n = push(ticks, found, n, tick, tick)
    taken = []
    while n:
        event, n = pop(ticks, found, n)
        taken.append(event)
    assert taken == [0, 1, 1, 2, 3]


@given(st.integers(0, len(EVENT_KINDS) - 1), st.integers(0, AGES - 1), st.integers(0, 2**35 - 1))
@settings(deadline=None)
def test_an_event_unpacks_to_its_parts(kind, age, slot):
    event = pack(kind, age, slot)
    assert unpack(event) == (kind, age, slot)
    assert 0 <= event < 2**63


@pytest.mark.parametrize(("code", "name"), enumerate(EVENT_KINDS))
def test_kinds_of_event_have_their_names_in_order(code, name):
    assert getattr(events, name.upper()) == code

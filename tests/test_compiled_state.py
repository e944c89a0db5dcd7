"""The compiled clock's memory grows without losing anything, and its free slots are free."""

import sys

import numpy as np
import pytest

from sim.codes import NONE, REPORT_STATES
from sim.compiled import state as places
from sim.compiled.events import EVENT_KINDS, USED
from sim.compiled.state import State, _stretched, allocate, grown, paged
from sim.records import FLOW_BIN
from sim.units import DAY

GROWING = ("incidents", "free_incidents", "tasks", "free_tasks", "nodes", "taken", "ask_key",
           "ask_sub", "ask_event", "incident_rows", "visit_rows")  # fmt: skip
NOTHING = {"incidents": 0, "tasks": 0, "events": 0, "rows": 0}


@pytest.fixture
def state():
    """A state in use: every array holds numbers of its own."""
    s = allocate(7, 3 * DAY, (DAY, 2 * DAY), True, True)
    rng = np.random.default_rng(1)
    for name in GROWING:
        if not name.startswith("free"):
            array = getattr(s, name)
            array[:] = rng.integers(1, 2**60, array.shape)
    return s


def test_a_new_state_is_an_empty_city():
    s = allocate(7, 3 * DAY, (DAY, 2 * DAY), True, False)
    unknown = [places.D_HEAD, places.D_TAIL, places.D_ROOT, places.D_WAKE, places.D_BATCH]
    assert (s.desks[:, unknown] == NONE).all()
    assert not np.delete(s.desks, unknown, axis=1).any()
    assert s.count[places.STUCK] == NONE
    assert s.count[[places.WINDOW_FROM, places.WINDOW_TO]].tolist() == [DAY, 2 * DAY]
    assert s.count[[places.KEEP_INCIDENTS, places.KEEP_VISITS]].tolist() == [1, 0]
    assert (len(s.desks), s.touched.tolist()) == (7, [0] * 7)
    assert s.flow.shape[0] == 3 * DAY // FLOW_BIN + 1
    assert (s.reports.size, s.settled.size) == (len(REPORT_STATES), len(EVENT_KINDS) + 1)


def test_places_of_the_counts_are_distinct_and_fill_the_array():
    imported = ("NONE", "FLOW_BIN", "INCIDENT_WIDTH", "TASK_WIDTH", "DESK_WIDTH", "NODE_WIDTH",
                "WHEEL_SIZE", "NOTHING", "USED")  # fmt: skip
    named = {
        name: value
        for name, value in vars(places).items()
        if name[0] != "_" and name.isupper() and isinstance(value, int) and name not in imported
    }
    of_desks = [value for name, value in named.items() if name.startswith("D_")]
    of_counts = [value for name, value in named.items() if not name.startswith("D_")]
    state = allocate(1, DAY, (0, 1), True, True)
    assert sorted(of_counts) == list(range(state.count.size))
    assert sorted(of_desks) == list(range(len(of_desks)))
    assert len(of_desks) <= state.desks.shape[1]


@pytest.mark.parametrize("kind", ["incidents", "tasks"])
def test_every_slot_is_free_at_first_and_low_ones_are_used_first(kind):
    s = allocate(1, DAY, (0, 1), True, True)
    free = getattr(s, f"free_{kind}")
    n = s.count[getattr(places, f"N_FREE_{kind.upper()}")]
    assert sorted(free[:n]) == list(range(len(getattr(s, kind))))
    assert free[n - 1] == 0


@pytest.mark.parametrize(
    "need",
    [
        {"incidents": 3000},
        {"tasks": 5000},
        {"events": 9000},
        {"rows": 4000},
        {"incidents": 1025, "tasks": 1025, "events": 1025, "rows": 1025},
    ],
)
def test_growth_keeps_contents_and_gives_the_room(state, need):
    state.count[places.N_EVENTS] = 1000
    state.count[places.N_INCIDENT_ROWS] = state.count[places.N_VISIT_ROWS] = 900
    state.count[places.N_ASKS], state.wheel[USED] = 800, 1010
    used = dict.fromkeys(("ask_key", "ask_sub", "ask_event"), 800)
    used |= {"taken": 0, "nodes": 1010, "incident_rows": 900, "visit_rows": 900}
    before = {name: getattr(state, name).copy() for name in State._fields}
    larger = grown(state, **(NOTHING | need))
    for name in State._fields:
        old, new = before[name], getattr(larger, name)
        if name not in ("count", "free_incidents", "free_tasks"):
            kept = used.get(name, len(old))
            np.testing.assert_array_equal(new[:kept], old[:kept])
            assert len(new) == len(old) or not new[kept:].any()  # so it takes no memory
        assert new.dtype == old.dtype
        assert new.flags.c_contiguous
    assert len(larger.incidents) >= need.get("incidents", 0)
    assert len(larger.tasks) >= need.get("tasks", 0)
    for name in ("nodes", "taken", "ask_key", "ask_sub", "ask_event"):
        assert len(getattr(larger, name)) >= 1000 + need.get("events", 0)
    for name in ("incident_rows", "visit_rows"):
        assert len(getattr(larger, name)) >= 900 + need.get("rows", 0)


@pytest.mark.parametrize("kind", ["incidents", "tasks"])
@pytest.mark.parametrize("n_free", [0, 1, 5])
def test_after_growth_the_used_slots_are_still_used(state, kind, n_free):
    """All but a few slots are taken; growth frees the new ones and none of the taken."""
    place = getattr(places, f"N_FREE_{kind.upper()}")
    free = getattr(state, f"free_{kind}")
    state.count[place] = n_free
    still_free = set(free[:n_free].tolist())
    larger = grown(state, **(NOTHING | {kind: 40}))
    n = larger.count[place]
    stack = getattr(larger, f"free_{kind}")[:n].tolist()
    assert n >= 40
    assert len(set(stack)) == n
    old = len(getattr(state, kind))
    assert {slot for slot in stack if slot < old} == still_free
    assert {slot for slot in stack if slot >= old} == set(range(old, len(getattr(larger, kind))))
    assert set(stack[n - n_free :]) == still_free  # used before the new ones


def test_nothing_grows_where_there_is_room(state):
    same = grown(state, incidents=10, tasks=10, events=10, rows=10)
    for name in GROWING:
        assert getattr(same, name) is getattr(state, name)


def test_growth_doubles_so_that_it_costs_little(state):
    state.count[places.N_FREE_TASKS] = 0
    assert len(grown(state, **(NOTHING | {"tasks": 1})).tasks) == 2 * len(state.tasks)


@pytest.mark.parametrize("kind", [np.int32, np.int64])
@pytest.mark.parametrize("shape", [(0,), (7,), (1, 3), (5, 96), (1000, 8)])
def test_arrays_are_zeros_that_begin_at_a_line_of_the_cache(shape, kind):
    table = paged(*shape, kind=kind)
    assert (table.shape, table.dtype) == (shape, kind)
    assert table.ctypes.data % 64 == 0
    assert table.flags.c_contiguous
    assert table.flags.writeable
    assert not table.any()


@pytest.mark.parametrize("size", [1000, 5_000_000, 12_345_678])
def test_what_has_moved_is_whole_and_takes_no_memory_twice(size):
    old = paged(size)
    old[:] = np.arange(size)
    new = _stretched(old, size, size + 1)
    assert new.shape == (2 * size,)
    np.testing.assert_array_equal(new[:size], np.arange(size))
    assert not new[size:].any()
    if sys.platform == "linux":
        assert np.count_nonzero(old) < 2_200_000  # the rest has been given back

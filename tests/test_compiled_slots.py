"""Slots of incidents and tasks come and go, waiting is added up, rows are written: by hand."""

import numpy as np
import pytest

from sim import codes, rows
from sim.codes import NONE, SOLVED, WITHDRAWN
from sim.compiled import slots
from sim.compiled.events import AGES
from sim.compiled.slots import GATHERED, IDLE, WAITING
from sim.compiled.state import (
    D_LENGTH,
    D_QUEUED,
    N_FREE_INCIDENTS,
    N_FREE_TASKS,
    N_INCIDENT_ROWS,
    N_TOUCHED,
    N_VISIT_ROWS,
    allocate,
)
from sim.compiled.waiting import first as waits_first
from sim.compiled.waiting import take
from sim.draws import OF_BACKGROUND, OF_FALSE_ALARM, OF_INCIDENT
from sim.handle import Handle
from sim.keys import key_of
from sim.records import VISIT_COLUMNS
from sim.units import DAY
from sim.world import world_handle
from tests.conftest import arrival

FROM, TO = 1000, 5000
"""Window in which desks are measured."""


class City:
    """A state of three desks and the handle by which compiled code gets it."""

    def __init__(self, keep_incidents=True, keep_visits=True):
        self.state = allocate(3, DAY, (FROM, TO), keep_incidents, keep_visits)
        self.handle = Handle(self.state)

    def count(self, place):
        return int(self.state.count[place])

    def occurs(self, occurred=FROM, **columns):
        """Slot of a new incident, with other columns by name."""
        slot = slots.new_incident(self.handle, arrival(occurred))
        for name, value in columns.items():
            self.state.incidents[slot, getattr(rows, "I_" + name.upper())] = value
        return slot

    def reports(self, slot, report=0, **columns):
        """Slot of a new task of an incident, with other columns by name."""
        place = slots.new_task(self.handle, slot, report)
        for name, value in columns.items():
            self.state.tasks[place, getattr(rows, "T_" + name.upper())] = value
        return place

    def first(self, desk):
        """The task that is served first of those that wait at a desk."""
        return waits_first(self.state.tasks, self.state.incidents, self.state.desks, desk)

    def tasks_of(self, slot):
        """Its tasks in the order of the list."""
        found, place = [], int(self.state.incidents[slot, rows.I_FIRST_TASK])
        while place != NONE:
            found.append(place)
            place = int(self.state.tasks[place, rows.T_SIBLING])
        return found


@pytest.fixture
def city():
    return City()


@pytest.fixture(scope="module")
def w(plain):
    return world_handle(plain)


# --- slots ------------------------------------------------------------------------------------


def test_a_slot_that_is_used_again_is_of_another_generation(city):
    first = city.occurs()
    assert city.state.incidents[first, rows.I_AGE] == 0
    slots.free_incident(city.handle, first)
    again = city.occurs(occurred=FROM + 7)
    assert again == first
    row = city.state.incidents[again]
    assert (row[rows.I_AGE], row[rows.I_OCCURRED], row[rows.I_FIRST_TASK]) == (1, FROM + 7, NONE)


def test_generations_of_incidents_and_tasks_begin_again(city):
    slot = city.occurs(age=AGES - 1)
    slots.free_incident(city.handle, slot)
    assert city.state.incidents[slot, rows.I_AGE] == 0
    task = city.state.tasks[city.reports(city.occurs(), age=AGES - 1)]
    slots.end_timers(task)
    assert task[rows.T_AGE] == 0


def test_a_new_task_is_blank_and_belongs_to_its_incident(city):
    slot = city.occurs()
    city.state.tasks[:] = 99
    places = [city.reports(slot, report) for report in (0, 1, 2)]
    assert city.tasks_of(slot) == places[::-1]
    assert city.state.incidents[slot, rows.I_TASKS] == 3
    row = city.state.tasks[places[1]].copy()
    assert (row[rows.T_REPORT], row[rows.T_SLOT], row[rows.T_STATUS]) == (1, slot, IDLE)
    assert (row[rows.T_DESK], row[rows.T_WORK], row[rows.T_AGE]) == (NONE, NONE, 99)
    row[[rows.T_REPORT, rows.T_SLOT, rows.T_DESK, rows.T_WORK, rows.T_AGE, rows.T_SIBLING]] = 0
    assert not row.any()


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_task_that_ends_leaves_its_siblings_and_its_timers_behind(city, which):
    slot = city.occurs()
    places = [city.reports(slot, report) for report in range(3)]
    free = city.count(N_FREE_TASKS)
    ended = places.pop(which)
    slots.free_task(city.handle, ended)
    assert city.tasks_of(slot) == places[::-1]
    assert city.state.incidents[slot, rows.I_TASKS] == 2
    assert city.count(N_FREE_TASKS) == free + 1
    assert city.state.tasks[ended, rows.T_AGE] == 1
    assert city.reports(slot, 5) == ended  # the slot is used again


@pytest.mark.parametrize(
    ("entity", "state", "duplicates", "come_up", "leaves"),
    [
        (OF_INCIDENT, codes.OPEN, 0, 0, False),
        (OF_INCIDENT, codes.ASLEEP, 0, 0, False),
        (OF_INCIDENT, SOLVED, 0, 0, True),
        (OF_INCIDENT, SOLVED, 2, 1, True),
        (OF_INCIDENT, WITHDRAWN, 0, 0, True),
        (OF_INCIDENT, WITHDRAWN, 2, 1, False),  # another resident may still get through
        (OF_INCIDENT, WITHDRAWN, 2, 2, True),
        (OF_FALSE_ALARM, codes.OPEN, 0, 0, True),
        (OF_BACKGROUND, codes.OPEN, 0, 0, True),
    ],
)
def test_an_incident_leaves_with_its_last_task_when_nothing_can_come_of_it(
    city, entity, state, duplicates, come_up, leaves
):
    slot = city.occurs(entity=entity, state=state, duplicates=duplicates, echoes=come_up)
    places = [city.reports(slot, report) for report in (0, 1)]
    free = city.count(N_FREE_INCIDENTS)
    slots.free_task(city.handle, places[0])
    assert city.count(N_FREE_INCIDENTS) == free
    slots.free_task(city.handle, places[1])
    assert city.count(N_FREE_INCIDENTS) == free + leaves
    assert city.count(N_INCIDENT_ROWS) == (leaves and entity == OF_INCIDENT)
    assert city.state.incidents[slot, rows.I_AGE] == leaves


def test_the_lead_is_the_first_report_and_no_branch_of_it(city):
    slot = city.occurs()
    names = [(1, 0), (0, 2), (0, 0), (0, 64), (2, 0)]
    places = [city.reports(slot, report, branch=branch) for report, branch in names]
    assert slots.lead_of(city.handle, city.state.incidents[slot]) == places[2]


# --- waiting ----------------------------------------------------------------------------------


def test_a_desk_is_touched_once_in_a_round(city):
    for desk in (2, 0, 2, 2, 0):
        slots.touch(city.handle, desk)
    n = city.count(N_TOUCHED)
    assert city.state.touched[:n].tolist() == [2, 0]


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [(0, FROM, 0), (0, FROM + 1, 1), (2000, 2300, 300), (TO - 1, TO + 50, 1), (TO, TO + 50, 0),
     (0, DAY, TO - FROM), (2000, 2000, 0)],
)  # fmt: skip
def test_what_lies_within_the_window(city, start, end, length):
    assert slots.within(city.handle, start, end) == length


def test_time_spent_waiting_is_the_length_of_the_queue_added_up(city):
    """One waits from 500, two from 1500, none from 1800; another comes at 4900 and stays."""
    steps = [(500, 1), (1500, 1), (1800, -2), (4900, 1), (6000, 0)]
    found = []
    for now, change in steps:
        slots.lengthen(city.handle, 1, now, change)
        found.append(int(city.state.desks[1, D_QUEUED]))
    assert found == [0, 500, 500 + 2 * 300, 1100, 1100 + 100]
    assert city.state.desks[1, D_LENGTH] == 1
    assert not city.state.desks[[0, 2]][:, [D_QUEUED, D_LENGTH]].any()


def test_who_waits_and_leaves_has_waited_for_that_long(city, w):
    """The first of three leaves from the head of the list, or the last from its end."""
    slot = city.occurs()
    places = [city.reports(slot, report, desk=1, joined=FROM + report) for report in range(3)]
    for place in places:
        slots.wait(w, city.handle, place, FROM)
    assert city.state.tasks[places, rows.T_STATUS].tolist() == [WAITING] * 3
    assert city.state.desks[1, D_LENGTH] == 3
    for n, place in enumerate((places[0], places[2])):
        slots.leave(w, city.handle, place, FROM + 100)
        task = city.state.tasks[place]
        assert (task[rows.T_STATUS], task[rows.T_AGE]) == (IDLE, 1)
        assert city.state.desks[1, D_LENGTH] == 2 - n
    assert city.first(1) == places[1]
    assert city.state.desks[1, D_QUEUED] == 300
    assert city.count(N_TOUCHED) == 1


def test_new_keys_move_the_waiting_tasks_and_no_others(city, w):
    """The escalated incident's waiting task goes first; what gathers or works is left alone."""
    ordinary, urgent = city.occurs(), city.occurs(**{"class": codes.ORDINARY})
    first = city.reports(ordinary, desk=1, joined=FROM)
    waits = city.reports(urgent, desk=1, joined=FROM + 5)
    gathers = city.reports(urgent, 1, desk=1, status=GATHERED, next=7)
    works = city.reports(urgent, 2, desk=1)
    for place in (first, waits):
        slots.wait(w, city.handle, place, FROM + 5)
    assert city.first(1) == first
    city.state.incidents[urgent, rows.I_CLASS] = codes.ESCALATED
    untouched = city.state.tasks[[gathers, works]].copy()
    slots.rekey(w, city.handle, urgent, FROM + 6)
    s = city.state
    assert [take(s.tasks, s.incidents, s.desks, 1) for _ in range(2)] == [waits, first]
    assert s.tasks[waits, rows.T_JOINED] == FROM + 5
    np.testing.assert_array_equal(s.tasks[[gathers, works]], untouched)


# --- output -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("occurred", "entity", "keep", "written"),
    [
        (FROM, OF_INCIDENT, True, True),
        (TO - 1, OF_INCIDENT, True, True),
        (FROM - 1, OF_INCIDENT, True, False),
        (TO, OF_INCIDENT, True, False),
        (FROM, OF_FALSE_ALARM, True, False),
        (FROM, OF_INCIDENT, False, False),
    ],
)
def test_incidents_of_the_window_are_written(occurred, entity, keep, written):
    city = City(keep_incidents=keep)
    slot = city.occurs(occurred, entity=entity, solved=77)
    slots.write_incident(city.handle, city.state.incidents[slot])
    assert city.count(N_INCIDENT_ROWS) == written
    if written:
        np.testing.assert_array_equal(city.state.incident_rows[0], city.state.incidents[slot])


@pytest.mark.parametrize(("turn", "branch", "attempt"), [(0, 5, 3), (7, 7, 0)])
def test_a_visit_is_written_in_the_order_of_its_columns(city, turn, branch, attempt):
    """A partner in turn is told by its turn, and does its part once."""
    slot = city.occurs()
    place = city.reports(
        slot, 2, branch=0 if turn else 5, turn=turn, stage=codes.DISPOSE, desk=1, joined=10,
        started=20, work=30, retyping=4,
    )  # fmt: skip
    city.state.tasks[place, rows.T_COUNT + codes.DISPOSE] = 3
    inc, task = city.state.incidents[slot], city.state.tasks[place]
    row = slots.write_visit(city.handle, inc, task, 60)
    slots.complete_visit(city.handle, row, 90, codes.RETURNED)
    found = dict(zip(VISIT_COLUMNS, city.state.visit_rows[row].tolist(), strict=True))
    assert found == {
        "incident": key_of(inc), "report": 2, "branch": branch, "stage": codes.DISPOSE,
        "attempt": attempt, "desk": 1, "joined": 10, "started": 20, "ended": 60, "worked": 30,
        "retyping": 4, "released": 90, "outcome": codes.RETURNED,
    }  # fmt: skip


@pytest.mark.parametrize(("occurred", "keep"), [(FROM - 1, True), (TO, True), (FROM, False)])
def test_visits_that_are_not_asked_for_are_not_written(occurred, keep):
    city = City(keep_visits=keep)
    slot = city.occurs(occurred)
    place = city.reports(slot)
    row = slots.write_visit(city.handle, city.state.incidents[slot], city.state.tasks[place], 60)
    slots.complete_visit(city.handle, row, 90, codes.DONE)
    assert (row, city.count(N_VISIT_ROWS)) == (NONE, 0)
    assert not city.state.visit_rows.any()

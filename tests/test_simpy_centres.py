"""The readable clock's reviews and what it keeps of the situation, by hand."""

import numpy as np
import pytest

from agents.desk import Desk
from sim import codes, rows
from sim.codes import BOARD, CITY, COMMAND, DISTRICT, GRID, GRID_DESK
from sim.rules.emergency import BY_CITY, OWN
from sim.simpy_clock import Clock, Incident, Task, centres
from sim.simpy_clock.books import NEWS, REVIEWS
from sim.situation import E_ALARM, E_MODE, E_PAUSED
from sim.units import DAY, HOUR, MINUTE
from tests.conftest import (
    MONDAY_9,
    arrival,
    changed,
    find_desk,
    own_desk,
    with_lever,
    with_mechanism,
)

FIRE = 2
END, WINDOW = 5 * DAY, (DAY // 2, 2 * DAY)
DISTRICT_1 = 2  # its centre


@pytest.fixture(scope="module")
def offices(plain, siloed):
    """Everything open as offices are, with two seats a desk."""
    number = siloed.calendar_names.openings.index("office")
    world = changed(plain, desk_opening=number, seats=2, alarm_on=(3, 2, 2))
    world = changed(world, emergency=[kind == FIRE for kind in range(len(plain.lead))])
    numbers = {"review": HOUR, "emergency_switch": 30 * MINUTE, "emergency_off": 0.6}
    return with_mechanism(world, night_share=0.5, emergency_least=6 * HOUR, **numbers)


def clock_of(world):
    return Clock(world, [Desk(number) for number in range(world.desk_opening.size)], END, WINDOW)


def settled(clock):
    return dict(zip(NEWS, clock.books.settled.tolist(), strict=True))


@pytest.mark.parametrize(
    ("levers", "reviews"), [({}, 0), ({"emergency": 1.0}, 3 * 24), ({"flexible": 0.1}, 7 * 2)]
)
def test_a_day_has_its_reviews(offices, levers, reviews):
    clock = clock_of(with_lever(offices, **levers))
    clock.run_until(DAY)
    assert clock.books.settled[REVIEWS] == reviews
    assert settled(clock)["reviews"] == reviews


# --- flexible staff ---------------------------------------------------------------------------


def test_seats_move_and_open_after_switching_and_go_back(offices, layout):
    """Of the ten desks of a district's centre one is crowded, and two seats may move."""
    clock = clock_of(with_mechanism(with_lever(offices, flexible=0.1), switching=20 * MINUTE))
    crowded, command = own_desk(layout, DISTRICT, BOARD, 3), own_desk(layout, DISTRICT, COMMAND)
    s = clock.situation
    s.load[crowded] = 9
    clock.run_until(MONDAY_9 + 1)
    moved = {command: -1, command + 1: -1, crowded: 2}
    assert {int(d): int(s.extra[d]) for d in np.flatnonzero(s.extra)} == moved
    assert s.extra_from[[crowded, command]].tolist() == [MONDAY_9 + 20 * MINUTE, MONDAY_9]
    assert s.extra_until[[crowded, command]].tolist() == [12 * HOUR + 30 * MINUTE] * 2
    clock.run_until(12 * HOUR + 30 * MINUTE + 1)
    assert settled(clock)["opens"] == 3  # when seats come, and when they are back
    s.load[crowded] = 0
    clock.run_until(14 * HOUR)
    assert not s.extra.any()
    s.load[crowded] = 9
    clock.run_until(2 * DAY)
    assert clock.outcome().moved[crowded] == clock.outcome().moved.sum() == 4  # from noon on


# --- emergency mode ---------------------------------------------------------------------------


@pytest.fixture
def clock(offices):
    return clock_of(with_lever(offices, emergency=1.0))


def mode(clock):
    return clock.situation.emergency[:, E_MODE].tolist()


def test_a_district_goes_over_after_switching_and_back(clock):
    table = clock.situation.emergency
    table[DISTRICT_1, E_ALARM] = 2
    clock.run_until(30 * MINUTE)
    assert mode(clock) == [0, 0, 0]
    clock.run_until(30 * MINUTE + 1)
    assert mode(clock) == [0, 0, OWN]
    table[DISTRICT_1, E_ALARM] = 1
    clock.run_until(7 * HOUR + 30 * MINUTE)
    assert mode(clock) == [0, 0, OWN]
    clock.run_until(7 * HOUR + 30 * MINUTE + 1)
    assert mode(clock) == [0, 0, 0]
    assert table[:, E_PAUSED].tolist() == [0, 0, 7 * HOUR]


def test_the_city_takes_the_districts_along_and_lets_them_go(clock):
    table = clock.situation.emergency
    table[[0, 1], E_ALARM] = 3, 2
    clock.run_until(HOUR)
    assert mode(clock) == [OWN, OWN | BY_CITY, BY_CITY]
    table[0, E_ALARM] = 0
    clock.run_until(8 * HOUR)
    assert mode(clock) == [0, OWN, 0]


def test_waiting_emergencies_go_to_the_front(clock, layout):
    desk = own_desk(layout, CITY, COMMAND)
    tasks = []
    for k, kind in enumerate((0, FIRE)):
        incident = Incident(arrival(k=k, kind=kind))
        clock.incidents[incident.key] = incident
        tasks.append(Task(incident, report=0))
        tasks[k].row[rows.T_DESK] = desk
        clock.join(tasks[k])
    assert clock.desks[desk].waiting == tasks
    clock.situation.emergency[DISTRICT_1, E_ALARM] = 2
    clock.run_until(30 * MINUTE + 1)
    assert clock.desks[desk].waiting == tasks[::-1]


def test_nights_on_duty_are_counted_within_the_window(clock, layout):
    """From noon of Monday to the end of Tuesday, in offices; half of two seats is one."""
    clock.situation.emergency[DISTRICT_1, E_ALARM] = 2
    clock.run_until(3 * DAY)
    own = np.flatnonzero(layout.centre == DISTRICT_1)
    closed = 36 * HOUR - (HOUR // 2 + 9 * HOUR // 2 + 8 * HOUR)
    for _ in range(2):  # however often one looks
        outcome = clock.outcome()
        assert outcome.emergency[own].tolist() == [36 * HOUR] * own.size
        assert outcome.emergency.sum() == 36 * HOUR * own.size
        assert outcome.overtime[own].tolist() == [closed] * (own.size - 1) + [0]  # not the pool


def test_alarms_follow_the_state_of_an_incident(clock):
    alarm = clock.situation.emergency[:, E_ALARM]
    incident = Incident(arrival(kind=FIRE, severity=codes.GRADE_II))
    for state, expected in (
        (codes.UNSEEN, [0, 0, 0]),
        (codes.OPEN, [1, 0, 1]),
        (codes.OPEN, [1, 0, 1]),
        (codes.ASLEEP, [0, 0, 0]),
        (codes.OPEN, [1, 0, 1]),
        (codes.SOLVED, [0, 0, 0]),
    ):
        incident.row[rows.I_STATE] = state
        centres.keep_alarms(clock, incident)
        assert alarm.tolist() == expected


# --- patrol -----------------------------------------------------------------------------------


def test_work_is_booked_by_shift_and_only_at_grids(plain, layout):
    world = with_mechanism(changed(plain, seats=1), patrol_weight=1.0, patrol_least=0.1)
    clock = clock_of(world)
    morning, afternoon = 7 * HOUR // 2, 9 * HOUR // 2  # 08:30 to 12:00, 14:00 to 18:30
    of_afternoon = afternoon - int((1 - 150 / morning) * afternoon)
    of_morning = morning - int((1 - 30 / afternoon) * morning)
    first = int(plain.cal.seg_first[plain.patrol, 0])
    desk = find_desk(layout, GRID, GRID_DESK, 0, 8)
    row = clock.situation.patrol[8]
    for now, length, expected in (
        (7 * HOUR, 5, [first - 1, 5, 0, 0]),
        (9 * HOUR, 100, [first, 100, 5, 0]),  # nothing is lost in the first shift
        (13 * HOUR, 50, [first, 150, 5, 0]),
        (14 * HOUR, 30, [first + 1, 30, 150, of_afternoon]),
        (DAY + 15 * HOUR, 10, [first + 3, 10, 0, of_afternoon + of_morning]),
    ):
        clock.run_until(now)
        centres.book_work(clock, desk, length)
        assert row.tolist() == expected
    before = clock.situation.patrol.copy()
    centres.book_work(clock, own_desk(layout, DISTRICT, COMMAND), 99)
    np.testing.assert_array_equal(clock.situation.patrol, before)

"""The compiled clock's reviews and what it keeps of the situation, by hand."""

import numpy as np
import pytest

from sim import codes, rows
from sim.codes import BOARD, CITY, COMMAND, DISTRICT, GRID, GRID_DESK
from sim.compiled import centres
from sim.compiled.events import OPENS, REVIEWS
from sim.compiled.slots import new_incident, new_task, wait
from sim.compiled.state import N_REVIEWS, N_TOUCHED, allocate
from sim.compiled.waiting import first
from sim.handle import Handle
from sim.rules.emergency import BY_CITY, OWN
from sim.situation import E_ALARM, E_COMING, E_MODE, E_PAUSED
from sim.units import DAY, HOUR, MINUTE
from sim.world import world_handle
from tests.conftest import (
    MONDAY_9,
    arrival,
    changed,
    find_desk,
    incident_row,
    own_desk,
    pending,
    with_lever,
    with_mechanism,
)

FIRE = 2
END, WINDOW = 5 * DAY, (DAY // 2, 2 * DAY)
DISTRICT_1 = 2  # its centre


@pytest.fixture
def state(plain):
    return allocate(plain.desk_opening.size, END, WINDOW, True, True)


@pytest.fixture(scope="module")
def offices(plain, siloed):
    """Everything open as offices are, with two seats a desk."""
    number = siloed.calendar_names.openings.index("office")
    world = changed(plain, desk_opening=number, seats=2, alarm_on=(3, 2, 2))
    world = changed(world, emergency=[kind == FIRE for kind in range(len(plain.lead))])
    numbers = {"review": HOUR, "emergency_switch": 30 * MINUTE, "emergency_off": 0.6}
    return with_mechanism(world, night_share=0.5, emergency_least=6 * HOUR, **numbers)


def events(state):
    """(tick, kind, number) of all that is scheduled, by tick."""
    return [(tick, kind, number) for tick, kind, _, number in pending(state)]


def review(w, state, now, *due):
    """Reviews of centres at a tick; what is scheduled then."""
    state.due[list(due)] = 1
    state.count[[N_REVIEWS, N_TOUCHED]] = len(due), 0
    centres.review_all(w, Handle(state), now)
    assert not state.due.any()
    assert state.count[N_REVIEWS] == 0
    return events(state)


def test_first_reviews_are_scheduled_where_a_policy_wants_them(offices, state):
    w = world_handle(offices)
    assert centres.reviews_at_first(w) == 0
    w = world_handle(with_lever(offices, emergency=1.0))
    assert centres.reviews_at_first(w) == 3
    centres.begin_reviews(w, Handle(state))
    assert events(state) == [(0, REVIEWS, 0), (0, REVIEWS, 1), (0, REVIEWS, 2)]


# --- flexible staff ---------------------------------------------------------------------------


def test_seats_move_and_open_after_switching_and_go_back(offices, layout, state):
    """Of the ten desks of a district's centre one is crowded, and two seats may move."""
    world = with_mechanism(with_lever(offices, flexible=0.1), switching=20 * MINUTE)
    w, crowded = world_handle(world), own_desk(layout, DISTRICT, BOARD, 3)
    command = own_desk(layout, DISTRICT, COMMAND)
    s = w.fields.situation.fields
    s.load[crowded] = 9
    s.extra[command + 9] = 5  # of the day before
    back, begins = 12 * HOUR + 30 * MINUTE, MONDAY_9 + 20 * MINUTE
    assert review(w, state, MONDAY_9, DISTRICT_1) == [
        (begins, OPENS, crowded),
        (back, OPENS, command),
        (back, OPENS, command + 1),
        (13 * HOUR + 30 * MINUTE, REVIEWS, DISTRICT_1),
    ]
    moved = {command: -1, command + 1: -1, crowded: 2}
    assert {int(d): int(s.extra[d]) for d in np.flatnonzero(s.extra)} == moved
    assert s.extra_from[[crowded, command]].tolist() == [begins, MONDAY_9]
    assert s.extra_until[[crowded, command]].tolist() == [back, back]
    assert state.moved.sum() == 0  # before the window
    s.extra[:] = 0
    review(w, state, DAY + MONDAY_9, DISTRICT_1)
    assert {int(d): int(state.moved[d]) for d in np.flatnonzero(state.moved)} == {crowded: 2}


@pytest.mark.parametrize(("now", "lever"), [(10 * HOUR, 0.5), (MONDAY_9, 0.0)])
def test_nothing_moves_between_changes_or_without_the_lever(offices, layout, state, now, lever):
    w = world_handle(with_lever(offices, flexible=lever))
    w.fields.situation.fields.load[own_desk(layout, DISTRICT, BOARD)] = 9
    review(w, state, now, DISTRICT_1)
    assert not w.fields.situation.fields.extra.any()


# --- emergency mode ---------------------------------------------------------------------------


@pytest.fixture
def w(offices):
    return world_handle(with_lever(offices, emergency=1.0))


def mode(w):
    return w.fields.situation.fields.emergency[:, E_MODE].tolist()


def test_a_district_goes_over_after_switching_and_wakes_its_desks(w, layout, state):
    table = w.fields.situation.fields.emergency
    table[DISTRICT_1, E_ALARM] = 2
    assert review(w, state, HOUR, 1, 2) == [(90 * MINUTE, REVIEWS, 2), (2 * HOUR, REVIEWS, 1)]
    assert mode(w) == [0, 0, 0]
    assert review(w, state, 90 * MINUTE, 2) == [(2 * HOUR, REVIEWS, 2)]
    assert mode(w) == [0, 0, OWN]
    own = np.flatnonzero(layout.centre == DISTRICT_1)
    assert sorted(state.touched[: state.count[N_TOUCHED]]) == own.tolist()
    table[DISTRICT_1, E_ALARM] = 1
    review(w, state, 7 * HOUR, 2)
    assert table[DISTRICT_1, E_COMING] == 0  # not for long enough
    review(w, state, 8 * HOUR, 2)
    review(w, state, 8 * HOUR + 30 * MINUTE, 2)
    assert mode(w) == [0, 0, 0]
    assert table[DISTRICT_1, E_PAUSED] == 7 * HOUR


def test_the_city_takes_the_districts_along_and_lets_them_go(w, state):
    table = w.fields.situation.fields.emergency
    table[[0, 1], E_ALARM] = 3, 2
    review(w, state, HOUR, 0, 1, 2)
    review(w, state, 90 * MINUTE, 0, 1)
    assert mode(w) == [OWN, OWN | BY_CITY, BY_CITY]
    table[0, E_ALARM] = 0
    review(w, state, 8 * HOUR, 0)
    review(w, state, 8 * HOUR + 30 * MINUTE, 0)
    assert mode(w) == [0, OWN, 0]
    assert table[:, E_PAUSED].tolist() == [7 * HOUR] * 3  # the own one goes on


def test_waiting_emergencies_go_to_the_front(w, layout, state):
    """Of two at a desk the later is a fire; of two at another neither is in the district."""
    s, desk = Handle(state), own_desk(layout, CITY, COMMAND)
    places = []
    for k, (kind, district) in enumerate([(0, 1), (FIRE, 1)]):
        slot = new_incident(s, arrival(k=k, kind=kind, district=district))
        places.append(new_task(s, slot, 0))
        state.tasks[places[k], [rows.T_DESK, rows.T_JOINED]] = desk, k
        wait(w, s, places[k], k)
    assert first(state.tasks, state.incidents, state.desks, desk) == places[0]
    table = w.fields.situation.fields.emergency
    table[1, E_COMING] = HOUR
    review(w, state, HOUR, 1)
    assert (
        first(state.tasks, state.incidents, state.desks, desk) == places[0]
    )  # the other district's mode
    table[2, E_COMING] = 2 * HOUR
    review(w, state, 2 * HOUR, 2)
    assert first(state.tasks, state.incidents, state.desks, desk) == places[1]
    assert state.tasks[places[1], rows.T_JOINED] == 1


def test_nights_on_duty_are_counted_within_the_window(w, layout, state):
    """From noon of Monday to the end of Tuesday, in offices; half of two seats is one."""
    w.fields.situation.fields.emergency[DISTRICT_1, E_MODE] = OWN
    centres.keep_modes(w, Handle(state), 3 * DAY)
    own = np.flatnonzero(layout.centre == DISTRICT_1)
    hours = HOUR // 2 + 9 * HOUR // 2 + 8 * HOUR  # open in the window
    closed = 36 * HOUR - hours
    pool = own[-1]
    assert state.emergency[own].tolist() == [36 * HOUR] * own.size
    assert state.emergency.sum() == 36 * HOUR * own.size
    assert state.overtime[own[:-1]].tolist() == [closed] * (own.size - 1)
    assert state.overtime[pool] == 0
    centres.keep_modes(w, Handle(state), 3 * DAY)
    assert state.overtime[own[0]] == closed  # it is kept once
    assert w.fields.situation.fields.emergency[DISTRICT_1, E_PAUSED] == 3 * DAY


def test_alarms_follow_the_state_of_an_incident(w):
    alarm = w.fields.situation.fields.emergency[:, E_ALARM]
    inc = incident_row(kind=FIRE, severity=codes.GRADE_II)
    for state, expected in (
        (codes.OPEN, [1, 0, 1]),
        (codes.OPEN, [1, 0, 1]),
        (codes.ASLEEP, [0, 0, 0]),
        (codes.OPEN, [1, 0, 1]),
        (codes.SOLVED, [0, 0, 0]),
    ):
        inc[rows.I_STATE] = state
        centres.keep_alarms(w, inc)
        assert alarm.tolist() == expected
    mild = incident_row(kind=FIRE)
    centres.keep_alarms(w, mild)
    assert alarm.tolist() == [0, 0, 1]
    mild[rows.I_GRADE] = codes.GRADE_I
    centres.keep_alarms(w, mild)
    assert alarm.tolist() == [1, 0, 1]


# --- patrol -----------------------------------------------------------------------------------


def test_work_is_booked_by_shift(plain, layout):
    world = with_mechanism(changed(plain, seats=1), patrol_weight=1.0, patrol_least=0.1)
    w, first = world_handle(world), int(plain.cal.seg_first[plain.patrol, 0])
    morning, afternoon = 7 * HOUR // 2, 9 * HOUR // 2  # 08:30 to 12:00, 14:00 to 18:30
    of_afternoon = afternoon - int((1 - 150 / morning) * afternoon)
    of_morning = morning - int((1 - 30 / afternoon) * morning)
    desk = find_desk(layout, GRID, GRID_DESK, 0, 8)
    row = w.fields.situation.fields.patrol[8]
    for now, length, expected in (
        (7 * HOUR, 5, [first - 1, 5, 0, 0]),
        (9 * HOUR, 100, [first, 100, 5, 0]),  # nothing is lost in the first shift
        (13 * HOUR, 50, [first, 150, 5, 0]),
        (14 * HOUR, 30, [first + 1, 30, 150, of_afternoon]),
        (DAY + 15 * HOUR, 10, [first + 3, 10, 0, of_afternoon + of_morning]),
    ):
        centres.book_work(w, desk, now, length)
        assert row.tolist() == expected
    assert not w.fields.situation.fields.patrol[7].any()

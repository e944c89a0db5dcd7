"""Emergency mode: who goes over when, what comes first, who is on duty at night, what pauses."""

import pytest

from sim import codes, rows
from sim.codes import (
    BOARD,
    CITY,
    COMMAND,
    DEPARTMENT,
    DISPOSE,
    DISTRICT,
    GRADE_II,
    GRADE_III,
    HOTLINE_DESK,
    OPEN,
    POOL,
    TOWNSHIP,
)
from sim.draws import OF_BACKGROUND, OF_FALSE_ALARM
from sim.rules import emergency
from sim.rules.disposal import after_dispose
from sim.rules.emergency import BY_CITY, OWN
from sim.rules.life import after_visit
from sim.rules.sensing import accept
from sim.rules.work import seats_open
from sim.situation import E_ALARM, E_COMING, E_KEPT, E_MODE, E_PAUSED, E_SINCE
from sim.units import HOUR
from sim.world import world_handle
from tests.conftest import (
    MONDAY_9,
    changed,
    incident_row,
    task_row,
    with_lever,
    with_mechanism,
    with_route,
)

FIRE = 2  # the kind that is an emergency
DISTRICT_1 = 2  # its centre


@pytest.fixture(scope="module")
def world(plain, siloed):
    kinds = [kind == FIRE for kind in range(len(plain.lead))]
    office = siloed.calendar_names.openings.index("office")
    world = changed(plain, emergency=kinds, alarm_on=(10, 4, 4), seats=(3, 1, 1))
    world = with_mechanism(
        changed(world, desk_opening=office),
        review=HOUR,
        emergency_off=0.5,
        emergency_least=6 * HOUR,
        night_share=0.5,
        emergency_coordination=0.25,
    )
    return with_lever(world, emergency=1.0)


def put(world, centre=DISTRICT_1, **columns):
    """The world as rules take it, with columns of a centre's emergency mode by name."""
    w = world_handle(world)
    row = w.fields.situation.fields.emergency[centre]
    places = {"alarm": E_ALARM, "mode": E_MODE, "since": E_SINCE}
    places |= {"coming": E_COMING, "kept": E_KEPT, "paused": E_PAUSED}
    for name, value in columns.items():
        row[places[name]] = value
    return w


# --- alarms -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "is_one", "counts"),
    [
        ({}, False, 0),
        ({"kind": FIRE}, True, 1),
        ({"severity": GRADE_II}, True, 2),
        ({"kind": FIRE, "severity": GRADE_II}, True, 3),
        ({"severity": GRADE_III, "grade": GRADE_II}, True, 2),  # it has grown
        ({"kind": FIRE, "state": codes.ASLEEP}, True, 0),
        ({"kind": FIRE, "state": codes.SOLVED}, True, 0),
        ({"kind": FIRE, "entity": OF_FALSE_ALARM}, True, 0),
        ({"kind": FIRE, "entity": OF_BACKGROUND}, False, 0),
    ],
)
def test_open_emergencies_count_for_the_district_and_grave_ones_for_the_city(
    world, columns, is_one, counts
):
    w, inc = world_handle(world), incident_row(**{"kind": 0, "state": OPEN} | columns)
    assert bool(emergency.is_emergency(w, inc)) == is_one
    assert emergency.alarms(w, inc) == counts


@pytest.mark.parametrize(
    ("columns", "changes"),
    [
        ({"alarm": 3}, False),
        ({"alarm": 4}, True),
        ({"alarm": 9, "coming": 10}, False),  # it has decided already
        ({"alarm": 2, "mode": OWN}, False),  # half of the threshold, or more
        ({"alarm": 1, "mode": OWN}, True),
        ({"alarm": 1, "mode": OWN, "since": 4 * HOUR}, False),  # not for long enough
        ({"alarm": 1, "mode": OWN, "since": 3 * HOUR}, True),
        ({"alarm": 1, "mode": OWN, "coming": 10}, False),
        ({"alarm": 3, "mode": BY_CITY}, False),
        ({"alarm": 4, "mode": BY_CITY}, True),  # its own beside the city's
        ({"alarm": 1, "mode": OWN | BY_CITY}, True),
    ],
)
def test_a_centre_goes_over_at_its_threshold_and_back_below_it(world, columns, changes):
    assert emergency.changes(put(world, **columns), DISTRICT_1, MONDAY_9) == changes


@pytest.mark.parametrize(("alarm", "changes"), [(9, False), (10, True)])
def test_the_city_has_a_threshold_of_its_own(world, alarm, changes):
    assert emergency.changes(put(world, 0, alarm=alarm), 0, MONDAY_9) == changes


@pytest.mark.parametrize(("mode", "changes"), [(0, False), (OWN, True)])
def test_a_policy_without_the_mode_does_not_begin_it_and_ends_it(world, mode, changes):
    w = put(with_lever(world, emergency=0.0), alarm=99, mode=mode)
    assert emergency.changes(w, DISTRICT_1, MONDAY_9) == changes
    assert not emergency.is_taken_along(w, DISTRICT_1, MONDAY_9)
    assert emergency.is_taken_along(world_handle(world), DISTRICT_1, MONDAY_9)


# --- what it changes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "columns", "found"),
    [
        (0, {"kind": FIRE}, codes.ORDINARY),
        (OWN, {"kind": FIRE}, -1),
        (BY_CITY, {"kind": FIRE}, -1),
        (OWN, {"kind": FIRE, "class": 0}, -1),
        (OWN, {"kind": 0}, codes.ORDINARY),
        (OWN, {"kind": 0, "class": codes.ESCALATED}, codes.ESCALATED),
        (OWN, {"kind": 0, "severity": GRADE_II}, -1),
        (OWN, {"kind": FIRE, "district": 0}, codes.ORDINARY),  # the other district goes on as ever
    ],
)
def test_emergencies_come_first_in_the_mode(world, mode, columns, found):
    assert emergency.queue_class(put(world, mode=mode), incident_row(**columns)) == found


@pytest.mark.parametrize(
    ("tier", "group", "share", "seats"),
    [
        (DISTRICT, COMMAND, 0.5, 2),  # of three in the first shift, rounded up
        (DISTRICT, BOARD, 0.5, 2),
        (DISTRICT, DEPARTMENT, 1.0, 3),
        (DISTRICT, DEPARTMENT, 0.0, 0),
        (DISTRICT, POOL, 0.5, 0),
        (CITY, HOTLINE_DESK, 0.5, 0),
        (CITY, COMMAND, 0.1, 1),
        (TOWNSHIP, COMMAND, 0.5, 0),
    ],
)
def test_part_of_the_seats_is_on_duty_at_night(world, at, tier, group, share, seats):
    world, desk = with_mechanism(world, night_share=share), at(tier, group)
    centre = {CITY: 0, DISTRICT: DISTRICT_1, TOWNSHIP: DISTRICT_1}[tier]
    assert emergency.night_staff(world_handle(world), desk, 3 * HOUR) == seats
    for mode, expected in ((0, 0), (OWN, seats), (BY_CITY, seats)):
        w = put(world, centre, mode=mode)
        assert seats_open(w, desk, 3 * HOUR) == expected
        assert seats_open(w, desk, MONDAY_9) == 3  # by day as ever


@pytest.mark.parametrize(("mode", "kind", "wait"), [(OWN, FIRE, 0), (OWN, 0, 1), (0, FIRE, 1)])
def test_emergencies_need_no_batch_in_the_mode(world, batches, at, mode, kind, wait):
    world = with_route(world._replace(choice=batches.choice), judge=(TOWNSHIP, COMMAND))
    inc, desk = incident_row(kind=kind, tier=DISTRICT), at(TOWNSHIP, COMMAND)
    task = task_row(stage=codes.JUDGE, desk=desk, joined=MONDAY_9, work=0)
    command = after_visit(put(world, mode=mode), inc, task, MONDAY_9)
    assert command == (codes.DELAY if wait else codes.QUEUE)


@pytest.mark.parametrize(("mode", "kind", "hours"), [(0, FIRE, 8), (OWN, FIRE, 2), (OWN, 0, 8)])
def test_departments_talk_by_telephone_in_the_mode(world, at, mode, kind, hours):
    w = put(with_mechanism(world, coordination=8 * HOUR), mode=mode)
    inc = incident_row(kind=kind, partners=1 << 3)
    task = task_row(stage=DISPOSE, desk=at(DISTRICT, DEPARTMENT), tier=DISTRICT, done={DISPOSE: 1})
    assert after_dispose(w, inc, task, MONDAY_9) == codes.DELAY
    assert task[rows.T_UNTIL] == MONDAY_9 + hours * HOUR


# --- limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "paused", "kept", "time"),
    [(0, 70, 500, 70), (OWN, 70, 500, 570), (BY_CITY, 0, 0, 1000)],
)
def test_time_in_the_mode_is_kept(world, mode, paused, kept, time):
    w = put(world, mode=mode, paused=paused, kept=kept)
    assert emergency.mode_time(w, incident_row(), 1000) == time
    inc = incident_row(state=codes.UNSEEN)
    accept(w, inc, 1000)
    assert inc[rows.I_PAUSED] == time


@pytest.mark.parametrize(
    ("columns", "mode", "paused", "kept", "now", "wait"),
    [
        ({}, 0, 0, 0, 10 * HOUR, 0),
        ({}, 0, 2 * HOUR, 0, 10 * HOUR, 2 * HOUR),
        ({"paused": HOUR}, 0, 2 * HOUR, 0, 10 * HOUR, HOUR),
        ({"paused": 2 * HOUR}, 0, 2 * HOUR, 0, 10 * HOUR, 0),
        ({}, 0, 2 * HOUR, 0, 12 * HOUR, 0),  # it has rung as late already
        ({"kind": FIRE}, 0, 2 * HOUR, 0, 10 * HOUR, 0),
        ({"severity": GRADE_II}, OWN, 2 * HOUR, 0, 10 * HOUR, 0),
        ({}, OWN, 0, 7 * HOUR, 10 * HOUR, 3 * HOUR),
        ({}, OWN, 0, 10 * HOUR - 1, 10 * HOUR, HOUR),  # the mode goes on: at the next review
        ({}, OWN, 0, 10 * HOUR, 10 * HOUR, 0),
    ],
)
def test_limits_of_routine_pause_in_the_mode(world, columns, mode, paused, kept, now, wait):
    w = put(world, mode=mode, paused=paused, kept=kept)
    assert emergency.pause(w, incident_row(**columns), 10 * HOUR, now) == wait

"""Supervision before, at and after the limit: state in, state and command out.

In the world `plain` a lever of 1 always acts and a lever of 0 never. Limits are ten hours long.
"""

import pytest

from sim import codes, rows
from sim.codes import (
    AFTER_LIMIT,
    ANSWER,
    AT_DISPOSER,
    AT_LIMIT,
    AT_PARENT,
    BEFORE_LIMIT,
    BOARD,
    CITY,
    COMMAND,
    CRITICISE,
    DEPARTMENT,
    DISTRICT,
    END,
    ESCALATED,
    EXTEND,
    GRID,
    GRID_DESK,
    NONE,
    NOTIFY,
    ORDINARY,
    QUEUE,
    REKEY,
    REMIND,
    REMINDED,
    SUPERVISE,
    TOWNSHIP,
)
from sim.records import SUPERVISE_BRANCH, TIMER_BRANCH
from sim.rules.emergency import queue_class
from sim.rules.supervision import errand_work, next_point, supervise
from sim.units import HOUR, NEVER
from sim.world import world_handle
from tests.conftest import (
    MONDAY_9,
    end_visit,
    incident_row,
    task_row,
    visited,
    with_lever,
    with_mechanism,
    with_route,
)

LIMIT = MONDAY_9 + 10 * HOUR
NUMBERS = {"reminder_lead": 0.2, "criticism_delay": 3 * HOUR, "extension_length": 0.5}


@pytest.fixture
def world(plain):
    """Parents' boards supervise."""
    return with_route(with_mechanism(plain, **NUMBERS), supervise=(AT_PARENT, BOARD))


@pytest.fixture
def late(at):
    """An incident with a limit that a township's board disposes of."""
    return lambda **columns: incident_row(
        **{"limit": LIMIT, "lead_desk": at(TOWNSHIP, BOARD)} | columns
    )


def points(world, inc, most=9):
    """[(tick, errand)] of an incident that nobody ever closes; None: nothing is done."""
    w, found, tick = world_handle(world), [], 0
    while (tick := next_point(w, inc, tick)) < NEVER and len(found) < most:
        task = task_row()
        command = supervise(w, inc, task, tick)
        found.append((tick, int(task[rows.T_ERRAND]) if command == QUEUE else None))
    return found


# --- the timer goes from point to point -------------------------------------------------------


@pytest.mark.parametrize(
    ("levers", "expected"),
    [
        ({}, []),
        ({"supervision": 1.0}, [(LIMIT + 1, NOTIFY)]),
        ({"reminder": 1.0}, [(LIMIT - 2 * HOUR, REMIND)]),
        ({"criticism": 1.0}, [(LIMIT + 1 + 3 * HOUR, CRITICISE)]),
        (
            {"reminder": 1.0, "supervision": 1.0, "criticism": 1.0},
            [(LIMIT - 2 * HOUR, REMIND), (LIMIT + 1, NOTIFY), (LIMIT + 1 + 3 * HOUR, CRITICISE)],
        ),
        (
            {"extension": 1.0, "supervision": 1.0},  # granted once, and nothing before the new one
            [(LIMIT - 2 * HOUR, EXTEND), (LIMIT + 5 * HOUR + 1, NOTIFY)],
        ),
        (
            {"extension": 1.0, "reminder": 1.0},
            [(LIMIT - 2 * HOUR, EXTEND), (LIMIT + 3 * HOUR, REMIND)],
        ),
        ({"assessment": 1.0}, [(LIMIT - 2 * HOUR, EXTEND)]),
    ],
)
def test_each_point_comes_where_the_policy_may_do_something(world, late, levers, expected):
    world = with_mechanism(world, asked_extension=1.0)
    assert points(with_lever(world, **levers), late()) == expected


def test_a_lever_is_the_share_of_incidents(world, late):
    world = with_lever(world, reminder=0.3, criticism=0.6, supervision=0.0)
    made = [dict(points(world, late(key=key))).values() for key in range(2000)]
    for errand, share in ((REMIND, 0.3), (CRITICISE, 0.6)):
        n = sum(errand in errands for errands in made)
        assert n == pytest.approx(2000 * share, abs=4 * (2000 * share * (1 - share)) ** 0.5)


def test_raising_a_lever_keeps_who_was_reminded(world, late):
    def reminded(share):
        w = with_lever(world, reminder=share)
        return {key for key in range(500) if points(w, late(key=key))[0][1] == REMIND}

    assert reminded(0.2) < reminded(0.5) < reminded(0.8)


def test_an_incident_without_a_limit_in_sight_is_not_supervised(world):
    world = with_lever(world, reminder=1.0, supervision=1.0, criticism=1.0, extension=1.0)
    assert points(world, incident_row()) == []


@pytest.mark.parametrize("point", [BEFORE_LIMIT, AT_LIMIT, AFTER_LIMIT])
@pytest.mark.parametrize(
    ("columns", "place"),
    [
        ({"state": codes.SOLVED, "first": 5}, AT_PARENT),
        ({"state": codes.ASLEEP, "first": 5}, AT_PARENT),
        ({"state": codes.WITHDRAWN}, AT_PARENT),  # its caller has given up
        ({"first": 5}, AT_PARENT),  # closed once, falsely, and come back
        ({}, NONE),
    ],
)
def test_nothing_is_done_for_what_is_not_open_was_closed_or_has_no_supervisor(
    world, late, point, columns, place
):
    world = with_lever(world, reminder=1.0, supervision=1.0, criticism=1.0, extension=1.0)
    world = with_route(world, supervise=(place, BOARD))
    inc = late(point=point, **columns)
    assert supervise(world_handle(world), inc, task_row(), LIMIT) == END
    assert (inc[rows.I_POINT], inc[rows.I_EXTENSIONS], inc[rows.I_DUE]) == (point + 1, 0, LIMIT)
    closed = "first" in columns
    assert (next_point(world_handle(world), inc, LIMIT) == NEVER) == (
        closed or point == AFTER_LIMIT
    )


# --- extension --------------------------------------------------------------------------------


@pytest.mark.parametrize(("begun", "errand"), [(0, EXTEND), (1, REMIND)])
def test_an_extension_is_granted_only_while_nobody_has_begun_to_dispose(world, late, begun, errand):
    world = with_lever(world, extension=1.0, reminder=1.0)
    inc, task = late(begun=begun), task_row()
    assert supervise(world_handle(world), inc, task, LIMIT - 2 * HOUR) == QUEUE
    assert task[rows.T_ERRAND] == errand
    extended = errand == EXTEND
    assert inc[rows.I_EXTENSIONS] == extended
    assert inc[rows.I_DUE] == LIMIT + 5 * HOUR * extended
    assert inc[rows.I_LIMIT] == LIMIT  # by which it counts as on time all the same


def test_a_limit_that_an_extension_puts_off_beyond_every_horizon_is_none(world, late):
    world = with_mechanism(with_lever(world, extension=1.0), extension_length=1e6)
    inc = late()
    assert supervise(world_handle(world), inc, task_row(), LIMIT - 2 * HOUR) == QUEUE
    assert inc[rows.I_DUE] == NEVER
    assert next_point(world_handle(world), inc, LIMIT) == NEVER


# --- who supervises ---------------------------------------------------------------------------


@pytest.mark.parametrize("point", [BEFORE_LIMIT, AT_LIMIT])
@pytest.mark.parametrize("extension", [0.0, 1.0])
def test_the_desk_of_the_stage_table_reminds_notifies_and_extends(
    world, late, at, point, extension
):
    world = with_lever(world, reminder=1.0, supervision=1.0, extension=extension)
    task = task_row()
    assert supervise(world_handle(world), late(point=point), task, LIMIT) == QUEUE
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == (SUPERVISE, at(DISTRICT, BOARD, 0))
    assert task[rows.T_BRANCH] == SUPERVISE_BRANCH + task[rows.T_ERRAND] - NOTIFY < TIMER_BRANCH
    assert (task[rows.T_NEWLY], task[rows.T_REPORT]) == (0, 0)


@pytest.mark.parametrize(
    ("place", "lead", "critic", "answers"),
    [
        ((AT_PARENT, BOARD), (TOWNSHIP, BOARD), CITY, TOWNSHIP),
        ((AT_PARENT, COMMAND), (GRID, GRID_DESK), DISTRICT, TOWNSHIP),
        ((AT_PARENT, BOARD), (DISTRICT, DEPARTMENT), CITY, DISTRICT),
        ((AT_PARENT, BOARD), (CITY, DEPARTMENT), CITY, CITY),
        ((AT_PARENT, BOARD), None, CITY, TOWNSHIP),  # nobody has been named
        ((AT_DISPOSER, NONE), (GRID, GRID_DESK), TOWNSHIP, TOWNSHIP),
        ((TOWNSHIP, COMMAND), (DISTRICT, DEPARTMENT), DISTRICT, DISTRICT),
    ],
)
def test_criticism_comes_from_a_tier_above_and_the_criticised_centre_answers(
    world, late, at, place, lead, critic, answers
):
    world = with_route(with_lever(world, criticism=1.0), supervise=place)
    inc = late(point=AFTER_LIMIT, lead_desk=NONE if lead is None else at(*lead))
    task = task_row()
    assert supervise(world_handle(world), inc, task, LIMIT + HOUR) == QUEUE
    board = 2 if critic == TOWNSHIP else 0  # of the kind: the third of a township's
    assert task[rows.T_DESK] == at(critic, BOARD, board)
    assert end_visit(world, inc, task) == QUEUE
    assert inc[[rows.I_CRITICISED, rows.I_CLASS]].tolist() == [1, ORDINARY]
    expected = [SUPERVISE, at(answers, COMMAND), ANSWER]
    assert task[[rows.T_STAGE, rows.T_DESK, rows.T_ERRAND]].tolist() == expected
    assert end_visit(world, inc, task) == REKEY
    assert inc[[rows.I_CRITICISED, rows.I_CLASS]].tolist() == [1, ESCALATED]


# --- what comes of it -------------------------------------------------------------------------


@pytest.mark.parametrize("before", [ORDINARY, REMINDED, ESCALATED])
@pytest.mark.parametrize(
    ("errand", "command", "least", "counted"),
    [
        (NOTIFY, REKEY, ESCALATED, "escalated"),
        (REMIND, REKEY, REMINDED, "reminded"),
        (EXTEND, END, ORDINARY, None),
    ],
)
def test_an_errand_raises_the_class_and_enters_no_account(
    world, at, before, errand, command, least, counted
):
    inc = incident_row(**{"class": before})
    place = {"branch": SUPERVISE_BRANCH + errand - NOTIFY, "errand": errand}
    found, _ = visited(world, inc, SUPERVISE, at(DISTRICT, BOARD), **place)
    assert found == command
    assert queue_class(world_handle(world), inc) == min(before, least)
    assert not inc[rows.I_ACCOUNT :].any()
    for name in ("escalated", "reminded", "criticised"):
        assert inc[getattr(rows, f"I_{name.upper()}")] == (name == counted)


def test_escalated_goes_before_reminded_before_ordinary():
    assert ESCALATED < REMINDED < ORDINARY


@pytest.mark.parametrize(
    ("errand", "factor"), [(NOTIFY, 1.0), (REMIND, 0.3), (CRITICISE, 3.0), (ANSWER, 4.0)]
)
def test_work_is_relative_to_a_notice(plain, errand, factor):
    world = with_mechanism(plain, reminder_work=0.3, criticism_work=3.0, answer_work=4.0)
    assert errand_work(world_handle(world), task_row(errand=errand)) == factor

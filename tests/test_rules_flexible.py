"""Seats move from idle desks to crowded ones of the same centre, and none is made or lost."""

import pytest

from sim.codes import BOARD, COMMAND, DEPARTMENT, DISTRICT, NONE, POOL
from sim.rules.flexible import lent, movable, next_move, until
from sim.rules.work import seats_open
from sim.units import DAY, HOUR, MINUTE
from sim.world import world_handle
from tests.conftest import MONDAY_9, changed, own_desk, with_lever

CENTRE = 2  # the district of `own_desk`


@pytest.fixture(scope="module")
def world(plain, siloed):
    """Offices of two seats at every desk, half of which may move."""
    number = siloed.calendar_names.openings.index("office")
    return with_lever(changed(plain, desk_opening=number, seats=2), flexible=0.5)


@pytest.fixture(scope="module")
def desks(layout):
    """Command and departments of a district."""
    command = own_desk(layout, DISTRICT, COMMAND)
    return [command, *(own_desk(layout, DISTRICT, DEPARTMENT, unit) for unit in range(4))]


def loaded(world, load):
    """The world as rules take it, with tasks at desks, by desk."""
    w = world_handle(world)
    for desk, tasks in load.items():
        w.fields.situation.fields.load[desk] = tasks
    return w


@pytest.mark.parametrize(
    ("flexible", "pooling", "tick", "seats"),
    [
        (0.5, 0.0, MONDAY_9, 10),  # of ten desks of two seats
        (0.04, 0.0, MONDAY_9, 0),
        (0.06, 0.0, MONDAY_9, 1),
        (1.0, 0.9, MONDAY_9, 20),
        (1.0, 1.0, MONDAY_9, 0),
        (0.0, 0.0, MONDAY_9, 0),
        (0.5, 0.0, 20 * HOUR, 0),
    ],
)
def test_a_share_of_the_open_seats_may_move(world, flexible, pooling, tick, seats):
    w = world_handle(with_lever(world, flexible=flexible, pooling=pooling))
    assert movable(w, CENTRE, tick) == seats


def test_departments_on_duty_have_no_seats_to_move(world):
    w = world_handle(changed(world, duty=True))
    assert movable(w, CENTRE, MONDAY_9) == 6


def test_the_idlest_desk_gives_to_the_most_crowded(world, desks, layout):
    command, a, b, c, d = desks
    everyone = dict.fromkeys(range(command, command + 10), 2)
    w = loaded(world, everyone | {command: 1, a: 5, b: 0, c: 9})
    assert next_move(w, CENTRE, MONDAY_9) == (b, c)
    w = loaded(world, everyone | {a: 4, c: 4, b: 1, d: 1})
    assert next_move(w, CENTRE, MONDAY_9) == (b, a)  # the first of those alike
    extra = w.fields.situation.fields.extra
    extra[b], extra[a] = -1, 1
    assert next_move(w, CENTRE, MONDAY_9) == (d, c)
    extra[d], extra[c] = -1, 1
    assert next_move(w, CENTRE, MONDAY_9) == (NONE, NONE)  # nobody is idle any more


@pytest.mark.parametrize("tasks", [0, 2, 9])
def test_nobody_moves_where_all_have_as_much_to_do(world, desks, tasks):
    first = desks[0]
    w = loaded(world, dict.fromkeys(range(first, first + 10), tasks))
    assert next_move(w, CENTRE, MONDAY_9) == (NONE, NONE)


def test_a_closed_desk_neither_gives_nor_takes(world, desks, siloed):
    command, a, b, *_ = desks
    opening = world.desk_opening.copy()
    opening[a] = siloed.calendar_names.openings.index("extended")
    some = changed(world, desk_opening=opening)
    w = loaded(some, {a: 0, b: 9})
    assert next_move(w, CENTRE, 8 * HOUR) == (NONE, NONE)  # only the one is open
    assert next_move(w, CENTRE, MONDAY_9) == (command, b)


@pytest.mark.parametrize(
    ("now", "back"),
    [
        (MONDAY_9, 12 * HOUR + 30 * MINUTE),
        (13 * HOUR + 30 * MINUTE, 16 * HOUR),  # the evening shift of the extended desk
        (16 * HOUR, 18 * HOUR),
        (18 * HOUR, DAY),
        (DAY + 8 * HOUR, DAY + 9 * HOUR),
    ],
)
def test_seats_are_back_at_the_next_opening_or_closing(world, desks, siloed, now, back):
    opening = world.desk_opening.copy()
    opening[desks[1]] = siloed.calendar_names.openings.index("extended")
    assert until(world_handle(changed(world, desk_opening=opening)), CENTRE, now) == back


@pytest.mark.parametrize(
    ("extra", "tick", "found"), [(1, 99, 0), (1, 100, 1), (-2, 150, -2), (1, 199, 1), (1, 200, 0)]
)
def test_lent_seats_count_for_their_time(world, desks, extra, tick, found):
    w = world_handle(world)
    s = w.fields.situation.fields
    s.extra[desks[0]], s.extra_from[desks[0]], s.extra_until[desks[0]] = extra, 100, 200
    assert lent(w, desks[0], tick) == found
    assert lent(w, desks[1], tick) == 0


def test_they_are_open_beside_those_of_the_calendar(world, layout):
    board, pool = own_desk(layout, DISTRICT, BOARD), own_desk(layout, DISTRICT, POOL)
    w = world_handle(world)
    s = w.fields.situation.fields
    s.extra[[board, pool]], s.extra_until[[board, pool]] = (1, -2), 10 * HOUR
    assert [seats_open(w, desk, MONDAY_9) for desk in (board, pool)] == [3, 0]
    assert [seats_open(w, desk, 10 * HOUR) for desk in (board, pool)] == [2, 2]

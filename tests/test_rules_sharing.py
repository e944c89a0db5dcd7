"""A neighbouring township helps one that has more to do, and travels for it."""

import numpy as np
import pytest

from sim import rows
from sim.codes import (
    BOARD,
    COMMAND,
    DISPATCH,
    DISPOSE,
    DISTRICT,
    NONE,
    QUEUE,
    SIGN,
    TOWNSHIP,
    VERIFY,
)
from sim.rules.life import after_visit
from sim.rules.sharing import helping_desk, travel
from sim.rules.work import take_up
from sim.units import HOUR, MINUTE
from sim.world import world_handle
from tests.conftest import (
    MONDAY_9,
    changed,
    find_desk,
    incident_row,
    task_row,
    with_lever,
    with_mechanism,
)

NOW = 9 * HOUR
OWN, OTHER = 2, 3  # the townships of district 1


@pytest.fixture(scope="module")
def world(plain):
    world = with_mechanism(changed(plain, seats=1), sharing_queue=2.0, sharing_travel=600.0)
    return with_lever(world, load_sharing=1.0)


@pytest.fixture
def board(layout):
    return lambda township: find_desk(layout, TOWNSHIP, BOARD, 2, township)


def loaded(world, load):
    w = world_handle(world)
    for desk, tasks in load.items():
        w.fields.situation.fields.load[desk] = tasks
    return w


@pytest.mark.parametrize(
    ("own", "other", "helps"), [(0, 0, 0), (1, 0, 0), (2, 0, 1), (5, 3, 1), (5, 4, 0), (9, 0, 1)]
)
def test_the_neighbour_helps_where_it_has_less_to_do(world, board, own, other, helps):
    w = loaded(world, {board(OWN): own, board(OTHER): other})
    inc = incident_row(helped=1 - helps)
    assert helping_desk(w, inc, board(OWN), NOW) == board(OTHER if helps else OWN)
    assert inc[rows.I_HELPED] == helps


@pytest.mark.parametrize(("seats", "helps"), [(1, 1), (2, 1), (3, 0), (0, 1)])
def test_load_is_counted_by_the_seats_of_the_best_shift(world, board, seats, helps):
    """Four tasks at the own desk, and none at the neighbour's."""
    table = world.seats.copy()
    table[board(OWN)] = 0, seats, 0
    w = loaded(changed(world, seats=table), {board(OWN): 4})
    assert (helping_desk(w, incident_row(), board(OWN), NOW) == board(OTHER)) == helps


def test_a_neighbour_without_seats_cannot_help(world, board):
    table = world.seats.copy()
    table[board(OTHER)] = 0
    w = loaded(changed(world, seats=table), {board(OWN): 9})
    assert helping_desk(w, incident_row(), board(OWN), NOW) == board(OWN)


@pytest.mark.parametrize(
    ("before", "after", "helper"), [(0, 5, 0), (5, 0, 1), (3, 3, 0), (9, 9, 2)]
)
def test_the_less_burdened_of_two_helps(world, board, before, after, helper):
    """The first of those alike, and nobody who is as burdened."""
    ring = changed(world, neighbour=((0, 1), (0, 1), (0, 1), (2, 2)))
    w = loaded(ring, {board(OWN): 9, board(0): before, board(1): after})
    assert helping_desk(w, incident_row(), board(OWN), NOW) == board(helper)


@pytest.mark.parametrize(("neighbour", "lever"), [((OWN, OWN), 1.0), ((OTHER, OTHER), 0.0)])
def test_nobody_helps_a_lone_township_or_without_the_lever(world, board, neighbour, lever):
    world = with_lever(changed(world, neighbour=(neighbour,) * 4), load_sharing=lever)
    w = loaded(world, {board(OWN): 9})
    assert helping_desk(w, incident_row(), board(OWN), NOW) == board(OWN)


def test_other_tiers_and_none_are_left_alone(world, at):
    w = loaded(world, {at(DISTRICT, COMMAND): 9})
    assert helping_desk(w, incident_row(), at(DISTRICT, COMMAND), NOW) == at(DISTRICT, COMMAND)
    assert helping_desk(w, incident_row(), NONE, NOW) == NONE


def test_raising_the_lever_keeps_those_that_were_helped(world, board):
    found = []
    for share in (0.3, 0.6):
        w = loaded(with_lever(world, load_sharing=share), {board(OWN): 9})
        helped = set()
        for key in range(400):
            if helping_desk(w, incident_row(key=key), board(OWN), NOW) != board(OWN):
                helped.add(key)
        found.append(helped)
    few, many = found
    assert few < many
    assert np.allclose([len(few) / 400, len(many) / 400], [0.3, 0.6], atol=0.08)


def test_the_helper_signs_and_leads(world, board, at):
    w, inc = loaded(world, {board(OWN): 9}), incident_row()
    task = task_row(
        stage=DISPATCH, desk=at(TOWNSHIP, COMMAND), tier=TOWNSHIP, unit=2, direct=1, work=0,
        joined=MONDAY_9,
    )  # fmt: skip
    assert after_visit(w, inc, task, MONDAY_9) == QUEUE
    assert task[[rows.T_STAGE, rows.T_DESK]].tolist() == [SIGN, board(OTHER)]
    assert inc[[rows.I_LEAD_DESK, rows.I_HELPED]].tolist() == [board(OTHER), 1]


@pytest.mark.parametrize(
    ("columns", "helped", "minutes"),
    [
        ({"stage": DISPOSE}, 1, 10),
        ({"stage": DISPOSE}, 0, 0),
        ({"stage": VERIFY}, 1, 0),
        ({"stage": DISPOSE, "branch": 2}, 1, 0),
        ({"stage": DISPOSE, "turn": 2}, 1, 0),
        ({"stage": DISPOSE, "desk": 5}, 1, 0),
    ],
)
def test_only_the_helper_travels_and_only_to_dispose(world, board, columns, helped, minutes):
    inc = incident_row(helped=helped, lead_desk=board(OTHER))
    task = task_row(**{"desk": board(OTHER)} | columns)
    assert travel(world_handle(world), inc, task) == minutes * MINUTE


def test_travel_is_lengthened_as_other_work_is(world, board):
    half = changed(world, availability=0.5)
    times = []
    for helped in (0, 1):
        inc = incident_row(helped=helped, lead_desk=board(OTHER))
        task = task_row(stage=DISPOSE, desk=board(OTHER), right=1)
        take_up(world_handle(half), inc, task, MONDAY_9)
        times.append(int(task[rows.T_WORK]))
    assert times[1] - times[0] == 2 * 600

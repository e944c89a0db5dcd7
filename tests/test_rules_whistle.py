"""Whistle and report: when a township calls the departments in, who comes, and what it costs."""

import pytest

from sim import codes, rows
from sim.codes import (
    BOARD,
    CITY,
    COMMAND,
    DEPARTMENT,
    DISPOSE,
    DISTRICT,
    FORK,
    GRID,
    JUDGE,
    NONE,
    QUEUE,
    TOWNSHIP,
)
from sim.rules.disposal import make_partner, next_partner
from sim.rules.whistle import stay
from sim.rules.work import take_up
from sim.units import HOUR
from sim.world import world_handle
from tests.conftest import (
    changed,
    incident_row,
    task_row,
    visited,
    with_lever,
    with_mechanism,
    with_route,
)

TOWN = 1 << rows.TOWNSHIP_BIT


@pytest.fixture
def world(plain):
    """A wrong desk may return what is not its own to the city's command desk."""
    world = with_lever(plain, whistle=1.0, return_limit=3.0)
    return with_route(world, judge=(CITY, COMMAND))


def signed_at_township(world, inc, at, **columns):
    named = {"tier": TOWNSHIP, "unit": 2, "right": 1} | columns
    return visited(world, inc, codes.SIGN, at(TOWNSHIP, BOARD, 2), **named)


@pytest.mark.parametrize(
    ("columns", "right", "whistled"),
    [
        ({"tier": TOWNSHIP}, 1, False),  # its own affair
        ({"tier": DISTRICT}, 0, True),  # exceeds its powers
        ({"tier": CITY}, 0, True),
        ({"tier": GRID}, 0, False),
        ({"tier": TOWNSHIP, "partners": 1 << 3}, 1, True),  # needs others beside it
        ({"tier": TOWNSHIP, "severity": codes.GRADE_II}, 1, True),  # an emergency
        ({"tier": TOWNSHIP, "severity": codes.GRADE_III}, 1, False),
    ],
)
def test_a_township_whistles_for_what_it_cannot_do_alone(world, at, columns, right, whistled):
    inc = incident_row(**columns)
    command, task = signed_at_township(world, inc, at, right=right)
    assert inc[rows.I_WHISTLED] == whistled
    assert (command == FORK) == whistled
    if whistled:
        expected = [DISPOSE, at(DISTRICT, DEPARTMENT, 0), DISTRICT, 1, 1]
        names = (rows.T_STAGE, rows.T_DESK, rows.T_TIER, rows.T_RIGHT, rows.T_JOINT)
        assert task[list(names)].tolist() == expected
        assert inc[rows.I_LEAD_DESK] == at(DISTRICT, DEPARTMENT, 0)
        assert inc[rows.I_PARTNERS] == columns.get("partners", 0) | TOWN
        assert inc[rows.I_RETURNS] == 0


@pytest.mark.parametrize(
    ("lever", "columns", "named"),
    [
        (0.0, {}, {}),
        (1.0, {}, {"done": {DISPOSE: 1}}),  # a second life is dealt with by the lead alone
        (1.0, {}, {"tier": DISTRICT}),  # no township signs
    ],
)
def test_else_it_is_returned(world, at, lever, columns, named):
    inc = incident_row(tier=DISTRICT, **columns)
    command, task = signed_at_township(with_lever(world, whistle=lever), inc, at, right=0, **named)
    assert (command, task[rows.T_STAGE], inc[rows.I_RETURNS]) == (QUEUE, JUDGE, 1)
    assert inc[[rows.I_WHISTLED, rows.I_PARTNERS]].tolist() == [0, 0]


def test_where_no_department_disposes_nobody_is_called(world, at):
    inc = incident_row(tier=DISTRICT)
    alone = changed(world, dispose=[[NONE, NONE, BOARD, NONE]])
    signed_at_township(alone, inc, at, right=0)
    assert inc[rows.I_WHISTLED] == 0


def test_departments_and_the_township_come_at_once(world, at):
    inc = incident_row(tier=TOWNSHIP, partners=1 << 3)
    _, lead = signed_at_township(world, inc, at)
    desks, bit = [], next_partner(inc[rows.I_PARTNERS], -1)
    while bit != NONE:
        partner = task_row()
        make_partner(world_handle(world), inc, lead, partner, bit)
        desks.append(int(partner[rows.T_DESK]))
        bit = next_partner(inc[rows.I_PARTNERS], bit)
    assert desks == [at(DISTRICT, DEPARTMENT, 3), at(TOWNSHIP, BOARD, 2)]


@pytest.mark.parametrize(
    ("whistled", "joint", "tier", "work"),
    [
        (1, 1, DISTRICT, 1.5 * 1000 + 600),
        (1, 1, TOWNSHIP, 1.5 * 1000),  # is there already
        (0, 1, DISTRICT, 1000),
        (1, 0, DISTRICT, 1000),  # re-work, by the lead alone
    ],
)
def test_who_comes_travels_and_stays(plain, at, whistled, joint, tier, work):
    world = with_mechanism(plain, whistle_stay=1.5, whistle_travel=600.0)
    world = with_lever(world, shared_data=1.0)
    desk = at(tier, DEPARTMENT if tier == DISTRICT else BOARD)
    inc = incident_row(whistled=whistled)
    task = task_row(stage=DISPOSE, joint=joint, desk=desk, right=1)
    assert stay(world_handle(world), inc, task, 1000.0) == work
    take_up(world_handle(world), inc, task, 9 * HOUR)
    assert task[rows.T_WORK] == work

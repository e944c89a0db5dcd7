"""Dual dispatch: who leads, who is called in beside, and what the co-handler does."""

import pytest

from sim import rows
from sim.codes import (
    BOARD,
    CITY,
    CO_HANDLE,
    COMMAND,
    DEPARTMENT,
    DISTRICT,
    END,
    GRID,
    JUDGE,
    NO_ERRAND,
    NONE,
    SIGN,
    TOWNSHIP,
)
from sim.rules.dual import call_in, pair
from sim.units import HOUR
from sim.world import world_handle
from tests.conftest import (
    changed,
    end_visit,
    incident_row,
    judged,
    task_row,
    with_lever,
    with_mechanism,
    with_route,
)


@pytest.fixture
def world(plain):
    return with_lever(plain, dual=1.0, direct=1.0)


@pytest.mark.parametrize(
    ("named", "unit", "true", "lead", "right"),
    [
        (DISTRICT, 0, DISTRICT, DISTRICT, 1),
        (TOWNSHIP, 2, TOWNSHIP, TOWNSHIP, 1),
        (DISTRICT, 0, TOWNSHIP, TOWNSHIP, 1),  # wrong by tier between the two
        (TOWNSHIP, 2, DISTRICT, DISTRICT, 1),
        (DISTRICT, 3, DISTRICT, DISTRICT, 0),  # the right department is not among them
        (TOWNSHIP, 1, TOWNSHIP, TOWNSHIP, 0),
        (DISTRICT, 0, CITY, DISTRICT, 0),
        (TOWNSHIP, 2, GRID, TOWNSHIP, 0),
    ],
)
def test_the_right_one_of_the_two_leads(world, at, named, unit, true, lead, right):
    inc = incident_row(tier=true)
    task = task_row(tier=named, unit=unit, right=int(named == true and unit in (0, 2)), direct=1)
    pair(world_handle(world), inc, task)
    assert inc[[rows.I_DUAL, rows.I_CALLING]].tolist() == [1, 1]
    assert task[[rows.T_TIER, rows.T_RIGHT]].tolist() == [lead, right]
    leads_by_table = (named, unit) if lead == named else (lead, 2 if lead == TOWNSHIP else 0)
    assert (task[rows.T_TIER], task[rows.T_UNIT]) == leads_by_table
    inc[rows.I_LEAD_DESK] = at(lead, BOARD if lead == TOWNSHIP else DEPARTMENT, task[rows.T_UNIT])
    side = task_row()
    call_in(world_handle(world), inc, side)
    other = at(DISTRICT, DEPARTMENT, 0) if lead == TOWNSHIP else at(TOWNSHIP, BOARD, 2)
    assert side[[rows.T_STAGE, rows.T_DESK, rows.T_ERRAND, rows.T_NEWLY]].tolist() == [
        SIGN, other, CO_HANDLE, 1,
    ]  # fmt: skip
    assert inc[rows.I_CALLING] == 0


@pytest.mark.parametrize("tier", [CITY, GRID])
def test_city_and_grid_have_no_co_handler(world, tier):
    inc = incident_row(tier=tier)
    pair(world_handle(world), inc, task_row(tier=tier, right=1, direct=1))
    assert inc[[rows.I_DUAL, rows.I_CALLING]].tolist() == [0, 0]


@pytest.mark.parametrize("tier", [DISTRICT, TOWNSHIP])
def test_where_one_of_the_two_disposes_of_nothing_there_is_no_co_handler(world, tier):
    one = changed(world, dispose=[[DEPARTMENT, NONE, BOARD, NONE]])
    inc = incident_row()
    pair(world_handle(one), inc, task_row(tier=tier, right=1, direct=1))
    assert inc[rows.I_DUAL] == 0


@pytest.mark.parametrize(("direct", "dual"), [(1.0, 1), (0.0, 0)])
def test_only_what_is_sent_directly_is_sent_to_two(world, at, direct, dual):
    inc = incident_row(tier=DISTRICT)
    judged(with_lever(world, direct=direct), inc, DISTRICT, at)
    assert inc[rows.I_DUAL] == dual


def test_it_is_sent_to_two_only_once(world, at):
    inc = incident_row(tier=DISTRICT, dual=1)
    judged(world, inc, DISTRICT, at)
    assert inc[rows.I_CALLING] == 0


def test_a_judgement_that_is_wrong_by_tier_is_not_returned(world, at, disposer):
    """Every judgement at the city names the township for the district's or the other way round."""
    world = with_mechanism(changed(world, clarity=-50.0), wrong_tier=1.0)
    world = with_lever(world, return_limit=5.0)
    returns = {0.0: [], 1.0: []}
    for share, counted in returns.items():
        for key in range(40):
            inc = incident_row(tier=DISTRICT, key=key)
            _, _, task = judged(with_lever(world, dual=share), inc, CITY, at)
            by_tier = task[rows.T_TIER] == TOWNSHIP or inc[rows.I_DUAL] == 1
            assert inc[rows.I_WRONG] == 1
            end_visit(with_route(with_lever(world, dual=share), judge=(CITY, COMMAND)), inc, task)
            counted.append((by_tier, int(inc[rows.I_RETURNS])))
            if task[rows.T_RIGHT] == 1:
                assert inc[rows.I_LEAD_DESK] == disposer(DISTRICT)
    assert all(n == 1 for _, n in returns[0.0])
    towards_township = [n for by_tier, n in returns[1.0] if by_tier]
    assert towards_township
    assert not any(towards_township)


def test_a_co_handler_signs_and_the_incident_goes_on(world, at):
    """Its visit ends it: no report, no hand-over, no time of the incident."""
    inc = incident_row(tier=DISTRICT, lead_desk=at(DISTRICT, DEPARTMENT))
    task = task_row()
    call_in(world_handle(world), inc, task)
    assert end_visit(world, inc, task, now=HOUR) == END
    assert task[rows.T_ERRAND] != NO_ERRAND
    assert (inc[rows.I_HANDOVERS], inc[rows.I_RETURNS]) == (0, 0)
    assert not inc[rows.I_ACCOUNT :].any()
    assert task[rows.T_STAGE] != JUDGE

"""Assessment: haste before the limit, extensions asked for, trivial events reported."""

import numpy as np
import pytest

from sim import codes, rows
from sim.codes import (
    CITY,
    COMMAND,
    DEPARTMENT,
    DISPOSE,
    DISTRICT,
    END,
    GRID,
    GRID_DESK,
    NONE,
    PATROL,
    QUEUE,
    REGISTER,
    SIGN,
    TOWNSHIP,
)
from sim.draws import OF_BACKGROUND, OF_TRIVIAL
from sim.rules.assessment import asks_extension, failure, haste
from sim.rules.life import begin
from sim.rules.sensing import first_notice
from sim.rules.work import take_up
from sim.units import HOUR, NEVER
from sim.world import world_handle
from tests.conftest import (
    MONDAY_9,
    changed,
    end_visit,
    incident_row,
    task_row,
    with_lever,
    with_mechanism,
    with_route,
)

LIMIT = MONDAY_9 + 10 * HOUR


@pytest.fixture
def world(plain):
    """Ranking at full strength: in haste from two hours before the limit on."""
    numbers = {"hurry_window": 0.2, "hurry_work": 0.4, "hurry_failure": 0.1}
    world = with_mechanism(plain, asked_extension=0.3, **numbers)
    return with_lever(changed(world, failure=0.25), assessment=1.0, shared_data=1.0)


@pytest.mark.parametrize(
    ("now", "columns", "hurried"),
    [
        (LIMIT - 2 * HOUR - 1, {}, False),
        (LIMIT - 2 * HOUR, {}, True),
        (LIMIT + 100 * HOUR, {}, True),
        (LIMIT, {"first": LIMIT - 1}, False),  # on paper it has been closed
        (LIMIT, {"due": LIMIT + 5 * HOUR}, False),  # put off
        (LIMIT, {"entity": OF_BACKGROUND}, False),
        (LIMIT, {"limit": NEVER}, False),
    ],
)
def test_there_is_haste_when_the_limit_is_near_or_past(world, at, now, columns, hurried):
    inc = incident_row(**{"limit": LIMIT} | columns)
    task = task_row(stage=DISPOSE, desk=at(DISTRICT, DEPARTMENT), right=1)
    assert haste(world_handle(world), inc, task, now) == (0.6 if hurried else 1.0)
    assert inc[rows.I_HURRIED] == hurried
    assert failure(world_handle(world), inc) == pytest.approx(0.35 if hurried else 0.25)


@pytest.mark.parametrize(("strength", "work"), [(0.0, 1000), (0.5, 800), (1.0, 600)])
def test_haste_leaves_out_work_in_proportion_to_the_ranking(world, at, strength, work):
    inc = incident_row(limit=LIMIT)
    task = task_row(stage=DISPOSE, desk=at(DISTRICT, DEPARTMENT), right=1)
    take_up(world_handle(with_lever(world, assessment=strength)), inc, task, LIMIT)
    assert task[rows.T_WORK] == work
    assert inc[[rows.I_HURRIED, rows.I_BEGUN]].tolist() == [strength > 0, 1]


@pytest.mark.parametrize("place", [{"branch": 4, "joint": 1}, {"turn": 4}])
def test_a_partners_haste_is_its_own(world, at, place):
    inc = incident_row(limit=LIMIT)
    task = task_row(stage=DISPOSE, desk=at(DISTRICT, DEPARTMENT), right=1, **place)
    assert haste(world_handle(world), inc, task, LIMIT) == 0.6
    assert inc[rows.I_HURRIED] == 0


def test_haste_ends_with_the_disposal_that_was_hurried(world, at):
    inc = incident_row(limit=LIMIT, first=LIMIT, hurried=1)
    task = task_row(stage=DISPOSE, desk=at(DISTRICT, DEPARTMENT), right=1)
    haste(world_handle(world), inc, task, LIMIT + 1)
    assert inc[rows.I_HURRIED] == 0


@pytest.mark.parametrize(
    ("extension", "strength", "share"), [(0.0, 0.0, 0.0), (0.2, 0.0, 0.2), (0.2, 0.5, 0.35)]
)
def test_ranking_asks_for_more_extensions(world, extension, strength, share):
    w = world_handle(with_lever(world, extension=extension, assessment=strength))
    assert asks_extension(w, incident_row()) == pytest.approx(share)


# --- trivial events ---------------------------------------------------------------------------


@pytest.mark.parametrize(("strength", "share"), [(0.0, 0.0), (0.3, 0.3), (1.0, 1.0)])
def test_trivial_events_are_reported_in_proportion_to_the_ranking(world, strength, share):
    w = world_handle(with_lever(world, assessment=strength))
    incs = [incident_row(key=key, entity=OF_TRIVIAL, occurred=77) for key in range(2000)]
    ticks = np.array([first_notice(w, inc) for inc in incs])
    assert set(ticks) <= {77, NEVER}
    spread = 4 * (share * (1 - share) / 2000) ** 0.5
    assert (ticks == 77).mean() == pytest.approx(share, abs=spread)
    assert {int(inc[rows.I_CHANNEL]) for inc in incs} == {PATROL}


@pytest.mark.parametrize("place", [(TOWNSHIP, COMMAND), (GRID, GRID_DESK), (NONE, NONE)])
def test_a_trivial_event_takes_grid_time_and_a_look_where_patrol_reports_come_in(world, at, place):
    world = with_route(world, channel=PATROL, judge=(CITY, COMMAND), register=place)
    inc, task = incident_row(entity=OF_TRIVIAL, channel=PATROL), task_row()
    assert begin(world_handle(world), inc, task, MONDAY_9) == QUEUE
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == (REGISTER, at(GRID, GRID_DESK))
    command = end_visit(world, inc, task)
    if place[0] != NONE:
        assert (command, task[rows.T_STAGE], task[rows.T_DESK]) == (QUEUE, SIGN, at(*place))
        take_up(world_handle(world), inc, task, MONDAY_9)
        assert task[rows.T_WORK] == 800  # a look
        command = end_visit(world, inc, task)
    assert command == END
    assert task[rows.T_OUTCOME] == codes.DONE

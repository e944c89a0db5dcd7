"""Who reports, and where the call goes: keyed draws against the ease and the lever.

The statistical tests have fixed seeds; a right rule fails each at one seed in 10,000.
"""

import numpy as np
import pytest
from scipy import stats

from sim import rows
from sim.codes import (
    AT_DISPOSER,
    CITY,
    DEPARTMENT,
    DISPATCH_DESK,
    DISTRICT,
    END,
    HOTLINE,
    HOTLINE_DESK,
    JUDGE,
    NONE,
    PATROL,
    QUEUE,
    REGISTER,
    SENSOR,
    SIGN,
)
from sim.draws import OF_CONSULTATION, OF_FALSE_ALARM
from sim.rules.intake import intake_desk, is_on_own_line, repeats, reports
from sim.rules.life import begin
from sim.rules.sensing import first_notice
from sim.units import DAY, HOUR, NEVER
from sim.world import world_handle
from tests.conftest import (
    MONDAY_9,
    changed,
    incident_row,
    signed,
    task_row,
    visited,
    with_lever,
    with_mechanism,
    with_route,
)

ERROR = 1e-4
N = 4000


def share(found):
    """Whether so many of N can come of a probability."""
    return lambda p: stats.binomtest(int(np.sum(found)), len(found), p).pvalue > ERROR


@pytest.fixture(scope="module")
def world(plain):
    """Calls are registered at the hotline and judged at the city's dispatch desk."""
    return with_route(plain, register=(CITY, HOTLINE_DESK), judge=(CITY, DISPATCH_DESK))


# --- who reports ------------------------------------------------------------------------------


def who(world, intake, report=0, **numbers):
    """Which of N incidents are reported by the resident who notices them."""
    w = world_handle(with_lever(with_mechanism(world, **numbers), intake=intake))
    return np.array([reports(w, incident_row(key=key), report) for key in range(N)])


@pytest.mark.parametrize(("intake", "p"), [(0.0, 0.5), (0.5, 0.6), (1.0, 0.7)])
def test_one_hotline_makes_reporting_easier_by_its_gain(world, intake, p):
    found = who(world, intake, silence=0.5, ease_gain=0.2)
    assert share(found)(p)


def test_who_reports_goes_on_reporting_where_it_is_easier(world):
    few, more = (who(world, intake, silence=0.6, ease_gain=0.4) for intake in (0.2, 0.9))
    assert few.sum() + 500 < more.sum()
    assert not (few & ~more).any()


@pytest.mark.parametrize("numbers", [{}, {"ease_gain": 0.4}, {"silence": 0.3, "ease_gain": 0.5}])
def test_all_report_where_nothing_keeps_them_from_it(world, numbers):
    assert who(world, 1.0, **numbers).all()


def test_every_report_has_a_draw_of_its_own(world):
    first, second = (who(world, 0.0, report, silence=0.5) for report in (0, 1))
    assert share(first == second)(0.5)


def test_what_no_resident_reports_is_left_to_patrol(world):
    """Patrol would need two hours, the resident one."""
    world = changed(with_mechanism(world, silence=0.4), resident_mean=HOUR, patrol_mean=2 * HOUR)
    w = world_handle(with_lever(world, intake=0.0))
    found = []
    for key in range(N):
        inc = incident_row(key=key, occurred=MONDAY_9, base=HOTLINE, channel=NONE)
        found.append((first_notice(w, inc), int(inc[rows.I_CHANNEL])))
    assert set(found) == {(MONDAY_9 + HOUR, HOTLINE), (MONDAY_9 + 2 * HOUR, PATROL)}
    assert share([channel == PATROL for _, channel in found])(0.4)


def test_a_sensor_competes_with_patrol_where_nobody_reports(world):
    world = changed(with_mechanism(world, silence=1.0), patrol_mean=2 * HOUR, sensor_mean=60.0)
    w = world_handle(with_lever(changed(world, sensor_share=1.0), intake=0.0, sensing=1.0))
    inc = incident_row(occurred=MONDAY_9, base=HOTLINE)
    assert (first_notice(w, inc), inc[rows.I_CHANNEL]) == (MONDAY_9 + 60, SENSOR)


def test_patrol_and_assigned_tasks_do_not_hang_on_residents(world):
    w = world_handle(with_mechanism(changed(world, patrol_mean=2 * HOUR), silence=1.0))
    inc = incident_row(occurred=MONDAY_9, base=PATROL)
    assert (first_notice(w, inc), inc[rows.I_CHANNEL]) == (MONDAY_9 + 2 * HOUR, PATROL)


def test_the_ease_is_that_of_the_policy_in_force_when_a_resident_could_report_again(world):
    both = {n: np.concatenate([getattr(world, n)] * 2) for n in ("lever", "choice", "route")}
    both |= {n: np.concatenate([getattr(world, n)] * 2) for n in ("relay", "dispose")}
    both["lever"] = np.concatenate([with_lever(world, intake=i).lever for i in (0.0, 1.0)])
    world = with_mechanism(world._replace(**both), silence=1.0, ease_gain=1.0)
    w = world_handle(changed(world, later=1, switch=DAY))
    assert [repeats(w, incident_row(), 1, tick) for tick in (DAY - 1, DAY)] == [False, True]


# --- where the call goes ----------------------------------------------------------------------


def on_own_line(world, intake, incident=None, **task):
    w = world_handle(with_lever(world, intake=intake))
    given = incident or {}
    return np.array(
        [is_on_own_line(w, incident_row(key=key, **given), task_row(**task)) for key in range(N)]
    )


@pytest.mark.parametrize("intake", [0.0, 0.3, 0.9, 1.0])
def test_calls_go_to_the_departments_lines_where_there_is_no_one_hotline(world, intake):
    assert share(on_own_line(world, intake))(1 - intake)


def test_who_rings_the_hotline_goes_on_ringing_it_when_more_do(world):
    few, more = (on_own_line(world, intake) for intake in (0.2, 0.8))
    assert not (more & ~few).any()


def test_each_report_of_each_life_goes_its_own_way(world):
    first = on_own_line(world, 0.5)
    for other in (on_own_line(world, 0.5, report=1), on_own_line(world, 0.5, {"false": 1})):
        assert share(first == other)(0.5)


@pytest.mark.parametrize("channel", [SENSOR, PATROL])
def test_only_residents_ring(world, channel):
    assert not on_own_line(world, 0.0, {"channel": channel}).any()
    assert on_own_line(world, 0.0, {"channel": channel}, report=1).all()  # a resident's duplicate


def test_a_department_registers_and_judges_what_comes_on_its_line(world, at):
    world = changed(world, lead=1)
    inc, task = incident_row(), task_row(stage=REGISTER)
    for intake, desks in (
        (0.0, [at(DISTRICT, DEPARTMENT, 1)] * 2),
        (1.0, [at(CITY, HOTLINE_DESK), at(CITY, DISPATCH_DESK)]),
    ):
        w = world_handle(with_lever(world, intake=intake))
        assert [intake_desk(w, inc, task, stage) for stage in (REGISTER, JUDGE)] == desks


def test_what_a_department_returns_is_judged_on_its_line_again(world, at):
    world = with_route(with_lever(world, intake=0.0, refusal=1.0), sign=(AT_DISPOSER, NONE))
    inc = incident_row(tier=DISTRICT)
    command, task = signed(world, inc, at)
    assert command == QUEUE
    assert task[rows.T_STAGE] == JUDGE
    assert task[rows.T_DESK] == at(DISTRICT, DEPARTMENT)


# --- calls that only ask ----------------------------------------------------------------------


def test_a_consultation_is_made_like_a_report_by_whoever_asks(world):
    world = with_mechanism(with_lever(world, sensing=1.0), silence=1.0)
    inc = incident_row(entity=OF_CONSULTATION, occurred=MONDAY_9, base=HOTLINE, channel=NONE)
    assert first_notice(world_handle(world), inc) == MONDAY_9 + world.resident_mean[0]
    assert inc[rows.I_CHANNEL] == HOTLINE


@pytest.mark.parametrize(
    ("intake", "tier", "group"), [(1.0, CITY, HOTLINE_DESK), (0.0, DISTRICT, DEPARTMENT)]
)
def test_a_consultation_ends_when_it_is_answered_where_calls_go(world, at, intake, tier, group):
    w = world_handle(with_lever(world, intake=intake))
    inc, task = incident_row(entity=OF_CONSULTATION), task_row()
    assert begin(w, inc, task, MONDAY_9) == QUEUE
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == (REGISTER, at(tier, group))
    command, _ = visited(world, inc, REGISTER, at(tier, group))
    assert command == END


def test_a_consultation_ends_at_once_where_no_desk_registers(plain):
    w = world_handle(plain)
    assert begin(w, incident_row(entity=OF_CONSULTATION), task_row(), MONDAY_9) == END


@pytest.mark.parametrize("stage", [REGISTER, SIGN])
def test_a_false_alarm_is_no_call(world, stage):
    inc = incident_row(entity=OF_FALSE_ALARM, channel=SENSOR)
    assert not is_on_own_line(world_handle(with_lever(world, intake=0.0)), inc, task_row())
    assert inc[rows.I_FIRST] == NEVER
    assert intake_desk(world_handle(world), inc, task_row(stage=stage), JUDGE) >= 0

"""The life of an incident from disposal to closing: the second half of test_rules_life.py, in the
same world without chance.
"""

import numpy as np
import pytest

from sim import codes, rows
from sim.codes import (
    AT_DISPOSER,
    AT_PARENT,
    BOARD,
    CALLBACK,
    CITY,
    CLOSE,
    COMMAND,
    DELAY,
    DEPARTMENT,
    DISPOSE,
    DISTRICT,
    END,
    FORK,
    GRID,
    GRID_DESK,
    HOTLINE_DESK,
    JOIN,
    NONE,
    PATROL,
    QUEUE,
    REGISTER,
    SELF_CHECK,
    SIGN,
    SLEEP,
    TOWNSHIP,
    VERIFY,
)
from sim.draws import OF_FALSE_ALARM, OF_INCIDENT
from sim.rules.disposal import after_join, make_partner, next_partner
from sim.rules.life import begin, reopen
from sim.units import HOUR, NEVER
from sim.world import world_handle
from tests.conftest import (
    MONDAY_9,
    account,
    changed,
    end_visit,
    incident_row,
    task_row,
    visited,
    walk,
    with_lever,
    with_mechanism,
    with_route,
)

SERVICES, POLICE, TOWN = 1 << 3, 1 << 1, 1 << rows.TOWNSHIP_BIT
TOWNSHIP_BOARD = 2  # that of kind 0


def at_lead(world, inc, at, stage=SIGN, now=MONDAY_9, **columns):
    """(command, task) after a visit at the district department that leads."""
    desk = at(DISTRICT, DEPARTMENT)
    inc[rows.I_LEAD_DESK] = desk
    return visited(world, inc, stage, desk, now, **{"tier": DISTRICT} | columns)


# --- alone, in turn, jointly ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("partners", "joint", "tier", "disposed", "command"),
    [
        (0, 1.0, DISTRICT, 0, QUEUE),
        (POLICE, 0.0, DISTRICT, 0, QUEUE),
        (POLICE | TOWN, 1.0, DISTRICT, 0, FORK),
        (POLICE, 1.0, CITY, 0, FORK),
        (POLICE, 1.0, TOWNSHIP, 0, QUEUE),  # below the district the disposer is alone
        (POLICE, 1.0, GRID, 0, QUEUE),
        (POLICE, 1.0, DISTRICT, 1, QUEUE),  # a second disposal is the lead's alone
    ],
)
def test_a_disposal_begins_alone_or_forks(plain, at, partners, joint, tier, disposed, command):
    inc = incident_row(partners=partners)
    world = with_lever(plain, joint=joint)
    found, task = at_lead(world, inc, at, tier=tier, done={DISPOSE: disposed}, turn=2, joint=1)
    assert found == command
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == (DISPOSE, at(DISTRICT, DEPARTMENT))
    assert (task[rows.T_JOINT], task[rows.T_TURN]) == (1 if command == FORK else 0, 0)
    assert task[rows.T_NEWLY] == 0  # it stays where it was signed for


@pytest.mark.parametrize(
    ("mask", "bits"),
    [(0, []), (1, [0]), (POLICE | TOWN, [1, 30]), (TOWN, [30]), (2**29 | 2**3, [3, 29])],
)
def test_partners_come_in_the_order_of_their_bits(mask, bits):
    found, bit = [], next_partner(mask, -1)
    while bit != NONE:
        found.append(bit)
        bit = next_partner(mask, bit)
    assert found == bits


@pytest.mark.parametrize(
    ("bit", "branch", "tier", "place"),
    [
        (1, 2, DISTRICT, (DISTRICT, DEPARTMENT, 1)),
        (3, 4, DISTRICT, (DISTRICT, DEPARTMENT, 3)),
        (1, 2, CITY, (CITY, DEPARTMENT, 1)),
        (rows.TOWNSHIP_BIT, 63, DISTRICT, (TOWNSHIP, BOARD, TOWNSHIP_BOARD)),
        (rows.TOWNSHIP_BIT, 63, CITY, (TOWNSHIP, BOARD, TOWNSHIP_BOARD)),
    ],
)
def test_a_partner_is_the_department_of_the_leads_tier_or_the_townships_board(
    plain, at, bit, branch, tier, place
):
    lead, task = task_row(tier=tier, report=0), task_row()
    make_partner(world_handle(plain), incident_row(), lead, task, bit)
    assert task[rows.T_DESK] == at(*place)
    names = [rows.T_BRANCH, rows.T_STAGE, rows.T_JOINT, rows.T_RIGHT, rows.T_NEWLY]
    assert task[names].tolist() == [branch, DISPOSE, 1, 1, 1]


@pytest.mark.parametrize("branch", [0, 2, 63])
def test_a_joint_branch_that_is_done_joins(plain, at, branch):
    inc = incident_row(partners=POLICE | TOWN)
    command, _ = at_lead(plain, inc, at, DISPOSE, joint=1, branch=branch)
    assert command == JOIN
    assert not inc[rows.I_ACCOUNT :].any()  # the time of the last branch is booked at the join


def test_the_last_branch_decides_the_time_of_a_joint_disposal(plain, at):
    inc = incident_row(partners=POLICE, lead_desk=at(DISTRICT, DEPARTMENT))
    lead = task_row(stage=DISPOSE, desk=at(DISTRICT, DEPARTMENT), joint=1, done={DISPOSE: 1})
    last = task_row(branch=2, joined=MONDAY_9, work=700)
    command = after_join(world_handle(plain), inc, lead, last, MONDAY_9 + 1000)
    assert command == CLOSE
    assert (account(inc, "dispose_waiting"), account(inc, "dispose_working")) == (300, 700)
    assert (lead[rows.T_JOINT], inc[rows.I_SOLVED]) == (0, MONDAY_9 + 1000)


def test_in_turn_each_partner_follows_after_a_delay_for_coordination(plain, at):
    world = with_mechanism(plain, coordination=HOUR)
    inc = incident_row(partners=SERVICES | POLICE | TOWN)
    command, task = at_lead(world, inc, at)
    path = []
    now = MONDAY_9
    while command in (QUEUE, DELAY):
        now = int(task[rows.T_UNTIL]) if command == DELAY else now
        path.append((int(task[rows.T_DESK]), int(task[rows.T_TURN]), now))
        command = end_visit(world, inc, task, now)
    assert path == [
        (at(DISTRICT, DEPARTMENT), 0, MONDAY_9),
        (at(DISTRICT, DEPARTMENT, 1), 2, MONDAY_9 + HOUR),
        (at(DISTRICT, DEPARTMENT, 3), 4, MONDAY_9 + 2 * HOUR),
        (at(TOWNSHIP, BOARD, TOWNSHIP_BOARD), 63, MONDAY_9 + 3 * HOUR),
    ]
    assert command == CLOSE
    assert account(inc, "dispose_release") == 3 * HOUR
    assert task[rows.T_COUNT + DISPOSE] == 1  # one disposal, by four
    assert task[rows.T_TURN] == 0
    assert inc[rows.I_HANDOVERS] == 3


def test_without_coordination_the_next_partner_is_asked_at_once(plain, at):
    command, task = at_lead(plain, incident_row(partners=POLICE), at, DISPOSE)
    assert (command, task[rows.T_TURN]) == (QUEUE, 2)
    assert task[rows.T_DESK] == at(DISTRICT, DEPARTMENT, 1)


@pytest.mark.parametrize(("tier", "done"), [(TOWNSHIP, 0), (DISTRICT, 1)])
def test_low_tiers_and_re_work_ask_no_partner(plain, at, tier, done):
    inc = incident_row(partners=POLICE)
    command, _ = at_lead(plain, inc, at, DISPOSE, tier=tier, done={DISPOSE: done})
    assert command == CLOSE


# --- nobody disposes --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nobody(plain):
    """A reduced world: there is a desk that signs and one that calls back, and none between."""
    world = with_route(plain, sign=(CITY, COMMAND), verify=(CITY, CALLBACK))
    return changed(with_lever(world, direct=1.0), dispose=NONE)


@pytest.mark.parametrize(
    ("verification", "failure", "command"),
    [(0.0, 0.0, CLOSE), (0.0, 1.0, SLEEP), (1.0, 0.0, QUEUE), (1.0, 1.0, QUEUE)],
)
@pytest.mark.parametrize("partners", [0, POLICE | TOWN])
def test_where_nobody_disposes_what_would_follow_comes_at_once(
    nobody, at, verification, failure, command, partners
):
    """No partner is asked, either, whether jointly or in turn."""
    world = with_lever(changed(nobody, failure=failure), verification=verification, joint=1.0)
    inc = incident_row(partners=partners)
    found, task = visited(world, inc, SIGN, at(CITY, COMMAND), tier=DISTRICT)
    assert found == command
    assert (task[rows.T_COUNT + DISPOSE], inc[rows.I_CURED]) == (1, 1 - failure)
    assert inc[rows.I_LEAD_DESK] == NONE
    if command == QUEUE:
        assert (task[rows.T_STAGE], task[rows.T_DESK]) == (VERIFY, at(CITY, CALLBACK))


@pytest.mark.parametrize("place", [(AT_DISPOSER, NONE), (NONE, NONE)])
def test_where_nobody_disposes_nobody_signs_or_verifies_in_their_place(nobody, place):
    world = with_lever(with_route(nobody, sign=place, verify=place), verification=1.0)
    inc, task = incident_row(), task_row()
    assert begin(world_handle(world), inc, task, MONDAY_9) == CLOSE
    assert inc[rows.I_SOLVED] == MONDAY_9


def test_the_parent_of_nobody_is_the_district(nobody, at):
    world = with_lever(with_route(nobody, verify=(AT_PARENT, COMMAND)), verification=1.0)
    _, task = visited(world, incident_row(), SIGN, at(CITY, COMMAND), tier=TOWNSHIP)
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == (VERIFY, at(DISTRICT, COMMAND))


@pytest.mark.parametrize("failures", [0, 1, 4])
def test_verification_goes_on_until_what_nobody_does_has_not_failed(nobody, at, failures):
    """Every fault is seen; the disposal that no desk does fails so many times, then succeeds."""
    seen = with_lever(changed(nobody, detection=1.0), verification=1.0)
    failing, inc = changed(seen, failure=1.0), incident_row()
    world = failing if failures else seen
    command, task = visited(world, inc, SIGN, at(CITY, COMMAND), tier=DISTRICT)
    for done in range(1, failures + 1):
        assert (command, task[rows.T_STAGE]) == (QUEUE, VERIFY)
        assert task[rows.T_COUNT + DISPOSE] == done
        command = end_visit(failing if done < failures else seen, inc, task)
        assert task[rows.T_OUTCOME] == codes.FAILED
    assert end_visit(failing, inc, task) == CLOSE
    assert inc[[rows.I_REWORKS, rows.I_FALSE]].tolist() == [failures, 0]


@pytest.mark.parametrize(("report", "entity"), [(1, OF_INCIDENT), (0, OF_FALSE_ALARM)])
def test_where_nobody_disposes_duplicates_and_false_alarms_end_when_judged(
    nobody, at, report, entity
):
    world = with_route(nobody, judge=(CITY, COMMAND))
    inc, task = incident_row(entity=entity), task_row(report=report)
    assert begin(world_handle(world), inc, task, MONDAY_9) == QUEUE
    assert end_visit(world, inc, task) == END
    assert inc[rows.I_STATE] == codes.OPEN


# --- verify, re-work, close -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "place", "stage"),
    [
        (1.0, (CITY, CALLBACK), VERIFY),
        (0.0, (CITY, CALLBACK), None),
        (1.0, (NONE, NONE), None),
        (1.0, (AT_DISPOSER, NONE), VERIFY),
    ],
)
def test_a_disposal_is_verified_where_there_is_a_desk_and_a_share(plain, at, share, place, stage):
    world = with_route(with_lever(plain, verification=share), verify=place)
    command, task = at_lead(world, incident_row(), at, DISPOSE)
    if stage is None:
        assert command == CLOSE
        return
    desk = at(*place) if place[0] == CITY else at(DISTRICT, DEPARTMENT)
    assert (command, task[rows.T_STAGE], task[rows.T_DESK]) == (QUEUE, VERIFY, desk)


@pytest.mark.parametrize(("failure", "cured"), [(0.0, 1), (1.0, 0)])
def test_a_disposal_cures_unless_it_fails(plain, at, failure, cured):
    inc = incident_row(cured=1 - cured)
    at_lead(changed(plain, failure=failure), inc, at, DISPOSE)
    assert inc[rows.I_CURED] == cured


def test_failures_are_those_of_the_kind_and_of_the_attempt(siloed, at):
    """Nuisance fails three times in ten: 800 disposals, within 4 standard deviations."""
    world = changed(siloed._bare_world(siloed.policy), seed=np.uint64(6), failure=(0, 0.3, 0, 0))
    world = with_lever(world, verification=0.0)
    failed = np.zeros((400, 2))
    for key in range(400):
        for attempt in range(2):
            inc = incident_row(key=key, kind=1)
            at_lead(world, inc, at, DISPOSE, done={DISPOSE: attempt})
            failed[key, attempt] = 1 - inc[rows.I_CURED]
    assert abs(failed.mean() - 0.3) < 4 * np.sqrt(0.21 / 800)
    assert abs(np.corrcoef(failed.T)[0, 1]) < 4 / np.sqrt(400)


def verified(world, at, desk, cured):
    inc = incident_row(cured=cured, lead_desk=at(DISTRICT, DEPARTMENT))
    command, task = visited(world, inc, VERIFY, desk, tier=DISTRICT, done={DISPOSE: 1})
    return command, task, inc


@pytest.mark.parametrize(
    ("group", "seen_by"), [(CALLBACK, CALLBACK), (GRID_DESK, GRID_DESK), (DEPARTMENT, SELF_CHECK)]
)
@pytest.mark.parametrize("sees", [False, True])
def test_a_failed_disposal_is_seen_by_the_verifiers_own_chance(plain, at, group, seen_by, sees):
    detection = np.arange(SELF_CHECK + 1) == seen_by
    world = changed(plain, detection=detection if sees else ~detection)
    desk = at({CALLBACK: CITY, GRID_DESK: GRID, DEPARTMENT: DISTRICT}[group], group)
    command, task, inc = verified(world, at, desk, cured=0)
    if sees:
        assert (command, inc[rows.I_REWORKS], task[rows.T_OUTCOME]) == (QUEUE, 1, codes.FAILED)
        assert (task[rows.T_STAGE], task[rows.T_DESK]) == (DISPOSE, at(DISTRICT, DEPARTMENT))
    else:
        assert (command, inc[rows.I_REWORKS]) == (SLEEP, 0)
        assert task[rows.T_OUTCOME] == codes.FALSE_CLOSED


def test_nobody_finds_fault_with_a_disposal_that_cured(plain, at):
    world = changed(plain, detection=1.0)
    command, task, inc = verified(world, at, at(CITY, CALLBACK), cured=1)
    assert (command, task[rows.T_OUTCOME]) == (CLOSE, codes.SOLVED_BY)
    found = inc[[rows.I_STATE, rows.I_FIRST, rows.I_SOLVED, rows.I_REWORKS, rows.I_FALSE]]
    assert found.tolist() == [codes.SOLVED, MONDAY_9, MONDAY_9, 0, 0]


def test_re_work_goes_on_until_the_fault_is_gone(plain, at):
    """Every disposal fails and every fault is seen: dispose and verify take turns."""
    world = with_route(with_lever(plain, verification=1.0), verify=(CITY, CALLBACK))
    world = changed(world, failure=1.0, detection=1.0)
    inc = incident_row()
    command, task = at_lead(world, inc, at)
    stages = []
    for _ in range(6):
        assert command == QUEUE
        stages.append(int(task[rows.T_STAGE]))
        command = end_visit(world, inc, task)
    assert stages == [DISPOSE, VERIFY] * 3
    assert inc[rows.I_REWORKS] == 3


# --- false closing ----------------------------------------------------------------------------


def test_a_false_closing_sleeps_and_keeps_the_first_closing(plain, at):
    world = with_mechanism(changed(plain, failure=1.0), dormancy=50 * HOUR)
    inc = incident_row()
    command, task = at_lead(world, inc, at, DISPOSE)
    assert (command, task[rows.T_UNTIL]) == (SLEEP, MONDAY_9 + 50 * HOUR)
    found = inc[[rows.I_STATE, rows.I_FALSE, rows.I_FIRST, rows.I_SOLVED]]
    assert found.tolist() == [codes.ASLEEP, 1, MONDAY_9, NEVER]
    assert account(inc, "dormant") == 50 * HOUR
    command, _ = at_lead(world, inc, at, DISPOSE, MONDAY_9 + 60 * HOUR)
    assert (inc[rows.I_FIRST], inc[rows.I_FALSE]) == (MONDAY_9, 2)
    assert account(inc, "dormant") == 100 * HOUR


def test_it_comes_back_by_the_hotline_as_a_new_report_of_the_same_incident(plain, at):
    world = with_route(plain, register=(CITY, HOTLINE_DESK))
    world = with_route(world, channel=PATROL, register=(GRID, GRID_DESK))
    inc = incident_row(state=codes.ASLEEP, false=1, channel=PATROL, reports=2, handovers=4)
    task = task_row(stage=DISPOSE, desk=at(DISTRICT, DEPARTMENT), done={DISPOSE: 1, REGISTER: 1})
    assert reopen(world_handle(world), inc, task, MONDAY_9) == QUEUE
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == (REGISTER, at(CITY, HOTLINE_DESK))
    assert (inc[rows.I_STATE], inc[rows.I_REPORTS]) == (codes.OPEN, 3)
    assert (task[rows.T_NEWLY], inc[rows.I_HANDOVERS]) == (0, 4)


def test_what_has_come_back_is_disposed_of_by_the_lead_alone(plain, at):
    """Partners had their part the first time; the resident comes back for the lead's."""
    world = with_lever(plain, joint=1.0)
    inc = incident_row(state=codes.ASLEEP, false=1, tier=DISTRICT, partners=POLICE)
    task = task_row(stage=DISPOSE, desk=5, done={DISPOSE: 1})
    command = reopen(world_handle(world), inc, task, MONDAY_9)
    _, command = walk(world, inc, task, command, MONDAY_9, until=())
    assert command == CLOSE
    assert task[rows.T_COUNT + DISPOSE] == 2


def test_the_account_adds_up_over_a_whole_life(batches, at):
    """Relay by batches, two departments in turn, and half an hour of work at every desk."""
    world = with_mechanism(batches, coordination=5 * HOUR, dormancy=30 * HOUR)
    world = with_route(world, register=(CITY, HOTLINE_DESK), judge=(CITY, COMMAND))
    world = with_route(with_lever(world, verification=1.0), verify=(CITY, CALLBACK))
    inc = incident_row(tier=DISTRICT, partners=POLICE | TOWN, state=codes.ASLEEP)
    task, start = task_row(), MONDAY_9 + 1
    command = reopen(world_handle(world), inc, task, start)
    path, command = walk(world, inc, task, command, start, 1800, ())
    assert (command, len(path)) == (CLOSE, 8)
    assert inc[rows.I_ACCOUNT :].sum() == inc[rows.I_SOLVED] - start
    assert account(inc, "dispatch_release") == 6 * HOUR - 1  # from 10:00:01 to 16:00
    assert account(inc, "dispose_release") == 2 * 5 * HOUR

"""The life of an incident from notice to disposer: state in, state and command out.

The world `plain` has no chance: a lever of 1 always happens, a lever of 0 never does, and a
policy's table names a desk for signing only, unless a case says otherwise. The batches of the
relay are in test_rules_life_release.py, disposal and closing in test_rules_disposal.py.
"""

import itertools

import pytest

from sim import codes, rows
from sim.codes import (
    CITY,
    COMMAND,
    DEPARTMENT,
    DISPATCH,
    DISPOSE,
    DISTRICT,
    END,
    GRID,
    GRID_DESK,
    HOTLINE,
    HOTLINE_DESK,
    JUDGE,
    NONE,
    PATROL,
    QUEUE,
    REGISTER,
    SIGN,
    TOWNSHIP,
)
from sim.draws import OF_BACKGROUND, OF_FALSE_ALARM
from sim.rules.life import after_visit, begin
from sim.units import HOUR
from sim.world import world_handle
from tests.conftest import (
    MONDAY_9,
    account,
    changed,
    end_visit,
    incident_row,
    judged,
    signed,
    task_row,
    visited,
    walk,
    with_lever,
    with_mechanism,
    with_route,
)

# --- from notice to judgement -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "stage", "tier", "group"),
    [(HOTLINE, REGISTER, CITY, HOTLINE_DESK), (PATROL, JUDGE, TOWNSHIP, COMMAND)],
)
def test_a_report_is_registered_or_where_no_desk_is_named_judged(
    plain, at, channel, stage, tier, group
):
    world = with_route(plain, channel=HOTLINE, register=(CITY, HOTLINE_DESK))
    world = with_route(world, channel=PATROL, judge=(TOWNSHIP, COMMAND))
    inc, task = incident_row(channel=channel), task_row()
    assert begin(world_handle(world), inc, task, MONDAY_9) == QUEUE
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == (stage, at(tier, group))
    assert (task[rows.T_NEWLY], inc[rows.I_HANDOVERS]) == (0, 0)  # nobody had it before


def test_with_no_desk_before_signing_it_comes_to_the_disposer_at_once(plain, disposer):
    inc, task = incident_row(tier=TOWNSHIP), task_row()
    assert begin(world_handle(plain), inc, task, MONDAY_9) == QUEUE
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == (SIGN, disposer(TOWNSHIP))
    assert inc[rows.I_LEAD_DESK] == disposer(TOWNSHIP)


def test_a_background_task_goes_straight_to_the_desk_that_it_burdens(plain):
    inc, task = incident_row(entity=OF_BACKGROUND, lead_desk=9), task_row()
    assert begin(world_handle(plain), inc, task, MONDAY_9) == QUEUE
    assert task[[rows.T_STAGE, rows.T_DESK, rows.T_RIGHT]].tolist() == [DISPOSE, 9, 1]
    assert end_visit(plain, inc, task) == END


@pytest.mark.parametrize(("again", "newly"), [(False, 1), (True, 0)])
def test_only_another_desk_is_a_hand_over(plain, at, again, newly):
    world = with_route(plain, judge=(CITY, HOTLINE_DESK if again else COMMAND))
    inc = incident_row()
    command, task = visited(world, inc, REGISTER, at(CITY, HOTLINE_DESK))
    assert (command, task[rows.T_STAGE]) == (QUEUE, JUDGE)
    assert task[rows.T_NEWLY] == task[rows.T_MOVES] == inc[rows.I_HANDOVERS] == newly


@pytest.mark.parametrize(("report", "branch"), [(1, 0), (0, 3)])
def test_moves_of_duplicates_and_partners_are_no_hand_overs_of_the_incident(
    plain, at, report, branch
):
    inc, world = incident_row(), with_route(plain, judge=(CITY, COMMAND))
    _, task = visited(world, inc, REGISTER, at(CITY, HOTLINE_DESK), report=report, branch=branch)
    assert (task[rows.T_NEWLY], task[rows.T_MOVES], inc[rows.I_HANDOVERS]) == (1, 1, 0)


def test_time_at_a_desk_is_booked_as_waiting_and_working(plain, at):
    world, inc = with_route(plain, judge=(CITY, COMMAND)), incident_row()
    task = task_row(stage=REGISTER, desk=at(CITY, HOTLINE_DESK), joined=1000, work=300)
    after_visit(world_handle(world), inc, task, 2000)
    assert (account(inc, "register_waiting"), account(inc, "register_working")) == (700, 300)
    assert inc[rows.I_ACCOUNT :].sum() == 1000
    assert task[rows.T_COUNT + REGISTER] == 1


@pytest.mark.parametrize(("report", "branch"), [(1, 0), (0, 5)])
def test_only_the_first_reports_own_path_enters_the_account(plain, at, report, branch):
    world, inc = with_route(plain, judge=(CITY, COMMAND)), incident_row()
    task = task_row(stage=REGISTER, desk=5, joined=10, work=3, report=report, branch=branch)
    after_visit(world_handle(world), inc, task, 2000)
    assert not inc[rows.I_ACCOUNT :].any()


# --- further reports, false alarms ------------------------------------------------------------


@pytest.mark.parametrize(("merging", "command"), [(1.0, END), (0.0, QUEUE)])
def test_a_duplicate_is_merged_at_registering_or_judged(plain, at, merging, command):
    world = with_lever(with_route(plain, judge=(CITY, COMMAND)), merging=merging)
    inc = incident_row()
    found, task = visited(world, inc, REGISTER, at(CITY, HOTLINE_DESK), report=1)
    assert found == command
    assert inc[rows.I_MERGED] == (1 if command == END else 0)
    assert task[rows.T_OUTCOME] == (codes.MERGED_BY if command == END else codes.DONE)
    assert (task[rows.T_STAGE] == JUDGE) == (command == QUEUE)


@pytest.mark.parametrize("state", [codes.ASLEEP, codes.SOLVED])
def test_a_duplicate_of_what_has_been_closed_meanwhile_ends(plain, at, state):
    inc = incident_row(state=state)
    command, task = visited(with_lever(plain, merging=1.0), inc, REGISTER, 5, report=1)
    assert (command, task[rows.T_OUTCOME], inc[rows.I_MERGED]) == (END, codes.DONE, 0)


def test_a_first_report_is_never_merged(plain):
    inc = incident_row()
    command, _ = visited(with_lever(plain, merging=1.0), inc, REGISTER, 5)
    assert (command, inc[rows.I_MERGED]) == (QUEUE, 0)


@pytest.mark.parametrize(
    ("report", "entity"), [(1, codes.OPEN), (0, OF_FALSE_ALARM), (1, OF_FALSE_ALARM)]
)
def test_duplicates_and_false_alarms_get_one_look_at_the_disposer_and_end(
    plain, disposer, report, entity
):
    """They are sent there without relay, sign nothing and name no leading desk."""
    world = with_route(plain, judge=(CITY, COMMAND))
    inc = incident_row(entity=entity, tier=DISTRICT)
    task = task_row(report=report)
    assert begin(world_handle(world), inc, task, MONDAY_9) == QUEUE
    assert end_visit(world, inc, task) == QUEUE
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == (SIGN, disposer(DISTRICT))
    assert inc[rows.I_LEAD_DESK] == NONE
    assert end_visit(world, inc, task) == END
    void = entity == OF_FALSE_ALARM and report == 0
    assert task[rows.T_OUTCOME] == (codes.VOIDED if void else codes.DONE)
    assert inc[rows.I_STATE] == codes.OPEN


def test_duplicates_come_by_the_hotline_whatever_the_first_channel(plain, at):
    world = with_route(plain, channel=HOTLINE, register=(CITY, HOTLINE_DESK))
    world = with_route(world, channel=PATROL, register=(GRID, GRID_DESK))
    desks = []
    for report, false in ((0, 0), (1, 0), (0, 1)):  # the last: it has come back
        inc, task = incident_row(channel=PATROL, false=false), task_row(report=report)
        begin(world_handle(world), inc, task, MONDAY_9)
        desks.append(int(task[rows.T_DESK]))
    assert desks == [at(GRID, GRID_DESK), at(CITY, HOTLINE_DESK), at(CITY, HOTLINE_DESK)]


# --- dispatch: relay, direct ------------------------------------------------------------------


@pytest.mark.parametrize(("start", "goal"), itertools.product(range(4), range(4)))
def test_a_relay_passes_every_tier_on_its_way(plain, at, disposer, start, goal):
    inc = incident_row(tier=goal)
    path, command, task = judged(plain, inc, start, at)
    step = 1 if goal > start else -1
    passed = range(start + step, goal + step, step) if goal != start else ()
    expected = [(DISPATCH, at(tier, COMMAND)) for tier in passed if tier != GRID]
    assert [(stage, desk) for stage, desk, _ in path] == [*expected, (SIGN, disposer(goal))]
    assert command == QUEUE
    assert inc[rows.I_LEAD_DESK] == disposer(goal)
    desks = [at(start, GRID_DESK if start == GRID else COMMAND), *(desk for _, desk, _ in path)]
    changes = sum(a != b for a, b in itertools.pairwise(desks))
    assert inc[rows.I_HANDOVERS] == task[rows.T_MOVES] == changes


def test_a_tier_without_a_relaying_desk_is_passed_over(plain, at, disposer):
    world = changed(plain, relay=((NONE, COMMAND, NONE, NONE),))
    path, _, _ = judged(world, incident_row(tier=GRID), CITY, at)
    assert [p[:2] for p in path] == [(DISPATCH, at(DISTRICT, COMMAND)), (SIGN, disposer(GRID))]


@pytest.mark.parametrize(("start", "goal"), itertools.product((CITY, TOWNSHIP), range(4)))
def test_direct_dispatch_goes_to_the_disposer_at_once(batches, at, disposer, start, goal):
    inc = incident_row(tier=goal)
    path, command, task = judged(with_lever(batches, direct=1.0), inc, start, at)
    assert path == [(SIGN, disposer(goal), MONDAY_9)]
    assert (command, task[rows.T_DIRECT]) == (QUEUE, 1)


def test_direct_dispatch_may_have_a_desk_of_its_own(batches, at, disposer):
    world = with_route(with_lever(batches, direct=1.0), dispatch=(CITY, COMMAND))
    path, _, _ = judged(world, incident_row(tier=GRID), DISTRICT, at, work=HOUR)
    assert path == [
        (DISPATCH, at(CITY, COMMAND), MONDAY_9),
        (SIGN, disposer(GRID), MONDAY_9 + HOUR),
    ]


def test_a_relay_makes_no_use_of_the_desk_for_direct_dispatch(batches, at):
    world = with_route(batches, dispatch=(CITY, COMMAND))
    path, _, _ = judged(world, incident_row(tier=TOWNSHIP), DISTRICT, at)
    assert [desk for _, desk, _ in path[:-1]] == [at(TOWNSHIP, COMMAND)]


# --- sign, return, first receiver, designation ------------------------------------------------


@pytest.mark.parametrize(
    ("right", "refusal", "first", "limit", "returns", "returned"),
    [
        (1, 0.0, 0.0, 3, 0, False),
        (1, 1.0, 0.0, 3, 0, True),  # its own, but refused
        (0, 0.0, 0.0, 3, 0, True),
        (0, 0.0, 1.0, 3, 0, False),  # first receiver responsible
        (1, 1.0, 1.0, 3, 0, False),
        (0, 0.0, 0.0, 3, 2, True),
        (0, 0.0, 0.0, 3, 3, False),  # returned often enough
        (1, 1.0, 0.0, 3, 4, False),
        (0, 0.0, 0.0, 0, 50, True),  # no limit
    ],
)
def test_accept_or_return(plain, at, right, refusal, first, limit, returns, returned):
    world = with_lever(plain, refusal=refusal, first_receiver=first, return_limit=limit)
    world = with_route(world, judge=(CITY, COMMAND))
    inc = incident_row(returns=returns, lead_desk=at(DISTRICT, DEPARTMENT))
    command, task = signed(world, inc, at, right=right)
    assert command == QUEUE
    assert inc[rows.I_RETURNS] == returns + returned
    assert task[rows.T_OUTCOME] == (codes.RETURNED if returned else codes.DONE)
    place = (JUDGE, at(CITY, COMMAND)) if returned else (DISPOSE, at(DISTRICT, DEPARTMENT))
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == place


def test_without_a_judge_a_return_is_sent_on_by_the_rule_book(plain, at, disposer):
    inc = incident_row(tier=TOWNSHIP)
    command, task = signed(with_lever(plain, return_limit=3), inc, at, right=0)
    assert (command, task[rows.T_STAGE], task[rows.T_RIGHT]) == (QUEUE, DISPATCH, 1)
    path, _ = walk(plain, inc, task, command, MONDAY_9, until=(SIGN,))
    assert path[-1][:2] == (SIGN, disposer(TOWNSHIP))


def test_returns_end_when_the_parent_designates(plain, at, disposer):
    """Every judgement is wrong: two returns, then the right desk, which may not return it."""
    world = changed(with_lever(plain, return_limit=2, refusal=1.0, direct=1.0), clarity=-50.0)
    world = with_route(with_mechanism(world, wrong_tier=0.0), judge=(CITY, COMMAND))
    inc, task = incident_row(tier=DISTRICT), task_row()
    command = begin(world_handle(world), inc, task, MONDAY_9)
    path, _ = walk(world, inc, task, command, MONDAY_9)
    assert [stage for stage, _, _ in path] == [JUDGE, SIGN, JUDGE, SIGN, JUDGE, SIGN, DISPOSE]
    assert path[-1][1] == disposer(DISTRICT)
    assert path[1][1] != disposer(DISTRICT) != path[3][1]
    assert inc[[rows.I_RETURNS, rows.I_WRONG]].tolist() == [2, 2]


def test_without_signing_the_disposer_begins_at_once(plain, at, disposer):
    world = with_route(plain, sign=(NONE, NONE))
    inc, task = incident_row(tier=DISTRICT), task_row()
    command = begin(world_handle(world), inc, task, MONDAY_9)
    path, _ = walk(world, inc, task, command, MONDAY_9, until=(DISPOSE, DISPATCH))
    assert path[-1][0] == DISPATCH  # from the township, where nobody judged, by relay
    command = end_visit(world, inc, task)
    assert (command, task[rows.T_STAGE]) == (QUEUE, DISPOSE)
    assert task[rows.T_DESK] == inc[rows.I_LEAD_DESK] == disposer(DISTRICT)


@pytest.mark.parametrize("grade", [codes.GRADE_I, codes.GRADE_IV])
@pytest.mark.parametrize("goal", range(4))
def test_signing_may_have_a_desk_of_its_own(batches, at, disposer, goal, grade):
    """By the last batch to that desk; from there to the disposer at once, which leads already."""
    world = with_route(batches, sign=(TOWNSHIP, COMMAND))
    inc = incident_row(tier=goal, severity=grade)
    path, _, task = judged(changed(world, relay=NONE), inc, DISTRICT, at)
    by_telephone = grade == codes.GRADE_I or goal == DISTRICT
    now = MONDAY_9 if by_telephone else 10 * HOUR
    assert path == [(SIGN, at(TOWNSHIP, COMMAND), now)]
    assert inc[rows.I_LEAD_DESK] == disposer(goal)
    handovers = int(inc[rows.I_HANDOVERS])
    assert end_visit(world, inc, task, now) == QUEUE
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == (DISPOSE, disposer(goal))
    assert inc[rows.I_HANDOVERS] == handovers + 1


def test_the_desk_that_signs_for_others_may_return_too(plain, at):
    world = with_route(with_lever(plain, return_limit=3), sign=(DISTRICT, DEPARTMENT))
    world = with_route(world, judge=(CITY, COMMAND))
    inc = incident_row(tier=TOWNSHIP)
    command, task = signed(world, inc, at, right=0)
    assert (command, task[rows.T_OUTCOME]) == (QUEUE, codes.RETURNED)
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == (JUDGE, at(CITY, COMMAND))


def test_duplicates_have_their_look_at_the_disposer_wherever_signing_is(plain, at, disposer):
    world = with_route(plain, sign=(TOWNSHIP, COMMAND), judge=(CITY, COMMAND))
    inc, task = incident_row(tier=DISTRICT), task_row(report=1)
    assert begin(world_handle(world), inc, task, MONDAY_9) == QUEUE
    assert end_visit(world, inc, task) == QUEUE
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == (SIGN, disposer(DISTRICT))

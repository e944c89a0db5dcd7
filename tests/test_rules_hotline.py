"""Callers at the hotline: state in, state and command out, in the world without chance.

There a share of 1 always happens and a share of 0 never does, and delays are their means. The
statistical tests have fixed seeds; a right rule fails each at one seed in 10,000.
"""

import numpy as np
import pytest
from scipy import stats

from sim import codes, draws, rows
from sim.codes import (
    CALL_AGAIN,
    CALLBACK,
    CITY,
    CLOSE,
    COMMAND,
    DEPARTMENT,
    DISPATCH,
    DISPOSE,
    DISTRICT,
    HOTLINE_DESK,
    JUDGE,
    LOSE,
    PATROL,
    QUEUE,
    REGISTER,
    SIGN,
    VERIFY,
    WITHDRAWN,
)
from sim.draws import OF_BACKGROUND, OF_CONSULTATION, OF_FALSE_ALARM, OF_INCIDENT, uniform
from sim.durations import EXPONENTIAL, quantile_row
from sim.rules.hotline import is_call, is_engaged, patience, renew, unanswered
from sim.rules.life import reopen
from sim.units import HOUR, NEVER
from sim.world import world_handle
from tests.conftest import (
    MONDAY_9,
    account,
    changed,
    incident_row,
    task_row,
    visited,
    walk,
    with_lever,
    with_mechanism,
    with_route,
)

ERROR = 1e-4
N = 2000


@pytest.fixture
def call(at):
    """The task of a resident who rings the hotline, with other columns by name."""
    return lambda **columns: task_row(
        **{"stage": REGISTER, "desk": at(CITY, HOTLINE_DESK)} | columns
    )


@pytest.fixture(scope="module")
def world(plain):
    """Residents' calls are registered at the hotline and judged at the city's command desk."""
    world = with_mechanism(plain, patience=600.0, redial_delay=1800.0)
    return with_route(world, register=(CITY, HOTLINE_DESK), judge=(CITY, COMMAND))


@pytest.fixture(scope="module")
def by_chance(world):
    """The same, where patience and the time until a caller rings again are exponential."""
    curve = np.array([quantile_row(EXPONENTIAL, 1.0)])
    return changed(world, quantile=np.repeat(curve, len(world.quantile), axis=0))


# --- who calls, and for how long --------------------------------------------------------------


@pytest.mark.parametrize(
    ("incident", "task", "expected"),
    [
        ({}, {}, True),
        ({"channel": PATROL}, {}, False),  # the grid worker's own report
        ({"channel": PATROL}, {"report": 1}, True),  # but another resident rings
        ({"channel": PATROL, "false": 1}, {}, True),  # and so does who finds it unsolved
        ({"entity": OF_CONSULTATION}, {}, True),
        ({"entity": OF_FALSE_ALARM}, {}, False),
        ({"entity": OF_BACKGROUND}, {}, False),
        ({}, {"stage": JUDGE}, False),
        ({}, {"stage": VERIFY}, False),  # the hotline calls back: it waits for the desk
    ],
)
def test_a_call_is_a_residents_report_that_waits_to_be_registered(
    world, call, incident, task, expected
):
    w, inc = world_handle(world), incident_row(**incident)
    assert is_call(w, inc, call(**task)) == expected
    assert patience(w, inc, call(**task)) == (600 if expected else NEVER)


@pytest.mark.parametrize(("tier", "group"), [(CITY, CALLBACK), (DISTRICT, COMMAND)])
def test_who_registers_elsewhere_does_not_wait_at_the_telephone(world, at, call, tier, group):
    task = call(desk=at(tier, group))
    assert patience(world_handle(world), incident_row(), task) == NEVER


def test_a_departments_own_line_is_a_telephone_without_a_limit_of_lines(world, at, call):
    task = call(desk=at(DISTRICT, DEPARTMENT))
    world = with_mechanism(world, lines=1)
    for intake, expected in ((0.0, 600), (1.0, NEVER)):
        w = world_handle(with_lever(world, intake=intake))
        assert patience(w, incident_row(), task) == expected
        assert not is_engaged(w, incident_row(), task, 100)
        assert is_engaged(w, incident_row(), call(), 1)


def test_who_only_asks_and_gives_up_leaves_nothing_open(world, call):
    inc = incident_row(entity=OF_CONSULTATION)
    assert unanswered(world_handle(world), inc, call(joined=MONDAY_9), MONDAY_9 + 600) == LOSE
    assert inc[rows.I_STATE] == WITHDRAWN


def test_patience_of_nought_is_without_end(world, call):
    w = world_handle(with_mechanism(world, patience=0.0))
    assert patience(w, incident_row(), call()) == NEVER


def test_patience_is_exponential_and_drawn_for_each_call_anew(by_chance, call):
    """Kolmogorov and Smirnov's test for each call; no two calls go together."""
    w = world_handle(by_chance)
    names = [
        ({}, {}), ({}, {"calls": 1}), ({}, {"report": 1}), ({"false": 1}, {}),
        ({"false": 1}, {"calls": 1}),
    ]  # fmt: skip
    found = np.array([
        [patience(w, incident_row(key=key, **inc), call(**task)) for key in range(N)]
        for inc, task in names
    ])  # fmt: skip
    for ticks in found:
        assert stats.kstest(ticks, stats.expon(scale=600).cdf).pvalue > ERROR / len(names)
    correlated = np.corrcoef(found)[np.triu_indices(len(names), 1)]
    assert np.abs(correlated).max() < stats.norm.isf(ERROR / 20) / np.sqrt(N)


@pytest.mark.parametrize(
    ("lines", "callers", "engaged"),
    [(0, 0, False), (0, 10**6, False), (1, 0, False), (1, 1, True), (3, 2, False), (3, 3, True),
     (3, 4, True)],
)  # fmt: skip
def test_a_call_finds_no_line_when_all_are_taken(world, call, lines, callers, engaged):
    w = world_handle(with_mechanism(world, lines=lines))
    assert is_engaged(w, incident_row(), call(), callers) == engaged
    assert not is_engaged(w, incident_row(channel=PATROL), call(), callers)
    assert not is_engaged(w, incident_row(), call(stage=VERIFY), callers)


# --- not answered -----------------------------------------------------------------------------


@pytest.mark.parametrize("waited", [0, 600])
def test_who_rings_again_does_so_after_a_while(world, call, waited):
    """After waiting in vain, or at once where there was no line."""
    w = world_handle(with_mechanism(world, redial=1.0))
    inc, task = incident_row(), call(joined=MONDAY_9 - waited)
    assert unanswered(w, inc, task, MONDAY_9) == CALL_AGAIN
    assert (task[rows.T_UNTIL], task[rows.T_CALLS]) == (MONDAY_9 + 1800, 1)
    assert inc[rows.I_STATE] == codes.OPEN
    assert account(inc, "register_waiting") == inc[rows.I_ACCOUNT :].sum() == waited + 1800


@pytest.mark.parametrize(
    ("report", "state", "gone"), [(0, WITHDRAWN, MONDAY_9), (1, codes.OPEN, 0)]
)
def test_only_the_first_caller_takes_the_incident_along(world, call, report, state, gone):
    inc, task = incident_row(), call(report=report, joined=MONDAY_9 - 600)
    assert unanswered(world_handle(world), inc, task, MONDAY_9) == LOSE
    assert (inc[rows.I_STATE], inc[rows.I_GONE]) == (state, gone)
    assert inc[rows.I_ACCOUNT :].sum() == (600 if report == 0 else 0)


def test_who_has_found_it_unsolved_gives_up_on_it_too(world, call):
    """In its second life the whole wait counts as done again."""
    inc = incident_row(channel=PATROL, false=1, first=MONDAY_9 - HOUR)
    task = call(joined=MONDAY_9 - 600)
    assert unanswered(world_handle(world), inc, task, MONDAY_9) == LOSE
    assert (inc[rows.I_STATE], inc[rows.I_FIRST]) == (WITHDRAWN, MONDAY_9 - HOUR)
    again = inc[rows.I_AGAIN : rows.I_AGAIN + 3].tolist()
    assert (account(inc, "register_waiting"), again) == (600, [600, 0, 0])


def test_waiting_after_the_restriction_of_the_means_does_not_count(world, call):
    world = with_mechanism(world, redial=1.0)._replace(restrict=1000)
    inc, task = incident_row(occurred=MONDAY_9 - 800), call(joined=MONDAY_9 - 600)
    assert unanswered(world_handle(world), inc, task, MONDAY_9) == CALL_AGAIN
    assert account(inc, "register_waiting") == 600 + 200


@pytest.mark.parametrize(
    ("incident", "task"),
    [({}, {}), ({}, {"calls": 3}), ({"false": 2}, {"calls": 3}), ({}, {"report": 2})],
)
def test_the_stated_share_rings_again_after_an_exponential_time(by_chance, call, incident, task):
    w = world_handle(with_mechanism(by_chance, redial=0.6))
    commands, ticks = [], []
    for key in range(N):
        caller = call(joined=MONDAY_9, **task)
        commands.append(unanswered(w, incident_row(key=key, **incident), caller, MONDAY_9))
        if commands[-1] == CALL_AGAIN:
            ticks.append(caller[rows.T_UNTIL] - MONDAY_9)
    assert set(commands) == {CALL_AGAIN, LOSE}
    assert stats.binomtest(len(ticks), N, 0.6).pvalue > ERROR
    assert stats.kstest(ticks, stats.expon(scale=1800).cdf).pvalue > ERROR


# --- another resident gets through ------------------------------------------------------------


@pytest.mark.parametrize("state", [codes.OPEN, codes.ASLEEP, codes.SOLVED])
def test_what_is_not_withdrawn_is_not_renewed(world, call, state):
    inc, task = incident_row(state=state, gone=5), call(report=2)
    before = inc.copy()
    renew(world_handle(world), inc, task, MONDAY_9)
    np.testing.assert_array_equal(inc, before)
    np.testing.assert_array_equal(task, call(report=2))


def test_a_report_that_gets_through_becomes_the_first_and_is_not_merged(world, at):
    inc = incident_row(state=WITHDRAWN, gone=MONDAY_9 - 700)
    command, task = visited(
        with_lever(world, merging=1.0), inc, REGISTER, at(CITY, HOTLINE_DESK), report=2
    )
    assert command == QUEUE
    assert [task[rows.T_STAGE], task[rows.T_DESK]] == [JUDGE, at(CITY, COMMAND)]
    assert (task[rows.T_REPORT], inc[rows.I_STATE], inc[rows.I_RENEWED]) == (0, codes.OPEN, 1)
    assert (inc[rows.I_MERGED], inc[rows.I_HANDOVERS]) == (0, 1)
    assert account(inc, "sensing") == inc[rows.I_ACCOUNT :].sum() == 700


@pytest.mark.parametrize(("gone", "ticks"), [(200, 800), (1000, 0), (1500, 0)])
def test_that_nobody_knew_of_it_counts_up_to_the_restriction(world, call, gone, ticks):
    inc = incident_row(state=WITHDRAWN, gone=gone)
    renew(world_handle(world._replace(restrict=1000)), inc, call(report=1), 2000)
    assert account(inc, "sensing") == ticks


def test_the_account_of_a_renewed_incident_adds_up(world, at, call):
    """Noticed after 500 s; given up after 600 s of waiting; another call is registered 4,400 s
    later; judged, signed for and disposed of in 900 s each."""
    start = MONDAY_9 - 500
    inc, task = incident_row(occurred=start), call(joined=MONDAY_9)
    inc[rows.I_ACCOUNT] = 500
    assert unanswered(world_handle(world), inc, task, MONDAY_9 + 600) == LOSE
    now = MONDAY_9 + 5000
    command, task = visited(
        with_lever(world, direct=1.0), inc, REGISTER, at(CITY, HOTLINE_DESK), now, report=1
    )
    path, command = walk(with_lever(world, direct=1.0), inc, task, command, now, 900, ())
    assert ([stage for stage, _, _ in path], command) == ([JUDGE, SIGN, DISPOSE], CLOSE)
    solved = now + 3 * 900
    assert inc[rows.I_SOLVED] == solved
    assert inc[rows.I_ACCOUNT : rows.I_AGAIN].sum() == solved - start
    assert (account(inc, "sensing"), account(inc, "register_waiting")) == (500 + 4400, 600)
    assert not inc[rows.I_AGAIN :].any()


STAGES = (REGISTER, JUDGE, DISPATCH, SIGN, DISPOSE, VERIFY)


def test_in_a_first_life_nothing_has_been_done_before(world, call):
    inc, task = incident_row(state=WITHDRAWN), call(report=1, done={REGISTER: 1})
    renew(world_handle(world), inc, task, MONDAY_9)
    counters = [int(task[rows.T_COUNT + stage]) for stage in STAGES]
    assert (counters, task[rows.T_MOVES]) == ([1, 0, 0, 0, 0, 0], 0)


def test_a_later_life_makes_no_draw_a_second_time(world, at):
    """A life with every setback, falsely closed at its end: the lost task's counters are at most
    those with which the one that takes its place goes on, and its hand-overs are the same."""
    world = with_lever(world, direct=1.0, return_limit=2, refusal=1.0, verification=1.0)
    world = with_route(world, dispatch=(DISTRICT, COMMAND), verify=(CITY, CALLBACK))
    world = changed(world, failure=1.0, detection=0.0)
    inc, task = incident_row(tier=DISTRICT, state=codes.ASLEEP), task_row()
    command = reopen(world_handle(world), inc, task, MONDAY_9)
    path, command = walk(world, inc, task, command, MONDAY_9, until=())
    assert command == codes.SLEEP
    assert [stage for stage, _, _ in path].count(SIGN) == 3
    lost = [int(task[rows.T_COUNT + stage]) for stage in STAGES]
    assert min(lost) == 1
    inc[rows.I_STATE] = WITHDRAWN
    command, other = visited(
        world, inc, REGISTER, at(CITY, HOTLINE_DESK), report=1, done={REGISTER: 0}
    )
    taken_up = [int(other[rows.T_COUNT + stage]) for stage in STAGES]
    assert all(a >= b for a, b in zip(taken_up, lost, strict=True))
    assert other[rows.T_MOVES] == inc[rows.I_HANDOVERS] == task[rows.T_MOVES] + 1


def test_an_incident_that_has_failed_once_may_succeed_when_it_is_renewed(siloed, at):
    """Three disposals in ten fail. Of those that did, came back, were given up and renewed,
    three in ten fail again: the luck of the first time is not drawn once more."""
    world = changed(siloed._bare_world(siloed.policy), seed=np.uint64(8), failure=0.3)
    world = with_lever(world, verification=0.0, refusal=0.0, direct=1.0, joint=0.0)
    once, again = 0, 0
    for key in range(N):
        u = uniform(world.seed, OF_INCIDENT, key, draws.FAILED)
        if u >= 0.3:
            continue
        inc = incident_row(key=key, false=1, first=MONDAY_9, state=WITHDRAWN, tier=DISTRICT)
        command, task = visited(
            world, inc, REGISTER, at(CITY, HOTLINE_DESK), report=1, done={REGISTER: 0}
        )
        _, command = walk(world, inc, task, command, MONDAY_9, until=())
        once, again = once + 1, again + (command == codes.SLEEP)
    assert once > N / 5
    assert stats.binomtest(again, once, 0.3).pvalue > ERROR

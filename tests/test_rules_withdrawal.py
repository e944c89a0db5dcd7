"""Withdrawal by the resident: who would, when it is too late, and what is booked."""

import numpy as np
import pytest
from scipy import stats

from sim import codes, rows
from sim.codes import (
    BOARD,
    CITY,
    DISPATCH,
    DISPOSE,
    DISTRICT,
    END,
    HOTLINE_DESK,
    JUDGE,
    NONE,
    REGISTER,
    SUPERVISE,
    WITHDRAWN,
)
from sim.draws import OF_BACKGROUND, OF_FALSE_ALARM
from sim.records import SUPERVISE_BRANCH, WITHDRAWN_BRANCH
from sim.rules.hotline import renew
from sim.rules.steps import wait_until
from sim.rules.withdrawal import break_off, turn_back, withdraw, withdraws_in
from sim.units import HOUR, NEVER
from sim.world import world_handle
from tests.conftest import (
    MONDAY_9,
    account,
    incident_row,
    task_row,
    visited,
    with_mechanism,
)

ERROR = 1e-4
N = 2000


@pytest.fixture(scope="module")
def world(plain):
    """Everyone would withdraw after an hour."""
    return with_mechanism(plain, withdrawal=1.0, withdrawal_delay=HOUR)


# --- who would --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "ticks"),
    [
        ({}, HOUR),
        ({"channel": codes.PATROL}, NEVER),
        ({"channel": codes.SENSOR}, NEVER),
        ({"entity": OF_FALSE_ALARM}, NEVER),
        ({"entity": OF_BACKGROUND}, NEVER),
    ],
)
def test_only_who_rang_the_hotline_withdraws(world, columns, ticks):
    assert withdraws_in(world_handle(world), incident_row(**columns)) == ticks


def test_the_stated_share_withdraws_and_a_greater_share_holds_the_smaller(world):
    found = []
    for share in (0.0, 0.1, 0.4):
        w = world_handle(with_mechanism(world, withdrawal=share))
        found.append({k for k in range(N) if withdraws_in(w, incident_row(key=k)) < NEVER})
        assert stats.binomtest(len(found[-1]), N, share).pvalue > ERROR
    assert found[0] < found[1] < found[2]


# --- when -------------------------------------------------------------------------------------


def test_what_nobody_has_begun_is_withdrawn():
    inc = incident_row()
    assert withdraw(inc, MONDAY_9)
    found = inc[[rows.I_STATE, rows.I_GONE, rows.I_RETRACTED]].tolist()
    assert found == [WITHDRAWN, MONDAY_9, 1]


@pytest.mark.parametrize(
    "columns",
    [
        {"begun": 1},
        {"reports": 2},  # another resident wants it, too
        {"state": codes.ASLEEP},
        {"state": codes.SOLVED},
        {"state": WITHDRAWN},
    ],
)
def test_else_it_is_too_late(columns):
    inc = incident_row(**columns)
    before = inc.copy()
    assert not withdraw(inc, MONDAY_9)
    np.testing.assert_array_equal(inc, before)


# --- what is booked ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "waiting", "working"),
    [
        ({"work": NONE}, 1000, 0),
        ({"work": 900, "started": MONDAY_9 - 400}, 600, 400),
        ({"work": 900, "started": MONDAY_9}, 1000, 0),
    ],
)
def test_an_interrupted_visit_is_booked_up_to_the_withdrawal(world, at, columns, waiting, working):
    inc = incident_row()
    desk = at(CITY, HOTLINE_DESK)
    task = task_row(stage=JUDGE, desk=desk, joined=MONDAY_9 - 1000, **columns)
    break_off(world_handle(world), inc, task, MONDAY_9)
    assert (account(inc, "judge_waiting"), account(inc, "judge_working")) == (waiting, working)
    assert inc[rows.I_ACCOUNT :].sum() == waiting + working


@pytest.mark.parametrize("spent", [0, 700, 1000])
def test_of_a_delay_only_what_has_passed_stays_booked(world, at, spent):
    inc, w = incident_row(returns=1), world_handle(world)
    task = task_row(stage=DISPOSE, desk=at(DISTRICT, BOARD))
    wait_until(w, inc, task, MONDAY_9, MONDAY_9 + 1000, DISPATCH)
    turn_back(w, inc, task, MONDAY_9 + spent)
    again = inc[rows.I_AGAIN : rows.I_AGAIN + 3].tolist()
    assert (account(inc, "dispatch_release"), again) == (spent, [0, 0, spent])


def test_of_a_callers_time_until_ringing_again_only_what_has_passed_stays_booked(world, at):
    inc, w = incident_row(), world_handle(world)
    inc[rows.I_ACCOUNT + 1] = 1000  # as hotline.unanswered books it
    task = task_row(stage=REGISTER, desk=at(CITY, HOTLINE_DESK), until=MONDAY_9 + 600)
    turn_back(w, inc, task, MONDAY_9)
    assert account(inc, "register_waiting") == inc[rows.I_ACCOUNT :].sum() == 400


@pytest.mark.parametrize(("branch", "stage"), [(0, JUDGE), (SUPERVISE_BRANCH, SUPERVISE)])
def test_a_visit_that_was_at_work_then_ends_without_effect(world, at, branch, stage):
    inc = incident_row(state=WITHDRAWN)
    before = inc.copy()
    columns = {"branch": branch + WITHDRAWN_BRANCH}
    command, task = visited(world, inc, stage, at(CITY, HOTLINE_DESK), **columns)
    assert (command, task[rows.T_OUTCOME]) == (END, codes.VOIDED)
    np.testing.assert_array_equal(inc, before)


def test_another_resident_renews_it_with_draws_of_its_own(world, at):
    inc, task = incident_row(), task_row(report=1, stage=REGISTER, desk=at(CITY, HOTLINE_DESK))
    withdraw(inc, MONDAY_9)
    renew(world_handle(world), inc, task, MONDAY_9 + HOUR)
    assert (inc[rows.I_STATE], task[rows.T_REPORT]) == (codes.OPEN, 0)
    assert (account(inc, "sensing"), task[rows.T_COUNT + JUDGE]) == (HOUR, 1)

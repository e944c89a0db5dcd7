"""The steps that every stage takes: moving, holding, booking time, the channel of a report."""

import numpy as np
import pytest

from sim import rows
from sim.codes import (
    DELAY,
    DISPATCH,
    DISPOSE,
    HOTLINE,
    JUDGE,
    NONE,
    PATROL,
    QUEUE,
    REGISTER,
    RELEASE,
    SIGN,
    VERIFY,
    WORKING,
)
from sim.records import AGAIN_COLUMNS, SUPERVISE_BRANCH, TIME_COLUMNS
from sim.rules.steps import book, channel_of, counted, is_again, move, wait_until
from sim.world import world_handle


@pytest.fixture
def inc():
    row = np.zeros(rows.INCIDENT_WIDTH, rows.ROW)
    row[rows.I_CHANNEL], row[rows.I_OCCURRED] = PATROL, 50
    return row


@pytest.fixture(scope="module")
def w(plain):
    """A world whose accounts count the first 100 ticks of an incident."""
    return world_handle(plain._replace(restrict=100))


@pytest.fixture
def task():
    row = np.zeros(rows.TASK_WIDTH, rows.ROW)
    row[rows.T_DESK] = NONE
    return row


def account(inc):
    """The time account by name, entries that are not 0."""
    names = TIME_COLUMNS + AGAIN_COLUMNS
    values = inc[rows.I_ACCOUNT :][: len(names)]
    return {name: int(v) for name, v in zip(names, values, strict=True) if v}


def test_time_is_booked_under_its_stage_and_use(w, inc, task):
    book(w, inc, task, JUDGE, WORKING, 60, 67)
    book(w, inc, task, DISPATCH, RELEASE, 67, 76)
    assert account(inc) == {"judge_working": 7, "dispatch_release": 9}


@pytest.mark.parametrize(("begin", "end", "ticks"), [(140, 160, 10), (150, 151, 0), (149, 150, 1)])
def test_time_after_the_restriction_does_not_count(w, inc, task, begin, end, ticks):
    book(w, inc, task, JUDGE, WORKING, begin, end)
    assert counted(w, inc, begin, end) == ticks
    assert account(inc) == ({"judge_working": ticks} if ticks else {})


@pytest.mark.parametrize(
    ("column", "again"),
    [
        ("FALSE", {REGISTER, JUDGE, DISPATCH, SIGN, DISPOSE, VERIFY}),
        ("RETURNS", {JUDGE, DISPATCH, SIGN}),
        ("REWORKS", {DISPOSE, VERIFY}),
        ("MERGED", set()),
    ],
)
def test_what_is_done_again_after_a_setback_is_booked_as_such(w, inc, task, column, again):
    inc[getattr(rows, f"I_{column}")] = 1
    for stage in (REGISTER, JUDGE, DISPATCH, SIGN, DISPOSE, VERIFY):
        assert is_again(inc, stage) == (stage in again)
        before = account(inc).get("again_working", 0)
        book(w, inc, task, stage, WORKING, 60, 63)
        assert account(inc).get("again_working", 0) - before == 3 * (stage in again)


@pytest.mark.parametrize(("report", "branch"), [(1, 0), (0, 3), (0, SUPERVISE_BRANCH)])
def test_only_the_path_of_the_first_report_counts(w, inc, task, report, branch):
    task[rows.T_REPORT], task[rows.T_BRANCH] = report, branch
    book(w, inc, task, JUDGE, WORKING, 60, 67)
    move(inc, task, JUDGE, 1)
    move(inc, task, JUDGE, 2)
    assert account(inc) == {}
    assert inc[rows.I_HANDOVERS] == 0
    assert task[rows.T_MOVES] == 1  # but the task itself knows of it


def test_another_desk_than_before_is_a_handover(inc, task):
    found = []
    for desk in (4, 4, 5, 4):
        assert move(inc, task, JUDGE, desk) == QUEUE
        found.append((int(inc[rows.I_HANDOVERS]), int(task[rows.T_NEWLY])))
    assert found == [(0, 0), (0, 0), (1, 1), (2, 1)]


def test_holding_until_now_is_no_delay(w, inc, task):
    assert wait_until(w, inc, task, 100, 100, DISPATCH) == QUEUE
    assert account(inc) == {}
    assert wait_until(w, inc, task, 100, 130, DISPATCH) == DELAY
    assert task[rows.T_UNTIL] == 130
    assert account(inc) == {"dispatch_release": 30}


@pytest.mark.parametrize(
    ("report", "false", "channel"), [(0, 0, PATROL), (1, 0, HOTLINE), (0, 1, HOTLINE)]
)
def test_all_but_the_first_report_come_by_the_hotline(inc, task, report, false, channel):
    task[rows.T_REPORT], inc[rows.I_FALSE] = report, false
    assert channel_of(inc, task) == channel

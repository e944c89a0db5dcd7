"""The steps that every stage takes: moving, holding, booking time, the channel of a report."""

import numpy as np
import pytest

from sim import rows
from sim.codes import DELAY, DISPATCH, HOTLINE, JUDGE, NONE, PATROL, QUEUE, RELEASE, WORKING
from sim.records import SUPERVISE_BRANCH, TIME_COLUMNS
from sim.rules.steps import book, channel_of, move, wait_until


@pytest.fixture
def inc():
    row = np.zeros(rows.INCIDENT_WIDTH, np.int64)
    row[rows.I_CHANNEL] = PATROL
    return row


@pytest.fixture
def task():
    row = np.zeros(rows.TASK_WIDTH, np.int64)
    row[rows.T_DESK] = NONE
    return row


def account(inc):
    """The time account by name, entries that are not 0."""
    values = inc[rows.I_ACCOUNT :]
    return {name: int(v) for name, v in zip(TIME_COLUMNS, values, strict=True) if v}


def test_time_is_booked_under_its_stage_and_use(inc, task):
    book(inc, task, JUDGE, WORKING, 7)
    book(inc, task, DISPATCH, RELEASE, 9)
    assert account(inc) == {"judge_working": 7, "dispatch_release": 9}


@pytest.mark.parametrize(("report", "branch"), [(1, 0), (0, 3), (0, SUPERVISE_BRANCH)])
def test_only_the_path_of_the_first_report_counts(inc, task, report, branch):
    task[rows.T_REPORT], task[rows.T_BRANCH] = report, branch
    book(inc, task, JUDGE, WORKING, 7)
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


def test_holding_until_now_is_no_delay(inc, task):
    assert wait_until(inc, task, 100, 100, DISPATCH) == QUEUE
    assert account(inc) == {}
    assert wait_until(inc, task, 100, 130, DISPATCH) == DELAY
    assert task[rows.T_UNTIL] == 130
    assert account(inc) == {"dispatch_release": 30}


@pytest.mark.parametrize(
    ("report", "false", "channel"), [(0, 0, PATROL), (1, 0, HOTLINE), (0, 1, HOTLINE)]
)
def test_all_but_the_first_report_come_by_the_hotline(inc, task, report, false, channel):
    task[rows.T_REPORT], inc[rows.I_FALSE] = report, false
    assert channel_of(inc, task) == channel

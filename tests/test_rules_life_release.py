"""The batches of the relay, which leave by the schedule, by their size, or by whichever is first:
state in, state and command out, in the world without chance of test_rules_life.py."""

import numpy as np
import pytest

from sim import codes, levers, rows
from sim.codes import (
    CITY,
    COMMAND,
    DELAY,
    DISPATCH,
    DISTRICT,
    GATHER,
    GRID,
    JUDGE,
    NONE,
    QUEUE,
    SIGN,
    TOWNSHIP,
)
from sim.rules.life import batch_size, let_go
from sim.units import DAY, HOUR, NEVER
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
    walk,
    with_lever,
    with_route,
)

TEN, FOUR = 10 * HOUR, 16 * HOUR  # batches are let out at ten and at four on working days


@pytest.mark.parametrize(
    ("grade", "joined"),
    [
        (codes.GRADE_IV, [TEN, FOUR, DAY + TEN]),
        (codes.GRADE_III, [TEN, FOUR, DAY + TEN]),
        (codes.GRADE_II, [9 * HOUR, 10 * HOUR, 11 * HOUR]),
        (codes.GRADE_I, [9 * HOUR, 10 * HOUR, 11 * HOUR]),
    ],
)
def test_each_hop_waits_for_a_batch_but_urgent_ones_go_by_telephone(batches, at, grade, joined):
    """From the city to a grid: district and township relay, an hour of work each."""
    inc = incident_row(tier=GRID, severity=grade)
    path, _, _ = judged(batches, inc, CITY, at, work=HOUR)
    assert [tick for _, _, tick in path] == joined
    whole = joined[-1] - MONDAY_9
    assert account(inc, "dispatch_release") == whole - 2 * HOUR
    assert inc[rows.I_ACCOUNT :].sum() == whole


@pytest.mark.parametrize(("now", "tick"), [(TEN - 1, TEN), (TEN, TEN), (TEN + 1, FOUR)])
def test_a_batch_leaves_at_the_first_release_that_is_not_past(batches, at, now, tick):
    path, _, _ = judged(batches, incident_row(tier=TOWNSHIP), DISTRICT, at, now)
    assert path[0] == (DISPATCH, at(TOWNSHIP, COMMAND), tick)


def test_a_batch_waits_over_the_weekend(batches, at):
    friday = 4 * DAY + 17 * HOUR
    path, _, _ = judged(batches, incident_row(tier=TOWNSHIP), DISTRICT, at, friday)
    assert path[0][2] == 7 * DAY + TEN


def test_several_tiers_without_a_desk_are_one_hop_with_one_batch(batches, at, disposer):
    world = changed(batches, relay=NONE)
    path, command, _ = judged(world, incident_row(tier=GRID), CITY, at)
    assert path == [(SIGN, disposer(GRID), TEN)]
    assert command == DELAY


@pytest.mark.parametrize(
    ("direct", "grade", "tick"),
    [(0, codes.GRADE_IV, TEN), (1, codes.GRADE_IV, 9 * HOUR), (0, codes.GRADE_I, 9 * HOUR)],
)
def test_a_return_waits_for_a_batch_unless_it_was_sent_directly(batches, at, direct, grade, tick):
    world = with_route(with_lever(batches, return_limit=3), judge=(CITY, COMMAND))
    inc = incident_row(severity=grade)
    command, task = signed(world, inc, at, right=0, direct=direct)
    path, _ = walk(world, inc, task, command, MONDAY_9, until=(JUDGE,))
    assert path == [(JUDGE, at(CITY, COMMAND), tick)]
    assert account(inc, "dispatch_release") == tick - MONDAY_9


# --- by size ----------------------------------------------------------------------------------


def with_size(world, size, release=None):
    """The world with batches of a size; release : NONE where no schedule lets them out."""
    choice = world.choice.copy()
    choice[:, levers.RELEASE_SIZE] = size
    if release is not None:
        choice[:, levers.RELEASES] = release
    return world._replace(choice=choice)


def leaving(world, at, now=MONDAY_9, grade=codes.GRADE_IV):
    """(command, incident, task) of a district's incident that leaves for its township."""
    inc = incident_row(tier=TOWNSHIP, severity=grade)
    task = task_row(stage=JUDGE, desk=at(DISTRICT, COMMAND))
    command = end_visit(with_route(world, judge=(DISTRICT, COMMAND)), inc, task, now)
    assert (task[rows.T_STAGE], task[rows.T_DESK]) == (DISPATCH, at(TOWNSHIP, COMMAND))
    return command, inc, task


@pytest.mark.parametrize(
    ("size", "release", "grade", "now", "command", "until"),
    [
        (0, None, codes.GRADE_IV, MONDAY_9, DELAY, TEN),
        (1, None, codes.GRADE_IV, MONDAY_9, DELAY, TEN),
        (2, None, codes.GRADE_IV, MONDAY_9, GATHER, TEN),
        (9, None, codes.GRADE_III, TEN + 1, GATHER, FOUR),
        (9, None, codes.GRADE_IV, TEN, QUEUE, None),  # at the very release
        (9, None, codes.GRADE_II, MONDAY_9, QUEUE, None),  # by telephone
        (0, NONE, codes.GRADE_IV, MONDAY_9, QUEUE, None),
        (1, NONE, codes.GRADE_IV, MONDAY_9, QUEUE, None),
        (2, NONE, codes.GRADE_IV, MONDAY_9, GATHER, NEVER),  # until it is full
        (2, NONE, codes.GRADE_I, MONDAY_9, QUEUE, None),
    ],
)
def test_a_task_is_held_for_the_schedule_or_gathers_or_goes(
    batches, at, size, release, grade, now, command, until
):
    found, inc, task = leaving(with_size(batches, size, release), at, now, grade)
    assert found == command
    if command != QUEUE:
        assert task[rows.T_UNTIL] == until
    held = TEN - MONDAY_9 if command == DELAY else 0
    assert account(inc, "dispatch_release") == held  # of what gathers nothing is known yet
    if command == GATHER:
        assert task[rows.T_JOINED] == now


@pytest.mark.parametrize("restrict", [10 * DAY, 300])
def test_a_batch_that_leaves_books_how_long_the_task_was_in_it(batches, at, restrict):
    world = with_size(batches, 3)._replace(restrict=MONDAY_9 + restrict)
    _, inc, task = leaving(world, at)
    let_go(world_handle(world), inc, task, MONDAY_9 + 1000)
    expected = min(1000, restrict)
    assert account(inc, "dispatch_release") == inc[rows.I_ACCOUNT :].sum() == expected


def test_a_return_gathers_as_well(batches, at):
    world = with_size(with_lever(batches, return_limit=3), 2)
    inc = incident_row()
    command, task = signed(with_route(world, judge=(CITY, COMMAND)), inc, at, right=0)
    assert (command, task[rows.T_DESK]) == (GATHER, at(CITY, COMMAND))
    let_go(world_handle(world), inc, task, MONDAY_9 + 60)
    assert account(inc, "dispatch_release") == 60
    assert inc[rows.I_AGAIN : rows.I_AGAIN + 3].tolist() == [0, 0, 60]  # it was sent before


def test_the_size_is_that_of_the_incidents_own_regime(batches):
    names = ("lever", "choice", "route", "relay", "dispose")
    both = {name: np.concatenate([getattr(batches, name)] * 2) for name in names}
    both["choice"][:, levers.RELEASE_SIZE] = 4, 7
    w = world_handle(batches._replace(**both))
    assert [batch_size(w, incident_row(regime=r)) for r in (1, 0)] == [7, 4]

"""Patrol shares the day with work: rates by the shift before, and when an incident is noticed."""

import math

import numpy as np
import pytest

from sim import rows
from sim.codes import COMMAND, DISTRICT, GRID, GRID_DESK, NONE, PATROL, SENSOR
from sim.compiled.centres import book_work
from sim.rules.patrol import (
    await_patrol,
    booked_before,
    is_kept,
    lost,
    lost_until,
    patrol_rate,
    patrols,
    shift_number,
)
from sim.rules.sensing import first_notice
from sim.situation import P_BEFORE, P_BOOKED, P_LOST, P_SHIFT
from sim.units import DAY, HOUR, MINUTE, NEVER
from sim.world import world_handle
from tests.conftest import MONDAY_9, changed, find_desk, incident_row, with_lever, with_mechanism

OWN = 8  # the grid of `incident_row`
# Grid workers are out from 08:30 to 12:00 and from 14:00 to 18:30, every day.
MORNING, AFTERNOON = 7 * HOUR // 2, 9 * HOUR // 2


@pytest.fixture(scope="module")
def world(plain):
    """Patrol that work presses, down to a tenth."""
    return with_mechanism(changed(plain, patrol_mean=HOUR), patrol_weight=1.0, patrol_least=0.1)


def booked(world, shift=0, now=0, before=0, lost=0):
    """The world as rules take it, with work booked at the own grid in the n-th shift and in the
    one before it, and patrol lost up to it; and the number of the first shift."""
    w = world_handle(world)
    first = int(world.cal.seg_first[world.patrol, 0])
    row = w.fields.situation.fields.patrol[OWN]
    row[[P_SHIFT, P_BOOKED, P_BEFORE, P_LOST]] = first + shift, now, before, lost
    return w, first


def noticed(w, inc):
    """(tick, channel) of the first notice, and how often patrol was asked again."""
    tick, again = first_notice(w, inc), 0
    while inc[rows.I_PATROL] > 0 and tick < NEVER:
        tick, again = patrols(w, inc, tick), again + 1
    return (int(tick), int(inc[rows.I_CHANNEL])), again


# --- shifts and rates -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tick", "number"),
    [
        (0, -1),
        (8 * HOUR + 30 * MINUTE - 1, -1),
        (8 * HOUR + 30 * MINUTE, 0),
        (13 * HOUR, 0),
        (14 * HOUR, 1),
        (DAY, 1),
        (DAY + 14 * HOUR, 3),
    ],
)
def test_work_between_two_shifts_belongs_to_the_earlier(world, tick, number):
    w, first = booked(world)
    assert shift_number(w, tick) == first + number


def test_after_the_calendar_the_last_shift_goes_on(world):
    w, _ = booked(world)
    last = world.cal.seg_first[world.patrol, -1] - 1
    assert shift_number(w, world.cal.day_type.size * DAY + HOUR) == last


@pytest.mark.parametrize(("asked", "found"), [(3, 70), (4, 50), (5, 0), (9, 0)])
def test_what_is_booked_is_read_a_shift_later(world, asked, found):
    w, first = booked(world, shift=3, now=50, before=70)
    assert booked_before(w, OWN, first + asked) == found


@pytest.mark.parametrize(
    ("seats", "weight", "work", "rate"),
    [
        (1, 1.0, 0, 1.0),
        (1, 1.0, MORNING // 2, 0.5),
        (2, 1.0, MORNING // 2, 0.75),
        (1, 0.5, MORNING // 2, 0.75),
        (1, 1.0, MORNING, 0.1),
        (1, 1.0, 5 * MORNING, 0.1),
        (1, 0.0, MORNING, 1.0),
        (0, 1.0, MORNING // 2, 0.5),
    ],
)
def test_the_rate_falls_with_the_work_of_the_shift_before(world, seats, weight, work, rate):
    world = changed(with_mechanism(world, patrol_weight=weight), seats=seats)
    w, first = booked(world, shift=0, now=work)
    assert patrol_rate(w, OWN, first + 1, work) == pytest.approx(rate)
    assert patrol_rate(w, OWN, first, work) == 1.0  # nothing comes before the first
    assert lost(w, OWN, first + 1, work) == pytest.approx((1 - rate) * AFTERNOON, abs=1)
    assert lost(w, OWN, first, work) == 0


@pytest.mark.parametrize(
    ("until", "found"),
    [
        (2, 500),  # the shift before the present one, of which nothing was booked
        (3, 500 + AFTERNOON // 2),
        (4, 500 + AFTERNOON // 2 + MORNING // 3),  # what was booked in the present one is known
        (9, 500 + AFTERNOON // 2 + MORNING // 3),  # nothing has been booked since
    ],
)
def test_what_was_lost_is_known_of_each_shift_from_the_one_before_on(world, until, found):
    # the fourth shift is an afternoon, the fifth a morning
    of_afternoon = AFTERNOON // 2
    w, first = booked(
        world, shift=3, now=AFTERNOON // 3, before=MORNING // 2, lost=500 + of_afternoon
    )
    assert lost_until(w, OWN, first + until) == pytest.approx(found, abs=1)
    assert lost_until(w, OWN - 1, first + until) == 0  # another grid


def test_only_grids_book_and_only_where_it_matters(world, at):
    assert is_kept(world_handle(world), at(GRID, GRID_DESK))
    assert not is_kept(world_handle(world), at(DISTRICT, COMMAND))
    off = with_mechanism(world, patrol_weight=0.0)
    assert not is_kept(world_handle(off), at(GRID, GRID_DESK))


# --- notices ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("threshold", "occurred", "tick", "again"),
    [
        # The first morning is at full rate; half of it was booked, so the afternoon is at 0.5.
        (HOUR, MONDAY_9, 10 * HOUR, 0),
        (3 * HOUR, MONDAY_9, 12 * HOUR, 0),
        (3 * HOUR + 1, MONDAY_9, 14 * HOUR + 2, 1),
        (4 * HOUR, MONDAY_9, 16 * HOUR, 1),
        (HOUR, 15 * HOUR, 17 * HOUR, 0),
        (HOUR, 13 * HOUR, 16 * HOUR, 1),
        (2 * HOUR, 18 * HOUR, DAY + 10 * HOUR + 15 * MINUTE, 1),  # and the next day at 1 again
    ],
)
def test_the_rates_add_up_to_the_threshold(world, threshold, occurred, tick, again):
    w, _ = booked(changed(world, patrol_mean=threshold), now=MORNING // 2)
    inc = incident_row(base=PATROL, occurred=occurred, channel=NONE)
    assert noticed(w, inc) == ((tick, PATROL), again)


def test_without_work_it_is_noticed_when_it_always_was(world):
    """By looking again, and in one step where work does not matter."""
    chance = changed(
        world, patrol_mean=5 * HOUR, quantile=np.linspace(0, 4, world.quantile.shape[1])
    )
    anew = world_handle(chance)
    at_once = world_handle(with_mechanism(chance, patrol_weight=0.0))
    again = 0
    for key in range(200):
        columns = {"key": key, "base": PATROL, "occurred": key * 1000, "channel": NONE}
        expected, none = noticed(at_once, incident_row(**columns))
        found, n = noticed(anew, incident_row(**columns))
        assert (found, none) == (expected, 0)
        again += n
    assert again > 100


@pytest.mark.parametrize("least", [0.0, 0.1])
def test_no_patrol_at_all_waits_for_the_next_shift(world, least):
    world = with_mechanism(world, patrol_least=least)
    w, _ = booked(world, now=9 * MORNING)
    inc = incident_row(base=PATROL, occurred=14 * HOUR, channel=NONE)
    done = int(least * AFTERNOON)
    expected = DAY + 8 * HOUR + 30 * MINUTE + HOUR - done
    assert noticed(w, inc) == ((expected, PATROL), 1)


def test_past_the_calendar_nobody_notices(world):
    late = world.cal.day_type.size * DAY - HOUR
    inc = incident_row(base=PATROL, occurred=late, channel=NONE)
    assert noticed(world_handle(world), inc)[0][0] == NEVER


@pytest.mark.parametrize(
    ("sensor", "expected"),
    [
        (30 * MINUTE, (9 * HOUR + 30 * MINUTE, SENSOR)),
        (HOUR, (10 * HOUR, PATROL)),  # a tie goes to patrol
        (2 * HOUR, (10 * HOUR, PATROL)),
    ],
)
def test_a_sensor_competes_within_a_shift(world, sensor, expected):
    world = with_lever(changed(world, sensor_share=1.0, sensor_mean=sensor), sensing=1.0)
    inc = incident_row(base=PATROL, occurred=MONDAY_9, channel=NONE)
    assert noticed(world_handle(world), inc) == (expected, 0)


@pytest.mark.parametrize(
    ("sensor", "expected", "again"),
    [
        (4 * HOUR, (13 * HOUR, SENSOR), 0),  # at noon, between the shifts
        (5 * HOUR, (14 * HOUR, SENSOR), 0),  # as the shift begins
        (6 * HOUR, (15 * HOUR, SENSOR), 1),
        (8 * HOUR, (16 * HOUR, PATROL), 1),
    ],
)
def test_a_sensor_competes_between_shifts(world, sensor, expected, again):
    world = changed(world, sensor_share=1.0, sensor_mean=sensor, patrol_mean=4 * HOUR)
    w, _ = booked(with_lever(world, sensing=1.0), now=MORNING // 2)
    inc = incident_row(base=PATROL, occurred=MONDAY_9, channel=NONE)
    assert noticed(w, inc) == (expected, again)


def in_every_shift(w, inc, left, booked):
    """Tick and channel of the first notice, by a look in every shift, as the module's text has it.

    booked : work begun in each shift of the calendar.
    """
    cal, occurred, sensed = w.fields.cal.fields, inc[rows.I_OCCURRED], inc[rows.I_SENSED]
    first = cal.seg_first[w.fields.patrol, 0]
    for n, before in enumerate([0, *booked[:-1]]):
        start, end = max(cal.seg_start[first + n], occurred), cal.seg_end[first + n]
        if end <= start:
            continue
        rate = patrol_rate(w, OWN, first + n, before)
        tick = start + math.ceil(left / rate) if rate > 0 else NEVER
        if tick <= end or sensed <= end:
            return (tick, PATROL) if tick <= sensed else (sensed, SENSOR)
        left -= int(rate * (end - start))
    return (sensed, SENSOR) if sensed < NEVER else (NEVER, PATROL)


@pytest.mark.parametrize("least", [0.0, 0.2])
@pytest.mark.parametrize("seed", range(100))
def test_it_is_noticed_when_a_look_in_every_shift_would_notice_it(plain, layout, least, seed):
    rng = np.random.default_rng(seed)
    world = with_mechanism(changed(plain, seats=1), patrol_weight=1.0, patrol_least=least)
    w, cal, desk = world_handle(world), plain.cal, find_desk(layout, GRID, GRID_DESK, 0, OWN)
    first, end = (int(cal.seg_first[plain.patrol, i]) for i in (0, -1))
    booked = (rng.integers(1, AFTERNOON, end - first) * rng.integers(0, 2, end - first)).tolist()
    left, occurred = int(rng.integers(1, 3 * AFTERNOON)), int(rng.integers(0, DAY))
    inc = incident_row(occurred=occurred, grid=OWN, channel=PATROL)
    inc[rows.I_SENSED] = rng.choice([NEVER, occurred + rng.integers(0, 2 * DAY)])
    expected = in_every_shift(w, inc, left, booked)
    begun = 0

    def work_until(tick):  # work begins a second before each shift ends
        nonlocal begun
        while begun < len(booked) and cal.seg_end[first + begun] - 1 < tick:
            if booked[begun] > 0:
                book_work(w, desk, cal.seg_end[first + begun] - 1, booked[begun])
            begun += 1

    work_until(occurred)
    tick = await_patrol(w, inc, left, occurred)
    while inc[rows.I_PATROL] > 0 and tick < NEVER:
        work_until(tick)
        tick = patrols(w, inc, tick)
    assert (tick, inc[rows.I_CHANNEL]) == expected

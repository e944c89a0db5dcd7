"""Patrol shares the day with work: rates by the shift before, and when an incident is noticed."""

import numpy as np
import pytest

from sim import rows
from sim.codes import COMMAND, DISTRICT, GRID, GRID_DESK, NONE, PATROL, SENSOR
from sim.rules.patrol import booked_before, is_kept, patrol_rate, patrols, shift_number
from sim.rules.sensing import first_notice
from sim.situation import P_BEFORE, P_BOOKED, P_SHIFT
from sim.units import DAY, HOUR, MINUTE, NEVER
from sim.world import world_handle
from tests.conftest import MONDAY_9, changed, incident_row, with_lever, with_mechanism

OWN = 8  # the grid of `incident_row`
# Grid workers are out from 08:30 to 12:00 and from 14:00 to 18:30, every day.
MORNING, AFTERNOON = 7 * HOUR // 2, 9 * HOUR // 2


@pytest.fixture(scope="module")
def world(plain):
    """Patrol that work presses, down to a tenth."""
    return with_mechanism(changed(plain, patrol_mean=HOUR), patrol_weight=1.0, patrol_least=0.1)


def booked(world, shift=0, now=0, before=0):
    """The world as rules take it, with work booked at the own grid in the n-th shift and in the
    one before it; and the number of the first shift."""
    w = world_handle(world)
    first = int(world.cal.seg_first[world.patrol, 0])
    row = w.fields.situation.fields.patrol[OWN]
    row[[P_SHIFT, P_BOOKED, P_BEFORE]] = first + shift, now, before
    return w, first


def noticed(w, inc, tick=None):
    """(tick, channel) of the first notice, and how many shifts had to see to it."""
    tick, shifts = (first_notice(w, inc) if tick is None else tick), 0
    while inc[rows.I_PATROL] > 0 and tick < NEVER:
        tick, shifts = patrols(w, inc, tick), shifts + 1
    return (int(tick), int(inc[rows.I_CHANNEL])), shifts


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
    assert patrol_rate(w, OWN, first + 1) == pytest.approx(rate)
    assert patrol_rate(w, OWN - 1, first + 1) == 1.0  # another grid
    assert patrol_rate(w, OWN, first) == 1.0  # nothing comes before the first


def test_only_grids_book_and_only_where_it_matters(world, at):
    assert is_kept(world_handle(world), at(GRID, GRID_DESK))
    assert not is_kept(world_handle(world), at(DISTRICT, COMMAND))
    off = with_mechanism(world, patrol_weight=0.0)
    assert not is_kept(world_handle(off), at(GRID, GRID_DESK))


# --- notices ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("threshold", "occurred", "tick", "shifts"),
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
def test_the_rates_add_up_to_the_threshold(world, threshold, occurred, tick, shifts):
    w, _ = booked(changed(world, patrol_mean=threshold), now=MORNING // 2)
    inc = incident_row(base=PATROL, occurred=occurred, channel=NONE)
    assert noticed(w, inc) == ((tick, PATROL), shifts)


def test_without_work_it_is_noticed_when_it_always_was(world):
    """By steps from shift to shift, and in one step where work does not matter."""
    chance = changed(
        world, patrol_mean=5 * HOUR, quantile=np.linspace(0, 4, world.quantile.shape[1])
    )
    stepwise = world_handle(chance)
    at_once = world_handle(with_mechanism(chance, patrol_weight=0.0))
    shifts = 0
    for key in range(200):
        columns = {"key": key, "base": PATROL, "occurred": key * 1000, "channel": NONE}
        expected, none = noticed(at_once, incident_row(**columns))
        found, n = noticed(stepwise, incident_row(**columns))
        assert (found, none) == (expected, 0)
        shifts += n
    assert shifts > 100


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
    ("sensor", "expected", "shifts"),
    [
        (4 * HOUR, (13 * HOUR, SENSOR), 0),  # at noon, between the shifts
        (5 * HOUR, (14 * HOUR, SENSOR), 0),  # as the shift begins
        (6 * HOUR, (15 * HOUR, SENSOR), 1),
        (8 * HOUR, (16 * HOUR, PATROL), 1),
    ],
)
def test_a_sensor_competes_between_shifts(world, sensor, expected, shifts):
    world = changed(world, sensor_share=1.0, sensor_mean=sensor, patrol_mean=4 * HOUR)
    w, _ = booked(with_lever(world, sensing=1.0), now=MORNING // 2)
    inc = incident_row(base=PATROL, occurred=MONDAY_9, channel=NONE)
    assert noticed(w, inc) == (expected, shifts)

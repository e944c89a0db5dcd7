"""Hours and seats as planned: before, at and after the dates of a rollout."""

import numpy as np
import pytest

from sim.codes import NONE
from sim.rules.seats import (
    dates_past,
    most_seats,
    next_date,
    next_opening,
    opening_at,
    planned,
    regime_at,
    seats_in,
)
from sim.units import DAY, HOUR, NEVER
from sim.world import world_handle
from tests.conftest import changed

FIRST, SECOND = DAY + 10 * HOUR, 2 * DAY  # a Tuesday at ten, and the midnight after it
DESK = 3


@pytest.fixture
def dated(plain, siloed):
    """A desk in office hours with 2 seats; from FIRST on under regime 1 on duty with 1, 2 and 3
    seats in its shifts; from SECOND on under regime 0 in office hours again, with 4."""
    n, names = plain.desk_opening.size, siloed.calendar_names.openings
    office, duty = names.index("office"), names.index("duty")
    seats = [[[1, 2, 3]] * n, [[4, 0, 0]] * n]
    world = changed(plain, desk_opening=office, desk_regime=0)
    world = world._replace(seats=np.array([[2, 0, 0]] * n, np.int32))
    return world_handle(
        world._replace(
            later_from=np.array([FIRST, SECOND]),
            later_regime=np.array([[1] * n, [0] * n], np.int32),
            later_opening=np.array([[duty] * n, [office] * n], np.int32),
            later_seats=np.array(seats, np.int32),
        )
    )


@pytest.mark.parametrize(
    ("tick", "past", "coming"),
    [
        (0, 0, FIRST),
        (FIRST - 1, 0, FIRST),
        (FIRST, 1, SECOND),
        (FIRST + 1, 1, SECOND),
        (SECOND - 1, 1, SECOND),
        (SECOND, 2, NEVER),
        (SECOND + 9 * DAY, 2, NEVER),
    ],
)
def test_a_plan_holds_from_its_date_on(dated, siloed, tick, past, coming):
    openings = siloed.calendar_names.openings
    assert dates_past(dated, tick) == past
    assert next_date(dated, tick) == coming
    assert regime_at(dated, DESK, tick) == (0, 1, 0)[past]
    assert openings[opening_at(dated, DESK, tick)] == ("office", "duty", "office")[past]
    assert [seats_in(dated, DESK, shift, tick) for shift in range(3)] == [
        [2, 0, 0],
        [1, 2, 3],
        [4, 0, 0],
    ][past]
    assert most_seats(dated, DESK, tick) == (2, 3, 4)[past]


@pytest.mark.parametrize(
    ("tick", "seats"),
    [
        (9 * HOUR - 1, NONE),  # before the office opens
        (9 * HOUR, 2),
        (13 * HOUR, NONE),  # noon
        (20 * HOUR, NONE),
        (FIRST - 1, 2),
        (FIRST, 2),  # the second shift of those on duty
        (DAY + 16 * HOUR, 3),
        (SECOND - 1, 3),
        (SECOND, NONE),  # the office is closed at midnight
        (SECOND + 9 * HOUR, 4),
    ],
)
def test_seats_are_those_of_the_plans_own_hours(dated, tick, seats):
    assert planned(dated, DESK, tick) == seats


@pytest.mark.parametrize(
    ("tick", "opens"),
    [
        (0, 9 * HOUR),
        (9 * HOUR, 13 * HOUR + 1800),
        (18 * HOUR, DAY + 9 * HOUR),
        (DAY + 9 * HOUR, FIRST),  # there may be more seats from then on
        (FIRST, DAY + 16 * HOUR),
        (DAY + 16 * HOUR, SECOND),
        (SECOND, SECOND + 9 * HOUR),
    ],
)
def test_seats_may_rise_at_the_next_shift_or_date(dated, tick, opens):
    assert next_opening(dated, DESK, tick) == opens


def test_without_dates_one_plan_holds_for_ever(plain):
    w = world_handle(plain)
    for tick in (0, FIRST, 30 * DAY):
        assert dates_past(w, tick) == 0
        assert next_date(w, tick) == NEVER
        assert opening_at(w, DESK, tick) == plain.desk_opening[DESK]
        assert regime_at(w, DESK, tick) == plain.desk_regime[DESK]
        assert seats_in(w, DESK, 0, tick) == plain.seats[DESK, 0]

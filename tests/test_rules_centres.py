"""Centres know their desks, go by the policy of their district, and review when they should."""

import numpy as np
import pytest

from sim import levers
from sim.codes import CITY, COMMAND, DEPARTMENT, DISTRICT, GRID, HOTLINE_DESK, POOL, TOWNSHIP
from sim.rules.centres import (
    centre_lever,
    centre_of,
    desks_of,
    is_shift_change,
    n_high,
    n_reviewing,
    next_review,
    place_of,
    takes_part,
)
from sim.situation import E_COMING
from sim.units import DAY, HOUR, MINUTE, NEVER
from sim.world import world_handle
from tests.conftest import changed, with_lever, with_mechanism

POLICY = ("lever", "choice", "route", "relay", "dispose")


def two_policies(plain, **values):
    """District 0 has the first value of each lever for ever; district 1 goes over to the second at
    tick 100."""
    both = {name: np.concatenate([getattr(plain, name)] * 2) for name in POLICY}
    for name, pair in values.items():
        both["lever"][:, levers.LEVERS.index(name)] = pair
    world = plain._replace(**both)
    return changed(world, regime=(0, 0), later=(1, 1), switch=(NEVER, 100))


def test_every_desk_stands_among_those_of_its_centre(plain, layout):
    w = world_handle(plain)
    assert (n_high(w), n_reviewing(w)) == (3, 7)
    np.testing.assert_array_equal(
        [centre_of(w, desk) for desk in range(layout.n_desks)], layout.centre
    )
    for centre in range(layout.city.n_centres):
        own = np.flatnonzero(layout.centre == centre)
        assert desks_of(w, centre) == (own[0], own[-1] + 1)
        assert place_of(w, centre) == (layout.tier[own[0]], layout.centre_of_tier[own[0]])


@pytest.mark.parametrize(
    ("centre", "before", "after"),
    [(0, 0.2, 0.7), (1, 0.2, 0.2), (2, 0.2, 0.7), (3, 0.2, 0.2), (5, 0.2, 0.7)],
)
def test_a_centre_goes_by_the_policy_in_force(plain, centre, before, after):
    """Townships by that of their district, the city by the strongest."""
    w = world_handle(two_policies(plain, flexible=(0.2, 0.7)))
    found = [centre_lever(w, centre, levers.FLEXIBLE, tick) for tick in (99, 100)]
    assert found == [before, after]


@pytest.mark.parametrize(
    ("tier", "group", "unit", "takes"),
    [
        (CITY, COMMAND, 0, True),
        (CITY, HOTLINE_DESK, 0, False),
        (DISTRICT, DEPARTMENT, 0, True),
        (DISTRICT, DEPARTMENT, 1, False),
        (DISTRICT, POOL, 0, True),
        (TOWNSHIP, COMMAND, 0, True),
        (GRID, 7, 0, False),
    ],
)
def test_departments_on_duty_and_hotlines_keep_their_seats(plain, at, tier, group, unit, takes):
    w = world_handle(changed(plain, duty=(False, True, False, False)))
    assert takes_part(w, at(tier, group, unit)) == takes


# Everything is open as an office is: on working days from 09:00 to 12:30 and 13:30 to 18:00.


@pytest.fixture(scope="module")
def offices(plain, siloed):
    number = siloed.calendar_names.openings.index("office")
    return with_mechanism(changed(plain, desk_opening=number), review=2 * HOUR)


def reviews(world, centre, n=4, coming=0):
    w, tick, found = world_handle(world), -1, []
    if centre < n_high(w):
        w.fields.situation.fields.emergency[centre, E_COMING] = coming
    for _ in range(n):
        tick = next_review(w, centre, tick)
        found.append(tick / HOUR if tick < NEVER else None)
        if tick == NEVER:
            break
    return found


def test_nobody_reviews_without_the_levers(offices):
    assert [reviews(offices, centre) for centre in range(7)] == [[None]] * 7


@pytest.mark.parametrize("centre", [0, 2, 6])
def test_seats_are_reviewed_at_changes_of_shifts(offices, centre):
    world = with_lever(offices, flexible=0.1)
    assert reviews(world, centre) == [9, 13.5, 33, 37.5]
    w = world_handle(world)
    shifts = [is_shift_change(w, centre, tick) for tick in (9 * HOUR, 10 * HOUR, 18 * HOUR)]
    assert shifts == [True, False, False]


def test_the_mode_is_reviewed_at_fixed_intervals_but_not_by_townships(offices):
    world = with_lever(offices, emergency=1.0)
    assert reviews(world, 0) == reviews(world, 2) == [0, 2, 4, 6]
    assert reviews(world, 3) == [None]


def test_what_is_about_to_come_is_reviewed_in_between(offices):
    world = with_lever(offices, emergency=1.0, flexible=0.1)
    assert reviews(world, 1, 8, coming=150 * MINUTE) == [0, 2, 2.5, 4, 6, 8, 9, 10]


def test_all_review_from_the_start_where_some_policy_has_the_lever(plain, offices):
    """Whoever goes over to it, and when: so runs of one past review alike."""
    world = two_policies(offices, flexible=(0.0, 0.5))
    assert [reviews(world, centre)[0] for centre in range(3)] == [9, 9, 9]


def test_reviews_end_with_the_calendar(offices):
    w = world_handle(with_lever(offices, flexible=0.1))
    assert next_review(w, 3, offices.cal.day_type.size * DAY) == NEVER

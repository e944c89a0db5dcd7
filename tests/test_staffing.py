"""Seats follow the square root of the load, cost no more than there is, and leave little over."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.staffing import place_equally, seats_for_target

loads = st.lists(st.floats(0, 300), min_size=1, max_size=40).map(np.array)
prices = st.sampled_from([8.0, 40.0, 56.0, 66.7])


@st.composite
def cities(draw):
    """Loads, prices of which at least one slot has work, and a total above the minimum."""
    load = draw(loads)
    load[0] = draw(st.floats(0.01, 300))
    paid = np.array(draw(st.lists(prices, min_size=load.size, max_size=load.size)))
    total = paid.sum() * (1 + draw(st.floats(0, 20)))
    return load, paid, total


@given(loads, st.floats(0.05, 1))
@settings(deadline=None)
def test_seats_for_a_target_are_the_fewest_that_meet_it(load, target):
    seats = seats_for_target(load, target)
    assert (seats >= 1).all()
    assert (load <= seats * target * (1 + 1e-6)).all()
    fewer = seats > 1
    assert (load[fewer] > (seats[fewer] - 1) * target).all()


def test_a_load_that_fits_to_the_last_bit_needs_no_further_seat():
    assert seats_for_target(np.array([0.8 * 7, 0.1 * 3 / 0.1, 0.0]), 0.8).tolist() == [7, 4, 1]


@given(cities())
@settings(deadline=None)
def test_placing_spends_at_most_the_total_and_keeps_one_seat_a_slot(city):
    load, paid, total = city
    seats = place_equally(load, paid, total)
    assert (seats >= 1).all()
    assert (seats * paid).sum() <= total * (1 + 1e-9)


@given(cities())
@settings(deadline=None)
def test_placing_leaves_less_than_the_dearest_seat(city):
    load, paid, total = city
    left = total - (place_equally(load, paid, total) * paid).sum()
    assert left < paid.max() * (1 + 1e-6)


@given(cities())
@settings(deadline=None)
def test_placing_leaves_less_than_a_seat_where_all_cost_the_same(city):
    load, paid, total = city
    paid = np.full_like(paid, 40.0)
    total = max(total, paid.sum())
    left = total - 40.0 * place_equally(load, paid, total).sum()
    assert left < 40.0 * (1 + 1e-6)


def needs(load, paid):
    """Paid hours of the fewest seats that can do the work of every slot."""
    return ((np.floor(load) + 1) * paid).sum()


@given(cities())
@settings(deadline=None)
def test_where_the_total_can_do_all_the_work_every_slot_can_do_its_own(city):
    load, paid, total = city
    total += needs(load, paid)
    assert (place_equally(load, paid, total) > load).all()


@given(cities(), st.floats(0, 3))
@settings(deadline=None)
def test_more_hours_never_place_fewer_seats_but_for_rounding(city, more):
    load, paid, total = city
    before = place_equally(load, paid, total)
    after = place_equally(load, paid, total * (1 + more))
    assert (after * paid).sum() > (before * paid).sum() - paid.max()
    if total * more >= paid.max():
        assert (after * paid).sum() >= (before * paid).sum() * (1 - 1e-9)
    if (needs(load, paid) <= total) == (needs(load, paid) <= total * (1 + more)):
        assert (after >= before - 1).all()


def test_seats_beyond_the_load_go_by_its_square_root():
    load = np.array([1.0, 4.0, 100.0, 400.0, 10000.0])
    for beta in (-0.4, 0.5, 2.0):
        wanted = np.maximum(1.0, load + beta * np.sqrt(load))
        seats = place_equally(load, np.ones(5), wanted.sum())
        assert np.abs(seats - wanted).max() < 1 + 1e-6
    assert seats.sum() == int(wanted.sum() + 1e-6)


def test_the_largest_remainder_is_rounded_up_first():
    # One beta of 0: the ideal is the load; 0.5 seats in all are to be had beyond the whole ones.
    seats = place_equally(np.array([2.2, 3.7, 4.1]), np.ones(3), 10.0)
    assert seats.tolist() == [2, 4, 4]


def test_a_total_of_just_the_minimum_gives_everyone_one_seat():
    load, paid = np.array([5.0, 0.2, 90.0]), np.array([40.0, 56.0, 66.7])
    assert place_equally(load, paid, paid.sum()).tolist() == [1, 1, 1]


def test_too_few_hours_for_one_seat_a_slot_are_refused_with_both_sums():
    with pytest.raises(InputError) as error:
        place_equally(np.ones(30), np.full(30, 56.0), 1500.0)
    for part in ("1,680 paid hours", "only 1,500", "policy.opening", "staff.target_utilisation"):
        assert part in str(error.value)


def test_no_slot_at_all_needs_no_hours():
    assert place_equally(np.zeros(0), np.zeros(0), 0.0).size == 0

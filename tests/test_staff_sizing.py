"""Sizing of desks, held against Erlang's formulas and tables that were published."""

import math

import numpy as np
import pytest

from analysis.queueing import erlang_c, mmc_patience
from analysis.staffing import sizing
from sim.errors import InputError

DELAYS = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0)


def constant(load, hours=3):
    """A slot of constant load, and the hours in which it is open."""
    return np.full((1, hours), float(load)), np.ones((1, hours), bool)


def by_trying(load, delay):
    """The smallest seats by Erlang C, tried one by one."""
    n = math.floor(load) + 1
    while erlang_c(load, n) > delay * (1 + 1e-12):
        n += 1
    return n


@pytest.mark.parametrize("load", [0.01, 0.5, 0.999, 1.0, 2.3, 7.0, 19.5, 80.0, 250.0])
def test_constant_loads_are_sized_exactly_by_erlang_c(load):
    found = sizing.sizes(*constant(load), DELAYS)
    assert found.tolist() == [[by_trying(load, delay) for delay in DELAYS]]


def test_published_values_of_erlang_c():
    # P(wait) of M/M/c at 80 % utilisation (Tijms 2003, table 5.1.1): 0.8, 0.6472, 0.5541, 0.4092.
    for load, seats, share in ((0.8, 1, 0.8), (4.0, 5, 0.5541), (8.0, 10, 0.4092)):
        assert sizing.waiting_share(load, seats) == pytest.approx(share, abs=5e-5)
        found = sizing.sizes(*constant(load), [share + 1e-4, share - 1e-4])
        assert found.tolist() == [[seats, seats + 1]]


def test_loads_that_vary_are_sized_by_the_mean_over_their_hours():
    load, open_ = np.array([[1.0, 4.0, 9.0]]), np.array([[True, True, False]])
    for delay in (0.05, 0.3):
        (n,) = sizing.sizes(load, open_, [delay])[0]

        def share(n):
            return sum(m * sizing.waiting_share(m, n) for m in (1.0, 4.0)) / 5.0

        assert share(n) <= delay < share(n - 1)


def test_no_desk_is_planned_fuller_than_allowed_and_an_idle_one_has_a_seat():
    load = np.array([[9.5] * 2, [9.6] * 2, [0.0] * 2])
    open_ = np.ones((3, 2), bool)
    assert sizing.sizes(load, open_, [1.0], 0.95).tolist() == [[10], [11], [1]]
    assert sizing.sizes(np.full((1, 2), 3.0), open_[:1], [1.0]).tolist() == [[4]]


@pytest.mark.parametrize("load", [0.3, 3.0, 12.0])
@pytest.mark.parametrize("patience", [0.2, 2.0])
def test_desks_that_people_leave_are_sized_exactly_by_erlang_a(load, patience):
    load_, open_ = constant(load)
    found = sizing.sizes_with_patience(load_[0], open_[0], DELAYS, patience)
    for n, delay in zip(found.tolist(), DELAYS, strict=True):
        waits = [
            mmc_patience(load, 1.0, k, patience).everyone.waiting_share for k in (n, n - 1) if k
        ]
        assert waits[0] <= delay
        assert n == 1 or waits[1] > delay


def test_patient_callers_are_sized_as_by_erlang_c():
    load_, open_ = constant(5.0)
    patient = sizing.sizes_with_patience(load_[0], open_[0], [0.05, 0.3], 2000.0)
    assert patient.tolist() == sizing.sizes(load_, open_, [0.05, 0.3])[0].tolist()


def test_safety_is_that_of_halfin_and_whitt():
    # Published values of the delay function: beta 0.5 -> 0.5048, 1 -> 0.2234, 2 -> 0.0270.
    for beta, delay in ((0.5, 0.5048), (1.0, 0.2234), (2.0, 0.0270)):
        assert sizing.safety(delay) == pytest.approx(beta, abs=2e-3)
    assert sizing.safety(1.0) == 0.0


@pytest.mark.parametrize("load", [10.0, 100.0, 1000.0])
@pytest.mark.parametrize("delay", [0.02, 0.2, 0.5])
def test_square_root_staffing_is_within_a_seat_of_erlang_c(load, delay):
    seats = math.ceil(load + sizing.safety(delay) * math.sqrt(load))
    assert abs(seats - by_trying(load, delay)) <= 1


def test_desks_give_up_what_their_week_can_do_without():
    seats = np.array([2, 5, 2, 3])
    load = np.array([0.5, 4.5, 0.2, 2.5])
    hours = np.array([56.0, 56.0, 56.0, 40.0])
    desk = np.array([7, 7, 7, 9])
    left = sizing.keeping_up(seats, load, hours, desk, 1.0)
    # Desk 7: 5.2 seats' work; 6 seats keep up, one in each shift at least. Desk 9 keeps its three.
    assert left.tolist() == [1, 4, 1, 3]
    work, offered = float(load[:3] @ hours[:3]), float(left[:3] @ hours[:3])
    assert work < offered
    assert work >= offered - 56.0


def test_a_rule_of_three_spends_the_same_and_leaves_nobody_without_a_seat():
    load, paid = np.array([0.01, 1.0, 3.0, 6.0]), np.array([40.0, 40.0, 66.7, 40.0])
    seats = sizing.proportional(load, paid, 800.0)
    assert seats.min() == 1
    assert 800.0 - 66.7 < seats @ paid <= 800.0
    ratio = seats[1:] / load[1:]
    assert ratio.max() - ratio.min() <= 1.0


def test_delays_out_of_range_are_refused():
    for delay in (0.0, 1.5, -0.1):
        with pytest.raises(InputError, match="allowed: shares above 0 and up to 1"):
            sizing.sizes(*constant(1.0), [delay])

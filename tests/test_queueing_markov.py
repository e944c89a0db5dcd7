"""Markovian queues against published values, against each other and against Little's law."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm

from analysis.queueing import erlang_b, erlang_c, mmc, mmc_patience, mmck
from sim.errors import InputError
from tests.queueing import (
    assert_little,
    assert_same,
    assert_tail,
    few,
    loads,
    seat_counts,
    works,
)


@pytest.mark.parametrize(
    ("load", "seats", "share"),
    [  # four digits, as in tables of Erlang's loss formula
        (1.0, 1, 0.5000),
        (2.0, 3, 0.2105),
        (5.0, 5, 0.2849),
        (10.0, 10, 0.2146),
        (5.0, 10, 0.0184),
        (12.0, 20, 0.0098),
        (100.0, 100, 0.0757),
        (0.0, 1, 0.0),
        (3.0, 0, 1.0),
    ],
)
def test_erlang_b_is_that_of_the_tables(load, seats, share):
    assert erlang_b(load, seats) == pytest.approx(share, abs=5e-5)


@pytest.mark.parametrize(
    ("load", "seats", "share"),
    [(0.3, 1, 0.3), (1.0, 2, 1 / 3), (2.0, 3, 4 / 9), (8.0, 10, 0.4092), (0.0, 4, 0.0)],
)
def test_erlang_c_is_that_of_the_tables(load, seats, share):
    assert erlang_c(load, seats) == pytest.approx(share, abs=5e-5)


@few
@given(loads, works, seat_counts)
def test_mmc_keeps_littles_law(load, work_mean, seats):
    queue = mmc(load * seats / work_mean, work_mean, seats)
    assert_little(queue, queue.arrival_rate, work_mean, seats)
    assert queue.utilisation == pytest.approx(load)


def test_mm1_is_the_textbook_one():
    queue = mmc(3.0, 0.25)
    assert queue.waiting_share == pytest.approx(0.75)
    assert queue.mean_wait == pytest.approx(0.75)
    assert queue.mean_present == pytest.approx(3.0)
    assert queue.time_quantile(0.9) == pytest.approx(np.log(10))  # exponential of mean 1
    assert queue.wait_quantile(0.95) == pytest.approx(np.log(0.75 / 0.05))
    assert queue.wait_quantile(0.25) == 0.0


@pytest.mark.parametrize("load", [0.5, 2.0, 2 - 1e-9, 2 + 1e-9, 2.9])
def test_mmc_has_the_right_tails(load):
    """2.0: the spare rate is that of one seat, where the usual formula is 0 / 0."""
    queue = mmc(load, 1.0, 3)
    assert_tail(queue.wait_tail, queue.waiting_share, queue.mean_wait, 1.0)
    assert_tail(queue.time_tail, 1.0, queue.mean_time, 1.0)


def test_nobody_comes():
    queue = mmc(0.0, 2.0, 3)
    assert (queue.mean_wait, queue.waiting_share, queue.mean_time) == (0.0, 0.0, 2.0)
    assert queue.time_quantile(0.5) == pytest.approx(2 * np.log(2))


@few
@given(st.floats(0.01, 3.0), works, seat_counts, st.integers(0, 15))
def test_mmck_keeps_littles_law(load, work_mean, seats, more):
    queue = mmck(load * seats / work_mean, work_mean, seats, seats + more)
    assert_little(queue, queue.arrival_rate * (1 - queue.lost_share), work_mean, seats)


@few
@given(st.floats(0.01, 3.0), works, seat_counts)
def test_mmck_without_room_to_wait_is_erlangs_loss_system(load, work_mean, seats):
    queue = mmck(load * seats / work_mean, work_mean, seats, seats)
    assert queue.lost_share == pytest.approx(erlang_b(load * seats, seats))
    assert (queue.waiting_share, queue.mean_wait) == (0.0, 0.0)
    assert queue.time_quantile(0.5) == pytest.approx(work_mean * np.log(2))


@few
@given(st.floats(0.01, 0.8), works, seat_counts)
def test_mmck_with_much_room_is_mmc(load, work_mean, seats):
    rate = load * seats / work_mean
    finite, infinite = mmck(rate, work_mean, seats, 250), mmc(rate, work_mean, seats)
    assert_same(finite, infinite)
    times = np.array([0.0, 0.1, 1.0, 5.0]) * work_mean
    assert finite.wait_tail(times) == pytest.approx(infinite.wait_tail(times), abs=1e-9)
    assert finite.time_tail(times) == pytest.approx(infinite.time_tail(times), abs=1e-9)


@pytest.mark.parametrize("seats", [1, 2, 4])
@pytest.mark.parametrize("rate", [0.7, 6.0])
def test_mmck_has_the_right_tails(seats, rate):
    queue = mmck(rate, 0.8, seats, seats + 5)
    assert_tail(queue.wait_tail, queue.waiting_share, queue.mean_wait, 1.0)
    assert_tail(queue.time_tail, 1.0, queue.mean_time, 1.0)


def test_mm1k_is_the_textbook_one():
    share = 2.0 ** np.arange(5) / 31
    queue = mmck(2.0, 1.0, 1, 4)
    assert queue.lost_share == pytest.approx(share[4])
    assert queue.mean_present == pytest.approx(share @ np.arange(5))


def test_patience_is_that_of_garnett_mandelbaum_and_reiman():
    """Garnett, Mandelbaum and Reiman (2002): 48 calls a minute, 50 agents, 1 minute of work,
    with and without a mean patience of 2 minutes. Seconds, shares and calls as printed there."""
    patient, impatient = mmc(48, 1.0, 50), mmc_patience(48, 1.0, 50, 2.0).everyone
    assert 60 * patient.mean_wait == pytest.approx(20.8, abs=0.05)
    assert 60 * patient.wait_quantile(0.9) == pytest.approx(58.1, abs=0.05)
    assert patient.mean_waiting == pytest.approx(17, abs=0.5)
    assert impatient.lost_share == pytest.approx(0.031, abs=5e-4)
    assert 60 * impatient.mean_wait == pytest.approx(3.7, abs=0.05)
    assert impatient.mean_waiting == pytest.approx(3, abs=0.5)
    assert impatient.utilisation == pytest.approx(0.93, abs=5e-3)


@few
@given(st.floats(0.01, 3.0), works, seat_counts, st.floats(0.1, 30.0))
def test_patience_keeps_littles_law(load, work_mean, seats, patience):
    rate = load * seats / work_mean
    queue = mmc_patience(rate, work_mean, seats, patience)
    everyone = queue.everyone
    assert_little(everyone, rate, work_mean, seats)
    assert everyone.lost_share * rate == pytest.approx(everyone.mean_waiting / patience)


@few
@given(st.floats(0.01, 0.9), works, seat_counts)
def test_endless_patience_is_mmc(load, work_mean, seats):
    rate = load * seats / work_mean
    queue = mmc_patience(rate, work_mean, seats, 1e9 * work_mean)
    assert_same(queue.everyone, mmc(rate, work_mean, seats), rel=1e-5, abs=1e-6)
    assert queue.mean_wait_served == pytest.approx(queue.everyone.mean_wait, rel=1e-5)
    times = np.array([0.0, 0.1, 1.0, 5.0]) * work_mean
    expected = mmc(rate, work_mean, seats).wait_tail(times)
    assert queue.everyone.wait_tail(times) == pytest.approx(expected, abs=1e-6)


def test_no_patience_is_erlangs_loss_system():
    queue = mmc_patience(4.0, 1.0, 5, 1e-9).everyone
    assert queue.lost_share == pytest.approx(erlang_b(4.0, 5), rel=1e-6)
    assert queue.mean_wait == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("rate", "patience"), [(2.5, 2.0), (6.0, 0.5), (0.5, 10.0)])
def test_patience_has_the_right_tail(rate, patience):
    queue = mmc_patience(rate, 0.8, 3, patience).everyone
    assert_tail(queue.wait_tail, queue.waiting_share, queue.mean_wait, 1.0)


def test_the_wait_of_the_impatient_is_that_of_a_chain():
    """A job in the j-th place moves up as those before it leave, by a seat or by giving up."""
    rate, seats, patience, most = 6.0, 3, 0.5, 60
    present = np.arange(1, most)
    leaving = np.minimum(present, seats) + np.maximum(present - seats, 0) / patience
    weight = np.cumprod(np.append(1.0, rate / leaving))
    found = (weight / weight.sum())[seats:]
    place = np.arange(1, len(found) + 1)
    up, gives_up = seats + (place - 1) / patience, 1 / patience
    flow = np.diag(-up - gives_up) + np.diag(up[1:], -1)
    queue = mmc_patience(rate, 1.0, seats, patience)
    for time in (0.05, 0.4, 1.5):
        expected = (found @ expm(flow * time)).sum()
        assert queue.everyone.wait_tail(time) == pytest.approx(expected, abs=1e-12)
    # Served from the first place; the mean wait until then is a second moment of the flow.
    inverse = np.linalg.inv(-flow)
    served = (found @ inverse)[0] * seats
    mean = (found @ inverse @ inverse)[0] * seats
    at_once = 1 - found.sum()
    assert queue.everyone.lost_share == pytest.approx(1 - at_once - served)
    assert queue.mean_wait_served == pytest.approx(mean / (at_once + served))


def test_no_impatient_job_comes():
    queue = mmc_patience(0.0, 2.0, 3, 1.0)
    assert queue.everyone.lost_share == 0.0
    assert queue.everyone.mean_time == 2.0
    assert queue.mean_wait_served == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mmc(3.2, 1.0, 3), "3 seats can do 3 jobs per unit of time, but 3.2 come"),
        (lambda: mmc(1.0, 1.0), "1 seat can do 1 jobs"),
        (lambda: erlang_c(3.0, 3), "3 seats"),
        (lambda: mmc(-1.0, 1.0), "arrival_rate = -1.0"),
        (lambda: mmc(1.0, 0.0), "work_mean = 0.0"),
        (lambda: mmc(1.0, 0.1, 1.5), "seats = 1.5"),
        (lambda: mmck(1.0, 1.0, 3, 2), "places = 2 is not allowed: .* 3 or more"),
        (lambda: mmc_patience(1.0, 1.0, 3, 0.0), "patience_mean = 0.0"),
        (lambda: erlang_b(1.0, -1), "seats = -1"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()

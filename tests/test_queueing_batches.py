"""Batches against M/M/c, chains solved on their own, and the waits of drawn jobs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.queueing import (
    batches_of_period,
    batches_of_size,
    hold_of_period,
    hold_of_size,
    mmc,
    waits,
)
from sim.errors import InputError
from tests.queueing import assert_little, assert_same, few, loads, seat_counts, works


def test_holds_are_half_of_what_they_can_be():
    assert hold_of_period(12.0) == 6.0
    assert hold_of_size(0.5, 1) == 0.0
    # Five held for 4, 3, 2, 1 and 0 interarrivals of 2.
    assert hold_of_size(0.5, 5) == pytest.approx(np.mean([8, 6, 4, 2, 0]))


@few
@given(loads, works, seat_counts)
def test_batches_of_one_are_mmc(load, work_mean, seats):
    rate = load * seats / work_mean
    queue = batches_of_size(rate, work_mean, seats, 1)
    assert_same(queue, mmc(rate, work_mean, seats), rel=1e-8, abs=1e-8)


@few
@given(loads, works, st.integers(1, 5), st.integers(2, 8))
def test_batches_by_size_keep_littles_law_and_wait_longer(load, work_mean, seats, size):
    rate = load * seats / work_mean
    queue = batches_of_size(rate, work_mean, seats, size)
    assert_little(queue, rate, work_mean, seats)
    assert 0 <= queue.waiting_share <= 1
    longer = queue.mean_wait - mmc(rate, work_mean, seats).mean_wait
    # An even stream of batches can wait less than Poisson jobs, unless a batch fills the seats.
    assert size <= seats or longer > 0


def desk_chain(load, seats, size, most):
    """Stationary distribution over (held, at the desk) of E_n^[n]/M/c, float[size, most + 1]."""
    balance = np.zeros((size, most + 1, size, most + 1))
    for held in range(size):
        for desk in range(most + 1):
            to = (held + 1, desk) if held + 1 < size else (0, min(desk + size, most))
            balance[(*to, held, desk)] += load
            if desk:
                balance[held, desk - 1, held, desk] += min(desk, seats)
            balance[held, desk, held, desk] -= load + min(desk, seats)
    matrix = balance.reshape(size * (most + 1), -1)
    matrix[0] = 1.0
    return np.linalg.solve(matrix, np.eye(len(matrix))[0]).reshape(size, most + 1)


@pytest.mark.parametrize(("seats", "size", "load"), [(1, 3, 0.6), (3, 2, 2.1), (2, 5, 0.9)])
def test_batches_by_size_are_those_of_the_chain_of_held_and_desk(seats, size, load):
    share = desk_chain(load, seats, size, 110)
    desk = np.arange(111)
    queue = batches_of_size(load / 2, 2.0, seats, size)
    assert queue.mean_waiting == pytest.approx(share.sum(axis=0) @ np.maximum(desk - seats, 0))
    found = size * share[-1]  # at the desk, as a batch is released
    places = desk[:, None] + np.arange(size)
    assert queue.waiting_share == pytest.approx(found @ (places >= seats).mean(axis=1))


def test_a_batch_that_comes_to_an_empty_desk_waits_for_itself():
    queue = batches_of_size(1e-6, 1.0, 2, 6)
    assert queue.mean_wait == pytest.approx((0 + 0 + 1 + 2 + 3 + 4) / 2 / 6, rel=1e-4)
    assert queue.waiting_share == pytest.approx(4 / 6, rel=1e-4)


def test_frequent_releases_are_mmc():
    queue = batches_of_period(2.5, 1.0, 3, 1e-3)
    assert_same(queue, mmc(2.5, 1.0, 3), rel=1e-2)
    assert queue.mean_wait == pytest.approx(mmc(2.5, 1.0, 3).mean_wait, rel=1e-6)


def test_a_released_batch_that_comes_to_an_empty_desk_waits_for_itself():
    """Jobs come after mean / 2 others of their batch; at one seat each of them is waited for."""
    queue = batches_of_period(0.03, 1.0, 1, 100.0)
    assert queue.mean_wait == pytest.approx(3.0 / 2)
    assert queue.waiting_share == pytest.approx(1 - (1 - np.exp(-3.0)) / 3)


def test_a_desk_with_seats_for_all_lets_nobody_wait():
    queue = batches_of_period(1.0, 1.0, 60, 2.0)
    assert (queue.mean_wait, queue.waiting_share) == pytest.approx((0.0, 0.0), abs=1e-12)


@few
@given(st.floats(0.1, 0.9), works, st.integers(1, 5), st.floats(0.1, 10.0))
def test_batches_by_period_keep_littles_law(load, work_mean, seats, period):
    rate = load * seats / work_mean
    queue = batches_of_period(rate, work_mean, seats, period * work_mean)
    assert_little(queue, rate, work_mean, seats)
    assert 0 <= queue.waiting_share <= 1
    assert queue.mean_wait > mmc(rate, work_mean, seats).mean_wait - 1e-9


@pytest.mark.parametrize("by", ["size", "period"])
def test_drawn_batches_wait_as_long(by):
    """30 batch means of 5,000 jobs: fails by chance once in some 10,000 seeds."""
    rng = np.random.default_rng(7)
    n, rate, seats = 150_000, 2.0, 3
    come = np.cumsum(rng.exponential(1 / rate, n))
    released = np.repeat(come[4::5], 5) if by == "size" else np.ceil(come / 4.0) * 4.0
    queue = (
        batches_of_size(rate, 1.0, seats, 5)
        if by == "size"
        else batches_of_period(rate, 1.0, seats, 4.0)
    )
    found = waits(released, rng.exponential(1.0, n), seats).reshape(30, -1)
    for values, expected in ((found, queue.mean_wait), (found > 0, queue.waiting_share)):
        means = values.mean(axis=1)
        assert abs(means.mean() - expected) < 4.5 * means.std(ddof=1) / np.sqrt(30)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: batches_of_size(3.0, 1.0, 3, 2), "3 seats can do 3 jobs"),
        (lambda: batches_of_size(1.0, 1.0, 3, 0), "size = 0"),
        (lambda: batches_of_size(0.0, 1.0, 3, 2), "arrival_rate = 0.0"),
        (lambda: batches_of_period(3.5, 1.0, 3, 2.0), "3 seats can do 3 jobs"),
        (lambda: batches_of_period(1.0, 1.0, 3, 0.0), "period = 0.0"),
        (lambda: hold_of_period(-1.0), "period = -1.0"),
        (lambda: hold_of_size(1.0, 1.5), "size = 1.5"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()

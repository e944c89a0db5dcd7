"""M(t)/M/c(t) against M/M/c, seats without end, a simulation of its own and plain reasoning."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.queueing import (
    exponential,
    infinite_servers,
    mmc,
    mmc_from_empty,
    mmc_periodic,
    saturated_rate,
)
from sim.errors import InputError
from tests.queueing import assert_same, numbers

RATES = np.array([0.5, 3.0, 6.0, 2.0])
SEATS = np.array([1, 4, 2, 0])
fewer = settings(max_examples=8, deadline=None)


@fewer
@given(st.floats(0.1, 0.9), st.floats(0.2, 5.0), st.integers(1, 6))
def test_constant_rates_settle_to_mmc(load, work_mean, seats):
    rate = load * seats / work_mean
    queue, course = mmc_periodic([rate] * 2, 1.5, work_mean, [seats] * 2, [0.0, 1.0, 3.0])
    expected = mmc(rate, work_mean, seats)
    assert_same(queue, expected, rel=1e-8)
    assert course.mean_waiting == pytest.approx([expected.mean_waiting] * 3, rel=1e-8)
    assert course.mean_busy == pytest.approx([rate * work_mean] * 3, rel=1e-8)


def test_the_transient_settles_to_mmc():
    course = mmc_from_empty([2.0] * 3, 40.0, 1.0, [3] * 3, [0.0, 60.0, 120.0])
    assert course.mean_present[0] == 0.0
    assert course.mean_present[2] == pytest.approx(mmc(2.0, 1.0, 3).mean_present, rel=1e-6)
    assert course.mean_waiting[2] == pytest.approx(mmc(2.0, 1.0, 3).mean_waiting, rel=1e-6)


def test_many_seats_are_as_good_as_seats_without_end():
    times = np.linspace(0.0, 8.0, 17)
    course = mmc_from_empty(RATES, 2.0, 1.5, [60] * 4, times)
    expected = infinite_servers(RATES, 2.0, exponential(1.5), times, periodic=False)
    assert course.mean_present == pytest.approx(expected, rel=1e-9)
    assert course.mean_waiting == pytest.approx(np.zeros(17), abs=1e-12)
    queue, course = mmc_periodic(RATES, 2.0, 1.5, [60] * 4, times)
    expected = infinite_servers(RATES, 2.0, exponential(1.5), times)
    assert course.mean_present == pytest.approx(expected, rel=1e-9)
    assert queue.mean_wait == pytest.approx(0.0, abs=1e-12)


def test_behind_closed_doors_arrivals_pile_up_and_work_is_finished():
    course = mmc_from_empty([3.0, 2.0], 5.0, 1.0, [2, 0], [5.0, 6.0, 10.0])
    assert course.mean_busy[1:] == pytest.approx(course.mean_busy[0] * np.exp([-1.0, -5.0]))
    assert course.mean_waiting[1:] == pytest.approx(course.mean_waiting[0] + [2.0, 10.0])
    closed = mmc_from_empty([3.0, 1.0], 5.0, 1.0, [0, 0], [2.0, 5.0, 10.0])
    assert closed.mean_present == pytest.approx([6.0, 15.0, 20.0])
    assert closed.mean_busy == pytest.approx([0.0, 0.0, 0.0])


def one_life(rng, rates, width, work_mean, seats, times):
    """(present, busy) at `times`, from empty: each exponential time drawn anew after a step."""
    now, present, busy, seen = 0.0, 0, 0, []
    stops = sorted({*(width * np.arange(1, len(rates) + 1)), *times})
    for stop in stops:
        i = min(int(now / width), len(rates) - 1)
        busy = max(busy, min(present, seats[i]))
        while True:
            speed = rates[i] + busy / work_mean
            now += rng.exponential() / speed if speed > 0 else np.inf
            if now > stop:
                break
            if rng.random() * speed < rates[i]:
                present += 1
            else:
                present, busy = present - 1, busy - 1
            busy = max(busy, min(present, seats[i]))
        now = stop
        if stop in times:
            seen.append((present, busy))
    return seen


def test_seats_that_come_and_go_are_those_of_a_simulation():
    """8 means within 4.5 standard errors: fails by chance for one seed in 15,000."""
    rng = np.random.default_rng(5)
    times = [1.0, 3.5, 5.0, 7.0]  # not at edges, where what is seen depends on the order
    lives = np.array([one_life(rng, RATES, 2.0, 1.5, SEATS, times) for _ in range(2500)])
    course = mmc_from_empty(RATES, 2.0, 1.5, SEATS, times)
    error = lives.std(axis=0) / np.sqrt(len(lives))
    expected = np.array([course.mean_present, course.mean_busy]).T
    assert (np.abs(lives.mean(axis=0) - expected) < 4.5 * error).all()


def test_the_period_is_what_the_transient_settles_to():
    rates, seats = [0.4, 1.5, 2.5, 0.5], SEATS
    times = np.linspace(0.0, 8.0, 9)
    queue, course = mmc_periodic(rates, 2.0, 1.0, seats, times)
    late = mmc_from_empty(np.tile(rates, 40), 2.0, 1.0, np.tile(seats, 40), times + 312.0)
    for name in ("mean_present", "mean_waiting", "mean_busy"):
        # At its end a period shows the seats before, a later one those after, the change.
        found, expected = getattr(course, name)[:-1], getattr(late, name)[:-1]
        assert found == pytest.approx(expected, rel=1e-7)
    fine = np.linspace(0.0, 8.0, 1601)
    _, course = mmc_periodic(rates, 2.0, 1.0, seats, fine)
    assert queue.mean_waiting == pytest.approx(
        np.trapezoid(course.mean_waiting, fine) / 8, rel=2e-3
    )
    assert queue.mean_wait == pytest.approx(queue.mean_waiting / np.mean(rates))
    assert queue.mean_time == pytest.approx(queue.mean_wait + 1.0, rel=1e-9)
    assert queue.utilisation * np.mean(seats) == pytest.approx(np.mean(rates), rel=1e-9)


@pytest.mark.parametrize("shift", [1, 3])
def test_neither_the_start_nor_the_width_of_bins_matters(shift):
    rates = np.array([0.4, 1.5, 2.5, 0.5])
    queue, _ = mmc_periodic(rates, 2.0, 1.0, SEATS)
    rolled, _ = mmc_periodic(np.roll(rates, shift), 2.0, 1.0, np.roll(SEATS, shift))
    finer, _ = mmc_periodic(np.repeat(rates, 2), 1.0, 1.0, np.repeat(SEATS, 2))
    assert numbers(rolled) == pytest.approx(numbers(queue), rel=1e-7)
    assert numbers(finer) == pytest.approx(numbers(queue), rel=1e-7)


def test_who_comes_to_closed_doors_waits():
    """Long periods of open doors, in which nobody else is there, and of closed ones."""
    queue, _ = mmc_periodic([0.001, 0.001], 20.0, 0.1, [2, 0])
    assert queue.waiting_share == pytest.approx(0.5, abs=1e-3)
    assert queue.mean_wait == pytest.approx(20.0 / 4, rel=1e-3)


def test_saturated_seats_work_all_the_time_and_finish():
    assert saturated_rate([3], 1.0, 0.5) == pytest.approx(6.0)
    assert saturated_rate([0, 0], 1.0, 0.5) == 0.0
    # Two are open for 10, and both finish after that; nothing else is done for 10.
    assert saturated_rate([2, 0], 10.0, 0.5) == pytest.approx((2 * 10 / 0.5 + 2) / 20)
    # Who is still busy when doors open again takes a seat.
    gone = 1 - np.exp(-2.0)
    assert saturated_rate([0, 1], 1.0, 0.5) == pytest.approx((1 / 0.5 + gone) / 2)
    # After two, none and one: if both are still busy then, one more is done, at double speed.
    gone, both = 1 - np.exp(-1.0), np.exp(-2.0)
    jobs = 2 + 2 * gone + 1 + both * (1 - np.exp(-2.0)) / 2
    assert saturated_rate([1, 2, 0], 1.0, 1.0) == pytest.approx(jobs / 3)


def test_a_queue_that_only_overtime_keeps_up_with_is_solved():
    seats, limit = [2, 0], saturated_rate([2, 0], 4.0, 1.0)
    assert limit > 1.0  # open seats alone would do one job per unit of time
    queue, _ = mmc_periodic([1.05, 1.05], 4.0, 1.0, seats)
    assert queue.utilisation == pytest.approx(1.05, rel=1e-8)
    with pytest.raises(InputError, match=r"these seats can do 1.24\d* jobs .* but 1.25 come"):
        mmc_periodic([1.25, 1.25], 4.0, 1.0, seats)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mmc_from_empty([1, 1], 1.0, 1.0, [1], []), "seats 1"),
        (lambda: mmc_from_empty([1], 1.0, 1.0, [1.5], []), r"seats\[0\] = 1.5"),
        (lambda: mmc_from_empty([-1], 1.0, 1.0, [1], []), r"rates\[0\] = -1"),
        (lambda: mmc_from_empty([1], 0.0, 1.0, [1], []), "width = 0.0"),
        (lambda: mmc_from_empty([1], 1.0, 0.0, [1], []), "work_mean = 0.0"),
        (lambda: mmc_from_empty([1, 1], 2.0, 1.0, [1, 1], [4.1]), "from 0 to 4"),
        (lambda: mmc_from_empty([1, 1], 2.0, 1.0, [1, 1], [2, 1]), "times must rise"),
        (lambda: mmc_from_empty([300_000], 1.0, 1.0, [0], [1.0]), "too many to be solved"),
        (lambda: mmc_periodic([0], 1.0, 1.0, [1]), "mean_rate = 0.0"),
        (lambda: mmc_periodic([0.1], 1.0, 1.0, [0]), "these seats can do 0 jobs"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()

"""Fixed and general work and priorities, against other formulae for the same."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from analysis.queueing import mdc, mg1, mmc, priority_mg1
from sim.errors import InputError
from tests.queueing import (
    assert_little,
    assert_same,
    assert_tail,
    few,
    loads,
    numbers,
    seat_counts,
    works,
)

rate_lists = st.lists(st.floats(0.01, 1.0), min_size=2, max_size=5)


@few
@given(loads, works)
def test_mg1_with_exponential_work_is_mm1(load, work_mean):
    assert_same(mg1(load / work_mean, work_mean, 1.0), mmc(load / work_mean, work_mean))


def test_fixed_work_waits_half_as_long():
    assert mg1(0.8, 1.0, 0.0).mean_wait == pytest.approx(mg1(0.8, 1.0, 1.0).mean_wait / 2)


@few
@given(loads, works)
def test_mdc_with_one_seat_is_that_of_pollaczek_and_khinchine(load, work):
    assert_same(mdc(load / work, work), mg1(load / work, work, 0.0))


@few
@given(loads, works, seat_counts)
def test_mdc_keeps_littles_law_and_waits_less_than_mmc(load, work, seats):
    queue = mdc(load * seats / work, work, seats)
    assert_little(queue, queue.arrival_rate, work, seats)
    assert 0 < queue.mean_wait < mmc(load * seats / work, work, seats).mean_wait


@pytest.mark.parametrize("seats", [1, 2, 7, 40, 150])
@pytest.mark.parametrize("load", [0.05, 0.5, 0.9, 0.95])
def test_mdc_has_the_mean_of_crommelins_series(seats, load):
    """Mean number waiting: sum over k of E[(Poisson(k load) - k seats)+] / k."""
    k = np.arange(1, 40_000)
    mean, room = k * load * seats, k * seats
    excess = (mean - room) * stats.poisson.sf(room, mean) + mean * stats.poisson.pmf(room, mean)
    queue = mdc(load * seats, 1.0, seats)
    assert queue.mean_waiting == pytest.approx((excess / k).sum(), rel=1e-9)


def test_md1_has_erlangs_distribution():
    """Erlang (1909): P(wait <= t) = (1 - rho) sum over k of (-x)^k e^x / k!, x = rate (t - k)."""
    queue = mdc(0.7, 1.0)
    for time in (0.0, 0.4, 1.0, 2.5, 6.2):
        x = [0.7 * (time - k) for k in range(math.floor(time) + 1)]
        within = 0.3 * sum((-v) ** k / math.factorial(k) * math.exp(v) for k, v in enumerate(x))
        assert queue.wait_tail(time) == pytest.approx(1 - within, abs=1e-12)


@pytest.mark.parametrize(("seats", "load"), [(2, 0.6), (5, 0.9), (12, 0.95)])
@pytest.mark.parametrize("time", [0.0, 0.3, 1.0, 2.7])
def test_mdc_solves_erlangs_integral_equation(seats, load, time):
    """Erlang (1909): F(t) = integral of F(x + t - work), x the sum of `seats` interarrivals."""
    rate, work = load * seats / 2.0, 2.0
    queue = mdc(rate, work, seats)
    gap = stats.gamma(seats, scale=1 / rate)

    def integrand(x):
        return (1 - queue.wait_tail(x + time - work)) * gap.pdf(x)

    low = max(work - time, 0.0)
    kinks = [low + work * i for i in range(1, 6)]
    within = quad(integrand, low, low + 60 * work, points=kinks, limit=400)[0]
    assert queue.wait_tail(time) == pytest.approx(1 - within, abs=1e-8)


@pytest.mark.parametrize(("seats", "load"), [(1, 0.9), (3, 0.8)])
def test_mdc_has_the_right_tails(seats, load):
    queue = mdc(load * seats, 1.0, seats)
    assert_tail(queue.wait_tail, queue.waiting_share, queue.mean_wait, 1.0)
    assert_tail(queue.time_tail, 1.0, queue.mean_time, 1.0)
    assert queue.time_quantile(0.99) == pytest.approx(1.0 + queue.wait_quantile(0.99))
    assert queue.time_quantile(0.05) == pytest.approx(1.0)  # does not wait


def test_nobody_comes():
    assert numbers(mdc(0.0, 2.0, 3)) == pytest.approx([0, 0, 0, 0, 0, 2.0, 0, 0])
    assert mg1(0.0, 2.0, 1.5).mean_time == 2.0
    assert priority_mg1([0.0, 0.0], [1.0, 3.0], [1.0, 1.0]).overall.mean_wait == 0.0


@few
@given(loads, works, st.floats(0.0, 3.0))
def test_one_class_is_mg1(load, work_mean, cv):
    queue = priority_mg1([load / work_mean], [work_mean], [cv])
    assert_same(queue.by_class[0], mg1(load / work_mean, work_mean, cv))
    assert_same(queue.overall, mg1(load / work_mean, work_mean, cv))


@few
@given(rate_lists, st.data())
def test_priorities_keep_the_conservation_law(rates, data):
    """Kleinrock (1965): the sum of load times wait is the same for any order of the classes."""
    n = len(rates)
    work_means = data.draw(st.lists(works, min_size=n, max_size=n))
    cvs = data.draw(st.lists(st.floats(0.0, 3.0), min_size=n, max_size=n))
    rates = np.array(rates) * 0.9 / np.dot(rates, work_means)
    queue = priority_mg1(rates, work_means, cvs)
    loads = rates * work_means
    rest = (loads * work_means * (1 + np.square(cvs))).sum() / 2
    waits = [jobs.mean_wait for jobs in queue.by_class]
    assert loads @ waits == pytest.approx(0.9 * rest / 0.1)
    assert (np.diff(waits) > 0).all()
    assert waits[0] == pytest.approx(rest / (1 - loads[0]))
    overall = queue.overall
    assert_little(overall, rates.sum(), loads.sum() / rates.sum(), 1)
    assert overall.mean_waiting == pytest.approx(sum(jobs.mean_waiting for jobs in queue.by_class))
    assert overall.utilisation == pytest.approx(sum(jobs.utilisation for jobs in queue.by_class))


def test_classes_below_are_one_to_those_above_and_above_to_those_below():
    rates, work_means, cvs = [0.1, 0.2, 0.3, 0.15], [1.0, 0.5, 1.5, 1.2], [1.0, 0.0, 2.0, 0.5]
    whole = priority_mg1(rates, work_means, cvs).by_class
    # Classes 1 and 2 merged: their moments are mixed.
    share = np.array(rates[1:3]) / sum(rates[1:3])
    mean = share @ work_means[1:3]
    second = share @ (np.square(work_means[1:3]) * (1 + np.square(cvs[1:3])))
    merged_cv = math.sqrt(second / mean**2 - 1)
    merged = priority_mg1([0.1, 0.5, 0.15], [1.0, mean, 1.2], [1.0, merged_cv, 0.5]).by_class
    assert_same(merged[0], whole[0])
    assert_same(merged[2], whole[3])


@few
@given(rate_lists, works, st.floats(0.0, 3.0))
def test_priorities_of_equal_work_leave_the_mean_wait(rates, work_mean, cv):
    n, rates = len(rates), np.array(rates) * 0.9 / work_mean / sum(rates)
    queue = priority_mg1(rates, [work_mean] * n, [cv] * n)
    assert_same(queue.overall, mg1(rates.sum(), work_mean, cv))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mg1(2.0, 0.5, 1.0), "1 seat can do 2 jobs per unit of time, but 2 come"),
        (lambda: mg1(1.0, 0.5, -1.0), "work_cv = -1.0"),
        (lambda: mdc(4.5, 1.0, 4), "4 seats can do 4 jobs per unit of time, but 4.5 come"),
        (lambda: mdc(1.0, 0.0), "work = 0.0"),
        (lambda: priority_mg1([1, 1], [0.5, 0.6], [1, 1]), "but 2 come"),
        (lambda: priority_mg1([1, 1], [0.1], [1, 1]), "work_means 1"),
        (lambda: priority_mg1([1], [0.0], [1]), "work_mean = 0.0"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()

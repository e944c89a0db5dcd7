"""Quantiles, and what is said of input that can't be."""

import math
import re

import numpy as np
import pytest

from analysis.queueing import Measures, mg1, mmc
from analysis.queueing.measures import (
    lossless,
    require_list,
    require_not_negative,
    require_positive,
    require_stable,
    require_whole,
)
from sim.errors import InputError


def test_quantiles_invert_the_tails():
    queue = mmc(2.5, 1.0, 3)
    for p in (0.0, 0.3, 0.5, 0.95, 0.9999):
        assert queue.time_tail(queue.time_quantile(p)) == pytest.approx(1 - p, rel=1e-9)
    for p in (0.5, 0.95, 0.9999):
        assert queue.wait_tail(queue.wait_quantile(p)) == pytest.approx(1 - p, rel=1e-9)


def test_the_quantile_is_0_while_as_many_do_not_wait():
    queue = mmc(2.5, 1.0, 3)
    assert queue.wait_quantile(1 - queue.waiting_share) == 0.0
    assert queue.wait_quantile(1 - queue.waiting_share + 1e-6) > 0.0
    assert queue.time_quantile(0.0) == 0.0


def test_a_quantile_of_an_unknown_distribution_is_refused():
    with pytest.raises(InputError, match="distribution of the wait is not known"):
        mg1(0.5, 1.0, 2.0).wait_quantile(0.9)
    with pytest.raises(InputError, match="distribution of the time in the system"):
        mg1(0.5, 1.0, 2.0).time_quantile(0.9)


@pytest.mark.parametrize("p", [-0.1, 1.0, math.nan])
def test_a_quantile_of_no_share_is_refused(p):
    with pytest.raises(InputError, match="no share of the jobs"):
        mmc(0.5, 1.0).wait_quantile(p)


def test_lossless_completes_by_littles_law():
    queue = lossless(4.0, 0.5, 3, waiting_share=0.4, mean_wait=0.2)
    assert queue == Measures(
        arrival_rate=4.0,
        utilisation=pytest.approx(2 / 3),
        waiting_share=0.4,
        mean_wait=0.2,
        mean_waiting=0.8,
        mean_time=0.7,
        mean_present=pytest.approx(2.8),
    )


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_what_must_be_positive_is(value):
    require_positive(work_mean=1e-9)
    with pytest.raises(InputError, match=f"work_mean = {value} is not allowed"):
        require_positive(work_mean=value)


@pytest.mark.parametrize("value", [-1e-9, math.nan, math.inf])
def test_what_must_not_be_negative_is_not(value):
    require_not_negative(arrival_rate=0)
    with pytest.raises(InputError, match=f"arrival_rate = {value} is not allowed"):
        require_not_negative(arrival_rate=value)


@pytest.mark.parametrize("value", [0, -2, 1.5, 2.0, math.nan])
def test_what_must_be_whole_is(value):
    require_whole(1, seats=np.int64(1), places=3)
    with pytest.raises(InputError, match=f"seats = {value} is not allowed: .* 1 or more"):
        require_whole(1, seats=value)


@pytest.mark.parametrize(
    ("least", "lists", "message"),
    [
        (None, {"rates": [1.0, -2.0]}, "rates[1] = -2.0 is not allowed"),
        (0, {"seats": [1, 1.5]}, "seats[1] = 1.5 is not allowed"),
        (None, {"rates": []}, "rates must be a list of numbers"),
        (None, {"rates": 3.0}, "rates must be a list of numbers"),
        (None, {"rates": [1, 2], "works": [1]}, "rates 2, works 1"),
    ],
)
def test_lists_are_checked(least, lists, message):
    with pytest.raises(InputError, match=re.escape(message)):
        require_list(least, **lists)


def test_an_unstable_queue_is_told_in_numbers():
    require_stable(2.999, 3.0, "3 seats")
    told = r"3 seats can do 3 jobs per unit of time, but 3.2 come; the queue would grow"
    with pytest.raises(InputError, match=told):
        require_stable(3.2, 3.0, "3 seats")
    with pytest.raises(InputError, match="but 3 come"):
        require_stable(3.0, 3.0, "3 seats")

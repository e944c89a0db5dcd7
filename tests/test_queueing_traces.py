"""Waits of a list of jobs against an event loop of seats, and against theory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.queueing import mdc, waits
from sim.errors import InputError
from tests.queueing import few

jobs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12)), min_size=1, max_size=40)


def event_loop(arrivals, works, seats):
    """Tick by tick: seats that are done fall free, jobs queue, the first start."""
    left, queue, started, tick = [0] * seats, [], {}, 0
    while len(started) < len(works):
        queue += [i for i, arrival in enumerate(arrivals) if arrival == tick]
        while queue and 0 in left:
            job = queue.pop(0)
            started[job] = tick
            left[left.index(0)] = works[job]
        left = [max(work - 1, 0) for work in left]
        tick += 1
    return [started[i] - arrival for i, arrival in enumerate(arrivals)]


@few
@given(jobs, st.integers(1, 4))
def test_waits_are_those_of_an_event_loop(jobs, seats):
    gaps, works = zip(*jobs)
    arrivals = np.cumsum(gaps)
    found = waits(arrivals, np.array(works), seats)
    assert found.tolist() == event_loop(arrivals.tolist(), works, seats)
    assert found.dtype == np.int64


def test_one_seat_follows_lindley():
    rng = np.random.default_rng(3)
    arrivals, works = np.cumsum(rng.exponential(1.0, 500)), rng.exponential(0.9, 500)
    wait, expected = 0.0, []
    for gap, work in zip(np.append(np.diff(arrivals), 0.0), works):
        expected.append(wait)
        wait = max(wait + work - gap, 0.0)
    assert waits(arrivals, works) == pytest.approx(expected)


def test_poisson_arrivals_of_fixed_work_wait_as_mdc():
    """Batches of 4,000 jobs are as good as independent. Fails by chance once in 10,000 seeds."""
    rng = np.random.default_rng(11)
    arrivals = np.cumsum(rng.exponential(1 / 2.1, 120_000))
    means = waits(arrivals, np.ones(120_000), 3).reshape(30, -1).mean(axis=1)
    error = means.std(ddof=1) / np.sqrt(30)
    assert abs(means.mean() - mdc(2.1, 1.0, 3).mean_wait) < 4.5 * error


def test_no_jobs_have_no_waits():
    assert waits([], []).size == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: waits([0, 2, 1], [1, 1, 1]), r"arrivals\[2\] = 1 is before"),
        (lambda: waits([0, 2], [1]), "works 1"),
        (lambda: waits([0, 2], [1, -1]), r"works\[1\] = -1"),
        (lambda: waits([0, 2], [1, 1], 0), "seats = 0"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()

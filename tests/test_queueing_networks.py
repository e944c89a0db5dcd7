"""Networks against M/M/c, the law of Little and chains solved on their own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from analysis.queueing import fork_join_mean_time, jackson, mmc
from sim.errors import InputError
from tests.queueing import assert_same, few


def test_one_station_without_return_is_mmc():
    network = jackson([2.5], [[0.0]], [1.0], [3])
    assert_same(network.stations[0], mmc(2.5, 1.0, 3))
    assert network.mean_time == pytest.approx(mmc(2.5, 1.0, 3).mean_time)


@few
@given(st.floats(0.0, 0.9), st.integers(1, 6))
def test_a_station_that_jobs_return_to_is_mmc_at_a_higher_rate(again, seats):
    rate = 0.9 * seats * (1 - again)
    network = jackson([rate], [[again]], [1.0], [seats])
    station = mmc(0.9 * seats, 1.0, seats)
    assert_same(network.stations[0], station)
    assert network.visits[0] == pytest.approx(1 / (1 - again))
    assert network.mean_time == pytest.approx(station.mean_time / (1 - again))
    assert network.mean_wait == pytest.approx(station.mean_wait / (1 - again))


def test_stations_in_a_row_add_up():
    network = jackson([2.0, 0.0, 0.0], np.eye(3, k=1), [0.4, 1.0, 0.1], [1, 3, 1])
    parts = mmc(2.0, 0.4), mmc(2.0, 1.0, 3), mmc(2.0, 0.1)
    for station, part in zip(network.stations, parts):
        assert_same(station, part)
    assert network.visits == pytest.approx([1, 1, 1])
    assert network.mean_time == pytest.approx(sum(part.mean_time for part in parts))


@few
@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_rates_balance_and_littles_law_holds(n, seed):
    rng = np.random.default_rng(seed)
    external, work_means = rng.uniform(0.1, 1, n), rng.uniform(0.1, 1, n)
    routing = rng.uniform(0, 1, (n, n)) * 0.9 / n
    seats = [1 + int(external.sum() * 10)] * n
    network = jackson(external, routing, work_means, seats)
    rates = np.array([station.arrival_rate for station in network.stations])
    assert rates == pytest.approx(external + rates @ routing)
    assert network.visits == pytest.approx(rates / external.sum())
    times = np.array([station.mean_time for station in network.stations])
    assert network.mean_time == pytest.approx(network.visits @ times)
    assert network.mean_present == pytest.approx(external.sum() * network.mean_time)
    assert network.mean_wait == pytest.approx(network.mean_time - network.visits @ work_means)


def test_a_station_may_stay_empty():
    network = jackson([1.0, 0.0], np.zeros((2, 2)), [0.5, 0.5], [1, 1])
    assert network.stations[1].mean_present == 0.0
    assert network.mean_time == pytest.approx(1.0)


@pytest.mark.parametrize("load", [0.1, 0.3, 0.5])
def test_fork_join_is_the_mean_of_the_longer_queue(load):
    """A job is present while either half is, so as many are as the longer queue holds."""
    most = 50
    a, b = (x.ravel() for x in np.mgrid[: most + 1, : most + 1])
    here = a * (most + 1) + b
    comes, a_ends, b_ends = (a < most) & (b < most), a > 0, b > 0
    flows = [
        (load * comes, here, here + comes * (most + 2)),
        (1.0 * a_ends, here, here - a_ends * (most + 1)),
        (1.0 * b_ends, here, here - b_ends),
        (-(load * comes + a_ends + b_ends), here, here),
    ]
    rate, origin, to = (np.concatenate(column) for column in zip(*flows))
    rate, origin = np.append(rate[to > 0], np.ones(len(here))), np.append(origin[to > 0], here)
    balance = coo_array((rate, (np.append(to[to > 0], 0 * here), origin))).tocsc()
    share = spsolve(balance, (here == 0).astype(float))
    mean_time = share @ np.maximum(a, b) / load
    assert fork_join_mean_time(load, 1.0) == pytest.approx(mean_time, rel=1e-9)
    assert fork_join_mean_time(load / 3.0, 3.0) == pytest.approx(3 * mean_time, rel=1e-9)


def test_fork_join_of_few_jobs_is_the_longer_of_two_works():
    assert fork_join_mean_time(0.0, 2.0) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: jackson([1, 1], [[0, 0], [0, 0]], [0.5, 2], [1, 2]), "station 1: 2 seats can do"),
        (lambda: jackson([1], [[0.5]], [0.6], [1]), "station 0: 1 seat can do .* but 2 come"),
        (lambda: jackson([1, 0], [[0, 1], [1, 0]], [0.1] * 2, [1, 1]), "let jobs leave"),
        (lambda: jackson([1, 0], [[0, 0], [0, 1]], [0.1] * 2, [1, 1]), "let jobs leave"),
        (lambda: jackson([1], [[1.5]], [0.1], [1]), "at most 1 in a row"),
        (lambda: jackson([1], [[-0.5]], [0.1], [1]), "chances, 0 or more"),
        (lambda: jackson([1], [0.5], [0.1], [1]), r"shape \(1, 1\)"),
        (lambda: jackson([1], [[0.5]], [0.1, 0.2], [1]), "work_means 2"),
        (lambda: jackson([1], [[0.5]], [0.0], [1]), r"work_means\[0\] = 0.0"),
        (lambda: jackson([1], [[0.5]], [0.1], [0]), r"seats\[0\] = 0"),
        (lambda: jackson([0], [[0.5]], [0.1], [1]), "sum_of_external_rates = 0"),
        (lambda: fork_join_mean_time(2.0, 0.5), "each seat can do 2 jobs"),
        (lambda: fork_join_mean_time(1.0, -0.5), "work_mean = -0.5"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()

"""The solvers against matrices and distributions of scipy."""

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import expm
from scipy.sparse import csr_array

from analysis.queueing.chains import advance, birth_death, poisson, steady_cycle

GENERATOR = np.array(
    [
        [-2.0, 1.5, 0.5, 0.0],
        [0.3, -0.7, 0.4, 0.0],
        [0.0, 1.0, -3.0, 2.0],
        [0.1, 0.0, 0.0, -0.1],
    ]
)
START = np.array([0.1, 0.2, 0.0, 0.7])


def test_birth_death_is_geometric_for_equal_rates():
    share = birth_death(np.full(5, 2.0), np.full(5, 4.0))
    assert share == pytest.approx(0.5 ** np.arange(6) / sum(0.5 ** np.arange(6)))


def test_birth_death_does_not_overflow():
    share = birth_death(np.full(5000, 1e3), np.arange(1.0, 5001.0))
    assert share == pytest.approx(stats.poisson.pmf(np.arange(5001), 1e3), abs=1e-12)


def test_birth_death_without_births_stays_at_0():
    assert birth_death(np.zeros(3), np.ones(3)).tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize("time", [1e-6, 0.3, 5.0, 400.0])
@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_advance_is_the_matrix_exponential(time, form):
    pace = 3.5
    step = form(np.eye(4) + GENERATOR.T / pace)
    end, mean = advance(START, step, pace * time)
    # The integral is the corner of the exponential of a larger matrix (Van Loan 1978).
    larger = np.block([[GENERATOR, np.eye(4)], [np.zeros((4, 8))]])
    assert end == pytest.approx(START @ expm(GENERATOR * time), abs=1e-12)
    assert mean == pytest.approx(START @ expm(larger * time)[:4, 4:] / time, abs=1e-9)
    assert [end.sum(), mean.sum()] == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("mean", [0.0, 0.01, 3.0, 900.0])
def test_poisson_is_that_of_scipy(mean):
    count = np.arange(-3, 1200)
    assert poisson(mean, count) == pytest.approx(stats.poisson.pmf(count, mean), abs=1e-14)


@pytest.mark.parametrize("start", [np.array([1.0, 0, 0, 0]), np.full(4, 0.25)])
def test_steady_cycle_is_the_fixed_point(start):
    step = expm(GENERATOR * 0.05).T  # slow: the start fades over some 100 cycles
    steady = steady_cycle(lambda x: step @ x, start)
    assert steady.sum() == pytest.approx(1.0)
    assert steady @ GENERATOR == pytest.approx(np.zeros(4), abs=1e-12)


def test_a_steady_start_stays():
    steady = birth_death(np.full(9, 0.8), np.full(9, 1.0))
    rates = np.diag(np.full(9, 0.8), 1) + np.diag(np.full(9, 1.0), -1)
    step = expm(rates - np.diag(rates.sum(axis=1))).T
    assert steady_cycle(lambda x: step @ x, steady) == pytest.approx(steady, rel=1e-9)

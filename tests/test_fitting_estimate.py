"""Intervals of shares and means."""

import numpy as np
import pytest
from scipy import stats

from analysis.fitting.estimate import NOTHING, between, mean, share


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (10, 10), (250, 1000)])
def test_a_share_has_the_interval_of_wilson(k, n):
    found = share(k, n)
    known = stats.binomtest(k, n).proportion_ci(0.95, "wilson")
    assert (found.value, found.n) == (k / n, n)
    assert found.low == pytest.approx(known.low, abs=1e-12)
    assert found.high == pytest.approx(known.high, abs=1e-12)


def test_nothing_comes_of_nothing():
    assert share(0, 0) == NOTHING
    assert mean(np.zeros(0)) == NOTHING
    assert mean(np.array([3.0])) == (3.0, None, None, 1)


def test_a_mean_has_the_interval_of_student():
    x = np.random.default_rng(1).normal(5, 2, 30)
    found, known = mean(x), stats.t.interval(0.95, 29, x.mean(), stats.sem(x))
    assert (found.low, found.high) == pytest.approx(known)


def test_a_value_lies_within_its_bootstrap():
    assert between(5.0, np.linspace(0, 1, 101), 9) == pytest.approx((5.0, 0.025, 5.0, 9))

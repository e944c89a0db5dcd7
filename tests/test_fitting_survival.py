"""Durations that are censored."""

import warnings

import numpy as np
import pytest
from scipy import stats

from analysis.fitting.survival import cut_mean, quantile, survival


def test_the_estimate_is_that_of_scipy():
    rng = np.random.default_rng(1)
    true, limit = rng.exponential(10, 200), rng.exponential(20, 200)
    durations, ended = np.minimum(true, limit), true <= limit
    found = survival(durations, ended)
    known = stats.ecdf(stats.CensoredData.right_censored(durations, ~ended)).sf
    assert found.share == pytest.approx(known.evaluate(found.times))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where nothing is left, it has no interval
        interval = known.confidence_interval(0.95, method="log-log")
    some = found.share > 0
    wide = found.share[some] ** np.exp(1.959964 * found.error[some])
    assert wide == pytest.approx(interval.low.evaluate(found.times)[some], abs=1e-6)


def test_without_censoring_it_is_the_distribution_itself():
    found = survival(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4, bool))
    assert found.share.tolist() == [0.75, 0.5, 0.25, 0.0]
    assert quantile(found, 0.5).value == 2.0
    assert cut_mean(found, 3.0) == pytest.approx((1 + 2 + 3 + 3) / 4)


def test_to_drop_open_cases_would_flatter():
    durations, ended = np.array([1.0, 2.0, 50.0, 50.0, 50.0]), np.array([1, 1, 0, 0, 0], bool)
    found = survival(durations, ended)
    assert quantile(found, 0.4).value == 2.0
    assert quantile(found, 0.5).value is None


def test_the_median_lies_within_its_interval_at_its_rate():
    """60 samples of 100, a third censored: fewer than 52 has probability below 0.01."""
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        true, limit = rng.exponential(10, 100), rng.exponential(20, 100)
        e = quantile(survival(np.minimum(true, limit), true <= limit), 0.5)
        held += e.low <= 10 * np.log(2) and (e.high is None or 10 * np.log(2) <= e.high)
    assert held >= 52

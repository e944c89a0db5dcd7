"""Batch means on autoregressive runs, and intervals of quantiles on known distributions."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.signal import lfilter

from analysis.intervals import mean_interval
from analysis.long_run import (
    _von_neumann,
    batch_means,
    quantile_interval,
    ranks,
    section_quantile,
    split,
)
from sim.errors import InputError


def autoregressive(n, phi, random):
    """A stationary AR(1) series of mean 0 and variance 1."""
    shocks = random.normal(0, math.sqrt(1 - phi**2), n)
    shocks[0] /= math.sqrt(1 - phi**2)
    return lfilter([1.0], [1.0, -phi], shocks)


def test_batches_are_equal_and_leave_out_the_beginning():
    parts = split(np.arange(103.0), 10)
    assert parts.shape == (10, 10)
    assert parts[0, 0] == 3
    found = batch_means(np.arange(103.0), 10)
    assert (found.batches, found.size) == (10, 10)
    assert (found.mean, found.low, found.high) == mean_interval(parts.mean(axis=1).tolist())


def test_intervals_of_a_long_autoregressive_run_mostly_hold():
    """P(fewer than 180 of 200 | 95 %) = 0.001, P(more than 199) < 0.001; the seed is fixed."""
    random = np.random.default_rng(1)
    found = [batch_means(autoregressive(20_000, 0.9, random)) for _ in range(200)]
    held = sum(one.low <= 0 <= one.high for one in found)
    assert 180 <= held <= 199
    assert sum(one.is_dependent for one in found) <= 25  # alpha is 0.05; P(more) < 0.001


def test_a_run_that_is_too_short_is_told():
    """Batches of half a relaxation time: they correlate, and the interval fails often."""
    random = np.random.default_rng(2)
    found = [batch_means(autoregressive(200, 0.95, random)) for _ in range(200)]
    assert np.mean([one.is_dependent for one in found]) > 0.75
    assert np.mean([one.low <= 0 <= one.high for one in found]) < 0.8


def test_von_neumanns_statistic_is_standard_under_independence():
    random = np.random.default_rng(3)
    b, n = 20, 20_000
    found = np.array([_von_neumann(random.normal(size=b)) for _ in range(n)])
    expected = (b - 2) / (b**2 - 1)
    # Four standard errors of the mean and of the variance.
    assert abs(found.mean()) < 4 * math.sqrt(expected / n)
    assert found.var() == pytest.approx(expected, rel=4 * math.sqrt(2 / n))


def test_a_constant_run_is_certain():
    found = batch_means(np.full(100, 7.0))
    assert (found.mean, found.low, found.high, found.is_dependent) == (7, 7, 7, False)


@pytest.mark.parametrize(
    ("series", "batches"), [(np.zeros(39), 20), (np.zeros(100), 4), ([math.nan] * 100, 20)]
)
def test_runs_that_cannot_be_cut_are_refused(series, batches):
    with pytest.raises(InputError):
        batch_means(series, batches)


# Quantiles


@pytest.mark.parametrize("n", [6, 20, 59, 100, 1000])
@pytest.mark.parametrize("p", [0.05, 0.5, 0.9])
def test_ranks_leave_out_no_more_than_promised_and_are_the_closest_that_do(n, p):
    r, s = ranks(n, p)
    up_to = stats.binom(n, p)
    if r is None:
        assert up_to.cdf(0) > 0.025
    else:
        assert up_to.cdf(r - 1) <= 0.025 < up_to.cdf(r)
    if s is None:
        assert up_to.sf(n - 1) > 0.025
    else:
        assert up_to.sf(s - 1) <= 0.025 < up_to.sf(s - 2)


def test_the_interval_of_a_median_is_the_textbook_one():
    """n = 10: the 2nd and 9th hold the median with 1 - 2 * 11 / 1024 = 97.9 %."""
    assert ranks(10, 0.5) == (2, 9)
    assert quantile_interval(range(10, 0, -1), 0.5) == (5, 2, 9)
    assert quantile_interval([3.0], 0.5) == (3.0, None, None)


def test_intervals_of_quantiles_hold_with_their_exact_probability():
    """Exact coverage by the binomial; four standard errors of 2,000 trials."""
    random, n, p = np.random.default_rng(5), 60, 0.9
    truth = stats.expon.ppf(p)
    r, s = ranks(n, p)
    exact = stats.binom.cdf(s - 1, n, p) - stats.binom.cdf(r - 1, n, p)
    assert exact >= 0.95
    found = [quantile_interval(random.exponential(size=n), p) for _ in range(2000)]
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert held == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 2000))


def test_sections_give_intervals_that_mostly_hold():
    """P(fewer than 178 of 200 | 95 %) = 0.0004; a normal AR(1) run has normal quantiles."""
    random = np.random.default_rng(6)
    truth = stats.norm.ppf(0.9)
    held = 0
    for _ in range(200):
        found = section_quantile(split(autoregressive(20_000, 0.8, random), 15), 0.9)
        held += found.low <= truth <= found.high
    assert held >= 178


def test_sectioning_is_centred_at_the_quantile_of_all():
    sections = [[1.0, 2.0, 3.0], [2.0, 3.0, 4.0], [6.0, 7.0, 8.0]]
    found = section_quantile(sections, 0.5)
    spread = math.sqrt(((2 - 3) ** 2 + 0 + (7 - 3) ** 2) / 2)
    assert found.value == 3
    assert found.high - found.value == pytest.approx(stats.t.ppf(0.975, 2) * spread / math.sqrt(3))
    assert section_quantile(sections[:1], 0.5) == (2.0, None, None)


@pytest.mark.parametrize(
    ("values", "p"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.0), ([math.nan], 0.5)]
)
def test_quantiles_of_nothing_are_refused(values, p):
    with pytest.raises(InputError):
        quantile_interval(values, p)
    with pytest.raises(InputError):
        section_quantile([values], p)
    with pytest.raises(InputError):
        section_quantile([], p)

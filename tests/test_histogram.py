"""The histogram against a plain Kaplan-Meier on raw data, and against scipy's."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from analysis.histogram import (
    BIN_ERROR,
    LARGEST,
    N_BINS,
    Histogram,
    bin_of,
    lower_edge,
    upper_edge,
)

TICKS = st.integers(0, 10**9)
SAMPLES = st.lists(st.tuples(TICKS, st.booleans()), min_size=1, max_size=60)


def plain_kaplan_meier(times, ended):
    """Textbook product-limit estimate: list of (time, survival after it) at event times."""
    curve, survival = [], 1.0
    for t in sorted({t for t, e in zip(times, ended, strict=True) if e}):
        at_risk = sum(u >= t for u in times)
        events = sum(u == t and e for u, e in zip(times, ended, strict=True))
        survival *= 1 - events / at_risk
        curve.append((t, survival))
    return curve


def plain_quantile(curve, p):
    return next((t for t, s in curve if s <= 1 - p + 1e-9), None)


def plain_restricted_mean(curve, limit):
    area, start, height = 0.0, 0.0, 1.0
    for t, s in curve:
        if t >= limit:
            break
        area, start, height = area + (t - start) * height, t, s
    return area + (limit - start) * height


def filled(sample):
    times = np.array([t for t, _ in sample], np.int64)
    ended = np.array([e for _, e in sample], bool)
    histogram = Histogram()
    histogram.add(times[ended], times[~ended])
    return histogram, times, ended


def assume_no_shared_bins(times, ended):
    """Within a bin the order of an event and a censoring is lost, so keep them apart."""
    assume(not set(bin_of(times[ended])) & set(bin_of(times[~ended])))


def test_bins_follow_one_another_without_gap():
    bins = np.arange(N_BINS)
    assert lower_edge(bins)[0] == 0
    np.testing.assert_array_equal(lower_edge(bins)[1:], upper_edge(bins)[:-1] + 1)
    assert upper_edge(bins)[-1] == LARGEST


def test_bins_are_exact_below_2048_and_narrow_above():
    bins = np.arange(N_BINS)
    lower, upper = lower_edge(bins), upper_edge(bins)
    np.testing.assert_array_equal(lower[:2048], bins[:2048])
    np.testing.assert_array_equal(upper[:2048], bins[:2048])
    assert ((upper - lower) / 2 <= BIN_ERROR * np.maximum(lower, 1)).all()
    assert BIN_ERROR <= 0.001


@given(st.integers(0, LARGEST))
def test_a_duration_lies_in_its_bin(ticks):
    index = bin_of(np.array([ticks]))
    assert lower_edge(index)[0] <= ticks <= upper_edge(index)[0]


@pytest.mark.parametrize("ticks", [-1, LARGEST + 1, 2**62])
def test_a_duration_out_of_range_is_refused(ticks):
    with pytest.raises(ValueError, match="durations must be"):
        bin_of(np.array([ticks]))


@given(SAMPLES, st.sampled_from([0.1, 0.5, 0.9, 0.99]))
def test_quantile_is_kaplan_meier_within_the_bin_error(sample, p):
    histogram, times, ended = filled(sample)
    assume_no_shared_bins(times, ended)
    expected = plain_quantile(plain_kaplan_meier(times, ended), p)
    assert histogram.quantile(p) == (
        None if expected is None else pytest.approx(expected, rel=BIN_ERROR)
    )


@given(SAMPLES)
def test_every_sample_is_kaplan_meier_of_the_binned_times(sample):
    histogram, times, ended = filled(sample)
    bins = bin_of(times)
    middles = (lower_edge(bins) + upper_edge(bins)) / 2
    for t, s in plain_kaplan_meier(middles, ended):
        assert histogram.survival(np.array([int(t)]))[0] == pytest.approx(s, abs=1e-12)


@given(SAMPLES, st.integers(1, 10**9))
def test_restricted_mean_is_the_area_within_the_bin_error(sample, limit):
    histogram, times, ended = filled(sample)
    assume_no_shared_bins(times, ended)
    curve = plain_kaplan_meier(times, ended)
    # Beyond the longest time the curve is taken to stay level, as the plain one does.
    expected = plain_restricted_mean(curve, limit)
    assert histogram.restricted_mean(limit) == pytest.approx(expected, rel=BIN_ERROR)


def test_agrees_with_scipy():
    rng = np.random.default_rng(1)
    ends, follow_up = rng.exponential(1e5, 500), rng.uniform(5e4, 3e5, 500)
    times = np.minimum(ends, follow_up).astype(np.int64)
    histogram = Histogram()
    histogram.add(times[ends <= follow_up], times[ends > follow_up])
    theirs = ecdf(CensoredData.right_censored(times, ends > follow_up)).sf
    at = np.linspace(0, times.max(), 50).astype(np.int64)
    # scipy's steps lie at the exact times: compare just outside the bin of `at`.
    bins = bin_of(at)
    ours = histogram.survival(at)
    assert (ours <= theirs.evaluate(lower_edge(bins) - 1) + 0.002).all()
    assert (ours >= theirs.evaluate(upper_edge(bins)) - 0.002).all()


@given(SAMPLES, st.integers(0, 60))
def test_chunks_merging_and_storing_change_nothing(sample, cut):
    whole, times, ended = filled(sample)
    first, second = Histogram(), filled(sample[cut:])[0]
    first.add(times[:cut][ended[:cut]], times[:cut][~ended[:cut]])
    first.merge(second)
    for other in (first, Histogram.from_columns(whole.to_columns())):
        for name in ("events", "censored", "sums"):
            np.testing.assert_array_equal(getattr(other, name), getattr(whole, name))


@given(st.lists(TICKS, min_size=1))
def test_mean_of_events_is_exact(times):
    histogram = Histogram()
    histogram.add(np.array(times), np.array([5]))
    assert histogram.mean == sum(times) / len(times)


def test_a_quantile_not_reached_is_none_and_prints_the_reach():
    histogram = Histogram()
    histogram.add(np.array([600, 1200]), np.array([1800, 1800]))
    assert histogram.quantile(0.5) == 1200
    assert histogram.quantile(0.51) is None
    assert histogram.quantile_text(0.5, unit=60) == "20"
    assert histogram.quantile_text(0.9, unit=60) == "> 30"
    np.testing.assert_array_equal(
        histogram.survival(np.array([599, 600, 1800, 1801])), [1, 0.75, 0.5, np.nan]
    )


def test_when_all_have_ended_survival_is_zero_for_ever():
    histogram = Histogram()
    histogram.add(np.array([10, 20]))
    np.testing.assert_array_equal(histogram.survival(np.array([10, 20, 10**6])), [0.5, 0, 0])
    assert histogram.restricted_mean(10**6) == 15


def test_empty():
    histogram = Histogram()
    assert histogram.mean is None
    assert histogram.quantile(0.5) is None
    assert histogram.restricted_mean(10) is None
    assert histogram.reach == 0
    assert np.isnan(histogram.survival(np.array([0, 5]))).all()
    with pytest.raises(ValueError, match="between 0 and 1"):
        histogram.quantile(1.0)

"""Intervals over replications against textbook values and scipy."""

import json
import math

import numpy as np
import pytest
from scipy import stats

from analysis.intervals import (
    band,
    compare_metrics,
    mean_interval,
    paired_interval,
    variance_ratio,
)
from sim.errors import InputError

# Student (1908), The probable error of a mean: additional hours of sleep under two drugs.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_paired_interval_is_the_textbook_one():
    assert paired_interval(SLEEP_1, SLEEP_2) == pytest.approx(
        (1.58, 0.7001142, 2.4598858), abs=1e-6
    )


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_mean_interval_agrees_with_scipy(level):
    expected = stats.ttest_1samp(SLEEP_1, 0).confidence_interval(level)
    mean, low, high = mean_interval(SLEEP_1, level)
    assert mean == pytest.approx(np.mean(SLEEP_1))
    assert (low, high) == pytest.approx((expected.low, expected.high))


def test_one_replication_has_a_mean_and_no_interval():
    assert mean_interval([3.0]) == (3.0, None, None)


def test_equal_values_have_an_interval_of_no_width():
    assert mean_interval([2.0, 2.0, 2.0]) == (2.0, 2.0, 2.0)


@pytest.mark.parametrize("values", [[], [None], [1.0, None], [1.0, math.nan], [1.0, math.inf]])
def test_what_is_missing_makes_the_mean_missing(values):
    assert mean_interval(values) == (None, None, None)


def test_one_missing_side_makes_the_difference_missing():
    assert paired_interval([1.0, None], [2.0, 3.0]) == (None, None, None)
    with pytest.raises(InputError, match="1 and 2 replications"):
        paired_interval([1.0], [2.0, 3.0])


def test_band_is_the_interval_at_each_point():
    samples = np.array([SLEEP_1, SLEEP_2]).T
    mean, low, high = band(samples)
    for point, values in enumerate((SLEEP_1, SLEEP_2)):
        assert (mean[point], low[point], high[point]) == pytest.approx(mean_interval(values))
    assert np.isnan(band(samples[:1])[1]).all()


def test_variance_ratio():
    a = np.array([1.0, 2.0, 4.0, 7.0])
    assert variance_ratio(a, a + 5) == 0
    assert variance_ratio(a, -a) == pytest.approx(2)
    expected = np.var(np.subtract(SLEEP_2, SLEEP_1), ddof=1) / (
        np.var(SLEEP_1, ddof=1) + np.var(SLEEP_2, ddof=1)
    )
    assert variance_ratio(SLEEP_1, SLEEP_2) == pytest.approx(expected)
    assert expected < 0.25  # the pairs do help
    assert variance_ratio([1.0, None], [1.0, 2.0]) is None
    assert variance_ratio([1.0], [2.0]) is None
    assert variance_ratio([1.0, 1.0], [2.0, 2.0]) is None


def runs(values):
    return [{"x": value, "p99": None if value > 4 else value} for value in values]


def test_two_policies_give_the_difference_second_minus_first():
    result = compare_metrics({"siloed": runs(SLEEP_1), "integrated": runs(SLEEP_2)})
    mean, low, high = mean_interval(SLEEP_1)
    assert list(result) == ["x", "p99"]
    assert set(result["x"]) == {"siloed", "integrated", "difference"}
    assert result["x"]["siloed"] == {"mean": mean, "ci95": [low, high]}
    assert result["x"]["difference"]["mean"] == pytest.approx(1.58)
    assert result["x"]["difference"]["ci95"] == pytest.approx([0.7001142, 2.4598858], abs=1e-6)
    missing = {"mean": None, "ci95": [None, None]}
    assert result["p99"]["siloed"]["mean"] is not None
    assert result["p99"]["integrated"] == missing
    assert result["p99"]["difference"] == missing
    json.dumps(result, allow_nan=False)


def test_further_policies_are_compared_with_the_first():
    result = compare_metrics(
        {"a": [{"x": 1.0}, {"x": 2.0}], "b": [{"x": 2.0}, {"x": 3.0}], "c": [{"x": 5}, {"x": 6}]}
    )
    assert result["x"]["difference"] == {"mean": 1.0, "ci95": [1.0, 1.0]}
    assert result["x"]["differences"] == {"c": {"mean": 4.0, "ci95": [4.0, 4.0]}}


def test_one_policy_has_no_difference():
    assert compare_metrics({"a": [{"x": 1.0}]}) == {"x": {"a": {"mean": 1.0, "ci95": [None, None]}}}


def test_a_policy_cannot_take_a_name_of_the_results():
    with pytest.raises(InputError, match="'difference'"):
        compare_metrics({"a": [{"x": 1.0}], "difference": [{"x": 1.0}]})

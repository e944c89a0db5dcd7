"""Arithmetic and found add up, row by row; a share has the interval that Fieller gives it."""

import json
import math

import numpy as np
import pytest
from scipy.stats import t as student

from analysis.account import CATEGORIES
from analysis.split import ASSUMED, BASE, CONTROL, ROWS, TOTAL, UNLIMITED, ratio_interval, split


@pytest.fixture
def samples():
    rng = np.random.default_rng(3)

    def runs(n, policy):
        return np.array([40, 20, 10, 30, 20]) * (1 - 0.2 * policy) + rng.normal(size=(n, 5))

    settings = {BASE: 6, UNLIMITED: 6, CONTROL: 3}
    found = {name: {"a": runs(n, 0), "b": runs(n, 1)} for name, n in settings.items()}
    found[ASSUMED] = {"a": found[BASE]["a"][:3], "b": runs(3, 0.25)}
    return found


def test_rows_add_up_to_the_total_and_arithmetic_and_found_to_the_difference(samples):
    found = split(samples, "a", "b")
    base = found["settings"][BASE]
    for rows in found["settings"].values():
        parts = sum(rows[name]["difference"]["mean"] for name in CATEGORIES)
        assert rows[TOTAL]["difference"]["mean"] == pytest.approx(parts)
    for row in ROWS:
        arithmetic = found["settings"][UNLIMITED][row]["difference"]["mean"]
        whole = base[row]["difference"]["mean"]
        assert arithmetic + found["found"][row]["mean"] == pytest.approx(whole)
        assert whole == pytest.approx(base[row]["b"]["mean"] - base[row]["a"]["mean"])
    low, high = found["found"][TOTAL]["ci95"]
    assert low < found["found"][TOTAL]["mean"] < high
    assert found["replications"] == {BASE: 6, UNLIMITED: 6, CONTROL: 3, ASSUMED: 3}
    json.dumps(found, allow_nan=False)


def test_the_share_is_what_the_assumed_numbers_take_away(samples):
    samples[ASSUMED]["b"] = samples[BASE]["a"][:3] + 0.25 * (
        samples[BASE]["b"][:3] - samples[BASE]["a"][:3]
    )
    share = split(samples, "a", "b")["share_assumed"]
    assert share["mean"] == pytest.approx(0.75)
    assert share["ci95"] == pytest.approx([0.75, 0.75])


def test_a_policy_like_the_first_has_no_difference_and_no_share(samples):
    alike = {name: {"a": runs["a"], "b": runs["a"]} for name, runs in samples.items()}
    found = split(alike, "a", "b")
    for rows in (*found["settings"].values(),):
        assert all(rows[row]["difference"] == {"mean": 0.0, "ci95": [0.0, 0.0]} for row in ROWS)
    assert all(entry == {"mean": 0.0, "ci95": [0.0, 0.0]} for entry in found["found"].values())
    assert found["share_assumed"] == {"mean": None, "ci95": [None, None]}


def test_what_was_not_run_is_left_out(samples):
    found = split({BASE: samples[BASE]}, "a", "b")
    assert set(found) == {"replications", "settings"}
    undefined = split({BASE: {"a": np.full((2, 5), np.nan), "b": np.ones((2, 5))}}, "a", "b")
    assert undefined["settings"][BASE][TOTAL]["difference"]["mean"] is None


@pytest.mark.parametrize("n", [3, 6, 20])
def test_at_fiellers_ends_the_residuals_are_just_told_apart_from_zero(n):
    """By definition of the interval: r is in it if mean(y - r x) cannot be told apart from 0."""
    rng = np.random.default_rng(n)
    x = rng.normal(20, 1, n)
    y = 0.6 * x + rng.normal(0, 0.5, n)
    ratio, low, high = ratio_interval(y, x)
    assert low < ratio < high
    assert ratio == y.mean() / x.mean()
    for end in (low, high):
        rest = y - end * x
        statistic = rest.mean() / (rest.std(ddof=1) / math.sqrt(n))
        assert abs(statistic) == pytest.approx(student.ppf(0.975, n - 1))


def test_fiellers_interval_has_no_ends_where_the_denominator_may_be_zero():
    ratio, *ends = ratio_interval([1.0, 2.0, 3.0], [-1.0, 0.5, 2.0])
    assert ratio == pytest.approx(4.0)
    assert ends == [None, None]


@pytest.mark.parametrize(
    ("y", "x", "expected"),
    [
        ([1.0], [2.0], (0.5, None, None)),
        ([1.0, 2.0], [1.0, math.nan], (None, None, None)),
        ([1.0, 2.0], [0.0, 0.0], (None, None, None)),
        ([], [], (None, None, None)),
    ],
)
def test_what_has_no_ratio_has_none(y, x, expected):
    assert ratio_interval(y, x) == expected

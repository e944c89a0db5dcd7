"""Confirmation: its error rates."""

import numpy as np
import pytest

from analysis.intervals import mean_interval
from analysis.staffing.confirming import half_width, levels, lower_bounds, replications_needed


@pytest.mark.parametrize("tries", [1, 2, 4, 10])
def test_the_error_rates_of_the_tries_add_up(tries):
    found = levels(0.05, tries)
    assert len(found) == tries
    assert sum(found) == pytest.approx(0.05)
    assert min(found) > 0


def test_bounds_are_the_lower_ends_of_two_sided_intervals_of_twice_the_rate():
    values = np.random.default_rng(2).normal(1.0, 2.0, (9, 3))
    bounds = lower_bounds(values, 0.05)
    for column, bound in zip(values.T, bounds, strict=True):
        assert mean_interval(column.tolist(), 0.9)[1] == pytest.approx(bound)
    half = half_width(values.std(axis=0, ddof=1), 9, 0.05)
    assert np.allclose(values.mean(axis=0) - half, bounds)


def test_a_plan_that_misses_one_of_many_targets_is_confirmed_no_more_often_than_stated():
    # Two targets are just missed, four are met with room: 4,000 confirmations at 5 %.
    random = np.random.default_rng(3)
    means = np.array([0.0, -0.05, 3.0, 3.0, 3.0, 3.0])
    trials = 4000
    wrong = sum(
        bool((lower_bounds(random.normal(means, 1.0, (8, 6)), 0.05) >= 0).all())
        for _ in range(trials)
    )
    # Exactly 5 % of either bound are wrong; both at once are fewer. 5 % and 4 standard errors:
    assert wrong / trials <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / trials)
    assert wrong > 0


def surpluses(n, mean=(0.02, 0.5), deviation=0.2):
    """Of exactly these means and this deviation."""
    drawn = np.random.default_rng(6).normal(size=(n, 2))
    return (drawn - drawn.mean(axis=0)) / drawn.std(axis=0, ddof=1) * deviation + mean


def test_replications_that_are_needed_would_do():
    """The first target needs (1.645 x 0.2 / 0.02)^2 = 271, the second next to none."""
    assert replications_needed(surpluses(20), 0.05) == 271
    assert (lower_bounds(surpluses(275), 0.05) >= 0).all()
    assert not (lower_bounds(surpluses(265), 0.05) >= 0).all()


def test_no_number_of_replications_helps_a_mean_that_misses():
    assert replications_needed(np.array([[0.1, -0.2], [0.3, 0.1]]), 0.05) is None

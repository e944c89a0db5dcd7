"""Break-evens of lines and curves whose zero is known."""

import numpy as np
import pytest

from analysis.break_even import break_even
from sim.errors import InputError

X = [0.0, 1.0, 2.0, 4.0, 6.0]


def noisy(random, line, deviation=1.0, replications=10):
    """A line with noise that the points share in part, as on common random numbers."""
    shared = random.normal(0, deviation, replications)
    return np.array([line(x) + shared + random.normal(0, deviation / 4, replications) for x in X])


def test_a_line_crosses_where_it_does():
    for slope in (2.0, -2.0):
        found = break_even(X, [[slope * (x - 3) + e for e in (-0.1, 0, 0.1)] for x in X])
        assert found.at == pytest.approx(3)
        assert found.rises == (slope > 0)
        assert found.verdict == "crosses"
        assert found.low < 3 < found.high
        # t(2) * 0.1 / sqrt(3) / slope
        assert found.high - 3 == pytest.approx(4.3027 * 0.1 / np.sqrt(3) / 2, abs=0.01)


def test_without_noise_the_ends_are_the_crossing():
    found = break_even(X, [[x - 1.2345] * 2 for x in X])
    assert (found.low, found.at, found.high) == pytest.approx((1.2345,) * 3, abs=0.01)


def test_the_interval_holds_the_crossing_as_often_as_promised():
    """P(fewer than 455 of 500 | 95 %) < 0.0001, P(more than 494) < 0.0001."""
    random = np.random.default_rng(1)
    held = 0
    for _ in range(500):
        found = break_even(X, noisy(random, lambda x: 2.0 * (x - 2.5)))
        held += (found.low or 0.0) <= 2.5 <= (found.high or 6.0)
    assert 455 <= held <= 494


@pytest.mark.parametrize(
    ("line", "verdict"), [(lambda x: 9.0 + x, "above"), (lambda x: -9.0 + x / 9, "below")]
)
def test_a_difference_that_keeps_its_sign_has_no_break_even(line, verdict):
    found = break_even(X, noisy(np.random.default_rng(2), line))
    assert found[:3] == (None, None, None)
    assert found.verdict == verdict


def test_noise_leaves_it_undecided():
    found = break_even(X, noisy(np.random.default_rng(3), lambda x: 0.01 * x, 5.0))
    assert (found.low, found.high, found.verdict) == (None, None, "undecided")


def test_an_end_beyond_the_range_is_open():
    found = break_even(X, noisy(np.random.default_rng(4), lambda x: x - 5.8))
    assert found.low is not None
    assert (found.high, found.verdict) == (None, "below")


def test_a_dent_that_noise_makes_does_not_move_it_to_a_second_place():
    means = [-2.0, 0.4, -0.4, 2.0, 3.0]
    found = break_even(X, [[m - 0.5, m + 0.5] for m in means])
    assert 1 <= found.at <= 2
    assert found.rises


@pytest.mark.parametrize(
    ("x", "values"),
    [
        ([0.0], [[1.0, 2.0]]),
        ([1.0, 1.0], [[1.0, 2.0]] * 2),
        ([0.0, 1.0], [[1.0, 2.0]]),
        ([0.0, 1.0], [[1.0], [2.0]]),
        ([0.0, 1.0], [[1.0, np.nan]] * 2),
    ],
)
def test_points_that_say_nothing_are_refused(x, values):
    with pytest.raises(InputError):
        break_even(x, values)

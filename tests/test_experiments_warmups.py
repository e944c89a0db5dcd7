"""Whether the warm-up was long enough: what is told of series that are warm, late and short."""

import numpy as np

from analysis.warmup import mser
from experiments.warmups import warmups

NOISE = np.random.default_rng(1).normal(0, 1, (4, 200))


def rising_until(day):
    return 100 * np.minimum(np.arange(200) / day, 1.0) + NOISE


def test_a_warm_up_that_is_long_enough_gives_no_warning():
    found = warmups({"a": rising_until(20)}, 30)
    assert found.warnings == []
    assert found.days == {"a": mser(rising_until(20)).periods}
    assert 15 <= found.days["a"] <= 25
    np.testing.assert_allclose(found.backlog["a"], rising_until(20).mean(axis=0))
    assert found.summary() == {"warmup_days": 30, "mser_days": found.days}


def test_a_warm_up_that_is_too_short_is_told_by_policy():
    found = warmups({"a": rising_until(20), "b": rising_until(60)}, 28)
    (warning,) = found.warnings
    assert f"the backlog of b is warm after {found.days['b']} days, by MSER-5, and" in warning
    assert "horizon.warmup_days is 28" in warning


def test_a_backlog_that_never_is_steady_is_told():
    found = warmups({"a": rising_until(500)}, 28)
    (warning,) = found.warnings
    assert "the backlog of a is not steady within 200 days" in warning
    assert found.days == {"a": None}


def test_days_that_are_too_few_are_told_once():
    found = warmups({"a": NOISE[:, :49], "b": NOISE[:, :49]}, 3)
    (warning,) = found.warnings
    assert "cannot be judged from 49 days; MSER-5 needs 50 or more" in warning
    assert found.days == {"a": None, "b": None}

"""MSER-5 on series whose warm-up is known."""

import numpy as np
import pytest

from analysis.warmup import FEWEST, mser
from sim.errors import InputError


def noise(n, seed=1, size=1.0):
    return np.random.default_rng(seed).normal(0, size, n)


@pytest.mark.parametrize("step", [50, 100, 200])
def test_a_step_is_cut_where_it_ends(step):
    series = 10 + noise(1000)
    series[:step] += 5
    found = mser(series)
    assert step <= found.periods <= step + 50
    assert not found.is_short


def test_a_decaying_bias_is_cut_where_it_no_longer_shows():
    t = np.arange(2000)
    found = mser(100 + 20 * np.exp(-t / 50) + noise(2000))
    # The bias is 20 exp(-t / 50): 1 at t = 150, a tenth of the noise at t = 265.
    assert 150 < found.periods < 350


def test_white_noise_needs_hardly_any_warm_up():
    """Of 2,000 such series 2 lost a quarter or more; P(more than 2 of 200) = 0.001."""
    cuts = np.array([mser(noise(1000, seed)).periods for seed in range(200)])
    assert (cuts >= 250).sum() <= 2
    assert np.median(cuts) == 0


def test_a_series_that_still_grows_is_called_too_short():
    assert mser(np.arange(500.0)).is_short
    assert mser(np.linspace(0, 20, 500) + noise(500)).is_short


@pytest.mark.parametrize(("step", "short"), [(400, False), (600, True)])
def test_a_cut_in_the_last_half_is_not_to_be_trusted(step, short):
    found = mser(20 * (np.arange(1000) < step) + noise(1000))
    assert step <= found.periods <= step + 50
    assert found.is_short == short


def test_the_criterion_is_the_squared_standard_error_of_what_is_left():
    series = noise(200, seed=4)
    means = series.reshape(40, 5).mean(axis=1)
    expected = [means[d:].var() / (40 - d) for d in range(35)]
    found = mser(series)
    np.testing.assert_allclose(found.statistic[:35], expected)
    assert np.isnan(found.statistic[35:]).all()
    assert found.periods == 5 * int(np.argmin(expected))


def test_replications_are_averaged_first():
    many = 5 * (np.arange(400) < 60) + noise(400 * 8, size=4.0).reshape(8, 400)
    assert mser(many).periods == mser(many.mean(axis=0)).periods
    assert 60 <= mser(many).periods <= 100


def test_a_remainder_is_left_out_and_a_level_does_not_matter():
    series = noise(500)
    cut = mser(series).periods
    assert mser(np.append(series, [1e9, 1e9])).periods == cut
    assert mser(series + 1e7).periods == cut


def test_a_constant_series_has_no_warm_up():
    assert mser(np.full(100, 3.0)).periods == 0


@pytest.mark.parametrize("series", [np.zeros(5 * FEWEST - 1), np.append(np.zeros(99), np.nan)])
def test_what_cannot_be_judged_is_refused(series):
    with pytest.raises(InputError):
        mser(series)

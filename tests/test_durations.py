"""Random durations: the tabulated quantiles against those of scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from sim.draws import normal_score
from sim.durations import (
    EXPONENTIAL,
    FAMILIES,
    FIXED,
    GAMMA,
    LOGNORMAL,
    QuantileTable,
    quantile_row,
    relative_duration,
)

SMALLEST, LARGEST = 2.0**-53, 1.0 - 2.0**-53  # of the uniforms of draws.py

CASES = [
    (FIXED, 0.0),
    (EXPONENTIAL, 1.0),
    *((GAMMA, cv) for cv in (0.1, 0.3, 0.6, 1.0, 1.5, 2.0)),
    *((LOGNORMAL, cv) for cv in (0.1, 0.5, 0.8, 1.0, 2.0, 3.0)),
]
CASE_NAMES = [f"{FAMILIES[family]} {cv}" for family, cv in CASES]
each_case = pytest.mark.parametrize(("family", "cv"), CASES, ids=CASE_NAMES)
ROWS = {case: quantile_row(*case) for case in CASES}


def durations(family, cv, us):
    return np.array([relative_duration(u, ROWS[family, cv]) for u in us])


def by_scipy(family, cv, us):
    """Quantiles with mean 1 at us; from above where that is more exact."""
    if family == FIXED:
        return np.ones(len(us))
    if family == EXPONENTIAL:
        law = stats.expon()
    elif family == GAMMA:
        law = stats.gamma(1 / cv**2, scale=cv**2)
    else:
        sigma = np.sqrt(np.log1p(cv**2))
        law = stats.lognorm(sigma, scale=np.exp(-(sigma**2) / 2))
    return np.where(us < 0.5, law.ppf(us), law.isf(1 - us))


@each_case
def test_quantiles_agree_with_scipy(family, cv):
    """To 1e-5 of the mean, or of the duration where that is longer."""
    tails = np.logspace(-15, -3, 100)
    us = np.concatenate([[SMALLEST], tails, np.linspace(0.001, 0.999, 3001), 1 - tails, [LARGEST]])
    expected = by_scipy(family, cv, us)
    error = np.abs(durations(family, cv, us) - expected)
    assert (error <= 1e-5 * np.maximum(expected, 1)).all()


@each_case
def test_short_durations_agree_relatively_too(family, cv):
    """To 1e-5 of the duration, down to a twentieth of the mean."""
    us = np.linspace(0.001, 0.999, 3001)
    expected = by_scipy(family, cv, us)
    us, expected = us[expected > 0.05], expected[expected > 0.05]
    assert len(us) > 500
    np.testing.assert_allclose(durations(family, cv, us), expected, rtol=1e-5)


@each_case
def test_mean_is_one_and_the_spread_is_as_asked(family, cv):
    scores = np.linspace(-8, 8, 16_001)  # integrating over the normal score reaches far tails
    weight = stats.norm.pdf(scores) * (scores[1] - scores[0])
    relative = durations(family, cv, special.ndtr(scores))
    mean = weight @ relative
    spread = np.sqrt(weight @ (relative - mean) ** 2)
    assert mean == pytest.approx(1, abs=1e-5)
    assert spread == pytest.approx(cv, rel=1e-4, abs=1e-12)


@given(st.sampled_from(CASES), st.tuples(*[st.floats(SMALLEST, LARGEST)] * 2))
def test_durations_rise_with_u(case, us):
    low, high = durations(*case, sorted(us))
    # Interpolating may round the last bit the other way.
    assert low <= high * (1 + 1e-15)


@each_case
def test_extreme_uniforms_stay_within_the_table(family, cv):
    row = ROWS[family, cv]
    low, high = durations(family, cv, [SMALLEST, LARGEST])
    assert row[0] <= low <= high <= row[-1] < np.inf
    assert low >= 0
    assert -8.3 < normal_score(SMALLEST) < normal_score(LARGEST) < 8.3  # the row's reach


def test_fixed_is_fixed():
    us = [SMALLEST, 0.1, 1 / 3, 0.5, 0.7, LARGEST]
    assert durations(FIXED, 0.0, us).tolist() == [1.0] * len(us)


@pytest.mark.parametrize("family", [FIXED, GAMMA, LOGNORMAL])
def test_without_spread_every_family_is_fixed(family):
    assert (quantile_row(family, 0.0) == 1.0).all()


def test_exponential_is_the_gamma_of_spread_one():
    np.testing.assert_allclose(
        ROWS[EXPONENTIAL, 1.0], ROWS[GAMMA, 1.0], rtol=1e-12, atol=1e-15, strict=True
    )


def test_table_holds_each_row_once():
    table = QuantileTable()
    asked = [
        *((GAMMA, 0.5), (FIXED, 0.0), (LOGNORMAL, 0.5), (GAMMA, 0.5), (GAMMA, 0.6)),
        *((FIXED, 3.0), (EXPONENTIAL, 1.0), (EXPONENTIAL, 0.2), (np.int8(GAMMA), np.float64(0.6))),
    ]
    assert [table.row(*name) for name in asked] == [0, 1, 2, 0, 3, 1, 4, 4, 3]
    rows = table.array()
    assert rows.shape == (5, len(quantile_row(FIXED, 0.0)))
    for i, name in enumerate([(GAMMA, 0.5), (FIXED, 0.0), (LOGNORMAL, 0.5), (GAMMA, 0.6)]):
        assert np.array_equal(rows[i], quantile_row(*name))

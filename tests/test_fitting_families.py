"""The family that durations are of, and its parameters, from samples whose truth is known."""

import numpy as np
import pytest
from scipy import stats

from analysis.fitting.families import chosen, drawn, estimated, fit, log_density_of, statistics
from sim.durations import EXPONENTIAL, FAMILIES, FIXED, GAMMA, LOGNORMAL

TRUE = {
    EXPONENTIAL: (np.array([600.0]), np.zeros(1)),
    GAMMA: (np.array([4.0]), np.array([150.0])),  # mean 600, cv 0.5
    LOGNORMAL: (np.array([np.log(600) - np.log(1.64) / 2]), np.array([np.sqrt(np.log(1.64))])),
}
CV = {EXPONENTIAL: 1.0, GAMMA: 0.5, LOGNORMAL: 0.8}


@pytest.mark.parametrize("family", TRUE, ids=FAMILIES.__getitem__)
def test_the_family_and_its_numbers_are_recovered(family):
    """30 samples: the family is found nearly always, mean and cv lie within their intervals at
    their rate (24 of 30 or fewer has probability below 0.01 at 95 %)."""
    right = means = spreads = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        found = fit(drawn(family, TRUE[family], (400,), rng), 60, 400, rng)
        right += found.family == family
        means += found.mean.low <= 600 <= found.mean.high
        spreads += found.cv.low <= CV[family] <= found.cv.high
    assert right >= 24  # an exponential is a gamma too, which AIC takes for it one time in six
    assert means >= 24
    assert spreads >= 20 if family == EXPONENTIAL else spreads >= 24


@pytest.mark.parametrize(
    ("family", "known"),
    [(GAMMA, stats.gamma), (LOGNORMAL, stats.lognorm), (EXPONENTIAL, stats.expon)],
)
def test_likelihood_is_maximised_as_scipy_does(family, known):
    x = drawn(family, TRUE[family], (500,), np.random.default_rng(7))
    a, b = (float(p[0]) for p in estimated(family, x[None, :]))
    arguments = known.fit(x, floc=0)
    wanted = {
        GAMMA: lambda: (arguments[0], arguments[2]),
        LOGNORMAL: lambda: (np.log(arguments[2]), arguments[0]),
        EXPONENTIAL: lambda: (arguments[1], 0.0),
    }[family]()
    assert (a, b) == pytest.approx(wanted, rel=1e-4)


def test_information_criteria_are_those_of_the_likelihood():
    x = drawn(GAMMA, TRUE[GAMMA], (300,), np.random.default_rng(2))
    family, aic, bic = chosen(x)
    shape, _, scale = stats.gamma.fit(x, floc=0)
    loss = -2 * stats.gamma.logpdf(x, shape, 0, scale).sum()
    assert family == GAMMA
    assert aic["gamma"] == pytest.approx(loss + 4, rel=1e-6)
    assert bic["gamma"] == pytest.approx(loss + 2 * np.log(300), rel=1e-6)
    assert min(aic, key=aic.get) == "gamma"


def test_statistics_are_those_of_scipy():
    x = drawn(EXPONENTIAL, TRUE[EXPONENTIAL], (200,), np.random.default_rng(3))
    parameters = estimated(EXPONENTIAL, x[None, :])
    ks, ad = statistics(EXPONENTIAL, x[None, :], parameters)
    assert ks[0] == pytest.approx(stats.kstest(x, "expon", (0, x.mean())).statistic)
    u = np.sort(stats.expon.cdf(x, 0, x.mean()))
    i = np.arange(1, 201)
    known = -200 - ((2 * i - 1) / 200 * (np.log(u) + np.log(1 - u[::-1]))).sum()
    assert ad[0] == pytest.approx(known)


def test_the_bootstrap_rejects_what_is_of_no_family_and_little_else():
    rng = np.random.default_rng(4)
    two = np.concatenate([rng.normal(60, 2, 300), rng.normal(3600, 50, 300)])
    assert fit(two, 60, 600, rng).ks_p < 0.05
    rejected = sum(
        fit(drawn(GAMMA, TRUE[GAMMA], (200,), np.random.default_rng(s)), 60, 200, rng).ks_p < 0.05
        for s in range(40)
    )
    assert rejected <= 6  # of 40 at 5 %: more has probability below 0.004


def test_durations_that_are_alike_are_fixed_and_noughts_do_no_harm():
    rng = np.random.default_rng(5)
    found = fit(np.full(50, 300.0), 20, 50, rng)
    assert (found.family, found.mean.value, found.cv.value) == (FIXED, 300.0, 0.0)
    assert log_density_of(found) is None
    assert fit(np.concatenate([np.zeros(5), np.full(50, 10.0)]), 20, 55, rng).mean.value > 0


def test_a_sample_of_many_gives_the_interval_of_all():
    rng = np.random.default_rng(6)
    x = drawn(EXPONENTIAL, TRUE[EXPONENTIAL], (20_000,), rng)
    found = fit(x, 100, 1000, rng)
    half = (found.mean.high - found.mean.low) / 2
    assert half == pytest.approx(1.96 * x.mean() / np.sqrt(20_000), rel=0.3)
    assert found.tested == 1000


def test_the_density_of_the_logarithm_integrates_to_one():
    rng = np.random.default_rng(8)
    for family, parameters in TRUE.items():
        found = fit(drawn(family, parameters, (500,), rng), 20, 500, rng)
        t = np.geomspace(1e-3, 1e6, 4000)
        assert np.trapezoid(log_density_of(found)(t), np.log(t)) == pytest.approx(1, abs=1e-3)

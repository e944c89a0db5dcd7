"""The default horizon is long enough: twice the warm-up and follow-up change no finding.

The long form is of a district of Chongqing; the short one of the tiny city, where a change of the
difference in mean latency by SEEN of it is seen with a probability of 0.99.
"""

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import stats

from experiments import load, simulate
from scenarios.load import load_policies

ALPHA = 0.01  # of a false alarm in any of the measures
SEEN = 0.15
N = 30  # replications of the short form
MEASURES = (
    "closure_latency_mean_hours",
    "closure_latency_p50_hours",
    "closure_latency_p90_hours",
    "paper_latency_p50_hours",
    "handovers_mean",
    "utilisation_township",
)
DISTRICT = ["city.district=渝中区", "calendar=plain", "record=summary"]
TINY = ["city=tiny", "calendar=plain", "record=summary"]
LONGER = ["horizon.start=2024-09-16", "horizon.warmup_days=56", "horizon.followup_days=56"]


def built(overrides):
    """Parameters of every policy, by name."""
    policies = load_policies(overrides)
    for parameters in policies.values():
        _ = parameters.world, parameters.rates, parameters.open_ticks
    return policies


def differences(policies, seeds):
    """Measures of `integrated` minus `siloed`, f8[replications, measures]."""
    jobs = [(policies[name], seed) for name in ("integrated", "siloed") for seed in seeds]

    def one(job):
        summary = simulate(*job).metrics()
        return [summary[m] for m in MEASURES]

    with ThreadPoolExecutor(2) as pool:
        rows = np.array(list(pool.map(one, jobs)), float)
    integrated, siloed = rows.reshape(2, len(seeds), -1)
    return integrated - siloed


def p_values(usual, other):
    """Of no change, by measure, f8[measures]."""
    return stats.ttest_ind(usual, other, equal_var=False).pvalue


@pytest.mark.slow
def test_twice_the_warmup_and_follow_up_change_no_finding_in_a_district():
    """The default and the longer horizon, on incidents of their own: as two users would run."""
    usual = differences(built(DISTRICT), range(6))
    longer = differences(built([*DISTRICT, *LONGER]), range(100, 106))
    p = p_values(usual, longer)
    assert (p > ALPHA / len(MEASURES)).all(), dict(zip(MEASURES, p, strict=True))


@pytest.fixture(scope="module")
def tiny():
    with warnings.catch_warnings():  # of desks that are offered more than they can do
        warnings.simplefilter("ignore", UserWarning)
        return built(TINY)


@pytest.fixture(scope="module")
def usual(tiny):
    return differences(tiny, range(N))


def with_seats_of(tiny, overrides):
    """The same seats, as in so small a city one more or less by rounding moves utilisation."""
    policies = load_policies([*TINY, *overrides])
    for name, parameters in policies.items():
        parameters.__dict__["seats"] = tiny[name].seats
    return policies


def test_twice_the_warmup_and_follow_up_change_no_finding(tiny, usual):
    longer = differences(with_seats_of(tiny, LONGER), range(100, 100 + N))
    p = p_values(usual, longer)
    assert (p > ALPHA / len(MEASURES)).all(), dict(zip(MEASURES, p, strict=True))
    error = np.sqrt((usual.var(axis=0, ddof=1) + longer.var(axis=0, ddof=1)) / N)[0]
    t = stats.t(2 * N - 2)
    seen = error * (t.isf(ALPHA / len(MEASURES) / 2) + t.isf(0.01))
    assert seen < SEEN * abs(usual[:, 0].mean())


def test_a_follow_up_that_is_too_short_is_seen(tiny, usual):
    short = differences(with_seats_of(tiny, ["horizon.followup_days=7"]), range(100, 100 + N))
    assert p_values(usual, short)[0] < ALPHA / len(MEASURES)


def test_the_same_dates_have_the_same_incidents_whatever_the_warmup():
    short = ["city=tiny", "horizon=short", "calendar=plain"]
    a = simulate(load(short), 3)
    b = simulate(load([*short, "horizon.start=2024-10-07", "horizon.warmup_days=10"]), 3)
    for column in ("incident", "kind", "grid", "severity", "tier"):
        assert (a.incident_columns[column] == b.incident_columns[column]).all()
    assert len(a.incident_columns["incident"]) > 100

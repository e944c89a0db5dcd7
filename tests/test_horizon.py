"""The default horizon is long enough: twice the warm-up and follow-up change no finding."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import stats

from experiments import load, simulate
from scenarios.load import load_policies

REPLICATIONS = 6
ALPHA = 0.01  # of a false alarm in any of the measures
MEASURES = (
    "closure_latency_mean_hours",
    "closure_latency_p50_hours",
    "closure_latency_p90_hours",
    "paper_latency_p50_hours",
    "handovers_mean",
    "utilisation_township",
)
DISTRICT = ["city.district=渝中区", "calendar=plain", "record=summary"]
LONGER = ["horizon.start=2024-09-16", "horizon.warmup_days=56", "horizon.followup_days=56"]


def measured(overrides, seeds):
    """Measures of every policy, {policy: f8[replications, measures]}."""
    policies = load_policies([*DISTRICT, *overrides])
    for parameters in policies.values():
        _ = parameters.world, parameters.rates, parameters.open_ticks

    def one(job):
        name, seed = job
        summary = simulate(policies[name], seed).metrics()
        return [summary[m] for m in MEASURES]

    jobs = [(name, seed) for name in policies for seed in seeds]
    with ThreadPoolExecutor(2) as pool:
        rows = np.array(list(pool.map(one, jobs)), float).reshape(len(policies), len(seeds), -1)
    return dict(zip(policies, rows, strict=True))


def test_twice_the_warmup_and_follow_up_change_no_finding():
    """The default and the longer horizon, on incidents of their own: as two users would run."""
    usual, longer = (
        runs["integrated"] - runs["siloed"]
        for runs in (
            measured([], range(REPLICATIONS)),
            measured(LONGER, range(100, 100 + REPLICATIONS)),
        )
    )
    p = stats.ttest_ind(usual, longer, equal_var=False).pvalue
    assert (p > ALPHA / len(MEASURES)).all(), dict(zip(MEASURES, p, strict=True))


def test_the_same_dates_have_the_same_incidents_whatever_the_warmup():
    short = ["city=tiny", "horizon=short", "calendar=plain"]
    a = simulate(load(short), 3)
    b = simulate(load([*short, "horizon.start=2024-10-07", "horizon.warmup_days=10"]), 3)
    for column in ("incident", "kind", "grid", "severity", "tier"):
        assert (a.incident_columns[column] == b.incident_columns[column]).all()
    assert len(a.incident_columns["incident"]) > 100

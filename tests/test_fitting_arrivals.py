"""Rates, profiles and dispersion of arrivals whose truth is known."""

import numpy as np
import pytest

from analysis.fitting.arrivals import arrivals
from sim.units import DAY, HOUR

WEEKS = 12
DAYS = 7 * WEEKS
WEEKDAY = np.arange(DAYS) % 7
RELATIVE = np.array([1.2, 1.1, 1.0, 1.0, 1.0, 0.9, 0.8])
HOURS = np.where((np.arange(24) >= 8) & (np.arange(24) < 18), 9.0, 1.0)
HOURS /= HOURS.sum()
RATE = 40.0


def drawn(rng, cv=0.0, rate=RATE):
    """Arrivals by the rates above; cv : of a gamma factor of each day."""
    factor = rng.gamma(1 / cv**2, cv**2, DAYS) if cv else np.ones(DAYS)
    counts = rng.poisson(rate * RELATIVE[WEEKDAY] * factor)
    days = np.repeat(np.arange(DAYS), counts)
    hours = rng.choice(24, days.size, p=HOURS)
    return days * DAY + hours * HOUR + rng.integers(0, HOUR, days.size)


def estimated(ticks, rng, days=DAYS, resamples=100):
    month = np.arange(days) // 31 % 12
    weekday = np.arange(days) % 7
    return arrivals(ticks, days, weekday, (weekday >= 5).astype(int), month, resamples, rng)


def covered(estimate, truth):
    return estimate.low <= truth <= estimate.high


def test_the_truth_lies_within_the_intervals_at_their_rate():
    """40 logs: of intervals of 95 %, at least 33 of 40 hold (a miss has probability below 0.002);
    bootstraps of a cv are known to fall short of it, so 30."""
    held = dict.fromkeys(("rate", "cv", "hour", "weekday", "weekend"), 0)
    for seed in range(40):
        rng = np.random.default_rng(seed)
        found = estimated(drawn(rng, cv=0.3), rng)
        held["rate"] += covered(found.per_day, RATE)
        held["cv"] += covered(found.cv, 0.3)
        held["hour"] += covered(found.hour[9], HOURS[9])
        held["weekday"] += covered(found.weekday[0], RELATIVE[0])
        held["weekend"] += covered(found.day_type[1], RELATIVE[5:].mean())
    assert held.pop("cv") >= 30
    assert min(held.values()) >= 33, held


def test_poisson_days_have_a_dispersion_of_one():
    rejected = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        found = estimated(drawn(rng), rng, resamples=20)
        rejected += found.p_poisson < 0.05
    assert rejected <= 6  # of 40 at 5 %: more has probability below 0.004
    wild = estimated(drawn(np.random.default_rng(1), cv=0.5), np.random.default_rng(2))
    assert wild.p_poisson < 1e-6
    assert wild.dispersion.low > 1


def test_shares_of_hours_add_up_and_counts_are_those_of_days():
    rng = np.random.default_rng(3)
    ticks = drawn(rng)
    found = estimated(ticks, rng)
    assert sum(e.value for e in found.hour) == pytest.approx(1)
    assert found.counts.tolist() == np.bincount(ticks // DAY, minlength=DAYS).tolist()
    assert found.per_day.value == pytest.approx(len(ticks) / DAYS)


def test_a_season_needs_a_year():
    rng = np.random.default_rng(3)
    assert estimated(drawn(rng), rng).month == []
    every = np.sort(rng.integers(0, 400 * DAY, 4000))
    month = np.minimum(np.arange(400) // 31, 11)
    found = arrivals(every, 400, np.arange(400) % 7, np.zeros(400, int), month, 20, rng)
    assert len(found.month) == 12
    assert all(e.low <= e.value <= e.high for e in found.month)


def test_one_day_is_enough_for_a_rate():
    found = estimated(np.array([HOUR, 2 * HOUR, 3 * HOUR]), np.random.default_rng(1), days=1)
    assert found.per_day.value == 3
    assert found.per_day.low < 3 < found.per_day.high
    assert found.dispersion.value is None

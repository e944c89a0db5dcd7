"""Capacity on constructed series whose answer is known, and on a queue of several servers."""

import heapq
import math

import numpy as np
import pytest

from analysis.capacity import (
    Crossing,
    crossing,
    growth,
    knee,
    knee_before,
    next_volume,
    queue_growth,
    volume_of_share,
    whole_weeks,
)
from sim.errors import InputError
from sim.records import FLOW_COLUMNS
from sim.units import DAY, WEEK

WEEK_BINS = 168
OCCURRED, NOTICED, SOLVED = (FLOW_COLUMNS.index(n) for n in ("occurred", "noticed", "solved"))


def flow(occurred, solved):
    """A flow table in which everything is noticed at once; the last bin is the one too many."""
    table = np.zeros((len(occurred) + 1, len(FLOW_COLUMNS)), np.int64)
    table[:-1, OCCURRED] = table[:-1, NOTICED] = occurred
    table[:-1, SOLVED] = solved
    return table


def steady(per_hour, solved_per_hour, weeks=6):
    hours = np.ones(weeks * WEEK_BINS, np.int64)
    return flow(per_hour * hours, solved_per_hour * hours)


# --- growth -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("solved", "share"), [(100, 0.0), (90, 0.1), (0, 1.0), (110, -0.1)])
def test_growth_is_the_share_that_is_not_carried(solved, share):
    assert growth(steady(100, solved), steady(100, 100), 0) == pytest.approx(share)


def test_what_also_grows_where_seats_never_run_out_is_no_growth():
    """A run at twice the volume leaves twice the backlog that sleeps in any case."""
    assert growth(steady(200, 180), steady(100, 90), 0) == pytest.approx(0)
    assert growth(steady(200, 160), steady(100, 90), 0) == pytest.approx(0.1)


def test_growth_compares_whole_weeks_after_the_warm_up():
    """Nights, weekends, the warm-up and the days after the last whole week leave no mark."""
    week = np.where(np.arange(WEEK_BINS) % 24 < 12, 20, 0) * (np.arange(WEEK_BINS) < 120)
    occurred = np.tile(week, 6)
    solved = np.roll(occurred, 30)
    noise = np.full(WEEK_BINS, 50)
    before, after = np.concatenate([noise, occurred, noise[:48]]), np.zeros(7 * WEEK_BINS + 48)
    after[WEEK_BINS : 7 * WEEK_BINS] = solved
    nothing = flow(before, before)
    assert growth(flow(before, after.astype(int)), nothing, WEEK) == pytest.approx(0, abs=1e-12)
    shifted = growth(flow(before, after.astype(int)), nothing, WEEK - DAY)
    assert shifted != pytest.approx(0, abs=1e-3)


def test_withdrawn_incidents_are_not_carried():
    run = steady(100, 90)
    run[:-1, FLOW_COLUMNS.index("withdrawn")] = 10
    assert growth(run, steady(100, 100), 0) == pytest.approx(0.1)


@pytest.mark.parametrize(("days", "weeks"), [(13, 1), (14, 2), (42, 6), (48, 6)])
def test_whole_weeks_are_counted_after_the_warm_up(days, weeks):
    assert whole_weeks((days + 3) * 24 + 1, 3 * DAY) == weeks


def test_fewer_than_two_weeks_have_no_growth():
    with pytest.raises(InputError, match="two whole weeks after the warm-up, not 1"):
        growth(steady(1, 1, weeks=2), steady(1, 1, weeks=2), DAY)


def queue_of(arrivals, services, servers):
    """Departures [h] of a first-come queue of so many servers; all arrive in order."""
    free = [0.0] * servers
    left = np.empty(arrivals.size)
    for i, (arrived, takes) in enumerate(zip(arrivals.tolist(), services.tolist())):
        left[i] = max(arrived, heapq.heappop(free)) + takes
        heapq.heappush(free, left[i])
    return left


def counted(arrivals, left, hours):
    def by_hour(times):
        return np.bincount(times[times < hours].astype(int), minlength=hours)

    return flow(by_hour(arrivals), by_hour(left))


def test_a_queue_of_several_servers_carries_what_they_can_do():
    """M/M/4 of 20 an hour each: above 80 an hour a share of 1 - 80 / arrivals piles up.

    Net departures of five weeks of full servers have a relative error of
    1 / sqrt(840 * 80) = 0.4 %; five of them are left room for: an error rate below 1e-6.
    """
    servers, rate, hours, room = 4, 20.0, 6 * WEEK_BINS, 0.02
    draws = np.random.default_rng(7)
    tried = np.array([0.8, 0.9, 1.0, 1.1, 1.3, 1.6])
    base = np.cumsum(draws.exponential(1 / (servers * rate), int(1.7 * hours * servers * rate)))
    services = draws.exponential(1 / rate, base.size)
    reference = counted(base, base + services, hours)
    growths = []
    for volume in tried:
        arrivals = base / volume
        run = counted(arrivals, queue_of(arrivals, services, servers), hours)
        growths.append(growth(run, reference, 0))
    expected = np.maximum(0.0, 1.0 - 1.0 / tried)
    np.testing.assert_allclose(growths, expected, atol=room)
    found = crossing(tried, np.array(growths), 0.05)
    assert found.volume == pytest.approx(1 / 0.95, abs=room)


# --- where it crosses -------------------------------------------------------------------------

VOLUMES = np.array([0.5, 1.0, 1.5, 2.0])


@pytest.mark.parametrize(
    ("growths", "expected"),
    [
        ([0, 0, 0.02, 0.1], Crossing(1.25, 1.0, 1.5)),
        ([0, 0.01, 0.11, 0.2], Crossing(1.0, 1.0, 1.5)),
        ([0.02, 0, 0.01, 0.03], Crossing(1.5, 1.5, 2.0)),  # the last time that it leaves
        ([-0.5, -0.3, 0, 0.01], Crossing(None, 2.0, None)),
        ([0.02, 0.1, 0.2, 0.3], Crossing(None, None, 0.5)),
    ],
)
def test_the_largest_volume_within_the_tolerance(growths, expected):
    assert crossing(VOLUMES, np.array(growths), 0.01) == pytest.approx(expected, nan_ok=True)


def test_a_search_halves_the_gap_around_a_sharp_bend():
    def curve(v):
        return np.maximum(0, v - 1.02)

    volumes = np.array([0.5, 1.0, 2.0])
    for step in range(1, 9):
        volumes = np.sort(np.append(volumes, next_volume(volumes, curve(volumes), 0.01)))
        found, low, high = crossing(volumes, curve(volumes), 0.01)
        assert low <= 1.03 <= high
        assert high - low == 2.0**-step
    assert found == pytest.approx(1.03, abs=1e-3)


@pytest.mark.parametrize("growths", [[0, 0, 0, 0], [1, 1, 1, 1]])
def test_there_is_nothing_to_try_where_the_crossing_lies_outside(growths):
    assert next_volume(VOLUMES, np.array(growths), 0.01) is None


# --- knee -------------------------------------------------------------------------------------


def test_the_knee_of_a_circle_is_where_it_runs_at_45_degrees():
    x = np.linspace(0, 1, 201)
    assert knee(x, 1 - np.sqrt(1 - x * x)) == pytest.approx(math.sqrt(0.5), abs=2e-3)


def test_the_knee_of_a_broken_line_is_its_corner_in_any_unit():
    x, y = np.array([2.0, 3.0, 5.0, 6.0]), np.array([100.0, 110.0, 130.0, 330.0])
    assert knee(x, y) == pytest.approx(5.0, abs=0.1)
    assert knee(10 * x, 7 * y + 3) == pytest.approx(10 * knee(x, y))


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1, 2], [1, 5]),  # too few
        ([1, 2, 3], [3, 2, 1]),  # falls
        ([1, 2, 3], [1, 3, 4]),  # rises fast at first
        ([1, 2, 3], [1, 2, 3]),  # straight
        ([1, 2, 3], [1, np.nan, 3]),
    ],
)
def test_a_curve_without_a_knee_has_none(x, y):
    assert knee(np.array(x), np.array(y)) is None


def test_the_knee_before_an_end_knows_nothing_of_what_comes_after():
    x = np.linspace(0, 2, 401)
    y = np.where(x <= 1, 1 - np.sqrt(np.maximum(0, 1 - x * x)), 1 + 50 * (x - 1))
    assert knee_before(x, y, 1.0) == pytest.approx(math.sqrt(0.5), abs=5e-3)
    assert knee(x, y) == pytest.approx(1.0, abs=0.01)


# --- desks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "volume"), [(0.0, 1.0), (0.01, 1.0), (0.25, 1.0), (0.26, 2.0), (0.5, 2.0), (1, 9.0)]
)
def test_a_share_of_desks_is_full_at_the_volume_of_its_last_one(share, volume):
    assert volume_of_share(np.array([9.0, 2.0, 1.0, 4.0]), share) == volume


def test_no_desk_is_full_where_there_is_none():
    assert volume_of_share(np.zeros(0), 0.1) is None


def test_queues_that_only_wait_for_the_morning_do_not_grow():
    night = np.array([100.0, 100.0])
    high, low = 1.5 * night + np.array([0, 70]), 1.2 * night + np.array([0, 20])
    np.testing.assert_allclose(queue_growth(high, low, night, (1.2, 1.5)), [0, 50], atol=1e-9)

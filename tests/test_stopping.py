"""The replications algorithm on constructed series, and how often its interval holds."""

import math

import numpy as np
import pytest

from analysis.intervals import mean_interval
from analysis.stopping import MET, RUNNING, SPENT, Replications, Target, cumulative, until
from sim.errors import InputError

WIDE = [0.0, 10.0, 5.0, 4.0]
CALM = [5.0] * 200


def states(target, values):
    replications = Replications(target)
    return [replications.add(value) for value in values]


def test_it_stops_where_the_target_is_met_and_stays_met():
    found = states(Target(2.0), WIDE + CALM)
    narrow = [n for n in range(2, 100) if half_width((WIDE + CALM)[:n]) <= 2.0]
    end = next(state for state in found if state.is_done)
    assert end.status == MET
    assert end.enough == narrow[0]
    assert end.n == narrow[0] + 5
    assert (end.mean, end.low, end.high) == mean_interval((WIDE + CALM)[: end.n])
    assert end.half_width == pytest.approx(half_width((WIDE + CALM)[: end.n]))


def half_width(values):
    _, low, high = mean_interval(values)
    return (high - low) / 2


def test_an_interval_that_is_narrow_by_luck_does_not_stop_it():
    lucky = [5.0, 5.0, 5.0, 9.0, 1.0, 8.0, 2.0, *CALM]
    with_look, without = (until(Target(1.0, look_ahead=k), lucky) for k in (5, 0))
    assert (without.n, without.enough) == (3, 3)
    assert with_look.enough > 7
    assert with_look.n == with_look.enough + 5


@pytest.mark.parametrize(("n", "ahead"), [(3, 5), (100, 5), (101, 5), (120, 6), (1000, 50)])
def test_it_looks_further_ahead_beyond_100(n, ahead):
    assert Target(1.0).ahead(n) == ahead


def test_the_look_ahead_of_a_late_end_is_as_long_as_the_rule_says():
    random = np.random.default_rng(3)
    end = until(Target(0.1), iter(random.normal, None))
    assert end.enough > 200
    assert end.n == end.enough + math.floor(5 * end.enough / 100)


def test_the_relative_target_is_a_share_of_the_mean_whatever_its_sign():
    values = [*range(90, 111)] * 20
    for sign in (1, -1):
        end = until(Target(0.01, relative=True), [sign * value for value in values])
        assert end.status == MET
        assert end.half_width <= 0.01 * abs(end.mean)
    about_zero = until(Target(0.01, relative=True, most=50), [1.0, -1.0] * 100)
    assert about_zero.status == SPENT


def test_the_budget_ends_it_and_what_comes_later_is_not_taken():
    found = states(Target(1e-9, most=10), np.arange(30.0))
    assert [state.status for state in found[8:11]] == [RUNNING, SPENT, SPENT]
    assert found[-1] == found[9]
    assert found[-1].n == 10
    assert found[-1].enough is None


def test_a_budget_that_ends_the_look_ahead_says_that_the_target_was_met_for_now():
    end = until(Target(1.0, most=5), CALM)
    assert (end.status, end.enough, end.n) == (SPENT, 3, 5)


def test_a_replication_without_a_value_leaves_nothing_to_be_sure_of():
    end = until(Target(1.0, most=20), [5.0, None, *CALM])
    assert (end.status, end.mean, end.half_width) == (SPENT, None, None)


def test_a_series_that_ends_early_is_still_running():
    assert until(Target(1.0), [1.0, 2.0]).status == RUNNING
    assert until(Target(1.0), []).n == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"half_width": 0},
        {"half_width": math.nan},
        {"level": 1.0},
        {"least": 1},
        {"most": 2},
        {"look_ahead": -1},
    ],
)
def test_a_target_that_makes_no_sense_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(InputError, match=f"{name}: .*; allowed: "):
        Target(**{"half_width": 1.0, **wrong})


def test_cumulative_intervals_are_those_of_each_beginning():
    values = np.random.default_rng(1).normal(1e6, 1.0, 30)
    found = np.array(cumulative(values, 0.9)).T
    for n in range(2, 31):
        assert found[n - 1] == pytest.approx(mean_interval(values[:n].tolist(), 0.9), abs=1e-6)
    assert found[0][0] == values[0]
    assert np.isnan(found[0][1:]).all()

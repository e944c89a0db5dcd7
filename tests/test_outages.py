"""Outages: a keyed Poisson process, the same whenever the horizon starts and under every policy."""

import numpy as np
import pytest
from scipy import stats

from experiments.one_run import simulate
from scenarios.load import load
from sim.levers import OUTAGE_RATE, OUTAGE_TIME
from sim.outages import outage_ticks, with_outages
from sim.units import DAY, HOUR
from tests.both import first_difference
from tests.conftest import TINY, with_mechanism

ERROR = 1e-4
N_DAYS = 4000


def spans(world, rate=0.5, hours=6.0, first_day=9000, n_days=N_DAYS, seed=3):
    """[begin, end) of the outages of a world, i8[n, 2]."""
    world = with_mechanism(world, outage_rate=rate, outage_time=hours * HOUR)
    world = with_outages(world._replace(seed=np.uint64(seed)), first_day, n_days)
    return np.column_stack([world.outage_from, world.outage_to])


def test_outages_begin_as_a_poisson_process_and_last_an_exponential_time(plain):
    """So rare and short that few overlap: what is left out is far below what is tested."""
    table = spans(plain, rate=0.5, hours=0.5)
    begin, length = table[:, 0], np.diff(table, axis=1)[:, 0]
    assert (
        stats.poisson.sf(len(table), 0.5 * N_DAYS)
        > ERROR
        < stats.poisson.cdf(len(table), 0.5 * N_DAYS)
    )
    assert stats.kstest(np.diff(begin) / (2 * DAY), "expon").pvalue > ERROR
    assert stats.kstest(length / (HOUR / 2), "expon").pvalue > ERROR


def test_outages_rise_and_do_not_overlap(plain):
    table = spans(plain, rate=4.0, hours=12.0)  # most of them do
    assert (table[:, 0] < table[:, 1]).all()
    assert (table[1:, 0] > table[:-1, 1]).all()
    down = np.diff(table, axis=1).sum() / (N_DAYS * DAY)
    assert down == pytest.approx(1 - np.exp(-4.0 * 0.5), abs=0.02)  # M/G/inf: some are on


def test_the_outages_of_a_date_are_the_same_whenever_the_horizon_starts(plain):
    early, late = spans(plain, n_days=60), spans(plain, first_day=9020, n_days=40)
    late += 20 * DAY
    np.testing.assert_array_equal(late, early[early[:, 1] > 20 * DAY])
    assert len(late) > 5


def test_another_seed_has_other_outages(plain):
    assert not np.array_equal(spans(plain)[:50], spans(plain, seed=4)[:50])


def test_without_a_rate_a_world_keeps_the_outages_that_it_has(plain):
    stated = plain._replace(outage_from=np.array([5]), outage_to=np.array([9]))
    assert with_outages(stated, 9000, 10) is stated


def test_outage_ticks_are_those_between_two_ticks(plain):
    world = plain._replace(outage_from=np.array([5, 30]), outage_to=np.array([9, 50]))
    assert outage_ticks(world, 0, 100) == 24
    assert outage_ticks(world, 7, 40) == 12
    assert outage_ticks(world, 10, 20) == 0


# --- as a scenario ----------------------------------------------------------------------------

QUICK = (*TINY, "record=visits")


def run(*overrides, seed=1):
    return simulate(load([*QUICK, *overrides]), seed)


@pytest.fixture(scope="module")
def integrated_run():
    return run("policy=integrated")


DOWN = "mechanism.outage.a_year=400", "mechanism.outage.hours=6"


def test_a_platform_that_is_never_down_costs_nothing(integrated_run):
    other = run(
        "policy=integrated", "mechanism.outage.hours=20", "mechanism.outage.re_entry_minutes=50"
    )
    assert first_difference(integrated_run, other) is None
    assert integrated_run.outage_hours == other.outage_hours == 0


def test_a_city_that_shares_nothing_loses_nothing_by_an_outage():
    levers = "policy.levers.shared_data=0", "policy.levers.intake=0.5"
    down = run(*levers, *DOWN)
    assert down.outage_hours > 24
    assert first_difference(run(*levers), down) is None


def test_an_outage_is_paid_for_by_retyping_and_relays_in_proportion_to_what_is_shared(
    integrated_run,
):
    def cost(*overrides):
        done = run("policy=integrated", *overrides, "policy.levers.direct=0.8")
        visits, moves = done.visit_columns, done.incident_columns["handovers"]
        return visits["retyping"].sum(), moves.mean()

    up, down, dear = cost(), cost(*DOWN), cost(*DOWN, "mechanism.outage.re_entry_minutes=30")
    assert up[0] < down[0] < dear[0]
    assert up[1] < down[1]


def test_outages_are_the_same_under_every_policy():
    hours = {run(f"policy={name}", *DOWN).outage_hours for name in ("siloed", "integrated")}
    assert len(hours) == 1
    assert hours.pop() > 24


def test_the_settings_say_how_often_and_how_long():
    mechanism = load([*TINY, *DOWN]).world.mechanism
    assert mechanism[OUTAGE_RATE] * 365.25 == pytest.approx(400)
    assert mechanism[OUTAGE_TIME] == 6 * HOUR


def test_staff_is_planned_for_a_platform_that_is_up(integrated):
    down = load([*TINY, "policy=integrated", *DOWN])
    assert down.paid_hours == integrated.paid_hours
    np.testing.assert_array_equal(down.seats, integrated.seats)


def test_desks_that_relay_only_in_an_outage_have_seats():
    levers = "policy=integrated", "policy.levers.direct=1"
    always, down = load([*TINY, *levers]), load([*TINY, *levers, *DOWN])
    assert (down.policy.used & ~always.policy.used).any()
    assert not (always.policy.used & ~down.policy.used).any()
    assert (down.seats[down.policy.used].sum(axis=1) > 0).all()

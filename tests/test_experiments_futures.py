"""Futures: plans from settings, one past, and what is refused."""

import numpy as np
import pytest

from experiments import futures
from experiments.futures import alike, chosen, fork_day, looks, named, plans, simulate_futures
from experiments.one_run import simulate
from experiments.rollout import _forked
from scenarios.load import load
from sim.errors import InputError
from sim.units import DAY
from tests.both import first_difference
from tests.conftest import TINY

SEED = 7
FORK = "2024-10-20"  # day 6 of the short horizon: within the follow-up's first days
TWO = "rollout.only=[nobody,quarters]"


def loaded(*overrides):
    return load(_forked([*TINY, "record=visits", *overrides]))


@pytest.fixture(scope="module")
def p():
    return loaded(TWO, f"rollout.fork={FORK}")


# --- plans ------------------------------------------------------------------------------------


def test_a_plan_counts_its_days_from_the_fork(p):
    found = plans(p)
    assert list(found) == ["nobody", "quarters"]
    waves = found["quarters"].settings.policy.rollout.waves
    assert [wave["from"] for wave in waves] == [
        FORK,
        FORK,
        "2024-10-27",
        "2024-11-03",
        "2024-11-10",
    ]
    assert found["quarters"].settings.policy.rollout.city_from == "2024-10-27"


def test_every_plan_has_the_fork_among_its_dates_and_knows_the_same_policies(p):
    for parameters in plans(p).values():
        assert 6 * DAY in parameters.rollout.dates
        assert [policy.name for policy in parameters.rollout.policies] == ["siloed", "integrated"]


def test_changes_of_the_past_hold_in_every_future_and_forks_agree_with_whole_runs():
    changes = "policy.rollout.changes=[{from: '2024-10-18 09:00', levers: {merging: 0.9}}]"
    p = loaded(TWO, f"rollout.fork={FORK}", changes)
    for name, parameters in plans(p).items():
        (change,) = parameters.settings.policy.rollout.changes
        assert change["levers"] == {"merging": 0.9}, name
    found = futures.checked(p, 1)
    assert found["nobody|metric|same"] == found["quarters|metric|same"] == 1


def test_the_fork_is_the_cohorts_first_day_unless_it_is_stated():
    assert fork_day(load(TINY).settings) == load(TINY).settings.horizon.warmup_days
    assert fork_day(load([*TINY, f"rollout.fork={FORK}"]).settings) == 6


def test_policies_are_named_once_in_the_order_of_plans():
    given = "{a: {to: paper, waves: [{after: 0, share: 0.5, to: integrated}]}, b: {to: paper}}"
    settings = load([*TINY, f"++rollout.futures={given}", "rollout.only=[b,a]"]).settings
    assert named(chosen(settings.rollout)) == ["paper", "integrated"]
    waves = looks(settings, ["paper"])
    assert waves == [{"from": "2024-10-17", "share": 0, "to": "paper"}]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["rollout.only=[nobody,some]"], r"rollout\.only: 'some'; allowed: nobody, all_at_once"),
        (["rollout.only=[nobody,nobody]"], r"rollout\.only: .*; allowed: different names"),
        (["rollout.fork=2024-10-14"], r"rollout\.fork: 2024-10-14; allowed: a date from"),
        (["rollout.fork=soon"], r"rollout\.fork: soon; allowed: a date from"),
        (["rollout.futures={a: {waves: [{after: 0, share: 1}]}}"], r"waves\[0\]\.to: no value is"),
        (["rollout.futures={a: {to: paper, waves: [{after: -1, share: 1}]}}"],
         r"futures\.a\.waves\[0\]\.after: -1; allowed: whole days after the fork, from 0"),
        (["rollout.futures={a: {to: paper, waves: [{from: 0, share: 1}]}}"], r"waves\[0\].*after"),
        (["rollout.futures={a: {city_after: 3}}"], r"a\.city_after: 3; not allowed: .*\.to is not"),
        (["rollout.futures={a: {city_after: -3}}"], r"city_after"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_is_refused(overrides, message):
    with pytest.raises(InputError, match=message):
        plans(loaded(*overrides))


# --- one past ---------------------------------------------------------------------------------


def test_a_fork_gives_what_its_own_run_from_the_beginning_gives(p):
    both = plans(p)
    forked = dict(simulate_futures(both, 6, SEED))
    full = {name: simulate(parameters, SEED) for name, parameters in both.items()}
    for name in both:
        assert first_difference(forked[name], full[name]) is None
        assert forked[name].metrics() == full[name].metrics()
    assert first_difference(full["nobody"], full["quarters"]) is not None


def test_a_future_in_which_nobody_goes_over_is_the_pasts_policy(p):
    """But for the looks at its date, which are counted and change nothing."""
    plain = simulate(load([*TINY, "record=visits"]), SEED)
    _, run = next(simulate_futures(plans(p), 6, SEED))
    assert run.metrics() == plain.metrics()
    np.testing.assert_array_equal(run.visit_columns["ended"], plain.visit_columns["ended"])


def test_the_progress_tells_of_all_that_is_to_be_run(p):
    told = []
    list(simulate_futures(plans(p), 6, SEED, told.append))
    assert told == sorted(told)
    assert told[-1] == 1.0
    days = p.n_days
    assert told[0] <= 6 / (6 + 2 * (days - 6))


def test_the_simpy_clock_cannot_fork():
    with pytest.raises(InputError, match=r"clock: simpy; allowed where futures fork: compiled"):
        next(simulate_futures(plans(loaded("clock=simpy")), 3, SEED))


@pytest.mark.parametrize("field", ["seats", "lever", "regime"])
def test_worlds_that_differ_before_the_fork_are_refused(p, field):
    both = plans(p)
    worlds = {name: parameters.world for name, parameters in both.items()}
    other = worlds["quarters"]
    worlds["quarters"] = other._replace(**{field: getattr(other, field) + 1})
    with pytest.raises(InputError, match=f"not alike before the fork: {field}"):
        alike(both, worlds, 6 * DAY)


def test_a_plan_without_the_date_is_refused(p):
    both = plans(p)
    worlds = {name: parameters.world for name, parameters in both.items()}
    with pytest.raises(InputError, match="the fork is not among its dates"):
        alike(both, worlds, 5 * DAY)


def test_plans_that_differ_in_what_is_before_the_fork_are_refused(p):
    both, day = plans(p), 13
    world = both["quarters"].world
    assert (world.switch == day * DAY).any()
    sooner = np.where(world.switch == day * DAY, 5 * DAY, world.switch)
    alike(both, {"nobody": world, "quarters": world}, day * DAY)
    with pytest.raises(InputError, match="not alike before the fork: switch"):
        alike(both, {"nobody": world, "quarters": world._replace(switch=sooner)}, day * DAY)


# --- measures ---------------------------------------------------------------------------------


def test_what_is_kept_of_a_run_by_day_and_district(p):
    _, run = next(simulate_futures(plans(p), 6, SEED))
    kept = futures._kept(run)
    solved = [kept["solved", str(day)] for day in range(p.n_days)]
    assert sum(solved) == run.flow[:, 3].sum()
    last = run.flow.sum(axis=0)
    noticed, ended, withdrawn, renewed = last[1], last[3], last[6], last[7]
    assert kept["open", str(p.n_days - 1)] == noticed - ended - withdrawn + renewed
    by_district = run.reducer.breakdown("district")["mean_latency_hours"]
    assert kept["district", "0"] == by_district[0]
    assert kept["metric", "incidents"] == run.outcome.drawn


def test_a_check_finds_a_fork_that_went_another_way(p, monkeypatch):
    found = futures.checked(p, SEED)
    assert found["nobody|metric|same"] == found["quarters|metric|same"] == 1
    monkeypatch.setattr(
        futures, "simulate", lambda parameters, seed: simulate(parameters, seed + 1)
    )
    assert futures.checked(p, SEED)["nobody|metric|same"] == 0

"""The shipped hybrids: each composes, builds and runs, and takes over what it says and no more."""

import warnings
from functools import cache

import numpy as np
import pytest

from experiments.one_run import simulate
from scenarios.load import CONF, load
from sim import codes
from sim.levers import LEVERS
from sim.units import DAY

HYBRIDS = sorted(f"hybrid/{path.stem}" for path in (CONF / "policy/hybrid").glob("*.yaml"))
QUICK = ("city=tiny", "horizon=short", "staff.pilot_incidents=4000")
TAKEN = {  # levers that are as in integration, of those in which it differs from the silos
    "one_screen": {"shared_data", "sensing"},
    "one_key": {"direct", "dual"},
    "carried_through": {"first_receiver", "return_limit", "joint", "whistle"},
    "at_a_glance": {"verification", "supervision", "reminder", "criticism"},
    "joint_only": {"joint"},
    "merging_only": {"merging"},
    "hub": set(),
}
STAGES = {"at_a_glance": "verify", "hub": "judge"}  # rows of the stage table, likewise
ROLLOUTS = {"rollout_5_years", "rollout_core", "rollout_waves"}


@cache
def parameters(policy, *overrides):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "policy .* are offered more work")
        p = load([*QUICK, f"policy={policy}", *overrides])
        _ = p.world
        return p


def levers(policy):
    return dict(zip(LEVERS, parameters(policy).policy.lever.tolist(), strict=True))


def stages(policy):
    return parameters(policy).settings.policy.stages


def test_every_hybrid_is_looked_at_here():
    assert set(HYBRIDS) == {f"hybrid/{name}" for name in {*TAKEN, *ROLLOUTS, "half", "water"}}


@pytest.mark.parametrize("policy", HYBRIDS)
def test_every_hybrid_runs_for_the_same_paid_hours(policy):
    p, siloed = parameters(policy), parameters("siloed")
    assert p.policy.name == p.settings.policy.name == policy
    assert p.paid_hours == siloed.paid_hours
    metrics = simulate(p, 3).metrics()
    assert metrics["incidents"] == simulate(siloed, 3).metrics()["incidents"] > 1000
    assert 0 < metrics["closure_latency_mean_hours"] < p.restrict / 3600


def test_half_lies_midway_lever_by_lever():
    half, siloed, integrated = map(levers, ("hybrid/half", "siloed", "integrated"))
    for name in LEVERS:
        assert half[name] == pytest.approx((siloed[name] + integrated[name]) / 2), name
    assert stages("hybrid/half") == stages("siloed")
    assert sum(siloed[name] < half[name] < integrated[name] for name in LEVERS) > 5


@pytest.mark.parametrize("name", TAKEN)
def test_a_hybrid_takes_over_from_integration_what_it_says(name):
    own, siloed, integrated = map(levers, (f"hybrid/{name}", "siloed", "integrated"))
    assert {each for each in LEVERS if own[each] != siloed[each]} == TAKEN[name]
    assert all(own[each] == integrated[each] for each in TAKEN[name])
    rows, before = stages(f"hybrid/{name}"), stages("siloed")
    assert {each for each in rows if rows[each] != before[each]} == {STAGES.get(name)} - {None}
    after = stages("integrated").get(STAGES.get(name))
    assert after is None or rows[STAGES[name]] == after


def test_without_relays_less_is_handed_over_and_central_judges_leave_them():
    """Direct dispatch ends the relays; a hub that judges centrally keeps them."""
    relayed = {}
    for policy in ("siloed", "hybrid/one_key", "hybrid/hub"):
        visits = simulate(parameters(policy, "record=visits"), 3).visit_columns
        relayed[policy] = (visits["stage"] == codes.DISPATCH).sum()
    assert relayed["hybrid/one_key"] < 0.2 * relayed["siloed"]
    assert relayed["hybrid/hub"] > 0.2 * relayed["siloed"]


# --- rollouts ---------------------------------------------------------------------------------


def rollout(name, *overrides):
    return load([f"policy=hybrid/{name}", *overrides])


def test_the_pilot_is_the_core_districts_and_not_the_citys_own():
    p = rollout("rollout_core")
    gone = p.rollout.first[:-1] > 0
    np.testing.assert_array_equal(gone, np.array(p.city.district_zone) == "core")
    assert p.rollout.first[-1] == 0
    assert p.rollout.dates == []


def test_the_waves_are_a_quarter_of_the_districts_each_and_all_in_the_end():
    p = rollout("rollout_waves")
    dates = p.rollout.dates
    assert [date // DAY for date in dates] == [14, 28, 42, 56]
    gone = [(p.rollout.since(date).first[:-1] > 0).sum() for date in dates]
    assert [round(n / p.city.n_districts, 1) for n in gone] == [0.2, 0.5, 0.8, 1.0]
    assert (p.rollout.later > 0).all()


@pytest.mark.parametrize(
    ("start", "share", "own"),
    [("2024-10-14", 0, 0), ("2025-06-02", 0.25, 1), ("2026-10-12", 0.25, 1)],
)
def test_five_years_show_the_stage_at_the_start_of_the_run(start, share, own):
    p = rollout("rollout_5_years", f"horizon.start={start}", "horizon=short")
    assert (p.rollout.first[:-1] > 0).sum() == round(share * p.city.n_districts)
    assert p.rollout.first[-1] == own

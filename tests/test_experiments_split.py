"""What splits a difference: unlimited seats, the control, other staff, numbers set equal."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from analysis.account import CATEGORIES
from analysis.split import ASSUMED, BASE, CONTROL, TOTAL, UNLIMITED
from experiments import simulate, split
from experiments.compare import replicate
from scenarios import staff
from scenarios.load import load, load_policies
from scenarios.parameters import Parameters
from sim.calendar import segment_at
from sim.errors import InputError
from sim.records import VISIT_COLUMNS
from tests.conftest import TINY

pytestmark = pytest.mark.usefixtures("undrawn")

BUSY = (*TINY, "city.weight=60", "split.replications=2", "replications=2")


def busy(*changes):
    return load_policies([*BUSY, *changes])


@pytest.fixture(scope="module")
def policies():
    return busy("policies=[siloed,integrated]", "record=visits")


@pytest.fixture(scope="module")
def plan(policies):
    return split.plan(policies)


def changed(parameters, **policy):
    """The same under a policy with other settings."""
    return parameters.sibling(dataclasses.replace(parameters.settings.policy, **policy))


def run_all(policies):
    """Samples of a comparison, and its plan."""
    plan = split.plan(policies)
    runs, further = replicate(policies, plan.cases)
    base = {name: [r.categories for r in reps] for name, reps in runs.items()}
    return split.samples(base, plan, further), plan


# --- unlimited seats --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["siloed", "integrated"])
def test_with_unlimited_seats_nobody_waits_at_an_open_desk(policies, name):
    p = policies[name]
    world, visits = p.world, simulate(p.unlimited(), 1).visit_columns
    assert list(visits) == list(VISIT_COLUMNS)
    joined_open, waited = [], []
    for desk, joined, started in zip(visits["desk"], visits["joined"], visits["started"]):
        i = segment_at(world.cal, world.desk_opening[desk], joined)
        joined_open.append(i >= 0)
        waited.append(started > joined)
    joined_open, waited = np.array(joined_open), np.array(waited)
    assert joined_open.any()
    assert not (joined_open & waited).any()
    assert waited[~joined_open].all()  # closed desks stay closed
    in_base = simulate(p, 1).visit_columns
    assert (in_base["started"] > in_base["joined"]).mean() > waited.mean()


@pytest.mark.parametrize("name", ["siloed", "integrated"])
@pytest.mark.parametrize(
    "changes", [(), ("mechanism.hotline.patience_minutes=2", "stream.volume=2")]
)
def test_the_cohort_alone_has_the_same_categories_as_all_incidents(name, changes):
    p = load([*BUSY, f"policy={name}", *changes])
    alone, among = (simulate(p.unlimited(), 5, cohort_only=only) for only in (True, False))
    assert alone.reducer.category_ticks() == among.reducer.category_ticks()
    assert alone.reducer.time_account() == among.reducer.time_account()
    assert alone.outcome.drawn < among.outcome.drawn
    assert alone.incidents.equals(among.incidents)
    assert among.reducer.category_ticks() != simulate(p, 5).reducer.category_ticks()


def test_full_lines_would_make_incidents_meet_so_lines_are_unlimited_too():
    scarce = {"lines": 1, "patience_minutes": 1, "redial": 0.5, "redial_minutes": 10}
    p = load([*BUSY, *(f"mechanism.hotline.{name}={x}" for name, x in scarce.items())])
    assert simulate(p, 5).outcome.blocked.sum() > 0
    alone, among = (simulate(p.unlimited(), 5, cohort_only=only) for only in (True, False))
    assert among.outcome.blocked.sum() == 0
    assert alone.reducer.category_ticks() == among.reducer.category_ticks()


def test_batches_that_leave_by_size_need_all_incidents(policies):
    p = changed(policies["siloed"], release_size=4)
    case = split.Case(UNLIMITED, "siloed", p, 1)
    among, alone = (simulate(p.unlimited(), 5, cohort_only=only) for only in (False, True))
    assert split.run_case(case, 5) == among.reducer.categories() != alone.reducer.categories()


def test_where_no_desk_ever_has_a_queue_there_is_nothing_to_find():
    p = load([*TINY, "stream.volume=0.001"])
    assert split.run_case(split.Case(UNLIMITED, "siloed", p, 1), 2) == (
        simulate(p, 2).reducer.categories()
    )


# --- the other settings -----------------------------------------------------------------------


def test_the_control_sets_delay_and_sensing_alike_and_nothing_else(policies):
    first, other = policies.values()
    for p in (first, other):
        before, after = p.settings.policy, split.controlled(p, first).settings.policy
        assert (after.release, after.release_size) == ("none", 0)
        assert after.levers.sensing == first.settings.policy.levers.sensing
        again = dataclasses.replace(
            after,
            release=before.release,
            release_size=before.release_size,
            levers=dataclasses.replace(after.levers, sensing=before.levers.sensing),
        )
        assert again == before
    assert split.controlled(split.controlled(other, first), first).settings.policy == (
        split.controlled(other, first).settings.policy
    )


@pytest.mark.filterwarnings("ignore:policy 'integrated'.*offered more work")
def test_other_staff_shares_the_measured_load(policies, monkeypatch):
    def measure(*_):
        raise AssertionError("the load is measured again")

    for p in policies.values():
        _ = p.seats  # measured here, whatever has run before
    monkeypatch.setattr(staff, "measure", measure)
    for p in policies.values():
        fewer, more = p.staffed(0.9), p.staffed(0.5)
        assert fewer.seats.sum() < p.seats.sum() < more.seats.sum()
        assert fewer.paid_hours < p.paid_hours < more.paid_hours
        assert fewer.load is p.load


def test_other_staff_is_what_it_would_be_by_itself(policies):
    alone = load([*BUSY, "policy=integrated", "staff.target_utilisation=0.6"])
    variant = policies["integrated"].staffed(0.6)
    np.testing.assert_array_equal(variant.seats, alone.seats)
    assert simulate(variant, 1).metrics() == simulate(alone, 1).metrics()


def test_assumed_numbers_are_set_and_structure_stays(policies, plan):
    first, other = (p.settings.policy for p in policies.values())
    (case,) = (c for c in plan.cases if c.setting == ASSUMED)
    assumed, others = plan.differing["integrated"]
    after = case.parameters.settings.policy
    assert (case.policy, others) == ("integrated", [])
    assert {"policy.levers.joint", "policy.levers.return_limit"} <= set(assumed)
    assert "policy.levers.refusal" not in assumed
    assert after.levers == first.levers  # all of its numbers are assumed
    assert dataclasses.replace(after, levers=other.levers) == other


def test_numbers_that_are_equal_already_leave_the_policy_itself(policies):
    p = policies["siloed"]
    twin = p.sibling(dataclasses.replace(p.settings.policy, name="twin"))
    keys = ["policy.levers.joint", "policy.release_size"]
    assert split.with_numbers(twin, p, keys) is twin
    assert split.with_numbers(twin, policies["integrated"], keys) is not twin


# --- the plan ---------------------------------------------------------------------------------


def test_the_plan_has_every_setting_and_runs_nothing_twice(plan, policies):
    assert list(plan.settings) == [
        CONTROL, "utilisation 0.6", "utilisation 0.95", ASSUMED, UNLIMITED
    ]  # fmt: skip
    assert set(plan.settings.values()) == {2}
    pairs = [(case.setting, case.policy) for case in plan.cases]
    assert len(set(pairs)) == len(pairs) == 2 * 5 - 1
    assert (ASSUMED, "siloed") not in pairs
    assert all("offered more work" in note for note in plan.notes)


@pytest.mark.parametrize(
    "changes",
    [("split=none",), ("policies=[siloed]",), ("horizon.followup_days=0",)],
)
def test_there_is_nothing_to_run_besides(changes):
    p = busy(*changes)
    assert split.plan(p) == split.Plan()


def test_parts_replications_and_targets_are_settings():
    p = busy("split.parts=[utilisation]", "split.target_utilisations=[0.7,0.8]", "replications=9")
    plan = split.plan(p)
    assert plan.settings == {"utilisation 0.7": 2}
    stated = [*BUSY, "staff.place=stated", "split.parts=[utilisation]"]
    assert split.plan(dict.fromkeys("ab", load(stated))).settings == {}


def test_a_setting_that_cannot_be_built_is_left_out_and_told_of(policies, monkeypatch):
    def refuse(parameters, target_utilisation):
        raise InputError(f"staff: too few for {target_utilisation:g}")

    monkeypatch.setattr(Parameters, "staffed", refuse)
    plan = split.plan(policies)
    assert list(plan.settings) == [CONTROL, ASSUMED, UNLIMITED]
    assert "utilisation 0.95: left out; staff: too few for 0.95" in plan.notes


# --- what came of it --------------------------------------------------------------------------


def test_arithmetic_and_found_are_the_whole_difference(policies, tmp_path):
    samples, plan = run_all(policies)
    found = split.summary(samples, plan, [])["policies"]["integrated"]
    whole = found["settings"][BASE][TOTAL]["difference"]["mean"]
    arithmetic = found["settings"][UNLIMITED][TOTAL]["difference"]["mean"]
    assert arithmetic + found["found"][TOTAL]["mean"] == pytest.approx(whole)
    assert found["found"]["waiting"]["mean"] != 0
    assert found["found"]["sensing"]["mean"] == 0  # nobody notices sooner for want of a seat
    metric = [simulate(p, 1_000_000).summary() for p in policies.values()]
    for name, measures in zip(policies, metric):
        assert samples[BASE][name][0].sum() == pytest.approx(
            measures["closure_latency_mean_hours"], rel=1e-12
        )
    split.write(tmp_path / "split.parquet", samples)
    table = pd.read_parquet(tmp_path / "split.parquet")
    assert list(table.columns) == ["policy", "replication", "setting", "category", "hours"]
    assert len(table) == 2 * 2 * len(samples) * len(CATEGORIES)
    again = table[table.setting == ASSUMED].groupby(["policy", "replication"]).hours.sum()
    np.testing.assert_allclose(again["siloed"], samples[BASE]["siloed"].sum(axis=1))


def test_a_policy_compared_with_itself_differs_nowhere():
    p = load([*BUSY, "split.parts=[unlimited,control,utilisation]"])
    twin = p.sibling(dataclasses.replace(p.settings.policy, name="twin"))
    samples, plan = run_all({"siloed": p, "twin": twin})
    found = split.summary(samples, plan, [])["policies"]["twin"]
    assert len(found["settings"]) == 5
    nothing = {"mean": 0.0, "ci95": [0.0, 0.0]}
    for rows in found["settings"].values():
        assert all(entries["difference"] == nothing for entries in rows.values())
        assert rows[TOTAL]["twin"]["mean"] > 0
    assert all(entry == nothing for entry in found["found"].values())


def test_one_district_and_its_background_are_split_as_well():
    samples, plan = run_all(busy("city.district=B"))
    found = split.summary(samples, plan, [])["policies"]["integrated"]
    assert len(found["settings"]) == 6
    assert found["settings"][BASE][TOTAL]["difference"]["mean"] < 0

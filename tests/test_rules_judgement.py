"""Judgement names tier and unit, rightly with the accuracy of one logit sum, or wrongly."""

import math

import numpy as np
import pytest

from sim import rows
from sim.codes import CITY, DISTRICT, GRID, JUDGE, NONE, TOWNSHIP
from sim.rules.judgement import accuracy, judge, right_unit, units_at
from sim.world import world_handle
from tests.conftest import changed, incident_row, task_row, with_lever, with_mechanism

NUISANCE = 1  # led by the police (1); the third board of a township
LOGITS = {"shared_logit": 0.7, "centre_logit": 0.4, "distance_logit": 0.6}


def nuisance(**columns):
    return incident_row(kind=NUISANCE, **columns)


@pytest.fixture(scope="module")
def world(plain):
    """Judgement by chance, its numbers away from nought."""
    return with_mechanism(changed(plain, clarity=0.5, locality=0.5), **LOGITS)


# --- accuracy ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shared", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("judged_at", range(4))
@pytest.mark.parametrize("true_tier", range(4))
def test_accuracy_is_one_logit_sum(world, shared, judged_at, true_tier):
    w = world_handle(with_lever(world, shared_data=shared))
    centre = 0.4 * shared if judged_at in (CITY, DISTRICT) else 0.0
    logit = 0.5 + 0.7 * shared + centre - 0.6 * 0.5 * abs(judged_at - true_tier)
    expected = 1 / (1 + math.exp(-logit))
    assert accuracy(w, nuisance(tier=true_tier), judged_at) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("judged_at", range(4))
def test_accuracy_rises_with_shared_data(world, judged_at):
    found = [
        accuracy(world_handle(with_lever(world, shared_data=s)), nuisance(tier=TOWNSHIP), judged_at)
        for s in np.linspace(0, 1, 6)
    ]
    assert (np.diff(found) > 0).all()


def test_accuracy_falls_with_distance_for_local_kinds_only(world):
    w = world_handle(changed(world, locality=(0.0, 0.5, 1.0, 0.0)))
    by_distance = [
        [accuracy(w, incident_row(kind=kind, tier=GRID), tier) for tier in (GRID, TOWNSHIP)]
        for kind in range(4)
    ]
    found = np.diff(by_distance)[:, 0]
    assert found[0] == found[3] == 0
    assert found[2] < found[1] < 0
    far = [accuracy(w, incident_row(kind=2, tier=tier), CITY) for tier in range(4)]
    assert (np.diff(far) < 0).all()


def test_judgements_are_right_as_often_as_their_accuracy(world):
    """2000 judgements, within 4 standard deviations: one failure in 16,000."""
    w = world_handle(world)
    right = 0
    for key in range(2000):
        task = task_row()
        judge(w, nuisance(key=key), task, DISTRICT)
        right += task[rows.T_RIGHT]
    p = accuracy(w, nuisance(), DISTRICT)
    assert abs(right - 2000 * p) < 4 * np.sqrt(2000 * p * (1 - p))


# --- right ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tier", "n"), [(CITY, 4), (DISTRICT, 4), (TOWNSHIP, 4), (GRID, 1)])
def test_units_that_can_be_named(plain, tier, n):
    assert units_at(world_handle(plain), tier) == n


@pytest.mark.parametrize(("tier", "unit"), [(CITY, 1), (DISTRICT, 1), (TOWNSHIP, 3), (GRID, 0)])
def test_a_right_judgement_names_tier_and_unit_of_the_kind(plain, tier, unit):
    w, inc, task = world_handle(plain), nuisance(tier=tier), task_row(right=0)
    assert right_unit(w, inc, tier) == unit
    judge(w, inc, task, DISTRICT)
    assert task[[rows.T_TIER, rows.T_UNIT, rows.T_RIGHT]].tolist() == [tier, unit, 1]
    assert inc[rows.I_WRONG] == 0


# --- wrong ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wrong(plain):
    """A world in which every judgement is wrong."""
    return changed(plain, clarity=-50.0)


def named(world, n=300, report=0, **columns):
    """(tier, unit) of n judgements, each of which must be wrong."""
    w, found = world_handle(world), []
    for key in range(n):
        inc, task = nuisance(key=key, **columns), task_row(report=report)
        judge(w, inc, task, DISTRICT)
        assert task[rows.T_RIGHT] == 0
        assert inc[rows.I_WRONG] == (1 if report == 0 else 0)
        found.append((int(task[rows.T_TIER]), int(task[rows.T_UNIT])))
    return found


@pytest.mark.parametrize(("tier", "right"), [(CITY, 1), (DISTRICT, 1), (TOWNSHIP, 3)])
def test_a_wrong_unit_is_any_but_the_right_one_of_the_tier(wrong, tier, right):
    found = named(with_mechanism(wrong, wrong_tier=0.0), tier=tier)
    assert set(found) == {(tier, unit) for unit in range(4) if unit != right}
    counts = np.bincount([unit for _, unit in found], minlength=4)
    assert counts[np.arange(4) != right].min() > 65  # a third of 300, less 4.3 deviations


@pytest.mark.parametrize(
    ("tier", "named_tiers"),
    [
        (CITY, {(DISTRICT, 1)}),
        (DISTRICT, {(CITY, 1), (TOWNSHIP, 3)}),
        (TOWNSHIP, {(DISTRICT, 1), (GRID, 0)}),
        (GRID, {(TOWNSHIP, 3)}),
    ],
)
def test_a_wrong_tier_is_the_next_one_up_or_down(wrong, tier, named_tiers):
    assert set(named(with_mechanism(wrong, wrong_tier=1.0), tier=tier)) == named_tiers


def test_at_a_grid_only_the_tier_can_be_wrong(wrong):
    assert set(named(with_mechanism(wrong, wrong_tier=0.0), tier=GRID)) == {(TOWNSHIP, 3)}


def test_a_wrong_judgement_of_a_further_report_is_not_the_incidents(wrong):
    assert len(set(named(wrong, report=2, tier=DISTRICT))) > 1


def test_each_attempt_is_a_judgement_of_its_own(wrong):
    w = world_handle(with_mechanism(wrong, wrong_tier=0.5))
    found = set()
    for attempt in range(30):
        task = task_row(done={JUDGE: attempt})
        judge(w, nuisance(tier=DISTRICT), task, DISTRICT)
        found.add((int(task[rows.T_TIER]), int(task[rows.T_UNIT])))
    assert len(found) == 5  # two tiers beside the right one, three units


# --- those who name the right desk for certain ------------------------------------------------


def test_without_a_judge_the_rule_book_is_right(wrong):
    inc, task = nuisance(tier=DISTRICT), task_row()
    judge(world_handle(wrong), inc, task, NONE)
    assert task[[rows.T_TIER, rows.T_UNIT, rows.T_RIGHT]].tolist() == [DISTRICT, 1, 1]


@pytest.mark.parametrize(
    ("limit", "returns", "right"), [(2, 0, 0), (2, 1, 0), (2, 2, 1), (2, 3, 1), (0, 50, 0)]
)
def test_after_the_permitted_returns_the_parent_designates_rightly(wrong, limit, returns, right):
    w = world_handle(with_lever(wrong, return_limit=limit))
    task = task_row()
    judge(w, nuisance(tier=DISTRICT, returns=returns), task, DISTRICT)
    assert task[rows.T_RIGHT] == right

"""Growth of severity: when the timer is set, what it does when it ends, what that costs."""

import numpy as np
import pytest
from scipy import stats

from sim import codes, rows
from sim.codes import DEPARTMENT, DISPOSE, DISTRICT, GRADE_I, GRADE_II, GRADE_III, GRADE_IV, SIGN
from sim.draws import OF_BACKGROUND, OF_FALSE_ALARM, OF_INCIDENT
from sim.durations import EXPONENTIAL, quantile_row
from sim.rules.growth import worsen, worsens_in
from sim.rules.work import take_up
from sim.units import HOUR, NEVER
from sim.world import world_handle
from tests.conftest import MONDAY_9, changed, incident_row, task_row, visited, with_mechanism

ERROR = 1e-4
N = 2000


@pytest.fixture(scope="module")
def world(plain):
    """Every kind is a grade graver after an hour unattended."""
    return changed(with_mechanism(plain, growth_rate=1.0), growth_mean=HOUR)


# --- the timer --------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [codes.UNSEEN, codes.OPEN, codes.ASLEEP, codes.WITHDRAWN])
def test_what_nobody_disposes_of_has_one_timer(world, state):
    inc, w = incident_row(state=state), world_handle(world)
    assert (worsens_in(w, inc), inc[rows.I_WORSENS]) == (HOUR, 1)
    assert worsens_in(w, inc) == NEVER  # the first is still to end


def test_a_rate_of_two_halves_the_time(world):
    w = world_handle(with_mechanism(world, growth_rate=2.0))
    assert worsens_in(w, incident_row()) == HOUR // 2


@pytest.mark.parametrize(
    "columns",
    [
        {"severity": GRADE_I},
        {"begun": 1},
        {"state": codes.SOLVED},
        {"entity": OF_FALSE_ALARM},
        {"entity": OF_BACKGROUND},
    ],
)
def test_what_cannot_grow_has_no_timer(world, columns):
    inc = incident_row(**columns)
    assert (worsens_in(world_handle(world), inc), inc[rows.I_WORSENS]) == (NEVER, 0)


@pytest.mark.parametrize("off", [{"growth_mean": float(NEVER)}, {"mechanism": 0.0}])
def test_nothing_grows_where_it_is_switched_off(world, off):
    inc = incident_row()
    assert (worsens_in(world_handle(changed(world, **off)), inc), inc[rows.I_WORSENS]) == (NEVER, 0)


def test_the_time_is_exponential_and_drawn_anew_for_each_grade_and_false_closing(world):
    """Kolmogorov and Smirnov's test for each timer; no two of them go together."""
    curve = np.array([quantile_row(EXPONENTIAL, 1.0)])
    w = world_handle(changed(world, quantile=np.repeat(curve, len(world.quantile), axis=0)))
    names = [{}, {"growths": 1}, {"growths": 1, "false": 1}]
    found = np.array([
        [worsens_in(w, incident_row(key=key, **columns)) for key in range(N)] for columns in names
    ])  # fmt: skip
    for ticks in found:
        assert stats.kstest(ticks, stats.expon(scale=HOUR).cdf).pvalue > ERROR / len(names)
    correlated = np.corrcoef(found)[np.triu_indices(len(names), 1)]
    assert np.abs(correlated).max() < stats.norm.isf(ERROR / 6) / np.sqrt(N)


# --- what happens when it ends ----------------------------------------------------------------


@pytest.mark.parametrize("before", [GRADE_IV, GRADE_III, GRADE_II])
def test_it_is_a_grade_graver_and_what_it_was_at_first_stays(world, before):
    inc = incident_row(severity=before, limit=MONDAY_9, worsens=1)
    assert worsen(world_handle(world), inc)
    assert (inc[rows.I_GRADE], inc[rows.I_GROWTHS], inc[rows.I_WORSENS]) == (before - 1, 1, 0)
    assert (inc[rows.I_SEVERITY], inc[rows.I_LIMIT]) == (before, MONDAY_9)
    assert inc[rows.I_TIER] == codes.TOWNSHIP


@pytest.mark.parametrize("columns", [{"begun": 1}, {"state": codes.SOLVED}])
def test_a_timer_that_ends_after_a_disposal_has_begun_is_spent(world, columns):
    inc = incident_row(worsens=1, **columns)
    assert not worsen(world_handle(world), inc)
    assert (inc[rows.I_GRADE], inc[rows.I_GROWTHS], inc[rows.I_WORSENS]) == (GRADE_IV, 0, 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [(codes.GRID, codes.TOWNSHIP), (codes.DISTRICT, codes.CITY), (codes.CITY, codes.CITY)],
)
def test_a_grade_may_take_one_tier_more_but_none_above_the_city(world, before, after):
    inc = incident_row(tier=before, worsens=1)
    worsen(world_handle(with_mechanism(world, growth_tier=1.0)), inc)
    assert inc[rows.I_TIER] == after


def test_the_stated_share_of_grades_takes_a_tier_more_each_by_a_draw_of_its_own(world):
    w = world_handle(with_mechanism(world, growth_tier=0.3))
    tiers = np.zeros((N, 2), int)
    for key in range(N):
        inc = incident_row(key=key, tier=codes.GRID)
        for i in range(2):
            worsen(w, inc)
            tiers[key, i] = inc[rows.I_TIER]
    first, second = tiers[:, 0] == codes.TOWNSHIP, tiers[:, 0] - tiers[:, 1]
    for raised in (first, second):
        assert stats.binomtest(int(raised.sum()), N, 0.3).pvalue > ERROR / 2
    assert abs(np.corrcoef(first, second)[0, 1]) < stats.norm.isf(ERROR / 2) / np.sqrt(N)


# --- what it costs ----------------------------------------------------------------------------


@pytest.mark.parametrize(("growths", "work"), [(0, 1000), (1, 1300), (3, 1900)])
def test_a_disposal_takes_longer_for_each_grade_grown(world, at, growths, work):
    w = world_handle(with_mechanism(world, growth_work=0.3))
    task = task_row(stage=DISPOSE, desk=at(DISTRICT, DEPARTMENT), right=1)
    take_up(w, incident_row(growths=growths), task, MONDAY_9)
    assert task[rows.T_WORK] == work


def test_paper_work_takes_as_long_as_ever(world, at):
    w = world_handle(with_mechanism(world, growth_work=0.3))
    task, inc = task_row(stage=SIGN, desk=at(DISTRICT, DEPARTMENT)), incident_row(growths=3)
    take_up(w, inc, task, MONDAY_9)
    assert (task[rows.T_WORK], inc[rows.I_BEGUN]) == (400, 0)


@pytest.mark.parametrize(
    ("entity", "begun"), [(OF_INCIDENT, 1), (OF_FALSE_ALARM, 0), (OF_BACKGROUND, 0)]
)
def test_only_the_disposal_of_an_incident_begins_it(world, at, entity, begun):
    task = task_row(stage=DISPOSE, desk=at(DISTRICT, DEPARTMENT), right=1)
    inc = incident_row(entity=entity)
    take_up(world_handle(world), inc, task, MONDAY_9)
    assert inc[rows.I_BEGUN] == begun


def test_a_false_closing_leaves_it_to_itself_again(world, at):
    """Until then re-work keeps it attended."""
    inc = incident_row(begun=1, lead_desk=at(DISTRICT, DEPARTMENT))
    visited(changed(world, failure=1.0), inc, DISPOSE, at(DISTRICT, DEPARTMENT), tier=DISTRICT)
    assert (inc[rows.I_STATE], inc[rows.I_BEGUN]) == (codes.ASLEEP, 0)

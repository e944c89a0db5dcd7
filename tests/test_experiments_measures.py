"""Cost, harm, attention and inequality of a run: from its tables and settings, by hand."""

import numpy as np
import pytest

from experiments import load, simulate
from experiments.measures import harm_table, metrics
from sim.codes import BOARD, CITY, COMMAND, DISTRICT, GRADE_II, SEVERITIES, TIERS
from sim.units import DAY, HOUR
from tests.conftest import TINY

B = "city.district=B"


@pytest.fixture(scope="module")
def p():
    return load([*TINY, "record=visits", "policy=integrated"])


@pytest.fixture(scope="module")
def run(p):
    return simulate(p, seed=1)


@pytest.fixture(scope="module")
def alone():
    """District B alone."""
    return simulate(load([*TINY, "policy=integrated", B]), seed=1)


@pytest.fixture
def with_settings(run):
    """The measures of the run under other settings of cost."""

    def found(*overrides):
        parameters = load([*TINY, "policy=integrated", *overrides])
        return metrics(parameters, run.reducer, run.desks)

    return found


def days(run):
    begin, end = run.parameters.window
    return (end - begin) / DAY


def test_the_run_has_the_measures_among_its_metrics(run, p):
    found = metrics(p, run.reducer, run.desks)
    assert found.items() <= run.metrics().items()
    assert all(value is not None and value > 0 for value in found.values())


def test_cost_is_pay_for_all_desks_and_the_platform_over_what_is_solved(run, p):
    desks, cost, m = run.desks, p.settings.cost, run.metrics()
    hourly = np.array([getattr(cost.pay, tier) for tier in TIERS])[desks["tier"]]
    residents = p.city.township_population.sum() * p.settings.city.weight
    platform = cost.platform * residents * p.settings.policy.levers.shared_data / 365.25
    a_day = (hourly * desks["paid"]).sum() / 7 + platform
    assert m["yuan_per_day"] == pytest.approx(a_day)
    assert m["yuan_per_solved"] == pytest.approx(a_day / m["throughput_per_day"])
    worked = (hourly * desks["busy"]).sum() / HOUR / days(run)
    assert m["worked_yuan_per_solved"] == pytest.approx(worked / m["throughput_per_day"])


def test_each_price_moves_the_cost_by_its_hours(run, p, with_settings):
    before = metrics(p, run.reducer, run.desks)["yuan_per_day"]
    paid = run.desks["paid"]
    for tier, name in enumerate(TIERS):
        price = getattr(p.settings.cost.pay, name) + 7
        after = with_settings(f"cost.pay.{name}={price}")["yuan_per_day"]
        assert after - before == pytest.approx(paid[run.desks["tier"] == tier].sum())
    residents = p.city.district_population.sum() * p.settings.city.weight
    more = with_settings(f"cost.platform={p.settings.cost.platform + 36.525}")["yuan_per_day"]
    shared = p.settings.policy.levers.shared_data
    assert more - before == pytest.approx(0.1 * residents * shared)
    unshared = with_settings("policy.levers.shared_data=0", "cost.platform=1e6")["yuan_per_day"]
    assert unshared < before


def test_a_resident_who_stands_for_more_pays_for_more_platform(run, with_settings):
    costs = [
        with_settings("cost.platform=100", f"city.weight={w}")["yuan_per_day"] for w in (1, 2, 3)
    ]
    assert costs[2] - costs[1] == pytest.approx(costs[1] - costs[0])
    assert costs[1] > costs[0]


def test_harm_adds_up_over_the_incidents(run, p):
    table, cost = run.incident_columns, p.settings.cost
    lived = np.minimum(np.minimum(table["solved"], p.end) - table["occurred"], p.restrict) / HOUR
    grade = np.array([getattr(cost.grade, name) for name in SEVERITIES])[table["severity"]]
    rate = np.array([cost.harm.get(kind, 0) for kind in p.catalogue.kinds])[table["kind"]]
    assert 0 < (rate > 0).sum() < rate.size
    m = run.metrics()
    total = (lived * rate * grade).sum()
    assert m["harm_yuan_per_day"] == pytest.approx(total / days(run))
    assert m["harm_yuan_per_risk_incident"] == pytest.approx(total / (rate > 0).sum())
    assert harm_table(p, run.reducer)["harm_yuan"].sum() == pytest.approx(total)


def test_harm_moves_with_its_rates(run, p, with_settings):
    before = run.metrics()["harm_yuan_per_day"]
    fire = p.settings.cost.harm["fire"]
    twice = with_settings(f"cost.harm.fire={2 * fire}")["harm_yuan_per_day"]
    assert twice == pytest.approx(2 * before)  # the only dangerous kind of this catalogue
    more = with_settings("+cost.harm.nuisance=1")
    assert more["harm_yuan_per_day"] > before
    graver = with_settings("cost.grade.I=60", "cost.grade.II=20", "cost.grade.III=6")
    assert before < graver["harm_yuan_per_day"] < 2 * before


def test_attention_is_what_senior_desks_have_left(run):
    desks, m = run.desks, run.metrics()
    senior = np.isin(desks["tier"], (CITY, DISTRICT)) & np.isin(desks["role"], (COMMAND, BOARD))
    free = np.maximum(desks["open"] - desks["busy"], 0)[senior].sum() / HOUR
    assert m["senior_free_share"] == pytest.approx(free * HOUR / desks["open"][senior].sum())
    novel = (run.incident_columns["severity"] <= GRADE_II).sum()
    assert m["senior_free_hours_per_novel"] == pytest.approx(free / novel)


def test_what_things_cost_changes_nothing_that_happens(run):
    dear = [*TINY, "record=visits", "policy=integrated", "cost.pay.city=140", "cost.harm.fire=1e5"]
    other = simulate(load(dear), seed=1)
    assert other.incidents.equals(run.incidents)
    m, same = other.metrics(), run.metrics()
    assert {name for name in m if m[name] != same[name]} == {
        *("yuan_per_day", "yuan_per_solved", "worked_yuan_per_solved"),
        *("harm_yuan_per_day", "harm_yuan_per_risk_incident"),
    }


def test_a_district_alone_bears_its_share_of_the_city(run, alone):
    p, desks, m = alone.parameters, alone.desks, alone.metrics()
    residents = p.city.district_population
    share = residents[1] / residents.sum()
    weight = np.where(desks["tier"] == CITY, share, 1.0)
    hourly = np.array([getattr(p.settings.cost.pay, tier) for tier in TIERS])[desks["tier"]]
    people = residents[1] * p.settings.city.weight
    platform = p.settings.cost.platform * people * p.settings.policy.levers.shared_data / 365.25
    expected = (weight * hourly * desks["paid"]).sum() / 7 + platform
    assert m["yuan_per_day"] == pytest.approx(expected)
    assert m["yuan_per_day"] < run.metrics()["yuan_per_day"]
    assert 0 < m["senior_free_share"] < 1
    assert m["harm_yuan_per_day"] < run.metrics()["harm_yuan_per_day"]


def test_a_district_alone_has_no_other_to_be_unequal_to(alone):
    m = alone.metrics()
    assert m["district_latency_gini"] is m["district_latency_tail_ratio"] is None
    assert m["landscape_latency_gini"] > 0  # its townships are of two classes


def test_without_a_follow_up_there_is_no_harm_and_no_inequality():
    settings = [*TINY, "horizon.followup_days=0"]
    m = simulate(load(settings), seed=1).metrics()
    for name in ("harm_yuan_per_day", "district_latency_gini", "landscape_latency_tail_ratio"):
        assert m[name] is None
    assert m["yuan_per_solved"] > 0


def test_staff_hours_by_group_and_by_stage_are_all_hours_worked(run):
    tables, weeks = run.tables(), days(run) / 7
    groups, stages = tables["hours_by_group"], tables["hours_by_stage"]
    assert groups["worked_hours"].sum() == pytest.approx(run.desks["busy"].sum() / HOUR / weeks)
    assert groups["paid_hours"].sum() == pytest.approx(run.metrics()["staff_hours"])
    for column in ("worked", "retyping"):
        total = run.visit_columns[column].sum() / HOUR / weeks
        assert stages[f"{column}_hours"].sum() == pytest.approx(total)
    assert 0 < stages["retyping_hours"].sum() < stages["worked_hours"].sum()

"""Scenarios: each composes with every policy, and shows in the measure of its own.

Staff is planned as if nothing had happened.
"""

import warnings

import numpy as np
import pytest

from experiments.one_run import simulate
from scenarios.load import CONF, load
from sim.codes import TIERS
from sim.draws import OF_FALSE_ALARM
from sim.storms import with_drawn_storms
from sim.stream import unpack_key
from tests.conftest import TINY

SCENARIOS = sorted(path.stem for path in (CONF / "scenario").glob("*.yaml"))
POLICIES = sorted(p.stem for p in (CONF / "policy").glob("*.yaml") if p.stem != "theory")
QUICK = ("city=tiny", "horizon=short", "staff.pilot_incidents=4000", "record=visits")
STORMY = {  # scenario: the type that it is about, and a kind of it
    "flood_season": ("rain", "flooding"),
    "heat_wave": ("heat", "utilities"),
    "cold_snap": ("cold", "care_visits"),
    "mass_event": ("event", "tourism"),
}


def run(*overrides, seed=1):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "policy .* are offered more work")
        return simulate(load([*QUICK, *overrides]), seed)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_composes_with_every_policy(scenario, policy):
    p = load([*TINY, f"scenario={scenario}", f"policy={policy}"])
    assert p.policy.name == policy
    assert p.rates.daily.sum() > 0
    assert p.world.mechanism.size > 0


def test_the_scenarios_are_those_that_the_help_names():
    from experiments.commands import SETTINGS

    words = SETTINGS.replace(",", " ").replace(".", " ").split()
    assert set(SCENARIOS) - {"none"} <= set(words)


@pytest.mark.parametrize("scenario", STORMY)
def test_a_season_of_storms_has_more_of_their_kinds_than_the_same_season_without(scenario):
    name, kind = STORMY[scenario]
    p = load([*QUICK, "horizon=default", f"scenario={scenario}"])
    number = list(p.settings.stream.storm_types).index(name)
    k = p.catalogue.kinds.index(kind)
    more = []
    for seed in range(6):
        rates = with_drawn_storms(np.uint64(seed), p.rates, p.n_days)
        own = (rates.storm_number >> 20 & 7) == number
        length = np.minimum(rates.storm_to, p.end) - np.maximum(rates.storm_from, 0)
        added = (rates.storm_rate[own, :, k].sum(axis=1) * length[own]).sum()
        more.append(added / (p.rates.daily[:, k].sum() * p.n_days))
    assert np.mean(more) > 0.2  # of the ordinary incidents of the kind
    none = load([*QUICK, "horizon=default", "stream.storminess=0"])
    assert with_drawn_storms(np.uint64(1), none.rates, none.n_days) is none.rates


def test_a_season_of_storms_is_met_by_every_policy_alike():
    keys = [
        run("scenario=heat_wave", f"policy={name}").incident_columns["incident"]
        for name in POLICIES
    ]
    np.testing.assert_array_equal(keys[0], keys[1])
    np.testing.assert_array_equal(keys[0], keys[2])


def test_an_outage_scenario_has_hours_of_outage():
    assert run("scenario=platform_outage").outage_hours > 5
    assert run().outage_hours == 0


def test_a_flood_of_false_alarms_has_more_of_them_and_the_same_incidents():
    few, many = run(), run("scenario=false_alarm_flood")
    np.testing.assert_array_equal(
        few.incident_columns["incident"], many.incident_columns["incident"]
    )

    def alarms(done):
        entity = unpack_key(done.visit_columns["incident"].copy())[0]
        return np.unique(done.visit_columns["incident"][entity == OF_FALSE_ALARM]).size

    assert alarms(many) > 4 * alarms(few) > 0
    assert few.parameters.paid_hours == many.parameters.paid_hours
    np.testing.assert_array_equal(few.parameters.seats, many.parameters.seats)


def test_a_shortage_of_staff_leaves_seats_empty_that_are_paid():
    city = "city.weight=1000"  # so that desks have several seats
    full, short = (load([*QUICK, city, f"scenario={s}"]) for s in ("none", "staff_shortage"))
    np.testing.assert_array_equal(full.seats, short.seats)
    np.testing.assert_array_equal(full.paid_by_desk, short.paid_by_desk)
    np.testing.assert_array_equal(full.world.seats, full.seats)
    for tier, name in enumerate(TIERS):
        here = full.layout.tier == tier
        lost = 1 - short.world.seats[here].sum() / full.seats[here].sum()
        if name == "grid":
            assert lost == 0
        else:
            assert 0.05 < lost <= 0.26, name
    assert ((short.world.seats > 0) == (full.seats > 0)).all()
    assert (short.open_ticks <= full.open_ticks).all()
    assert short.open_ticks.sum() < full.open_ticks.sum()

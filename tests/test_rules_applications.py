"""Special applications, state in and state out: who goes by one, and what it changes."""

import numpy as np
import pytest

from sim import codes, levers, rows
from sim.codes import BOARD, CITY, COMMAND, DISPOSE, DISTRICT, HOTLINE, JUDGE, NONE, TOWNSHIP
from sim.rules.applications import choose, coverage, map_logit, sensor_mean, with_application
from sim.rules.desks import stage_desk
from sim.rules.judgement import accuracy
from sim.rules.sensing import first_notice
from sim.rules.work import take_up
from sim.world import world_handle
from tests.conftest import changed, incident_row, own_desk, task_row, with_lever, with_mechanism

KIND = 1
NUMBERS = {"map_logit": 1.5, "travel": 0.25, "sensing": 0.9, "warning": 0.4, "upkeep": 60.0}


def with_applications(world, *shares, **numbers):
    """The world with an application for each share of KIND, all with these numbers, whose incidents
    the city's command desk judges; the ordinary ones are judged at the township."""
    size = 1, 1 + len(shares)
    route = np.stack([world.route[:, 0]] * size[1], axis=1)
    route[:, 0, JUDGE] = TOWNSHIP, COMMAND
    route[:, 1:, JUDGE] = CITY, COMMAND
    number = np.zeros((*size, len(levers.APPLICATION_NUMBERS)))
    number[:, :, levers.COVERAGE] = NONE
    for name, value in numbers.items():
        number[:, 1:, levers.APPLICATION_NUMBERS.index(name)] = value
    applied = np.zeros((*size, world.lead.size))
    applied[0, 1:, KIND] = shares
    return world._replace(route=route, applied=applied, application=number)


def chosen(world, keys, **columns):
    """The application of incidents with these keys."""
    w, found = world_handle(world), []
    for key in keys:
        inc = incident_row(key=key, kind=KIND, **columns)
        choose(w, inc)
        found.append(int(inc[rows.I_APPLICATION]))
    return np.array(found)


def test_a_share_of_its_kinds_goes_by_an_application_and_none_of_the_others(plain):
    """0.3 of 3000: within 4 standard deviations, one failure in 16,000."""
    world = with_applications(plain, 0.3)
    found = chosen(world, range(3000))
    assert abs((found == 1).mean() - 0.3) < 4 * np.sqrt(0.3 * 0.7 / 3000)
    w, inc = world_handle(world), incident_row(kind=KIND + 1)
    choose(w, inc)
    assert inc[rows.I_APPLICATION] == 0


def test_a_stronger_application_keeps_its_own_and_takes_from_later_ones_only(plain):
    keys = range(1500)
    weak = chosen(with_applications(plain, 0.2, 0.5), keys)
    strong = chosen(with_applications(plain, 0.4, 0.5), keys)
    assert (strong[weak == 1] == 1).all()
    assert set(strong[weak == 2]) == {1, 2}
    assert (strong == 1).sum() > (weak == 1).sum()
    np.testing.assert_array_equal(strong[strong != 1], weak[strong != 1])


def test_its_incidents_have_its_stage_table(plain, layout):
    w = world_handle(with_applications(plain, 1.0))
    desks = [stage_desk(w, incident_row(kind=KIND, application=a), JUDGE, HOTLINE) for a in (0, 1)]
    assert desks == [own_desk(layout, TOWNSHIP, COMMAND), own_desk(layout, CITY, COMMAND)]


def test_its_table_is_that_of_the_policy_in_force(plain, layout):
    """The second policy has the same application, with another desk that judges."""
    world = with_applications(plain, 1.0)
    names = ("lever", "choice", "route", "applied", "application", "relay", "dispose")
    both = {name: np.concatenate([getattr(world, name)] * 2) for name in names}
    both["route"][1, 1, JUDGE] = DISTRICT, BOARD
    w = world_handle(world._replace(**both))
    inc = incident_row(kind=KIND, application=1, regime=1)
    assert stage_desk(w, inc, JUDGE, HOTLINE) == own_desk(layout, DISTRICT, BOARD, 2)


def test_the_map_adds_to_the_judgements_logit_and_distance_takes_from_it(plain):
    """Judged by a map at the city, two tiers from the ground: gain 1.5, loss 2 x 0.6 x 0.5."""
    world = changed(with_mechanism(plain, distance_logit=0.6), clarity=1.0, locality=0.5)
    w = world_handle(with_applications(world, 1.0, **NUMBERS))
    inc = incident_row(kind=KIND, application=1, tier=TOWNSHIP)
    assert map_logit(w, inc) == 1.5
    assert accuracy(w, inc, CITY) == pytest.approx(1 / (1 + np.exp(-(1.0 + 1.5 - 0.6))), rel=1e-12)
    inc[rows.I_APPLICATION] = 0
    assert accuracy(w, inc, TOWNSHIP) == pytest.approx(1 / (1 + np.exp(-1.0)), rel=1e-12)


@pytest.mark.parametrize(
    ("application", "sensing", "expected"),
    [(0, 0.9, 0.2), (1, 0.9, 0.9), (1, 0.0, 0.0), (1, NONE, 0.2)],
)
def test_its_sensors_stand_in_for_the_levers(plain, application, sensing, expected):
    world = with_lever(with_applications(plain, 1.0, **NUMBERS | {"sensing": sensing}), sensing=0.2)
    inc = incident_row(kind=KIND, application=application)
    assert coverage(world_handle(world), inc) == expected


def test_a_warning_shortens_the_sensors_delay_and_the_earlier_notice_still_wins(plain):
    world = changed(plain, sensor_mean=1000.0, resident_mean=700.0, sensor_share=1.0)
    world = with_applications(world, 1.0, **NUMBERS | {"sensing": 1.0})
    w = world_handle(world)
    assert sensor_mean(w, incident_row(kind=KIND, application=1)) == 600.0
    assert sensor_mean(w, incident_row(kind=KIND)) == 1000.0
    inc = incident_row(kind=KIND)
    assert first_notice(w, inc) == 600
    assert inc[rows.I_CHANNEL] == codes.SENSOR
    slow = world_handle(with_applications(world, 1.0, sensing=1.0, warning=0.0))
    inc = incident_row(kind=KIND)
    assert first_notice(slow, inc) == 700
    assert inc[rows.I_CHANNEL] == HOTLINE


def test_more_of_its_sensors_give_more_false_alarms(plain):
    """A cost: 0.9 of the alarms of its kind are real enough to be looked at, in place of 0.2."""
    from sim.draws import OF_FALSE_ALARM
    from sim.units import NEVER

    world = with_lever(with_applications(plain, 1.0, **NUMBERS), sensing=0.2)
    w, n = world_handle(world), 2000
    for kind, share in ((KIND, 0.9), (KIND + 1, 0.2)):
        alarms = (incident_row(key=k, kind=kind, entity=OF_FALSE_ALARM) for k in range(n))
        heard = np.mean([first_notice(w, inc) < NEVER for inc in alarms])
        assert abs(heard - share) < 4 * np.sqrt(share * (1 - share) / n)


def test_travel_is_saved_in_every_disposal_and_upkeep_falls_on_the_leads_first(plain, layout):
    w = world_handle(with_applications(plain, 1.0, **NUMBERS))
    inc = incident_row(kind=KIND, application=1)
    assert with_application(w, inc, 1000.0, True) == 810.0
    assert with_application(w, inc, 1000.0, False) == 750.0
    assert with_application(w, incident_row(kind=KIND), 1000.0, True) == 1000.0
    desk = own_desk(layout, TOWNSHIP, BOARD, 2)
    works = []
    for done in (0, 1):
        task = task_row(stage=DISPOSE, desk=desk, right=1, done={DISPOSE: done})
        take_up(w, inc, task, 0)
        works.append(int(task[rows.T_WORK]))
    assert works == [810, 750]

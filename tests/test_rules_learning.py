"""A new policy dips first, and use and training bring it up: three equations."""

import math

import pytest

from sim import rows
from sim.codes import COMMAND, DISPOSE, DISTRICT, JUDGE, TOWNSHIP
from sim.rules.judgement import accuracy
from sim.rules.learning import learnt_logit, policy_age, slowness
from sim.rules.work import take_up
from sim.units import DAY, HOUR, NEVER
from sim.world import world_handle
from tests.conftest import MONDAY_9, changed, incident_row, task_row, with_mechanism

SINCE = 5 * DAY
NUMBERS = {
    "learning_since": SINCE,
    "dip_logit": 0.8,
    "dip_work": 0.5,
    "dip_time": 30 * DAY,
    "use_logit": 0.6,
    "uses": 100.0,
    "training_logit": 0.3,
    "training_period": 91 * DAY,
    "forgetting": 60 * DAY,
}
OFF = {"dip_logit": 0.0, "dip_work": 0.0, "use_logit": 0.0, "training_logit": 0.0}


@pytest.fixture(scope="module")
def world(plain):
    return with_mechanism(plain, **NUMBERS)


@pytest.mark.parametrize(
    ("switch", "since", "now", "age"),
    [
        (NEVER, SINCE, SINCE, 0),
        (NEVER, SINCE, SINCE + HOUR, HOUR),
        (NEVER, SINCE, SINCE - 1, math.inf),
        (NEVER, math.inf, SINCE, math.inf),
        (9 * DAY, SINCE, 8 * DAY, 3 * DAY),
        (9 * DAY, SINCE, 9 * DAY, 0),
        (9 * DAY, math.inf, 10 * DAY, DAY),
        (9 * DAY, math.inf, 8 * DAY, math.inf),
        (NEVER, -DAY, 0, DAY),
    ],
)
def test_a_policy_is_as_old_as_it_has_been_in_force_in_the_district(world, switch, since, now, age):
    world = changed(with_mechanism(world, learning_since=since), switch=(NEVER, switch))
    assert policy_age(world_handle(world), incident_row(), now) == age


@pytest.mark.parametrize("age", [0, 10 * DAY, 91 * DAY, 100 * DAY, 1000 * DAY])
@pytest.mark.parametrize("uses", [0, 50, 10**6])
def test_a_judgement_learns_by_one_sum(world, at, age, uses):
    w, desk = world_handle(world), at(DISTRICT, COMMAND)
    w.fields.situation.fields.uses[2] = uses  # of district 1
    expected = (
        -0.8 * math.exp(-age / (30 * DAY))
        + 0.6 * (1 - math.exp(-uses / 100))
        + 0.3 * math.exp(-(age % (91 * DAY)) / (60 * DAY))
    )
    found = learnt_logit(w, incident_row(), desk, SINCE + age)
    assert found == pytest.approx(expected, rel=1e-12)
    other = learnt_logit(w, incident_row(), at(TOWNSHIP, COMMAND), SINCE + age)
    assert other <= found  # another centre's practice


def test_the_logit_enters_the_accuracy(plain):
    w = world_handle(changed(plain, clarity=0.5))
    inc = incident_row(kind=1)
    odds = [1 / accuracy(w, inc, TOWNSHIP, learnt) - 1 for learnt in (0.0, -0.8, 0.4)]
    assert [math.log(odds[0] / x) for x in odds] == pytest.approx([0, -0.8, 0.4])


@pytest.mark.parametrize(("age", "factor"), [(0, 1.5), (30 * DAY, 1 + 0.5 / math.e), (10**9, 1.0)])
def test_work_takes_longer_at_first(world, at, age, factor):
    w, inc, now = world_handle(world), incident_row(), SINCE + age
    assert slowness(w, inc, now) == pytest.approx(factor)
    for stage in (JUDGE, DISPOSE):
        task = task_row(stage=stage, desk=at(DISTRICT, COMMAND), right=1)
        take_up(w, inc, task, now)
        plain_work = 1000 if stage == DISPOSE else 200
        assert task[rows.T_WORK] == round(plain_work * factor)


@pytest.mark.parametrize("now", [MONDAY_9, SINCE, SINCE + DAY])
def test_nobody_learns_at_strength_nought_or_under_a_policy_of_long_ago(world, at, now):
    inc, desk = incident_row(), at(DISTRICT, COMMAND)
    for numbers in (OFF, {"learning_since": math.inf}):
        w = world_handle(with_mechanism(world, **numbers))
        assert (learnt_logit(w, inc, desk, now), slowness(w, inc, now)) == (0.0, 1.0)

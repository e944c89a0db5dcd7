"""Chances and delays are draws named by the incident, the purpose and the attempt."""

import numpy as np
import pytest
from scipy import stats

from sim import draws, rows
from sim.draws import OF_FALSE_ALARM, OF_INCIDENT, uniform
from sim.durations import relative_duration
from sim.rules.chance import delay, happens
from sim.units import LONGEST, NEVER
from sim.world import world_handle
from tests.conftest import changed, incident_row, task_row

NAMES = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (3, 2, 63)]  # attempt, report, branch


@pytest.fixture(scope="module")
def world(siloed):
    """The siloed world with its true distributions."""
    return siloed._bare_world(siloed.policy)._replace(seed=np.uint64(77))


def of_key(w, entity, key, purpose, *name):
    return uniform(w.seed, entity, key, purpose, *name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("entity", [OF_INCIDENT, OF_FALSE_ALARM])
def test_it_happens_where_the_draw_of_that_name_is_below_the_probability(world, entity, name):
    w, inc = world_handle(world), incident_row(key=12345, entity=entity)
    u = of_key(world, entity, 12345, draws.FAILED, *name)
    assert happens(w, inc, draws.FAILED, np.nextafter(u, 1), *name)
    assert not happens(w, inc, draws.FAILED, u, *name)
    assert happens(w, inc, draws.FAILED, 1.0, *name)


@pytest.mark.parametrize("probability", [0.0, -0.0, -0.5])
def test_what_has_no_probability_never_happens(plain, probability):
    w = world_handle(plain)
    assert not any(happens(w, incident_row(key=k), draws.RETURNED, probability) for k in range(99))


def test_attempt_report_branch_and_purpose_name_draws_of_their_own(world):
    w, inc = world_handle(world), incident_row(key=5)
    rows = [
        [happens(w, inc, purpose, 0.5, *(i if p == place else 0 for p in range(3)))
         for i in range(64)]
        for purpose in (draws.FAILED, draws.MERGED)
        for place in range(3)
    ]  # fmt: skip
    assert len({tuple(row[1:]) for row in rows}) == len(rows)


@pytest.mark.parametrize("mean", [0.4, 90.0, 36 * 3600.0])
def test_a_delay_is_the_quantile_of_its_draw_rounded_to_the_tick(world, mean):
    w, shape = world_handle(world), world.quantile[world.exponential]
    for key in range(50):
        u = of_key(world, OF_INCIDENT, key, draws.DORMANCY, 2)
        expected = round(mean * relative_duration(u, shape))
        assert delay(w, incident_row(key=key), draws.DORMANCY, mean, 2) == expected


def test_delays_are_exponential(world):
    """Kolmogorov-Smirnov at 1e-4, seed 77; rounding to a second of 10 hours is far below it."""
    w = world_handle(world)
    found = [delay(w, incident_row(key=k), draws.NOTICE_DELAY, 36000.0) for k in range(2000)]
    assert stats.kstest(np.array(found) / 36000.0, "expon").pvalue > 1e-4


def test_a_mean_of_nought_is_no_delay(plain):
    w = world_handle(changed(plain, quantile=3.7))
    assert delay(w, incident_row(), draws.COORDINATION, 0.0) == 0
    assert delay(w, incident_row(), draws.COORDINATION, 10.0) == 37


@pytest.mark.parametrize("mean", [1e9, 1e18, 1e300])
def test_no_delay_is_longer_than_a_row_has_room_for(plain, mean):
    w = world_handle(changed(plain, quantile=3.7))
    assert delay(w, incident_row(), draws.DORMANCY, mean) == LONGEST
    task = task_row()
    task[rows.T_UNTIL] = LONGEST + delay(w, incident_row(), draws.DORMANCY, mean)
    assert LONGEST < task[rows.T_UNTIL] < NEVER

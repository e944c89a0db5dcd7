"""Satisfaction with the closing that solves: who is asked, and what counts."""

import math

import pytest
from scipy import stats

from sim import codes, rows
from sim.codes import CLOSE, DEPARTMENT, DISPOSE, DISTRICT, NONE
from sim.draws import OF_FALSE_ALARM
from sim.rules.satisfaction import satisfied
from sim.units import HOUR
from sim.world import world_handle
from tests.conftest import MONDAY_9, changed, incident_row, visited, with_mechanism

ERROR = 1e-4
N = 4000
ALLOWED = 8 * HOUR


@pytest.fixture(scope="module")
def world(plain):
    return with_mechanism(
        plain, satisfaction=2.0, late_dislike=0.5, return_dislike=1.0, wait_dislike=0.7
    )


@pytest.mark.parametrize(
    "columns",
    [{"channel": codes.PATROL}, {"channel": codes.SENSOR}, {"entity": OF_FALSE_ALARM}],
)
def test_who_did_not_report_it_is_not_asked(world, columns):
    assert satisfied(world_handle(world), incident_row(**columns), MONDAY_9) == NONE


@pytest.mark.parametrize(
    ("after", "columns", "logit"),
    [
        (0, {}, 2.0),
        (ALLOWED, {}, 2.0 - 0.7 * math.log(2)),  # the limit's own tick still meets it
        (3 * ALLOWED, {}, 2.0 - 0.5 - 0.7 * math.log(4)),
        (0, {"false": 1}, 1.0),
        (0, {"false": 1, "mismerged": 2}, -1.0),
    ],
)
def test_the_share_is_that_of_the_logit_sum(world, after, columns, logit):
    w = world_handle(world)
    found = [
        satisfied(w, incident_row(key=k, limit=MONDAY_9 + ALLOWED, **columns), MONDAY_9 + after)
        for k in range(N)
    ]
    assert set(found) <= {0, 1}
    assert stats.binomtest(sum(found), N, 1 / (1 + math.exp(-logit))).pvalue > ERROR / 5


@pytest.mark.parametrize(
    ("failure", "base", "expected"), [(0.0, 100.0, 1), (0.0, -100.0, 0), (1.0, 100.0, NONE)]
)
def test_only_the_closing_that_solves_is_judged(plain, at, failure, base, expected):
    world = changed(with_mechanism(plain, satisfaction=base), failure=failure)
    inc = incident_row(satisfied=NONE, lead_desk=at(DISTRICT, DEPARTMENT))
    command, _ = visited(world, inc, DISPOSE, at(DISTRICT, DEPARTMENT), tier=DISTRICT)
    assert (command == CLOSE) == (failure == 0.0)
    assert inc[rows.I_SATISFIED] == expected

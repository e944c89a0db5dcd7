"""Automation: what a procedure judges, how well, and where it sends it."""

import math

import pytest

from sim import codes, rows
from sim.codes import CITY, COMMAND, DISTRICT, JUDGE, QUEUE, REGISTER, SIGN
from sim.draws import OF_FALSE_ALARM, OF_INCIDENT
from sim.rules.procedure import goes_by_procedure, procedure_accuracy
from sim.world import world_handle
from tests.conftest import (
    changed,
    incident_row,
    task_row,
    visited,
    with_lever,
    with_mechanism,
    with_route,
)


@pytest.fixture
def world(batches):
    """The city's command desk judges, batches leave at ten and at four."""
    world = with_route(batches, judge=(CITY, COMMAND))
    return with_mechanism(with_lever(world, automation=1.0), procedure_clarity=2.0)


@pytest.mark.parametrize(
    ("columns", "report", "clarity", "judged"),
    [
        ({}, 0, 2.1, True),
        ({}, 0, 2.0, False),
        ({"severity": codes.GRADE_III}, 0, 3.0, True),
        ({"severity": codes.GRADE_II}, 0, 3.0, False),
        ({"returns": 1}, 0, 3.0, False),  # somebody must look at what came back
        ({"false": 1}, 0, 3.0, False),
        ({}, 1, 3.0, False),
        ({"entity": OF_FALSE_ALARM}, 0, 3.0, False),
    ],
)
def test_a_procedure_judges_what_is_routine(world, columns, report, clarity, judged):
    w = world_handle(changed(world, clarity=clarity))
    found = goes_by_procedure(w, incident_row(**columns), task_row(report=report))
    assert found == judged


def test_it_is_sent_at_once_without_a_visit(world, at, disposer):
    inc = incident_row(tier=DISTRICT)
    command, task = visited(world, inc, REGISTER, at(CITY, COMMAND))
    assert (command, task[rows.T_STAGE], task[rows.T_DESK]) == (QUEUE, SIGN, disposer(DISTRICT))
    assert task[[rows.T_DIRECT, rows.T_RIGHT, rows.T_COUNT + JUDGE]].tolist() == [1, 1, 1]
    assert inc[rows.I_AUTOMATED] == 1


def test_without_automation_somebody_judges(world, at):
    inc = incident_row(tier=DISTRICT)
    _, task = visited(with_lever(world, automation=0.0), inc, REGISTER, at(DISTRICT, COMMAND))
    assert (task[rows.T_STAGE], inc[rows.I_AUTOMATED]) == (JUDGE, 0)


def test_the_rule_book_needs_no_procedure(batches, at):
    world = with_mechanism(with_lever(batches, automation=1.0), procedure_clarity=2.0)
    inc = incident_row(tier=DISTRICT)
    visited(world, inc, REGISTER, at(CITY, COMMAND))
    assert inc[rows.I_AUTOMATED] == 0


@pytest.mark.parametrize("shared", [0.0, 0.4, 1.0])
def test_its_accuracy_lacks_distance_and_exceptions(plain, shared):
    numbers = {"shared_logit": 0.7, "centre_logit": 0.4, "exception_logit": 0.9}
    world = with_mechanism(changed(plain, clarity=1.5, locality=1.0), distance_logit=5.0, **numbers)
    w = world_handle(with_lever(world, shared_data=shared))
    expected = 1 / (1 + math.exp(-(1.5 + shared * 1.1 - 0.9)))
    assert procedure_accuracy(w, incident_row(entity=OF_INCIDENT)) == pytest.approx(
        expected, rel=1e-12
    )


def test_exceptions_go_to_a_wrong_desk(world, at, disposer):
    blind = with_mechanism(world, exception_logit=1000.0)
    inc = incident_row(tier=DISTRICT)
    command, task = visited(blind, inc, REGISTER, at(CITY, COMMAND))
    assert (command, task[rows.T_RIGHT], inc[rows.I_WRONG]) == (QUEUE, 0, 1)
    assert task[rows.T_DESK] != disposer(DISTRICT)

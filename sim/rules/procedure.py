"""Automation: routine incidents that a procedure judges and dispatches, without a visit."""

import math

from sim.codes import GRADE_III, JUDGE
from sim.draws import AUTOMATED as DRAWN_AUTOMATED
from sim.draws import OF_INCIDENT
from sim.jit import jit
from sim.levers import (
    AUTOMATION,
    CENTRE_LOGIT,
    EXCEPTION_LOGIT,
    PROCEDURE_CLARITY,
    SHARED_DATA,
    SHARED_LOGIT,
)
from sim.rows import (
    I_AUTOMATED,
    I_ENTITY,
    I_FALSE,
    I_GRADE,
    I_KIND,
    I_RETURNS,
    T_COUNT,
    T_DIRECT,
    T_REPORT,
)
from sim.rules.chance import happens
from sim.rules.judgement import name_desk
from sim.rules.policy import lever


@jit
def goes_by_procedure(w, inc, task):
    """Whether a procedure judges the incident: a first judgement of what is neither urgent nor
    unclear."""
    if inc[I_ENTITY] != OF_INCIDENT or task[T_REPORT] > 0:
        return False
    if inc[I_GRADE] < GRADE_III or inc[I_RETURNS] > 0 or inc[I_FALSE] > 0:
        return False
    routine = w.clarity[inc[I_KIND]] > w.mechanism[PROCEDURE_CLARITY]
    return routine and happens(w, inc, DRAWN_AUTOMATED, lever(w, inc, AUTOMATION))


@jit
def procedure_accuracy(w, inc):
    """Probability that the procedure names the right desk: it has the data of a centre, knows no
    distance, and does not see exceptions."""
    shared = lever(w, inc, SHARED_DATA) * (w.mechanism[SHARED_LOGIT] + w.mechanism[CENTRE_LOGIT])
    logit = w.clarity[inc[I_KIND]] + shared - w.mechanism[EXCEPTION_LOGIT]
    return 1.0 / (1.0 + math.exp(-logit))


@jit
def judge_by_procedure(w, inc, task):
    """Name tier and unit of the disposer, and send the incident there directly. It counts as a
    judgement, so that whoever judges after a return draws what a second judgement draws."""
    inc[I_AUTOMATED] = 1
    task[T_COUNT + JUDGE] += 1
    task[T_DIRECT] = 1
    name_desk(w, inc, task, procedure_accuracy(w, inc))

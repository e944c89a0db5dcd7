"""Withdrawal (撤诉): the resident no longer wants what nobody has begun to dispose of."""

from sim import draws
from sim.codes import (
    DISPATCH,
    HOTLINE,
    NONE,
    OPEN,
    REGISTER,
    RELEASE,
    WAITING,
    WITHDRAWN,
    WORKING,
)
from sim.draws import OF_INCIDENT
from sim.jit import jit
from sim.levers import WITHDRAWAL, WITHDRAWAL_DELAY
from sim.rows import (
    I_BEGUN,
    I_CHANNEL,
    I_ENTITY,
    I_GONE,
    I_REPORTS,
    I_RETRACTED,
    I_STATE,
    T_JOINED,
    T_STAGE,
    T_STARTED,
    T_UNTIL,
    T_WORK,
)
from sim.rules.chance import delay, happens
from sim.rules.steps import book
from sim.units import NEVER


@jit
def withdraws_in(w, inc):
    """Time from the notice until the resident would withdraw the incident [ticks], or NEVER."""
    share = w.mechanism[WITHDRAWAL]
    if share <= 0.0 or inc[I_ENTITY] != OF_INCIDENT or inc[I_CHANNEL] != HOTLINE:
        return NEVER
    if not happens(w, inc, draws.RETRACTED, share):
        return NEVER
    return delay(w, inc, draws.RETRACTED_AFTER, w.mechanism[WITHDRAWAL_DELAY])


@jit
def withdraw(inc, now):
    """The resident withdraws the incident, if it is open, nobody has begun to dispose of it and
    nobody has reported it besides. Returns whether it is withdrawn."""
    if inc[I_STATE] != OPEN or inc[I_BEGUN] == 1 or inc[I_REPORTS] > 1:
        return False
    inc[I_STATE], inc[I_GONE], inc[I_RETRACTED] = WITHDRAWN, now, 1
    return True


@jit
def break_off(w, inc, task, now):
    """Book what a task has spent on a visit that the withdrawal interrupts."""
    stage, begun = task[T_STAGE], now
    if task[T_WORK] != NONE:
        begun = task[T_STARTED]
        book(w, inc, task, stage, WORKING, begun, now)
    book(w, inc, task, stage, WAITING, task[T_JOINED], begun)


@jit
def turn_back(w, inc, task, now):
    """Take off the account what of a delay until T_UNTIL is still to come; all of it was booked
    when it began: a caller's who is to ring again, or one on the way to the next desk."""
    if task[T_STAGE] == REGISTER:
        book(w, inc, task, REGISTER, WAITING, task[T_UNTIL], now)
    else:
        book(w, inc, task, DISPATCH, RELEASE, task[T_UNTIL], now)

"""The hotline: callers wait for an answer, hang up, find no line, ring again or give up."""

from sim import draws
from sim.codes import (
    CALL_AGAIN,
    HOTLINE,
    HOTLINE_DESK,
    LOSE,
    OPEN,
    REGISTER,
    SUPERVISE,
    WAITING,
    WITHDRAWN,
)
from sim.draws import OF_CONSULTATION, OF_INCIDENT
from sim.jit import jit
from sim.levers import LINES, PATIENCE, REDIAL, REDIAL_DELAY
from sim.rows import (
    I_ACCOUNT,
    I_ENTITY,
    I_GONE,
    I_HANDOVERS,
    I_RENEWED,
    I_RETRACTED,
    I_RETURNS,
    I_REWORKS,
    I_STATE,
    T_CALLS,
    T_COUNT,
    T_DESK,
    T_JOINED,
    T_MOVES,
    T_REPORT,
    T_STAGE,
    T_UNTIL,
)
from sim.rules.chance import delay, happens
from sim.rules.intake import is_on_own_line
from sim.rules.steps import book, channel_of, counted, lives
from sim.units import NEVER


@jit
def is_call(w, inc, task):
    """Whether the task is a resident's call, which somebody is to answer: at the hotline, or on a
    department's own line."""
    return (
        task[T_STAGE] == REGISTER
        and (inc[I_ENTITY] == OF_INCIDENT or inc[I_ENTITY] == OF_CONSULTATION)
        and channel_of(inc, task) == HOTLINE
        and (w.desk_group[task[T_DESK]] == HOTLINE_DESK or is_on_own_line(w, inc, task))
    )


@jit
def patience(w, inc, task):
    """How long the caller waits before hanging up [ticks], or NEVER; one draw for each call."""
    mean = w.mechanism[PATIENCE]
    if mean <= 0.0 or not is_call(w, inc, task):
        return NEVER
    return delay(w, inc, draws.PATIENCE, mean, task[T_CALLS], task[T_REPORT], lives(inc))


@jit
def is_engaged(w, inc, task, callers):
    """Whether a call finds no line, so many callers being there, those being answered included;
    a department's own line holds any number."""
    lines = w.mechanism[LINES]
    return (
        lines > 0.0
        and callers >= lines
        and w.desk_group[task[T_DESK]] == HOTLINE_DESK
        and is_call(w, inc, task)
    )


@jit
def unanswered(w, inc, task, now):
    """A call has found no line, or its caller has hung up after waiting since T_JOINED: ring
    again later, or give up. The first to report an incident takes it along: it is withdrawn."""
    book(w, inc, task, REGISTER, WAITING, task[T_JOINED], now)
    attempt, report, life = task[T_CALLS], task[T_REPORT], lives(inc)
    task[T_CALLS] += 1
    if happens(w, inc, draws.REDIALS, w.mechanism[REDIAL], attempt, report, life):
        wait = delay(w, inc, draws.REDIAL_DELAY, w.mechanism[REDIAL_DELAY], attempt, report, life)
        book(w, inc, task, REGISTER, WAITING, now, now + wait)
        task[T_UNTIL] = now + wait
        return CALL_AGAIN
    if report == 0:
        inc[I_STATE], inc[I_GONE] = WITHDRAWN, now
    return LOSE


@jit
def renew(w, inc, task, now):
    """Another resident has got through about an incident whose caller gave up, or who no longer
    wanted it: it goes on from this report. That it was known to nobody counts as sensing."""
    if inc[I_STATE] == WITHDRAWN:
        inc[I_STATE], inc[I_RENEWED] = OPEN, 1
        inc[I_ACCOUNT] += counted(w, inc, inc[I_GONE], now)
        task[T_REPORT] = 0
        _count_on(inc, task)


@jit
def _count_on(inc, task):
    """The task takes the place of one whose counters are lost: it counts on from at least as
    much, so that no draw of the incident is made a second time. Nought in a first life."""
    done = lives(inc) + inc[I_RETURNS] + inc[I_REWORKS] + inc[I_HANDOVERS] + inc[I_RETRACTED]
    for stage in range(REGISTER, SUPERVISE):
        task[T_COUNT + stage] += done
    task[T_MOVES] += inc[I_HANDOVERS]

"""Growth: an incident that nobody disposes of becomes graver, grade by grade.

While it is unattended a grade is lost at a constant rate. So the timer, which has no memory, may
run on while somebody disposes of the incident; when it ends then, it is spent, and a false closing
sets another. An incident has one timer at a time.
"""

from sim import draws
from sim.codes import CITY, GRADE_I, SOLVED
from sim.draws import OF_INCIDENT
from sim.jit import jit
from sim.levers import GROWTH_RATE, GROWTH_TIER
from sim.rows import (
    I_BEGUN,
    I_ENTITY,
    I_FALSE,
    I_GRADE,
    I_GROWTHS,
    I_KIND,
    I_STATE,
    I_TIER,
    I_WORSENS,
)
from sim.rules.chance import delay, happens
from sim.units import NEVER


@jit
def worsens_in(w, inc):
    """Set the timer of the next grade if none runs and one is due: ticks until it ends, or NEVER.

    The draw's attempt counts the timers set before: one is set at first, one after each grade
    grown, and one at most after each false closing.
    """
    rate = w.mechanism[GROWTH_RATE]
    if rate <= 0.0 or inc[I_WORSENS] == 1 or inc[I_BEGUN] == 1 or inc[I_GRADE] == GRADE_I:
        return NEVER
    mean = w.growth_mean[inc[I_KIND]]
    if mean >= NEVER or inc[I_ENTITY] != OF_INCIDENT or inc[I_STATE] == SOLVED:
        return NEVER
    inc[I_WORSENS] = 1
    return delay(w, inc, draws.GROWTH, mean / rate, inc[I_GROWTHS] + inc[I_FALSE])


@jit
def worsen(w, inc):
    """The timer has ended: unless a disposal has begun, the incident is a grade graver, and may
    belong to a higher tier from the next judgement on. Returns whether it has grown."""
    inc[I_WORSENS] = 0
    if inc[I_BEGUN] == 1 or inc[I_STATE] == SOLVED:
        return False
    higher = happens(w, inc, draws.GROWN_TIER, w.mechanism[GROWTH_TIER], inc[I_GROWTHS])
    if higher and inc[I_TIER] > CITY:
        inc[I_TIER] -= 1
    inc[I_GRADE] -= 1
    inc[I_GROWTHS] += 1
    return True

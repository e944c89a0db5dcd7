"""False merges: an incident is taken for another one that is open, and lies dormant."""

from sim import draws
from sim.codes import ASLEEP, MERGED_BY, SLEEP
from sim.draws import OF_INCIDENT
from sim.jit import jit
from sim.levers import DORMANCY, FALSE_MERGE, MERGING
from sim.rows import (
    ACCOUNT_WIDTH,
    I_ACCOUNT,
    I_COUNTED,
    I_ENTITY,
    I_FALSE,
    I_KIND,
    I_MISMERGED,
    I_RETRACTED,
    I_STATE,
    I_TOWNSHIP,
    T_OUTCOME,
    T_UNTIL,
)
from sim.rules.chance import delay, happens
from sim.rules.policy import lever
from sim.rules.steps import counted

_DORMANT = I_ACCOUNT + ACCOUNT_WIDTH - 1


@jit
def is_mismerged(w, inc):
    """Whether the report by which an incident is registered is merged into another by mistake:
    each other open incident of the kind in the township is mistaken for it with one chance.

    The draw's attempt counts the registrations before: a false merge or a withdrawal leads to the
    next. After a false closing the city knows the incident, and makes no such mistake.
    """
    chance = w.mechanism[FALSE_MERGE] * lever(w, inc, MERGING)
    if chance <= 0.0 or inc[I_ENTITY] != OF_INCIDENT or inc[I_FALSE] > 0:
        return False
    others = w.situation.alike[inc[I_KIND], inc[I_TOWNSHIP]] - inc[I_COUNTED]
    probability = 1.0 - (1.0 - chance) ** others
    return happens(w, inc, draws.MISMERGED, probability, inc[I_MISMERGED] + inc[I_RETRACTED])


@jit
def mismerge(w, inc, task, now):
    """The report is merged, and its incident lies dormant until somebody reports it anew."""
    sleep = delay(w, inc, draws.MISMERGED_FOR, w.mechanism[DORMANCY], inc[I_MISMERGED])
    inc[I_MISMERGED] += 1
    inc[I_STATE] = ASLEEP
    inc[_DORMANT] += counted(w, inc, now, now + sleep)
    task[T_OUTCOME], task[T_UNTIL] = MERGED_BY, now + sleep
    return SLEEP

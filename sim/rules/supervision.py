"""Supervision alongside: reminder (催办), notice (督办), criticism (通报), extension (延期).

The limit of an incident has three points: before it, an extension is asked for or a reminder made;
at it, a notice; after it, a circulated criticism that the criticised centre must answer. One timer
goes from point to point, past those at which the policy does nothing. Once the incident has been
closed, truly or falsely, nothing is supervised any more.
"""

from sim.codes import (
    AFTER_LIMIT,
    ANSWER,
    AT_LIMIT,
    BEFORE_LIMIT,
    BOARD,
    CITY,
    COMMAND,
    CRITICISE,
    END,
    ESCALATED,
    EXTEND,
    NO_ERRAND,
    NO_POINT,
    NONE,
    NOTIFY,
    OPEN,
    QUEUE,
    REKEY,
    REMIND,
    REMINDED,
    SUPERVISE,
    TOWNSHIP,
)
from sim.draws import CRITICISED, EXTENDED, SUPERVISED
from sim.draws import REMINDED as DRAWN_REMINDED
from sim.jit import jit
from sim.levers import (
    ANSWER_WORK,
    CRITICISM,
    CRITICISM_DELAY,
    CRITICISM_WORK,
    EXTENSION_LENGTH,
    REMINDER,
    REMINDER_LEAD,
    REMINDER_WORK,
    SUPERVISION,
)
from sim.records import SUPERVISE_BRANCH
from sim.rows import (
    I_BEGUN,
    I_CHANNEL,
    I_CLASS,
    I_CRITICISED,
    I_DUE,
    I_ESCALATED,
    I_EXTENSIONS,
    I_FIRST,
    I_LEAD_DESK,
    I_LIMIT,
    I_NOTICED,
    I_POINT,
    I_REMINDED,
    I_STATE,
    T_BRANCH,
    T_ERRAND,
)
from sim.rules.assessment import asks_extension
from sim.rules.chance import happens
from sim.rules.desks import desk_at, own_unit, stage_desk
from sim.rules.policy import in_force, lever
from sim.rules.steps import move
from sim.units import NEVER

# --- the timer --------------------------------------------------------------------------------


@jit
def _matters(w, inc, point):
    """Whether the policy may do anything at a point of the limit."""
    if point == BEFORE_LIMIT:
        may_extend = inc[I_EXTENSIONS] == 0 and asks_extension(w, inc) > 0.0
        return may_extend or lever(w, inc, REMINDER) > 0.0
    return lever(w, inc, SUPERVISION if point == AT_LIMIT else CRITICISM) > 0.0


@jit
def _share_of_limit(w, inc, which):
    """A stretch of time that is stated as a share of the limit's length [ticks]."""
    return int(round(w.mechanism[which] * (inc[I_LIMIT] - inc[I_NOTICED])))


@jit
def next_point(w, inc, now):
    """Tick of the next point of the limit, from I_POINT on, at which the policy may do anything;
    NEVER for none. It is at once where a pause of the limit has put off an earlier point so far."""
    while inc[I_POINT] < NO_POINT and not _matters(w, inc, inc[I_POINT]):
        inc[I_POINT] += 1
    if inc[I_POINT] == NO_POINT or inc[I_DUE] >= NEVER or inc[I_FIRST] != NEVER:
        return NEVER
    return max(now, point_due(w, inc))


@jit
def point_due(w, inc):
    """Tick of point I_POINT of the limit, had no limit paused (emergency.pause). The limit is
    missed one tick after it: closing at its own tick meets it."""
    if inc[I_POINT] == BEFORE_LIMIT:
        return inc[I_DUE] - _share_of_limit(w, inc, REMINDER_LEAD)
    delay = int(w.mechanism[CRITICISM_DELAY]) if inc[I_POINT] == AFTER_LIMIT else 0
    return inc[I_DUE] + 1 + delay


# --- what is done at a point ------------------------------------------------------------------


@jit
def supervise(w, inc, task, now):
    """A point of the limit has come: fill the blank row of a side task, if any.

    Returns QUEUE, or END when the policy does nothing here or not for this incident. An extension
    holds from now on, and the incident comes to the point before its new limit.
    """
    in_force(w, inc, now)
    point = inc[I_POINT]
    inc[I_POINT] += 1
    if inc[I_STATE] != OPEN or inc[I_FIRST] != NEVER:
        return END
    return at_point(w, inc, task, point)


@jit
def at_point(w, inc, task, point):
    """What the policy does at a point of the limit of an open incident that has never been closed:
    as `supervise`."""
    desk = stage_desk(w, inc, SUPERVISE, inc[I_CHANNEL])
    if desk == NONE:
        return END
    errand = _errand(w, inc, point)
    if errand == NO_ERRAND:
        return END
    if errand == EXTEND:
        inc[I_EXTENSIONS] += 1
        inc[I_DUE] = min(NEVER, inc[I_DUE] + _share_of_limit(w, inc, EXTENSION_LENGTH))
        inc[I_POINT] = BEFORE_LIMIT
    elif errand == CRITICISE:
        tier = max(w.desk_tier[desk] - 1, CITY)
        desk = desk_at(w, inc, tier, BOARD, own_unit(w, inc, tier, BOARD))
    return send(inc, task, errand, SUPERVISE, desk)


@jit
def _errand(w, inc, point):
    """What is done at a point of the limit; one draw of each kind for an incident."""
    if point == AT_LIMIT:
        return NOTIFY if happens(w, inc, SUPERVISED, lever(w, inc, SUPERVISION)) else NO_ERRAND
    if point == AFTER_LIMIT:
        return CRITICISE if happens(w, inc, CRITICISED, lever(w, inc, CRITICISM)) else NO_ERRAND
    may_extend = inc[I_EXTENSIONS] == 0 and inc[I_BEGUN] == 0
    if may_extend and happens(w, inc, EXTENDED, asks_extension(w, inc)):
        return EXTEND
    return REMIND if happens(w, inc, DRAWN_REMINDED, lever(w, inc, REMINDER)) else NO_ERRAND


@jit
def send(inc, task, errand, stage, desk):
    """Fill the blank row of a side task, which carries no report and holds nothing up."""
    task[T_ERRAND], task[T_BRANCH] = errand, SUPERVISE_BRANCH + errand - NOTIFY
    return move(inc, task, stage, desk)


@jit
def errand_work(w, task):
    """Work of a supervision task, relative to a notice."""
    errand = task[T_ERRAND]
    if errand == REMIND:
        return w.mechanism[REMINDER_WORK]
    if errand == CRITICISE:
        return w.mechanism[CRITICISM_WORK]
    return w.mechanism[ANSWER_WORK] if errand == ANSWER else 1.0


@jit
def after_errand(w, inc, task):
    """A side task's visit has ended."""
    errand = task[T_ERRAND]
    if errand == NOTIFY:
        inc[I_ESCALATED], inc[I_CLASS] = 1, ESCALATED
        return REKEY
    if errand == REMIND:
        inc[I_REMINDED] += 1
        inc[I_CLASS] = min(inc[I_CLASS], REMINDED)
        return REKEY
    if errand == CRITICISE:
        inc[I_CRITICISED] += 1
        task[T_ERRAND] = ANSWER
        move(inc, task, SUPERVISE, _criticised(w, inc))
        return QUEUE
    if errand == ANSWER:  # the centre has promised to see to it
        inc[I_CLASS] = ESCALATED
        return REKEY
    return END


@jit
def _criticised(w, inc):
    """Command desk of the centre that leads the disposal, a grid's township; before anyone has been
    named, the township."""
    tier = TOWNSHIP
    if inc[I_LEAD_DESK] != NONE:
        tier = min(w.desk_tier[inc[I_LEAD_DESK]], TOWNSHIP)
    return desk_at(w, inc, tier, COMMAND, 0)

"""Steps that every stage of an incident's life takes: moving, holding, booking time."""

from sim.codes import (
    DELAY,
    DISPOSE,
    HOTLINE,
    NONE,
    QUEUE,
    REGISTER,
    RELEASE,
    VERIFY,
)
from sim.jit import jit
from sim.rows import (
    I_ACCOUNT,
    I_AGAIN,
    I_CHANNEL,
    I_FALSE,
    I_HANDOVERS,
    I_MISMERGED,
    I_OCCURRED,
    I_RETURNS,
    I_REWORKS,
    T_BRANCH,
    T_DESK,
    T_MOVES,
    T_NEWLY,
    T_REPORT,
    T_STAGE,
    T_UNTIL,
)


@jit
def counted(w, inc, begin, end):
    """How much of [begin, end) the incident's account counts: what lies before the restriction
    of the means [ticks]."""
    last = inc[I_OCCURRED] + w.restrict
    return min(end, last) - min(begin, last)


@jit
def lives(inc):
    """How often the incident has been reported anew, after a false closing or a false merge."""
    return inc[I_FALSE] + inc[I_MISMERGED]


@jit
def is_again(inc, stage):
    """Whether a stage is being done again: after a return, a failed disposal, a false closing; or
    registering, after a false merge."""
    if inc[I_FALSE] > 0:
        return True
    if stage == REGISTER:
        return inc[I_MISMERGED] > 0
    if stage == DISPOSE or stage == VERIFY:
        return inc[I_REWORKS] > 0
    return inc[I_RETURNS] > 0


@jit
def book(w, inc, task, stage, use, begin, end):
    """Enter a stretch of time into the incident's account; only the first report's path counts."""
    if task[T_REPORT] == 0 and task[T_BRANCH] == 0:
        ticks = counted(w, inc, begin, end)
        inc[I_ACCOUNT + 1 + 3 * (stage - REGISTER) + use] += ticks
        if is_again(inc, stage):
            inc[I_AGAIN + use] += ticks


@jit
def move(inc, task, stage, desk):
    """Send the task to a stage at a desk; another desk than before is a hand-over."""
    newly = task[T_DESK] != NONE and task[T_DESK] != desk
    task[T_NEWLY] = 1 if newly else 0
    if newly:
        task[T_MOVES] += 1
        if task[T_REPORT] == 0 and task[T_BRANCH] == 0:
            inc[I_HANDOVERS] += 1
    task[T_STAGE], task[T_DESK] = stage, desk
    return QUEUE


@jit
def wait_until(w, inc, task, now, until, stage):
    """Hold the task until a tick; the time is booked as release of `stage`."""
    if until <= now:
        return QUEUE
    book(w, inc, task, stage, RELEASE, now, until)
    task[T_UNTIL] = until
    return DELAY


@jit
def channel_of(inc, task):
    """Channel of this task's report; all but the first come by the hotline."""
    first = task[T_REPORT] == 0 and lives(inc) == 0
    return inc[I_CHANNEL] if first else HOTLINE

"""Steps that every stage of an incident's life takes: moving, holding, booking time."""

from sim.codes import (
    DELAY,
    HOTLINE,
    NONE,
    QUEUE,
    REGISTER,
    RELEASE,
)
from sim.jit import jit
from sim.rows import (
    I_ACCOUNT,
    I_CHANNEL,
    I_FALSE,
    I_HANDOVERS,
    T_BRANCH,
    T_DESK,
    T_MOVES,
    T_NEWLY,
    T_REPORT,
    T_STAGE,
    T_UNTIL,
)


@jit
def book(inc, task, stage, use, ticks):
    """Enter time into the incident's account; only the path of the first report counts."""
    if task[T_REPORT] == 0 and task[T_BRANCH] == 0:
        inc[I_ACCOUNT + 1 + 3 * (stage - REGISTER) + use] += ticks


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
def wait_until(inc, task, now, until, stage):
    """Hold the task until a tick; the time is booked as release of `stage`."""
    if until <= now:
        return QUEUE
    book(inc, task, stage, RELEASE, until - now)
    task[T_UNTIL] = until
    return DELAY


@jit
def channel_of(inc, task):
    """Channel of this task's report; all but the first come by the hotline."""
    first = task[T_REPORT] == 0 and inc[I_FALSE] == 0
    return inc[I_CHANNEL] if first else HOTLINE

"""What becomes of an incident that nobody attends to: it grows, or the resident withdraws it."""

from sim.codes import NONE
from sim.compiled.events import GROWS
from sim.compiled.slots import AT_WORK, GATHERED, WAITING, free_task, leave, rekey
from sim.compiled.state import D_REMOVED
from sim.compiled.ways import in_window, leave_batch, schedule
from sim.jit import jit
from sim.records import WITHDRAWN_BRANCH
from sim.rows import I_AGE, I_FIRST_TASK, T_BRANCH, T_DESK, T_SIBLING, T_SLOT, T_STATUS
from sim.rules.growth import worsen, worsens_in
from sim.rules.life import let_go
from sim.rules.withdrawal import break_off, turn_back, withdraw
from sim.units import NEVER

GROWTH_PLACE, WITHDRAWAL_PLACE = 254, 255
"""Where an incident's own timers stand among its decisions: after those of the first report, before
those of duplicates."""


@jit
def await_growth(w, s, slot, now):
    """Set the timer of the incident's next grade, if one is due."""
    inc = s.incidents[slot]
    ticks = worsens_in(w, inc)
    if ticks < NEVER:
        schedule(s, now + ticks, GROWS, inc[I_AGE], slot)


@jit
def grows(w, s, slot, now):
    """The timer of the incident's next grade has ended."""
    if worsen(w, s.incidents[slot]):
        rekey(w, s, slot, now)
    await_growth(w, s, slot, now)


@jit
def withdraws(w, s, slot, now):
    """The resident withdraws the incident: what waits or is on its way ends at once, what a seat
    is at work on ends with its visit. Returns whether it is withdrawn."""
    inc = s.incidents[slot]
    if not withdraw(inc, now):
        return False
    place = inc[I_FIRST_TASK]
    while place != NONE:
        task = s.tasks[place]
        after = task[T_SIBLING]
        if task[T_STATUS] == AT_WORK:
            break_off(w, inc, task, now)
            task[T_BRANCH] += WITHDRAWN_BRANCH
        else:
            _remove(w, s, place, now)
            free_task(s, place)
        place = after
    return True


@jit
def _remove(w, s, place, now):
    """Take a task of a withdrawn incident from where it waits or is on its way to."""
    task = s.tasks[place]
    inc = s.incidents[task[T_SLOT]]
    if task[T_STATUS] == WAITING:
        break_off(w, inc, task, now)
        leave(w, s, place, now)
        if in_window(s, now):
            s.desks[task[T_DESK], D_REMOVED] += 1
    elif task[T_STATUS] == GATHERED:
        let_go(w, inc, task, now)
        leave_batch(s, place)
    else:
        turn_back(w, inc, task, now)

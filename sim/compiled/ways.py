"""Ways to the next desk: at once, at a later tick, in a batch that gathers."""

from sim.codes import NONE
from sim.compiled.events import HANGS_UP, JOINS, pack, push
from sim.compiled.slots import GATHERED, IDLE, end_timers, wait
from sim.compiled.state import (
    D_BATCH,
    D_GATHERED,
    D_JOINS,
    N_EVENTS,
    WINDOW_FROM,
    WINDOW_TO,
)
from sim.jit import jit
from sim.rows import T_AGE, T_DESK, T_JOINED, T_NEXT, T_SLOT, T_STATUS, T_UNTIL, T_WORK
from sim.rules.hotline import patience
from sim.rules.life import batch_size, let_go
from sim.units import NEVER


@jit
def schedule(s, tick, kind, age, slot):
    """Add an event to the event list."""
    push(s.wheel, s.nodes, tick, pack(kind, age, slot))
    s.count[N_EVENTS] += 1


@jit
def in_window(s, now):
    """Whether desks are measured at this tick."""
    return s.count[WINDOW_FROM] <= now < s.count[WINDOW_TO]


@jit
def join(w, s, place, now):
    """The task joins its desk for a new visit; a caller does so for as long as patience lasts."""
    task = s.tasks[place]
    task[T_JOINED], task[T_WORK] = now, NONE
    w.situation.load[task[T_DESK]] += 1
    if in_window(s, now):
        s.desks[task[T_DESK], D_JOINS] += 1
    wait(w, s, place, now)
    until = patience(w, s.incidents[task[T_SLOT]], task)
    if until < NEVER:
        schedule(s, now + until, HANGS_UP, task[T_AGE], place)


@jit
def gather(w, s, place, now):
    """The task joins the batch for its desk, which leaves when it is large enough."""
    task = s.tasks[place]
    desk = s.desks[task[T_DESK]]
    task[T_STATUS], task[T_NEXT] = GATHERED, desk[D_BATCH]
    desk[D_BATCH] = place
    desk[D_GATHERED] += 1
    if desk[D_GATHERED] < batch_size(w, s.incidents[task[T_SLOT]]):
        if task[T_UNTIL] < NEVER:
            schedule(s, task[T_UNTIL], JOINS, task[T_AGE], place)
        return
    place = desk[D_BATCH]
    desk[D_BATCH], desk[D_GATHERED] = NONE, 0
    while place != NONE:
        task = s.tasks[place]
        after = task[T_NEXT]
        task[T_STATUS] = IDLE
        end_timers(task)
        let_go(w, s.incidents[task[T_SLOT]], task, now)
        join(w, s, place, now)
        place = after


@jit
def leave_batch(s, place):
    """The task's time has come before its batch was large enough."""
    task = s.tasks[place]
    desk = s.desks[task[T_DESK]]
    task[T_STATUS] = IDLE
    desk[D_GATHERED] -= 1
    if desk[D_BATCH] == place:
        desk[D_BATCH] = task[T_NEXT]
        return
    other = desk[D_BATCH]
    while s.tasks[other, T_NEXT] != place:
        other = s.tasks[other, T_NEXT]
    s.tasks[other, T_NEXT] = task[T_NEXT]

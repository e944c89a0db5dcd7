"""Slots of the compiled clock: incidents and tasks come, wait, leave, and write their rows."""

from sim.codes import NONE, OPEN, SOLVED, WITHDRAWN
from sim.compiled.events import AGES
from sim.compiled.prefetch import prefetch
from sim.compiled.state import (
    D_LENGTH,
    D_MARK,
    D_QUEUED,
    D_SINCE,
    KEEP_INCIDENTS,
    KEEP_VISITS,
    N_FREE_INCIDENTS,
    N_FREE_TASKS,
    N_INCIDENT_ROWS,
    N_TOUCHED,
    N_VISIT_ROWS,
    WINDOW_FROM,
    WINDOW_TO,
)
from sim.compiled.waiting import insert, remove
from sim.draws import OF_INCIDENT
from sim.jit import jit
from sim.keys import key_of
from sim.rows import (
    I_AGE,
    I_COUNTED,
    I_DUPLICATES,
    I_ECHOES,
    I_ENTITY,
    I_FIRST_TASK,
    I_KIND,
    I_OCCURRED,
    I_STATE,
    I_TASKS,
    I_TOWNSHIP,
    INCIDENT_WIDTH,
    T_AGE,
    T_BRANCH,
    T_CLASS,
    T_COUNT,
    T_DESK,
    T_FIELD,
    T_JOINED,
    T_REPORT,
    T_RETYPING,
    T_SIBLING,
    T_SLOT,
    T_STAGE,
    T_STARTED,
    T_STATUS,
    T_TURN,
    T_WORK,
)
from sim.rules.emergency import queue_class
from sim.rules.sensing import appear
from sim.rules.work import discipline_field

IDLE, WAITING, GATHERED, AT_WORK = range(4)
"""Status of a task: on its way; in a waiting list; in a batch that gathers; taken up by a seat."""


@jit
def new_incident(s, arrival):
    """Slot of an incident that has just occurred."""
    s.count[N_FREE_INCIDENTS] -= 1
    slot = s.free_incidents[s.count[N_FREE_INCIDENTS]]
    inc = s.incidents[slot]
    age = inc[I_AGE]
    appear(inc, arrival)
    inc[I_AGE] = age
    inc[I_FIRST_TASK] = NONE
    return slot


@jit
def free_incident(s, slot):
    """Give the slot back; timers that still point to it become stale with its generation."""
    s.incidents[slot, I_AGE] = (s.incidents[slot, I_AGE] + 1) % AGES
    s.free_incidents[s.count[N_FREE_INCIDENTS]] = slot
    s.count[N_FREE_INCIDENTS] += 1


@jit
def new_task(s, slot, report):
    """Slot of a blank task of an incident."""
    s.count[N_FREE_TASKS] -= 1
    place = s.free_tasks[s.count[N_FREE_TASKS]]
    task, inc = s.tasks[place], s.incidents[slot]
    age = task[T_AGE]
    task[:] = 0
    task[T_AGE] = age
    task[T_REPORT], task[T_SLOT], task[T_STATUS] = report, slot, IDLE
    task[T_DESK] = task[T_WORK] = NONE
    task[T_SIBLING] = inc[I_FIRST_TASK]
    inc[I_FIRST_TASK] = place
    inc[I_TASKS] += 1
    return place


@jit
def end_timers(task):
    """Timers that still point to the task become stale with its generation."""
    task[T_AGE] = (task[T_AGE] + 1) % AGES


@jit
def _is_over(inc):
    """Whether nothing more can come of an incident without tasks."""
    if inc[I_STATE] == WITHDRAWN:
        return inc[I_ECHOES] == inc[I_DUPLICATES]
    return inc[I_STATE] == SOLVED or inc[I_ENTITY] != OF_INCIDENT


@jit
def free_task(s, place):
    """End of a task; an incident that is finished with its last task leaves, too."""
    slot = s.tasks[place, T_SLOT]
    inc = s.incidents[slot]
    if inc[I_FIRST_TASK] == place:
        inc[I_FIRST_TASK] = s.tasks[place, T_SIBLING]
    else:
        other = inc[I_FIRST_TASK]
        while s.tasks[other, T_SIBLING] != place:
            other = s.tasks[other, T_SIBLING]
        s.tasks[other, T_SIBLING] = s.tasks[place, T_SIBLING]
    end_timers(s.tasks[place])
    s.free_tasks[s.count[N_FREE_TASKS]] = place
    s.count[N_FREE_TASKS] += 1
    inc[I_TASKS] -= 1
    leave_city(s, slot)


@jit
def leave_city(s, slot):
    """An incident without tasks of which nothing more can come leaves."""
    inc = s.incidents[slot]
    if inc[I_TASKS] == 0 and _is_over(inc):
        write_incident(s, inc)
        free_incident(s, slot)


@jit
def lead_of(s, inc):
    """The task that leads an incident: the first report, branch 0."""
    place = inc[I_FIRST_TASK]
    while s.tasks[place, T_REPORT] != 0 or s.tasks[place, T_BRANCH] != 0:
        place = s.tasks[place, T_SIBLING]
    return place


@jit
def count_open(w, inc):
    """Keep the count of open incidents alike, after a decision about one."""
    is_open = 1 if inc[I_STATE] == OPEN and inc[I_ENTITY] == OF_INCIDENT else 0
    if is_open != inc[I_COUNTED]:
        w.situation.alike[inc[I_KIND], inc[I_TOWNSHIP]] += is_open - inc[I_COUNTED]
        inc[I_COUNTED] = is_open


# --- waiting ----------------------------------------------------------------------------------


@jit
def touch(s, desk):
    """Note that a desk may be able to start work in this round."""
    if s.desks[desk, D_MARK] == 0:
        s.desks[desk, D_MARK] = 1
        s.touched[s.count[N_TOUCHED]] = desk
        s.count[N_TOUCHED] += 1


@jit
def within(s, start, end):
    """Length of [start, end) inside the measuring window [ticks]."""
    return max(0, min(end, s.count[WINDOW_TO]) - max(start, s.count[WINDOW_FROM]))


@jit
def lengthen(s, desk, now, change):
    """The number of tasks that wait at a desk changes; what it was is added up."""
    row = s.desks[desk]
    row[D_QUEUED] += row[D_LENGTH] * within(s, row[D_SINCE], now)
    row[D_LENGTH] += change
    row[D_SINCE] = now


@jit
def wait(w, s, place, now):
    """The task enters the waiting list of its desk, with the queue key of this moment."""
    task = s.tasks[place]
    inc = s.incidents[task[T_SLOT]]
    task[T_CLASS] = queue_class(w, inc)
    task[T_FIELD] = discipline_field(w, inc, task[T_DESK], now)
    task[T_STATUS] = WAITING
    insert(s.tasks, s.incidents, s.desks, task[T_DESK], place)
    lengthen(s, task[T_DESK], now, 1)
    touch(s, task[T_DESK])
    prefetch(w.seats, task[T_DESK], 0)  # for its turn, when all of the round have been decided


@jit
def leave(w, s, place, now):
    """The task leaves the waiting list of its desk without having been served."""
    task = s.tasks[place]
    w.situation.load[task[T_DESK]] -= 1
    remove(s.tasks, s.incidents, s.desks, task[T_DESK], place)
    lengthen(s, task[T_DESK], now, -1)
    task[T_STATUS] = IDLE
    end_timers(task)


@jit
def rekey(w, s, slot, now):
    """New queue keys for every waiting task of an incident; each keeps its joined tick."""
    inc = s.incidents[slot]
    place = inc[I_FIRST_TASK]
    while place != NONE:
        task = s.tasks[place]
        if task[T_STATUS] == WAITING:
            remove(s.tasks, s.incidents, s.desks, task[T_DESK], place)
            task[T_CLASS] = queue_class(w, inc)
            task[T_FIELD] = discipline_field(w, inc, task[T_DESK], now)
            insert(s.tasks, s.incidents, s.desks, task[T_DESK], place)
        place = task[T_SIBLING]


# --- output -----------------------------------------------------------------------------------


@jit
def _within_window(s, inc):
    return s.count[WINDOW_FROM] <= inc[I_OCCURRED] < s.count[WINDOW_TO]


@jit
def write_incident(s, inc):
    """Buffer the row of an incident that occurred within the window."""
    if s.count[KEEP_INCIDENTS] == 1 and inc[I_ENTITY] == OF_INCIDENT and _within_window(s, inc):
        row = s.incident_rows[s.count[N_INCIDENT_ROWS]]
        for column in range(INCIDENT_WIDTH):
            row[column] = inc[column]
        s.count[N_INCIDENT_ROWS] += 1


@jit
def write_visit(s, inc, task, now):
    """Buffer the row of the visit that ends now; its last two columns are filled by
    `complete_visit` when the decision is made. Returns the row's number, or NONE."""
    if s.count[KEEP_VISITS] == 0 or not _within_window(s, inc):
        return NONE
    n = s.count[N_VISIT_ROWS]
    row = s.visit_rows[n]
    stage = task[T_STAGE]
    row[0] = key_of(inc)
    row[1] = task[T_REPORT]
    row[2] = task[T_BRANCH] + task[T_TURN]
    row[3] = stage
    row[4] = task[T_COUNT + stage] if task[T_TURN] == 0 else 0
    row[5] = task[T_DESK]
    row[6] = task[T_JOINED]
    row[7] = task[T_STARTED]
    row[8] = now
    row[9] = task[T_WORK]
    row[10] = task[T_RETYPING]
    s.count[N_VISIT_ROWS] += 1
    return n


@jit
def complete_visit(s, row, released, outcome):
    """Enter when a visit's task may go on, and how the visit ended."""
    if row != NONE:
        s.visit_rows[row, 11] = released
        s.visit_rows[row, 12] = outcome

"""Phase B of a round: each task that asks gets its decision, and the clock obeys."""

import numpy as np

from sim.codes import (
    ASLEEP,
    CALL_AGAIN,
    CLOSE,
    CLOSED,
    DELAY,
    END,
    FORK,
    GATHER,
    JOIN,
    JUDGE,
    LOSE,
    MERGED,
    MERGED_BY,
    NONE,
    PENDING,
    QUEUE,
    REKEY,
    REPORT_OPEN,
    SLEEP,
    VOID,
)
from sim.codes import SOLVED as ENDED
from sim.compiled.centres import keep_alarms
from sim.compiled.events import (
    AWAKES,
    DUPLICATE,
    GROWS,
    HANGS_UP,
    JOINS,
    LIMIT,
    NOTICE,
    RINGS_AGAIN,
    WITHDRAWS,
    WORK_ENDS,
    unpack,
)
from sim.compiled.slots import (
    complete_visit,
    count_open,
    free_task,
    lead_of,
    leave,
    leave_city,
    new_task,
    rekey,
    write_visit,
)
from sim.compiled.state import D_ABANDONED, D_BLOCKED, D_BUSY, D_LENGTH, N_ASKS, N_REPORTS
from sim.compiled.unattended import await_growth, grows, withdraws
from sim.compiled.ways import gather, in_window, join, schedule
from sim.draws import OF_FALSE_ALARM, OF_INCIDENT
from sim.jit import jit
from sim.records import FLOW_BIN, SUPERVISE_BRANCH
from sim.rows import (
    I_AGE,
    I_CALLING,
    I_DUPLICATES,
    I_ECHOES,
    I_ENTITY,
    I_FALSE,
    I_LEFT,
    I_PARTNERS,
    I_RENEWED,
    I_REPORTS,
    I_STATE,
    T_AGE,
    T_BRANCH,
    T_DESK,
    T_JOINED,
    T_OUTCOME,
    T_REPORT,
    T_SLOT,
    T_STAGE,
    T_UNTIL,
)
from sim.rules.centres import centre_of
from sim.rules.disposal import after_join, make_partner, next_partner
from sim.rules.dual import call_in
from sim.rules.emergency import pause
from sim.rules.hotline import is_engaged, unanswered
from sim.rules.intake import repeats
from sim.rules.life import after_visit, begin, reopen
from sim.rules.sensing import accept, repeated_at
from sim.rules.supervision import next_point, point_due, supervise
from sim.rules.withdrawal import withdraws_in
from sim.rules.work import bits
from sim.units import NEVER

# Columns of the flow table, see records.FLOW_COLUMNS.
OCCURRED, NOTICED, FIRST_CLOSED, SOLVED, FALSE_CLOSED, RETURNED, WITHDRAWN, RENEWED = range(8)
MISMERGED = 8

_FEW = 24


@jit
def ask(s, key, sub, event):
    """Note that a task asks for a decision in this round."""
    n = s.count[N_ASKS]
    s.ask_key[n], s.ask_sub[n], s.ask_event[n] = key, sub, event
    s.count[N_ASKS] += 1


@jit
def sub_key(report, branch):
    """Order of an incident's own tasks: by report, then branch."""
    return report << 8 | branch


@jit(allocates=True)
def sort_asks(s):
    """Order the asks by (incident key, report, branch)."""
    n = s.count[N_ASKS]
    if n > _FEW:
        order = np.argsort(s.ask_sub[:n], kind="mergesort")
        order = order[np.argsort(s.ask_key[:n][order], kind="mergesort")]
        s.ask_key[:n] = s.ask_key[:n][order]
        s.ask_sub[:n] = s.ask_sub[:n][order]
        s.ask_event[:n] = s.ask_event[:n][order]
        return
    for i in range(1, n):  # few: an insertion sort needs no memory
        key, sub, event = s.ask_key[i], s.ask_sub[i], s.ask_event[i]
        j = i - 1
        while j >= 0 and (s.ask_key[j] > key or (s.ask_key[j] == key and s.ask_sub[j] > sub)):
            s.ask_key[j + 1], s.ask_sub[j + 1] = s.ask_key[j], s.ask_sub[j]
            s.ask_event[j + 1] = s.ask_event[j]
            j -= 1
        s.ask_key[j + 1], s.ask_sub[j + 1], s.ask_event[j + 1] = key, sub, event


@jit
def _flow(s, inc, now, column):
    if inc[I_ENTITY] == OF_INCIDENT:
        s.flow[now // FLOW_BIN, column] += 1


@jit
def _report(s, before, after):
    """Book a report's change of state; NONE before: it is drawn just now."""
    if before == NONE:
        s.count[N_REPORTS] += 1
    else:
        s.reports[before] -= 1
    s.reports[after] += 1


@jit
def noticed(w, s, slot, now):
    """The first report of an incident comes in."""
    inc = s.incidents[slot]
    accept(w, inc, now)
    _flow(s, inc, now, NOTICED)
    _report(s, NONE, REPORT_OPEN)
    if inc[I_ENTITY] == OF_INCIDENT:
        for _ in range(inc[I_DUPLICATES]):
            _report(s, NONE, PENDING)
        if inc[I_DUPLICATES] > 0:
            schedule(s, repeated_at(w, inc, 1, now), DUPLICATE, inc[I_AGE], slot)
        ticks = withdraws_in(w, inc)
        if ticks < NEVER:
            schedule(s, now + ticks, WITHDRAWS, inc[I_AGE], slot)
        _await_point(w, s, slot, now)
    place = new_task(s, slot, 0)
    obey(w, s, place, begin(w, inc, s.tasks[place], now), now)


@jit
def visited(w, s, place, now):
    """A seat has finished with a task."""
    task = s.tasks[place]
    inc = s.incidents[task[T_SLOT]]
    row = write_visit(s, inc, task, now)
    stage, desk = task[T_STAGE], task[T_DESK]
    command = after_visit(w, inc, task, now)
    complete_visit(s, row, task[T_UNTIL] if command == DELAY else now, task[T_OUTCOME])
    if stage == JUDGE:
        w.situation.uses[centre_of(w, desk)] += 1
    obey(w, s, place, command, now)


@jit
def awoken(w, s, place, now):
    """A false closing or a false merge comes back."""
    task = s.tasks[place]
    inc = s.incidents[task[T_SLOT]]
    _flow(s, inc, now, RETURNED)
    _report(s, NONE, REPORT_OPEN)
    obey(w, s, place, reopen(w, inc, task, now), now)


@jit
def _await_point(w, s, slot, now):
    """Set the timer of the next point of an incident's limit, if one more is to come."""
    inc = s.incidents[slot]
    tick = next_point(w, inc, now)
    if tick < NEVER:
        schedule(s, tick, LIMIT, inc[I_AGE], slot)


@jit
def point_of_limit(w, s, slot, now):
    """A point of the incident's limit has come."""
    inc = s.incidents[slot]
    wait = pause(w, inc, point_due(w, inc), now)
    if wait > 0:
        schedule(s, now + wait, LIMIT, inc[I_AGE], slot)
        return
    place = new_task(s, slot, 0)
    command = supervise(w, inc, s.tasks[place], now)
    _await_point(w, s, slot, now)
    if command == QUEUE:
        obey(w, s, place, command, now)
    else:
        free_task(s, place)


@jit
def duplicated(w, s, slot, now):
    """Another resident would report the incident, if it is still to be seen."""
    inc = s.incidents[slot]
    if inc[I_STATE] == ENDED:  # it was voided when the incident was closed
        return
    inc[I_ECHOES] += 1
    number = inc[I_ECHOES]
    if number < inc[I_DUPLICATES]:
        schedule(s, repeated_at(w, inc, number + 1, now), DUPLICATE, inc[I_AGE], slot)
    if inc[I_STATE] == ASLEEP or not repeats(w, inc, number, now):
        _report(s, PENDING, VOID)
        leave_city(s, slot)
        return
    _report(s, PENDING, REPORT_OPEN)
    inc[I_REPORTS] += 1
    place = new_task(s, slot, number)
    obey(w, s, place, begin(w, inc, s.tasks[place], now), now)


@jit
def gives_up_waiting(w, s, place, now):
    """A caller hangs up."""
    task = s.tasks[place]
    if in_window(s, now):
        s.desks[task[T_DESK], D_ABANDONED] += 1
    leave(w, s, place, now)
    obey(w, s, place, unanswered(w, s.incidents[task[T_SLOT]], task, now), now)


@jit
def _blocked(w, s, task, now):
    """Whether a call finds no line."""
    desk = s.desks[task[T_DESK]]
    callers = desk[D_BUSY] + desk[D_LENGTH]
    if not is_engaged(w, s.incidents[task[T_SLOT]], task, callers):
        return False
    task[T_JOINED] = now
    if in_window(s, now):
        desk[D_BLOCKED] += 1
    return True


@jit
def obey(w, s, place, command, now):
    """Carry out a rule's command for a task."""
    task = s.tasks[place]
    slot = task[T_SLOT]
    inc = s.incidents[slot]
    if inc[I_RENEWED] == 1:
        _flow(s, inc, now, RENEWED)
        inc[I_RENEWED] = 0
    if inc[I_CALLING] == 1:
        side = new_task(s, slot, 0)
        call_in(w, inc, s.tasks[side])
        join(w, s, side, now)
    if command == JOIN:
        inc[I_LEFT] -= 1
        lead = lead_of(s, inc)
        if inc[I_LEFT] > 0:
            if place != lead:
                free_task(s, place)
            return
        command = after_join(w, inc, s.tasks[lead], task, now)
        if place != lead:
            free_task(s, place)
        place = lead
        task = s.tasks[place]
    if command == QUEUE and _blocked(w, s, task, now):
        command = unanswered(w, inc, task, now)
    if command == QUEUE:
        join(w, s, place, now)
    elif command == DELAY:
        schedule(s, task[T_UNTIL], JOINS, task[T_AGE], place)
    elif command == GATHER:
        gather(w, s, place, now)
    elif command == FORK:
        _fork(w, s, place, now)
    elif command == SLEEP:
        if task[T_OUTCOME] == MERGED_BY:
            _flow(s, inc, now, MISMERGED)
            _report(s, REPORT_OPEN, MERGED)
        else:
            _closed(s, inc, now, FALSE_CLOSED)
        schedule(s, task[T_UNTIL], AWAKES, 0, place)
        await_growth(w, s, slot, now)
    elif command == CLOSE:
        _closed(s, inc, now, SOLVED)
        while inc[I_ECHOES] < inc[I_DUPLICATES]:  # nobody reports what is gone
            inc[I_ECHOES] += 1
            _report(s, PENDING, VOID)
        free_task(s, place)
    elif command == END:
        _end_report(s, inc, task)
        free_task(s, place)
    elif command == REKEY:
        rekey(w, s, slot, now)
        free_task(s, place)
    elif command == CALL_AGAIN:
        schedule(s, task[T_UNTIL], RINGS_AGAIN, task[T_AGE], place)
    elif command == LOSE:
        _report(s, REPORT_OPEN, VOID)
        if task[T_REPORT] == 0:
            _flow(s, inc, now, WITHDRAWN)
        free_task(s, place)


@jit
def _fork(w, s, place, now):
    """Lead and partners join their desks at once."""
    slot = s.tasks[place, T_SLOT]
    inc = s.incidents[slot]
    inc[I_LEFT] = 1 + bits(inc[I_PARTNERS])
    join(w, s, place, now)
    bit = next_partner(inc[I_PARTNERS], -1)
    while bit != NONE:
        partner = new_task(s, slot, 0)
        make_partner(w, inc, s.tasks[place], s.tasks[partner], bit)
        join(w, s, partner, now)
        bit = next_partner(inc[I_PARTNERS], bit)


@jit
def _closed(s, inc, now, column):
    """A closing, true or false, enters the books."""
    first = inc[I_FALSE] == (1 if column == FALSE_CLOSED else 0)
    if first:
        _flow(s, inc, now, FIRST_CLOSED)
    _flow(s, inc, now, column)
    _report(s, REPORT_OPEN, CLOSED)


@jit
def _end_report(s, inc, task):
    """A task has ended that closes no incident: book its report, if it carried one."""
    if task[T_BRANCH] >= SUPERVISE_BRANCH:
        return
    if inc[I_ENTITY] == OF_INCIDENT:
        _report(s, REPORT_OPEN, MERGED if task[T_OUTCOME] == MERGED_BY else CLOSED)
    else:
        _report(s, REPORT_OPEN, VOID if inc[I_ENTITY] == OF_FALSE_ALARM else CLOSED)


@jit
def decide(w, s, i, now):
    """Decide the i-th ask of the round.

    An incident may leave in this very round, by an earlier ask, before its timer's turn comes.
    """
    kind, age, slot = unpack(s.ask_event[i])
    about = slot  # the incident
    if _is_of_task(kind):
        about = s.tasks[slot, T_SLOT]
    elif kind != NOTICE and age != s.incidents[slot, I_AGE]:
        return
    if kind == NOTICE:
        noticed(w, s, slot, now)
    elif kind == WORK_ENDS:
        visited(w, s, slot, now)
    elif kind == AWAKES:
        awoken(w, s, slot, now)
    elif kind == LIMIT:
        point_of_limit(w, s, slot, now)
    elif kind == DUPLICATE:
        duplicated(w, s, slot, now)
    elif kind == HANGS_UP:
        gives_up_waiting(w, s, slot, now)
    elif kind == RINGS_AGAIN:
        obey(w, s, slot, QUEUE, now)
    elif kind == GROWS:
        grows(w, s, slot, now)
    elif kind == WITHDRAWS and withdraws(w, s, slot, now):
        _flow(s, s.incidents[slot], now, WITHDRAWN)
        _report(s, REPORT_OPEN, VOID)
    count_open(w, s.incidents[about])
    keep_alarms(w, s.incidents[about])


@jit
def _is_of_task(kind):
    """Whether an event that asks for a decision is a task's and not an incident's."""
    return kind == WORK_ENDS or kind == AWAKES or kind == HANGS_UP or kind == RINGS_AGAIN


@jit
def new_tasks_asked(s, i):
    """How many tasks the i-th ask may bring into being: one, its partners and a co-handler."""
    kind, _, slot = unpack(s.ask_event[i])
    if _is_of_task(kind):
        slot = s.tasks[slot, T_SLOT]
    return 3 + bits(s.incidents[slot, I_PARTNERS])  # a whistle makes the township a partner

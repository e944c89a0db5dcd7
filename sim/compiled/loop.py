"""The compiled clock's loop: every tick is settled in rounds, each in three phases.

    A   take every event of the tick: arrivals, work that ends, tasks that join, timers
    B   centres review, ascending; then decide, task by task, by (incident key, report, branch)
    C   desks touched in this round: start work while seats are open and someone waits

What a round schedules for its own tick belongs to the next round.
"""

from sim.codes import NONE
from sim.compiled.ahead import look_ahead
from sim.compiled.centres import book_work, review_all
from sim.compiled.decide import (
    OCCURRED,
    ask,
    decide,
    new_tasks_asked,
    sort_asks,
    sub_key,
)
from sim.compiled.events import (
    AWAKES,
    DUPLICATE,
    EVENT_KINDS,
    GROWS,
    HANGS_UP,
    JOINS,
    LIMIT,
    NOTICE,
    OPENS,
    PATROLS,
    REVIEWS,
    RINGS_AGAIN,
    WITHDRAWS,
    WORK_ENDS,
    holds,
    next_tick,
    pack,
    take_all,
    turn_to,
    unpack,
)
from sim.compiled.slots import (
    AT_WORK,
    GATHERED,
    IDLE,
    end_timers,
    free_incident,
    lengthen,
    new_incident,
    touch,
    wait,
    within,
)
from sim.compiled.state import (
    D_BUSY,
    D_DELAYED,
    D_LENGTH,
    D_MARK,
    D_STARTS,
    D_WAITED,
    D_WAKE,
    D_WORKED,
    N_ASKS,
    N_DONE,
    N_DRAWN,
    N_EVENTS,
    N_FREE_INCIDENTS,
    N_FREE_TASKS,
    N_INCIDENT_ROWS,
    N_REVIEWS,
    N_TOUCHED,
    N_VISIT_ROWS,
    NEED_EVENTS,
    NEED_INCIDENTS,
    NEED_ROWS,
    NEED_TASKS,
    NEXT_ARRIVAL,
    NOW,
    RESUMING,
    ROUND,
    STUCK,
    WINDOW_FROM,
    WINDOW_TO,
)
from sim.compiled.unattended import GROWTH_PLACE, WITHDRAWAL_PLACE, await_growth
from sim.compiled.waiting import take
from sim.compiled.ways import join, leave_batch, schedule
from sim.draws import OF_INCIDENT
from sim.jit import jit
from sim.keys import key_of
from sim.records import FLOW_BIN, TIMER_BRANCH
from sim.rows import (
    I_AGE,
    I_ECHOES,
    I_ENTITY,
    I_OCCURRED,
    I_PATROL,
    T_AGE,
    T_BRANCH,
    T_DESK,
    T_JOINED,
    T_LEFT,
    T_REPORT,
    T_SLOT,
    T_STARTED,
    T_STATUS,
    T_WORK,
)
from sim.rules.life import let_go
from sim.rules.patrol import is_kept, patrols
from sim.rules.seats import next_opening
from sim.rules.sensing import first_notice
from sim.rules.work import seats_open, session, take_up
from sim.units import NEVER

SETTLED, MORE_ROOM, NEVER_SETTLES = range(3)
"""How `run_until` ends: at the tick asked for; for want of room; in a tick without end."""

MOST_ROUNDS = 1000
"""Rounds of one tick after which the run is stopped: some task goes in a circle."""

_ARRIVALS = len(EVENT_KINDS)


# --- phase A ----------------------------------------------------------------------------------


@jit
def _await_notice(s, slot, tick, now):
    """The first notice comes now or at a tick, or it is then that patrol is asked again."""
    inc = s.incidents[slot]
    if tick == now:
        ask(s, key_of(inc), sub_key(0, 0), pack(NOTICE, inc[I_AGE], slot))
    elif tick < NEVER:
        schedule(s, tick, PATROLS if inc[I_PATROL] > 0 else NOTICE, inc[I_AGE], slot)


@jit
def _occur(w, s, arrivals, now):
    """Incidents that occur at this tick."""
    i = s.count[NEXT_ARRIVAL]
    while i < arrivals.shape[0] and arrivals[i, I_OCCURRED] == now:
        slot = new_incident(s, arrivals[i])
        inc = s.incidents[slot]
        tick = first_notice(w, inc)
        await_growth(w, s, slot, now)
        real = inc[I_ENTITY] == OF_INCIDENT
        if real:
            s.count[N_DRAWN] += 1
            s.flow[now // FLOW_BIN, OCCURRED] += 1
        if tick < NEVER or real:
            _await_notice(s, slot, tick, now)
        else:
            free_incident(s, slot)
        s.settled[_ARRIVALS] += 1
        i += 1
    s.count[NEXT_ARRIVAL] = i


@jit
def _take_event(w, s, event, now):
    """Phase A of one event: what needs no decision is done, what needs one asks for it."""
    kind, age, slot = unpack(event)
    s.settled[kind] += 1
    if kind == WORK_ENDS:
        task = s.tasks[slot]
        desk = task[T_DESK]
        task[T_STATUS] = IDLE
        s.desks[desk, D_BUSY] -= 1
        touch(s, desk)
        if task[T_LEFT] > 0:
            wait(w, s, slot, now)  # the remainder, with its first joined tick
        else:
            w.situation.load[desk] -= 1
            key = key_of(s.incidents[task[T_SLOT]])
            ask(s, key, sub_key(task[T_REPORT], task[T_BRANCH]), event)
    elif kind == JOINS:
        if age == s.tasks[slot, T_AGE]:  # else its batch has left already
            if s.tasks[slot, T_STATUS] == GATHERED:
                leave_batch(s, slot)
                let_go(w, s.incidents[s.tasks[slot, T_SLOT]], s.tasks[slot], now)
            join(w, s, slot, now)
    elif kind == OPENS:
        s.desks[slot, D_WAKE] = NONE
        touch(s, slot)
    elif kind == AWAKES or kind == RINGS_AGAIN or kind == HANGS_UP:
        task = s.tasks[slot]
        # Else the call was answered, or its incident was withdrawn.
        if kind == AWAKES or age == task[T_AGE]:
            key = key_of(s.incidents[task[T_SLOT]])
            ask(s, key, sub_key(task[T_REPORT], task[T_BRANCH]), event)
    elif kind == REVIEWS:
        s.due[slot] = 1
        s.count[N_REVIEWS] += 1
    elif kind == PATROLS:
        if age == s.incidents[slot, I_AGE]:
            _await_notice(s, slot, patrols(w, s.incidents[slot], now), now)
    else:
        inc = s.incidents[slot]
        if kind == NOTICE:
            ask(s, key_of(inc), sub_key(0, 0), event)
        elif age == inc[I_AGE]:  # else a timer of an incident that has left
            if kind == LIMIT:
                ask(s, key_of(inc), sub_key(0, TIMER_BRANCH), event)
            elif kind == DUPLICATE:
                ask(s, key_of(inc), sub_key(inc[I_ECHOES] + 1, 0), event)
            elif kind == GROWS:
                ask(s, key_of(inc), sub_key(0, GROWTH_PLACE), event)
            elif kind == WITHDRAWS:
                ask(s, key_of(inc), sub_key(0, WITHDRAWAL_PLACE), event)


@jit
def _take_all(w, s, arrivals, now):
    """Phase A: every event that is in the list for this tick, and the arrivals."""
    s.count[N_ASKS] = 0
    s.count[N_TOUCHED] = 0
    s.count[N_REVIEWS] = 0
    turn_to(s.wheel, s.nodes, now)
    look_ahead(w, s, now)
    while holds(s.wheel, now):  # an event may bring another of the same tick
        n = take_all(s.wheel, s.nodes, now, s.taken)
        s.count[N_EVENTS] -= n
        for i in range(n):
            _take_event(w, s, s.taken[i], now)
        s.count[N_DONE] += n
    _occur(w, s, arrivals, now)


# --- phase C ----------------------------------------------------------------------------------


@jit
def _start(w, s, desk, now):
    """A free seat takes up the first waiting task."""
    place = take(s.tasks, s.incidents, s.desks, desk)
    lengthen(s, desk, now, -1)
    task, row = s.tasks[place], s.desks[desk]
    task[T_STATUS] = AT_WORK
    end_timers(task)
    if task[T_WORK] == NONE:
        take_up(w, s.incidents[task[T_SLOT]], task, now)
        task[T_STARTED] = now
        if s.count[WINDOW_FROM] <= now < s.count[WINDOW_TO]:
            row[D_STARTS] += 1
            row[D_WAITED] += now - task[T_JOINED]
            row[D_DELAYED] += 1 if task[T_JOINED] < now else 0
    length = session(w, task)
    task[T_LEFT] -= length
    row[D_BUSY] += 1
    row[D_WORKED] += within(s, now, now + length)
    if is_kept(w, desk):
        book_work(w, desk, now, length)
    schedule(s, now + length, WORK_ENDS, 0, place)


@jit
def _serve(w, s, desk, now):
    """Start work at a desk while seats are open and someone waits; else wake it in time."""
    row = s.desks[desk]
    if row[D_LENGTH] == 0:
        return
    seats = seats_open(w, desk, now)
    while row[D_BUSY] < seats and row[D_LENGTH] > 0:
        _start(w, s, desk, now)
    if row[D_LENGTH] > 0 and row[D_WAKE] == NONE:
        tick = next_opening(w, desk, now)
        if tick < NEVER:
            row[D_WAKE] = tick
            schedule(s, tick, OPENS, 0, desk)


# --- the loop ---------------------------------------------------------------------------------


@jit
def _room_to_take(s, n_arrivals):
    """Whether phase A has room; else says what it needs."""
    s.count[NEED_INCIDENTS] = n_arrivals
    s.count[NEED_EVENTS] = 2 * n_arrivals  # the notice and the first growth of each
    s.count[NEED_TASKS] = s.count[NEED_ROWS] = 0
    length = s.count[N_EVENTS] + 2 * n_arrivals
    return (
        s.count[N_FREE_INCIDENTS] >= n_arrivals
        and s.nodes.shape[0] >= length
        and s.ask_key.shape[0] >= length
    )


@jit
def _room_to_decide(s):
    """Whether phases B and C have room; else says what they need.

    A decision schedules at most six events; besides, each task has at most one of its own
    and each touched desk one opening. Centres that review may wake and touch each of their desks.
    """
    asks = s.count[N_ASKS]
    tasks = 0
    for i in range(asks):
        tasks += new_tasks_asked(s, i)
    live = s.tasks.shape[0] - s.count[N_FREE_TASKS] + tasks
    s.count[NEED_INCIDENTS] = 0
    s.count[NEED_TASKS] = tasks
    # A decision may touch a new desk for each task that it sends on.
    s.count[NEED_EVENTS] = 6 * asks + 2 * live + s.count[N_TOUCHED]
    if s.count[N_REVIEWS] > 0:
        s.count[NEED_EVENTS] += s.count[N_REVIEWS] + 2 * s.desks.shape[0]
    s.count[NEED_ROWS] = 2 * asks
    return (
        s.count[N_FREE_TASKS] >= tasks
        and s.nodes.shape[0] >= s.count[N_EVENTS] + s.count[NEED_EVENTS]
        and s.incident_rows.shape[0] >= s.count[N_INCIDENT_ROWS] + 2 * asks
        and s.visit_rows.shape[0] >= s.count[N_VISIT_ROWS] + 2 * asks
    )


@jit
def _next_tick(s, arrivals, end):
    """Tick that is settled next; `end` or later when none is left before."""
    i = s.count[NEXT_ARRIVAL]
    tick = min(arrivals[i, I_OCCURRED], end) if i < arrivals.shape[0] else end
    return min(next_tick(s.wheel, s.nodes, s.count[NOW], tick), tick)


@jit
def run_until(w, s, arrivals, end):
    """Settle every tick before `end`.

    arrivals : i8[n, I_GIVEN + 1], the stream's incidents before `end`, by (occurred, key).
    Returns SETTLED; MORE_ROOM when the state must grow before the run goes on (call again);
    or NEVER_SETTLES, with the incident's key in count[STUCK].
    """
    while True:
        if s.count[RESUMING] == 0:
            now = _next_tick(s, arrivals, end)
            if now >= end:
                return SETTLED
            if not _room_to_take(s, arrivals.shape[0] - s.count[NEXT_ARRIVAL]):
                return MORE_ROOM
            s.count[ROUND] = s.count[ROUND] + 1 if now == s.count[NOW] else 0
            s.count[NOW] = now
            _take_all(w, s, arrivals, now)
            if s.count[ROUND] >= MOST_ROUNDS:
                sort_asks(s)  # so that the lowest key is named
                s.count[STUCK] = s.ask_key[0] if s.count[N_ASKS] > 0 else NONE
                return NEVER_SETTLES
            s.count[RESUMING] = 1
        if not _room_to_decide(s):
            return MORE_ROOM
        now = s.count[NOW]
        if s.count[N_ASKS] > 1:
            sort_asks(s)
        if s.count[N_REVIEWS] > 0:
            review_all(w, s, now)
        for i in range(s.count[N_ASKS]):
            decide(w, s, i, now)
        for i in range(s.count[N_TOUCHED]):  # a desk changes only itself: any order will do
            s.desks[s.touched[i], D_MARK] = 0
            _serve(w, s, s.touched[i], now)
        s.count[RESUMING] = 0

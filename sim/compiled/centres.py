"""Centres review: seats move, emergency mode comes and goes. And what the situation keeps.

Reviews are settled between phases A and B, centres ascending, from what stands in the situation
then; each changes only its own centre, and the city's the districts that it takes along.
"""

from sim.calendar import open_ticks
from sim.codes import CITY, NONE
from sim.compiled.events import OPENS, REVIEWS
from sim.compiled.slots import rekey, touch
from sim.compiled.state import N_REVIEWS, WINDOW_FROM, WINDOW_TO
from sim.compiled.ways import schedule
from sim.jit import jit
from sim.levers import EMERGENCY_SWITCH, SWITCHING
from sim.rows import I_ALARM, I_DISTRICT, I_TASKS
from sim.rules import flexible
from sim.rules.centres import desks_of, is_shift_change, n_high, n_reviewing, next_review
from sim.rules.emergency import (
    BY_CITY,
    CITY_ALARM,
    DISTRICT_ALARM,
    OWN,
    alarms,
    changes,
    is_emergency,
    is_taken_along,
    night_staff,
)
from sim.rules.patrol import grid_of, lost, shift_number
from sim.rules.seats import opening_at
from sim.situation import (
    E_ALARM,
    E_COMING,
    E_KEPT,
    E_MODE,
    E_PAUSED,
    E_SINCE,
    P_BEFORE,
    P_BOOKED,
    P_LOST,
    P_SHIFT,
)
from sim.units import NEVER

# --- reviews ----------------------------------------------------------------------------------


@jit
def reviews_at_first(w):
    """How many centres will ever review: room for so many events is needed."""
    n = 0
    for centre in range(n_reviewing(w)):
        n += next_review(w, centre, -1) < NEVER
    return n


@jit
def begin_reviews(w, s):
    """Before tick 0: schedule the first review of each centre."""
    for centre in range(n_reviewing(w)):
        tick = next_review(w, centre, -1)
        if tick < NEVER:
            schedule(s, tick, REVIEWS, 0, centre)


@jit
def review_all(w, s, now):
    """The reviews of this round."""
    for centre in range(n_reviewing(w)):
        if s.due[centre] == 1:
            s.due[centre] = 0
            if centre < n_high(w):
                _review_mode(w, s, centre, now)
            if is_shift_change(w, centre, now):
                _move_seats(w, s, centre, now)
            tick = next_review(w, centre, now)
            if tick < NEVER:
                schedule(s, tick, REVIEWS, 0, centre)
    s.count[N_REVIEWS] = 0


# --- flexible staff ---------------------------------------------------------------------------


@jit
def _move_seats(w, s, centre, now):
    """A change of shifts: seats move from idle desks to crowded ones."""
    n = flexible.movable(w, centre, now)
    if n == 0:
        return
    lent = w.situation
    first, after = desks_of(w, centre)
    lent.extra[first:after] = 0
    for _ in range(n):
        giver, taker = flexible.next_move(w, centre, now)
        if giver == NONE:
            break
        lent.extra[giver] -= 1
        lent.extra[taker] += 1
        if s.count[WINDOW_FROM] <= now < s.count[WINDOW_TO]:
            s.moved[taker] += 1
    back = flexible.until(w, centre, now)
    for desk in range(first, after):
        extra = lent.extra[desk]
        if extra != 0:
            begins = now + int(w.mechanism[SWITCHING]) if extra > 0 else now
            lent.extra_from[desk], lent.extra_until[desk] = begins, back
            schedule(s, begins if extra > 0 else back, OPENS, 0, desk)


# --- emergency mode ---------------------------------------------------------------------------


@jit
def _review_mode(w, s, centre, now):
    row = w.situation.emergency[centre]
    _keep_mode(w, s, centre, now)  # a plan of hours and seats may end here
    if changes(w, centre, now):
        row[E_COMING] = now + int(w.mechanism[EMERGENCY_SWITCH])
    if now > 0 and row[E_COMING] == now:
        row[E_COMING], row[E_SINCE] = 0, now
        _go_over(w, s, centre, now)


@jit
def _go_over(w, s, centre, now):
    """A centre goes over to emergency mode, or back; the city takes districts along."""
    mode = w.situation.emergency[:, E_MODE]
    begins = mode[centre] & OWN == 0
    last = n_high(w) if centre == CITY else centre + 1
    for other in range(centre, last):
        _keep_mode(w, s, other, now)
        if other == centre:
            mode[other] ^= OWN
        elif not begins:
            mode[other] &= ~BY_CITY
        elif is_taken_along(w, other, now):
            mode[other] |= BY_CITY
        first, after = desks_of(w, other)
        for desk in range(first, after):
            touch(s, desk)
    for slot in range(s.incidents.shape[0]):
        inc = s.incidents[slot]
        here = centre == CITY or inc[I_DISTRICT] == centre - 1
        if inc[I_TASKS] > 0 and here and is_emergency(w, inc):
            rekey(w, s, slot, now)


@jit
def _keep_mode(w, s, centre, now):
    """Book the time in the mode up to now, and the seat time that it kept open."""
    row = w.situation.emergency[centre]
    since, row[E_KEPT] = row[E_KEPT], now
    if row[E_MODE] == 0:
        return
    row[E_PAUSED] += now - since
    begin, end = max(since, s.count[WINDOW_FROM]), min(now, s.count[WINDOW_TO])
    if begin >= end:
        return
    first, after = desks_of(w, centre)
    for desk in range(first, after):
        closed = end - begin - open_ticks(w.cal, opening_at(w, desk, begin), begin, end)
        s.emergency[desk] += end - begin
        s.overtime[desk] += closed * night_staff(w, desk, begin)


@jit
def keep_modes(w, s, end):
    """The run is over: book the modes that go on."""
    for centre in range(n_high(w)):
        _keep_mode(w, s, centre, end)


@jit
def keep_alarms(w, inc):
    """After a decision about an incident: count it where it stands now."""
    now, before = alarms(w, inc), inc[I_ALARM]
    if now != before:
        inc[I_ALARM] = now
        alarm = w.situation.emergency[:, E_ALARM]
        district, city = DISTRICT_ALARM, CITY_ALARM
        alarm[1 + inc[I_DISTRICT]] += int(now & district > 0) - int(before & district > 0)
        alarm[CITY] += int(now & city > 0) - int(before & city > 0)


# --- patrol -----------------------------------------------------------------------------------


@jit
def book_work(w, desk, now, length):
    """A stretch of work begins at a grid."""
    grid = grid_of(w, desk)
    row, shift = w.situation.patrol[grid], shift_number(w, now)
    if row[P_SHIFT] != shift:
        row[P_LOST] += lost(w, grid, row[P_SHIFT] + 1, row[P_BOOKED])
        row[P_BEFORE] = row[P_BOOKED] if row[P_SHIFT] == shift - 1 else 0
        row[P_SHIFT], row[P_BOOKED] = shift, 0
    row[P_BOOKED] += length

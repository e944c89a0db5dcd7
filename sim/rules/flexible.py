"""Flexible staff: seats move between the desks of a centre at shift changes.

The seats of a centre stay as many as they are. A moved seat leaves its desk at once and is open at
the other only after the time of switching; it is back at the next change of shifts.
"""

from sim.calendar import segment_at
from sim.codes import NONE
from sim.jit import jit
from sim.levers import FLEXIBLE, POOLING
from sim.rules.centres import centre_lever, desks_of, next_shift_change, takes_part
from sim.rules.seats import opening_at, planned


@jit
def lent(w, desk, tick):
    """Seats that a desk has from others of its centre at a tick, or has given them (negative)."""
    s = w.situation
    extra = s.extra[desk]
    if extra == 0 or not s.extra_from[desk] <= tick < s.extra_until[desk]:
        return 0
    return extra


@jit
def _scheduled(w, desk, now):
    """Seats open by the calendar, or NONE where the desk is closed or takes no part."""
    if not takes_part(w, desk):
        return NONE
    return planned(w, desk, now)


@jit
def movable(w, centre, now):
    """How many seats of a centre may move at this change of shifts: a share of those open, rounded
    down; none where all are one pool anyway."""
    share = centre_lever(w, centre, FLEXIBLE, now)
    if share <= 0.0 or centre_lever(w, centre, POOLING, now) >= 1.0:
        return 0
    seats = 0
    first, after = desks_of(w, centre)
    for desk in range(first, after):
        seats += max(0, _scheduled(w, desk, now))
    return int(share * seats)


@jit
def until(w, centre, now):
    """Tick at which seats that move now are back: the next opening or closing of a desk of the
    centre that takes part, or the next date of a rollout."""
    tick = next_shift_change(w, centre, now)
    first, after = desks_of(w, centre)
    for desk in range(first, after):
        if _scheduled(w, desk, now) != NONE:
            i = segment_at(w.cal, opening_at(w, desk, now), now)
            tick = min(tick, w.cal.seg_end[i])
    return tick


@jit
def next_move(w, centre, now):
    """(giver, taker) of the next seat to move, or (NONE, NONE).

    `Situation.extra` holds the moves made so far at this change. The giver has the most idle
    seats; the taker has the most tasks without a seat for each seat it has; the first of those
    alike.
    """
    s = w.situation
    giver = taker = NONE
    most, need = 0, 0.0
    first, after = desks_of(w, centre)
    for desk in range(first, after):
        seats = _scheduled(w, desk, now)
        if seats == NONE:
            continue
        seats += s.extra[desk]
        idle = seats - s.load[desk]
        if idle > most:
            giver, most = desk, idle
        if -idle / max(seats, 1) > need:
            taker, need = desk, -idle / max(seats, 1)
    if giver == NONE or taker == NONE:
        return NONE, NONE
    return giver, taker

"""Emergency mode (平急转换): when a centre goes over to it and back, and what it changes.

A district goes over when it has many open incidents of kinds that are emergencies, the city when it
has many open incidents of grades I and II; the city takes along the districts whose policy knows
the mode. In the mode of its district an emergency comes first in every queue, needs no batch and
less time between departments; the centre's command, boards and departments stay open outside their
hours with part of their seats; and supervision of everything else pauses.
"""

import math

from sim.codes import BOARD, COMMAND, DEPARTMENT, DISTRICT, GRADE_II, OPEN
from sim.draws import OF_BACKGROUND, OF_INCIDENT
from sim.jit import jit
from sim.levers import (
    EMERGENCY,
    EMERGENCY_COORDINATION,
    EMERGENCY_LEAST,
    EMERGENCY_OFF,
    NIGHT_SHARE,
    REVIEW,
)
from sim.rows import I_CLASS, I_DISTRICT, I_ENTITY, I_GRADE, I_KIND, I_PAUSED, I_STATE
from sim.rules.centres import centre_lever, centre_of
from sim.rules.seats import seats_in
from sim.situation import E_ALARM, E_COMING, E_KEPT, E_MODE, E_PAUSED, E_SINCE

OWN, BY_CITY = 1, 2
"""Bits of a centre's mode: it went over itself, the city took it along."""

DISTRICT_ALARM, CITY_ALARM = 1, 2
"""Bits of `alarms`."""

_FIRST = -1  # queue class of emergencies in the mode, before those escalated


@jit
def is_emergency(w, inc):
    """Whether an incident is one that the mode is for: grade I or II now, or of such a kind."""
    if inc[I_ENTITY] == OF_BACKGROUND:
        return False
    return inc[I_GRADE] <= GRADE_II or w.emergency[inc[I_KIND]]


@jit
def alarms(w, inc):
    """In which counts an incident stands: DISTRICT_ALARM, CITY_ALARM, both or none."""
    if inc[I_STATE] != OPEN or inc[I_ENTITY] != OF_INCIDENT:
        return 0
    counts = DISTRICT_ALARM if w.emergency[inc[I_KIND]] else 0
    return counts | CITY_ALARM if inc[I_GRADE] <= GRADE_II else counts


@jit
def changes(w, centre, now):
    """Whether the city's or a district's centre decides now to go over to the mode, or back. It
    has not decided before what is still to come."""
    row = w.situation.emergency[centre]
    if row[E_COMING] > 0:
        return False
    knows = centre_lever(w, centre, EMERGENCY, now) > 0.0
    threshold = w.alarm_on[centre]
    if row[E_MODE] & OWN == 0:
        return knows and row[E_ALARM] >= threshold
    if now - row[E_SINCE] < w.mechanism[EMERGENCY_LEAST]:
        return False
    return not knows or row[E_ALARM] < w.mechanism[EMERGENCY_OFF] * threshold


@jit
def is_taken_along(w, centre, now):
    """Whether a district's centre goes over to the mode with the city."""
    return centre_lever(w, centre, EMERGENCY, now) > 0.0


@jit
def in_mode(w, inc):
    """Whether the incident's district is in emergency mode."""
    return w.situation.emergency[1 + inc[I_DISTRICT], E_MODE] != 0


@jit
def comes_first(w, inc):
    """Whether an incident is an emergency in the mode of its district."""
    return in_mode(w, inc) and is_emergency(w, inc)


@jit
def queue_class(w, inc):
    """First field of the queue key: emergencies in the mode, then those escalated, then others."""
    return _FIRST if comes_first(w, inc) else inc[I_CLASS]


@jit
def night_staff(w, desk, tick):
    """Seats of a desk that are open outside its hours while its centre is in the mode."""
    if w.desk_tier[desk] > DISTRICT:
        return 0
    group = w.desk_group[desk]
    if group != COMMAND and group != BOARD and group != DEPARTMENT:
        return 0
    return int(math.ceil(w.mechanism[NIGHT_SHARE] * seats_in(w, desk, 0, tick)))


@jit
def night_seats(w, desk, now):
    """Seats open now at a desk outside its hours."""
    if w.desk_tier[desk] > DISTRICT:
        return 0
    on = w.situation.emergency[centre_of(w, desk), E_MODE] != 0
    return night_staff(w, desk, now) if on else 0


@jit
def coordination(w, inc):
    """Factor of the delay between departments."""
    return w.mechanism[EMERGENCY_COORDINATION] if comes_first(w, inc) else 1.0


@jit
def mode_time(w, inc, now):
    """Time that the incident's district has spent in the mode so far [ticks]."""
    row = w.situation.emergency[1 + inc[I_DISTRICT]]
    return row[E_PAUSED] + (now - row[E_KEPT] if row[E_MODE] != 0 else 0)


@jit
def pause(w, inc, due, now):
    """How much later a timer of the incident must ring that was due at `due` [ticks]; 0: now.

    The time in the mode since the first notice does not count, unless the incident is an
    emergency. While the mode goes on, the timer looks again at every review.
    """
    if is_emergency(w, inc):
        return 0
    wait = due + mode_time(w, inc, now) - inc[I_PAUSED] - now
    if wait <= 0:
        return 0
    return max(wait, int(w.mechanism[REVIEW])) if in_mode(w, inc) else wait

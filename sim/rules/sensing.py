"""How an incident comes to be known: first notice, limit, duplicates."""

from sim.calendar import add_limit, add_open
from sim.codes import ASSIGNED, HOTLINE, NONE, OPEN, ORDINARY, PATROL, SENSOR, UNSEEN
from sim.draws import (
    BY_SENSOR,
    DUPLICATE_GAP,
    NOTICE_DELAY,
    OF_BACKGROUND,
    OF_CONSULTATION,
    OF_FALSE_ALARM,
    OF_TRIVIAL,
    SENSOR_DELAY,
)
from sim.jit import jit
from sim.keys import set_key
from sim.levers import PATROL_WEIGHT
from sim.rows import (
    I_ACCOUNT,
    I_BASE,
    I_CHANNEL,
    I_CLASS,
    I_DUE,
    I_ENTITY,
    I_FIRST,
    I_FIRST_TIER,
    I_GIVEN,
    I_GRADE,
    I_KEY,
    I_KIND,
    I_LEAD_DESK,
    I_LIMIT,
    I_NOTICED,
    I_OCCURRED,
    I_PAUSED,
    I_REPORTS,
    I_SATISFIED,
    I_SENSED,
    I_SEVERITY,
    I_SOLVED,
    I_STATE,
    I_TIER,
)
from sim.rules.applications import choose, coverage, sensor_mean
from sim.rules.assessment import is_reported
from sim.rules.chance import delay, happens
from sim.rules.emergency import mode_time
from sim.rules.intake import reports
from sim.rules.patrol import await_patrol
from sim.rules.policy import in_force
from sim.rules.steps import counted
from sim.rules.waking import reported_at
from sim.units import NEVER


@jit
def first_notice(w, inc):
    """Tick of the first notice; sets its channel. NEVER: nobody takes notice. While I_PATROL is
    above 0 it is a tick at which `patrol.patrols` must be asked again.

    The catalogue's mix decides who would notice the incident without sensors; a sensor, where
    one reaches, competes with that, and the earlier wins. A resident who does not report leaves
    the incident to patrol. A false alarm exists only where its sensor has been installed. A
    consultation is a call, made like a report.
    """
    kind, occurred = inc[I_KIND], inc[I_OCCURRED]
    in_force(w, inc, occurred)
    if inc[I_ENTITY] == OF_BACKGROUND:
        inc[I_CHANNEL] = ASSIGNED
        return occurred
    if inc[I_ENTITY] == OF_CONSULTATION:
        inc[I_CHANNEL] = HOTLINE
        return reported_at(w, inc, occurred, delay(w, inc, NOTICE_DELAY, w.resident_mean[kind]))
    choose(w, inc)
    sensing = coverage(w, inc)
    if inc[I_ENTITY] == OF_FALSE_ALARM:
        inc[I_CHANNEL] = SENSOR
        return occurred if happens(w, inc, BY_SENSOR, sensing) else NEVER
    if inc[I_ENTITY] == OF_TRIVIAL:
        inc[I_CHANNEL] = PATROL
        return occurred if is_reported(w, inc) else NEVER
    channel = inc[I_BASE]
    if channel == HOTLINE and not reports(w, inc, 0):
        channel = PATROL
    sensed = NEVER
    if channel != SENSOR and happens(w, inc, BY_SENSOR, sensing * w.sensor_share[kind]):
        sensed = occurred + delay(w, inc, SENSOR_DELAY, sensor_mean(w, inc))
    if channel == ASSIGNED or channel == SENSOR:
        tick = occurred
    elif channel == PATROL:
        threshold = delay(w, inc, NOTICE_DELAY, w.patrol_mean[kind])
        if threshold > 0 and w.mechanism[PATROL_WEIGHT] > 0.0:
            inc[I_CHANNEL], inc[I_SENSED] = channel, sensed
            return await_patrol(w, inc, threshold, occurred)
        tick = add_open(w.cal, w.patrol, occurred, threshold)
    else:
        tick = reported_at(w, inc, occurred, delay(w, inc, NOTICE_DELAY, w.resident_mean[kind]))
    if sensed < tick:
        tick, channel = sensed, SENSOR
    inc[I_CHANNEL] = channel
    return tick


@jit
def accept(w, inc, now):
    """The first report arrives: the incident opens and its limit begins to run."""
    in_force(w, inc, now)
    kind, grade = inc[I_KIND], inc[I_SEVERITY]
    inc[I_STATE] = OPEN
    inc[I_NOTICED] = now
    inc[I_REPORTS] = 1
    inc[I_PAUSED] = mode_time(w, inc, now)
    inc[I_ACCOUNT] = counted(w, inc, inc[I_OCCURRED], now)
    inc[I_LIMIT] = min(
        NEVER,
        add_limit(w.cal, w.office, now, w.limit_value[kind, grade], w.limit_unit[kind, grade]),
    )
    inc[I_DUE] = inc[I_LIMIT]


@jit
def repeated_at(w, inc, report, now):
    """Tick of a resident's report number `report`, the one before being made now."""
    gap = delay(w, inc, DUPLICATE_GAP, w.duplicate_gap[inc[I_KIND]], 0, report)
    return reported_at(w, inc, now, gap)


@jit
def appear(inc, arrival):
    """Fill the blank row of an incident that has just occurred from its row of the stream.

    For a background task, the stream's I_GIVEN names the desk that it burdens.
    """
    inc[:] = 0
    set_key(inc, arrival[I_KEY])
    for column in range(I_KEY + 1, I_GIVEN + 1):
        inc[column] = arrival[column]
    inc[I_STATE] = UNSEEN
    inc[I_NOTICED] = inc[I_LIMIT] = inc[I_FIRST] = inc[I_SOLVED] = NEVER
    inc[I_DUE] = NEVER
    inc[I_CHANNEL] = inc[I_LEAD_DESK] = inc[I_SATISFIED] = NONE
    inc[I_CLASS] = ORDINARY
    inc[I_GRADE], inc[I_FIRST_TIER] = inc[I_SEVERITY], inc[I_TIER]
    if inc[I_ENTITY] == OF_BACKGROUND:
        inc[I_LEAD_DESK], inc[I_GIVEN] = inc[I_GIVEN], NONE

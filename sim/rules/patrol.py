"""Patrol: grid workers notice what they pass, the later the more other work they have.

Patrol, disposal and paperwork share a grid's day. Its patrol rate is constant within a shift:

    rate = max(least, 1 - weight * work begun in the shift before / seat time of that shift)

An incident that patrol would notice has an exponential threshold of patrol time; it is noticed at
the tick at which the rate added up since it occurred reaches the threshold. Shifts are the periods
of the opening `grid`; work begun between two of them belongs to the earlier.
"""

import math

from sim.calendar import next_start, segment_at
from sim.codes import GRID, SENSOR
from sim.jit import jit
from sim.levers import PATROL_LEAST, PATROL_WEIGHT
from sim.rows import I_CHANNEL, I_GRID, I_PATROL, I_SENSED
from sim.rules.seats import planned
from sim.situation import P_BEFORE, P_BOOKED, P_SHIFT
from sim.units import DAY, NEVER


@jit
def is_kept(w, desk):
    """Whether work begun at a desk is booked, because it may slow patrol down."""
    return w.desk_tier[desk] == GRID and w.mechanism[PATROL_WEIGHT] > 0.0


@jit
def shift_number(w, now):
    """Number of the patrol's shift that began last, or one less than the first."""
    first = w.cal.seg_first[w.patrol]
    i = first[min(now // DAY + 1, w.cal.day_type.size)] - 1
    while i >= first[0] and w.cal.seg_start[i] > now:
        i -= 1
    return i


@jit
def booked_before(w, grid, shift):
    """Work begun at a grid in the shift before `shift` [ticks], which has begun."""
    row = w.situation.patrol[grid]
    if row[P_SHIFT] == shift:
        return row[P_BEFORE]
    return row[P_BOOKED] if row[P_SHIFT] == shift - 1 else 0


@jit
def patrol_rate(w, grid, shift):
    """Patrol rate of a grid in a shift: the share of its usual patrol that its work leaves."""
    before = shift - 1
    if before < w.cal.seg_first[w.patrol, 0]:
        return 1.0
    start = w.cal.seg_start[before]
    desk = w.tier_base[GRID] + grid * w.tier_width[GRID]
    seat_time = max(1, planned(w, desk, start)) * (w.cal.seg_end[before] - start)
    lost = w.mechanism[PATROL_WEIGHT] * booked_before(w, grid, shift) / seat_time
    return max(w.mechanism[PATROL_LEAST], 1.0 - lost)


@jit
def patrols(w, inc, now):
    """Tick of the first notice, by patrol or by a sensor; or, while I_PATROL is left above 0, tick
    at which a shift begins that must see it. NEVER: nobody takes notice.

    now : tick at which the incident occurs or a shift begins. I_PATROL and I_SENSED say how much
    patrol is still to go, and when a sensor would notice. Sets the channel.
    """
    i = segment_at(w.cal, w.patrol, now)
    if i >= 0:
        length, left = w.cal.seg_end[i] - now, inc[I_PATROL]
        rate = patrol_rate(w, inc[I_GRID], i)
        needed = NEVER if rate <= 0.0 else int(math.ceil(left / rate))
        if needed <= length:
            inc[I_PATROL] = 0
            return _earlier(inc, now + needed)
        inc[I_PATROL] = max(1, left - int(rate * length))
    tick = next_start(w.cal, w.patrol, now)
    if inc[I_SENSED] <= tick:
        inc[I_PATROL] = 0
        return _earlier(inc, NEVER)
    return tick


@jit
def _earlier(inc, tick):
    """The earlier of a notice by patrol and one by a sensor; a tie goes to patrol."""
    if inc[I_SENSED] < tick:
        inc[I_CHANNEL] = SENSOR
        return inc[I_SENSED]
    return tick

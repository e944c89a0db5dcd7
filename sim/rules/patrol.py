"""Patrol: grid workers notice what they pass, the later the more other work they have.

Patrol, disposal and paperwork share a grid's day. Its patrol rate is constant within a shift:

    rate = max(least, 1 - weight * work begun in the shift before / seat time of that shift)

An incident that patrol would notice has an exponential threshold of patrol time; it is noticed at
the tick at which the rate added up since it occurred reaches the threshold. Shifts are the periods
of the opening `grid`; work begun between two of them belongs to the earlier.

Most grids have not worked and patrol at full rate. So an incident is looked at when full patrol
would notice it, not in every shift; what its grid has lost meanwhile stands in a sum of its own.
"""

import math

from sim.calendar import add_open, segment_at
from sim.codes import GRID, SENSOR
from sim.jit import jit
from sim.levers import PATROL_LEAST, PATROL_WEIGHT
from sim.rows import I_CHANNEL, I_GRID, I_PATROL, I_SENSED
from sim.rules.seats import planned
from sim.situation import P_BEFORE, P_BOOKED, P_LOST, P_SHIFT
from sim.units import DAY, NEVER


@jit
def is_kept(w, desk):
    """Whether work begun at a desk is booked, because it may slow patrol down."""
    return w.desk_tier[desk] == GRID and w.mechanism[PATROL_WEIGHT] > 0.0


@jit
def grid_of(w, desk):
    """Number of the grid that a desk of a grid belongs to."""
    return (desk - w.tier_base[GRID]) // w.tier_width[GRID]


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
def patrol_rate(w, grid, shift, booked):
    """Patrol rate of a grid in a shift: the share of its usual patrol that is left by the work
    `booked` in the shift before [ticks]."""
    before = shift - 1
    if before < w.cal.seg_first[w.patrol, 0]:
        return 1.0
    start = w.cal.seg_start[before]
    desk = w.tier_base[GRID] + grid * w.tier_width[GRID]
    seat_time = max(1, planned(w, desk, start)) * (w.cal.seg_end[before] - start)
    return max(w.mechanism[PATROL_LEAST], 1.0 - w.mechanism[PATROL_WEIGHT] * booked / seat_time)


@jit
def lost(w, grid, shift, booked):
    """Patrol time of a whole shift that goes to the work booked in the one before [ticks]."""
    if booked == 0:
        return 0
    length = w.cal.seg_end[shift] - w.cal.seg_start[shift]
    return length - int(patrol_rate(w, grid, shift, booked) * length)


@jit
def lost_until(w, grid, shift):
    """Patrol time that a grid has lost in all shifts up to one, this included [ticks].

    shift : the present one, or the one before it.
    """
    row = w.situation.patrol[grid]
    if row[P_SHIFT] < shift:
        return row[P_LOST] + lost(w, grid, row[P_SHIFT] + 1, row[P_BOOKED])
    if row[P_SHIFT] > shift:
        return row[P_LOST] - lost(w, grid, row[P_SHIFT], row[P_BEFORE])
    return row[P_LOST]


@jit
def await_patrol(w, inc, left, now):
    """As `patrols`, for an incident that occurs now and `left` ticks of patrol away."""
    shift = segment_at(w.cal, w.patrol, now)
    if shift >= 0:
        return _within(w, inc, shift, now, left)
    return _after(w, inc, shift_number(w, now), now, left)


@jit
def patrols(w, inc, now):
    """Tick of the first notice, now or later, by patrol or by a sensor; or, while I_PATROL is left
    above 0, tick at which to ask again. NEVER: nobody takes notice. Sets the channel.

    now : tick at which patrol would notice, had its grid had no work in the shifts meanwhile. In
    the shift that this falls into, what has been lost in those before it is still to go.
    """
    shift = shift_number(w, now - 1)
    start = w.cal.seg_start[shift]
    lost_since = lost_until(w, inc[I_GRID], shift - 1) - (inc[I_PATROL] - 1)
    return _within(w, inc, shift, start, now - start + lost_since)


@jit
def _within(w, inc, shift, start, left):
    """A shift, from `start` on, at its own rate, with so much patrol still to go."""
    grid, length = inc[I_GRID], w.cal.seg_end[shift] - start
    rate = patrol_rate(w, grid, shift, booked_before(w, grid, shift))
    needed = NEVER if rate <= 0.0 else int(math.ceil(left / rate))
    if needed <= length:
        inc[I_PATROL] = 0
        return _earlier(inc, start + needed)
    return _after(w, inc, shift, start + length, max(1, left - int(rate * length)))


@jit
def _after(w, inc, shift, end, left):
    """What comes after a shift: nobody notices before the tick at which full patrol would."""
    tick = add_open(w.cal, w.patrol, end, left)
    if inc[I_SENSED] < tick or tick == NEVER:
        inc[I_PATROL] = 0
        return _earlier(inc, NEVER)
    inc[I_PATROL] = 1 + lost_until(w, inc[I_GRID], shift)
    return tick


@jit
def _earlier(inc, tick):
    """The earlier of a notice by patrol and one by a sensor; a tie goes to patrol."""
    if inc[I_SENSED] < tick:
        inc[I_CHANNEL] = SENSOR
        return inc[I_SENSED]
    return tick

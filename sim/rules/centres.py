"""Centres: their desks, the policy in force at them, and when they review staff and mode.

Centres are numbered city, districts, townships, grids. A centre above the grids reviews its
flexible staff at the shift changes of its desks; the city's and the districts' centres look at
fixed intervals whether they must go over to emergency mode, or back.
"""

from sim.calendar import next_start, segment_at
from sim.codes import BOARD, CITY, COMMAND, DEPARTMENT, DISTRICT, GRID, POOL, TOWNSHIP
from sim.jit import jit
from sim.levers import EMERGENCY, FLEXIBLE, REVIEW
from sim.rules.policy import regime_in
from sim.rules.seats import next_date, opening_at
from sim.situation import E_COMING
from sim.units import NEVER


@jit
def n_high(w):
    """How many centres may be in emergency mode: the city's and the districts'."""
    return w.alarm_on.shape[0]


@jit
def n_reviewing(w):
    """How many centres may review: all above the grids."""
    return n_high(w) + w.neighbour.shape[0]


@jit
def place_of(w, centre):
    """(tier, number within the tier) of a centre."""
    if centre == 0:
        return CITY, 0
    if centre < n_high(w):
        return DISTRICT, centre - 1
    if centre < n_reviewing(w):
        return TOWNSHIP, centre - n_high(w)
    return GRID, centre - n_reviewing(w)


@jit
def centre_of(w, desk):
    """Centre to which a desk belongs."""
    tier = w.desk_tier[desk]
    number = (desk - w.tier_base[tier]) // w.tier_width[tier]
    if tier == CITY:
        return number
    if tier == DISTRICT:
        return 1 + number
    return number + (n_high(w) if tier == TOWNSHIP else n_reviewing(w))


@jit
def desks_of(w, centre):
    """(first desk of a centre, one past its last)."""
    tier, number = place_of(w, centre)
    first = w.tier_base[tier] + number * w.tier_width[tier]
    return first, first + w.tier_width[tier]


@jit
def _strength(w, district, which, now):
    return w.lever[regime_in(w, district, now), which]


@jit
def centre_lever(w, centre, which, now):
    """Strength of a lever in the policy in force at a centre. The city goes by the policy of the
    district where it is strongest."""
    tier, number = place_of(w, centre)
    if tier == DISTRICT:
        return _strength(w, number, which, now)
    if tier == TOWNSHIP:
        return _strength(w, w.township_district[number], which, now)
    strongest = 0.0
    for district in range(n_high(w) - 1):
        strongest = max(strongest, _strength(w, district, which, now))
    return strongest


@jit
def _ever(w, which):
    """Whether a policy that the run knows pulls a lever: when a centre reviews does not hang on who
    goes over to it, so runs of one past review alike."""
    strongest = 0.0
    for regime in range(w.lever.shape[0]):
        strongest = max(strongest, w.lever[regime, which])
    return strongest > 0.0


@jit
def takes_part(w, desk):
    """Whether seats of a desk may be moved to others of its centre, and theirs to it: command,
    boards, pool, and departments that are not on duty round the clock."""
    group = w.desk_group[desk]
    if group == DEPARTMENT:
        tier = w.desk_tier[desk]
        place = (desk - w.tier_base[tier]) % w.tier_width[tier]
        return not w.duty[place - w.group_offset[tier, DEPARTMENT]]
    return group == COMMAND or group == BOARD or group == POOL


@jit
def is_shift_change(w, centre, now):
    """Whether a shift begins now at a desk that takes part."""
    first, after = desks_of(w, centre)
    for desk in range(first, after):
        if takes_part(w, desk):
            i = segment_at(w.cal, opening_at(w, desk, now), now)
            if i >= 0 and w.cal.seg_start[i] == now:
                return True
    return False


@jit
def next_shift_change(w, centre, now):
    """First tick after `now` at which a shift begins at a desk that takes part, or at which hours
    and seats are planned anew; or NEVER."""
    tick = next_date(w, now)
    first, after = desks_of(w, centre)
    for desk in range(first, after):
        if takes_part(w, desk):
            tick = min(tick, next_start(w.cal, opening_at(w, desk, now), now))
    return tick


@jit
def next_review(w, centre, now):
    """First tick after `now` at which a centre reviews, or NEVER; `now` is -1 before all."""
    tick = next_shift_change(w, centre, now) if _ever(w, FLEXIBLE) else NEVER
    if centre < n_high(w) and _ever(w, EMERGENCY):
        period = int(w.mechanism[REVIEW])
        tick = min(tick, next_date(w, now), (now // period + 1) * period)
        coming = w.situation.emergency[centre, E_COMING]
        if coming > now:
            tick = min(tick, coming)
    return tick

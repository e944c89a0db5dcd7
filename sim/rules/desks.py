"""Which desk: from a tier and a group of desks to one desk of the real city."""

from sim.codes import (
    AT_DISPOSER,
    AT_PARENT,
    BOARD,
    CITY,
    DEPARTMENT,
    DISTRICT,
    GRID,
    GRID_DESK,
    NONE,
    POOL,
    TOWNSHIP,
)
from sim.draws import POOLED
from sim.jit import jit
from sim.levers import POOLING
from sim.rows import (
    I_APPLICATION,
    I_DISTRICT,
    I_GRID,
    I_KIND,
    I_LEAD_DESK,
    I_REGIME,
    I_TOWNSHIP,
)
from sim.rules.chance import happens
from sim.rules.policy import lever


@jit
def centre_in_tier(inc, tier):
    """Number, within its tier, of the centre of that tier above the incident."""
    if tier == CITY:
        return 0
    if tier == DISTRICT:
        return inc[I_DISTRICT]
    if tier == TOWNSHIP:
        return inc[I_TOWNSHIP]
    return inc[I_GRID]


@jit
def desk_at(w, inc, tier, group, unit):
    """Desk of `group` at the incident's centre of `tier`; unit : which board or department."""
    if tier == GRID:
        group, unit = GRID_DESK, 0
    place = w.group_offset[tier, group] + unit
    return w.tier_base[tier] + centre_in_tier(inc, tier) * w.tier_width[tier] + place


@jit
def own_unit(w, inc, tier, group):
    """The incident's own board or department in a group; 0 for groups of one desk."""
    if group == DEPARTMENT:
        return w.lead[inc[I_KIND]]
    if group == BOARD:
        return w.board141[inc[I_KIND]] if tier == TOWNSHIP else w.board8[inc[I_KIND]]
    return 0


@jit
def stage_desk(w, inc, stage, channel):
    """Desk that the stage table of the policy, or of the incident's application, names for a
    stage, or NONE for no visit."""
    table = w.route[inc[I_REGIME], inc[I_APPLICATION]]
    tier, group = table[stage, channel, 0], table[stage, channel, 1]
    if tier == NONE:
        return NONE
    if tier == AT_DISPOSER:
        return inc[I_LEAD_DESK]
    if tier == AT_PARENT:  # before anyone has been named to dispose: the district
        below = w.desk_tier[inc[I_LEAD_DESK]] if inc[I_LEAD_DESK] != NONE else TOWNSHIP
        tier = max(below - 1, CITY)
    return desk_at(w, inc, tier, group, own_unit(w, inc, tier, group))


@jit
def disposing_desk(w, inc, tier, unit):
    """Desk that disposes at a tier: the unit's own, or the centre's cross-trained pool; NONE
    where the policy has nothing disposed of.

    Departments on duty round the clock are never pooled: a fire brigade is no generalist.
    """
    regime = inc[I_REGIME]
    group = w.dispose[regime, tier]
    if group == NONE:
        return NONE
    if tier == GRID:
        return desk_at(w, inc, GRID, GRID_DESK, 0)
    pooling = lever(w, inc, POOLING)
    poolable = group == BOARD or (group == DEPARTMENT and not w.duty[unit])
    if poolable and happens(w, inc, POOLED, pooling, 0, 0, unit):
        return desk_at(w, inc, tier, POOL, 0)
    return desk_at(w, inc, tier, group, unit)

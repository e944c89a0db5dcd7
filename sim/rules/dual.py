"""Dual dispatch (双派单): to a department of the district and to the township's board at once."""

from sim import draws
from sim.codes import CO_HANDLE, DISTRICT, NONE, SIGN, TOWNSHIP
from sim.jit import jit
from sim.levers import DUAL
from sim.rows import (
    I_CALLING,
    I_DUAL,
    I_LEAD_DESK,
    I_TIER,
    T_NEWLY,
    T_RIGHT,
    T_TIER,
    T_UNIT,
)
from sim.rules.chance import happens
from sim.rules.desks import disposing_desk
from sim.rules.judgement import right_unit
from sim.rules.policy import lever
from sim.rules.supervision import send


@jit
def _other(tier):
    """The tier of the co-handler (协办)."""
    return TOWNSHIP if tier == DISTRICT else DISTRICT


@jit
def _co_handler(w, inc, tier):
    """Desk that handles an incident beside one named at a tier, or NONE."""
    return disposing_desk(w, inc, _other(tier), right_unit(w, inc, _other(tier)))


@jit
def pair(w, inc, task):
    """The incident is dispatched directly: once, perhaps, to two desks at the same time.

    Where the judgement has named the wrong one of the two, the right one takes the lead (主办).
    """
    tier = task[T_TIER]
    if inc[I_DUAL] == 1 or (tier != DISTRICT and tier != TOWNSHIP):
        return
    if not happens(w, inc, draws.DUALLY, lever(w, inc, DUAL)):
        return
    if disposing_desk(w, inc, tier, task[T_UNIT]) == NONE or _co_handler(w, inc, tier) == NONE:
        return
    inc[I_DUAL] = inc[I_CALLING] = 1
    if inc[I_TIER] == _other(tier):
        task[T_TIER], task[T_UNIT] = _other(tier), right_unit(w, inc, _other(tier))
        task[T_RIGHT] = 1


@jit
def call_in(w, inc, task):
    """Fill the blank row of the co-handler's task: it signs and looks, and holds nothing up."""
    inc[I_CALLING] = 0
    send(inc, task, CO_HANDLE, SIGN, _co_handler(w, inc, w.desk_tier[inc[I_LEAD_DESK]]))
    task[T_NEWLY] = 1

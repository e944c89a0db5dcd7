"""Whistle and report (吹哨报到): a township calls the departments in, and they come and stay."""

from sim import draws
from sim.codes import DISPOSE, DISTRICT, FORK, GRADE_II, NONE, TOWNSHIP
from sim.jit import jit
from sim.levers import WHISTLE, WHISTLE_STAY, WHISTLE_TRAVEL
from sim.rows import (
    I_GRADE,
    I_LEAD_DESK,
    I_PARTNERS,
    I_TIER,
    I_WHISTLED,
    T_COUNT,
    T_DESK,
    T_JOINT,
    T_RIGHT,
    T_TIER,
    T_TURN,
    T_UNIT,
    TOWNSHIP_BIT,
)
from sim.rules.chance import happens
from sim.rules.desks import disposing_desk
from sim.rules.judgement import right_unit
from sim.rules.policy import lever
from sim.rules.steps import move


@jit
def whistles(w, inc, task):
    """Whether the township that signs now calls the departments in: for what exceeds its powers,
    needs others beside it, or is an emergency. Only before the first disposal."""
    if task[T_TIER] != TOWNSHIP or task[T_COUNT + DISPOSE] > 0:
        return False
    beyond = inc[I_TIER] < TOWNSHIP or inc[I_PARTNERS] != 0 or inc[I_GRADE] <= GRADE_II
    if not beyond or _leader(w, inc) == NONE:
        return False
    return happens(w, inc, draws.WHISTLED, lever(w, inc, WHISTLE))


@jit
def _leader(w, inc):
    """Desk of the district's right department, or NONE."""
    return disposing_desk(w, inc, DISTRICT, right_unit(w, inc, DISTRICT))


@jit
def report_in(w, inc, task):
    """The departments report (报到): all dispose at once, led by the district's right department,
    with the township as a partner."""
    inc[I_WHISTLED] = 1
    inc[I_LEAD_DESK] = _leader(w, inc)
    inc[I_PARTNERS] |= 1 << TOWNSHIP_BIT
    task[T_TIER], task[T_UNIT] = DISTRICT, right_unit(w, inc, DISTRICT)
    task[T_RIGHT], task[T_JOINT], task[T_TURN] = 1, 1, 0
    move(inc, task, DISPOSE, inc[I_LEAD_DESK])
    return FORK


@jit
def stay(w, inc, task, hands_on):
    """Hands-on work of one who has come at a whistle, or whose township has whistled, and stays
    until all is done [ticks, float]."""
    if inc[I_WHISTLED] == 0 or task[T_JOINT] == 0:
        return hands_on
    travel = w.mechanism[WHISTLE_TRAVEL] if w.desk_tier[task[T_DESK]] < TOWNSHIP else 0.0
    return hands_on * w.mechanism[WHISTLE_STAY] + travel

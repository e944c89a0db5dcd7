"""Load sharing: a neighbouring township helps one that has more to do."""

from sim.codes import DISPOSE, NONE, TOWNSHIP
from sim.draws import SHARED
from sim.jit import jit
from sim.levers import LOAD_SHARING, SHARING_QUEUE, SHARING_TRAVEL
from sim.rows import I_HELPED, I_LEAD_DESK, I_TOWNSHIP, T_BRANCH, T_DESK, T_STAGE, T_TURN
from sim.rules.chance import happens
from sim.rules.policy import lever
from sim.rules.seats import most_seats


@jit
def helping_desk(w, inc, desk, now):
    """Desk that disposes in place of `desk`, or `desk` itself; notes whether a neighbour helps.

    At a township, with the probability of the lever, the like desk of the less burdened of two
    neighbours takes over, if its tasks per seat are fewer by SHARING_QUEUE or more. A neighbour
    without seats at that desk cannot. Chosen once, at routing, and never pulled.
    """
    inc[I_HELPED] = 0
    share = lever(w, inc, LOAD_SHARING)
    if share <= 0.0 or desk == NONE or w.desk_tier[desk] != TOWNSHIP:
        return desk
    if not happens(w, inc, SHARED, share):
        return desk
    load, own = w.situation.load, inc[I_TOWNSHIP]
    at_most = load[desk] / max(1, most_seats(w, desk, now)) - w.mechanism[SHARING_QUEUE]
    best = desk
    for side in range(2):
        there = desk + (w.neighbour[own, side] - own) * w.tier_width[TOWNSHIP]
        seats = most_seats(w, there, now)
        if there == desk or there == best or seats == 0:
            continue
        burden = load[there] / seats
        if burden < at_most or (burden == at_most and best == desk):
            best, at_most = there, burden
    if best != desk:
        inc[I_HELPED] = 1
    return best


@jit
def travel(w, inc, task):
    """Hands-on time that a helper travels for a visit [ticks]."""
    leads = task[T_STAGE] == DISPOSE and task[T_BRANCH] == 0 and task[T_TURN] == 0
    if leads and inc[I_HELPED] == 1 and task[T_DESK] == inc[I_LEAD_DESK]:
        return w.mechanism[SHARING_TRAVEL]
    return 0.0

"""Disposal and what follows it: alone, in turn or jointly; verified; closed, truly or falsely."""

from sim import draws
from sim.codes import (
    ASLEEP,
    CLOSE,
    DISPOSE,
    DISTRICT,
    END,
    FAILED,
    FALSE_CLOSED,
    FORK,
    JOIN,
    NONE,
    QUEUE,
    SELF_CHECK,
    SLEEP,
    SOLVED,
    SOLVED_BY,
    TOWNSHIP,
    VERIFY,
    WAITING,
    WORKING,
)
from sim.draws import OF_BACKGROUND
from sim.jit import jit
from sim.levers import (
    COORDINATION,
    DORMANCY,
    JOINT,
    VERIFICATION,
)
from sim.rows import (
    ACCOUNT_WIDTH,
    I_ACCOUNT,
    I_BEGUN,
    I_CURED,
    I_ENTITY,
    I_FALSE,
    I_FIRST,
    I_KIND,
    I_LEAD_DESK,
    I_PARTNERS,
    I_REWORKS,
    I_SATISFIED,
    I_SOLVED,
    I_STATE,
    T_BRANCH,
    T_COUNT,
    T_DESK,
    T_JOINED,
    T_JOINT,
    T_NEWLY,
    T_OUTCOME,
    T_RIGHT,
    T_STAGE,
    T_TIER,
    T_TURN,
    T_UNTIL,
    T_WORK,
    TOWNSHIP_BIT,
    TOWNSHIP_BRANCH,
)
from sim.rules.assessment import failure
from sim.rules.chance import delay, happens
from sim.rules.desks import (
    disposing_desk,
    stage_desk,
)
from sim.rules.emergency import coordination
from sim.rules.policy import lever
from sim.rules.satisfaction import satisfied
from sim.rules.steps import book, channel_of, counted, move, wait_until

_DORMANT = I_ACCOUNT + ACCOUNT_WIDTH - 1


@jit
def accepted(w, inc, task, now):
    """Begin the disposal: alone, in turn, or jointly with the partners that are needed."""
    task[T_TURN], task[T_JOINT] = 0, 0
    if inc[I_LEAD_DESK] == NONE:
        return _without_disposal(w, inc, task, now)
    move(inc, task, DISPOSE, inc[I_LEAD_DESK])
    alone = inc[I_PARTNERS] == 0 or task[T_COUNT + DISPOSE] > 0 or task[T_TIER] > DISTRICT
    if alone:
        return QUEUE
    if happens(w, inc, draws.JOINTLY, lever(w, inc, JOINT)):
        task[T_JOINT] = 1
        return FORK
    return QUEUE


@jit
def _without_disposal(w, inc, task, now):
    """A reduced world has nobody dispose: what would follow the disposal follows at once."""
    task[T_COUNT + DISPOSE] += 1
    inc[I_BEGUN] = 1
    return _disposed(w, inc, task, now)


@jit
def _partner_desk(w, inc, tier, bit):
    """Desk of the partner that stands for a bit of I_PARTNERS."""
    if bit == TOWNSHIP_BIT:
        return disposing_desk(w, inc, TOWNSHIP, w.board141[inc[I_KIND]])
    return disposing_desk(w, inc, tier, bit)


@jit
def next_partner(mask, after):
    """Lowest set bit of `mask` above bit `after` (-1 for any), or NONE."""
    for bit in range(after + 1, TOWNSHIP_BIT + 1):
        if (mask >> bit) & 1:
            return bit
    return NONE


@jit
def branch_of(bit):
    """Branch number of the partner that stands for a bit of I_PARTNERS."""
    return TOWNSHIP_BRANCH if bit == TOWNSHIP_BIT else bit + 1


@jit
def make_partner(w, inc, lead, task, bit):
    """Fill the blank row of a partner's task in a joint disposal; it joins its desk at once."""
    task[T_BRANCH] = branch_of(bit)
    task[T_STAGE], task[T_DESK] = DISPOSE, _partner_desk(w, inc, lead[T_TIER], bit)
    task[T_TIER], task[T_RIGHT], task[T_JOINT], task[T_NEWLY] = lead[T_TIER], 1, 1, 1


@jit
def after_dispose(w, inc, task, now):
    if inc[I_ENTITY] == OF_BACKGROUND:
        return END
    if task[T_JOINT] == 1:
        return JOIN
    first = task[T_COUNT + DISPOSE] == 1
    if first and inc[I_PARTNERS] != 0 and task[T_TIER] <= DISTRICT:
        bit = next_partner(inc[I_PARTNERS], task[T_TURN] - 1)
        if bit != NONE:
            mean = w.mechanism[COORDINATION] * coordination(w, inc)
            task[T_TURN] = branch_of(bit)
            wait = delay(w, inc, draws.COORDINATION, mean, 0, 0, branch_of(bit))
            move(inc, task, DISPOSE, _partner_desk(w, inc, task[T_TIER], bit))
            return wait_until(w, inc, task, now, now + wait, DISPOSE)
    task[T_TURN] = 0
    return _disposed(w, inc, task, now)


@jit
def after_join(w, inc, lead, last, now):
    """Every branch is done; `last` is the one that ended last, whose time decided."""
    book(w, inc, lead, DISPOSE, WAITING, last[T_JOINED], now - last[T_WORK])
    book(w, inc, lead, DISPOSE, WORKING, now - last[T_WORK], now)
    lead[T_JOINT] = 0
    return _disposed(w, inc, lead, now)


@jit
def is_verified(w, inc, attempt):
    """Whether the policy has a disposal verified; attempt : disposals before it."""
    return happens(w, inc, draws.VERIFIED, lever(w, inc, VERIFICATION), attempt)


@jit
def _disposed(w, inc, task, now):
    """The disposal is done, well or badly; the policy may have it verified (核查, 回访)."""
    attempt = task[T_COUNT + DISPOSE] - 1
    failed = happens(w, inc, draws.FAILED, failure(w, inc), attempt)
    inc[I_CURED] = 0 if failed else 1
    desk = stage_desk(w, inc, VERIFY, channel_of(inc, task))
    if desk != NONE and is_verified(w, inc, attempt):
        return move(inc, task, VERIFY, desk)
    return _close(w, inc, task, now)


@jit
def after_verify(w, inc, task, now):
    if inc[I_CURED] == 0:
        own = task[T_DESK] == inc[I_LEAD_DESK]
        chance = w.detection[SELF_CHECK if own else w.desk_group[task[T_DESK]]]
        attempt = task[T_COUNT + VERIFY] - 1
        if happens(w, inc, draws.DETECTED, chance, attempt):
            inc[I_REWORKS] += 1
            task[T_OUTCOME] = FAILED
            if inc[I_LEAD_DESK] == NONE:
                return _without_disposal(w, inc, task, now)
            return move(inc, task, DISPOSE, inc[I_LEAD_DESK])
    return _close(w, inc, task, now)


@jit
def _close(w, inc, task, now):
    """Closing (办结): it solves the incident (解决), or it is false and the incident sleeps."""
    inc[I_FIRST] = min(inc[I_FIRST], now)
    if inc[I_CURED] == 1:
        inc[I_STATE], inc[I_SOLVED], inc[I_SATISFIED] = SOLVED, now, satisfied(w, inc, now)
        task[T_OUTCOME] = SOLVED_BY
        return CLOSE
    attempt = inc[I_FALSE]
    inc[I_FALSE] += 1
    inc[I_STATE], inc[I_BEGUN] = ASLEEP, 0
    task[T_OUTCOME] = FALSE_CLOSED
    sleep = delay(w, inc, draws.DORMANCY, w.mechanism[DORMANCY], attempt)
    inc[_DORMANT] += counted(w, inc, now, now + sleep)
    task[T_UNTIL] = now + sleep
    return SLEEP

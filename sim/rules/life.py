"""The life of an incident: what comes next after each stage.

    notice -> register -> judge -> dispatch (relay, hop by hop, or direct) -> sign
           -> dispose (alone, in turn, or jointly) -> verify -> close

with three ways back: a desk that returns what is not its own (to judge), a failed disposal that
is seen (re-work, to dispose), and one that is not (a false closing sleeps, then returns to
register). A stage for which the policy's table names no desk makes no visit.

The clocks call `begin` when a task comes into being, `after_visit` when a seat has finished with
it, `after_join` when the last branch is done, and `reopen` when a sleep is over. Each returns a
command:

    QUEUE   the task joins T_DESK now
    DELAY   the task joins T_DESK at T_UNTIL
    FORK    as QUEUE, and one partner task for each bit of I_PARTNERS (see `make_partner`)
    JOIN    this branch is done; the last one resumes the lead with `after_join`
    SLEEP   closed falsely; `reopen` at T_UNTIL
    CLOSE   closed and solved; the task ends
    END     the task ends without closing the incident
    REKEY   as END, and the incident's waiting tasks get new queue keys
"""

from sim import draws
from sim.calendar import next_release
from sim.codes import (
    ASLEEP,
    CLOSE,
    DELAY,
    DISPATCH,
    DISPOSE,
    DISTRICT,
    DONE,
    END,
    FAILED,
    FALSE_CLOSED,
    FORK,
    GRADE_II,
    GRID,
    HOTLINE,
    JOIN,
    JUDGE,
    MERGED_BY,
    NONE,
    OPEN,
    QUEUE,
    REGISTER,
    REKEY,
    RELEASE,
    RETURNED,
    SELF_CHECK,
    SIGN,
    SLEEP,
    SOLVED,
    SOLVED_BY,
    SUPERVISE,
    TOWNSHIP,
    VERIFY,
    VOIDED,
    WAITING,
    WORKING,
)
from sim.draws import OF_BACKGROUND, OF_FALSE_ALARM
from sim.jit import jit
from sim.levers import (
    COORDINATION,
    DIRECT,
    DORMANCY,
    FIRST_RECEIVER,
    JOINT,
    MERGING,
    REFUSAL,
    RELEASES,
    RETURN_LIMIT,
    SUPERVISION,
    VERIFICATION,
)
from sim.records import SUPERVISE_BRANCH
from sim.rows import (
    ACCOUNT_WIDTH,
    I_ACCOUNT,
    I_CHANNEL,
    I_CLASS,
    I_CURED,
    I_DISTRICT,
    I_ENTITY,
    I_ESCALATED,
    I_FALSE,
    I_FIRST,
    I_HANDOVERS,
    I_KIND,
    I_LEAD_DESK,
    I_MERGED,
    I_PARTNERS,
    I_REPORTS,
    I_RETURNS,
    I_REWORKS,
    I_SEVERITY,
    I_SOLVED,
    I_STATE,
    T_AT,
    T_BRANCH,
    T_COUNT,
    T_DESK,
    T_DIRECT,
    T_JOINED,
    T_JOINT,
    T_MOVES,
    T_NEWLY,
    T_OUTCOME,
    T_REPORT,
    T_RIGHT,
    T_STAGE,
    T_TIER,
    T_TURN,
    T_UNIT,
    T_UNTIL,
    T_WORK,
    TOWNSHIP_BIT,
)
from sim.rules.chance import delay, happens
from sim.rules.desks import (
    desk_at,
    disposing_desk,
    stage_desk,
)
from sim.rules.judgement import judge
from sim.units import NEVER

_DORMANT = I_ACCOUNT + ACCOUNT_WIDTH - 1


@jit
def _book(inc, task, stage, use, ticks):
    """Enter time into the incident's account; only the path of the first report counts."""
    if task[T_REPORT] == 0 and task[T_BRANCH] == 0:
        inc[I_ACCOUNT + 1 + 3 * (stage - REGISTER) + use] += ticks


@jit
def _move(inc, task, stage, desk):
    """Send the task to a stage at a desk; another desk than before is a hand-over."""
    newly = task[T_DESK] != NONE and task[T_DESK] != desk
    task[T_NEWLY] = 1 if newly else 0
    if newly:
        task[T_MOVES] += 1
        if task[T_REPORT] == 0 and task[T_BRANCH] == 0:
            inc[I_HANDOVERS] += 1
    task[T_STAGE], task[T_DESK] = stage, desk
    return QUEUE


@jit
def _wait_until(inc, task, now, until, stage):
    """Hold the task until a tick; the time is booked as release of `stage`."""
    if until <= now:
        return QUEUE
    _book(inc, task, stage, RELEASE, until - now)
    task[T_UNTIL] = until
    return DELAY


@jit
def _channel(inc, task):
    """Channel of this task's report; all but the first come by the hotline."""
    first = task[T_REPORT] == 0 and inc[I_FALSE] == 0
    return inc[I_CHANNEL] if first else HOTLINE


# --- from notice to the disposer --------------------------------------------------------------


@jit
def begin(w, inc, task, now):
    """A report has come in; the task's row is blank but for T_REPORT."""
    if inc[I_ENTITY] == OF_BACKGROUND:
        task[T_RIGHT] = 1
        return _move(inc, task, DISPOSE, inc[I_LEAD_DESK])
    desk = stage_desk(w, inc, REGISTER, _channel(inc, task))
    if desk == NONE:
        return _after_register(w, inc, task, now)
    return _move(inc, task, REGISTER, desk)


@jit
def _after_register(w, inc, task, now):
    report = task[T_REPORT]
    if report > 0:
        if inc[I_STATE] != OPEN:
            return END
        if happens(w, inc, draws.MERGED, w.lever[w.regime[inc[I_DISTRICT]], MERGING], 0, report):
            inc[I_MERGED] += 1
            task[T_OUTCOME] = MERGED_BY
            return END
    desk = stage_desk(w, inc, JUDGE, _channel(inc, task))
    if desk == NONE:
        return _after_judgement(w, inc, task, now)
    return _move(inc, task, JUDGE, desk)


@jit
def _after_judgement(w, inc, task, now):
    desk = stage_desk(w, inc, JUDGE, _channel(inc, task))
    judge(w, inc, task, NONE if desk == NONE else w.desk_tier[desk])
    if task[T_REPORT] > 0 or inc[I_ENTITY] == OF_FALSE_ALARM:
        return _move(inc, task, SIGN, disposing_desk(w, inc, task[T_TIER], task[T_UNIT]))
    task[T_AT] = TOWNSHIP if task[T_DESK] == NONE else w.desk_tier[task[T_DESK]]
    lever = w.lever[w.regime[inc[I_DISTRICT]], DIRECT]
    task[T_DIRECT] = 1 if happens(w, inc, draws.DIRECTLY, lever) else 0
    if task[T_DIRECT] == 1:
        desk = stage_desk(w, inc, DISPATCH, _channel(inc, task))
        if desk != NONE:
            return _move(inc, task, DISPATCH, desk)
        return _arrive(w, inc, task, now)
    return _relay(w, inc, task, now)


@jit
def _after_dispatch(w, inc, task, now):
    if task[T_DIRECT] == 1:
        return _arrive(w, inc, task, now)
    return _relay(w, inc, task, now)


@jit
def _released(w, inc, now):
    """Tick at which a batch of the relay leaves; grades I and II go by telephone."""
    if inc[I_SEVERITY] <= GRADE_II:
        return now
    return next_release(w.cal, w.choice[w.regime[inc[I_DISTRICT]], RELEASES], now)


@jit
def _relay(w, inc, task, now):
    """One hop along the tree towards the disposer's tier, at each tier the desk that relays.

    Leaving a tier means waiting for the next batch; desks of one centre hand over at once.
    """
    regime = w.regime[inc[I_DISTRICT]]
    until = now
    while task[T_AT] != task[T_TIER]:
        task[T_AT] += 1 if task[T_TIER] > task[T_AT] else -1
        until = _released(w, inc, now)
        group = w.relay[regime, task[T_AT]]
        if task[T_AT] != GRID and group != NONE:
            _move(inc, task, DISPATCH, desk_at(w, inc, task[T_AT], group, 0))
            return _wait_until(inc, task, now, until, DISPATCH)
    command = _arrive(w, inc, task, now)
    return _wait_until(inc, task, now, until, DISPATCH) if command == QUEUE else command


@jit
def _arrive(w, inc, task, now):
    """The incident reaches the desk that was named to dispose of it."""
    desk = disposing_desk(w, inc, task[T_TIER], task[T_UNIT])
    inc[I_LEAD_DESK] = desk
    if stage_desk(w, inc, SIGN, _channel(inc, task)) == NONE:
        _move(inc, task, SIGN, desk)
        return _accepted(w, inc, task)
    return _move(inc, task, SIGN, desk)


@jit
def _after_sign(w, inc, task, now):
    """Accept or return (退单). A wrong desk returns; a right one may refuse what is its own."""
    if task[T_REPORT] > 0:
        return END
    if inc[I_ENTITY] == OF_FALSE_ALARM:
        task[T_OUTCOME] = VOIDED
        return END
    lever = w.lever[w.regime[inc[I_DISTRICT]]]
    may_return = inc[I_RETURNS] < lever[RETURN_LIMIT] or lever[RETURN_LIMIT] <= 0.0
    attempt = task[T_COUNT + SIGN] - 1
    unwilling = task[T_RIGHT] == 0 or happens(w, inc, draws.RETURNED, lever[REFUSAL], attempt)
    if not (may_return and unwilling) or happens(w, inc, draws.RECEIVED, lever[FIRST_RECEIVER]):
        return _accepted(w, inc, task)
    inc[I_RETURNS] += 1
    task[T_OUTCOME] = RETURNED
    desk = stage_desk(w, inc, JUDGE, _channel(inc, task))
    if desk == NONE:
        return _after_judgement(w, inc, task, now)
    _move(inc, task, JUDGE, desk)
    until = now if task[T_DIRECT] == 1 else _released(w, inc, now)
    return _wait_until(inc, task, now, until, DISPATCH)


# --- disposal ---------------------------------------------------------------------------------


@jit
def _accepted(w, inc, task):
    """Begin the disposal: alone, in turn, or jointly with the partners that are needed."""
    task[T_TURN], task[T_JOINT] = 0, 0
    _move(inc, task, DISPOSE, task[T_DESK])
    alone = inc[I_PARTNERS] == 0 or task[T_COUNT + DISPOSE] > 0 or task[T_TIER] > DISTRICT
    if alone:
        return QUEUE
    if happens(w, inc, draws.JOINTLY, w.lever[w.regime[inc[I_DISTRICT]], JOINT]):
        task[T_JOINT] = 1
        return FORK
    return QUEUE


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
def make_partner(w, inc, lead, task, bit):
    """Fill the blank row of a partner's task in a joint disposal; it joins its desk at once."""
    task[T_BRANCH] = bit + 1
    task[T_STAGE], task[T_DESK] = DISPOSE, _partner_desk(w, inc, lead[T_TIER], bit)
    task[T_TIER], task[T_RIGHT], task[T_JOINT], task[T_NEWLY] = lead[T_TIER], 1, 1, 1


@jit
def _after_dispose(w, inc, task, now):
    if inc[I_ENTITY] == OF_BACKGROUND:
        return END
    if task[T_JOINT] == 1:
        return JOIN
    first = task[T_COUNT + DISPOSE] == 1
    if first and inc[I_PARTNERS] != 0 and task[T_TIER] <= DISTRICT:
        bit = next_partner(inc[I_PARTNERS], task[T_TURN] - 1)
        if bit != NONE:
            wait = delay(w, inc, draws.COORDINATION, w.mechanism[COORDINATION], 0, 0, bit + 1)
            task[T_TURN] = bit + 1
            _move(inc, task, DISPOSE, _partner_desk(w, inc, task[T_TIER], bit))
            return _wait_until(inc, task, now, now + wait, DISPOSE)
    task[T_TURN] = 0
    return _disposed(w, inc, task, now)


@jit
def after_join(w, inc, lead, last, now):
    """Every branch is done; `last` is the one that ended last, whose time decided."""
    waited = now - last[T_JOINED] - last[T_WORK]
    _book(inc, lead, DISPOSE, WAITING, waited)
    _book(inc, lead, DISPOSE, WORKING, last[T_WORK])
    lead[T_JOINT] = 0
    return _disposed(w, inc, lead, now)


@jit
def _disposed(w, inc, task, now):
    """The disposal is done, well or badly; the policy may have it verified (核查, 回访)."""
    attempt = task[T_COUNT + DISPOSE] - 1
    failed = happens(w, inc, draws.FAILED, w.failure[inc[I_KIND]], attempt)
    inc[I_CURED] = 0 if failed else 1
    share = w.lever[w.regime[inc[I_DISTRICT]], VERIFICATION]
    desk = stage_desk(w, inc, VERIFY, _channel(inc, task))
    if desk != NONE and happens(w, inc, draws.VERIFIED, share, attempt):
        return _move(inc, task, VERIFY, desk)
    return _close(w, inc, task, now)


@jit
def _after_verify(w, inc, task, now):
    if inc[I_CURED] == 0:
        own = task[T_DESK] == inc[I_LEAD_DESK]
        chance = w.detection[SELF_CHECK if own else w.desk_group[task[T_DESK]]]
        attempt = task[T_COUNT + VERIFY] - 1
        if happens(w, inc, draws.DETECTED, chance, attempt):
            inc[I_REWORKS] += 1
            task[T_OUTCOME] = FAILED
            return _move(inc, task, DISPOSE, inc[I_LEAD_DESK])
    return _close(w, inc, task, now)


@jit
def _close(w, inc, task, now):
    """Closing (办结): it solves the incident (解决), or it is false and the incident sleeps."""
    inc[I_FIRST] = min(inc[I_FIRST], now)
    if inc[I_CURED] == 1:
        inc[I_STATE], inc[I_SOLVED] = SOLVED, now
        task[T_OUTCOME] = SOLVED_BY
        return CLOSE
    attempt = inc[I_FALSE]
    inc[I_FALSE] += 1
    inc[I_STATE] = ASLEEP
    task[T_OUTCOME] = FALSE_CLOSED
    sleep = delay(w, inc, draws.DORMANCY, w.mechanism[DORMANCY], attempt)
    inc[_DORMANT] += sleep
    task[T_UNTIL] = now + sleep
    return SLEEP


@jit
def reopen(w, inc, task, now):
    """A false closing comes back: the same incident, reported anew, at the next attempt."""
    inc[I_STATE] = OPEN
    inc[I_REPORTS] += 1
    task[T_DESK] = NONE
    return begin(w, inc, task, now)


# --- after a visit ----------------------------------------------------------------------------


@jit
def after_visit(w, inc, task, now):
    """A seat has finished a visit: book its time, count it, and say what comes next."""
    stage = task[T_STAGE]
    task[T_OUTCOME] = DONE
    if task[T_JOINT] == 0:
        _book(inc, task, stage, WAITING, now - task[T_JOINED] - task[T_WORK])
        _book(inc, task, stage, WORKING, task[T_WORK])
    if task[T_TURN] == 0:
        task[T_COUNT + stage] += 1
    if stage == REGISTER:
        return _after_register(w, inc, task, now)
    if stage == JUDGE:
        return _after_judgement(w, inc, task, now)
    if stage == DISPATCH:
        return _after_dispatch(w, inc, task, now)
    if stage == SIGN:
        return _after_sign(w, inc, task, now)
    if stage == DISPOSE:
        return _after_dispose(w, inc, task, now)
    if stage == VERIFY:
        return _after_verify(w, inc, task, now)
    inc[I_ESCALATED], inc[I_CLASS] = 1, 0
    return REKEY


@jit
def supervise(w, inc, task):
    """The limit has passed: fill the blank row of a notice (督办) at the parent, if any.

    Returns QUEUE, or END when the policy supervises not at all or not this incident.
    """
    share = w.lever[w.regime[inc[I_DISTRICT]], SUPERVISION]
    if inc[I_STATE] != OPEN or inc[I_FIRST] != NEVER:
        return END
    if not happens(w, inc, draws.SUPERVISED, share):
        return END
    desk = stage_desk(w, inc, SUPERVISE, inc[I_CHANNEL])
    if desk == NONE:
        return END
    task[T_BRANCH] = SUPERVISE_BRANCH
    return _move(inc, task, SUPERVISE, desk)


@jit
def is_supervised(w, inc):
    """Whether a timer at the incident's limit can lead to anything."""
    return w.lever[w.regime[inc[I_DISTRICT]], SUPERVISION] > 0.0

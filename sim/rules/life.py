"""The life of an incident: what comes next after each stage.

    notice -> register -> judge -> dispatch (relay, hop by hop, or direct) -> sign
           -> dispose (alone, in turn, or jointly) -> verify -> close

with four ways back: a desk that returns what is not its own (to judge), a failed disposal that is
seen (re-work, to dispose), one that is not (a false closing sleeps, then returns to register), and
a report that is merged into another incident by mistake (it sleeps and returns, too). A stage for
which the policy's table names no desk makes no visit.

The clocks call `begin` when a task comes into being (`supervision.supervise` and `dual.call_in` for
side tasks), `after_visit` when a seat has finished with it, `disposal.after_join` when the last
branch is done, and `reopen` when a sleep is over. Each returns a command:

    QUEUE   the task joins T_DESK now
    DELAY   the task joins T_DESK at T_UNTIL
    GATHER  it joins T_DESK at T_UNTIL, or when `batch_size` of them have gathered for that desk
    FORK    as QUEUE, and one partner task for each bit of I_PARTNERS (see `disposal.make_partner`)
    JOIN    this branch is done; the last one resumes the lead with `disposal.after_join`
    SLEEP   closed falsely, or merged falsely (T_OUTCOME tells); `reopen` at T_UNTIL
    CLOSE   closed and solved; the task ends
    END     the task ends without closing the incident
    REKEY   as END, and the incident's waiting tasks get new queue keys

and those of `hotline.unanswered`:

    CALL_AGAIN  the caller rings again at T_UNTIL
    LOSE        the report is lost; the task ends
"""

from sim import draws
from sim.calendar import next_release
from sim.codes import (
    DISPATCH,
    DISPOSE,
    DONE,
    END,
    GATHER,
    GRADE_II,
    GRID,
    GRID_DESK,
    JUDGE,
    MERGED_BY,
    NO_ERRAND,
    NONE,
    OPEN,
    PATROL,
    QUEUE,
    REGISTER,
    RELEASE,
    RETURNED,
    SIGN,
    TOWNSHIP,
    VOIDED,
    WAITING,
    WORKING,
)
from sim.draws import OF_BACKGROUND, OF_CONSULTATION, OF_FALSE_ALARM, OF_TRIVIAL
from sim.jit import jit
from sim.levers import (
    DIRECT,
    FIRST_RECEIVER,
    MERGING,
    REFUSAL,
    RELEASE_SIZE,
    RELEASES,
    RETURN_LIMIT,
)
from sim.records import WITHDRAWN_BRANCH
from sim.rows import (
    I_ENTITY,
    I_GRADE,
    I_LEAD_DESK,
    I_MERGED,
    I_REGIME,
    I_REPORTS,
    I_RETURNS,
    I_STATE,
    T_AT,
    T_BRANCH,
    T_COUNT,
    T_DESK,
    T_DIRECT,
    T_ERRAND,
    T_JOINED,
    T_JOINT,
    T_OUTCOME,
    T_REPORT,
    T_RIGHT,
    T_STAGE,
    T_TIER,
    T_TURN,
    T_UNIT,
    T_UNTIL,
    T_WORK,
)
from sim.rules.chance import happens
from sim.rules.desks import (
    desk_at,
    disposing_desk,
    stage_desk,
)
from sim.rules.disposal import accepted, after_dispose, after_verify
from sim.rules.dual import pair
from sim.rules.emergency import comes_first
from sim.rules.hotline import renew
from sim.rules.intake import intake_desk
from sim.rules.judgement import judge
from sim.rules.learning import learnt_logit
from sim.rules.merging import is_mismerged, mismerge
from sim.rules.policy import in_force, lever
from sim.rules.procedure import goes_by_procedure, judge_by_procedure
from sim.rules.sharing import helping_desk
from sim.rules.steps import book, channel_of, move, wait_until
from sim.rules.supervision import after_errand
from sim.rules.whistle import report_in, whistles
from sim.units import NEVER

# --- from notice to the disposer --------------------------------------------------------------


@jit
def begin(w, inc, task, now):
    """A report has come in; the task's row is blank but for T_REPORT."""
    in_force(w, inc, now)
    if inc[I_ENTITY] == OF_BACKGROUND:
        task[T_RIGHT] = 1
        return move(inc, task, DISPOSE, inc[I_LEAD_DESK])
    if inc[I_ENTITY] == OF_TRIVIAL:
        return move(inc, task, REGISTER, desk_at(w, inc, GRID, GRID_DESK, 0))
    desk = intake_desk(w, inc, task, REGISTER)
    if desk == NONE:
        return _after_register(w, inc, task, now)
    return move(inc, task, REGISTER, desk)


@jit
def _after_register(w, inc, task, now):
    if inc[I_ENTITY] == OF_CONSULTATION:  # answered
        return END
    renew(w, inc, task, now)
    report = task[T_REPORT]
    if report > 0:
        if inc[I_STATE] != OPEN:
            return END
        if happens(w, inc, draws.MERGED, lever(w, inc, MERGING), 0, report):
            inc[I_MERGED] += 1
            task[T_OUTCOME] = MERGED_BY
            return END
    elif is_mismerged(w, inc):
        return mismerge(w, inc, task, now)
    if inc[I_ENTITY] == OF_TRIVIAL:  # closed as it is reported; its supervisor has a look
        desk = stage_desk(w, inc, REGISTER, PATROL)
        return END if desk == NONE else move(inc, task, SIGN, desk)
    desk = intake_desk(w, inc, task, JUDGE)
    if desk == NONE:
        return _after_judgement(w, inc, task, now)
    if goes_by_procedure(w, inc, task):
        judge_by_procedure(w, inc, task)
        return _arrive(w, inc, task, now)
    return move(inc, task, JUDGE, desk)


@jit
def _after_judgement(w, inc, task, now):
    if task[T_STAGE] == JUDGE:  # the policy may have changed since it came there
        desk = task[T_DESK]
    else:
        desk = intake_desk(w, inc, task, JUDGE)
    if desk == NONE:
        judge(w, inc, task, NONE, 0.0)
    else:
        judge(w, inc, task, w.desk_tier[desk], learnt_logit(w, inc, desk, now))
    if task[T_REPORT] > 0 or inc[I_ENTITY] == OF_FALSE_ALARM:
        desk = disposing_desk(w, inc, task[T_TIER], task[T_UNIT])
        return END if desk == NONE else move(inc, task, SIGN, desk)
    task[T_AT] = TOWNSHIP if task[T_DESK] == NONE else w.desk_tier[task[T_DESK]]
    task[T_DIRECT] = 1 if happens(w, inc, draws.DIRECTLY, lever(w, inc, DIRECT)) else 0
    if task[T_DIRECT] == 1:
        desk = stage_desk(w, inc, DISPATCH, channel_of(inc, task))
        if desk != NONE:
            return move(inc, task, DISPATCH, desk)
        return _arrive(w, inc, task, now)
    return _relay(w, inc, task, now)


@jit
def _after_dispatch(w, inc, task, now):
    if task[T_DIRECT] == 1:
        return _arrive(w, inc, task, now)
    return _relay(w, inc, task, now)


@jit
def release_tick(w, inc, now):
    """Tick at which the schedule lets out what is ready now; NEVER where only a batch's size
    does."""
    choice = w.choice[inc[I_REGIME]]
    if choice[RELEASE_SIZE] > 1 and choice[RELEASES] == NONE:
        return NEVER
    return next_release(w.cal, choice[RELEASES], now)


@jit
def _leave(w, inc, task, now):
    """The task leaves its tier for the next desk: in a batch, which leaves by the schedule or
    when enough have gathered for that desk; grades I and II, and emergencies in emergency mode, go
    by telephone, at once."""
    if inc[I_GRADE] <= GRADE_II or comes_first(w, inc):
        return QUEUE
    until = release_tick(w, inc, now)
    if batch_size(w, inc) <= 1:
        return wait_until(w, inc, task, now, until, DISPATCH)
    if until <= now:
        return QUEUE
    task[T_JOINED], task[T_UNTIL] = now, until
    return GATHER


@jit
def batch_size(w, inc):
    """How many gathered tasks make a batch leave."""
    return w.choice[inc[I_REGIME], RELEASE_SIZE]


@jit
def let_go(w, inc, task, now):
    """A batch leaves, by its size or by the schedule; the task was in it since T_JOINED."""
    book(w, inc, task, DISPATCH, RELEASE, task[T_JOINED], now)


@jit
def _relay(w, inc, task, now):
    """One hop along the tree towards the disposer's tier, at each tier the desk that relays.

    Leaving a tier means waiting for the next batch; desks of one centre hand over at once.
    """
    regime = inc[I_REGIME]
    leaves = task[T_AT] != task[T_TIER]
    while task[T_AT] != task[T_TIER]:
        task[T_AT] += 1 if task[T_TIER] > task[T_AT] else -1
        group = w.relay[regime, task[T_AT]]
        if task[T_AT] != GRID and group != NONE:
            move(inc, task, DISPATCH, desk_at(w, inc, task[T_AT], group, 0))
            return _leave(w, inc, task, now)
    command = _arrive(w, inc, task, now)
    return _leave(w, inc, task, now) if leaves and command == QUEUE else command


@jit
def _arrive(w, inc, task, now):
    """The incident reaches the desk that was named to dispose of it."""
    if task[T_DIRECT] == 1:
        pair(w, inc, task)
    desk = helping_desk(w, inc, disposing_desk(w, inc, task[T_TIER], task[T_UNIT]), now)
    inc[I_LEAD_DESK] = desk
    signing = stage_desk(w, inc, SIGN, channel_of(inc, task))
    if signing == NONE:
        return accepted(w, inc, task, now)
    return move(inc, task, SIGN, signing)


@jit
def _after_sign(w, inc, task, now):
    """Accept or return (退单). A wrong desk returns; a right one may refuse what is its own."""
    if task[T_REPORT] > 0:
        return END
    if inc[I_ENTITY] == OF_FALSE_ALARM:
        task[T_OUTCOME] = VOIDED
        return END
    if inc[I_ENTITY] == OF_TRIVIAL:
        return END
    if whistles(w, inc, task):
        return report_in(w, inc, task)
    limit = lever(w, inc, RETURN_LIMIT)
    may_return = inc[I_RETURNS] < limit or limit <= 0.0
    attempt = task[T_COUNT + SIGN] - 1
    unwilling = task[T_RIGHT] == 0 or happens(
        w, inc, draws.RETURNED, lever(w, inc, REFUSAL), attempt
    )
    if not (may_return and unwilling) or happens(
        w, inc, draws.RECEIVED, lever(w, inc, FIRST_RECEIVER)
    ):
        return accepted(w, inc, task, now)
    inc[I_RETURNS] += 1
    task[T_OUTCOME] = RETURNED
    desk = intake_desk(w, inc, task, JUDGE)
    if desk == NONE:
        return _after_judgement(w, inc, task, now)
    move(inc, task, JUDGE, desk)
    return QUEUE if task[T_DIRECT] == 1 else _leave(w, inc, task, now)


@jit
def reopen(w, inc, task, now):
    """A false closing or a false merge comes back: the same incident, reported anew, at the next
    attempt."""
    inc[I_STATE] = OPEN
    inc[I_REPORTS] += 1
    task[T_DESK] = NONE
    return begin(w, inc, task, now)


# --- after a visit ----------------------------------------------------------------------------


@jit
def after_visit(w, inc, task, now):
    """A seat has finished a visit: book its time, count it, and say what comes next."""
    if task[T_BRANCH] >= WITHDRAWN_BRANCH:  # withdrawn meanwhile; the time is booked already
        task[T_OUTCOME] = VOIDED
        return END
    in_force(w, inc, now)
    stage = task[T_STAGE]
    task[T_OUTCOME] = DONE
    if task[T_JOINT] == 0:
        book(w, inc, task, stage, WAITING, task[T_JOINED], now - task[T_WORK])
        book(w, inc, task, stage, WORKING, now - task[T_WORK], now)
    if task[T_TURN] == 0:
        task[T_COUNT + stage] += 1
    if task[T_ERRAND] != NO_ERRAND:
        return after_errand(w, inc, task)
    if stage == REGISTER:
        return _after_register(w, inc, task, now)
    if stage == JUDGE:
        return _after_judgement(w, inc, task, now)
    if stage == DISPATCH:
        return _after_dispatch(w, inc, task, now)
    if stage == SIGN:
        return _after_sign(w, inc, task, now)
    if stage == DISPOSE:
        return after_dispose(w, inc, task, now)
    return after_verify(w, inc, task, now)

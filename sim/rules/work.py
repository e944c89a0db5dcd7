"""How long a visit takes a seat, and where it stands in the queue."""

from sim.calendar import next_start, segment_at
from sim.codes import DISPOSE, EARLIEST_LIMIT, NONE, POOL, SIGN, URGENCY
from sim.draws import OF_BACKGROUND, OF_FALSE_ALARM, RETYPING, WORK, uniform
from sim.durations import relative_duration
from sim.jit import jit
from sim.levers import (
    BACKGROUND_WORK,
    DISCIPLINE,
    GENERALIST_WORK,
    JOINT_WORK,
    PARTNER_WORK,
    SESSION,
    SHARED_DATA,
    WRONG_DESK_WORK,
)
from sim.rows import (
    I_ENTITY,
    I_GIVEN,
    I_GRADE,
    I_KEY,
    I_KIND,
    I_LIMIT,
    I_PARTNERS,
    T_BRANCH,
    T_COUNT,
    T_DESK,
    T_JOINT,
    T_LEFT,
    T_MOVES,
    T_NEWLY,
    T_REPORT,
    T_RETYPING,
    T_RIGHT,
    T_STAGE,
    T_TURN,
    T_WORK,
)
from sim.rules.applications import with_application
from sim.rules.policy import in_force, lever

# Places in the paperwork arrays, see catalogue.PAPERWORK.
_PAPER = (NONE, 0, 1, 2, 3, NONE, 4, 5, NONE)  # by stage
_RETYPE, _LOOK = 6, 7


@jit
def bits(mask):
    """How many bits are set."""
    n = 0
    while mask:
        mask &= mask - 1
        n += 1
    return n


@jit
def _drawn(w, inc, purpose, mean, row, attempt, report, branch):
    u = uniform(w.seed, inc[I_ENTITY], inc[I_KEY], purpose, attempt, report, branch)
    return mean * relative_duration(u, w.quantile[row])


@jit
def _disposal(w, inc, task):
    """Hands-on work of a disposal [ticks, float]."""
    kind = inc[I_KIND]
    if inc[I_ENTITY] == OF_BACKGROUND:
        mean = w.mechanism[BACKGROUND_WORK]
        return _drawn(w, inc, WORK + DISPOSE, mean, w.exponential, 0, 0, 0)
    partner = task[T_BRANCH] + task[T_TURN]  # one of them is 0
    attempt = task[T_COUNT + DISPOSE] if partner == 0 else 0
    given = inc[I_GIVEN]
    if given != NONE and partner == 0 and w.given[given, DISPOSE] != NONE:
        hands_on = float(w.given[given, DISPOSE])
    else:
        mean, row = w.dispose_mean[kind], w.dispose_row[kind]
        hands_on = _drawn(w, inc, WORK + DISPOSE, mean, row, attempt, 0, partner)
    if partner > 0:
        hands_on *= w.mechanism[PARTNER_WORK]
    elif task[T_RIGHT] == 0:
        hands_on *= w.mechanism[WRONG_DESK_WORK]
    if task[T_JOINT] == 1:
        hands_on *= 1.0 + w.mechanism[JOINT_WORK] * bits(inc[I_PARTNERS])
    return with_application(w, inc, hands_on, partner == 0 and attempt == 0)


@jit
def _paperwork(w, inc, task, stage):
    """Hands-on work of a paper stage [ticks, float]; a duplicate or a false alarm gets a look."""
    given, attempt, report = inc[I_GIVEN], task[T_COUNT + stage], task[T_REPORT]
    if given != NONE and report == 0 and attempt == 0 and w.given[given, stage] != NONE:
        return float(w.given[given, stage])
    paper = _PAPER[stage]
    if stage == SIGN and (report > 0 or inc[I_ENTITY] == OF_FALSE_ALARM):
        paper = _LOOK
    mean, row = w.paper_mean[paper], w.paper_row[paper]
    return _drawn(w, inc, WORK + stage, mean, row, attempt, report, task[T_BRANCH])


@jit
def take_up(w, inc, task, now):
    """A seat takes the task up for the first time: fix how long the visit will take it.

    Hands-on work is lengthened by 1/availability of the desk's tier, because staff have other
    duties; what another system already held is typed again where data is not shared.
    """
    in_force(w, inc, now)
    stage, desk = task[T_STAGE], task[T_DESK]
    hands_on = _disposal(w, inc, task) if stage == DISPOSE else _paperwork(w, inc, task, stage)
    if w.desk_group[desk] == POOL and inc[I_ENTITY] != OF_BACKGROUND:
        hands_on *= 1.0 + w.mechanism[GENERALIST_WORK]
    retyping = 0.0
    unshared = 1.0 - lever(w, inc, SHARED_DATA)
    if task[T_NEWLY] == 1 and unshared > 0.0:
        mean, row = w.paper_mean[_RETYPE] * unshared, w.paper_row[_RETYPE]
        branch = task[T_BRANCH]
        moves, report = task[T_MOVES], task[T_REPORT]
        retyping = _drawn(w, inc, RETYPING, mean, row, moves, report, branch)
    available = w.availability[w.desk_tier[desk]]
    task[T_RETYPING] = round(retyping / available)
    task[T_WORK] = round(hands_on / available) + task[T_RETYPING]
    task[T_LEFT] = task[T_WORK]


@jit
def session(w, task):
    """How long the seat now works on the task before it returns the remainder [ticks]."""
    return min(task[T_LEFT], int(w.mechanism[SESSION]))


@jit
def dates_past(w, tick):
    """How many of the rollout's dates are past at a tick."""
    n = 0
    while n < w.later_from.shape[0] and tick >= w.later_from[n]:
        n += 1
    return n


@jit
def discipline_field(w, inc, desk, now):
    """The queue key's field that the discipline of the desk orders by: that of the policy of its
    own district, or of the city's own."""
    n = dates_past(w, now)
    regime = w.later_regime[n - 1, desk] if n > 0 else w.desk_regime[desk]
    discipline = w.choice[regime, DISCIPLINE]
    if discipline == URGENCY:
        return inc[I_GRADE]
    return inc[I_LIMIT] if discipline == EARLIEST_LIMIT else 0


@jit
def _opening(w, desk, n):
    """Opening of a desk when so many of the rollout's dates are past."""
    return w.later_opening[n - 1, desk] if n > 0 else w.desk_opening[desk]


@jit
def seats_open(w, desk, tick):
    """Seats open at a desk: a function of the calendar and the tick."""
    n = dates_past(w, tick)
    i = segment_at(w.cal, _opening(w, desk, n), tick)
    if i < 0:
        return 0
    shift = w.cal.seg_shift[i]
    return w.later_seats[n - 1, desk, shift] if n > 0 else w.seats[desk, shift]


@jit
def next_opening(w, desk, tick):
    """Next tick at which the number of seats of a desk may rise, or NEVER."""
    n = dates_past(w, tick)
    start = next_start(w.cal, _opening(w, desk, n), tick)
    return min(start, w.later_from[n]) if n < w.later_from.shape[0] else start

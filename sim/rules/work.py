"""How long a visit takes a seat, and where it stands in the queue."""

from sim.codes import (
    CO_HANDLE,
    DISPOSE,
    EARLIEST_LIMIT,
    EXTEND,
    NO_ERRAND,
    NONE,
    NOTIFY,
    POOL,
    SIGN,
    URGENCY,
)
from sim.draws import OF_BACKGROUND, OF_CONSULTATION, OF_INCIDENT, RETYPING, WORK, uniform
from sim.durations import relative_duration
from sim.jit import jit
from sim.keys import key_of
from sim.levers import (
    BACKGROUND_WORK,
    DISCIPLINE,
    GENERALIST_WORK,
    GROWTH_WORK,
    JOINT_WORK,
    PARTNER_WORK,
    RE_ENTRY,
    SESSION,
    SHARED_DATA,
    WRONG_DESK_WORK,
)
from sim.rows import (
    I_BEGUN,
    I_ENTITY,
    I_GIVEN,
    I_GRADE,
    I_GROWTHS,
    I_KIND,
    I_LIMIT,
    I_MANUAL,
    I_PARTNERS,
    T_BRANCH,
    T_COUNT,
    T_DESK,
    T_ERRAND,
    T_JOINT,
    T_LEFT,
    T_MOVES,
    T_NEWLY,
    T_OWED,
    T_REPORT,
    T_RETYPING,
    T_RIGHT,
    T_STAGE,
    T_TURN,
    T_WORK,
)
from sim.rules.applications import with_application
from sim.rules.assessment import haste
from sim.rules.emergency import night_seats
from sim.rules.flexible import lent
from sim.rules.learning import slowness
from sim.rules.policy import in_force, lever
from sim.rules.seats import planned, regime_at
from sim.rules.sharing import travel
from sim.rules.supervision import errand_work
from sim.rules.whistle import stay
from sim.units import LONGEST

# Places in the paperwork arrays, see catalogue.PAPERWORK.
_PAPER = (NONE, 0, 1, 2, 3, NONE, 4, 5, NONE)  # by stage
_RETYPE, _LOOK, _CONSULT = 6, 7, 8


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
    u = uniform(w.seed, inc[I_ENTITY], key_of(inc), purpose, attempt, report, branch)
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
    hands_on *= 1.0 + w.mechanism[GROWTH_WORK] * inc[I_GROWTHS]
    return with_application(w, inc, hands_on, partner == 0 and attempt == 0)


@jit
def _paperwork(w, inc, task, stage):
    """Hands-on work of a paper stage [ticks, float]; a duplicate, a false alarm, a trivial
    event and a co-handler get a look."""
    given, attempt, report = inc[I_GIVEN], task[T_COUNT + stage], task[T_REPORT]
    errand = task[T_ERRAND]
    is_given = report == 0 and attempt == 0 and (errand == NO_ERRAND or errand == NOTIFY)
    if is_given and given != NONE and w.given[given, stage] != NONE:
        return float(w.given[given, stage])
    paper = _PAPER[stage]
    if stage == SIGN and (report > 0 or inc[I_ENTITY] != OF_INCIDENT or errand == CO_HANDLE):
        paper = _LOOK
    elif errand == EXTEND:  # to grant it is to sign
        paper = _PAPER[SIGN]
    elif inc[I_ENTITY] == OF_CONSULTATION:
        paper = _CONSULT
    mean, row = w.paper_mean[paper], w.paper_row[paper]
    if errand != NO_ERRAND:
        mean *= errand_work(w, task)
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
    if stage == DISPOSE and inc[I_ENTITY] == OF_INCIDENT:
        inc[I_BEGUN] = 1  # whoever is first: alike, in whatever order desks start
        hands_on = stay(w, inc, task, hands_on * haste(w, inc, task, now))
    if inc[I_ENTITY] != OF_BACKGROUND:
        hands_on *= slowness(w, inc, now)
        if w.desk_group[desk] == POOL:
            hands_on *= 1.0 + w.mechanism[GENERALIST_WORK]
    hands_on += travel(w, inc, task)
    retyping = 0.0
    unshared = 1.0 - lever(w, inc, SHARED_DATA)
    if task[T_NEWLY] == 1 and unshared > 0.0:
        mean, row = w.paper_mean[_RETYPE] * unshared, w.paper_row[_RETYPE]
        branch = task[T_BRANCH]
        moves, report = task[T_MOVES], task[T_REPORT]
        retyping = _drawn(w, inc, RETYPING, mean, row, moves, report, branch)
    retyping += _entered_again(w, inc, task)
    available = w.availability[w.desk_tier[desk]]
    task[T_RETYPING] = round(min(retyping / available, LONGEST))
    task[T_WORK] = min(round(min(hands_on / available, LONGEST)) + task[T_RETYPING], LONGEST)
    task[T_LEFT] = task[T_WORK]


@jit
def _entered_again(w, inc, task):
    """Work of entering on the platform what was done by hand while it was down [ticks, float]; a
    visit that begins in an outage is itself worked by hand.

    Each such visit costs the same, in proportion to the share of data that is shared: whoever
    shares nothing keeps no platform up to date.
    """
    if inc[I_MANUAL] == 1:
        task[T_OWED] += 1
        return 0.0
    owed = task[T_OWED]
    if owed == 0:
        return 0.0
    task[T_OWED] = 0
    return owed * w.mechanism[RE_ENTRY] * lever(w, inc, SHARED_DATA)


@jit
def session(w, task):
    """How long the seat now works on the task before it returns the remainder [ticks]."""
    return min(task[T_LEFT], int(w.mechanism[SESSION]))


@jit
def discipline_field(w, inc, desk, now):
    """The queue key's field that the discipline of the desk orders by: that of the policy of its
    own district, or of the city's own."""
    discipline = w.choice[regime_at(w, desk, now), DISCIPLINE]
    if discipline == URGENCY:
        return inc[I_GRADE]
    return inc[I_LIMIT] if discipline == EARLIEST_LIMIT else 0


@jit
def seats_open(w, desk, tick):
    """Seats open at a desk now: as planned, with those lent to it or by it; outside its hours those
    that emergency mode keeps open."""
    seats = planned(w, desk, tick)
    return night_seats(w, desk, tick) if seats == NONE else seats + lent(w, desk, tick)

"""Books that must add up whatever happens: incidents, reports, time, seats and queues."""

import numpy as np

from sim import codes, levers, rows
from sim.codes import NONE
from sim.compiled.events import RINGS_AGAIN
from sim.draws import OF_INCIDENT
from sim.outcome import Outcome
from sim.records import FLOW_COLUMNS, SUPERVISE_BRANCH, TIME_COLUMNS, Columns
from sim.rules.centres import desks_of
from sim.rules.work import seats_open
from sim.simpy_clock import Clock
from sim.situation import Situation
from sim.units import NEVER
from sim.world import World, world_handle
from tests.both import Result, tables
from tests.worlds import Case


def check_books(case: Case, result: Result) -> None:
    """What comes in is somewhere: incidents, reports, time, seats and queues add up."""
    outcome = result[-1]
    found = tables(result)
    incidents = found["incidents"]
    flow = dict(zip(FLOW_COLUMNS, outcome.flow.sum(axis=0).tolist(), strict=True))
    asleep = flow["false_closed"] + flow["mismerged"] - flow["returned"]
    lost = flow["withdrawn"] - flow["renewed"]
    gone = flow["solved"] - outcome.states[codes.SOLVED]
    gone += lost - outcome.states[codes.WITHDRAWN]
    arrivals = np.concatenate([arrivals for _, arrivals in case.chunks])
    real = arrivals[arrivals[:, rows.I_ENTITY] == OF_INCIDENT]
    assert outcome.drawn == flow["occurred"] == (real[:, rows.I_OCCURRED] < case.end).sum()
    assert outcome.drawn == outcome.states.sum() + gone
    assert outcome.states[codes.UNSEEN] == flow["occurred"] - flow["noticed"]
    assert outcome.states[codes.ASLEEP] == asleep
    assert outcome.states[codes.OPEN] == flow["noticed"] - flow["solved"] - asleep - lost
    assert outcome.reports.sum() == outcome.reports_drawn
    assert outcome.reports.min() >= 0
    occurred = real[:, rows.I_OCCURRED]
    recorded = (occurred >= case.window[0]) & (occurred < min(case.window[1], case.end))
    assert sorted(incidents["incident"]) == sorted(real[recorded, rows.I_KEY])
    solved = incidents["solved"] < NEVER
    account = sum(incidents[name] for name in TIME_COLUMNS)
    latency = np.minimum(incidents["solved"] - incidents["occurred"], case.world.restrict)
    np.testing.assert_array_equal(account[solved], latency[solved])
    assert (account <= np.minimum(latency, case.world.restrict)).all()
    for use in ("waiting", "working", "release"):
        in_all = sum(values for name, values in incidents.items() if name.endswith(f"_{use}"))
        again = incidents[f"again_{use}"]
        assert ((again >= 0) & (2 * again <= in_all)).all()  # `in_all` holds it, too
    check_courses(case, incidents)
    check_supervision(case, incidents, found["visits"])
    check_visits(case, found["visits"], outcome)
    check_desks(case, outcome)
    if case.window == (0, case.end):
        assert incidents["mismerged"].sum() == flow["mismerged"]
        check_flow(case, found["visits"], outcome, incidents["retracted"].sum())


def check_courses(case: Case, incidents: Columns) -> None:
    """Growth, withdrawals, false merges and satisfaction of incidents fit together, and what is
    switched off does not occur."""
    mechanism = case.world.mechanism
    growths, retracted = incidents["growths"], incidents["retracted"] == 1
    np.testing.assert_array_equal(incidents["severity"] - growths, incidents["grade"])
    assert ((growths >= 0) & (incidents["grade"] >= codes.GRADE_I)).all()
    never = case.world.growth_mean[incidents["kind"]] >= NEVER
    assert not growths[never | (mechanism[levers.GROWTH_RATE] == 0)].any()
    assert (incidents["channel"][retracted] == codes.HOTLINE).all()
    assert mechanism[levers.WITHDRAWAL] > 0 or not retracted.any()
    assert mechanism[levers.FALSE_MERGE] > 0 or not incidents["mismerged"].any()
    asked = (incidents["state"] == codes.SOLVED) & (incidents["channel"] == codes.HOTLINE)
    np.testing.assert_array_equal(incidents["satisfied"] != NONE, asked)


def check_supervision(case, incidents, visits):
    """What an incident counts of supervision are the visits that have ended; they and co-handlers
    carry no report. An extension puts off what is due and not the limit."""
    order = np.argsort(incidents["incident"])
    keys = incidents["incident"][order]
    first = visits["attempt"] == 0  # of a criticism; the answer is its second visit
    for errand, column in (
        (codes.NOTIFY, "escalated"), (codes.REMIND, "reminded"), (codes.CRITICISE, "criticised"),
    ):  # fmt: skip
        mine = first & (visits["branch"] == SUPERVISE_BRANCH + errand - codes.NOTIFY)
        counts = np.zeros(keys.size, np.int64)
        np.add.at(counts, np.searchsorted(keys, visits["incident"][mine]), 1)
        np.testing.assert_array_equal(counts, incidents[column][order], err_msg=column)
    side = visits["branch"] >= SUPERVISE_BRANCH
    assert not visits["report"][side].any()
    for errand, column in ((codes.EXTEND, "extensions"), (codes.CO_HANDLE, "dual")):
        mine = visits["branch"] == SUPERVISE_BRANCH + errand - codes.NOTIFY
        counts = np.zeros(keys.size, np.int64)
        np.add.at(counts, np.searchsorted(keys, visits["incident"][mine]), 1)
        assert (counts <= incidents[column][order]).all(), column
        assert set(incidents[column]) <= {0, 1}
    later = incidents["due"] - incidents["limit"]
    assert (later >= 0).all()
    assert not later[incidents["extensions"] == 0].any()


def check_visits(case, visits, outcome):
    """Visits run forwards in time, and no desk starts work without a seat."""
    joined, started, ended = visits["joined"], visits["started"], visits["ended"]
    assert (joined <= started).all()
    assert (started <= ended).all()
    assert (ended <= visits["released"]).all()
    assert (visits["worked"] <= ended - started).all()
    assert (visits["retyping"] <= visits["worked"]).all()
    if case.world.lever[:, [levers.FLEXIBLE, levers.EMERGENCY]].any():
        return  # seats are not where the calendar has them: the clock under watch sees to it
    world = world_handle(case.world)
    whole = (visits["worked"] == ended - started) & (ended > started)  # in a single stretch
    for desk in np.unique(visits["desk"][whole]):
        own = whole & (visits["desk"] == desk)
        starts, ends = np.sort(started[own]), np.sort(ended[own])
        ticks = np.unique(starts)
        busy = np.searchsorted(starts, ticks, "right") - np.searchsorted(ends, ticks, "right")
        assert (busy <= [seats_open(world, desk, tick) for tick in ticks]).all()


def check_desks(case: Case, outcome: Outcome) -> None:
    """What a desk counts in any window fits together, and only the hotline's have callers."""
    assert (outcome.delayed <= outcome.starts).all()
    assert (outcome.waited >= outcome.delayed).all()  # each of them a tick or more
    assert ((outcome.waited > 0) == (outcome.delayed > 0)).all()
    length = min(case.end, case.window[1]) - case.window[0]
    assert (outcome.queued >= 0).all()
    assert (outcome.busy <= length * most_seats(case.world)).all()
    lines = case.world.desk_group == codes.HOTLINE_DESK
    assert not outcome.blocked[~lines].any()
    if (case.world.lever[:, levers.INTAKE] < 1.0).any():  # departments of districts have theirs
        lines |= case.world.desk_group == codes.DEPARTMENT
        lines &= (case.world.desk_tier == codes.DISTRICT) | (
            case.world.desk_group == codes.HOTLINE_DESK
        )
    assert not outcome.abandoned[~lines].any()
    if case.world.mechanism[levers.LINES] == 0:
        assert not outcome.blocked.any()
    if case.world.mechanism[levers.PATIENCE] == 0:
        assert not outcome.abandoned.any()


def most_seats(world: World) -> np.ndarray:
    """Seats that a desk can ever have open, i8[desks]: its own, and all that can be lent to it."""
    most = np.max([world.seats, *world.later_seats], axis=0).max(axis=1).astype(np.int64)
    if not world.lever[:, levers.FLEXIBLE].any():
        return most
    tier = world.desk_tier
    number = (np.arange(tier.size) - world.tier_base[tier]) // world.tier_width[tier]
    _, centre = np.unique(np.stack([tier, number]), axis=1, return_inverse=True)
    return np.bincount(centre, most)[centre]


def check_flow(case: Case, visits: Columns, outcome: Outcome, retracted: int) -> None:
    """Where everything is measured, what joins a desk has been finished, has hung up, was removed
    because its incident was withdrawn, waits or is at work; and the time that was spent waiting is
    that of the visits: Little's law along the path. Of visits not yet finished only bounds are
    known; `Ledger` has them exactly."""

    def by_desk(values):
        return np.bincount(visits["desk"], values, minlength=outcome.busy.size).astype(np.int64)

    finished = by_desk(np.ones(len(visits["desk"])))
    never_begun = outcome.joins - outcome.abandoned - outcome.starts
    begun = outcome.starts - finished
    idle = outcome.queue + outcome.removed
    at_work = begun - (idle - never_begun)  # the others wait, or left, between two sessions
    assert ((never_begun >= 0) & (never_begun <= idle)).all()
    assert ((at_work >= 0) & (at_work <= most_seats(case.world))).all()
    before = visits["started"] - visits["joined"]
    between = by_desk(visits["ended"] - visits["started"] - visits["worked"])
    unfinished = {
        "waited": outcome.waited - by_desk(before),
        "delayed": outcome.delayed - by_desk(before > 0),
        "busy": outcome.busy - by_desk(visits["worked"]),
    }
    for name, rest in unfinished.items():
        assert (rest >= 0).all(), name
        assert not rest[begun == 0].any(), name
    assert (unfinished["delayed"] <= begun).all()
    rest = outcome.queued - outcome.waited - between
    assert (rest >= 0).all()
    still_here = begun + never_begun + outcome.abandoned
    assert not rest[still_here == 0].any()
    assert (rest <= still_here * case.end).all()
    # A call that was not answered has rung again, is about to, or is lost with its report; a
    # resident who withdraws while about to ring again is counted with those who have.
    lost = (outcome.abandoned + outcome.blocked).sum() - outcome.settled[RINGS_AGAIN]
    withdrawn = outcome.flow[:, FLOW_COLUMNS.index("withdrawn")].sum()
    assert withdrawn - retracted <= lost <= outcome.reports[[codes.VOID, codes.REPORT_OPEN]].sum()


def lent_to(situation: Situation, desk: int, now: int) -> int:
    """Seats that a desk has been lent, or lends, even while they are still on their way."""
    return int(situation.extra[desk]) if situation.extra_until[desk] > now else 0


class Ledger(Clock):
    """A SimPy clock that keeps a list of those who leave its desks without having been served, and
    sees to it that nobody works without a seat and that lent seats add up to none."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.hung_up: list[tuple[int, int]] = []  # (desk, how long it waited)
        self.removed: list[tuple[int, list[int]]] = []  # (tick, task) of withdrawn incidents
        self.unanswered = np.zeros(len(self.desks), np.int64)  # calls, by desk

    def review(self):
        super().review()
        for centre in self._due:
            own = range(*desks_of(self.world, centre))
            lent = [lent_to(self.situation, desk, self.now) for desk in own]
            assert sum(lent) == 0
            assert min(seats_open(self.world, desk, self.now) for desk in own) >= 0

    def _start(self, desk, task):
        assert desk.busy < seats_open(self.world, desk.number, self.now)
        super()._start(desk, task)

    def leave(self, task):
        row, withdrawn = task.row, task.incident.row[rows.I_STATE] == codes.WITHDRAWN
        if withdrawn and row[rows.T_REPORT] == 0:  # who hangs up withdraws it only afterwards
            self.removed.append((self.now, row.copy()))
        else:
            self.hung_up.append((int(row[rows.T_DESK]), self.now - int(row[rows.T_JOINED])))
        super().leave(task)

    def due(self, visits: Columns) -> Columns:
        """What the desks must have counted from the first tick on, from the visits that have
        ended, from who has hung up, and from who waits or is at work at the end."""
        found = {
            name: np.zeros(len(self.desks), np.int64)
            for name in (
                *("joins", "starts", "delayed", "waited", "queued", "busy"),
                *("abandoned", "removed"),
            )
        }

        def add(desk, **values):
            for name, value in values.items():
                np.add.at(found[name], desk, value)

        before, stay = visits["started"] - visits["joined"], visits["ended"] - visits["joined"]
        add(visits["desk"], joins=1, starts=1, delayed=before > 0, waited=before,
            queued=stay - visits["worked"], busy=visits["worked"])  # fmt: skip
        for desk, waited in self.hung_up:
            add(desk, joins=1, abandoned=1, queued=waited)

        def add_unfinished(row, until):
            """until : when it left, or when the present stretch of work ends."""
            joined, started, work, left, desk = row[
                [rows.T_JOINED, rows.T_STARTED, rows.T_WORK, rows.T_LEFT, rows.T_DESK]
            ].tolist()
            worked = 0 if work == NONE else work - left
            add(desk, joins=1, queued=until - joined - worked)
            add(desk, busy=worked - max(0, until - self.now))
            if work != NONE:
                before = started - joined
                add(desk, starts=1, delayed=before > 0, waited=before)

        for tick, row in self.removed:
            add_unfinished(row, tick)
            add(row[rows.T_DESK], removed=1)
        for desk in self.desks:
            for task in [*desk.waiting, *desk.at_work]:
                add_unfinished(task.row, desk.at_work.get(task, self.now))
        return found | {"blocked": self.unanswered - found["abandoned"]}

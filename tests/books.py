"""Books that must add up whatever happens: incidents, reports, time, seats and queues."""

import numpy as np

from sim import codes, levers, rows
from sim.codes import NONE
from sim.compiled.events import RINGS_AGAIN
from sim.draws import OF_INCIDENT
from sim.outcome import Outcome
from sim.records import FLOW_COLUMNS, TIME_COLUMNS, Columns
from sim.rules.work import seats_open
from sim.simpy_clock import Clock
from sim.units import NEVER
from sim.world import world_handle
from tests.worlds import Case, Result, tables


def check_books(case: Case, result: Result) -> None:
    """What comes in is somewhere: incidents, reports, time, seats and queues add up."""
    outcome = result[-1]
    found = tables(result)
    incidents = {
        name: np.concatenate([found["incidents"][name], found["left"][name]])
        for name in found["left"]
    }
    flow = dict(zip(FLOW_COLUMNS, outcome.flow.sum(axis=0).tolist(), strict=True))
    asleep = flow["false_closed"] - flow["returned"]
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
    check_visits(case, found["visits"], outcome)
    check_desks(case, outcome)
    if case.window == (0, case.end):
        check_flow(case, found["visits"], outcome)


def check_visits(case, visits, outcome):
    """Visits run forwards in time, and no desk starts work without a seat."""
    joined, started, ended = visits["joined"], visits["started"], visits["ended"]
    assert (joined <= started).all()
    assert (started <= ended).all()
    assert (ended <= visits["released"]).all()
    assert (visits["worked"] <= ended - started).all()
    assert (visits["retyping"] <= visits["worked"]).all()
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
    assert (outcome.busy <= length * _most_seats(case.world)).all()
    lost = outcome.blocked + outcome.abandoned
    assert not lost[case.world.desk_group != codes.HOTLINE_DESK].any()
    if case.world.mechanism[levers.LINES] == 0:
        assert not outcome.blocked.any()
    if case.world.mechanism[levers.PATIENCE] == 0:
        assert not outcome.abandoned.any()


def check_flow(case: Case, visits: Columns, outcome: Outcome) -> None:
    """Where everything is measured, what joins a desk has been finished, has hung up, waits or is
    at work; and the time that was spent waiting is that of the visits: Little's law along the
    path. Of visits not yet finished only bounds are known; `Ledger` has them exactly."""

    def by_desk(values):
        return np.bincount(visits["desk"], values, minlength=outcome.busy.size).astype(np.int64)

    finished = by_desk(np.ones(len(visits["desk"])))
    never_begun = outcome.joins - outcome.abandoned - outcome.starts
    begun = outcome.starts - finished
    at_work = begun - (outcome.queue - never_begun)  # the others wait between two sessions
    assert ((never_begun >= 0) & (never_begun <= outcome.queue)).all()
    assert ((at_work >= 0) & (at_work <= _most_seats(case.world))).all()
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
    # A call that was not answered has rung again, is about to, or is lost with its report.
    lost = (outcome.abandoned + outcome.blocked).sum() - outcome.settled[RINGS_AGAIN]
    withdrawn = outcome.flow[:, FLOW_COLUMNS.index("withdrawn")].sum()
    assert withdrawn <= lost <= outcome.reports[[codes.VOID, codes.REPORT_OPEN]].sum()


class Ledger(Clock):
    """A SimPy clock that keeps a list of those who leave its desks without having been served."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.hung_up: list[tuple[int, int]] = []  # (desk, how long it waited)
        self.unanswered = np.zeros(len(self.desks), np.int64)  # calls, by desk

    def leave(self, task):
        waited = self.now - int(task.row[rows.T_JOINED])
        self.hung_up.append((int(task.row[rows.T_DESK]), waited))
        super().leave(task)

    def due(self, visits: Columns) -> Columns:
        """What the desks must have counted from the first tick on, from the visits that have
        ended, from who has hung up, and from who waits or is at work at the end."""
        found = {
            name: np.zeros(len(self.desks), np.int64)
            for name in ("joins", "starts", "delayed", "waited", "queued", "busy", "abandoned")
        }

        def add(desk, **values):
            for name, value in values.items():
                np.add.at(found[name], desk, value)

        before, stay = visits["started"] - visits["joined"], visits["ended"] - visits["joined"]
        add(visits["desk"], joins=1, starts=1, delayed=before > 0, waited=before,
            queued=stay - visits["worked"], busy=visits["worked"])  # fmt: skip
        for desk, waited in self.hung_up:
            add(desk, joins=1, abandoned=1, queued=waited)
        for desk in self.desks:
            for task in [*desk.waiting, *desk.at_work]:
                joined, started, work, left = task.row[
                    [rows.T_JOINED, rows.T_STARTED, rows.T_WORK, rows.T_LEFT]
                ].tolist()
                until = desk.at_work.get(task, self.now)  # when the present stretch ends
                worked = 0 if work == NONE else work - left
                add(desk.number, joins=1, queued=until - joined - worked)
                add(desk.number, busy=worked - max(0, until - self.now))
                if work != NONE:
                    before = started - joined
                    add(desk.number, starts=1, delayed=before > 0, waited=before)
        return found | {"blocked": self.unanswered - found["abandoned"]}


def _most_seats(world):
    """The most seats that each desk ever opens, i4[N]."""
    return np.max([world.seats, *world.later_seats], axis=0).max(axis=1)

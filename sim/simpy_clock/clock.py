"""The clock: every tick is settled in rounds, each in three phases.

A   everything scheduled for the tick before the round began is taken together
B   centres review; who needs a decision gets it, by (incident key, report, branch); it is obeyed
C   desks touched in the round start work while seats are open and someone waits
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.codes import INCIDENT_STATES, NONE, OPEN
from sim.outcome import Chunk, Outcome, never_settles, unended
from sim.records import TIMER_BRANCH
from sim.rows import (
    I_COUNTED,
    I_KIND,
    I_OCCURRED,
    I_PATROL,
    I_STATE,
    I_TOWNSHIP,
    INCIDENT_WIDTH,
    ROW,
    T_BRANCH,
    T_DESK,
    T_JOINED,
    T_LEFT,
    T_REPORT,
    T_STARTED,
    T_WORK,
)
from sim.rules.hotline import patience
from sim.rules.life import let_go
from sim.rules.patrol import patrols
from sim.rules.seats import next_opening
from sim.rules.sensing import first_notice
from sim.rules.work import seats_open, session, take_up
from sim.simpy_clock import centres, decide
from sim.simpy_clock.books import (
    ARRIVAL,
    HANGS_UP,
    NOTICE,
    OPENS,
    PATROLS,
    WORK_ENDS,
    Books,
    table,
)
from sim.simpy_clock.decisions import rules_with
from sim.simpy_clock.rounds import MOST_ROUNDS, News, Rounds
from sim.simpy_clock.things import Desk, Incident, Task
from sim.situation import Situation
from sim.units import NEVER
from sim.world import World, world_handle

GROWTH_PLACE, WITHDRAWAL_PLACE = 254, 255
"""In place of a branch, where an incident's own timers stand among its decisions."""


class Ask(NamedTuple):
    """A decision that is due in this round."""

    incident: int  # key
    report: int
    branch: int
    decide: Callable[["Clock", Incident | Task], None]
    subject: Incident | Task

    @property
    def order(self) -> tuple[int, int, int]:
        """Its place among the decisions of the round."""
        return self.incident, self.report, self.branch


class Clock:
    """Runs a world at its desks, which stand in the order of their numbers.

    end : first tick past the horizon; window : ticks between which desks are measured, and
    in which those incidents occur whose rows are kept; decisions : see decisions.rules_with.
    """

    def __init__(
        self,
        world: World,
        desks: Sequence[Desk],
        end: int,
        window: tuple[int, int],
        *,
        keep_incidents: bool = True,
        keep_visits: bool = False,
        decisions: Mapping[str, Callable] | None = None,
    ):
        self.world, self.desks = world_handle(world), desks
        self.situation: Situation = self.world.fields.situation.fields
        self.rules = rules_with(decisions or {})
        self.incidents: dict[int, Incident] = {}  # still in the city, by key
        self.books = Books(end, window, keep_incidents, keep_visits)
        self._rounds = Rounds(self._settle)
        self.at = self._rounds.at
        self._asks: list[Ask] = []
        self._touched: set[int] = set()
        self._due: set[int] = set()  # centres that review in this round
        self._take = (  # phase A, in the order of books.NEWS
            self._noticed,
            self._work_ends,
            self._joins,
            self._limit_comes,
            self._repeated,
            self._awakes,
            self._opens,
            self._hangs_up,
            self._rings_again,
            self._grows,
            self._withdraws,
            self._reviews,
            self._patrols,
            self._occurs,
        )
        centres.begin_reviews(self)

    @property
    def now(self) -> int:
        """The present tick; every tick before it is settled."""
        return self._rounds.now

    def feed(self, arrivals: np.ndarray) -> None:
        """Add rows of the stream, by (occurred, key), none of them before now."""
        self._rounds.follow((int(row[I_OCCURRED]), ARRIVAL, row) for row in arrivals)

    def run_until(self, tick: int) -> None:
        """Settle every tick before `tick`. Raises InputError when one never settles."""
        self._rounds.run_until(tick)

    def drain(self) -> Chunk:
        """The output rows since the last call."""
        return self.books.drain()

    def left(self) -> Iterator[Chunk]:
        """Recorded incidents that are still in the city, by key."""
        books = self.books
        rows = [r for r in self._real() if books.keeps_incidents and books.covers(r[I_OCCURRED])]
        return unended(len(rows), lambda part: table(rows[part], INCIDENT_WIDTH, ROW))

    def _real(self) -> list[np.ndarray]:
        """Rows of all incidents of the catalogue that are in the city, by key."""
        return [i.row for _, i in sorted(self.incidents.items()) if i.is_real]

    def outcome(self) -> Outcome:
        """Totals of the run so far."""
        books = self.books
        centres.keep_modes(self)
        states = np.array([row[I_STATE] for row in self._real()], np.int64)
        return Outcome(
            states=np.bincount(states, minlength=len(INCIDENT_STATES)),
            drawn=books.drawn,
            flow=books.flow,
            reports=books.reports,
            reports_drawn=books.reports_drawn,
            busy=self._of_desks(lambda desk: desk.worked),
            waited=self._of_desks(lambda desk: desk.waited),
            starts=self._of_desks(lambda desk: desk.starts),
            delayed=self._of_desks(lambda desk: desk.delayed),
            joins=self._of_desks(lambda desk: desk.joins),
            blocked=self._of_desks(lambda desk: desk.blocked),
            abandoned=self._of_desks(lambda desk: desk.abandoned),
            removed=self._of_desks(lambda desk: desk.removed),
            queued=self._of_desks(
                lambda desk: (
                    desk.queued + sum(books.inside(t.since, self.now) for t in desk.waiting)
                )
            ),
            queue=self._of_desks(len),
            moved=self._of_desks(lambda desk: desk.moved),
            overtime=self._of_desks(lambda desk: desk.overtime),
            emergency=self._of_desks(lambda desk: desk.emergency),
            settled=books.settled,
        )

    def _of_desks(self, measure: Callable[[Desk], int]) -> np.ndarray:
        return np.array([measure(desk) for desk in self.desks], np.int64)

    def _settle(self, inbox: list[News], number: int) -> None:
        """One round of the present tick."""
        self._asks.clear()
        self._touched.clear()
        self._due.clear()
        for news, subject in inbox:
            self.books.settled[news] += 1
            self._take[news](subject)
        self._asks.sort(key=lambda ask: ask.order)
        if number > MOST_ROUNDS:
            raise never_settles(self._asks[0].incident if self._asks else NONE)
        self.review()
        for ask in self._asks:
            ask.decide(self, ask.subject)
            self._count_open(ask.subject)
            centres.keep_alarms(self, getattr(ask.subject, "incident", ask.subject))
        for desk in sorted(self._touched):
            self._serve(self.desks[desk])

    # --- phase A: take what happens -----------------------------------------------------------

    def _occurs(self, arrival: np.ndarray) -> None:
        incident = Incident(arrival)
        tick = first_notice(self.world, incident.row)
        self.books.count(incident, self.now, "occurred")
        self.books.drawn += int(incident.is_real)
        self._await_notice(incident, tick)
        decide.await_growth(self, incident)
        if tick < NEVER or incident.is_real:  # else the alarm of a sensor that is not there
            self.incidents[incident.key] = incident

    def _await_notice(self, incident: Incident, tick: int) -> None:
        """The first notice comes now or at a tick, or it is then that patrol is asked again."""
        if tick == self.now:
            self._noticed(incident)
        elif tick < NEVER:
            self.at(tick, PATROLS if incident.row[I_PATROL] > 0 else NOTICE, incident)

    def _patrols(self, incident: Incident) -> None:
        self._await_notice(incident, patrols(self.world, incident.row, self.now))

    def _reviews(self, centre: int) -> None:
        self._due.add(centre)

    def _noticed(self, incident: Incident) -> None:
        self._asks.append(Ask(incident.key, 0, 0, decide.accept, incident))

    def _limit_comes(self, incident: Incident) -> None:
        self._asks.append(Ask(incident.key, 0, TIMER_BRANCH, decide.supervise, incident))

    def _repeated(self, incident: Incident) -> None:
        self._asks.append(Ask(incident.key, incident.echoes + 1, 0, decide.echo, incident))

    def _awakes(self, task: Task) -> None:
        self._ask_for(task, decide.reopen)

    def _work_ends(self, task: Task) -> None:
        desk = self.desks[task.row[T_DESK]]
        del desk.at_work[task]
        self._touched.add(desk.number)
        if task.row[T_LEFT] > 0:
            self._wait(task)  # the rest of the work, with its first joined tick
        else:
            self.situation.load[desk.number] -= 1
            self._ask_for(task, decide.visited)

    def _joins(self, delayed: tuple[Task, object | None]) -> None:
        """A delay has ended, unless the task's batch has left before."""
        task, timer = delayed
        if task.timer is not timer:
            return
        if timer is None:
            self.join(task)
        else:
            self.desks[task.row[T_DESK]].batch.remove(task)
            self.let_go(task)

    def let_go(self, task: Task) -> None:
        """A batch leaves for the task's desk, or the task without it."""
        task.timer = None
        let_go(self.world, task.incident.row, task.row, self.now)
        self.join(task)

    def join(self, task: Task) -> None:
        """The task joins its desk for a new visit; a caller waits as long as patience lasts."""
        task.row[T_JOINED] = self.now
        task.row[T_WORK] = NONE
        self.situation.load[task.row[T_DESK]] += 1
        self.desks[task.row[T_DESK]].joins += int(self.books.covers(self.now))
        self._wait(task)
        ticks = patience(self.world, task.incident.row, task.row)
        if ticks < NEVER:
            task.timer = object()
            self.at(self.now + ticks, HANGS_UP, (task, task.timer))

    def _hangs_up(self, waiting: tuple[Task, object]) -> None:
        task, timer = waiting
        if task.timer is timer:  # else the call was answered
            self._ask_for(task, decide.hang_up)

    def _rings_again(self, task: Task) -> None:
        if not task.has_ended:  # else its incident was withdrawn
            self._ask_for(task, decide.ring)

    def _grows(self, incident: Incident) -> None:
        self._ask_last(incident, GROWTH_PLACE, decide.grow)

    def _withdraws(self, incident: Incident) -> None:
        self._ask_last(incident, WITHDRAWAL_PLACE, decide.withdraw)

    def _ask_last(self, incident: Incident, place: int, decision: Callable) -> None:
        """A timer of an incident that is still here asks, after all of the first report."""
        if not incident.has_left:
            self._asks.append(Ask(incident.key, 0, place, decision, incident))

    def _opens(self, desk: Desk) -> None:
        desk.wake = NONE
        self._touched.add(desk.number)

    def _ask_for(self, task: Task, decision: Callable) -> None:
        report, branch = int(task.row[T_REPORT]), int(task.row[T_BRANCH])
        self._asks.append(Ask(task.incident.key, report, branch, decision, task))

    def _wait(self, task: Task) -> None:
        """The task enters its desk's waiting list, with the queue key of this moment."""
        task.key = task.queue_key(self.world, self.now, self.rules)
        task.since = self.now
        self.desks[task.row[T_DESK]].join(task)
        self._touched.add(int(task.row[T_DESK]))

    # --- phase B: centres review, then decide.py ----------------------------------------------

    def review(self) -> None:
        """The reviews of the round, in the order of the centres."""
        for centre in sorted(self._due):
            centres.review(self, centre)

    def touch(self, desk: Desk) -> None:
        """The desk may be able to start work in this round."""
        self._touched.add(desk.number)

    def _count_open(self, subject: Incident | Task) -> None:
        """Keep the count of open incidents alike, after a decision about one."""
        incident = subject.incident if isinstance(subject, Task) else subject
        inc = incident.row
        is_open = int(incident.is_real and inc[I_STATE] == OPEN)
        alike = self.world.fields.situation.fields.alike
        alike[inc[I_KIND], inc[I_TOWNSHIP]] += is_open - inc[I_COUNTED]
        inc[I_COUNTED] = is_open

    def leave(self, task: Task) -> None:
        """The task leaves the waiting list of its desk without having been served."""
        desk = self.desks[task.row[T_DESK]]
        desk.leave(task)
        self.situation.load[desk.number] -= 1
        desk.queued += self.books.inside(task.since, self.now)
        task.key = task.timer = None

    def rekey(self, incident: Incident) -> None:
        """New queue keys for the incident's waiting tasks; each keeps its joined tick."""
        for task in incident.tasks:
            if task.key is not None:
                desk = self.desks[task.row[T_DESK]]
                desk.leave(task)
                task.key = task.queue_key(self.world, self.now, self.rules)
                desk.join(task)

    # --- phase C: start work ------------------------------------------------------------------

    def _serve(self, desk: Desk) -> None:
        """Start work while seats are open and someone waits; else wake the desk in time."""
        if not len(desk):
            return
        seats = seats_open(self.world, desk.number, self.now)
        while len(desk) and len(desk.at_work) < seats:
            self._start(desk, desk.take())
        if len(desk) and desk.wake == NONE:
            tick = next_opening(self.world, desk.number, self.now)
            if tick < NEVER:
                desk.wake = tick
                self.at(tick, OPENS, desk)

    def _start(self, desk: Desk, task: Task) -> None:
        """A free seat takes the task up, for the first time or for one more stretch."""
        row, now = task.row, self.now
        task.key = task.timer = None
        desk.queued += self.books.inside(task.since, now)
        if row[T_WORK] == NONE:
            take_up(self.world, task.incident.row, row, now)
            row[T_STARTED] = now
            if self.books.covers(now):
                desk.starts += 1
                desk.waited += now - int(row[T_JOINED])
                desk.delayed += int(row[T_JOINED] < now)
        length = session(self.world, row)
        row[T_LEFT] -= length
        desk.at_work[task] = now + length
        desk.worked += self.books.inside(now, now + length)
        centres.book_work(self, desk.number, length)
        self.at(now + length, WORK_ENDS, task)

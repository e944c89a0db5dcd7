"""Faults of order, each planted in a SimPy clock or a desk; and two orders that cannot matter.

A check that never sees a fault proves nothing: each of these must be caught by some random world.
"""

import numpy as np

from agents.desk import Desk
from sim import codes, levers, rows
from sim.records import SUPERVISE_BRANCH
from sim.simpy_clock import Clock, Incident
from sim.simpy_clock.books import JOINS, LIMIT, NOTICE, OPENS
from sim.simpy_clock.clock import GROWTH_PLACE, Ask
from sim.simpy_clock.decide import hang_up
from sim.situation import P_BEFORE, P_BOOKED


class _Asks(list):
    """The decisions of a round, which a faulty clock puts in order."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def sort(self, *, key):
        self.clock.before_deciding()
        super().sort(key=self.clock.order)


class Faulty(Clock):
    """A clock with places for faults; it has none itself."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._asks = _Asks(self)
        self._seen = set()
        self.at = self.schedule

    def before_deciding(self):
        """Between phases A and B."""

    def serve_early(self, desks):
        """Start work at some desks; who is answered does not hang up."""
        for desk in sorted(desks):
            self._serve(self.desks[desk])
        self._asks[:] = [a for a in self._asks if a.decide is not hang_up or a.subject.key]

    def order(self, ask):
        return ask.order

    def schedule(self, tick, news, subject):
        self._rounds.at(tick, news, subject)


class OwnTasksBackwards(Faulty):
    """Decides an incident's own tasks in the opposite order of report and branch."""

    def order(self, ask):
        return ask.incident, -ask.report, -ask.branch


class IncidentsBackwards(Faulty):
    """Decides incidents in the opposite order, which the order of the rows shows."""

    def order(self, ask):
        return -ask.incident, ask.report, ask.branch


class StartsBeforeDeciding(Faulty):
    """Desks start work before the decisions of the round, and after them, too."""

    def before_deciding(self):
        self.serve_early(self._touched)


class EventsOneByOne(Faulty):
    """Each event is a round of its own, as SimPy alone would have it."""

    def _settle(self, inbox, number):
        for news in inbox:
            super()._settle([news], number)


class NoticesNextRound(Faulty):
    """What is noticed as it occurs is dealt with a round later."""

    def _noticed(self, incident):
        if incident.row[rows.I_OCCURRED] == self.now and incident.key not in self._seen:
            self._seen.add(incident.key)
            self.at(self.now, NOTICE, incident)
        else:
            super()._noticed(incident)


class PatienceOutlastsAnswer(Faulty):
    """A caller whose patience ends at the very tick at which a seat is free is still answered."""

    def before_deciding(self):
        self.serve_early({a.subject.row[rows.T_DESK] for a in self._asks if a.decide is hang_up})


class LinesFreedLate(Faulty):
    """A line is free one round after the call on it has ended."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._held = []

    def _work_ends(self, task):
        super()._work_ends(task)
        desk = self.desks[task.row[rows.T_DESK]]
        self._held.append((desk, object()))

    def before_deciding(self):
        for desk, line in self._held:
            desk.at_work[line] = self.now

    def _serve(self, desk):
        for other, line in self._held:
            other.at_work.pop(line, None)
        self._held.clear()
        super()._serve(desk)


class BatchesOneTooLarge(Faulty):
    """A batch leaves only when one more would join it."""

    def __init__(self, world, *arguments, **options):
        choice = world.choice.copy()
        choice[:, levers.RELEASE_SIZE] += choice[:, levers.RELEASE_SIZE] > 1
        super().__init__(world._replace(choice=choice), *arguments, **options)


class BatchesForgetTheSchedule(Faulty):
    """A batch waits until it is full, whatever the schedule says."""

    def _joins(self, delayed):
        if delayed[1] is None:
            super()._joins(delayed)


class RemaindersJoinAnew(Faulty):
    """The remainder of a visit forgets when the visit joined the queue."""

    def _wait(self, task):
        task.row[rows.T_JOINED] = self.now
        super()._wait(task)


class RemaindersKeepTheirSeat(Faulty):
    """The seat goes on with the remainder, whoever waits."""

    def _work_ends(self, task):
        super()._work_ends(task)
        if task.row[rows.T_LEFT] > 0:
            desk = self.desks[task.row[rows.T_DESK]]
            desk.leave(task)
            self._start(desk, task)


class RekeysJoinAnew(Faulty):
    """A notice makes the waiting tasks forget when they joined."""

    def rekey(self, incident):
        for task in incident.tasks:
            if task.key is not None:
                task.row[rows.T_JOINED] = self.now
        super().rekey(incident)


class RekeysOnlyTheLead(Faulty):
    """A notice does not reach partners and duplicates."""

    def rekey(self, incident):
        tasks = incident.tasks
        incident.tasks = [t for t in tasks if t.row[[rows.T_REPORT, rows.T_BRANCH]].sum() == 0]
        super().rekey(incident)
        incident.tasks = tasks


class GrowthSparesTheQueue(Faulty):
    """What has grown keeps its place in the queue."""

    def _ask_last(self, incident, place, decision):
        def spared(clock, incident):
            clock.rekey = lambda _: None
            decision(clock, incident)
            del clock.rekey

        super()._ask_last(incident, place, spared)


class GrowsBeforeItsTasks(Faulty):
    """An incident grows before its tasks are decided."""

    def order(self, ask):
        return ask.incident, ask.report, codes.NONE if ask.branch == GROWTH_PLACE else ask.branch


class OpenCountedLate(Faulty):
    """Which incidents are open is counted at the end of the round."""

    def _settle(self, inbox, number):
        self._decided = []
        super()._settle(inbox, number)
        for subject in self._decided:
            super()._count_open(subject)

    def _count_open(self, subject):
        self._decided.append(subject)


class SeatsFreedLate(Faulty):
    """A seat is free one round after its work has ended."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._held = []

    def _work_ends(self, task):
        super()._work_ends(task)
        desk, seat = self.desks[task.row[rows.T_DESK]], object()
        desk.at_work[seat] = self.now
        self._held.append((desk, seat))
        self.at(self.now, OPENS, desk)  # looks at the desk again in the next round

    def _settle(self, inbox, number):
        for desk, seat in self._held:
            del desk.at_work[seat]
        self._held.clear()
        super()._settle(inbox, number)


class LimitTimersEarly(Faulty):
    """A limit is missed at its own tick, not at the next."""

    def schedule(self, tick, news, subject):
        super().schedule(tick - (news == LIMIT), news, subject)


class WakesOnce(Faulty):
    """A desk that has been woken once is never woken again."""

    def _opens(self, desk):
        wake = desk.wake
        super()._opens(desk)
        desk.wake = wake


class PartnersQueueLate(Faulty):
    """Partners join their desks one round after the lead."""

    def join(self, task):
        is_partner = 0 < task.row[rows.T_BRANCH] < SUPERVISE_BRANCH
        if is_partner and task.row[rows.T_JOINED] == 0:
            task.row[rows.T_JOINED] = codes.NONE
            self.at(self.now, JOINS, (task, None))
        else:
            super().join(task)


class BatchesStrictlyAfter(Faulty):
    """What is ready at the very tick of a release waits for the next one."""

    def __init__(self, world, *arguments, **options):
        self._known = world.cal.release_tick
        self._releases = self._known.copy()
        cal = world.cal._replace(release_tick=self._releases)
        super().__init__(world._replace(cal=cal), *arguments, **options)

    def _settle(self, inbox, number):
        self._releases[:] = np.where(self._known == self.now, codes.NONE, self._known)
        super()._settle(inbox, number)


class ReviewsAfterDeciding(Faulty):
    """Centres review after the decisions of the round."""

    def review(self):
        nobody = Incident(np.zeros(rows.I_GIVEN + 1, np.int64))
        last = Ask(codes.NONE, 0, 0, lambda clock, _: Clock.review(clock), nobody)
        self._asks.append(last)


class PatrolsByThePresentShift(Faulty):
    """Patrol is slowed by the work of the shift that goes on."""

    def _start(self, desk, task):
        super()._start(desk, task)
        self.situation.patrol[:, P_BEFORE] = self.situation.patrol[:, P_BOOKED]


class SeatsMoveAtOnce(Faulty):
    """A moved seat begins at its new desk without delay."""

    def __init__(self, world, *arguments, **options):
        mechanism = world.mechanism.copy()
        mechanism[levers.SWITCHING] = 0
        super().__init__(world._replace(mechanism=mechanism), *arguments, **options)


class ModesLeaveTheQueues(Faulty):
    """Emergencies that wait already keep their place when emergency mode begins or ends."""

    def review(self):
        self.rekey = lambda incident: None
        super().review()
        del self.rekey


class LoadForgetsThoseAtWork(Faulty):
    """The load of a desk is only who waits there."""

    def _start(self, desk, task):
        self.situation.load[desk.number] -= 1
        super()._start(desk, task)

    def _work_ends(self, task):
        self.situation.load[task.row[rows.T_DESK]] += 1
        super()._work_ends(task)


class LaterKeysFirst(Desk):
    """Serves the later key first where all but the tie-break is equal."""

    def join(self, task):
        *order, occurred, key, report, branch = task.key
        task.key = (*order, -occurred, -key, -report, -branch)
        super().join(task)


FAULTS = {
    **{fault.__name__: {"make_clock": fault} for fault in Faulty.__subclasses__()},
    "LaterKeysFirst": {"make_desk": LaterKeysFirst},
}


# Orders that cannot matter: phase A only notes, and in phase C a desk changes only itself.


class NewsBackwards(Clock):
    """Takes the news of a round in the opposite order."""

    def _settle(self, inbox, number):
        super()._settle(inbox[::-1], number)


class DesksBackwards(Clock):
    """Serves the desks of a round in the opposite order."""

    def _settle(self, inbox, number):
        self._later = []
        super()._settle(inbox, number)
        for desk in reversed(self._later):
            super()._serve(desk)

    def _serve(self, desk):
        self._later.append(desk)


HARMLESS = (NewsBackwards, DesksBackwards)

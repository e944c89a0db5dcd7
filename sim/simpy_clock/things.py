"""What the clock moves about: incidents, tasks, and the desks at which they wait."""

from types import SimpleNamespace
from typing import Protocol

import numpy as np

from sim.codes import NONE, SOLVED, WITHDRAWN
from sim.draws import OF_INCIDENT
from sim.handle import Handle
from sim.keys import key_of
from sim.rows import (
    I_DUPLICATES,
    I_ENTITY,
    I_OCCURRED,
    I_STATE,
    INCIDENT_WIDTH,
    ROW,
    T_BRANCH,
    T_DESK,
    T_JOINED,
    T_REPORT,
    T_WORK,
    TASK_WIDTH,
)
from sim.rules.emergency import queue_class
from sim.rules.sensing import appear
from sim.simpy_clock.decisions import COMPILED


class Incident:
    """One incident, from its occurrence until it leaves the city."""

    __slots__ = ("alarms", "branches", "echoes", "has_left", "row", "tasks")

    def __init__(self, arrival: np.ndarray):
        self.row = np.zeros(INCIDENT_WIDTH, ROW)
        appear(self.row, arrival)
        self.tasks: list[Task] = []
        self.branches = 0  # still at work, of a joint disposal
        self.echoes = 0  # duplicates that have come up so far, made or not
        self.alarms = 0  # counts of open emergencies in which it stands
        self.has_left = False

    @property
    def key(self) -> int:
        return int(key_of(self.row))

    @property
    def is_real(self) -> bool:
        """Neither a false alarm nor a background task."""
        return self.row[I_ENTITY] == OF_INCIDENT

    @property
    def is_over(self) -> bool:
        """Whether nothing more can come of it once it has no tasks."""
        state = self.row[I_STATE]
        if state == WITHDRAWN:
            return self.echoes == self.row[I_DUPLICATES]
        return state == SOLVED or not self.is_real

    @property
    def lead(self) -> "Task":
        """The task of the first report."""
        return next(t for t in self.tasks if t.row[T_REPORT] == 0 and t.row[T_BRANCH] == 0)


class Task:
    """One piece of work, on its way from desk to desk."""

    __slots__ = ("has_ended", "incident", "key", "row", "since", "timer")

    def __init__(self, incident: Incident, report: int):
        self.incident = incident
        self.key: tuple[int, ...] | None = None  # queue key, while it waits
        self.since = NONE  # tick since which it waits
        self.has_ended = False
        self.timer: object | None = None  # of a caller's patience or of a batch, while it counts
        self.row = np.zeros(TASK_WIDTH, ROW)
        self.row[T_REPORT] = report
        self.row[T_DESK] = self.row[T_WORK] = NONE
        incident.tasks.append(self)

    def queue_key(
        self, world: Handle, now: int, rules: SimpleNamespace = COMPILED
    ) -> tuple[int, ...]:
        """Where it stands in a waiting list: lowest first, never two alike."""
        inc, row = self.incident.row, self.row
        field = rules.discipline_field(world, inc, row[T_DESK], now)
        joined, report, branch = row[[T_JOINED, T_REPORT, T_BRANCH]].tolist()
        place = joined, int(inc[I_OCCURRED]), self.incident.key, report, branch
        return int(queue_class(world, inc)), field, *place


class Desk(Protocol):
    """What the clock needs of a desk; agents/desk.py has one."""

    number: int
    wake: int  # tick of the pending opening, or NONE
    at_work: dict[Task, int]  # tick at which each stretch of work ends
    worked: int  # seat time inside the measuring window [ticks]
    waited: int  # waiting of the visits that started inside it [ticks]
    starts: int  # how many these were
    delayed: int  # how many of them had to wait
    joins: int  # visits that joined the waiting list inside it
    blocked: int  # calls that found no line inside it
    abandoned: int  # callers who hung up inside it
    removed: int  # tasks of withdrawn incidents that left inside it
    batch: list[Task]  # tasks that gather to come together
    queued: int  # time spent waiting inside it by tasks that wait no longer [ticks]
    moved: int  # seats lent to it inside it
    overtime: int  # seat time that emergency mode kept open inside it [ticks]
    emergency: int  # time of its centre in emergency mode inside it [ticks]

    @property
    def waiting(self) -> list[Task]:
        """The tasks that wait, in the order in which they will be served."""

    def __len__(self) -> int:
        """How many tasks wait."""

    def join(self, task: Task) -> None:
        """The task, with its queue key, enters the waiting list."""

    def leave(self, task: Task) -> None:
        """The task leaves the waiting list, wherever it stands."""

    def take(self) -> Task:
        """Remove and return the first waiting task."""

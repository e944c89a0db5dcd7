"""A desk: a pool of seats, who works at them and who waits for them."""

from bisect import bisect_left, insort

from sim.codes import DESK_GROUPS, NONE
from sim.simpy_clock import Task


class Desk:
    """One desk of a centre.

    group : what it is for (codes.DESK_GROUPS); unit : which board or department, from 0.
    """

    __slots__ = (
        *("at_work", "batch", "centre", "group", "number", "unit", "wake", "_waiting"),
        *("abandoned", "blocked", "delayed", "joins", "queued", "removed", "starts", "waited"),
        *("emergency", "moved", "overtime", "worked"),
    )

    def __init__(self, number: int, group: int = NONE, unit: int = 0, centre=None):
        self.number, self.group, self.unit, self.centre = number, group, unit, centre
        self.wake = NONE  # tick of the pending opening
        self.at_work: dict[Task, int] = {}  # tick at which each stretch of work ends
        self.worked = 0  # seat time of the stretches begun, inside the measuring window [ticks]
        self.waited = 0  # waiting of the visits that started inside it [ticks]
        self.starts = 0  # how many these were
        self.delayed = 0  # how many of them had to wait
        self.joins = 0  # visits that joined the waiting list inside it
        self.blocked = 0  # calls that found no line inside it
        self.abandoned = 0  # callers who hung up inside it
        self.removed = 0  # tasks of withdrawn incidents that left inside it
        self.batch: list[Task] = []  # tasks that gather to come together
        self.queued = 0  # time spent waiting inside it by tasks that wait no longer [ticks]
        self.moved = 0  # seats lent to it by others of its centre inside it
        self.overtime = 0  # seat time that emergency mode kept open inside it [ticks]
        self.emergency = 0  # time of its centre in emergency mode inside it [ticks]
        self._waiting: list[tuple[tuple[int, ...], Task]] = []  # by queue key, which is unique

    def __repr__(self) -> str:
        return f"<desk {self.number}, {self.role}: {self.busy} at work, {len(self)} waiting>"

    def __len__(self) -> int:
        """How many tasks wait."""
        return len(self._waiting)

    def __bool__(self) -> bool:
        """A desk is a desk, whether or not anyone waits."""
        return True

    @property
    def role(self) -> str:
        """What it is for, such as "command" or "department 3"; units count from 0."""
        if self.group == NONE:
            return "desk"
        name = DESK_GROUPS[self.group]
        return f"{name} {self.unit}" if name in ("board", "department") else name

    @property
    def busy(self) -> int:
        """Seats at work."""
        return len(self.at_work)

    @property
    def waiting(self) -> list[Task]:
        """The tasks that wait, in the order in which they will be served."""
        return [task for _, task in self._waiting]

    def join(self, task: Task) -> None:
        """The task, with its queue key, enters the waiting list."""
        insort(self._waiting, (task.key, task))

    def leave(self, task: Task) -> None:
        """The task leaves the waiting list, wherever it stands."""
        del self._waiting[bisect_left(self._waiting, (task.key,))]

    def take(self) -> Task:
        """Remove and return the first waiting task."""
        return self._waiting.pop(0)[1]

    def worked_until(self, tick: int, window: tuple[int, int]) -> int:
        """Seat time worked inside the window before a tick [ticks]: `worked` without the part
        of the stretches now at work that is still to come."""
        begin = max(tick, window[0])
        return self.worked - sum(max(0, min(e, window[1]) - begin) for e in self.at_work.values())

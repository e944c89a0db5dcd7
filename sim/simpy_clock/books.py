"""What a run counts and writes, save what the desks count themselves."""

import numpy as np
from numpy.typing import DTypeLike

from sim import codes
from sim.outcome import Chunk
from sim.records import FLOW_BIN, FLOW_COLUMNS, VISIT_COLUMNS
from sim.rows import (
    I_OCCURRED,
    INCIDENT_WIDTH,
    ROW,
    T_BRANCH,
    T_COUNT,
    T_DESK,
    T_JOINED,
    T_REPORT,
    T_RETYPING,
    T_STAGE,
    T_STARTED,
    T_TURN,
    T_WORK,
)
from sim.simpy_clock.things import Incident, Task

NEWS = (
    *("notice", "work_ends", "joins", "limit", "duplicate", "awakes", "opens"),
    *("hangs_up", "rings_again", "grows", "withdraws", "reviews", "patrols", "arrival"),
)
"""What can happen at a tick, in the order in which `Outcome.settled` counts it."""
NOTICE, WORK_ENDS, JOINS, LIMIT, DUPLICATE, AWAKES, OPENS, HANGS_UP, RINGS_AGAIN = range(9)
GROWS, WITHDRAWS, REVIEWS, PATROLS, ARRIVAL = range(9, len(NEWS))


class Books:
    """The books of a run; window : ticks between which rows are kept and desks measured."""

    def __init__(self, end: int, window: tuple[int, int], incidents: bool, visits: bool):
        self.window = window
        self.flow = np.zeros((end // FLOW_BIN + 1, len(FLOW_COLUMNS)), np.int64)
        self.reports = np.zeros(len(codes.REPORT_STATES), np.int64)
        self.settled = np.zeros(len(NEWS), np.int64)
        self.drawn = self.reports_drawn = 0
        self.incident_rows: list[np.ndarray] = []
        self.visit_rows: list[list[int]] = []
        self.keeps_incidents, self._keeps_visits = incidents, visits

    def covers(self, tick: int) -> bool:
        """Whether a tick lies inside the measuring window."""
        return self.window[0] <= tick < self.window[1]

    def inside(self, start: int, end: int) -> int:
        """Length of [start, end) inside the measuring window [ticks]."""
        return max(0, min(end, self.window[1]) - max(start, self.window[0]))

    def count(self, incident: Incident, now: int, column: str) -> None:
        """An incident does something that the flow table counts."""
        if incident.is_real:
            self.flow[now // FLOW_BIN, FLOW_COLUMNS.index(column)] += 1

    def draw_report(self, state: int) -> None:
        """A report comes into being."""
        self.reports_drawn += 1
        self.reports[state] += 1

    def move_report(self, before: int, after: int) -> None:
        """A report changes its state."""
        self.reports[before] -= 1
        self.reports[after] += 1

    def write_incident(self, incident: Incident) -> None:
        """An incident leaves the city."""
        if self.keeps_incidents and incident.is_real and self.covers(incident.row[I_OCCURRED]):
            self.incident_rows.append(incident.row)

    def begin_visit_row(self, task: Task, now: int) -> list[int]:
        """A visit ends: its row, but for what the decision is still to say. Empty: not kept."""
        inc, row = task.incident.row, task.row
        if not (self._keeps_visits and self.covers(inc[I_OCCURRED])):
            return []
        stage = row[T_STAGE]
        attempt = 0 if row[T_TURN] else row[T_COUNT + stage]
        visit = [task.incident.key, row[T_REPORT], row[T_BRANCH] + row[T_TURN], stage, attempt]
        visit += [row[T_DESK], row[T_JOINED], row[T_STARTED], now, row[T_WORK], row[T_RETYPING]]
        self.visit_rows.append(visit)
        return visit

    def drain(self) -> Chunk:
        """The output rows since the last call."""
        incidents, visits = self.incident_rows, self.visit_rows
        self.incident_rows, self.visit_rows = [], []
        width = len(VISIT_COLUMNS)
        return Chunk(table(incidents, INCIDENT_WIDTH, ROW), table(visits, width, np.int64))


def table(rows: list, width: int, kind: DTypeLike) -> np.ndarray:
    """Rows under one another, [n, width], even when there are none."""
    return np.array(rows, kind).reshape(-1, width)

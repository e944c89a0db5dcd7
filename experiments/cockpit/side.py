"""One policy of a play: its run on its way, and what it has shown so far."""

from typing import Any

import numpy as np

from experiments.one_run import of_stream, prepared
from scenarios.parameters import Parameters
from sim.codes import INCIDENT_STATES, JUDGE, NONE, SOLVED, STAGES
from sim.compiled.clock import Course
from sim.compiled.watch import Picture, live_incidents, picture
from sim.draws import OF_INCIDENT
from sim.keys import keys_of
from sim.outcome import Chunk
from sim.records import FLOW_COLUMNS, VISIT_COLUMNS
from sim.rows import (
    I_FIRST,
    I_FIRST_TASK,
    I_LEAD_DESK,
    I_LIMIT,
    I_OCCURRED,
    I_SOLVED,
    I_STATE,
    I_TOWNSHIP,
    T_SIBLING,
)
from sim.stream import unpack_key
from sim.units import DAY, HOUR

RECENT_HOURS = 72
"""Hours over which latencies are averaged: what was solved lately."""

_VISIT = {name: i for i, name in enumerate(VISIT_COLUMNS)}


class Recent:
    """Sums of the last hours, by place; what is older drops out hour by hour."""

    def __init__(self, places: int, hours: int):
        self._bins, self._hours, self._now = np.zeros((hours, places)), hours, 0

    def add(self, ticks: np.ndarray, places: np.ndarray, values: Any = 1.0) -> None:
        """Add values at ticks [none older than the last `until`] to their places."""
        np.add.at(self._bins, (ticks // HOUR % self._hours, places), values)

    def until(self, tick: int) -> None:
        """Forget what is older than so many hours before a tick; to be called before `add`."""
        hour = tick // HOUR
        stale = np.arange(self._now + 1, min(hour, self._now + self._hours) + 1)
        self._bins[stale % self._hours] = 0.0
        self._now = hour

    @property
    def total(self) -> np.ndarray:
        """Sums by place, f8[places]."""
        return self._bins.sum(axis=0)


class Side:
    """A policy's run, taken on in steps of any length, and changed between two of them.

    Times are ticks [s] since 00:00 on the start date.
    """

    def __init__(self, parameters: Parameters, seed: int):
        """Raises InputError."""
        _, self._world = prepared(parameters, seed)
        self.parameters, self.seed, self.now = parameters, seed, 0
        end, n_townships = parameters.end, parameters.city.n_townships
        self._course = Course(self._world, end, (0, end), keep_visits=True)
        self._arrivals = (NONE, np.zeros((0, 1), np.int64))  # day, what occurs on it
        self._latency, self._left = (Recent(n_townships, RECENT_HOURS) for _ in range(2))
        self._stages = Recent(len(STAGES), 24)
        self._visits: list[np.ndarray] = []  # of incidents that have not left
        self._kept_since = 0
        self.watched: int | None = None  # key of an incident that is not forgotten when it leaves
        self._gone: np.ndarray | None = None  # state row with which it has left
        self.judged = self.closed = self.on_time = self._named = 0

    # --- going on -----------------------------------------------------------------------------

    def advance(self, until: int) -> None:
        """Settle all before a tick. Raises InputError when a tick never settles."""
        until = min(until, self.parameters.end)
        while self.now < until:
            day = self.now // DAY
            rows, to = self._of_day(day), min(until, (day + 1) * DAY)
            first, last = np.searchsorted(rows[:, I_OCCURRED], (self.now, to))
            chunk = self._course.advance(np.ascontiguousarray(rows[first:last]), to)
            self._take_in(chunk, to)
            self.now = to

    def _of_day(self, day: int) -> np.ndarray:
        if self._arrivals[0] != day:
            days = of_stream(self.parameters, self._world.seed, days=(day, day + 1))
            self._arrivals = day, np.concatenate([rows for _, rows in days])
        return self._arrivals[1]

    def change(self, parameters: Parameters) -> None:
        """Go on with other parameters, which are alike until now."""
        world = parameters.world._replace(
            seed=self._world.seed,
            outage_from=self._world.outage_from,
            outage_to=self._world.outage_to,
        )
        self._course.go_on(world, self.now)
        self.parameters, self._world = parameters, world
        self._arrivals = NONE, self._arrivals[1]  # what is yet to occur may be other

    def _take_in(self, chunk: Chunk, to: int) -> None:
        for recent in (self._latency, self._left, self._stages):
            recent.until(to)
        left, visits = chunk.incidents, chunk.visits
        solved = left[left[:, I_STATE] == SOLVED]
        self.closed += len(solved)
        self.on_time += int((solved[:, I_FIRST] <= solved[:, I_LIMIT]).sum())
        self._named += int((left[:, I_LEAD_DESK] != NONE).sum())
        townships, hours = solved[:, I_TOWNSHIP], solved[:, I_SOLVED] - solved[:, I_OCCURRED]
        self._latency.add(solved[:, I_SOLVED], townships, hours / HOUR)
        self._left.add(solved[:, I_SOLVED], townships)
        stage = visits[:, _VISIT["stage"]]
        self._stages.add(visits[:, _VISIT["ended"]], stage)
        entity, *_ = unpack_key(visits[:, _VISIT["incident"]])
        first = (visits[:, _VISIT["report"]] == 0) & (visits[:, _VISIT["attempt"]] == 0)
        self.judged += int((first & (stage == JUDGE) & (entity == OF_INCIDENT)).sum())
        self._visits.append(visits)
        watched = left[keys_of(left) == self.watched] if self.watched is not None else left[:0]
        self._gone = watched[0] if len(watched) else self._gone
        if to - self._kept_since >= DAY:
            self._forget(to)

    def _forget(self, to: int) -> None:
        """Keep the visits of incidents that are still here, or watched, once a day."""
        state = self._course.state
        here = keys_of(state.incidents, live_incidents(state))
        if self.watched is not None:
            here = np.append(here, self.watched)
        visits = np.concatenate(self._visits)
        self._visits = [visits[np.isin(visits[:, _VISIT["incident"]], here)]]
        self._kept_since = to

    # --- what there is to see -----------------------------------------------------------------

    def picture(self) -> Picture:
        """What is open now."""
        n_townships = self.parameters.city.n_townships
        return picture(self._course.state, n_townships, len(INCIDENT_STATES), self.now)

    def named(self, now: Picture) -> int:
        """Incidents for which a desk has been named that disposes, gone ones included."""
        return self._named + now.named

    @property
    def flow(self) -> dict[str, np.ndarray]:
        """Incidents per hour so far (records.FLOW_COLUMNS), i8[hours]."""
        flow = self._course.state.flow[: -(-self.now // HOUR)]
        return dict(zip(FLOW_COLUMNS, flow.T, strict=True))

    @property
    def solved_lately(self) -> tuple[np.ndarray, np.ndarray]:
        """By township: how many were solved lately, and their summed closure latency [h]."""
        return self._left.total, self._latency.total

    @property
    def visits_lately(self) -> np.ndarray:
        """Visits that ended in the last 24 h, by stage."""
        return self._stages.total

    def incidents(self, slots: np.ndarray) -> np.ndarray:
        """State rows of incidents (sim/rows.py), a copy."""
        return self._course.state.incidents[slots]

    def watch(self, key: int) -> None:
        """Do not forget an incident when it leaves; one at a time."""
        if key != self.watched:
            self.watched, self._gone = key, None

    def find(self, key: int) -> np.ndarray | None:
        """State row of an incident that is still here, or watched; None where it is not known."""
        slot = self._slot(key)
        if slot is not None:
            return self._course.state.incidents[slot].copy()
        return self._gone if key == self.watched else None

    def _slot(self, key: int) -> int | None:
        state = self._course.state
        slots = np.flatnonzero(live_incidents(state) & (keys_of(state.incidents) == key))
        return int(slots[0]) if slots.size else None

    def in_township(self, township: int) -> np.ndarray:
        """State rows of what is in a township."""
        state = self._course.state
        here = live_incidents(state) & (state.incidents[:, I_TOWNSHIP] == township)
        return state.incidents[here]

    def visits_of(self, key: int) -> np.ndarray:
        """Visits of an incident so far (records.VISIT_COLUMNS), by the tick they ended."""
        parts = [v[v[:, _VISIT["incident"]] == key] for v in self._visits]
        found = np.concatenate(parts) if parts else np.zeros((0, len(VISIT_COLUMNS)), np.int64)
        return found[np.argsort(found[:, _VISIT["ended"]], kind="stable")]

    def tasks_of(self, key: int) -> np.ndarray:
        """State rows of an incident's tasks that are under way (sim/rows.py)."""
        state, slot, places = self._course.state, self._slot(key), []
        place = NONE if slot is None else int(state.incidents[slot, I_FIRST_TASK])
        while place != NONE:
            places.append(place)
            place = int(state.tasks[place, T_SIBLING])
        return state.tasks[places]

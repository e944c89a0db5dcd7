"""What a run on its way shows: open incidents and tasks, added up where they lie."""

from typing import NamedTuple

import numpy as np

from sim.codes import GRADE_II, GRADE_IV, N_STAGES, NONE, OPEN
from sim.compiled.slots import IDLE
from sim.compiled.state import N_FREE_INCIDENTS, N_FREE_TASKS, State
from sim.draws import OF_INCIDENT
from sim.handle import Handle
from sim.jit import jit
from sim.rows import (
    I_ENTITY,
    I_GRADE,
    I_LEAD_DESK,
    I_LIMIT,
    I_STATE,
    I_TOWNSHIP,
    T_STAGE,
    T_STATUS,
)

OPEN_NOW, OVERDUE, URGENT = range(3)
"""Columns of `Picture.townships`."""


class Picture(NamedTuple):
    """The city between two ticks."""

    townships: np.ndarray  # i8[T, 3]: open; of them past their limit; of grade I or II
    grades: np.ndarray  # i8[grades], open by present grade
    states: np.ndarray  # i8[states], incidents in the city by state
    stages: np.ndarray  # i8[stages, 4], tasks by stage and status (slots.IDLE, ...)
    named: int  # incidents in the city for which a desk has been named that disposes
    alarms: np.ndarray  # i8[n], slots of what is open and of grade I or II, or past its limit


@jit
def _incidents(s, live, now, townships, grades, states, alarms):
    """Adds up incidents; returns (how many are named, how many are alarms)."""
    named = n = 0
    for slot in range(live.shape[0]):
        if not live[slot]:
            continue
        inc = s.incidents[slot]
        if inc[I_ENTITY] != OF_INCIDENT:
            continue
        states[inc[I_STATE]] += 1
        named += inc[I_LEAD_DESK] != NONE
        if inc[I_STATE] != OPEN:
            continue
        township, overdue, urgent = inc[I_TOWNSHIP], now > inc[I_LIMIT], inc[I_GRADE] <= GRADE_II
        grades[inc[I_GRADE]] += 1
        townships[township, OPEN_NOW] += 1
        townships[township, OVERDUE] += overdue
        townships[township, URGENT] += urgent
        if overdue or urgent:
            alarms[n] = slot
            n += 1
    return named, n


@jit
def _tasks(s, live, stages):
    for place in range(live.shape[0]):
        if live[place]:
            stages[s.tasks[place, T_STAGE], s.tasks[place, T_STATUS]] += 1


def picture(state: State, n_townships: int, n_states: int, now: int) -> Picture:
    """What there is at a tick that a run has reached. n_states : of incidents."""
    handle = Handle(state)
    incidents, tasks = (
        live_incidents(state),
        _live(state.tasks, state.free_tasks, state.count[N_FREE_TASKS]),
    )
    townships = np.zeros((n_townships, 3), np.int64)
    grades, states = np.zeros(GRADE_IV + 1, np.int64), np.zeros(n_states, np.int64)
    stages = np.zeros((N_STAGES, IDLE + 4), np.int64)
    alarms = np.zeros(int(incidents.sum()), np.int64)
    named, n = _incidents(handle, incidents, now, townships, grades, states, alarms)
    _tasks(handle, tasks, stages)
    return Picture(townships, grades, states, stages, int(named), alarms[:n])


def live_incidents(state: State) -> np.ndarray:
    """Slots that hold an incident, bool[slots]."""
    return _live(state.incidents, state.free_incidents, state.count[N_FREE_INCIDENTS])


def _live(slots: np.ndarray, free: np.ndarray, n_free: int) -> np.ndarray:
    live = np.ones(len(slots), bool)
    live[free[:n_free]] = False
    return live

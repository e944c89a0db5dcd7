"""What staff hours go into: by group of desks and, where visits are recorded, by stage."""

import numpy as np

from sim.codes import DESK_GROUPS, STAGES, TIERS
from sim.draws import OF_BACKGROUND
from sim.records import Columns
from sim.stream import unpack_key
from sim.units import DAY, HOUR

_WEEK_DAYS = 7


def by_group(desks: Columns, ticks: int) -> Columns:
    """Hours a week by tier and group of desks; only groups that have seats.

    desks : the desk table (`DESK_COLUMNS`), measured over `ticks`. Columns: tier, group (name),
    worked_hours, open_hours (seat time) and paid_hours.
    """
    groups = len(DESK_GROUPS)
    code = desks["tier"].astype(np.int64) * groups + desks["role"]
    worked, open_, paid = (
        np.bincount(code, desks[name], minlength=len(TIERS) * groups)
        for name in ("busy", "open", "paid")
    )
    used = np.flatnonzero((open_ > 0) | (worked > 0) | (paid > 0))
    return {
        "tier": (used // groups).astype(np.int8),
        "group": np.array(DESK_GROUPS, object)[used % groups],
        "worked_hours": worked[used] * _hours_a_week(ticks),
        "open_hours": open_[used] * _hours_a_week(ticks),
        "paid_hours": paid[used],
    }


def stage_ticks(visits: Columns) -> np.ndarray:
    """Seat time worked by stage, and what of it was retyping [ticks], i8[2, stages]; sums add up.

    visits : part of the visit table (`VISIT_COLUMNS`); background tasks are left out.
    """
    own = unpack_key(visits["incident"])[0] != OF_BACKGROUND
    sums = [
        np.bincount(visits["stage"][own], visits[name][own], minlength=len(STAGES))
        for name in ("worked", "retyping")
    ]
    return np.array(sums).astype(np.int64)


def by_stage(sums: np.ndarray, ticks: int) -> Columns:
    """Seat hours by stage, and what of them was retyping, per week of the cohort's window.

    sums : `stage_ticks` of all visits of the cohort's incidents until the end of the run. ticks :
    length of the window. Columns: stage (name), worked_hours, retyping_hours; stages without work
    have no row.
    """
    worked, retyping = sums
    used = np.flatnonzero(worked)
    return {
        "stage": np.array(STAGES, object)[used],
        "worked_hours": worked[used] * _hours_a_week(ticks),
        "retyping_hours": retyping[used] * _hours_a_week(ticks),
    }


def _hours_a_week(ticks: int) -> float:
    """Hours a week that one tick of seat time within a window makes."""
    return _WEEK_DAYS / (ticks / DAY) / HOUR

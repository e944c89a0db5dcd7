"""What rules may see of the city as it is now: counts that the clock that runs keeps."""

from typing import NamedTuple

import numpy as np

from sim.rows import ROW


class Situation(NamedTuple):
    """State of the city beyond a single incident; nought in an empty city at tick 0.

    N desks, K kinds, D districts, T townships, G grids, C centres in all. Rows of centres above
    the townships run in the order city, districts.
    """

    load: np.ndarray  # i4[N], tasks that wait or are at work at each desk
    alike: np.ndarray  # i4[K, T], open incidents of a kind in a township (those of I_COUNTED)
    extra: np.ndarray  # i4[N], seats lent to a desk by others of its centre, or by it (negative)
    extra_from: np.ndarray  # i4[N], tick from which these count
    extra_until: np.ndarray  # i4[N], tick from which they are back
    patrol: np.ndarray  # i4[G, PATROL_COLUMNS]
    emergency: np.ndarray  # i4[1 + D, EMERGENCY_COLUMNS]
    uses: np.ndarray  # i4[C], judgements made at each centre so far


# Columns of `Situation.patrol`: the work booked at a grid, by shift of the patrol.
(
    P_SHIFT,  # number of the shift (calendar segment) in which work was booked last
    P_BOOKED,  # work begun in it so far [ticks]
    P_BEFORE,  # work begun in the shift before it [ticks]
    P_LOST,  # patrol time lost to work in all shifts up to it [ticks]
) = range(4)
PATROL_COLUMNS = 4

# Columns of `Situation.emergency`: the emergency mode of the city's and the districts' centres.
(
    E_ALARM,  # open incidents that call for it: see emergency.alarms
    E_MODE,  # 0 outside the mode; else emergency.OWN, BY_CITY or both
    E_SINCE,  # tick at which the centre itself went over last, or back
    E_COMING,  # tick at which it is about to do so; 0: not about to
    E_KEPT,  # tick up to which the next column is kept
    E_PAUSED,  # time spent in the mode up to then [ticks]
) = range(6)
EMERGENCY_COLUMNS = 6


def at_first(
    n_desks: int, n_kinds: int, n_townships: int, n_districts: int, n_grids: int
) -> Situation:
    """The situation of an empty city."""
    n_centres = 1 + n_districts + n_townships + n_grids
    shapes = {
        "load": n_desks,
        "alike": (n_kinds, n_townships),
        "extra": n_desks,
        "extra_from": n_desks,
        "extra_until": n_desks,
        "patrol": (n_grids, PATROL_COLUMNS),
        "emergency": (1 + n_districts, EMERGENCY_COLUMNS),
        "uses": n_centres,
    }
    return Situation(**{name: np.zeros(shape, ROW) for name, shape in shapes.items()})


def blank(situation: Situation) -> Situation:
    """The situation of an empty city of the same size, for a run of its own."""
    return Situation(*(np.zeros_like(part) for part in situation))

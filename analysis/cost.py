"""What the city pays for each incident that it solves."""

import numpy as np

from sim.codes import CITY
from sim.records import Columns
from sim.units import DAY, HOUR

_WEEK_DAYS = 7


def metrics(
    desks: Columns,
    pay: np.ndarray,
    platform: float,
    city_share: float,
    solved_per_day: float,
    ticks: int,
    overtime: float = 0.0,
) -> dict[str, float | None]:
    """Yuan a day and per solved incident; None where nothing is solved.

    desks : the desk table (`DESK_COLUMNS`); pay : f8[tiers], yuan for an hour; platform : yuan a
    day of the shared platform; city_share : share of the city's centre that is paid for what is
    run, 1 for the whole city; solved_per_day : incidents of the cohort that were solved, per day
    of its window; ticks : length of that window; overtime : pay of an hour for which emergency
    mode keeps a seat open, relative. What is worked is paid by the plain hour, without the leave
    and nights that paid hours hold, and without the platform.
    """
    hourly = np.asarray(pay)[desks["tier"]] * share_of_desks(desks, city_share)
    days = ticks / DAY
    paid = float(hourly @ desks["paid"]) / _WEEK_DAYS + platform
    paid += overtime * float(hourly @ desks["overtime"]) / HOUR / days
    worked = float(hourly @ desks["busy"]) / HOUR / days
    return {
        "yuan_per_day": paid,
        "yuan_per_solved": paid / solved_per_day if solved_per_day else None,
        "worked_yuan_per_solved": worked / solved_per_day if solved_per_day else None,
    }


def share_of_desks(desks: Columns, city_share: float) -> np.ndarray:
    """How much of each desk is there for what is run, f8[desks]: `city_share` of the city's own
    desks, all of the others."""
    return np.where(desks["tier"] == CITY, city_share, 1.0)

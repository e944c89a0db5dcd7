"""What attention senior desks have left for what is novel.

Senior desks are those that judge, coordinate and supervise at the two upper tiers: command and
boards of the city and of the districts. An incident counts as novel by its initial true grade, I
or II: rare and grave, so that routine does not cover it.
"""

import numpy as np

from analysis.cost import share_of_desks
from sim.codes import BOARD, CITY, COMMAND, DISTRICT, GRADE_I, GRADE_II
from sim.records import Columns
from sim.units import DAY, HOUR

SENIOR_TIERS, SENIOR_GROUPS = (CITY, DISTRICT), (COMMAND, BOARD)
NOVEL_GRADES = (GRADE_I, GRADE_II)


def metrics(
    desks: Columns, city_share: float, by_grade: Columns, ticks: int
) -> dict[str, float | None]:
    """Free seat time of senior desks; None where they have no seats, or nothing is novel.

    desks : the desk table (`DESK_COLUMNS`); city_share : share of the city's centre that is there
    for what is run, 1 for the whole city; by_grade : `Reducer.breakdown("severity")`; ticks :
    length of the window that the desk table is of. A desk's free time is what work leaves of its
    open seat time, at least nothing: overtime at one desk takes no free time from another.
    """
    senior = np.isin(desks["tier"], SENIOR_TIERS) & np.isin(desks["role"], SENIOR_GROUPS)
    share = share_of_desks(desks, city_share) * senior
    open_ = float(share @ desks["open"])
    free = float(share @ np.maximum(desks["open"] - desks["busy"], 0))
    novel = int(by_grade["incidents"][list(NOVEL_GRADES)].sum())
    return {
        "senior_free_share": free / open_ if open_ else None,
        "senior_free_hours_per_day": free / HOUR / (ticks / DAY) if open_ else None,
        "senior_free_hours_per_novel": free / HOUR / novel if open_ and novel else None,
    }

"""The time account of a cohort: every hour of the restricted mean, by what the time is.

The clock books each incident's time as it goes, up to `occurred` + the restriction of the means.
What an unsolved incident has lived without anything being booked yet is still under way: sensing,
while nobody knows of it, else waiting. So completed, the parts add up to min(latency, restriction)
for every incident, and their sums to that of the cohort, in whole ticks.
"""

from collections.abc import Mapping

import numpy as np

from sim.codes import WITHDRAWN
from sim.records import AGAIN_COLUMNS, TIME_COLUMNS, TIMED_STAGES, Columns

OPEN = "open_waiting"
"""Under way: the visit or the batch that an unsolved incident was in at the restriction."""

PARTS = (*TIME_COLUMNS, OPEN)
"""The parts of a completed account; they add up to the restricted latency."""

CATEGORIES = ("sensing", "assumed_delay", "work", "waiting", "rework")
"""What the time is: unseen; held by what a policy or the model assumes (batches, coordination);
worked on for the first time; waiting for a desk; done again or falsely closed."""


def totals(cohort: Columns, lived: np.ndarray, known: np.ndarray) -> dict[str, int]:
    """Completed accounts of incidents, added up [ticks]: PARTS and, of them, AGAIN_COLUMNS.

    cohort : columns of the incident table; lived : i8[n], min(latency, restriction) [ticks];
    known : bool[n], whether somebody has noticed the incident by the end of the run.
    """
    rest = lived - np.sum([cohort[name] for name in TIME_COLUMNS], axis=0)
    known = known & (cohort["state"] != WITHDRAWN)
    sums = {name: int(cohort[name].sum()) for name in (*TIME_COLUMNS, *AGAIN_COLUMNS)}
    sums["sensing"] += int(rest[~known].sum())
    sums[OPEN] = int(rest[known].sum())
    return sums


def by_category(account: Mapping[str, float]) -> dict[str, float]:
    """An account of PARTS and AGAIN_COLUMNS by CATEGORIES, in its own unit and with its own sum."""

    def first(use: str) -> float:
        spent = sum(account[f"{stage}_{use}"] for stage in TIMED_STAGES)
        return spent - account[f"again_{use}"]

    again = sum(account[name] for name in AGAIN_COLUMNS)
    parts = (
        account["sensing"],
        first("release"),
        first("working"),
        first("waiting") + account[OPEN],
        again + account["dormant"],
    )
    return dict(zip(CATEGORIES, parts, strict=True))

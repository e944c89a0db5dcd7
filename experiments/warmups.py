"""Whether the warm-up of the horizon was long enough, by MSER-5 on the backlog's days."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from analysis.warmup import BATCH, FEWEST, mser


class Warmups(NamedTuple):
    """days : that MSER leaves out, by policy; None where the series is too short to tell.
    backlog : mean over replications at the end of each day, by policy, f8[days]."""

    days: dict[str, int | None]
    backlog: dict[str, np.ndarray]
    given: int
    warnings: list[str]

    def summary(self) -> dict[str, Any]:
        return {"warmup_days": self.given, "mser_days": self.days}


def warmups(days: Mapping[str, np.ndarray], given: int) -> Warmups:
    """days : backlog of each replication and day by policy, f8[n, days]; given : days of
    warm-up in the settings."""
    backlog = {policy: values.mean(axis=0) for policy, values in days.items()}
    found: dict[str, int | None] = {}
    warnings = []
    for policy, series in backlog.items():
        if series.size < BATCH * FEWEST:
            warnings.append(
                f"the warm-up cannot be judged from {series.size} days; MSER-5 needs "
                f"{BATCH * FEWEST} or more: lengthen horizon.cohort_days"
            )
            found[policy] = None
            continue
        warm = mser(series)
        if warm.is_short:
            warnings.append(
                f"the backlog of {policy} is not steady within {series.size} days, by MSER-5: "
                "lengthen horizon.warmup_days and horizon.cohort_days"
            )
        elif warm.periods > given:
            warnings.append(
                f"the backlog of {policy} is warm after {warm.periods} days, by MSER-5, and "
                f"horizon.warmup_days is {given}"
            )
        found[policy] = None if warm.is_short else warm.periods
    return Warmups(found, backlog, given, list(dict.fromkeys(warnings)))

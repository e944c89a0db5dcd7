"""What cycle times are made of: the times from one activity to the next.

Over a case these add up to its cycle time, so their sums by pair of activities, for each case that
ended, add up to the mean cycle time: the difference of two logs' means is the sum of those of their
components, and the largest of these says where they part.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.units import HOUR

ARRIVAL = ""
"""What a case's first activity comes after."""


class Ways(NamedTuple):
    """Cases that ended, and what was done. case, activity, tick : i8[n], by (case, tick); arrived :
    i8[cases]; names : of the activities."""

    case: np.ndarray
    activity: np.ndarray
    tick: np.ndarray
    arrived: np.ndarray
    names: tuple[str, ...]


def ways(
    case: np.ndarray,
    activity: np.ndarray,
    tick: np.ndarray,
    arrived: np.ndarray,
    ended: np.ndarray,
    names: tuple[str, ...],
) -> Ways:
    """Of the cases that `ended`, i8[cases], the moment or -1 for none, and until then."""
    order = np.lexsort((tick, case))
    case, activity, tick = case[order], activity[order], tick[order]
    kept = tick <= ended[case]
    number = np.cumsum(ended >= 0) - 1
    return Ways(number[case[kept]], activity[kept], tick[kept], arrived[ended >= 0], names)


def components(logs: dict[str, Ways]) -> pd.DataFrame:
    """A row a log and a pair of activities: `of`, `before` (ARRIVAL for none), `activity`, `n`,
    `mean`, `median` [h] and `hours_per_case`, whose sum is the log's mean cycle time."""
    told = []
    for of, log in logs.items():
        first = np.diff(log.case, prepend=-1) != 0
        names = np.array([*log.names, ARRIVAL], object)
        before = np.where(first, len(log.names), np.roll(log.activity, 1))
        since = np.where(first, log.arrived[log.case], np.roll(log.tick, 1))
        frame = pd.DataFrame({"before": names[before], "activity": names[log.activity],
                              "hours": (log.tick - since) / HOUR})  # fmt: skip
        found = frame.groupby(["before", "activity"])["hours"]
        found = found.agg(n="count", mean="mean", median="median", whole="sum").reset_index()
        found["hours_per_case"] = found.pop("whole") / max(len(log.arrived), 1)
        told.append(found.assign(of=of))
    frame = pd.concat(told, ignore_index=True)
    return frame[["of", "before", "activity", "n", "mean", "median", "hours_per_case"]]


def widest(table: pd.DataFrame, a: str, b: str) -> tuple[str, str, float, float] | None:
    """The component in whose hours a case two logs differ most: before, activity, and the hours in
    both; None where either log has none."""
    wide = table.pivot(index=["before", "activity"], columns="of", values="hours_per_case")
    if a not in wide or b not in wide:
        return None
    wide = wide.fillna(0.0)
    before, activity = (wide[a] - wide[b]).abs().idxmax()
    return (
        before,
        activity,
        float(wide.loc[(before, activity), a]),
        float(wide.loc[(before, activity), b]),
    )

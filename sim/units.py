"""Time. One tick is one second; everything inside the simulator is whole ticks.

Tick 0 is 00:00 local time on the start date. Conversions happen at the edges only.
"""

SECOND = 1
MINUTE = 60
HOUR = 3600
DAY = 86400
WEEK = 7 * DAY

NEVER = 2**31 - 1
"""A tick after every horizon: "not yet, perhaps never"."""

LONGEST = 2**30 - 1
"""The longest horizon, delay and visit, 34 years [ticks]: one may end as long after another, and
any tick is below NEVER and has room in a row (rows.ROW)."""


def hours(ticks: float) -> float:
    """Ticks [s] in hours."""
    return ticks / HOUR


def days(ticks: float) -> float:
    """Ticks [s] in days."""
    return ticks / DAY

"""Time. One tick is one second; everything inside the simulator is int64 ticks.

Tick 0 is 00:00 local time on the start date. Conversions happen at the edges only.
"""

SECOND = 1
MINUTE = 60
HOUR = 3600
DAY = 86400
WEEK = 7 * DAY

NEVER = 2**62
"""A tick after every horizon: "not yet, perhaps never"."""


def hours(ticks: float) -> float:
    """Ticks [s] in hours."""
    return ticks / HOUR


def days(ticks: float) -> float:
    """Ticks [s] in days."""
    return ticks / DAY

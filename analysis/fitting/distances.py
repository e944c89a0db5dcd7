"""How far a simulated log is from a real one: distances of distributions in time.

Those of Chapela-Campa, Benchekroun, Baron, Dumas, Krass and Senderovich 2023 ("Can I trust my
simulation model? Measuring the quality of business process simulation models"), each the first
Wasserstein distance, in hours: how far, on average, mass must be moved in time.
"""

import numpy as np

from sim.units import DAY, HOUR

NAMES = ("absolute_events", "circadian_events", "relative_events", "cycle_times", "case_arrivals")
_HOURS = DAY // HOUR
_WEEK = 7


class Timeline:
    """Cases of a log. case : i8[n], of each event; tick : i8[n], from when the window begins;
    arrived : i8[c], when each case came; whole : f8[c], its cycle time, NaN where it did not end
    within the window; cycle : those that are known."""

    def __init__(self, case: np.ndarray, tick: np.ndarray, arrived: np.ndarray, whole: np.ndarray):
        self.case, self.tick, self.arrived, self.whole = case, tick, arrived, whole
        self.cycle = whole[~np.isnan(whole)]


def distances(a: Timeline, b: Timeline, first_weekday: int) -> dict[str, float | None]:
    """Each of NAMES [h]; None where either log has nothing to compare."""
    if not len(a.tick) or not len(b.tick):
        return dict.fromkeys(NAMES)
    return {
        "absolute_events": wasserstein(a.tick // HOUR, b.tick // HOUR),
        "circadian_events": _circadian(a.tick, b.tick, first_weekday),
        "relative_events": wasserstein(_relative(a), _relative(b)),
        "cycle_times": wasserstein(a.cycle / HOUR, b.cycle / HOUR),
        "case_arrivals": wasserstein(a.arrived // HOUR, b.arrived // HOUR),
    }


def wasserstein(a: np.ndarray, b: np.ndarray) -> float | None:
    """First Wasserstein distance of two samples of numbers: the area between their distribution
    functions (Vallender 1974). None where either is empty."""
    if not len(a) or not len(b):
        return None
    a, b = np.sort(np.asarray(a, float)), np.sort(np.asarray(b, float))
    every = np.sort(np.concatenate([a, b]), kind="stable")
    below_a = np.searchsorted(a, every[:-1], side="right") / len(a)
    below_b = np.searchsorted(b, every[:-1], side="right") / len(b)
    return float((np.abs(below_a - below_b) * np.diff(every)).sum())


def _relative(log: Timeline) -> np.ndarray:
    """Hours of the events since their case came."""
    return (log.tick - log.arrived[log.case]) // HOUR


def _circadian(a: np.ndarray, b: np.ndarray, first_weekday: int) -> float | None:
    """Hours of the day, weekday by weekday, averaged over those that both logs have, as the paper;
    a weekday that one of them has not counts as far as a distance of hours can be."""
    found = []
    for weekday in range(_WEEK):
        x, y = (t[(t // DAY + first_weekday) % _WEEK == weekday] // HOUR % _HOURS for t in (a, b))
        if len(x) or len(y):
            found.append(wasserstein(x, y) if len(x) and len(y) else float(_HOURS - 1))
    return float(np.mean(found)) if found else None

"""What is to be reached, and whether it is."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from experiments.bench.measured import Measured, spread
from experiments.bench.scaling import SIZES, name_of_size

GB = 1e9


class Goal(NamedTuple):
    """A number that is to be at most or at least so much."""

    what: str
    sign: str  # "≤", "<", "≥", ">"; "" where nothing is asked
    target: float
    unit: str
    rows: tuple[str, ...]  # SUITE/ROW that it rests on
    read: Callable[[Measured], np.ndarray]
    """One number a round; none where a row was not measured."""
    whole: bool = False
    """Whether rows that were cut short do not count."""

    def is_reached(self, value: float) -> bool:
        if self.sign == "≤":
            return value <= self.target
        if self.sign == "≥":
            return value >= self.target
        return value < self.target if self.sign == "<" else value > self.target

    def line(self, measured: Measured) -> tuple[str, str, str, str]:
        """(what, target, measured, whether it is reached)."""
        target = f"{self.sign} {self.target:g} {self.unit}".strip() if self.sign else ""
        rows = [measured.row(*row.split("/")) for row in self.rows]
        reason = next((row["missing"] for row in rows if "missing" in row), None)
        if reason is None and self.whole and any(row.get("cut") for row in rows):
            reason = "not in the quick form"
        values = self.read(measured) if reason is None else np.zeros(0)
        if not values.size:
            return self.what, target, reason or "not measured", ""
        found = spread(values)
        reached = "yes" if self.is_reached(found.median) else "**no**"
        return self.what, target, found.text(self.unit), reached if self.sign else ""


def _seconds(row: str, what: str = "seconds") -> Callable[[Measured], np.ndarray]:
    return lambda measured: measured.values(*row.split("/"), what)


def _time_of(row: str, to: str) -> Callable[[Measured], np.ndarray]:
    """Time relative to that of another row of the same suite."""
    suite, name = row.split("/")
    return lambda measured: measured.ratio(suite, to, name)


def _speed_of(row: str, to: str, what: str) -> Callable[[Measured], np.ndarray]:
    suite, name = row.split("/")
    return lambda measured: measured.ratio(suite, name, to, what)


def _flatness(measured: Measured) -> np.ndarray:
    """Speed at the slowest size over that at the quickest, round by round."""
    speeds = [measured.speed("scaling", name_of_size(size)) for size in SIZES]
    if not all(speed.size for speed in speeds):
        return np.zeros(0)
    return np.min(speeds, axis=0) / np.max(speeds, axis=0)


def _year(millions: int, policy: str, seconds: float) -> Goal:
    row = f"years/{millions} million, {policy}"
    what = f"{millions}-million-incident year, {policy}"
    return Goal(what, "≤", seconds, "s", (row,), _seconds(row), whole=True)


def _peak(measured: Measured) -> np.ndarray:
    return measured.values("years", "10 million, siloed", "peak") / GB


def _peer(what: str, suite: str, row: str, least: str, target: float, unit: str) -> Goal:
    rows = (f"{suite}/engine", f"{suite}/{row}")
    amount = "incidents" if suite == "services" else "services"
    return Goal(what, least, target, unit, rows, _speed_of(rows[0], row, amount))


_SIZES = tuple(f"scaling/{name_of_size(size)}" for size in SIZES)
_START = "starts/cold and warm"
GOALS = (
    _year(4, "integrated", 25),
    _year(4, "siloed", 45),
    _year(10, "siloed", 90),
    Goal(
        "peak memory of the 10-million-incident year",
        *("<", 1, "GB", ("years/10 million, siloed",), _peak, True),
    ),
    Goal(
        "incidents a second at 10⁵, 10⁶ and 10⁷, the least over the most",
        *("≥", 0.8, "", _SIZES, _flatness, True),
    ),
    _peer("ratio to plain SimPy, eight services", "services", "SimPy", "≥", 60, "x"),
    _peer("ratio to Ciw, 200 tandems in one network", "tandems", "Ciw, one network", ">", 1, "x"),
    _peer(
        "ratio to Ciw, one tandem at a time",
        *("tandems", "Ciw, one tandem at a time", ">", 1, "x"),
    ),
    _peer("ratio to cimba, 200 tandems", "tandems", "cimba", ">", 1, "x"),
    Goal(
        "two threads against one, 20 replications",
        *("≥", 1.7, "x", ("threads/two threads", "threads/one thread")),
        _speed_of("threads/two threads", "one thread", "incidents"),
    ),
    Goal(
        "record=incidents with Parquet, time against summary",
        *("≤", 1.3, "x", ("records/incidents", "records/summary")),
        _time_of("records/incidents", "summary"),
    ),
    Goal("cold `guantong run city=tiny`", "≤", 45, "s", (_START,), _seconds(_START)),
    Goal("warm `guantong run city=tiny`", "≤", 2, "s", (_START,), _seconds(_START, "warm")),
    Goal(
        "SimPy clock, whole city, one day",
        "≤",
        60,
        "s",
        ("clocks/simpy",),
        _seconds("clocks/simpy"),
    ),
    Goal(
        "compiled clock against the SimPy clock, one day",
        *("", 0, "x", ("clocks/compiled", "clocks/simpy")),
        _speed_of("clocks/compiled", "simpy", "incidents"),
    ),
)

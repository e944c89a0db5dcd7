"""What was measured, read back from pytest-benchmark's files; medians, spreads and ratios."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments.bench import SUITES
from sim.errors import InputError


class Spread(NamedTuple):
    """Of one number over the rounds."""

    median: float
    least: float
    most: float

    def text(self, unit: str = "") -> str:
        """`23.1 s (22.8 to 24.0)`."""
        return f"{short(self.median)} {unit}".rstrip() + (
            f" ({short(self.least)} to {short(self.most)})"
        )


def spread(values: Sequence[float]) -> Spread:
    """Median, least and most of at least one round."""
    return Spread(float(np.median(values)), min(values), max(values))


def short(number: float) -> str:
    """Three digits, or all those before the point."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


class Measured:
    """The suites that were measured: {SUITE: {"form", "machine", "rows", "commit", "when"}}."""

    def __init__(self, suites: dict[str, dict[str, Any]]):
        self.suites = suites

    def row(self, suite: str, row: str) -> dict[str, Any]:
        """What is known of a row; nothing where it was not measured."""
        return self.suites.get(suite, {}).get("rows", {}).get(row, {})

    def values(self, suite: str, row: str, what: str = "seconds") -> np.ndarray:
        """One number a round, f8[rounds]; none where it was not measured."""
        return np.array(self.row(suite, row).get(what, ()), float)

    def speed(self, suite: str, row: str, what: str = "incidents") -> np.ndarray:
        """So much a second, f8[rounds]; events are those of the whole run."""
        seconds = "seconds"
        if what == "events" and "run_seconds" in self.row(suite, row):
            seconds = "run_seconds"
        amount, time = self.values(suite, row, what), self.values(suite, row, seconds)
        return amount / time if amount.size else amount

    def ratio(self, suite: str, row: str, to: str, what: str = "incidents") -> np.ndarray:
        """Speed relative to another row of the same suite, round by round, f8[rounds]."""
        ours, theirs = self.speed(suite, row, what), self.speed(suite, to, what)
        return ours / theirs if ours.size and theirs.size else np.zeros(0)


def read(paths: Sequence[Path]) -> Measured:
    """Files of `pytest --benchmark-json`; of a suite that stands in several, the last counts.
    Raises InputError."""
    suites = {}
    for path in paths:
        try:
            found = json.loads(path.read_text("utf-8"))
            commit = found["commit_info"]
            for benchmark in found["benchmarks"]:
                about = benchmark["extra_info"]
                changed = "+" if commit.get("dirty") else ""
                about["commit"] = f"{(commit.get('id') or '?')[:12]}{changed}"
                about["when"] = found["datetime"][:10]
                suites[about["suite"]] = about
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"'{path}' is no file of measurements: {error}") from None
    return Measured({name: suites[name] for name in SUITES if name in suites})

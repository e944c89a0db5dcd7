"""Fields of the settings' schema: a number in a range, a choice."""

import math
from dataclasses import field
from typing import Any

from omegaconf import MISSING


def number(low: float = 0.0, high: float = math.inf) -> Any:
    """A number from `low` to `high`."""
    return field(default=MISSING, metadata={"low": low, "high": high})


def one_of(*choices: str) -> Any:
    """One of some names."""
    return field(default=MISSING, metadata={"choices": choices})

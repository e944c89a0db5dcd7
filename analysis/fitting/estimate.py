"""An estimate with its interval, as every file of this folder gives it."""

import math
from typing import NamedTuple

import numpy as np

Z95 = 1.959963984540054
"""Normal score of a two-sided 95 % interval."""


class Estimate(NamedTuple):
    """value with the ends of its 95 % interval, all NaN-free or None; n : observations."""

    value: float | None
    low: float | None
    high: float | None
    n: int


NOTHING = Estimate(None, None, None, 0)


def share(k: int, n: int) -> Estimate:
    """k of n with the interval of Wilson (1927); without observations, nothing."""
    if n <= 0:
        return NOTHING
    p, z = k / n, Z95
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Estimate(p, max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half)), n)


def mean(values: np.ndarray) -> Estimate:
    """Mean with Student's interval; values : f8[n]."""
    from scipy.special import stdtrit

    n = len(values)
    if n == 0:
        return NOTHING
    value = float(np.mean(values))
    if n == 1:
        return Estimate(value, None, None, 1)
    half = float(stdtrit(n - 1, 0.975) * np.std(values, ddof=1) / math.sqrt(n))
    return Estimate(value, value - half, value + half, n)


def between(value: float, samples: np.ndarray, n: int) -> Estimate:
    """value with the middle 95 % of bootstrap `samples`, f8[B]; it lies within by construction."""
    low, high = np.quantile(samples, (0.025, 0.975))
    return Estimate(float(value), float(min(low, value)), float(max(high, value)), n)

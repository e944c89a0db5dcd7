"""Confidence intervals over replications, and policies compared on common random numbers.

A value is None where a replication could not give it, such as a quantile that was not reached.
One None makes the mean None: what was not reached is large, so to leave it out would flatter.
NaN counts as None. Nothing returned here is NaN: every result can be written as JSON.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sim.errors import InputError

Values = Sequence[float | None]
Interval = tuple[float | None, float | None, float | None]

_RESERVED = {"difference", "differences"}


def band(samples: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over replications and Student's t interval for it, at each point apart.

    samples : float[n_replications, ...]; returns mean, low, high of shape [...], low and high
    NaN when there is one replication only.
    """
    from scipy.special import stdtrit  # the quantile of Student's t, without all of scipy.stats

    samples = np.asarray(samples, float)
    n = len(samples)
    mean = samples.mean(axis=0)
    if n < 2:
        return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    margin = stdtrit(n - 1, (1 + level) / 2) * samples.std(axis=0, ddof=1) / math.sqrt(n)
    return mean, mean - margin, mean + margin


def mean_interval(values: Values, level: float = 0.95) -> Interval:
    """Mean, low and high end of its Student's t interval.

    All None if a value is None or there are none; low and high None for one value.
    """
    numbers = np.array(values, float)
    if not numbers.size or not np.isfinite(numbers).all():
        return None, None, None
    mean, low, high = (float(x) for x in band(numbers, level))
    return (mean, None, None) if numbers.size < 2 else (mean, low, high)


def paired_interval(a: Values, b: Values, level: float = 0.95) -> Interval:
    """Mean and interval of b - a, replication by replication, as by `mean_interval`.

    Raises InputError unless a and b have equally many replications.
    """
    return mean_interval(_paired(a, b), level)


def variance_ratio(a: Values, b: Values) -> float | None:
    """Variance of b - a over var a + var b: what common random numbers leave of the variance.

    1 for independent runs, near 0 where pairing removes nearly all. None if a value is None,
    for fewer than two replications, or if nothing varies.
    """
    difference, a, b = _paired(a, b), np.array(a, float), np.array(b, float)
    if difference.size < 2 or not np.isfinite(difference).all():
        return None
    apart = a.var(ddof=1) + b.var(ddof=1)
    return float(difference.var(ddof=1) / apart) if apart > 0 else None


def compare_metrics(per_policy: Mapping[str, Sequence[Mapping[str, float | None]]]) -> dict:
    """Every metric under every policy, and its difference from the first policy.

    per_policy : {POLICY: one dict of metrics a replication}, all with the same names and
    replications in the same order. Returns {NAME: {POLICY: {"mean", "ci95": [low, high]}, ...,
    "difference": {...}}}: the second policy minus the first. With more than two policies,
    "differences" holds {POLICY: {...}} for each policy after the second.
    """
    if taken := _RESERVED & set(per_policy):
        raise InputError(f"no policy can be called '{taken.pop()}': results use that name")
    first, *others = per_policy
    names = per_policy[first][0] if per_policy[first] else ()
    result: dict = {}
    for name in names:
        values = {policy: [run[name] for run in runs] for policy, runs in per_policy.items()}
        row = {policy: _entry(mean_interval(numbers)) for policy, numbers in values.items()}
        differences = {
            policy: _entry(paired_interval(values[first], values[policy])) for policy in others
        }
        if others:
            row["difference"] = differences.pop(others[0])
        if differences:
            row["differences"] = differences
        result[name] = row
    return result


def _paired(a: Values, b: Values) -> np.ndarray:
    if len(a) != len(b):
        raise InputError(f"{len(a)} and {len(b)} replications cannot be paired")
    return np.array(b, float) - np.array(a, float)


def _entry(interval: Interval) -> dict:
    mean, low, high = interval
    return {"mean": mean, "ci95": [low, high]}

"""Durations of which some had not ended when they were last seen (Kaplan and Meier 1958)."""

from typing import NamedTuple

import numpy as np

from analysis.fitting.estimate import Z95, Estimate


class Survival(NamedTuple):
    """times : f8[k], different durations at which some end; share : f8[k], not ended after them;
    error : f8[k], of log(-log share) (Greenwood 1926, as Kalbfleisch and Prentice 1980 use it);
    n, ended : durations, and those that ended."""

    times: np.ndarray
    share: np.ndarray
    error: np.ndarray
    n: int
    ended: int


def survival(durations: np.ndarray, ended: np.ndarray) -> Survival:
    """durations : f8[n], ended : bool[n]; where an end and a censoring tie, the end comes first."""
    order = np.argsort(durations, kind="stable")
    durations, ended = durations[order], ended[order]
    times, first = np.unique(durations, return_index=True)
    at_risk = len(durations) - first
    ends = np.add.reduceat(ended.astype(np.int64), first) if len(times) else np.zeros(0, np.int64)
    some = ends > 0
    times, at_risk, ends = times[some], at_risk[some], ends[some]
    share = np.cumprod(1 - ends / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(ends / (at_risk * (at_risk - ends)))
        error = np.sqrt(greenwood) / np.abs(np.log(share))
    return Survival(times, share, error, len(durations), int(ended.sum()))


def quantile(found: Survival, p: float) -> Estimate:
    """The duration that a share p does not exceed; None where it was not reached."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        upper = np.where(found.share > 0, found.share ** np.exp(-Z95 * found.error), 0.0)
        lower = np.where(found.share > 0, found.share ** np.exp(Z95 * found.error), 0.0)
    value, low, high = (_first(found.times, s, 1 - p) for s in (found.share, lower, upper))
    return Estimate(value, low, high, found.n)


def _first(times: np.ndarray, share: np.ndarray, left: float) -> float | None:
    here = np.flatnonzero(np.nan_to_num(share, nan=1.0) <= left + 1e-12)
    return float(times[here[0]]) if here.size else None


def cut_mean(found: Survival, most: float) -> float:
    """Mean of min(duration, most): the area below the curve."""
    times = np.concatenate([[0.0], found.times[found.times < most], [most]])
    share = np.concatenate([[1.0], found.share[found.times < most]])
    return float((np.diff(times) * share).sum())

"""Where a difference turns: the value of one factor at which it crosses 0."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from analysis.intervals import band
from sim.errors import InputError


class BreakEven(NamedTuple):
    """Where a difference turns.

    at : the factor's value at which the difference is 0; None if it isn't within the range.
    low, high : the values that can't be told from it; an end is None where that set reaches an
    end of the range. rises : the difference rises with the factor. verdict : "crosses" where both
    signs are certain somewhere; else "above" or "below" where no other sign is certain; else
    "undecided".
    """

    at: float | None
    low: float | None
    high: float | None
    rises: bool
    verdict: str


def break_even(
    x: Sequence[float], differences: Sequence[Sequence[float]], level: float = 0.95
) -> BreakEven:
    """The value of one factor at which a difference crosses 0.

    x : float[m], rising. differences : float[m, n_replications], on the same seeds at each x.
    Between the points each replication is taken as linear, so there is a Student's t interval at
    every value; those whose interval holds 0 make up the set low..high (a test inverted, as by
    Fieller 1954). `at` lies on the closest monotone series of means (isotonic regression).
    """
    x, values = np.asarray(x, float), np.asarray(differences, float)
    if x.size < 2 or (np.diff(x) <= 0).any() or values.shape[:1] != x.shape or values.ndim != 2:
        raise InputError(
            f"{x.size} points and differences of shape {values.shape}; "
            "allowed: 2 rising points or more, a row of replications each"
        )
    if values.shape[1] < 2 or not np.isfinite(values).all():
        raise InputError("a break-even needs 2 replications or more, all with a value")
    means, rises = _monotone(values.mean(axis=1))
    grid = np.unique(np.concatenate([x, np.linspace(x[0], x[-1], 2001)]))
    dense = np.array([np.interp(grid, x, one) for one in values.T])
    _, low, high = band(dense, level)
    near = np.flatnonzero((low <= 0) & (high >= 0))
    above, below = (low > 0).any(), (high < 0).any()
    at = _root(x, means)
    if above and below:
        verdict = "crosses"
    else:
        verdict = "above" if above else "below" if below else "undecided"
    ends = [at, at]  # so certain that no value of the grid is near enough
    if near.size:
        ends[0] = None if near[0] == 0 else float(grid[near[0]])
        ends[1] = None if near[-1] == grid.size - 1 else float(grid[near[-1]])
    return BreakEven(at, *ends, rises, verdict)


def _monotone(means: np.ndarray) -> tuple[np.ndarray, bool]:
    """The closest monotone series, and whether it rises."""
    from scipy.optimize import isotonic_regression

    fits = [isotonic_regression(means, increasing=rises).x for rises in (True, False)]
    errors = [((fit - means) ** 2).sum() for fit in fits]
    rises = bool(errors[0] <= errors[1])
    return fits[0 if rises else 1], rises


def _root(x: np.ndarray, means: np.ndarray) -> float | None:
    """Where a monotone series of straight pieces is 0; the middle of where it stays 0."""
    zero = np.flatnonzero(means == 0)
    if zero.size:
        return float(x[zero[[0, -1]]].mean())
    turns = np.flatnonzero(np.sign(means[:-1]) != np.sign(means[1:]))
    if not turns.size:
        return None
    i = turns[0]
    return float(x[i] - means[i] * (x[i + 1] - x[i]) / (means[i + 1] - means[i]))

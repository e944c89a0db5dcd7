"""Confirming a plan on seeds that its search has not seen.

A plan is confirmed where the lower confidence bound of every target's mean surplus is 0 or more. A
plan that misses a target is confirmed only if the bound of that very target is wrong: so with each
bound at level alpha the chance of it is at most alpha, however many targets there are (a test of
intersections and unions, Berger 1982), and no correction for their number is due. One is due for
plans that are tried one after another: the levels of the tries add up to alpha.
"""

import numpy as np


def levels(alpha: float, tries: int) -> list[float]:
    """The error rate of each try, adding up to alpha: half of what is left, the last all of it."""
    spent = [alpha / 2 ** (i + 1) for i in range(tries - 1)]
    return [*spent, alpha - sum(spent)]


def lower_bounds(surplus: np.ndarray, alpha: float) -> np.ndarray:
    """One-sided lower bounds of the mean surplus of each target at level 1 - alpha, by Student's t.

    surplus : f8[n >= 2, targets], of independent replications.
    """
    return surplus.mean(axis=0) - half_width(surplus.std(axis=0, ddof=1), len(surplus), alpha)


def half_width(deviation: np.ndarray, n: int, alpha: float) -> np.ndarray:
    """How far the bound lies below the mean of n replications of this standard deviation."""
    from scipy.special import stdtrit

    return stdtrit(n - 1, 1 - alpha) * deviation / np.sqrt(n)


def replications_needed(surplus: np.ndarray, alpha: float) -> int | None:
    """How many replications would put all bounds at 0, were means and deviations to stay; None
    where some mean is not above 0, as then none would.

    surplus : f8[n >= 2, targets].
    """
    from scipy.special import ndtri

    mean, deviation = surplus.mean(axis=0), surplus.std(axis=0, ddof=1)
    if (mean <= 0).any():
        return None
    return int(np.ceil((ndtri(1 - alpha) * deviation / mean) ** 2).max())

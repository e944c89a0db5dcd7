"""Where the warm-up of a series ends: the marginal standard error rule, MSER-5."""

from dataclasses import dataclass

import numpy as np

from sim.errors import InputError

BATCH = 5
FEWEST = 10
"""Batches without which a series says nothing about its warm-up."""


@dataclass(frozen=True)
class Warmup:
    """What MSER says about a series.

    periods : of the series to leave out. is_short : the best cut lies in the last half, so the
    series is too short to tell. statistic : float[batches], the criterion at each cut [unit of the
    series, squared]; NaN in the last batches, which hold too few to be judged.
    """

    periods: int
    is_short: bool
    statistic: np.ndarray


def mser(series: np.ndarray, batch: int = BATCH) -> Warmup:
    """MSER over the mean series of the replications.

    series : float[n_periods] or float[n_replications, n_periods], equal periods.
    The cut d minimises sum_{j > d} (Z_j - mean)^2 / (n - d)^2 over the n batch means Z of `batch`
    periods (White 1997, Simulation 69, for single periods; White, Cobb and Spratt 2000, Winter
    Simulation Conference, for batches of five). Means over replications, and a cut in the last
    half taken as a sign of too short a series: Hoad, Robinson and Davies (2008, Winter Simulation
    Conference). The last five batches are no candidates, and periods beyond whole batches are
    left out. Raises InputError for a series of fewer than ten batches or with holes in it.
    """
    series = np.asarray(series, float)
    if series.ndim == 2:
        series = series.mean(axis=0)
    n = series.size // batch
    if n < FEWEST:
        raise InputError(f"a series of {series.size} periods; allowed: {FEWEST * batch} or more")
    if not np.isfinite(series).all():
        raise InputError("a series for the warm-up needs a number in each period")
    means = series[: n * batch].reshape(n, batch).mean(axis=1)
    left = np.arange(n, 0, -1)
    about = means - means.mean()  # against the loss of digits by subtracting squares
    tail, tail_squared = (np.cumsum(part[::-1])[::-1] for part in (about, about**2))
    statistic = np.maximum(tail_squared - tail**2 / left, 0) / left**2
    statistic[n - FEWEST // 2 :] = np.nan
    cut = int(np.nanargmin(statistic))
    return Warmup(cut * batch, cut > n / 2, statistic)

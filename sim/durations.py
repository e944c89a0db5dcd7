"""Random durations: one tabulated quantile function per family and coefficient of variation.

A duration is mean x Q(u), where Q has mean 1, so it is monotone in one uniform and scales
with its mean. Q is tabulated against the normal score of u, where every family used here is
smooth, and interpolated linearly; the error is below 1e-5 of the mean, or of the
duration where that is longer.
"""

import numpy as np

from sim.draws import normal_score
from sim.jit import jit

FIXED, EXPONENTIAL, GAMMA, LOGNORMAL = range(4)
FAMILIES = ("fixed", "exponential", "gamma", "lognormal")

_REACH = 8.3  # normal scores of uniforms of 52 bits stay within it
_POINTS = 8192


def quantile_row(family: int, cv: float) -> np.ndarray:
    """Q of one family with mean 1 and coefficient of variation `cv`, float64[_POINTS].

    `cv` is not used by `fixed` (0) and `exponential` (1).
    """
    from scipy.special import gammainccinv, gammaincinv, ndtr  # not all of scipy.stats

    scores = np.linspace(-_REACH, _REACH, _POINTS)
    if family == FIXED or (cv == 0.0 and family != EXPONENTIAL):
        return np.ones(_POINTS)
    if family == LOGNORMAL:
        sigma = np.sqrt(np.log1p(cv * cv))
        return np.exp(sigma * scores - sigma * sigma / 2.0)
    if family == EXPONENTIAL:
        return -np.log(ndtr(-scores))
    shape = 1.0 / (cv * cv)
    upper = gammainccinv(shape, ndtr(-scores)) * (1.0 / shape)
    lower = gammaincinv(shape, ndtr(scores)) * (1.0 / shape)
    return np.where(scores > 0.0, upper, lower)


class QuantileTable:
    """Collects the rows that a world needs, each once."""

    def __init__(self) -> None:
        self._index: dict[tuple[int, float], int] = {}
        self._rows: list[np.ndarray] = []

    def row(self, family: int, cv: float) -> int:
        """Index of the row for this family and coefficient of variation."""
        name = (int(family), 0.0 if family in (FIXED, EXPONENTIAL) else float(cv))
        if name not in self._index:
            self._index[name] = len(self._rows)
            self._rows.append(quantile_row(*name))
        return self._index[name]

    def array(self) -> np.ndarray:
        """All rows, float64[n_rows, _POINTS]."""
        return np.array(self._rows)


@jit
def relative_duration(u, quantile):
    """Q(u): the duration relative to its mean, for u in (0, 1) and quantile : f8[_POINTS]."""
    place = (normal_score(u) + _REACH) * ((_POINTS - 1) / (2.0 * _REACH))
    i = min(max(int(place), 0), _POINTS - 2)
    share = place - i
    return quantile[i] * (1.0 - share) + quantile[i + 1] * share

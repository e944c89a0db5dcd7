"""Markov chains, solved numerically."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np


def birth_death(births: np.ndarray, deaths: np.ndarray) -> np.ndarray:
    """Stationary distribution of a birth-death chain on 0..n, float[n + 1].

    births, deaths : float[n], rates from i to i + 1 and from i + 1 to i
    """
    with np.errstate(divide="ignore"):  # no births: log 0 is -inf, its weight 0
        steps = np.log(births) - np.log(deaths)
    logs = np.concatenate([[0.0], np.cumsum(steps)])
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def advance(vector: np.ndarray, step: Any, jumps: float) -> tuple[np.ndarray, np.ndarray]:
    """A chain in continuous time, by uniformisation (Jensen 1953).

    vector : float[n], distribution over the states at first
    step   : sparse or dense matrix[n, n], I + Q^T / R for generator Q and a rate R at least as
             high as that of leaving any state
    jumps  : R times the time that passes, above 0

    Returns the distribution at the end and its mean over that time, both float[n].
    """
    end, mean = np.zeros_like(vector), np.zeros_like(vector)
    for exactly, more in _jumps(jumps):
        end += exactly * vector
        mean += more * vector
        vector = step @ vector
    return end, mean


@lru_cache(maxsize=1024)
def _jumps(mean: float) -> list[tuple[float, float]]:
    """P(Poisson = n) and P(Poisson > n) / mean, for n = 0, 1, ... until 1e-17 is left."""
    from scipy.special import pdtrc

    n = np.arange(int(mean + 10 * np.sqrt(mean) + 40))
    n = n[
        : 1 + np.searchsorted(-pdtrc(n, mean), -1e-17)
    ]  # up to the first of P(Poisson > n) <= 1e-17
    exactly = poisson(mean, n)
    return list(zip((exactly / exactly.sum()).tolist(), (pdtrc(n, mean) / mean).tolist()))


def poisson(mean: float, count: np.ndarray) -> np.ndarray:
    """P(Poisson = count), 0 for negative counts. count : int[...]; returns float[...]"""
    from scipy.special import gammaln, xlogy

    n = np.maximum(count, 0)
    return np.where(count < 0, 0.0, np.exp(xlogy(n, mean) - mean - gammaln(n + 1)))


def steady_cycle(cycle: Callable[[np.ndarray], np.ndarray], start: np.ndarray) -> np.ndarray:
    """The distribution that a cycle leaves as it was, by Arnoldi iteration (Arnoldi 1951).

    cycle : linear, from the distribution at the beginning of a cycle to that at its end
    start : float[n], a distribution to begin with; the nearer, the quicker
    """
    from scipy.sparse.linalg import LinearOperator, eigs

    n = len(start)
    _, vectors = eigs(LinearOperator((n, n), matvec=cycle, dtype=float), k=1, v0=start)
    steady = np.abs(vectors[:, 0].real)
    return steady / steady.sum()

"""Designs of experiments: which points of a space of factors to try.

Designs of levels are arrays of level numbers from 0, designs of ranges lie in [0, 1). One row a
point, one column a factor.
"""

import math
from collections.abc import Sequence
from itertools import combinations, islice
from typing import NamedTuple

import numpy as np

from sim.errors import InputError


class Fraction(NamedTuple):
    """A fraction of a two-level factorial design.

    points : i8[runs, factors] of 0 and 1; generators : {factor: the factors whose product it is};
    aliases : effects that the design cannot tell apart, as groups of factors each: ((0,), (1, 2))
    says that factor 0 alone has the contrast of 1 and 2 together.
    """

    points: np.ndarray
    generators: dict[int, tuple[int, ...]]
    aliases: list[tuple[tuple[int, ...], ...]]


def grid(levels: Sequence[int]) -> np.ndarray:
    """Every combination of so many levels of each factor, the last factor fastest, i8[n, k]."""
    return np.indices(levels).reshape(len(levels), math.prod(levels)).T


def latin_hypercube(n: int, k: int, seed: int) -> np.ndarray:
    """One point in each of n equal strata of each of k factors (McKay, Beckman and Conover 1979),
    f8[n, k]."""
    rng = np.random.default_rng(seed)
    strata = rng.permuted(np.tile(np.arange(n), (k, 1)), axis=1).T
    return (strata + rng.random((n, k))) / n


def sobol(n: int, k: int) -> np.ndarray:
    """The first n points of Sobol's sequence (1967) in k dimensions, not scrambled: the first is
    the origin, and a longer design holds a shorter one. f8[n, k]. Raises InputError unless n is a
    power of 2, without which the points are not balanced."""
    if n & (n - 1):
        near = 2 ** round(math.log2(n))
        raise InputError(f"points: {n}; allowed for a Sobol sequence: a power of 2, such as {near}")
    from scipy.stats import qmc

    return qmc.Sobol(k, scramble=False).random(n)


def factorial(k: int) -> np.ndarray:
    """Every combination of two levels of k factors, i8[2**k, k]."""
    return grid([2] * k)


def fractional_factorial(k: int, resolution: int) -> Fraction:
    """The smallest regular fraction of two levels of k factors, after Box and Hunter (1961).

    resolution : 3, main effects are clear of each other; 4, and of interactions of two. The first
    factors make a full factorial; each further one is the product of some of them, at resolution
    4 of odd numbers of them, so that no word of the defining relation is shorter than that.
    """
    if resolution not in (3, 4):
        raise InputError(f"resolution: {resolution}; allowed: 3 or 4")
    basic = next(m for m in range(k + 1) if (2**m - 1 if resolution == 3 else 2**m // 2) >= k)
    sizes = range(resolution - 1, basic + 1, resolution - 2)  # 2, 3, 4 ... or 3, 5, 7 ...
    words = (word for size in sizes for word in combinations(range(basic), size))
    generators = dict(zip(range(basic, k), islice(words, k - basic), strict=True))
    signs = 2 * factorial(basic) - 1
    further = [signs[:, list(word)].prod(axis=1) for word in generators.values()]
    signs = np.column_stack([signs, *further])
    return Fraction((signs + 1) // 2, generators, _aliases(signs))


def _aliases(signs: np.ndarray) -> list[tuple[tuple[int, ...], ...]]:
    """Groups of effects of one or two factors with the same contrast, up to its sign."""
    factors = range(signs.shape[1])
    groups: dict[bytes, list[tuple[int, ...]]] = {}
    for effect in [*combinations(factors, 1), *combinations(factors, 2)]:
        contrast = signs[:, list(effect)].prod(axis=1)
        groups.setdefault((contrast * contrast[0]).tobytes(), []).append(effect)
    return [tuple(group) for group in groups.values() if len(group) > 1]

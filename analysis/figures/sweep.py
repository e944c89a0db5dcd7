"""A measure against one of the factors that a sweep varied."""

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from analysis.style import looks, styled
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BINS = 8
_ALIKE = 2  # points a level that make its mean worth a line


@styled
def draw(
    values: Sequence,
    measured: Mapping[str, np.ndarray],
    ax: "Axes",
    *,
    factor: str,
    label: str,
    legend: bool = True,
) -> "Axes":
    """Points, and a line through their means at each level.

    values   : of the factor at each point of the sweep, numbers or anything else, which is taken
               as categories in the order in which they come
    measured : {POLICY: f8[points]}, NaN where it is not known
    factor, label : what the factor and the measure are called, with the unit

    Where nearly every point has a value of its own, as in a Latin hypercube, the line goes through
    the means of eight parts of the range with equally many points.
    """
    is_number = all(isinstance(v, Real) and not isinstance(v, bool) for v in values)
    names = [str(v) for v in dict.fromkeys(values)]
    x = np.array(values, float) if is_number else np.array([names.index(str(v)) for v in values])
    for policy, look in looks(measured).items():
        y = measured[policy]
        ax.plot(x, y, linestyle="none", marker="o", markersize=3.5, alpha=0.45, color=look["color"])
        ax.plot(*_means(x, y, in_parts=is_number), label=say(policy), **look)
    if not is_number:
        ax.set_xticks(range(len(names)), names)
        ax.set_xlim(-0.5, len(names) - 0.5)
    ax.set_xlabel(factor)
    ax.set_ylabel(label)
    if legend:
        ax.legend(loc="best")
    return ax


def _means(x: np.ndarray, y: np.ndarray, *, in_parts: bool) -> tuple[np.ndarray, np.ndarray]:
    """Mean of y at each value of x, or in parts of its range; NaN where nothing is known."""
    levels, group = np.unique(x, return_inverse=True)
    if in_parts and len(x) < _ALIKE * len(levels) and len(levels) > 2 * _BINS:
        order = np.argsort(x, kind="stable")
        group = np.empty(len(x), int)
        group[order] = np.arange(len(x)) * _BINS // len(x)
    known = np.isfinite(y)
    count, at, mean = (
        np.bincount(group[known], weights, minlength=group.max() + 1)
        for weights in (None, x[known], y[known])
    )
    with np.errstate(invalid="ignore"):
        return at / count, mean / count

"""Trees as an alternative to boxes: the whole assumption space cut into parts, told as rules."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from analysis.discovery import Limits, inside, words
from analysis.extras import extra
from sim.errors import InputError


class Leaf(NamedTuple):
    """A part of the space.

    points : in it. mean : of their outcomes; the density where outcomes are labels. coverage :
    share of all points of interest that is in it; None where outcomes are numbers.
    """

    limits: Limits
    points: int
    mean: float
    coverage: float | None

    @property
    def words(self) -> str:
        return words(self.limits)


def grow(
    points: Mapping[str, Sequence],
    outcome: Sequence[bool] | Sequence[float],
    *,
    leaves: int = 6,
    least: float = 0.05,
) -> list[Leaf]:
    """Leaves of a classification tree for labels or a regression tree for numbers, highest mean
    first (Breiman and others 1984, Classification and Regression Trees; grown by scikit-learn).

    points : {COLUMN: values}, a DataFrame too; numbers, or names as text, which are split one
    against the rest. leaves : at most. least : share of the points that each keeps.
    Raises InputError if columns differ in length or have holes.
    """
    trees = extra("sklearn.tree")

    outcome = np.asarray(outcome)
    is_label = outcome.dtype.kind == "b"
    columns = _columns(points, outcome.size)
    table = np.column_stack([values for values, _, _ in columns])
    make = trees.DecisionTreeClassifier if is_label else trees.DecisionTreeRegressor
    model = make(max_leaf_nodes=leaves, min_samples_leaf=least, random_state=0)
    model.fit(table, outcome)
    found = []
    for limits in _paths(model.tree_, columns):
        held = outcome[inside(points, limits)]
        coverage = float(held.sum() / outcome.sum()) if is_label and outcome.any() else None
        found.append(Leaf(limits, held.size, float(held.mean()), coverage))
    return sorted(found, key=lambda leaf: -leaf.mean)


def _columns(points: Mapping[str, Sequence], n: int) -> list[tuple[np.ndarray, str, str | None]]:
    """Values, name, and the name of text that a column of 0 and 1 stands for."""
    result: list[tuple[np.ndarray, str, str | None]] = []
    for name in points:
        values = np.asarray(points[name])
        if values.shape != (n,):
            raise InputError(f"column {name}: {values.size} values; allowed: {n}")
        if values.dtype.kind in "biuf":
            if not np.isfinite(values.astype(float)).all():
                raise InputError(f"column {name}: a hole in it; allowed: finite numbers")
            result.append((values.astype(float), str(name), None))
            continue
        values = values.astype(str)
        result += [(values == one, str(name), one) for one in np.unique(values).tolist()]
    if not result:
        raise InputError("a tree needs columns")
    return result


def _paths(tree, columns: list) -> list[Limits]:
    """The limits on the way to every leaf."""
    everything: dict[str, set] = {}
    for _, name, one in columns:
        if one is not None:
            everything.setdefault(name, set()).add(one)
    found, waiting = [], [(0, {})]
    while waiting:
        node, limits = waiting.pop()
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right:
            found.append(limits)
            continue
        _, name, one = columns[tree.feature[node]]
        if one is not None:
            names = limits.get(name, frozenset(everything[name]))
            parts = names - {one}, frozenset({one})
        else:
            low, high = limits.get(name, (-math.inf, math.inf))
            cut = float(tree.threshold[node])
            parts = (low, min(high, cut)), (max(low, cut), high)
        waiting += [(left, limits | {name: parts[0]}), (right, limits | {name: parts[1]})]
    return found

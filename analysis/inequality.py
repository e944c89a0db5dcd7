"""How unequally groups of incidents are served: districts, or classes of landscape.

The Gini coefficient takes in all groups and is 0 where all are alike; but it says little of how
far apart the ends are, and a part of it is the chance of small groups. So the ends stand beside it:
the tenth of the incidents in the groups served worst over the tenth in those served best, the
S90/S10 ratio of income statistics. Taken by incidents, not by groups, no small group decides it.
"""

import numpy as np

from sim.records import Columns

TAIL = 0.1
"""The share of incidents that counts as the worst and as the best served."""


def metrics(name: str, breakdown: Columns) -> dict[str, float | None]:
    """Inequality of the mean closure latency between groups, named after `name`.

    breakdown : `Reducer.breakdown`. Groups weigh by their incidents. None where fewer than two
    groups have any, or where there is no mean.
    """
    seen = (breakdown["incidents"] > 0) & np.isfinite(breakdown["mean_latency_hours"])
    means, weights = breakdown["mean_latency_hours"][seen], breakdown["incidents"][seen]
    defined = seen.sum() > 1 and means.min() > 0
    return {
        f"{name}_latency_gini": gini(means, weights) if defined else None,
        f"{name}_latency_tail_ratio": tail_ratio(means, weights) if defined else None,
    }


def gini(values: np.ndarray, weights: np.ndarray) -> float:
    """Gini coefficient between groups: half the mean difference of two incidents drawn at random,
    each with its group's value, over their mean. values, weights : [n], not all 0."""
    share = np.asarray(weights) / np.sum(weights)
    apart = np.abs(np.subtract.outer(values, values))
    return float(share @ apart @ share / (2 * share @ values))


def tail_ratio(values: np.ndarray, weights: np.ndarray, tail: float = TAIL) -> float:
    """Mean of the share `tail` of the weight with the largest values over that with the smallest.
    A group at the edge counts with the part of it that is needed. values : [n], above 0."""
    order = np.argsort(values)
    smallest = _tail_mean(np.asarray(values)[order], np.asarray(weights)[order], tail)
    order = order[::-1]
    return _tail_mean(np.asarray(values)[order], np.asarray(weights)[order], tail) / smallest


def _tail_mean(values: np.ndarray, weights: np.ndarray, tail: float) -> float:
    """Mean over the first share `tail` of the weight."""
    wanted = tail * weights.sum()
    taken = np.clip(wanted - (np.cumsum(weights) - weights), 0, weights)
    return float(taken @ values / wanted)

"""The search of the smallest plan that meets its targets, on the same incidents for every plan.

A plan is seats by slot, i8[n]. What it brings is its *surplus*, f8[replications, targets]: what it
has above each target, on each replication's incidents. A plan meets its targets where the mean
surplus reaches a margin; fewer seats are taken to bring no more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Plan = np.ndarray
Evaluate = Callable[[Sequence[Plan]], Sequence[np.ndarray]]


@dataclass(frozen=True, eq=False)
class Tried:
    """A plan that was tried: seats by slot, paid hours a week, its surplus."""

    seats: Plan
    hours: float
    surplus: np.ndarray

    @property
    def worst(self) -> np.ndarray:
        """Smallest surplus over the targets in each replication, f8[replications]."""
        return self.surplus.min(axis=1)


class Search:
    """Plans tried so far, and which of them is enough.

    evaluate : the surplus of plans; paid : f8[n] paid hours of a seat; least : i8[n], seats that no
    plan goes below; most : plans that may be tried beside the ladder.
    """

    def __init__(self, evaluate: Evaluate, paid: np.ndarray, least: Plan, most: int):
        self.evaluate, self.paid, self.least, self.most = evaluate, paid, least, most
        self.tried: dict[bytes, Tried] = {}
        self.margin: np.ndarray | float = 0.0
        self.left = most
        """Plans that may still be tried."""

    def hours(self, seats: Plan) -> float:
        return float(seats @ self.paid)

    def all_of(self, plans: Sequence[Plan]) -> list[Tried]:
        """Try plans side by side; those tried before are not tried again."""
        plans = [np.maximum(plan, self.least).astype(np.int64) for plan in plans]
        new = {plan.tobytes(): plan for plan in plans if plan.tobytes() not in self.tried}
        for (key, plan), surplus in zip(
            new.items(), self.evaluate(list(new.values())), strict=True
        ):
            self.tried[key] = Tried(plan, self.hours(plan), np.asarray(surplus, float))
        return [self.tried[plan.tobytes()] for plan in plans]

    def is_met(self, tried: Tried) -> bool:
        return bool((tried.surplus.mean(axis=0) >= self.margin).all())

    def meets(self, seats: Plan) -> bool:
        """Whether a plan meets the targets; False where no more may be tried."""
        if seats.tobytes() not in self.tried:
            if self.left <= 0:
                return False
            self.left -= 1
        return self.is_met(self.all_of([seats])[0])

    def cheapest(self) -> Tried | None:
        """The smallest of the plans tried that meets the targets."""
        met = [tried for tried in self.tried.values() if self.is_met(tried)]
        return min(met, key=lambda tried: tried.hours, default=None)


def lower_groups(search: Search, levels: np.ndarray, groups: np.ndarray, level: int) -> np.ndarray:
    """The least level of each group, the others as they are by then, i8[groups].

    levels : i8[n, k] seats by slot from the most (0) to the fewest (k - 1); groups : i8[n], from 0;
    level : the common one at which the targets are met. What frees most hours is tried first, at
    its bare level at once and then by halving; each group once, as lowering others later cannot
    help it.
    """
    n_groups, bare = int(groups.max(initial=-1)) + 1, levels.shape[1] - 1
    at = np.full(n_groups, level)
    freed = np.bincount(
        groups, (levels[:, level] - levels[:, bare]) * search.paid, minlength=n_groups
    )
    for group in np.argsort(-freed, kind="stable"):
        if freed[group] <= 0:
            continue
        met, broken = level, bare + 1
        probe = bare
        while broken - met > 1:
            trial = at.copy()
            trial[group] = probe
            if search.meets(plan_of(levels, groups, trial)):
                met = probe
            else:
                broken = probe
            probe = (met + broken) // 2
        at[group] = met
    return at


def plan_of(levels: np.ndarray, groups: np.ndarray, at: np.ndarray) -> Plan:
    """The plan with each group at a level of its own."""
    return levels[np.arange(len(levels)), at[groups]]


def thin(search: Search, seats: Plan, order: Sequence[int]) -> Plan:
    """Take single seats away, as many as the targets allow.

    order : slots that lose a seat, those first that can best spare it; one may stand several times.
    A block of them is tried at once, then its halves by themselves, down to one seat.
    """
    ahead = [list(order)]
    while ahead and search.left > 0:
        block = ahead.pop()
        fewer = np.maximum(seats - np.bincount(block, minlength=seats.size), search.least)
        if (fewer == seats).all():
            continue
        if search.meets(fewer):
            seats = fewer
        elif len(block) > 1:
            middle = len(block) // 2
            ahead += [block[middle:], block[:middle]]
    return seats


def crossing(hours: np.ndarray, surplus: np.ndarray) -> float | None:
    """Paid hours at which the surplus first reaches 0 for good, by straight lines between plans.

    hours : f8[k], increasing; surplus : f8[k]. None where the largest plan has too little; the
    smallest plan where that has enough.
    """
    short = np.flatnonzero(surplus < 0)
    if not short.size:
        return float(hours[0])
    i = int(short[-1])
    if i == len(hours) - 1:
        return None
    share = -surplus[i] / (surplus[i + 1] - surplus[i])
    return float(hours[i] + share * (hours[i + 1] - hours[i]))

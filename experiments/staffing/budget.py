"""The best service that a given staff can give: where to put so many paid hours."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.staffing.search import Plan
from experiments.staffing.desks import Desks
from experiments.staffing.find import fresh_seeds
from experiments.staffing.goal import Goal
from experiments.staffing.runs import Counts, Runs
from sim.errors import InputError

_DELAYS = tuple(np.geomspace(1e-4, 1.0, 33).tolist())
"""Shares of waiting tasks that hours are placed by; between two of them seat by seat."""


@dataclass(frozen=True, eq=False)
class Best:
    """Where a budget is best spent. bare : groups left at their least; counts : on fresh seeds."""

    desks: Desks
    plan: Plan
    bare: np.ndarray  # bool[groups]
    counts: Counts


class Spender:
    """Places a budget: one share of waiting tasks for all groups but those left bare."""

    def __init__(self, desks: Desks, total: float, policy: str):
        self.desks, self.total = desks, total
        utilisation = desks.parameters.settings.service.utilisation
        self.levels = desks.ladder(list(_DELAYS), utilisation)
        self.least = self.levels[:, -1]
        if desks.hours(self.least) > total:
            raise InputError(
                f"service.budget: {total:g}; policy '{policy}' needs "
                f"{desks.hours(self.least):,.0f} paid hours a week for its desks to keep up; "
                "allowed: that or more"
            )

    def spent(self, bare: np.ndarray) -> Plan:
        """The plan that spends the budget while some groups, bool[groups], have their least."""
        slots = self.desks.slots
        levels = np.where(bare[self.desks.groups][:, None], self.least[:, None], self.levels)
        costs = levels.T @ slots.paid
        level = int(np.flatnonzero(costs <= self.total)[0])
        plan = levels[:, level].copy()
        more = levels[:, level - 1] if level else plan
        left = self.total - self.desks.hours(plan)
        for i in reversed(self.desks.spared(more, plan)):  # those first that need it most
            if slots.paid[i] <= left + 1e-9:
                plan[i] += 1
                left -= slots.paid[i]
        return plan


def best_for(
    runs: Runs, name: str, desks: Desks, goal: Goal, seeds: Sequence[int], n_fresh: int
) -> Best:
    """The plan for the budget whose smallest surplus over the targets is the largest found, on the
    same incidents: one safety for all desks, then groups left bare, one by one, where that helps.
    """
    settings = desks.parameters.settings.service
    spender = Spender(desks, float(settings.budget), name)

    def worst(plan: Plan) -> float:
        (counts,) = runs.counts(name, [desks.seats(plan)], seeds)
        return float(goal.surplus(counts).mean(axis=0).min())

    bare = np.zeros(len(desks.group_names), bool)
    plan = spender.spent(bare)
    best = worst(plan)
    freed = np.bincount(desks.groups, (plan - spender.least) * desks.slots.paid, bare.size)
    order = np.argsort(-freed, kind="stable")[: settings.evaluations]
    for group in order[freed[order] > 0]:
        trial = bare.copy()
        trial[group] = True
        other = spender.spent(trial)
        found = worst(other)
        if found > best:
            bare, plan, best = trial, other, found
    fresh = fresh_seeds(desks.parameters.settings.seed, 0, n_fresh)
    (counts,) = runs.counts(name, [desks.seats(plan)], fresh)
    return Best(desks, plan, bare, counts)

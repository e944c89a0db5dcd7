"""How the answer moves with the volume: the same safety for more or less work."""

from collections.abc import Sequence
from typing import Any

from analysis.staffing.search import plan_of
from experiments.staffing.find import Found
from experiments.staffing.goal import Goal
from experiments.staffing.runs import Runs


def at_volumes(
    runs: Runs, name: str, found: Found, goal: Goal, seeds: Sequence[int]
) -> list[dict[str, Any]]:
    """For each volume of the settings the paid hours and seats that the same shares of waiting
    tasks call for, and the smallest surplus over the targets with that staff (`surplus`) and with
    the one found (`surplus_unchanged`). The hours are by formula, the surplus by simulation on the
    seeds."""
    desks, settings = found.desks, found.desks.parameters.settings.service
    before = plan_of(found.levels, desks.groups, found.at)
    rows = []
    for volume in settings.volumes:
        levels = desks.ladder(sorted(settings.delays), settings.utilisation, volume)
        plan = plan_of(levels, desks.groups, found.at)
        plans = [desks.seats(plan), desks.seats(found.plan)]
        surplus = [
            float(goal.surplus(counts).mean(axis=0).min())
            for counts in runs.counts(name, plans, seeds, volume)
        ]
        rows.append(
            {
                "policy": name,
                "volume": volume,
                "seats": int(plan.sum()),
                "paid_hours": desks.hours(plan),
                "change": desks.hours(plan) / desks.hours(before) - 1,
                "surplus": surplus[0],
                "surplus_unchanged": surplus[1],
            }
        )
    return rows

"""The smallest staff of one policy: analytic start, search on common incidents, confirmation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.staffing.confirming import half_width, levels, lower_bounds, replications_needed
from analysis.staffing.search import Plan, Search, Tried, crossing, lower_groups, plan_of, thin
from experiments.compare import replication_seed
from experiments.staffing.desks import Desks
from experiments.staffing.goal import Goal
from experiments.staffing.runs import Counts, Runs
from scenarios.commands import ServiceSettings

_FRESH = 500_000
"""Number of the first replication that no search sees."""

_REPEAT, _FRESH_AGAIN = 20_000, 580_000
"""How far apart the numbers of replications lie of searches that are repeated, and where those of
their confirmations begin. All are below the million that parts the seeds of the settings."""

_ROOM, _MOST_ROOM = 0.5, 0.9
"""Share of what unlimited seats have above a target that a margin may ask for: at first, and after
a plan was not confirmed."""


@dataclass(frozen=True, eq=False)
class Confirmation:
    """Of one plan, on its own fresh seeds: bounds of the surplus at this try's error rate. needed :
    replications that would do, were the surplus to stay as it is; None where none would."""

    tried: Tried
    counts: Counts
    bounds: np.ndarray  # f8[C]
    alpha: float
    needed: int | None

    @property
    def is_met(self) -> bool:
        return bool((self.bounds >= 0).all())


@dataclass(frozen=True, eq=False)
class Found:
    """What was found for a policy.

    levels : i8[n, rungs], the ladder; ladder : its plans, tried; at : rung of each group;
    confirmations : tries in their order; is_reached : whether a plan met the targets in the search.
    """

    desks: Desks
    search: Search
    levels: np.ndarray
    ladder: list[Tried]
    at: np.ndarray
    confirmations: list[Confirmation]
    is_reached: bool

    @property
    def settled(self) -> Confirmation:
        """The last try: the one that was met, or, where none was, that of the largest plan."""
        return self.confirmations[-1]

    @property
    def plan(self) -> Plan:
        return self.settled.tried.seats

    @property
    def hours(self) -> float:
        return self.settled.tried.hours

    @property
    def is_confirmed(self) -> bool:
        return self.confirmations[-1].is_met

    @property
    def is_bare(self) -> bool:
        """Whether no smaller plan was allowed: what binds is that desks must keep up."""
        return bool((self.plan == self.search.least).all())

    def hours_by_replication(self) -> list[float | None]:
        """Paid hours at which each replication's incidents alone meet the targets, along the ladder
        (one share of waiting tasks for all desks)."""
        plans = sorted(self.ladder, key=lambda tried: tried.hours)
        hours = np.array([tried.hours for tried in plans])
        worst = np.array([tried.worst for tried in plans])
        return [crossing(hours, column) for column in worst.T]


def seeds_of(seed: int, n: int, repeat: int = 0) -> list[int]:
    """Seeds of a search, by how often it was made before: of no other, and of no confirmation."""
    return [replication_seed(seed, repeat * _REPEAT + r) for r in range(n)]


def fresh_seeds(seed: int, attempt: int, n: int, repeat: int = 0) -> list[int]:
    """Seeds of a try at confirmation: of no search, and of no other try."""
    begin = _FRESH + attempt * 10_000
    if repeat:
        begin = _FRESH_AGAIN + repeat * _REPEAT + attempt * 2_000
    return [replication_seed(seed, begin + r) for r in range(n)]


def find(
    runs: Runs,
    name: str,
    desks: Desks,
    goal: Goal,
    ceiling: Counts,
    seeds: Sequence[int],
    n_fresh: int,
    repeat: int = 0,
) -> Found:
    """The smallest staff of a policy. ceiling : what seats never short bring, on the seeds and on
    more, if given: by these more the surplus of every plan is then put right (control variate).
    repeat : how often the search was made before, on other seeds."""
    settings = desks.parameters.settings.service
    table = desks.ladder(sorted(settings.delays), settings.utilisation)
    above = goal.surplus(ceiling)
    shift = above.mean(axis=0) - goal.surplus(ceiling.first(len(seeds))).mean(axis=0)
    search = Search(
        _on(runs, name, desks, goal, seeds, shift),
        desks.slots.paid,
        table[:, -1],
        settings.evaluations,
    )
    ladder = search.all_of(list(table.T))
    alpha = levels(1 - settings.confidence, settings.tries)[0]
    room = np.maximum(above.mean(axis=0), 0.0)
    deviation = (above if goal.is_joint else ladder[0].surplus).std(axis=0, ddof=1)
    if goal.is_joint:
        n_fresh = _enough(deviation, room, alpha, n_fresh, settings.fresh_most // 2)
    search.margin = np.minimum(half_width(deviation, n_fresh, alpha), _ROOM * room)
    met = [level for level, tried in enumerate(ladder) if search.is_met(tried)]
    at = np.full(len(desks.group_names), max(met, default=0))
    if met:
        at = lower_groups(search, table, desks.groups, max(met))
        plan = plan_of(table, desks.groups, at)
        (best,) = search.all_of([thin(search, plan, desks.spared(plan, search.least))])
    else:
        best = ladder[0]
    confirmations = _confirmed(runs, name, desks, goal, search, best, room, n_fresh, repeat)
    return Found(desks, search, table, ladder, at, confirmations, bool(met))


def _enough(deviation: np.ndarray, room: np.ndarray, alpha: float, least: int, most: int) -> int:
    """Fresh replications, from least to most, at which chance takes no more of any target's room
    than a margin may ask for: one district with few incidents is enough to fail a plan."""
    n = least
    while n < most and (half_width(deviation, n, alpha) > _ROOM * room).any():
        n += 1
    return n


def _on(
    runs: Runs, name: str, desks: Desks, goal: Goal, seeds: Sequence[int], shift: np.ndarray
) -> Callable[[Sequence[Plan]], list[np.ndarray]]:
    def evaluate(plans: Sequence[Plan]) -> list[np.ndarray]:
        found = runs.counts(name, [desks.seats(plan) for plan in plans], seeds)
        return [goal.surplus(counts) + shift for counts in found]

    return evaluate


def _confirmed(
    runs: Runs,
    name: str,
    desks: Desks,
    goal: Goal,
    search: Search,
    best: Tried,
    room: np.ndarray,
    n_fresh: int,
    repeat: int,
) -> list[Confirmation]:
    """Tries until a plan is confirmed, each on twice as many fresh seeds as the one before, or on
    what `fresh_most` leaves; where that is fewer than the one before had, that is the end. After
    one that is not, the margin is what the search should have shown for the next try to succeed,
    and the search goes on below the cheapest plan tried that has it; without one, that is the end.
    """
    settings = desks.parameters.settings
    alphas = levels(1 - settings.service.confidence, settings.service.tries)
    done: list[Confirmation] = []
    sizes = _sizes(settings.service, n_fresh)
    for attempt, (alpha, n) in enumerate(zip(alphas, sizes)):
        seeds = fresh_seeds(settings.seed, attempt, n, repeat)
        (counts,) = runs.counts(name, [desks.seats(best.seats)], seeds)
        surplus = goal.surplus(counts)
        bounds = lower_bounds(surplus, alpha)
        done.append(Confirmation(best, counts, bounds, alpha, replications_needed(surplus, alpha)))
        if done[-1].is_met or attempt + 1 == len(sizes):
            break
        deviation, further = surplus.std(axis=0, ddof=1), sizes[attempt + 1]
        wanted = half_width(deviation, further, alphas[attempt + 1]) - surplus.mean(axis=0)
        raised = best.surplus.mean(axis=0) + np.maximum(wanted, 0)
        margin = np.where(bounds < 0, raised, search.margin)
        search.margin = np.minimum(margin, _MOST_ROOM * room)
        larger = search.cheapest()
        if larger is None:
            break
        plan = thin(search, larger.seats, desks.spared(larger.seats, best.seats))
        (best,) = search.all_of([plan])
    return done


def _sizes(settings: ServiceSettings, n_fresh: int) -> list[int]:
    """Fresh replications of each try."""
    sizes = [n_fresh]
    while len(sizes) < settings.tries:
        following = min(2 * sizes[-1], settings.fresh_most - sum(sizes))
        if following < sizes[-1]:
            break
        sizes.append(following)
    return sizes


def evaluations_at_most(settings: ServiceSettings, replications: int, n_fresh: int) -> int:
    """Runs of one policy's search, at most."""
    plans = len(settings.delays) + 1 + settings.evaluations
    return plans * replications + max(sum(_sizes(settings, n_fresh)), settings.fresh_most)

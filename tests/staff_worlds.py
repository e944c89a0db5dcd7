"""Reduced worlds for the staff search: one desk that takes calls, whose service theory knows."""

from dataclasses import dataclass

import numpy as np

from analysis import queueing
from experiments.compare import replication_seed
from experiments.staffing.desks import Desks
from experiments.staffing.find import Found, find
from experiments.staffing.goal import Goal, stated
from experiments.staffing.runs import Runs
from scenarios.load import load

WORK = 1 / 3
"""Mean hours of a call."""


@dataclass(frozen=True)
class OneDesk:
    """M/M/n or, where callers have a mean patience [h], M/M/n+M at a load [erlang]. With patience a
    call counts where it is answered at all, else where it is done within the limit [h]."""

    load: float
    patience: float = 0.0
    limit: int = 1

    def share(self, seats: int) -> float:
        """The share closed within the limit, by theory; 0 where the desk cannot keep up."""
        rate = self.load / WORK
        if self.patience:
            lost = queueing.mmc_patience(rate, WORK, seats, self.patience).everyone.lost_share
            return 1.0 - lost
        if seats <= self.load:
            return 0.0
        return 1.0 - float(queueing.mmc(rate, WORK, seats).time_tail(float(self.limit)))

    def smallest(self, target: float) -> int:
        return next(n for n in range(1, 1000) if self.share(n) >= target)

    def settings(self, target: float, results) -> list[str]:
        limit = 1000 if self.patience else self.limit
        return [
            "experiment=theory/patience",
            f"catalogue.paperwork.register.mean={60 * WORK}",
            f"catalogue.kinds.first.limit.IV=[{limit}, clock_hours]",
            f"mechanism.hotline.patience_minutes={60 * self.patience}",
            f"stream.per_day={24 * self.load / WORK}",
            "staff.seats.city.hotline=8",
            *("staff.pilot_incidents=40000", "staff.pilot_days=7"),
            *("horizon.warmup_days=3", "horizon.cohort_days=20", "horizon.followup_days=2"),
            *("service.targets.grave=0", f"service.targets.all={target}", "service.utilisation=1"),
            f"results={results}",
        ]


def searched(settings: list[str], n: int = 4, n_fresh: int = 8) -> tuple[Found, Goal, Runs]:
    """What the search finds under the settings; seeds of the settings."""
    p = load(settings)
    desks, goal = Desks(p), stated(p.settings.service, p)
    seeds = [replication_seed(p.settings.seed, r) for r in range(n)]
    with Runs({"one": p}, settings, 200) as runs:
        (ceiling,) = runs.counts("one", [desks.ample], seeds)
        return find(runs, "one", desks, goal, ceiling, seeds, n_fresh), goal, runs


def random_world(number: int) -> tuple[OneDesk, float]:
    """A desk and a target at random; the target lies anywhere between what a number of seats and
    one more bring, so that many a plan is nearly enough."""
    random = np.random.default_rng([8, number])
    patience = float(random.uniform(0.1, 1.0)) if random.random() < 0.3 else 0.0
    desk = OneDesk(float(random.uniform(0.4, 6.0)), patience, int(random.integers(1, 3)))
    least = max(1, int(np.ceil(desk.load / 0.9)))
    seats = least + int(random.integers(0, 2))
    low, high = desk.share(seats), desk.share(seats + 1)
    return desk, float(low + random.uniform(0.02, 0.98) * (high - low))

"""Which of several systems is the best, with a stated probability and few runs: KN and KN++.

All systems still in the running get one replication more at a time, on common random numbers, and
those that fall too far behind another drop out (Kim and Nelson 2001, "A fully sequential procedure
for indifference-zone selection in simulation", ACM Transactions on Modeling and Computer
Simulation 11). KN++ renews the variances as replications come (Kim and Nelson 2006, Operations
Research 54); here with batches of one, as replications are independent.

If the best is better than every other by at least the indifference zone, it is chosen with a
probability of at least 1 - alpha: for normal values exactly by KN, and by KN++ as the zone becomes
small. Where others come within the zone of the best, one of these is good enough too.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.errors import InputError


class State(NamedTuple):
    """Who is left after so many replications of them.

    best : the one left, or the one with the best mean so far. is_decided : one is left, so the
    promise holds. spent : runs of all systems in sum. means : of all systems, {NAME: mean}, those
    that dropped out up to their last run.
    """

    left: tuple[str, ...]
    best: str | None
    is_decided: bool
    replications: int
    spent: int
    means: dict[str, float]


class Selection:
    """Ask `wanted` for whom to run, hand over their values by `add`, until it wants nobody.

    zone : difference worth detecting [unit of the values]. first : replications before anybody
    drops out (n0). lowest : the lowest mean is the best. updating : KN++, otherwise KN.
    most : replications of a system at which to give up undecided; None for no limit.
    """

    def __init__(
        self,
        systems: Sequence[str],
        zone: float,
        *,
        alpha: float = 0.05,
        first: int = 10,
        lowest: bool = True,
        updating: bool = True,
        most: int | None = None,
    ) -> None:
        _check(systems, zone, alpha, first, most)
        self.systems = tuple(systems)
        self.zone, self.first, self.most, self.updating = zone, first, most, updating
        # Bonferroni's share of the error, which holds for systems that depend on one another.
        self._share = alpha / (len(systems) - 1)
        self._sign = -1.0 if lowest else 1.0
        self._left = np.arange(len(systems))
        self._mean = np.zeros(len(systems))
        self._moments = np.zeros((len(systems), len(systems)))
        self._variance = np.zeros((len(systems), len(systems)))
        self._boundary = 0.0
        self.replications = self.spent = 0

    @property
    def wanted(self) -> tuple[str, ...]:
        """The systems to run once more; none when it is decided or the limit is reached."""
        if self._left.size == 1 or (self.most is not None and self.replications >= self.most):
            return ()
        return tuple(self.systems[i] for i in self._left)

    def add(self, values: Mapping[str, float]) -> State:
        """Take one replication of all the wanted systems, and drop those too far behind."""
        wanted = self.wanted
        if set(values) != set(wanted) or not np.isfinite(list(values.values())).all():
            raise InputError(f"values of {sorted(values)}; allowed: one number each of {wanted}")
        x = self._sign * np.array([values[name] for name in wanted], float)
        left = self._left
        self.replications += 1
        self.spent += left.size
        before = x - self._mean[left]
        self._mean[left] += before / self.replications
        self._moments[np.ix_(left, left)] += np.outer(before, x - self._mean[left])
        if self.replications >= self.first:
            if self.updating or self.replications == self.first:
                self._renew()
            self._screen()
        return self.state

    def _renew(self) -> None:
        """Variances of all differences, and the boundary h^2 = 2 eta (n - 1) with c = 1."""
        freedom = self.replications - 1
        own = np.diag(self._moments)
        self._variance = (own[:, None] + own - self._moments - self._moments.T) / freedom
        eta = ((2 * self._share) ** (-2 / freedom) - 1) / 2
        self._boundary = 2 * eta * freedom

    def _screen(self) -> None:
        """i drops out if it is behind any l by more than
        W = max(0, zone / 2r (h^2 S^2 / zone^2 - r))."""
        left, r = self._left, self.replications
        variance = self._variance[np.ix_(left, left)]
        reach = self._boundary * variance / self.zone**2 - r
        allowed = np.maximum(self.zone / (2 * r) * reach, 0)
        mean = self._mean[left]
        if not allowed.any():  # the last stage; systems that are just the same end here too
            self._left = left[[np.argmax(mean)]]
            return
        behind = mean[None, :] - mean[:, None] > allowed
        self._left = left[~behind.any(axis=1)]

    @property
    def state(self) -> State:
        left = tuple(self.systems[i] for i in self._left)
        best = None
        if self.replications:
            best = self.systems[self._left[np.argmax(self._mean[self._left])]]
        means = dict(zip(self.systems, (self._sign * self._mean).tolist(), strict=True))
        return State(left, best, len(left) == 1, self.replications, self.spent, means)


def _check(systems: Sequence[str], zone: float, alpha: float, first: int, most: int | None) -> None:
    if len(systems) < 2 or len(set(systems)) < len(systems):
        raise InputError(f"systems {list(systems)}; allowed: two or more, all different")
    if not zone > 0:
        raise InputError(f"zone: {zone}; allowed: more than 0")
    if not 0 < alpha < 0.5:
        raise InputError(f"alpha: {alpha}; allowed: between 0 and 0.5")
    if first < 3:
        raise InputError(f"first: {first}; allowed: 3 or more")
    if most is not None and most < first:
        raise InputError(f"most: {most}; allowed: {first} (the first) or more")

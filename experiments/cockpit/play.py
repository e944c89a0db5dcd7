"""A play: one or two policies side by side on the same incidents, and what was done to them."""

import datetime
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from experiments.cockpit.side import Side
from scenarios.load import load_policies
from scenarios.parameters import Parameters
from sim.errors import InputError
from sim.levers import LEVERS

MOST_SIDES = 2


class Play:
    """Policies on the same incidents, taken on in steps; slider moves and storms act between two.

    Attributes: overrides (settings it was made of), sides (by name of the policy), now (tick),
    changes (by policy) and storms so far, as settings state them, begun (by perf_counter).
    """

    def __init__(self, overrides: Sequence[str]):
        """overrides : as of `guantong compare`. Raises InputError."""
        self.overrides = [o for o in overrides if not o.startswith("record=")]
        policies = playable(self.overrides)
        seed = next(iter(policies.values())).settings.seed
        self.sides = {name: Side(each, seed) for name, each in policies.items()}
        self.changes: dict[str, list[dict[str, Any]]] = {name: [] for name in self.sides}
        self.storms: list[dict[str, Any]] = []
        self.begun = time.perf_counter()
        self._threads = ThreadPoolExecutor(MOST_SIDES, "cockpit-side")

    @property
    def _first(self) -> Side:
        return next(iter(self.sides.values()))

    @property
    def parameters(self) -> Parameters:
        """Those of the first policy: city, calendar and horizon are alike."""
        return self._first.parameters

    @property
    def now(self) -> int:
        """Tick up to which all is settled."""
        return self._first.now

    @property
    def end(self) -> int:
        """Last tick of the horizon."""
        return self.parameters.end

    @property
    def moment(self) -> datetime.datetime:
        """Date and time of `now`."""
        midnight = datetime.datetime.combine(self.parameters.start, datetime.time())
        return midnight + datetime.timedelta(seconds=self.now)

    def advance(self, until: int) -> None:
        """Settle all before a tick, at most the end. Raises InputError."""
        list(self._threads.map(lambda side: side.advance(until), self.sides.values()))

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown()

    # --- what is done to it -------------------------------------------------------------------

    def change(
        self, policy: str, levers: Mapping[str, float] = {}, seats: Mapping[str, float] = {}
    ) -> None:
        """From now on a policy has other levers, or so many times the seats in some tiers.

        The very same is what `policy.rollout.changes` states, so that a run from the beginning
        gives the same. Raises InputError, and then changes nothing.
        """
        self._check_time("a change")
        stated = {"from": self.moment.isoformat(" ")}
        stated |= {"levers": dict(levers)} if levers else {}
        stated |= {"seats": dict(seats)} if seats else {}
        side = self.sides[policy]
        side.change(side.parameters.changed(stated))
        self.changes[policy].append(stated)

    def storm(
        self, hours: float, factor: float, districts: Sequence[str] = (), kinds: Sequence[str] = ()
    ) -> None:
        """From now on for so many hours, incidents occur at so many times the ordinary rate, alike
        under all policies. Raises InputError, and then changes nothing."""
        self._check_time("a storm")
        if self.parameters.trace is not None:
            raise InputError("stream: trace; allowed with storms: generated")
        stated = {"from": self.moment.isoformat(" "), "hours": hours, "factor": factor}
        stated |= {"districts": list(districts)} if districts else {}
        stated |= {"kinds": list(kinds)} if kinds else {}
        stormed = {name: s.parameters.stormed(stated) for name, s in self.sides.items()}
        for name, side in self.sides.items():
            side.change(stormed[name])
        self.storms.append(stated)

    def _check_time(self, what: str) -> None:
        if not 0 < self.now < self.end:
            raise InputError(f"{what} at {self.moment:%Y-%m-%d %H:%M}; allowed: during the play")

    def levers(self, policy: str) -> dict[str, float]:
        """The levers that are in force where nobody has gone over to another policy."""
        rollout = self.sides[policy].parameters.rollout
        lever = (rollout.policies, *rollout.changed)[-1][0].lever
        return dict(zip(LEVERS, lever.tolist(), strict=True))

    def seats(self, policy: str) -> dict[str, float]:
        """Seats in each tier relative to those planned, where they have been changed."""
        merged: dict[str, float] = {}
        for change in self.changes[policy]:
            merged |= change.get("seats", {})
        return merged


def playable(overrides: Sequence[str]) -> dict[str, Parameters]:
    """The policies that overrides ask for. Raises InputError for what cannot be played."""
    policies = load_policies(overrides)
    if len(policies) > MOST_SIDES:
        raise InputError(f"policies: {list(policies)}; allowed: one, or two side by side")
    settings = next(iter(policies.values())).settings
    if settings.clock != "compiled":
        raise InputError(f"clock: {settings.clock}; allowed in the cockpit: compiled")
    if settings.theory is not None:
        raise InputError(f"theory: {settings.theory}; allowed in the cockpit: none")
    return policies

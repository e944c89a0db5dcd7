"""Special applications of a policy: which kinds go by a way of their own, and what it changes."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenarios.schema import ApplicationSettings
from sim.codes import NONE
from sim.errors import InputError
from sim.levers import APPLICATION_NUMBERS, COVERAGE
from sim.units import MINUTE

_NEAR = 0.8  # how like a kind's name another is that must be a slip


@dataclass(frozen=True, eq=False)
class Application:
    """A special application as the rules read it."""

    name: str
    share: np.ndarray  # f8[kinds], share of each kind that goes by it
    route: np.ndarray  # i4[stages, channels, 2], its whole stage table
    number: np.ndarray  # f8[numbers], see levers.APPLICATION_NUMBERS


def build_applications(
    settings: Mapping[str, ApplicationSettings],
    kinds: Sequence[str],
    table: Callable[[Mapping[str, Any], str], np.ndarray],
) -> tuple[Application, ...]:
    """The applications that are switched on (strength above 0), in the order of the policy.

    kinds : of the catalogue; a kind that another catalogue has is left out; table : the stage
    table of the policy with these rows replaced, given the rows and their key. Raises InputError.
    """
    found = []
    for name, one in settings.items():
        key = f"policy.applications.{name}"
        route = table(one.stages, f"{key}.stages")
        share = np.zeros(len(kinds))
        for kind in one.kinds:
            if kind in kinds:
                share[kinds.index(kind)] = one.strength
            elif near := difflib.get_close_matches(kind, kinds, 1, _NEAR):
                raise InputError(f"{key}.kinds: '{kind}'; did you mean '{near[0]}'?")
        if share.any():
            found.append(Application(name, share, route, _numbers(one)))
    return tuple(found)


def _numbers(one: ApplicationSettings) -> np.ndarray:
    values = {
        "map_logit": one.map_logit,
        "travel": one.travel,
        "sensing": NONE if one.sensing is None else one.sensing,
        "warning": one.warning,
        "upkeep": one.upkeep_minutes * MINUTE,
    }
    return np.array([values[name] for name in APPLICATION_NUMBERS], np.float64)


def stacked(policies: Sequence[Any], n_kinds: int) -> dict[str, np.ndarray]:
    """Stage tables and applications of several policies as a World has them, one row each.

    An application that only some of them have is, under the others, their ordinary way.
    """
    names = list(dict.fromkeys(a.name for p in policies for a in p.applications))
    size = len(policies), 1 + len(names)
    ordinary = np.zeros(len(APPLICATION_NUMBERS))
    ordinary[COVERAGE] = NONE
    route = np.stack([np.stack([p.route] * size[1]) for p in policies])
    applied, number = np.zeros((*size, n_kinds)), np.tile(ordinary, (*size, 1))
    for regime, policy in enumerate(policies):
        for one in policy.applications:
            place = regime, 1 + names.index(one.name)
            route[place], applied[place], number[place] = one.route, one.share, one.number
    return {"route": route, "applied": applied, "application": number}

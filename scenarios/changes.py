"""Dated changes: from a moment on a policy has other levers, and its tiers have other seats.

Who goes over to another policy is said by waves (scenarios/rollout.py); a change is made to all
policies of a run, wherever they are in force. What it does not name stays as it was before.
"""

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from scenarios.rates import tick_of
from scenarios.schema import LeverSettings, PolicySettings
from sim.calendar import check_keys
from sim.codes import TIERS
from sim.errors import InputError

_MOST_SEATS = 100  # times those planned: keeps typing errors from filling the memory


@dataclass(frozen=True)
class Change:
    """What holds from a tick on."""

    tick: int
    levers: Mapping[str, float]
    seats: Mapping[str, float]  # by tier, relative to those planned without changes


def build_changes(stated: Sequence[Any], start: datetime.date, end: int) -> tuple[Change, ...]:
    """The changes of `policy.rollout.changes`, in order of time, without those after the run.

    stated : mappings with `from` (date and time) and `levers`, `seats` or both; start : date of
    tick 0; end : of the run [tick]. Raises InputError.
    """
    found: list[Change] = []
    for i, each in enumerate(stated):
        key = f"policy.rollout.changes[{i}]"
        check_keys(each, key, ("from",), ("levers", "seats"))
        tick = tick_of(each["from"], start, f"{key}.from")
        if found and tick < found[-1].tick:
            raise InputError(f"{key}.from: {each['from']}; allowed: not before the change above it")
        levers, seats = dict(each.get("levers") or {}), dict(each.get("seats") or {})
        known = {item.name: item.metadata for item in fields(LeverSettings)}
        for name, value in levers.items():
            if name not in known:
                raise InputError(f"{key}.levers.{name}: no such key; allowed: {', '.join(known)}")
            _check(value, known[name]["low"], known[name]["high"], f"{key}.levers.{name}")
        for name, value in seats.items():
            if name not in TIERS:
                raise InputError(f"{key}.seats.{name}: no such key; allowed: {', '.join(TIERS)}")
            _check(value, 0, _MOST_SEATS, f"{key}.seats.{name}")
        found.append(Change(tick, levers, seats))
    return tuple(change for change in found if change.tick < end)


def _check(value: Any, low: float, high: float, key: str) -> None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not low <= value <= high:
        raise InputError(f"{key}: {value}; allowed: {low:g} to {high:g}")


def standing(changes: Sequence[Change], tick: int) -> Change:
    """What all changes up to a tick come to."""
    levers: dict[str, float] = {}
    seats: dict[str, float] = {}
    for change in changes:
        if change.tick <= tick:
            levers |= change.levers
            seats |= change.seats
    return Change(tick, levers, seats)


def with_levers(settings: PolicySettings, levers: Mapping[str, float]) -> PolicySettings:
    """A policy with some levers at other strengths."""
    return replace(settings, levers=replace(settings.levers, **levers))


def scaled(seats: np.ndarray, tier: np.ndarray, factors: Mapping[str, float]) -> np.ndarray:
    """Seats of every desk and shift, i4[N, S], so many times those planned in each tier.

    Within a tier seats are counted through by desk and shift, and each whole number that the
    factor times the count (and a half) passes is a seat: desks with one seat can share one more.
    A shift that has a seat keeps one. tier : of each desk, i1[N].
    """
    new = seats.copy()
    for name, factor in factors.items():
        desks = np.flatnonzero(tier == TIERS.index(name))
        planned = seats[desks]
        passed = np.floor(factor * np.cumsum(planned) + 0.5)
        given = np.diff(passed, prepend=0.0).reshape(planned.shape).astype(seats.dtype)
        new[desks] = np.maximum(given, np.minimum(planned, 1))
    return new

"""Assumed numbers that can be moved within their ranges, and settings with some of them moved.

What can be moved comes from the evidence beside the numbers: those marked *assumed* whose range is
stated. Numbers of the same field in all kinds of incident move together; levers belong to the
policy that pulls them.
"""

import copy
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from scenarios.evidence import Entry, entries
from scenarios.load import CONF, option_files, state_of
from scenarios.schema import Settings
from sim.errors import InputError

SETTING = "assumptions"
_OF_KINDS = re.compile(r"catalogue\.kinds\.\w+\.(?P<field>[\w.]+)$")
_FIELDS = (
    *("dispose.mean", "failure", "false_alarms", "duplicates", "duplicate_hours", "locality"),
    *("clarity", "patrol_hours", "resident_hours", "sensor_minutes"),
)
_OF_WORLD = re.compile(
    r"mechanism\.(?!background)|stream\.(per_resident|day_cv)$|staff\.target_utilisation$"
)
_OF_PAPER = re.compile(r"catalogue\.paperwork\.(?!retype)\w+\.mean$")
_LEVERS = "policy.levers."


@dataclass(frozen=True)
class Factor:
    """Assumed numbers that move together.

    name : in words; policy : the only one that they belong to; low, high : {SETTING: end of its
    range}; unit : of the number where there is one only.
    """

    name: str
    policy: str | None
    low: Mapping[str, float]
    high: Mapping[str, float]
    unit: str = ""

    @property
    def key(self) -> str:
        """What the setting `assumptions` calls it: the key of its number, with `*` for all kinds
        or stages and the policy's own name in place of `policy`."""
        first = next(iter(self.low))
        if self.policy is not None:
            return first.replace("policy.", f"{self.policy}.", 1)
        if of_kind := _OF_KINDS.match(first):
            return f"catalogue.kinds.*.{of_kind['field']}"
        return "catalogue.paperwork.*.mean" if _OF_PAPER.match(first) else first

    @property
    def ends(self) -> tuple[float, float]:
        """Ends of the range of a lone number; 0 and 1, shares of the ranges, of several."""
        if len(self.low) > 1:
            return 0.0, 1.0
        (low,), (high,) = self.low.values(), self.high.values()
        return low, high

    def at(self, share: float) -> dict[str, float]:
        """{SETTING: value} at a share of the way from low to high."""
        return {key: low + share * (self.high[key] - low) for key, low in self.low.items()}


def factors(overrides: Sequence[str], policies: Sequence[str]) -> list[Factor]:
    """What can be moved: the assumed numbers in force that have a range, but those that the
    overrides give. Raises InputError for an option that is not there."""
    rest = (o for o in overrides if not re.match(rf"[+~]*(policy|policies|{SETTING})=", o))
    return list(_factors(tuple(rest), tuple(policies), CONF, state_of(CONF)))


@lru_cache(maxsize=16)
def _factors(
    overrides: tuple[str, ...], policies: tuple[str, ...], conf: Path, state: tuple
) -> tuple[Factor, ...]:
    given = {o.partition("=")[0] for o in overrides}
    grouped: dict[tuple[str, str | None], list[Entry]] = {}
    for policy in policies:
        for entry in entries(option_files([*overrides, f"policy={policy}"], conf), conf):
            name = _name(entry.key)
            movable = entry.kind == "assumed" and entry.low is not None and entry.low < entry.high
            if name is None or not movable or entry.key in given:
                continue
            owner = policy if entry.key.startswith(_LEVERS) else None
            listed = grouped.setdefault((name, owner), [])
            if entry.key not in {known.key for known in listed}:
                listed.append(entry)
    return tuple(
        Factor(
            f"{owner}: {name}" if owner else name,
            owner,
            {e.key: e.low for e in listed},
            {e.key: e.high for e in listed},
            listed[0].unit if len(listed) == 1 else "",
        )
        for (name, owner), listed in grouped.items()
    )


def _name(key: str) -> str | None:
    """The factor that a number belongs to; None for one that is left as it is."""
    if "[" in key:  # a profile
        return None
    of_kind = _OF_KINDS.match(key)
    if of_kind:
        field = of_kind["field"]
        return f"all kinds: {field}" if field in _FIELDS else None
    if _OF_PAPER.match(key):
        return "all paperwork: mean"
    if key == "catalogue.paperwork.retype.mean" or _OF_WORLD.match(key):
        return key
    return key.removeprefix("policy.") if key.startswith(_LEVERS) else None


def moved(settings: Settings, values: Mapping[str, float]) -> Settings:
    """The settings with other values, by full key."""
    result = replace(settings)
    for group in {key.partition(".")[0] for key in values}:
        setattr(result, group, copy.deepcopy(getattr(result, group)))
    for key, value in values.items():
        *path, last = key.split(".")
        node: Any = result
        for name in path:
            node = node[name] if isinstance(node, dict) else getattr(node, name)
        if isinstance(node, dict):
            node[last] = value
        else:
            is_whole = type(getattr(node, last)) is int
            setattr(node, last, round(value) if is_whole else value)
    return result


# --- the setting ------------------------------------------------------------------------------


def taken_out(overrides: Sequence[str]) -> tuple[list[str], dict[str, float]]:
    """The overrides without those of `assumptions`, and what these say: {KEY: share of its
    range}. They are read here, as Hydra would take a second for a point of a study, where only
    they change. Raises InputError unless they are {KEY: SHARE, ...}."""
    rest, shares = [], {}
    for override in overrides:
        key, _, value = override.lstrip("+").partition("=")
        if key != SETTING:
            rest.append(override)
            continue
        try:
            held = re.fullmatch(r"\{(.*)\}", value.strip())[1].strip()
            pairs = [part.rpartition(":") for part in held.split(",")] if held else []
            shares |= {key.strip(): float(share) for key, _, share in pairs}
        except (TypeError, ValueError):
            raise InputError(f"{override}; allowed: {SETTING}={{KEY: SHARE, ...}}") from None
    return rest, shares


def written(shares: Mapping[str, float]) -> str:
    """The override of `assumptions` that says so."""
    return f"{SETTING}={{{', '.join(f'{key}: {share:.6g}' for key, share in shares.items())}}}"


def assumed(
    settings: Settings,
    shares: Mapping[str, float],
    overrides: Sequence[str],
    policies: Sequence[str],
    policy: str,
) -> Settings:
    """The settings of one of the compared policies with assumptions at shares of their ranges, 0
    at the low end and 1 at the high one. Raises InputError for unknown keys and odd shares."""
    known = {factor.key: factor for factor in factors(overrides, policies)}
    values: dict[str, float] = {}
    for key, share in shares.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f" (did you mean '{near[0]}'?)" if near else ""
            raise InputError(
                f"{SETTING}: '{key}'{hint}; allowed: {len(known)} assumed numbers that have a "
                f"range and no value of yours, such as {', '.join(list(known)[:3])}"
            )
        if type(share) not in (int, float) or not 0 <= share <= 1:
            raise InputError(f"{SETTING}: {key}: {share}; allowed: a share of its range, 0 to 1")
        if known[key].policy in (None, policy):
            values |= known[key].at(share)
    return replace(moved(settings, values), assumptions=dict(shares))

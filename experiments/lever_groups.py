"""In what two policies differ, by groups: what each group's joining changes in the first policy.

A coalition of groups is a policy of its own: the first, in which all that its groups hold is as in
the second. It is named by settings `policy.KEY=VALUE` on the first, so that the coalition of
nobody is the first policy itself, and that of all groups the second.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scenarios.policy import index_of_name
from scenarios.schema import PolicySettings
from sim.errors import InputError

_NAMED = ("name", "rollout")  # not what a policy does at an incident: no group holds it
_PLAIN = re.compile(r"(?!(null|true|false|nan|inf)$)[a-z]\w*(\.\w+)*", re.IGNORECASE)


@dataclass(frozen=True)
class Change:
    """A key of the policy that differs, with its values; is_new, is_gone : it is in the second
    policy only, in the first only."""

    key: str
    before: Any
    after: Any
    is_new: bool = False
    is_gone: bool = False

    @property
    def override(self) -> str:
        """The setting that makes it as it is in the second policy."""
        return f"~policy.{self.key}" if self.is_gone else f"++policy.{self.key}={_text(self.after)}"

    def __str__(self) -> str:
        before = "nothing" if self.is_new else _text(self.before)
        after = "nothing" if self.is_gone else _text(self.after)
        return f"{self.key} {before} -> {after}"


@dataclass(frozen=True)
class LeverGroups:
    """The groups in which two policies differ, with what differs, and the others (`alike`)."""

    first: str
    second: str
    changes: Mapping[str, tuple[Change, ...]]
    alike: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.changes)

    def overrides(self, members: Collection[str]) -> list[str]:
        """The settings that make the first policy that of a coalition."""
        joined = [changes for name, changes in self.changes.items() if name in members]
        return [change.override for changes in joined for change in changes]


def lever_groups(
    groups: Mapping[str, Sequence[str]], first: PolicySettings, second: PolicySettings
) -> LeverGroups:
    """What differs between two policies, by group.

    groups : {NAME: keys of a policy, or what keys begin with}. Raises InputError unless each key
    in which the policies differ belongs to exactly one group, and for a policy with a rollout,
    which is several policies at once.
    """
    before, after = _contents(first), _contents(second)
    _check(groups, before | after)
    changes: dict[str, list[Change]] = {name: [] for name in groups}
    missing = []
    for change in _differences(before, after):
        holders = [name for name, keys in groups.items() if _holds(keys, change.key)]
        if len(holders) > 1:
            raise InputError(
                f"attribute.groups: '{change.key}' belongs to {' and '.join(holders)}; allowed: "
                "each key in one group"
            )
        if holders:
            changes[holders[0]].append(change)
        else:
            missing.append(change)
    if missing:
        raise InputError(
            f"attribute.groups: none holds {', '.join(map(str, missing))}, in which {first.name} "
            f"and {second.name} differ; allowed: all that differs in one group each"
        )
    differing = {name: tuple(own) for name, own in changes.items() if own}
    if not differing:
        raise InputError(
            f"policies: {[first.name, second.name]}; allowed: two that differ, or there is "
            "nothing to attribute"
        )
    alike = tuple(name for name, own in changes.items() if not own)
    return LeverGroups(first.name, second.name, differing, alike)


def check_whole(everybody: PolicySettings, second: PolicySettings) -> None:
    """Raises InputError unless the coalition of all groups is the second policy."""
    left = [str(change) for change in _differences(_contents(everybody), _contents(second))]
    if left:
        raise InputError(
            f"attribute.groups: put together they do not make {second.name}: {', '.join(left)}"
        )


def _contents(policy: PolicySettings) -> dict[str, Any]:
    if policy.rollout.policies or policy.rollout.changes:
        raise InputError(
            f"policies: '{policy.name}' has a rollout; allowed: policies that are in force "
            "everywhere from the beginning"
        )
    return {name: value for name, value in asdict(policy).items() if name not in _NAMED}


def _check(groups: Any, known: Mapping[str, Any]) -> None:
    """Raises InputError for groups that are no lists of keys of a policy."""
    for name, keys in groups.items():
        if not isinstance(keys, list) or not keys or not all(isinstance(k, str) for k in keys):
            raise InputError(
                f"attribute.groups.{name}: {keys}; allowed: a list of keys of `policy`"
            )
        for key in keys:
            top, *rest = key.split(".")
            index_of_name(top, tuple(known), f"attribute.groups.{name}")
            if top in ("levers", "stages") and rest:
                index_of_name(rest[0], tuple(known[top]), f"attribute.groups.{name}: {top}")
    if not groups:
        raise InputError("attribute.groups: {}; allowed: {NAME: [keys of `policy`]}")


def _holds(keys: Sequence[str], key: str) -> bool:
    return any(key == held or key.startswith(f"{held}.") for held in keys)


def _differences(
    before: Mapping[str, Any], after: Mapping[str, Any], prefix: str = ""
) -> Iterator[Change]:
    """The keys that differ, those of the deepest tables one by one."""
    for name in dict.fromkeys((*before, *after)):
        a, b = before.get(name), after.get(name)
        if isinstance(a, dict) and isinstance(b, dict):
            yield from _differences(a, b, f"{prefix}{name}.")
        elif a != b or (name in before) != (name in after):
            yield Change(f"{prefix}{name}", a, b, name not in before, name not in after)


def _text(value: Any) -> str:
    """A value as Hydra's grammar reads it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if not isinstance(value, str) or _PLAIN.fullmatch(value):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"

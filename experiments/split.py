"""What `guantong compare` runs besides, to split a difference: docs/comparison.md."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from analysis.account import CATEGORIES
from analysis.split import ASSUMED, BASE, CONTROL, UNLIMITED, UTILISATION, Samples, split
from experiments.one_run import Progress, simulate
from scenarios.evidence import assumed_differences
from scenarios.parameters import Parameters
from scenarios.schema import PolicySettings
from sim.errors import InputError

Policies = Mapping[str, Parameters]
Hours = Mapping[str, float | None]
"""Mean hours by account.CATEGORIES (`Reducer.categories`)."""

_ALIKE = {"release": "none", "release_size": 0}  # in the control, under every policy
_LEVERS_ALIKE = ("sensing",)  # in the control, as under the first policy
_WHERE = "policy.rollout."  # where and when, not how
_NO_MATTER = ("threads", "split.")  # settings that no hour in force rests on


@dataclass(frozen=True)
class Case:
    """A policy in a setting that is not the base, to be run so many times."""

    setting: str
    policy: str
    parameters: Parameters
    replications: int


@dataclass(frozen=True)
class Plan:
    """All further runs. A policy without a case in a setting is there what it is in the base."""

    settings: dict[str, int] = field(default_factory=dict)  # replications of each
    cases: list[Case] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what the user is to be told
    differing: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    """Keys of the numbers in which each further policy differs: (assumed, others)."""


# --- what to run ------------------------------------------------------------------------------


def plan(policies: Policies) -> Plan:
    """The further runs that the settings `split` ask for, their worlds built. Short ones are last.

    A setting that cannot be built, as with staff too small for one seat a desk, is left out and
    noted.
    """
    result = Plan()
    settings = next(iter(policies.values())).settings
    if len(policies) < 2 or settings.horizon.followup_days == 0:
        return result
    if "assumed" in settings.split.parts:
        result.differing.update(_differing(policies))
    few = min(settings.split.replications, settings.replications)
    for setting, build in _builders(policies, result.differing):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                built = {name: build(name) for name in policies}
                for parameters in built.values():
                    _ = parameters.world, parameters.rates
            except InputError as error:
                result.notes.append(f"{setting}: left out; {error}")
                continue
        result.notes.extend(dict.fromkeys(f"{setting}: {w.message}" for w in caught))
        n = settings.replications if setting == UNLIMITED else few
        result.settings[setting] = n
        result.cases.extend(
            Case(setting, name, parameters, n)
            for name, parameters in built.items()
            if setting == UNLIMITED or parameters is not policies[name]
        )
    return result


def _builders(
    policies: Policies, differing: Mapping[str, tuple[list[str], list[str]]]
) -> Iterator[tuple[str, Callable[[str], Parameters]]]:
    """The settings asked for, each with how to get a policy's parameters in it, by its name."""
    first = next(iter(policies.values()))
    parts, staff = first.settings.split, first.settings.staff
    if "control" in parts.parts:
        yield CONTROL, lambda name: controlled(policies[name], first)
    if "utilisation" in parts.parts and staff.place != "stated":
        for target in dict.fromkeys(parts.target_utilisations):
            if target != staff.target_utilisation:
                yield f"{UTILISATION}{target:g}", lambda name, to=target: policies[name].staffed(to)
    if "assumed" in parts.parts:
        yield ASSUMED, lambda name: with_numbers(policies[name], first, differing[name][0])
    if "unlimited" in parts.parts:
        yield UNLIMITED, policies.__getitem__


def controlled(parameters: Parameters, first: Parameters) -> Parameters:
    """A policy with assumed delay, sensing (and what else `_LEVERS_ALIKE` has) as in all."""
    alike = {name: getattr(first.settings.policy.levers, name) for name in _LEVERS_ALIKE}

    def change(policy: PolicySettings) -> PolicySettings:
        return replace(policy, levers=replace(policy.levers, **alike), **_ALIKE)

    return _under(parameters, _everywhere(parameters.settings.policy, change))


def _differing(policies: Policies) -> Iterator[tuple[str, tuple[list[str], list[str]]]]:
    """Keys of the policy numbers in force that differ from the first policy's."""
    (reference, first), *others = policies.items()
    yield reference, ([], [])
    for name, parameters in others:
        own, theirs = first.settings.policy, list(_all(parameters.settings.policy))
        assumed, rest = (
            [key for key in keys if any(_get(own, key) != _get(policy, key) for policy in theirs)]
            for keys in _in_files(reference, name, parameters)
        )
        yield name, (assumed, rest)


def _in_files(reference: str, name: str, parameters: Parameters) -> tuple[list[str], list[str]]:
    """Keys in which the files of a policy, or of those that it rolls out, differ from another's:
    (assumed, others)."""
    names = (name, *parameters.settings.policy.rollout.policies)
    found = [assumed_differences(reference, each, parameters.conf) for each in names]
    assumed, others = (
        list(dict.fromkeys(k for keys in part for k in keys if not k.startswith(_WHERE)))
        for part in zip(*found, strict=True)
    )
    return assumed, [key for key in others if key not in assumed]


def with_numbers(parameters: Parameters, of: Parameters, keys: Sequence[str]) -> Parameters:
    """A policy with some of another's numbers, by key; the rest of it stays."""

    def change(policy: PolicySettings) -> PolicySettings:
        for key in keys:
            if _get(policy, key) is not None:  # an application that only the other one has
                policy = _set(policy, _path(key), _get(of.settings.policy, key))
        return policy

    return _under(parameters, _everywhere(parameters.settings.policy, change))


def _under(parameters: Parameters, policy: PolicySettings) -> Parameters:
    """The same under another policy; the very same where it is no other."""
    return parameters if policy == parameters.settings.policy else parameters.sibling(policy)


def _all(policy: PolicySettings) -> Iterator[PolicySettings]:
    """A policy and those that it rolls out."""
    yield policy
    yield from policy.rollout.policies.values()


def _everywhere(
    policy: PolicySettings, change: Callable[[PolicySettings], PolicySettings]
) -> PolicySettings:
    """A policy changed, and those that it rolls out likewise."""
    others = {name: change(other) for name, other in policy.rollout.policies.items()}
    return replace(change(policy), rollout=replace(policy.rollout, policies=others))


def _path(key: str) -> list[str]:
    """`policy.levers.joint` below the policy's settings."""
    return key.split(".")[1:]


def _get(policy: PolicySettings, key: str) -> Any:
    return reduce(_part, _path(key), policy)


def _part(node: Any, name: str) -> Any:
    return node.get(name) if isinstance(node, dict) else getattr(node, name, None)


def _set(node: Any, path: Sequence[str], value: Any) -> Any:
    name, *rest = path
    part = _set(_part(node, name), rest, value) if rest else value
    return node | {name: part} if isinstance(node, dict) else replace(node, **{name: part})


# --- a run ------------------------------------------------------------------------------------


def run_case(case: Case, seed: int, progress: Progress | None = None) -> Hours:
    """Run a case once."""
    parameters, alone = case.parameters, False
    if case.setting == UNLIMITED:
        parameters = parameters.unlimited()
        # Then no incident gets in another's way, unless it makes a batch full.
        alone = parameters.settings.policy.release_size <= 1
    return simulate(parameters, seed, progress, cohort_only=alone).reducer.categories()


# --- what came of it --------------------------------------------------------------------------


def samples(
    base: Mapping[str, Sequence[Hours]], plan: Plan, outcomes: Sequence[Sequence[Hours]]
) -> Samples:
    """Hours in every setting. base : a policy's replications; outcomes : those of `plan.cases`."""
    result = {BASE: {name: _array(runs) for name, runs in base.items()}}
    for setting, n in plan.settings.items():
        result[setting] = {name: runs[:n] for name, runs in result[BASE].items()}
    for case, runs in zip(plan.cases, outcomes, strict=True):
        result[case.setting][case.policy] = _array(runs)
    return result


def _array(runs: Sequence[Hours]) -> np.ndarray:
    return np.array([[run[name] for name in CATEGORIES] for run in runs], float)


def summary(samples: Samples, plan: Plan, ledger: Sequence[Any]) -> dict[str, Any]:
    """The `split` of summary.json. ledger : the numbers in force (scenarios.evidence.Entry)."""
    first, *others = samples[BASE]
    found: dict[str, Any] = {"policies": {}}
    for name in others:
        found["policies"][name] = part = split(samples, first, name)
        if ASSUMED in samples:
            assumed, rest = plan.differing[name]
            part["numbers_that_differ"] = {"assumed": assumed, "others": rest}
    if ledger:
        kinds = [entry.kind for entry in ledger if not entry.key.startswith(_NO_MATTER)]
        found["numbers"] = {"all": len(kinds), "assumed": kinds.count("assumed")}
    return found


def write(path: Path, samples: Samples) -> None:
    """Tidy Parquet: one row a policy, replication, setting and category."""
    import pandas as pd

    rows = [
        {"policy": name, "replication": r, "setting": setting, "category": category, "hours": hours}
        for setting, policies in samples.items()
        for name, runs in policies.items()
        for r, run in enumerate(runs)
        for category, hours in zip(CATEGORIES, run, strict=True)
    ]
    pd.DataFrame(rows).to_parquet(path, index=False)

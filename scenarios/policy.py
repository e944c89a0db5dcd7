"""A policy's settings as arrays: stage table, levers, choices, opening hours."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scenarios.applications import Application, build_applications
from scenarios.schema import TABLE_STAGES, PolicySettings
from sim.calendar import CalendarNames
from sim.catalogue import Catalogue
from sim.codes import (
    AT_DISPOSER,
    AT_PARENT,
    BOARD,
    CHANNELS,
    COMMAND,
    DEPARTMENT,
    DESK_GROUPS,
    DISCIPLINES,
    DISTRICT,
    GRID,
    GRID_DESK,
    N_STAGES,
    NONE,
    POOL,
    STAGES,
    TIERS,
    TOWNSHIP,
)
from sim.errors import InputError
from sim.layout import Layout
from sim.levers import (
    ASSESSMENT,
    CRITICISM,
    DIRECT,
    EXTENSION,
    INTAKE,
    JOINT,
    LEVERS,
    POOLING,
    REMINDER,
    SHARED_DATA,
    SUPERVISION,
    VERIFICATION,
)


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy as the rules read it (one regime's rows of a World)."""

    name: str
    lever: np.ndarray  # f8[levers]
    choice: np.ndarray  # i4[choices]
    route: np.ndarray  # i4[stages, channels, 2]
    relay: np.ndarray  # i4[tiers]
    dispose: np.ndarray  # i4[tiers]
    opening: np.ndarray  # i4[desks]
    used: np.ndarray  # bool[desks], desks that the policy can send work to
    applications: tuple[Application, ...] = ()  # those that are switched on


def build_policy(
    settings: PolicySettings, layout: Layout, names: CalendarNames, *, outages: bool = False
) -> Policy:
    """Check a policy's tables and turn them into arrays.

    outages : whether the platform can be down, so that what goes directly is relayed at times.
    Raises InputError.
    """
    lever = np.array([getattr(settings.levers, name) for name in LEVERS])
    least_direct = lever[DIRECT] * (1.0 - lever[SHARED_DATA]) if outages else lever[DIRECT]
    route = _routes(settings, layout)
    relay = _groups(settings.relay, "policy.relay", layout, (COMMAND,))
    dispose = _groups(settings.dispose, "policy.dispose", layout, (DEPARTMENT, BOARD))
    _check_disposal(dispose, layout.catalogue)
    applications = build_applications(
        settings.applications,
        layout.catalogue.kinds,
        lambda rows, key: _enter(route.copy(), rows, layout, key),
    )
    tables = np.stack([route, *(each.route for each in applications)])
    unsigned = (tables[:, STAGES.index("sign"), :, 0] == NONE).any()
    if unsigned and least_direct < 1 and lever[JOINT] > 0:
        raise InputError(
            "policy.stages.sign: none is possible only with policy.levers.direct = 1 or "
            "policy.levers.joint = 0; a batch cannot be released into a joint disposal"
        )
    choice = np.array(
        [
            DISCIPLINES.index(settings.discipline),
            NONE
            if settings.release == "none"
            else index_of_name(settings.release, (*names.releases, "none"), "policy.release"),
            settings.release_size,
        ],
        np.int32,
    )
    return Policy(
        settings.name,
        lever,
        choice,
        route,
        relay,
        dispose,
        _openings(settings, layout, names),
        _used(lever, least_direct, tables, relay, dispose, layout),
        applications,
    )


def index_of_name(value: str, allowed: tuple[str, ...], key: str) -> int:
    """Position of a name among those allowed. Raises InputError, with the nearest."""
    if value in allowed:
        return allowed.index(value)
    near = difflib.get_close_matches(str(value), allowed, 1)
    hint = f" (did you mean '{near[0]}'?)" if near else ""
    raise InputError(f"{key}: '{value}'{hint}; allowed: {', '.join(allowed)}")


def _place(text: str, key: str, layout: Layout) -> tuple[int, int]:
    """(tier or AT_..., group) of a place such as 'district.command'; (NONE, NONE) of 'none'."""
    if text == "none":
        return NONE, NONE
    if text == "disposer":
        return AT_DISPOSER, NONE
    head, _, tail = str(text).partition(".")
    if head == "parent":
        group = index_of_name(tail, ("board", "command"), key)
        return AT_PARENT, (BOARD, COMMAND)[group]
    if head not in TIERS:
        raise InputError(
            f"{key}: '{text}'; allowed: none, disposer, parent.board, parent.command or "
            f"TIER.GROUP with a tier of {', '.join(TIERS)}"
        )
    tier = TIERS.index(head)
    here = tuple(g for i, g in enumerate(DESK_GROUPS) if layout.members(tier, i))
    index_of_name(tail, here, key)
    return tier, DESK_GROUPS.index(tail)


def _routes(settings: PolicySettings, layout: Layout) -> np.ndarray:
    route = np.full((N_STAGES, len(CHANNELS), 2), NONE, np.int32)
    _enter(route, settings.stages, layout, "policy.stages")
    for stage in TABLE_STAGES:
        for channel in CHANNELS:
            if channel not in settings.stages.get(stage, {}):
                raise InputError(f"policy.stages.{stage}.{channel}: no value is given")
    return route


def _enter(
    route: np.ndarray, stages: Mapping[str, Mapping[str, str]], layout: Layout, group: str
) -> np.ndarray:
    """The stage table with these rows entered; group : their key. Raises InputError."""
    for stage, row in stages.items():
        index_of_name(stage, TABLE_STAGES, group)
        for channel, text in row.items():
            key = f"{group}.{stage}.{channel}"
            c = index_of_name(channel, CHANNELS, f"{group}.{stage}")
            route[STAGES.index(stage), c] = _place(text, key, layout)
            special = route[STAGES.index(stage), c, 0]
            if stage in ("register", "judge", "dispatch") and special in (AT_DISPOSER, AT_PARENT):
                raise InputError(f"{key}: '{text}' is not known before the incident is judged")
            if stage == "sign" and special == AT_PARENT:
                raise InputError(f"{key}: '{text}'; allowed: disposer, none or TIER.GROUP")
    return route


def _groups(
    table: dict[str, str], key: str, layout: Layout, allowed: tuple[int, ...]
) -> np.ndarray:
    """A group of desks for each tier, i4[tiers]; grids dispose unless told otherwise."""
    groups = np.full(len(TIERS), NONE, np.int32)
    disposes = BOARD in allowed
    if disposes and table.get("grid", "grid") == "grid":
        groups[GRID] = GRID_DESK
    for tier, name in enumerate(TIERS[:GRID]):
        here = [DESK_GROUPS[g] for g in allowed if layout.members(tier, g)]
        if disposes:  # boards dispose in townships, departments above them
            here = [DESK_GROUPS[BOARD if tier == TOWNSHIP else DEPARTMENT]]
        if name not in table:
            raise InputError(f"{key}.{name}: no value is given; allowed: {', '.join(here)}")
        if table[name] == "none":
            continue
        index_of_name(table[name], tuple(here), f"{key}.{name}")
        groups[tier] = DESK_GROUPS.index(table[name])
    for name, value in table.items():
        index_of_name(name, TIERS if disposes else TIERS[:GRID], key)
        if name == "grid":
            index_of_name(value, ("grid", "none"), f"{key}.grid")
    return groups


def _check_disposal(dispose: np.ndarray, catalogue: Catalogue) -> None:
    """A tier may dispose of nothing in a reduced world: where no tier does, or where no incident
    is resolved there. Raises InputError."""
    if (dispose == NONE).all():
        return
    needed = (catalogue.tier[catalogue.share > 0] > 0).any(axis=0)
    needed[TOWNSHIP] |= catalogue.joint_township[catalogue.share > 0].any()
    for tier in np.flatnonzero((dispose == NONE) & needed):
        raise InputError(
            f"policy.dispose.{TIERS[tier]}: none; allowed only where every tier has none, or where "
            "no kind of the catalogue is resolved at that tier"
        )


def _openings(settings: PolicySettings, layout: Layout, names: CalendarNames) -> np.ndarray:
    opening = np.full(layout.n_desks, NONE, np.int32)
    for name in settings.opening:
        index_of_name(name, TIERS, "policy.opening")
    for tier, name in enumerate(TIERS):
        table = settings.opening.get(name, {})
        for group_name in table:
            here = tuple(g for i, g in enumerate(DESK_GROUPS) if layout.members(tier, i))
            index_of_name(group_name, here, f"policy.opening.{name}")
        for group, group_name in enumerate(DESK_GROUPS):
            if not layout.members(tier, group):
                continue
            key = f"policy.opening.{name}.{group_name}"
            if group_name not in table:
                raise InputError(f"{key}: no value is given")
            desks = (layout.tier == tier) & (layout.group == group)
            opening[desks] = index_of_name(table[group_name], names.openings, key)
    if "duty" in names.openings:
        opening[layout.always_on_duty] = names.openings.index("duty")
    return opening


_SUPERVISING = [SUPERVISION, REMINDER, CRITICISM, EXTENSION, ASSESSMENT]
"""Levers that send work to the desks of the stage table's row `supervise`."""


def _criticising(lever: np.ndarray, tables: np.ndarray) -> np.ndarray:
    """Desks that circulate criticism, one tier above those that supervise, and that answer it,
    bool[tiers, groups]."""
    used = np.zeros((len(TIERS), len(DESK_GROUPS)), bool)
    below = {AT_PARENT: range(TOWNSHIP + 1), AT_DISPOSER: range(GRID + 1)}
    for tier, _ in tables[:, STAGES.index("supervise")].reshape(-1, 2):
        if lever[CRITICISM] > 0.0 and tier != NONE:
            for t in below.get(int(tier), (tier,)):
                used[max(t - 1, 0), BOARD] = True
            used[:GRID, COMMAND] = True
    return used


def _used(
    lever: np.ndarray,
    least_direct: float,
    tables: np.ndarray,
    relay: np.ndarray,
    dispose: np.ndarray,
    layout: Layout,
) -> np.ndarray:
    """Desks that must be staffed, because some incident could come to them; tables : i4[A, stages,
    channels, 2], the policy's stage table and those of its applications."""
    used = np.zeros((len(TIERS), len(DESK_GROUPS)), bool)
    used[GRID, GRID_DESK] = dispose[GRID] != NONE or lever[ASSESSMENT] > 0.0
    silent = set()
    if lever[VERIFICATION] <= 0.0:
        silent.add(STAGES.index("verify"))
    if not lever[_SUPERVISING].any():
        silent.add(STAGES.index("supervise"))
    if lever[DIRECT] <= 0.0:
        silent.add(STAGES.index("dispatch"))
    for stage in range(N_STAGES):
        for tier, group in tables[:, stage].reshape(-1, 2):
            if stage in silent or tier in (NONE, AT_DISPOSER):
                continue
            for t in range(GRID) if tier == AT_PARENT else (tier,):
                used[t, group] = True
    for tier in range(GRID):
        if relay[tier] != NONE and least_direct < 1.0:
            used[tier, relay[tier]] = True
        if dispose[tier] == NONE:
            continue
        used[tier, dispose[tier]] = True
        used[tier, POOL] |= lever[POOLING] > 0.0
    criticising = _criticising(lever, tables)
    used |= criticising
    own_lines = lever[INTAKE] < 1.0
    used[DISTRICT, DEPARTMENT] |= own_lines
    desks = used[layout.tier, layout.group]
    if lever[POOLING] >= 1.0:  # all but the departments on duty work in the pool
        disposing = layout.group == dispose[layout.tier]
        named = criticising
        named[DISTRICT, DEPARTMENT] |= own_lines
        for tier, group in tables.reshape(-1, 2):
            if 0 <= tier < GRID:
                named[tier, group] = True
        own = disposing & (layout.tier != GRID) & ~named[layout.tier, layout.group]
        desks = desks & (~own | layout.always_on_duty)
    return desks

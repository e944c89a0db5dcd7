"""From a tier and a group to one desk of the real city, for an incident on grid 8."""

import itertools

import numpy as np
import pytest

from sim import codes
from sim.codes import (
    AT_DISPOSER,
    AT_PARENT,
    BOARD,
    CITY,
    COMMAND,
    DEPARTMENT,
    DISTRICT,
    GRID,
    GRID_DESK,
    HOTLINE,
    JUDGE,
    NONE,
    PATROL,
    POOL,
    SUPERVISE,
    TOWNSHIP,
    VERIFY,
)
from sim.rules.desks import centre_in_tier, desk_at, disposing_desk, own_unit, stage_desk
from sim.world import world_handle
from tests.conftest import changed, find_desk, incident_row, own_desk, with_lever, with_route

NUISANCE = 1  # led by the police (department 1), board 3 of four and board 2 of eight
POLICE, PEACE, ECOLOGY = 1, 3, 2


def nuisance(**columns):
    return incident_row(kind=NUISANCE, **columns)


@pytest.mark.parametrize(("tier", "centre"), [(CITY, 0), (DISTRICT, 1), (TOWNSHIP, 2), (GRID, 8)])
def test_the_centre_above_an_incident(tier, centre):
    assert centre_in_tier(nuisance(), tier) == centre


def test_every_desk_of_a_tier_is_found_from_its_place(plain, layout):
    w = world_handle(plain)
    n = 0
    for tier, group in itertools.product(range(4), range(len(codes.DESK_GROUPS))):
        for unit in range(layout.members(tier, group)):
            expected = own_desk(layout, tier, group, unit)
            assert desk_at(w, nuisance(), tier, group, unit) == expected
            n += 1
    assert n == layout.tier_width.sum()


def test_a_grid_has_only_its_own_desk(plain, layout):
    w = world_handle(plain)
    assert desk_at(w, nuisance(), GRID, DEPARTMENT, 3) == own_desk(layout, GRID, GRID_DESK)


@pytest.mark.parametrize(
    ("tier", "group", "unit"),
    [
        (DISTRICT, DEPARTMENT, POLICE),
        (CITY, DEPARTMENT, POLICE),
        (TOWNSHIP, BOARD, PEACE),
        (DISTRICT, BOARD, ECOLOGY),
        (CITY, BOARD, ECOLOGY),
        (DISTRICT, COMMAND, 0),
        (CITY, codes.HOTLINE_DESK, 0),
        (GRID, GRID_DESK, 0),
    ],
)
def test_the_incidents_own_member_of_a_group(plain, layout, tier, group, unit):
    w = world_handle(with_route(plain, judge=(tier, group)))
    assert own_unit(w, nuisance(), tier, group) == unit
    assert stage_desk(w, nuisance(), JUDGE, HOTLINE) == own_desk(layout, tier, group, unit)


def test_a_stage_has_the_desk_of_its_channel(plain, layout):
    world = with_route(plain, channel=PATROL, judge=(TOWNSHIP, COMMAND))
    w = world_handle(with_route(world, channel=HOTLINE, judge=(CITY, COMMAND)))
    found = [stage_desk(w, nuisance(), JUDGE, channel) for channel in range(4)]
    expected = [NONE, own_desk(layout, TOWNSHIP, COMMAND), own_desk(layout, CITY, COMMAND), NONE]
    assert found == expected


def test_a_stage_at_the_disposer_is_at_the_desk_that_leads(plain):
    w = world_handle(with_route(plain, verify=(AT_DISPOSER, NONE)))
    assert stage_desk(w, nuisance(lead_desk=17), VERIFY, HOTLINE) == 17
    assert stage_desk(w, nuisance(), VERIFY, HOTLINE) == NONE


@pytest.mark.parametrize(
    ("lead_tier", "parent"),
    [(CITY, CITY), (DISTRICT, CITY), (TOWNSHIP, DISTRICT), (GRID, TOWNSHIP)],
)
@pytest.mark.parametrize("group", [BOARD, COMMAND])
def test_the_parent_is_one_tier_above_the_disposer(plain, layout, lead_tier, parent, group):
    w = world_handle(with_route(plain, supervise=(AT_PARENT, group)))
    lead = find_desk(layout, lead_tier, (COMMAND, COMMAND, COMMAND, GRID_DESK)[lead_tier])
    unit = 0 if group == COMMAND else PEACE if parent == TOWNSHIP else ECOLOGY
    found = stage_desk(w, nuisance(lead_desk=lead), SUPERVISE, HOTLINE)
    assert found == own_desk(layout, parent, group, unit)


def test_before_anyone_is_named_the_parent_is_the_district(plain, layout):
    w = world_handle(with_route(plain, supervise=(AT_PARENT, COMMAND)))
    assert stage_desk(w, nuisance(), SUPERVISE, HOTLINE) == own_desk(layout, DISTRICT, COMMAND)


# --- who disposes -----------------------------------------------------------------------------


@pytest.mark.parametrize("pooling", [0.0, 1.0])
@pytest.mark.parametrize("tier", [CITY, DISTRICT, TOWNSHIP])
@pytest.mark.parametrize("duty", [False, True])
def test_a_pool_disposes_but_for_departments_on_duty(plain, layout, tier, pooling, duty):
    w = world_handle(changed(with_lever(plain, pooling=pooling), duty=(False, duty, False, False)))
    group = BOARD if tier == TOWNSHIP else DEPARTMENT
    pooled = pooling == 1.0 and (tier == TOWNSHIP or not duty)
    expected = own_desk(layout, tier, POOL) if pooled else own_desk(layout, tier, group, POLICE)
    assert disposing_desk(w, nuisance(), tier, POLICE) == expected


def test_boards_above_the_township_may_dispose_and_be_pooled(plain, layout):
    world = changed(plain, dispose=((BOARD, BOARD, BOARD, GRID_DESK),), duty=True)
    w = world_handle(world)
    assert disposing_desk(w, nuisance(), DISTRICT, 2) == own_desk(layout, DISTRICT, BOARD, 2)
    w = world_handle(with_lever(world, pooling=1.0))
    assert disposing_desk(w, nuisance(), DISTRICT, 2) == own_desk(layout, DISTRICT, POOL)


@pytest.mark.parametrize("pooling", [0.0, 1.0])
def test_a_grid_is_never_pooled(plain, layout, pooling):
    w = world_handle(with_lever(plain, pooling=pooling))
    assert disposing_desk(w, nuisance(), GRID, 0) == own_desk(layout, GRID, GRID_DESK)


def test_pooling_takes_its_share_and_asks_each_unit_apart(plain, layout):
    """A share of 0.3 of 2000 incidents: within 4 standard deviations, one failure in 16,000."""
    w = world_handle(with_lever(plain, pooling=0.3))
    pool = own_desk(layout, DISTRICT, POOL)
    pooled = np.array([
        [disposing_desk(w, nuisance(key=k), DISTRICT, unit) == pool for unit in (0, 1)]
        for k in range(2000)
    ])  # fmt: skip
    assert np.abs(pooled.mean(axis=0) - 0.3).max() < 4 * np.sqrt(0.3 * 0.7 / 2000)
    assert 0.2 < (pooled[:, 0] != pooled[:, 1]).mean() < 0.65


def test_the_pool_is_that_of_the_policy_in_force(plain, layout):
    both = {name: np.concatenate([getattr(plain, name)] * 2) for name in
            ("lever", "choice", "route", "applied", "application", "relay", "dispose")}  # fmt: skip
    both["lever"][1] = with_lever(plain, pooling=1.0).lever
    w = world_handle(plain._replace(**both))
    assert disposing_desk(w, nuisance(), DISTRICT, 0) == own_desk(layout, DISTRICT, DEPARTMENT, 0)
    there = disposing_desk(w, nuisance(district=0, township=0, grid=0, regime=1), DISTRICT, 0)
    assert there == find_desk(layout, DISTRICT, POOL)

"""The policy in force is the district's own at the time of the decision."""

import numpy as np
import pytest

from sim import levers, rows
from sim.rules.policy import in_force, lever
from sim.world import world_handle
from tests.conftest import changed, incident_row, with_lever

NAMES = ("lever", "choice", "route", "applied", "application", "relay", "dispose")


@pytest.fixture
def two(plain):
    """Two policies: district 0 goes over to the second at tick 100, district 1 keeps it."""
    both = {name: np.concatenate([getattr(plain, name)] * 2) for name in NAMES}
    both["lever"][:, levers.POOLING] = 0.25, 0.75
    return world_handle(
        changed(plain._replace(**both), regime=(0, 1), later=(1, 1), switch=(100, 100))
    )


@pytest.mark.parametrize(
    ("district", "tick", "regime"), [(0, 99, 0), (0, 100, 1), (0, 101, 1), (1, 0, 1), (1, 500, 1)]
)
def test_a_district_goes_over_at_its_own_tick(two, district, tick, regime):
    inc = incident_row(district=district)
    in_force(two, inc, tick)
    assert inc[rows.I_REGIME] == regime
    assert lever(two, inc, levers.POOLING) == (0.25, 0.75)[regime]


# --- outages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tick", "down"),
    [
        (0, 0),
        (99, 0),
        (100, 1),
        (199, 1),
        (200, 0),
        (449, 0),
        (450, 1),
        (451, 0),
        (600, 1),
        (900, 0),
    ],
)
def test_the_platform_is_down_from_the_first_tick_of_an_outage_to_its_last(plain, tick, down):
    outages = {"outage_from": np.array([100, 450, 500]), "outage_to": np.array([200, 451, 900])}
    inc = incident_row(manual=1 - down)
    in_force(world_handle(plain._replace(**outages)), inc, tick)
    assert inc[rows.I_MANUAL] == down


@pytest.mark.parametrize(
    ("which", "by_hand"),
    [
        ("shared_data", 0.0),
        ("sensing", 0.15),  # three quarters are shared: a quarter of each is left
        ("merging", 0.15),
        ("direct", 0.15),
        ("automation", 0.15),
        ("verification", 0.6),
        ("joint", 0.6),
        ("pooling", 0.6),
        ("supervision", 0.6),
        ("intake", 0.6),
    ],
)
def test_by_hand_what_rests_on_shared_data_is_lost(plain, which, by_hand):
    world = world_handle(with_lever(plain, **{which: 0.6} | {"shared_data": 0.75}))
    number = levers.LEVERS.index(which)
    up = 0.75 if which == "shared_data" else 0.6
    assert lever(world, incident_row(), number) == up
    assert lever(world, incident_row(manual=1), number) == pytest.approx(by_hand)


def test_who_shares_nothing_loses_nothing(plain):
    world = world_handle(with_lever(plain, merging=0.6, direct=0.9, sensing=0.3))
    for number in range(len(levers.LEVERS)):
        assert lever(world, incident_row(), number) == lever(world, incident_row(manual=1), number)

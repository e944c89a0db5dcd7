"""The policy in force is the district's own at the time of the decision."""

import numpy as np
import pytest

from sim import levers, rows
from sim.rules.policy import in_force, lever
from sim.world import world_handle
from tests.conftest import changed, incident_row

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

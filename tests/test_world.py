"""The world is one tuple of arrays of the stated shapes; a handle lends it with its calendar."""

import numpy as np
import pytest

from sim import codes, levers
from sim.catalogue import PAPERWORK
from sim.handle import Handle
from sim.jit import jit
from sim.world import World, world_handle

AXES = {
    "tier_base": ("tiers",), "tier_width": ("tiers",), "group_offset": ("tiers", "groups"),
    "desk_tier": ("N",), "desk_group": ("N",), "desk_opening": ("N",), "seats": ("N", "S"),
    "desk_regime": ("N",), "later_from": ("M",), "later_regime": ("M", "N"),
    "later_opening": ("M", "N"), "later_seats": ("M", "N", "S"),
    "regime": ("D",), "later": ("D",), "switch": ("D",), "change_from": ("none",),
    "outage_from": ("none",), "outage_to": ("none",),
    "lever": ("R", "L"), "choice": ("R", "choices"),
    "route": ("R", "A", "stages", "channels", "two"), "applied": ("R", "A", "K"),
    "application": ("R", "A", "numbers"), "relay": ("R", "tiers"),
    "dispose": ("R", "tiers"), "lead": ("K",), "board141": ("K",), "board8": ("K",),
    "sensor_share": ("K",), "sensor_mean": ("K",), "resident_mean": ("K",), "patrol_mean": ("K",),
    "duplicate_gap": ("K",), "clarity": ("K",), "locality": ("K",), "failure": ("K",),
    "growth_mean": ("K",), "emergency": ("K",), "alarm_on": ("centres",),
    "township_district": ("T",), "neighbour": ("T", "two"), "about": ("days", "hours"),
    "limit_value": ("K", "grades"), "limit_unit": ("K", "grades"), "dispose_mean": ("K",),
    "dispose_row": ("K",), "paper_mean": ("papers",), "paper_row": ("papers",),
    "mechanism": ("mechanisms",), "availability": ("tiers",), "detection": ("verifiers",),
    "duty": ("P",), "given": ("none", "stages"),
}  # fmt: skip


@pytest.fixture(scope="module")
def world(siloed) -> World:
    return siloed.world


def test_every_array_has_the_shape_that_world_states(world, siloed):
    city = siloed.city
    sizes = {
        "tiers": 4, "groups": 8, "N": siloed.layout.n_desks, "S": 3, "D": city.n_districts,
        "R": 1, "A": 1, "M": 0, "numbers": len(levers.APPLICATION_NUMBERS),
        "L": len(levers.LEVERS), "choices": len(levers.CHOICES), "stages": 9,
        "channels": 4, "two": 2, "K": 4, "grades": 4, "papers": len(PAPERWORK), "none": 0,
        "mechanisms": len(levers.MECHANISMS), "verifiers": 9, "P": 4,
        "T": city.n_townships, "centres": 1 + city.n_districts, "days": 3, "hours": 24,
    }  # fmt: skip
    arrays = {name for name in World._fields if isinstance(getattr(world, name), np.ndarray)}
    assert arrays == {*AXES, "quantile"}
    for name, axes in AXES.items():
        assert getattr(world, name).shape == tuple(sizes[axis] for axis in axes), name
    for rows in (world.dispose_row, world.paper_row, [world.exponential]):
        assert 0 <= min(rows) <= max(rows) < len(world.quantile)


def test_arrays_lie_in_memory_as_compiled_code_knows_them(world):
    for name in (*AXES, "quantile"):
        assert getattr(world, name).flags.c_contiguous, name


@jit
def _seen(w):
    return w.seed, w.office, w.patrol, w.exponential, w.cal.seg_start[0], w.cal.day_type.size


@jit
def _seats(w, desk, shift):
    return w.seats[desk, shift]


def test_compiled_code_sees_the_world_and_its_calendar(world):
    seeded = world._replace(seed=np.uint64(99))
    cal = world.cal
    assert _seen(world_handle(seeded)) == (
        99, world.office, world.patrol, world.exponential, cal.seg_start[0], cal.day_type.size,
    )  # fmt: skip


def test_a_handle_lends_the_very_arrays(world):
    seats = world.seats.copy()
    handle = world_handle(world._replace(seats=seats))
    seats[3, 0] = 77
    assert _seats(handle, 3, 0) == 77
    assert handle.fields.seats is seats
    assert isinstance(handle.fields.cal, Handle)
    assert handle.fields.cal.fields is world.cal
    assert not isinstance(world.cal, Handle)  # the tuple that it was made of stays as it was


def test_levers_and_mechanisms_stand_where_their_names_say():
    for names, module in ((levers.LEVERS, levers), (levers.MECHANISMS, levers)):
        for place, name in enumerate(names):
            assert getattr(module, name.upper()) == place
    assert (levers.DISCIPLINE, levers.RELEASES, levers.RELEASE_SIZE) == (0, 1, 2)
    assert levers.CHOICES == ("discipline", "release", "release_size")
    assert len(codes.STAGES) == codes.N_STAGES

"""A clock starts from an empty city of its own."""

import numpy as np

from sim.situation import EMERGENCY_COLUMNS, PATROL_COLUMNS, Situation, at_first, blank

SIZES = {"n_desks": 5, "n_kinds": 3, "n_townships": 2, "n_districts": 1, "n_grids": 7}


def test_an_empty_city_counts_nothing():
    found = at_first(**SIZES)
    for of_desks in (found.load, found.extra, found.extra_from, found.extra_until):
        assert of_desks.shape == (5,)
    assert found.alike.shape == (3, 2)
    assert found.patrol.shape == (7, PATROL_COLUMNS)
    assert found.emergency.shape == (2, EMERGENCY_COLUMNS)
    assert found.uses.shape == (1 + 1 + 2 + 7,)
    assert not any(part.any() for part in found)


def test_a_blank_situation_is_as_large_and_shares_nothing():
    used = Situation(*(part + 1 for part in at_first(**SIZES)))
    found = blank(used)
    for old, new in zip(used, found, strict=True):
        assert (new.shape, new.dtype) == (old.shape, old.dtype)
        assert not new.any()
        assert not np.shares_memory(old, new)

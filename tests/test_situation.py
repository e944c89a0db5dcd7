"""A clock starts from an empty city of its own."""

import numpy as np

from sim.situation import Situation, at_first, blank


def test_an_empty_city_counts_nothing():
    found = at_first(3, 2)
    assert found.alike.shape == (3, 2)
    assert not any(part.any() for part in found)


def test_a_blank_situation_is_as_large_and_shares_nothing():
    used = Situation(*(part + 1 for part in at_first(3, 2)))
    found = blank(used)
    for old, new in zip(used, found, strict=True):
        assert (new.shape, new.dtype) == (old.shape, old.dtype)
        assert not new.any()
        assert not np.shares_memory(old, new)

"""What rules may see of the city as it is now: counts that the clock that runs keeps."""

from typing import NamedTuple

import numpy as np


class Situation(NamedTuple):
    """State of the city beyond a single incident. K kinds, T townships."""

    alike: np.ndarray  # i8[K, T], open incidents of a kind in a township (those of I_COUNTED)


def at_first(n_kinds: int, n_townships: int) -> Situation:
    """The situation of an empty city."""
    return Situation(alike=np.zeros((n_kinds, n_townships), np.int64))


def blank(situation: Situation) -> Situation:
    """The situation of an empty city of the same size, for a run of its own."""
    return Situation(*(np.zeros_like(part) for part in situation))

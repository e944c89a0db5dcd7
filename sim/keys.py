"""An incident's key (stream.pack_key) in its row: in two columns, as it is wider than they are."""

import numpy as np

from sim.jit import jit
from sim.rows import I_KEY, I_KEY_HIGH

_HALF = 32  # bits
_LOWER = (1 << _HALF) - 1


@jit
def key_of(inc):
    """The key of an incident, int64, from its row."""
    return (int(inc[I_KEY_HIGH]) << _HALF) | (int(inc[I_KEY]) & _LOWER)


@jit
def set_key(inc, key):
    """Enter a key into the row of an incident."""
    inc[I_KEY_HIGH] = key >> _HALF
    low = key & _LOWER
    inc[I_KEY] = low - (low >> (_HALF - 1) << _HALF)  # as a signed number of as many bits


def keys_of(table: np.ndarray, which: np.ndarray | slice = slice(None)) -> np.ndarray:
    """The keys of rows under one another, or of some of them, i8[n]."""
    high, low = (table[which, column].astype(np.int64) for column in (I_KEY_HIGH, I_KEY))
    return (high << _HALF) | (low & _LOWER)

"""A key comes out of its two columns as it went in."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim import rows
from sim.keys import key_of, keys_of, set_key

KEYS = st.integers(-(2**63), 2**63 - 1)


def row_of(key):
    row = np.full(rows.INCIDENT_WIDTH, 7, rows.ROW)
    set_key(row, key)
    return row


@given(KEYS)
def test_a_key_keeps_all_its_bits_and_touches_no_other_column(key):
    row = row_of(key)
    assert key_of(row) == key
    others = np.ones(row.size, bool)
    others[[rows.I_KEY, rows.I_KEY_HIGH]] = False
    assert (row[others] == 7).all()


@given(st.lists(KEYS, max_size=6))
def test_keys_of_many_rows_are_those_of_each(keys):
    table = np.array([row_of(key) for key in keys], rows.ROW).reshape(-1, rows.INCIDENT_WIDTH)
    assert keys_of(table).tolist() == keys
    assert keys_of(table, slice(1, None, 2)).tolist() == keys[1::2]
    assert keys_of(table, np.ones(len(keys), bool)).tolist() == keys

"""Compiled code reads and writes through a handle what Python's tuple holds, and owns nothing."""

import gc
import sys
import tracemalloc
import weakref
from typing import NamedTuple

import numpy as np
import pytest
from numba import njit
from numba.core.errors import NumbaError

from sim.handle import Handle


class Inner(NamedTuple):
    numbers: np.ndarray
    scale: float


class Outer(NamedTuple):
    small: np.ndarray
    first: int
    inner: Handle
    seed: np.uint64
    table: np.ndarray
    last: float


@njit
def everything(h):
    return h.first, h.last, h.seed, h.small[-1], h.table[1, 2], h.inner.numbers[0], h.inner.scale


@njit
def shapes(h):
    return h.table.shape, h.small.size, h.inner.numbers.shape[0]


@njit
def write(h, value):
    h.table[1, 2] = value
    h.inner.numbers[:] = value


@njit
def total(h, times):
    """Passes views of a borrowed array about, as the clock does."""
    found = 0.0
    for _ in range(times):
        found += plus(h.table[1], h.inner.numbers)
    return found


@njit
def plus(row, numbers):
    return row.sum() + numbers[0]


@njit
def unknown(h):
    return h.nothing


def outer(n=3):
    inner = Inner(np.arange(2.0) + n, 0.25)
    return Outer(
        np.array([7, -9], np.int8), -(2**40), Handle(inner), np.uint64(2**64 - 1),
        np.arange(4 * n, dtype=np.int64).reshape(4, n), 1.5,
    )  # fmt: skip


def test_fields_read_in_compiled_code_are_those_of_the_tuple():
    fields = outer()
    expected = (-(2**40), 1.5, 2**64 - 1, -9, 5, 3.0, 0.25)
    assert everything(Handle(fields)) == expected
    assert shapes(Handle(fields)) == ((4, 3), 2, 2)


def test_two_handles_of_one_type_are_kept_apart():
    a, b = Handle(outer(3)), Handle(outer(5))
    assert shapes(a)[0] == (4, 3)
    assert shapes(b)[0] == (4, 5)
    assert everything(a)[4] == 5
    assert everything(b)[4] == 7


def test_writes_are_seen_on_both_sides():
    fields = outer()
    handle = Handle(fields)
    write(handle, 42)
    assert fields.table[1, 2] == 42
    assert fields.inner.fields.numbers.tolist() == [42.0, 42.0]
    fields.table[1, 2] = 43
    fields.inner.fields.numbers[0] = 44
    assert everything(handle)[4:6] == (43, 44.0)


def test_a_handle_keeps_its_arrays_and_nothing_else_does(young):
    fields = outer()
    gone = [weakref.ref(fields.table), weakref.ref(fields.inner.fields.numbers)]
    handle = Handle(fields)
    del fields
    gc.collect()
    assert all(ref() is not None for ref in gone)
    assert total(handle, 10) == 10 * (3 + 4 + 5 + 3)
    del handle
    gc.collect()
    assert [ref() for ref in gone] == [None, None]


def test_compiled_code_counts_no_owners():
    fields = outer()
    everything(Handle(fields)), total(Handle(fields), 1)
    arrays = fields.small, fields.table, fields.inner.fields.numbers
    owners = [sys.getrefcount(array) for array in arrays]
    handles = [Handle(fields) for _ in range(100)]
    for handle in handles:
        total(handle, 10)
    assert [sys.getrefcount(array) for array in arrays] == owners


def test_memory_stays_flat_over_many_handles(young):
    def use(n):
        for _ in range(n):
            everything(Handle(outer()))

    use(300)
    gc.collect()
    tracemalloc.start()
    use(300)  # Python's own free lists fill
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    use(800)  # if each kept only its block of some 300 bytes: 240 kB
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 80_000


def test_a_field_that_is_not_there_does_not_compile():
    with pytest.raises(NumbaError, match="nothing"):
        unknown(Handle(outer()))


def test_a_tuple_of_another_module_leaves_nothing_in_the_cache():
    """Else the cache could be read only where that module can be imported."""
    from sim import handle

    Handle(Inner(np.zeros(3), 1.0))
    for function in handle._CACHED:
        for signature in function.signatures:
            assert "tests." not in repr(signature)
            assert "Inner" not in repr(signature)

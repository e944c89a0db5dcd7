"""Tables for users: names in place of codes, nulls in place of what never happened."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from sim import codes, records
from sim.arrow import numbers, to_arrow, words
from sim.records import INCIDENT_COLUMNS, VISIT_COLUMNS
from sim.units import NEVER


def test_codes_become_names():
    table = records.empty(INCIDENT_COLUMNS, 2)
    table["severity"][:] = codes.GRADE_III, codes.GRADE_I
    table["tier"][:] = codes.GRID, codes.CITY
    table["channel"][:] = codes.NONE, codes.HOTLINE
    table["state"][:] = codes.UNSEEN, codes.ASLEEP
    table["kind"][:] = 1, 0
    arrow = to_arrow(table, {"kind": ("fire", "flood")})
    assert arrow["severity"].to_pylist() == ["III", "I"]
    assert arrow["tier"].to_pylist() == ["grid", "city"]
    assert arrow["channel"].to_pylist() == [None, "hotline"]
    assert arrow["state"].to_pylist() == ["unseen", "dormant"]
    assert arrow["kind"].to_pylist() == ["flood", "fire"]
    for name in ("severity", "tier", "channel", "state", "kind"):
        assert pa.types.is_dictionary(arrow[name].type), name
    assert arrow["severity"].chunk(0).dictionary.to_pylist() == list(codes.SEVERITIES)


def test_visits_name_stage_and_outcome():
    table = records.empty(VISIT_COLUMNS, len(codes.OUTCOMES))
    table["outcome"][:] = range(len(codes.OUTCOMES))
    table["stage"][:] = codes.VERIFY
    arrow = to_arrow(table)
    assert arrow["outcome"].to_pylist() == list(codes.OUTCOMES)
    assert set(arrow["stage"].to_pylist()) == {"verify"}


def test_what_never_happens_is_null_and_what_happens_is_kept_to_the_tick():
    table = records.empty(INCIDENT_COLUMNS, 3)
    table["solved"][:] = 0, NEVER - 1, NEVER
    table["limit"][:] = NEVER, 5, NEVER + 7
    arrow = to_arrow(table, {"kind": ("fire",)})
    assert arrow["solved"].to_pylist() == [0, NEVER - 1, None]
    assert arrow["limit"].to_pylist() == [None, 5, None]
    assert arrow["solved"].type == pa.int64()
    assert arrow["grid"].null_count == 0


def test_columns_without_names_keep_their_types():
    arrow = to_arrow(records.empty(VISIT_COLUMNS, 1))
    assert arrow.column_names == list(VISIT_COLUMNS)
    for name, kind in VISIT_COLUMNS.items():
        if name not in ("stage", "outcome"):
            assert arrow[name].type == pa.from_numpy_dtype(np.dtype(kind)), name


def test_an_empty_table_keeps_its_columns():
    arrow = to_arrow(records.concatenate([], INCIDENT_COLUMNS), {"kind": ("fire",)})
    assert arrow.num_rows == 0
    assert arrow.column_names == list(INCIDENT_COLUMNS)


@pytest.mark.parametrize("dtype", ["i8", "i4", "i2", "i1", "f8", "f4", "u4", "?"])
@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 64, 65])
def test_numbers_are_what_pyarrow_makes_of_them(dtype, n):
    rng = np.random.default_rng(n)
    values = rng.integers(0, 2, n).astype(dtype)
    missing = rng.random(n) < 0.4
    assert numbers(values).equals(pa.array(values))
    assert numbers(values, missing).equals(pa.array(values, mask=missing))
    assert numbers(values, np.zeros(n, bool)).equals(pa.array(values))
    wide = rng.integers(0, 2, (n, 3)).astype(dtype)
    assert numbers(wide[:, 1]).equals(pa.array(wide[:, 1].copy()))


@pytest.mark.parametrize("texts", [(), ("",), ("渝中区", "", 'a&"<')])
def test_words_are_what_pyarrow_makes_of_them(texts):
    assert words(texts).equals(pa.array(texts, pa.string()))


def test_pandas_is_not_imported():
    code = (
        "import sys, numpy as np; from sim.arrow import to_arrow, words; words(['a']);"
        "to_arrow({'stage': np.zeros(1, np.int8), 'joined': np.zeros(1, np.int64)});"
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0

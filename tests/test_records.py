"""Tables for users: names in place of codes, nulls in place of what never happened."""

import numpy as np
import pyarrow as pa

from sim import codes, records, rows
from sim.records import INCIDENT_COLUMNS, TIME_COLUMNS, VISIT_COLUMNS, to_arrow
from sim.units import NEVER


def test_the_time_account_has_three_uses_of_each_timed_stage_in_stage_order():
    assert len(TIME_COLUMNS) == rows.ACCOUNT_WIDTH
    assert (TIME_COLUMNS[0], TIME_COLUMNS[-1]) == ("sensing", "dormant")
    for i, stage in enumerate(codes.STAGES[codes.REGISTER : codes.SUPERVISE]):
        for use, name in enumerate(codes.TIME_USES):
            assert TIME_COLUMNS[1 + 3 * i + use] == f"{stage}_{name}"


def test_a_supervision_branch_is_beyond_every_partner():
    assert records.SUPERVISE_BRANCH > rows.TOWNSHIP_BIT + 1


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


def test_tables_are_put_under_one_another_in_order():
    parts = [{"a": np.array([1, 2])}, {"a": np.array([], np.int64)}, {"a": np.array([3])}]
    assert records.concatenate(parts, {"a": "i8"})["a"].tolist() == [1, 2, 3]

"""Tables for users: names in place of codes, nulls in place of what never happened."""

import numpy as np

from sim import codes, records, rows
from sim.records import TIME_COLUMNS


def test_the_time_account_has_three_uses_of_each_timed_stage_in_stage_order():
    assert len(TIME_COLUMNS) == rows.ACCOUNT_WIDTH
    assert (TIME_COLUMNS[0], TIME_COLUMNS[-1]) == ("sensing", "dormant")
    for i, stage in enumerate(codes.STAGES[codes.REGISTER : codes.SUPERVISE]):
        for use, name in enumerate(codes.TIME_USES):
            assert TIME_COLUMNS[1 + 3 * i + use] == f"{stage}_{name}"


def test_a_supervision_branch_is_beyond_every_partner():
    assert records.SUPERVISE_BRANCH > rows.TOWNSHIP_BIT + 1


def test_tables_are_put_under_one_another_in_order():
    parts = [{"a": np.array([1, 2])}, {"a": np.array([], np.int64)}, {"a": np.array([3])}]
    assert records.concatenate(parts, {"a": "i8"})["a"].tolist() == [1, 2, 3]

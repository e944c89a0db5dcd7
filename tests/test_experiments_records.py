"""Files of a run are whole, and hold what the run would have kept."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from experiments import records
from experiments.one_run import simulate
from scenarios.load import load
from sim.arrow import to_arrow
from sim.records import INCIDENT_COLUMNS
from tests.conftest import TINY


@pytest.fixture(scope="module")
def p():
    return load([*TINY, "record=visits"])


def written(p, folder, record="visits"):
    with records.Files(records.paths(folder, record), p) as files:
        return simulate(p, 1, sink=files.add)


def test_files_hold_what_a_run_without_them_keeps(p, tmp_path, monkeypatch):
    monkeypatch.setattr(records, "_ROWS", 50)  # so that there are several groups of rows
    plain, run = simulate(p, 1), written(p, tmp_path)
    assert not len(run.incident_columns["incident"])
    assert not len(run.visit_columns["incident"])
    assert pq.ParquetFile(tmp_path / "visits.parquet").num_row_groups > 2
    assert pq.read_table(tmp_path / "visits.parquet").equals(plain.visits)
    table = pq.read_table(tmp_path / "incidents.parquet")
    assert table.sort_by("incident").equals(plain.incidents.unify_dictionaries())
    assert run.summary() == plain.summary()
    for name, columns in plain.tables().items():
        for column, values in columns.items():
            np.testing.assert_array_equal(run.tables()[name][column], values)


def test_incidents_stand_in_the_order_in_which_they_left(p, tmp_path):
    written(p, tmp_path)
    table = pq.read_table(tmp_path / "incidents.parquet").to_pandas()
    gone = table[table["state"] == "solved"]["solved"]
    assert gone.is_monotonic_increasing
    assert len(gone) < len(table)
    assert table["incident"].iloc[len(gone) :].is_monotonic_increasing


@pytest.mark.parametrize(
    ("record", "names"),
    [
        ("summary", set()),
        ("incidents", {"incidents"}),
        ("visits", {"incidents", "visits"}),
    ],
)
def test_there_is_a_file_for_each_table_that_is_recorded(tmp_path, record, names):
    found = records.paths(tmp_path, record, "{}/siloed-0.parquet")
    assert found == {name: tmp_path / name / "siloed-0.parquet" for name in names}


def test_a_table_without_rows_has_its_columns_all_the_same(p, tmp_path):
    with records.Files(records.paths(tmp_path, "incidents"), p):
        pass
    table = pq.read_table(tmp_path / "incidents.parquet")
    assert table.num_rows == 0
    assert table.column_names == list(INCIDENT_COLUMNS)


def test_what_is_broken_off_is_not_closed_as_if_it_were_whole(p, tmp_path):
    def stopped(share):
        raise KeyboardInterrupt

    def broken_off():
        with records.Files(records.paths(tmp_path, "visits"), p) as files:
            simulate(p, 1, stopped, sink=files.add)

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert not (tmp_path / "incidents.parquet").exists()


def test_texts_are_those_of_the_catalogue(p, tmp_path):
    run = written(p, tmp_path)
    assert run.parameters is p
    kinds = pq.read_table(tmp_path / "incidents.parquet")["kind"].unique().to_pylist()
    assert set(kinds) <= set(p.catalogue.kinds)
    assert (
        to_arrow({"kind": np.array([0])}, {"kind": p.catalogue.kinds})["kind"][0].as_py() in kinds
    )

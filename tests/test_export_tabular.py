"""CSV: every visit is found again to the tick; no cell is a formula."""

import csv

import pytest

from experiments.cli import main
from experiments.export.tabular import COLUMNS
from tests.event_logs import ROOT, busy_folder, tick, visits_of


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    path = tmp_path_factory.mktemp("csv") / "log.csv"
    assert main(["export", f"run={busy_folder()}", "format=csv", f"to={path}"]) == 0
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_visit_is_found_with_its_ticks_exactly(rows):
    told = visits_of(busy_folder())
    assert len(rows) == len(told)
    for row in rows:
        visit = told.pop(int(row["visit"]))
        assert (row["activity"], row["outcome"]) == (visit["stage"], visit["outcome"])
        assert int(row["case_id"]) == visit["incident"]
        for column, name in {"start": "started", "complete": "ended", "joined": "joined"}.items():
            assert tick(row[column]) == visit[name]
        assert tick(row["released"]) == visit["released"]
        for name in ("worked", "retyping", "attempt", "report", "branch"):
            assert int(row[name]) == visit[name]
    assert not told


def test_rows_stand_by_case_and_start(rows):
    order = [(int(r["case_id"]), tick(r["start"]), tick(r["complete"])) for r in rows]
    assert order == sorted(order)


def test_no_cell_is_a_formula(rows):
    cells = {cell for row in rows for name, cell in row.items() if name == "district"}
    assert cells == {"Q&A <\"'>", "'-Baiyun"}
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row.values())


def test_every_column_is_described_and_no_other(rows):
    page = (ROOT / "docs/export.md").read_text("utf-8")
    table = page.partition("## CSV")[2].partition("\n## ")[0]
    described = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert tuple(described) == COLUMNS == tuple(rows[0])

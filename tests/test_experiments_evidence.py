"""The evidence command: what it counts, what it marks, and files that open safely."""

import csv
import json
import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from experiments.cli import main
from experiments.evidence import COLUMNS, YOURS, evidence, in_force, remark, safe_cell
from scenarios import load
from scenarios.evidence import KINDS, ledger

TINY = ["city=tiny", "catalogue=tiny", "horizon=short"]


@pytest.fixture
def conf(tmp_path, monkeypatch):
    """A copy of conf/ that the commands read, for edits."""
    folder = tmp_path / "conf"
    shutil.copytree(load.CONF, folder)
    monkeypatch.setattr(load, "CONF", folder)
    return folder


def of(overrides):
    """The ledger in force, by key."""
    overrides = [*TINY, *overrides]
    return {entry.key: entry for entry in in_force(overrides, load.compose_settings(overrides))}


def read_csv(folder):
    with (folder / "ledger.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- the ledger in force ----------------------------------------------------------------------


def test_without_numbers_on_the_command_line_it_is_that_of_the_files():
    groups = dict(option.split("=") for option in TINY)
    assert list(of([]).values()) == ledger(groups, load.CONF)


@pytest.mark.parametrize(
    ("override", "value", "said"),
    [
        ("mechanism.work.joint=0.3", 0.3, ""),
        ("mechanism.work.joint=0.5", 0.5, ""),
        ("mechanism.work.joint=0.7", 0.7, "outside 0..0.5"),
        ("++mechanism.work.joint=0.7", 0.7, "outside 0..0.5"),
        ("mechanism.work={joint: 0.7}", 0.7, "outside 0..0.5"),
    ],
)
def test_a_number_on_the_command_line_is_yours_and_keeps_its_range(override, value, said):
    before, entry = of([])["mechanism.work.joint"], of([override])["mechanism.work.joint"]
    assert (entry.value, entry.kind) == (value, YOURS)
    assert entry.evidence == "given on the command line"
    assert (entry.unit, entry.low, entry.high) == (before.unit, before.low, before.high)
    assert remark(entry) == said
    assert remark(before) == ""


def test_nothing_else_is_yours():
    before, after = of([]), of(["mechanism.work.joint=0.7"])
    assert {key for key in after if after[key] != before[key]} == {"mechanism.work.joint"}
    assert list(after) == list(before)


def test_the_number_of_the_file_given_again_keeps_its_evidence():
    assert of(["mechanism.work.joint=0.1"]) == of([])


def test_a_fixed_number_that_is_moved_is_told():
    moved = of(["staff.pilot_days=14", "horizon.start=2024-11-04"])
    assert remark(moved["staff.pilot_days"]) == "fixed in the file"
    assert remark(moved["horizon.start"]) == "fixed in the file"
    assert remark(of([])["staff.pilot_days"]) == ""
    assert remark(of(["seed=5"])["seed"]) == ""


def test_a_number_without_a_place_in_the_files_is_yours_too():
    entry = of(["threads=2"])["threads"]
    assert (entry.value, entry.kind, entry.file, entry.line) == (2, YOURS, "", None)
    assert remark(entry) == ""


def test_a_list_is_yours_item_by_item_where_it_differs():
    before = of([])
    season = [before[f"catalogue.kinds.fire.season[{i}]"].value for i in range(12)]
    season[3] *= 9
    after = of([f"catalogue.kinds.fire.season={season}"])
    yours = [key for key, entry in after.items() if entry.kind == YOURS]
    assert yours == ["catalogue.kinds.fire.season[3]"]
    assert remark(after[yours[0]]).startswith("outside ")


def test_what_is_taken_away_is_not_listed():
    assert not [key for key in of(["~catalogue.kinds.fire"]) if "kinds.fire" in key]


def test_a_reference_to_another_number_counts_once_there(conf):
    path = conf / "staff/default.yaml"
    line = next(x for x in path.read_text("utf-8").splitlines() if x.startswith("pilot_seed"))
    path.write_text(path.read_text("utf-8").replace(line, "pilot_seed: ${seed}"), "utf-8")
    entries = of(["seed=7"])
    assert entries["seed"].value == 7
    assert "staff.pilot_seed" not in entries
    assert "staff.pilot_days" in entries


# --- the files --------------------------------------------------------------------------------


def test_the_results_folder_holds_the_same_ledger_twice(tmp_path):
    folder = evidence([*TINY, f"results={tmp_path}", "mechanism.work.joint=0.7", "threads=2"])
    assert {path.name for path in folder.iterdir()} == {
        "config.yaml", "ledger.csv", "ledger.parquet", "provenance.json", "summary.json",
    }  # fmt: skip
    rows, table = read_csv(folder), pq.read_table(folder / "ledger.parquet").to_pylist()
    assert len(rows) == len(table) > 300
    assert tuple(rows[0]) == tuple(table[0]) == COLUMNS
    for row, entry in zip(rows, table, strict=True):
        for name in ("key", "group", "file", "value", "unit", "evidence", "kind", "remark"):
            assert row[name] == entry[name]
        for name in ("line", "number", "low", "high"):
            assert row[name] == ("" if entry[name] is None else str(entry[name]))
    joint = next(entry for entry in table if entry["key"] == "mechanism.work.joint")
    assert (joint["number"], joint["high"], joint["remark"]) == (0.7, 0.5, "outside 0..0.5")


def test_the_table_opens_in_a_spreadsheet(tmp_path):
    folder = evidence([*TINY, f"results={tmp_path}"])
    content = (folder / "ledger.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfkey,group,")
    assert content.count(b"\r\n") == content.count(b"\n")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd", "'+cmd"),
        ("-5..5", "'-5..5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-3.5", "-3.5"),
        (-3, "-3"),
        ("+1e-3", "+1e-3"),
        ("min", "min"),
        ("x0.5..x2", "x0.5..x2"),
        ("", ""),
        (None, ""),
        (0.0, "0.0"),
    ],
)
def test_no_cell_is_taken_for_a_formula(value, cell):
    assert safe_cell(value) == cell


def test_evidence_that_looks_like_a_formula_is_written_as_text(conf, tmp_path):
    path = conf / "mechanism/default.yaml"
    text = path.read_text("utf-8")
    for old, new in (("4  # h |", "4  # @h |"), ("assumed: longest", "=HYPERLINK(1) longest")):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    folder = evidence([*TINY, f"results={tmp_path}"])
    row = next(row for row in read_csv(folder) if row["key"] == "mechanism.session_hours")
    assert row["unit"] == "'@h"
    assert row["evidence"].startswith("'=HYPERLINK(1) longest")
    assert row["number"] == "4.0"


def test_every_column_and_every_kind_is_described():
    page = (Path(__file__).parents[1] / "docs/evidence.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert named == {*COLUMNS, *KINDS, YOURS}


# --- what is counted and shown ----------------------------------------------------------------


def test_the_counts_add_up(tmp_path):
    folder = evidence([*TINY, f"results={tmp_path}", "mechanism.work.joint=0.7"])
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    rows = read_csv(folder)
    assert summary["numbers"] == len(rows)
    assert set(summary["kinds"]) == {*KINDS, YOURS}
    for kind, total in summary["kinds"].items():
        assert total == sum(row["kind"] == kind for row in rows)
        assert total == sum(counts[kind] for counts in summary["groups"].values())
    for group, counts in summary["groups"].items():
        assert sum(counts.values()) == sum(row["group"] == group for row in rows)
    assert set(summary["groups"]) == {
        "city", "catalogue", "calendar", "stream", "mechanism", "staff", "horizon", "capacity",
        "policy", "split", "verify", "overturn", "calibrate", "claim", "cost",
        "sweep", "rollout", "replicate", "choose", "sensitivity", "discover", "attribute", "fit",
        "service", "counterfactual", "cockpit", "main settings",
    }  # fmt: skip
    assert summary["yours"] == ["mechanism.work.joint"]
    assert summary["remarks"] == {"mechanism.work.joint": "outside 0..0.5"}


def test_the_terminal_shows_groups_totals_and_what_is_yours(tmp_path, capsys):
    settings = [*TINY, f"results={tmp_path}", "mechanism.work.joint=0.7"]
    assert main(["evidence", *settings]) == 0
    lines = capsys.readouterr().out.splitlines()
    (folder,) = tmp_path.iterdir()
    assert lines[-1] == f"results: {folder}"
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    shown = {words[0]: words[1:] for line in lines if (words := line.split())}
    kinds = ["data", "source", "assumed", "definition", YOURS]
    assert shown["group"] == ["numbers", *kinds]
    counts = [f"{summary['kinds'][kind]:,}" for kind in kinds]
    assert shown["all"] == [f"{summary['numbers']:,}", *counts]
    assert shown["mechanism"][1:] == [str(summary["groups"]["mechanism"][kind]) for kind in kinds]
    assert shown["mechanism.work.joint"][0] == "0.7"
    assert shown["mechanism.work.joint"][-2:] == ["outside", "0..0.5"]
    share = summary["kinds"]["assumed"] / summary["numbers"]
    assert f"({100 * share:.0f} %) are assumed." in lines[-2]


def test_a_setting_that_cannot_be_is_one_message_and_leaves_nothing(tmp_path, capsys):
    for setting in ("mechanism.work.joint=-1", "policy=silod", "catalogue.kinds.fire.season=[1]"):
        assert main(["evidence", *TINY, f"results={tmp_path}", setting]) == 1
        assert capsys.readouterr().err.startswith(f"guantong: {setting.partition('=')[0]}: ")
        assert list(tmp_path.iterdir()) == []

"""`guantong evidence`: what every number of the settings rests on."""

import csv
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from experiments import console
from experiments.store import check_writable, provenance, results_folder, write_json, write_settings
from scenarios import load
from scenarios.evidence import KINDS, Entry, entries, is_value

YOURS = "yours"
"""The kind of a number that is given on the command line."""
_GIVEN = "given on the command line"
_TYPES = {
    "key": "string",
    "group": "string",
    "file": "string",
    "line": "int64",
    "value": "string",
    "number": "float64",
    "unit": "string",
    "range": "string",
    "low": "float64",
    "high": "float64",
    "evidence": "string",
    "kind": "string",
    "remark": "string",
}
COLUMNS = tuple(_TYPES)
"""Columns of the ledger's files; docs/evidence.md describes them."""


def evidence(overrides: Sequence[str] = ()) -> Path:
    """Print what the numbers in force rest on and write the ledger; returns the results folder.

    Raises InputError.
    """
    begun = time.perf_counter()
    parameters = load.load(overrides)
    check_writable(parameters.settings.results)
    config = load.compose_settings(overrides)
    rows = _rows(in_force(overrides, config))
    summary = _summary(rows)
    with results_folder(parameters.settings.results, "evidence") as (folder, final):
        write_settings(folder / "config.yaml", config)
        write_json(folder / "summary.json", summary)
        _write_csv(folder / "ledger.csv", rows)
        _write_parquet(folder / "ledger.parquet", rows)
        seconds = time.perf_counter() - begun
        write_json(folder / "provenance.json", provenance(parameters, [], seconds))
    _print(summary, rows)
    console.console.print(f"results: {final}", soft_wrap=True)
    return final


# --- the ledger -------------------------------------------------------------------------------


def in_force(overrides: Sequence[str], config: Any) -> list[Entry]:
    """The ledger of the composed configuration: its files, but for the overrides' numbers.

    A number that an override moves is of kind `YOURS`; its unit and range stay those of the file.
    One that an override adds has neither. A reference to another number counts once, there.
    """
    of_files = {e.key: e for e in entries(load.option_files(overrides, load.CONF), load.CONF)}
    given = [override.partition("=")[0].lstrip("+~") for override in overrides]
    found = []
    for key, value in _values(OmegaConf.to_container(config)):
        entry = of_files.get(key)
        if entry is not None and entry.value == value:
            found.append(entry)
        elif any(key == k or key.startswith((f"{k}.", f"{k}[")) for k in given):
            blank = entry or Entry(key, "", None, value, "", "", None, None, "", "")
            found.append(blank._replace(value=value, evidence=_GIVEN, kind=YOURS))
    return found


def _values(node: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """(key, value) of all numbers, dates and times of plain settings."""
    if isinstance(node, dict):
        for name, item in node.items():
            yield from _values(item, f"{key}.{name}" if key else str(name))
    elif isinstance(node, list):
        for i, item in enumerate(node):
            yield from _values(item, f"{key}[{i}]")
    elif is_value(node):
        yield key, node


def remark(entry: Entry) -> str:
    """That a number lies outside its plausible range, or has left a value that is fixed."""
    if entry.low is not None and not entry.low <= entry.value <= entry.high:
        return f"outside {entry.low:g}..{entry.high:g}"
    if entry.kind == YOURS and entry.range == "fixed":
        return "fixed in the file"
    return ""


def _rows(ledger: list[Entry]) -> list[dict[str, Any]]:
    """The ledger with the columns of its files."""
    rows = []
    for entry in ledger:
        row = entry._asdict() | {
            "group": entry.key.partition(".")[0] if "." in entry.key else "main settings",
            "value": str(entry.value),
            "number": None if isinstance(entry.value, str) else float(entry.value),
            "remark": remark(entry),
        }
        rows.append({name: row[name] for name in COLUMNS})
    return rows


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Numbers by group and kind, in all, and the keys that are given or remarked on."""
    groups = {row["group"]: Counter() for row in rows}
    for row in rows:
        groups[row["group"]][row["kind"]] += 1
    kinds = (*KINDS, YOURS)
    return {
        "numbers": len(rows),
        "kinds": {kind: sum(counts[kind] for counts in groups.values()) for kind in kinds},
        "groups": {g: {kind: counts[kind] for kind in kinds} for g, counts in groups.items()},
        "yours": [row["key"] for row in rows if row["kind"] == YOURS],
        "remarks": {row["key"]: row["remark"] for row in rows if row["remark"]},
    }


# --- files ------------------------------------------------------------------------------------


def safe_cell(value: Any) -> Any:
    """A cell that a spreadsheet does not take for a formula: a text that begins like one gets a
    leading apostrophe."""
    text = "" if value is None else str(value)
    if not text.startswith(("=", "+", "-", "@")):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    """A table that spreadsheets open: UTF-8 with the mark that they look for."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows([safe_cell(value) for value in row.values()] for row in rows)


def _write_parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(rows, pa.schema(list(_TYPES.items()))), path)


# --- what is printed --------------------------------------------------------------------------


def _print(summary: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    total = summary["kinds"]
    kinds = [kind for kind, n in total.items() if n]
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("group", no_wrap=True)
    for name in ("numbers", *kinds):
        table.add_column(name, justify="right")
    for group, counts in summary["groups"].items():
        table.add_row(group, *(f"{n:,}" for n in _cells(counts, kinds)))
    table.add_section()
    table.add_row("all", *(f"{n:,}" for n in _cells(total, kinds)))
    console.console.print(table)
    shown = [row for row in rows if row["kind"] == YOURS or row["remark"]]
    if shown:
        console.console.print(_closer(shown))
    console.console.print(
        f"{total['assumed']:,} of {summary['numbers']:,} numbers "
        f"({100 * total['assumed'] / summary['numbers']:.0f} %) are assumed.",
        soft_wrap=True,
    )


def _cells(counts: dict[str, int], kinds: list[str]) -> list[int]:
    return [sum(counts.values()), *(counts[kind] for kind in kinds)]


def _closer(rows: list[dict[str, Any]]) -> Table:
    """The numbers that are given on the command line or lie outside their range."""
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in ("key", "value", "unit", "range", "evidence", "remark"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(escape(row[column.header]) for column in table.columns))
    return table

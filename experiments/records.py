"""Incidents and visits as Parquet files, written while the run goes on.

What is in the files does not depend on how the run is cut into chunks, only their row groups do.
Incidents stand in the order in which they left, those that are left at the end last, by key.
"""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from scenarios.parameters import Parameters
from sim.arrow import to_arrow
from sim.records import INCIDENT_COLUMNS, VISIT_COLUMNS, Columns, concatenate

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_ROWS = 1 << 15  # of a row group: 20 MB of incidents in memory

TABLES = {"incidents": INCIDENT_COLUMNS, "visits": VISIT_COLUMNS}


def paths(folder: Path, record: str, place: str = "{}.parquet") -> dict[str, Path]:
    """Where the tables that are recorded go, by name; place : with {} for the name."""
    names = {"summary": (), "incidents": ("incidents",), "visits": tuple(TABLES)}[record]
    return {name: folder / place.format(name) for name in names}


class Files:
    """The files of one run; its `add` is a run's sink. Whole only after it has been closed."""

    def __init__(self, where: Mapping[str, Path], parameters: Parameters):
        self._where = dict(where)
        self._texts = {"kind": parameters.catalogue.kinds}
        self._parts: dict[str, list[Columns]] = {name: [] for name in where}
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> "Files":
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                for name in self._where:
                    self._write(name)  # even if it has no rows
        finally:
            for writer in self._writers.values():
                writer.close()

    def add(self, name: str, columns: Columns) -> None:
        """Take in part of a table."""
        parts = self._parts[name]
        parts.append(columns)
        if sum(map(_length, parts)) >= _ROWS:
            self._write(name)

    def _write(self, name: str) -> None:
        import pyarrow.parquet as pq

        parts = self._parts[name]
        if not parts and name in self._writers:
            return
        table = to_arrow(concatenate(parts, TABLES[name]), self._texts)
        if name not in self._writers:
            self._where[name].parent.mkdir(exist_ok=True)
            self._writers[name] = pq.ParquetWriter(self._where[name], table.schema)
        self._writers[name].write_table(table, row_group_size=_ROWS)
        parts.clear()


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values())))

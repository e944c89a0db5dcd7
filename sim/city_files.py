"""Reading tables that people edit: every mistake is named by file, line and column."""

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.errors import FileError


@dataclass(frozen=True)
class Table:
    """A comma-separated file as text: the needed columns, and where each row stands.

    `cells[column][row]` is the cell without surrounding blanks; `lines[row]` is the line in
    the file, counted from 1.
    """

    path: Path
    lines: list[int]
    cells: dict[str, list[str]]

    def __len__(self) -> int:
        return len(self.lines)

    def error(self, row: int, column: str, problem: str) -> FileError:
        """The error to raise about one cell."""
        return FileError(self.path, problem, line=self.lines[row], column=column)

    def text(self, column: str) -> tuple[str, ...]:
        """The column as it stands. Raises FileError at an empty cell."""
        for row, cell in enumerate(self.cells[column]):
            if not cell:
                raise self.error(row, column, "the cell is empty; some text is needed")
        return tuple(self.cells[column])

    def key(self, column: str) -> tuple[str, ...]:
        """The column, all different whatever the case. Raises FileError at a second copy."""
        seen: dict[str, int] = {}
        for row, cell in enumerate(self.text(column)):
            first = seen.setdefault(cell.casefold(), row)
            if first != row:
                place = f"already on line {self.lines[first]}"
                raise self.error(row, column, f"'{cell}' stands {place}; each must differ")
        return tuple(self.cells[column])

    def whole(self, column: str, low: int, high: int) -> np.ndarray:
        """The column as whole numbers in low..high, i8[rows]. Raises FileError."""
        for row, cell in enumerate(self.cells[column]):
            if not re.fullmatch(r"[+-]?[0-9]{1,18}", cell) or not low <= int(cell) <= high:
                allowed = f"a whole number from {low:,} to {high:,}"
                raise self.error(row, column, f"'{cell}' is not {allowed}")
        return np.array([int(cell) for cell in self.cells[column]], np.int64)

    def number(self, column: str, *, positive: bool = False) -> np.ndarray:
        """The column as finite numbers, f8[rows]; above 0 if `positive`. Raises FileError."""
        numbers = [_number(cell) for cell in self.cells[column]]
        for row, value in enumerate(numbers):
            if not math.isfinite(value) or (positive and value <= 0):
                allowed = "a number above 0" if positive else "a finite number"
                cell = self.cells[column][row]
                raise self.error(row, column, f"'{cell}' is not {allowed}")
        return np.array(numbers, np.float64)

    def choice(self, column: str, allowed: Sequence[str], called: str | None = None) -> np.ndarray:
        """The column as places in `allowed`, i8[rows]; `called` says what these are.

        Raises FileError at a cell that is none of them.
        """
        index = {name: place for place, name in enumerate(allowed)}
        for row, cell in enumerate(self.cells[column]):
            if cell not in index:
                rest = f"not {called}" if called else f"none of {', '.join(allowed)}"
                raise self.error(row, column, f"'{cell}' is {rest}")
        return np.array([index[cell] for cell in self.cells[column]], np.int64)


def _number(cell: str) -> float:
    """The number in a cell, or nan; Python's own `1_000` is not a number in a table."""
    try:
        return math.nan if "_" in cell else float(cell)
    except ValueError:
        return math.nan


def read_table(path: str | Path, columns: Sequence[str], *, empty: bool = False) -> Table:
    """Read a comma-separated UTF-8 file (a byte-order mark is accepted).

    Other columns than `columns` are allowed and ignored, blank lines too; a file without rows
    only if `empty`. Raises FileError: no such file, not UTF-8, bad quotes, a missing or double
    column, a row that is too short or too long, no rows.
    """
    path = Path(path)
    # newline="" keeps line ends as they are: the csv reader wants to see them itself.
    reader = csv.reader(io.StringIO(_decoded(path), newline=""), strict=True)
    header, lines, rows = None, [], []
    try:
        for row in reader:
            row = [cell.strip() for cell in row]
            if not any(row):
                continue
            if header is None:
                header = row
                _check_header(path, reader.line_num, header, columns)
                continue
            if len(row) != len(header):
                problem = f"{len(row)} cells, but the header has {len(header)} columns"
                raise FileError(path, problem, line=reader.line_num)
            lines.append(reader.line_num)
            rows.append(row)
    except csv.Error as error:
        raise FileError(path, f"not a proper table: {error}", line=reader.line_num) from None
    if header is None or not (rows or empty):
        raise FileError(path, f"no rows below a header of {', '.join(columns)}")
    cells = {column: [row[header.index(column)] for row in rows] for column in columns}
    return Table(path, lines, cells)


def _decoded(path: Path) -> str:
    """The file's text. Raises FileError: missing, unreadable, not UTF-8."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise FileError(path, "no such file") from None
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = f"byte {raw[error.start]:#04x} is not UTF-8; save the file as UTF-8"
        raise FileError(path, problem, line=line) from None


def _check_header(path: Path, line: int, header: list[str], columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in header]
    if missing:
        found = f"the header has {', '.join(header)}"
        raise FileError(path, f"missing column {', '.join(missing)}; {found}", line=line)
    for column in columns:
        if header.count(column) > 1:
            raise FileError(path, "the column stands twice", line=line, column=column)

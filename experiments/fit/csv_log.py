"""Event logs as CSV."""

import csv
import io
from collections import Counter

import pandas as pd

from experiments.fit.mapping import Mapping
from experiments.fit.raw import Raw
from experiments.fit.source import Bounded, encoding_of
from sim.errors import InputError

_DELIMITERS = ",;\t|"
_MANY_COLUMNS = 10_000


def read_csv(source: Bounded, mapping: Mapping) -> Raw:
    """One row a line of the table, every cell a text. Lines with too many or too few cells are
    counted among the refused. Raises InputError."""
    data = source.read()
    encoding = encoding_of(data, source.path)
    header, delimiter = _header(data, encoding, source)
    roles = mapping.found(header)
    doubles = [name for name, n in Counter(header).items() if n > 1 and name in roles.values()]
    if doubles:
        raise InputError(f"log: '{source.path}' has two columns '{doubles[0]}'; allowed: one")
    if encoding not in ("utf-8-sig", "utf-8"):
        data = data.decode(encoding).encode("utf-8")
    return _table(data, roles, delimiter, source)


def _header(data: bytes, encoding: str, source: Bounded) -> tuple[list[str], str]:
    first = data[: 1 << 20].decode(encoding, errors="ignore")
    line = first.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        header = next(csv.reader(io.StringIO(first), delimiter=delimiter), [])
    except csv.Error as error:
        raise InputError(f"log: '{source.path}' is no CSV: {error}") from None
    header = [name.strip("\ufeff") for name in header]
    if not header or len(header) > _MANY_COLUMNS:
        raise InputError(f"log: '{source.path}' has no header; allowed: CSV with names above")
    return header, delimiter


def _table(data: bytes, roles: dict[str, str], delimiter: str, source: Bounded) -> Raw:
    import pyarrow as pa
    from pyarrow import csv as arrow

    refused: list[tuple[int, str, str]] = []

    def misshapen(row) -> str:
        refused.append((row.number or 0, "misshapen", f"{row.actual_columns} cells: {row.text}"))
        return "skip"

    texts = pa.dictionary(pa.int32(), pa.string())
    wanted = list(dict.fromkeys(roles.values()))
    try:
        table = arrow.read_csv(
            pa.BufferReader(data),
            arrow.ReadOptions(use_threads=False, block_size=1 << 24),
            arrow.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=misshapen
            ),
            arrow.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, texts),
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"log: '{source.path}' is no CSV: {reason}") from None
    frame = pd.DataFrame({role: _column(table, column) for role, column in roles.items()})
    skipped = sorted(number for number, _, _ in refused)
    return Raw(frame, _lines(len(frame), skipped), refused, "CSV")


def _column(table, name: str) -> pd.Series:
    return table.column(name).unify_dictionaries().combine_chunks().to_pandas()


def _lines(n: int, skipped: list[int]):
    """The line of each row: those above it, the header and those that were skipped counted."""
    import numpy as np

    every = np.arange(2, n + len(skipped) + 2)
    return every[~np.isin(every, skipped)][:n] if skipped else every

"""Visits by case, in bounded memory.

A file of visits stands in the order in which visits ended, a log of cases does not. So the visits
are dealt out by ranges of the incident key to files beside the log, each small enough to be
sorted in memory, and the incidents with them.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from experiments.export.folder import Recorded
from sim.codes import CHANNELS, INCIDENT_STATES, OUTCOMES, SEVERITIES, STAGES, TIERS
from sim.errors import InputError
from sim.records import INCIDENT_COLUMNS, VISIT_COLUMNS
from sim.units import NEVER

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

BATCH = 1 << 15  # rows read at once
PART = 1 << 16  # rows sorted at once
_CELL = 24  # bits of a key that number the incidents of a cell (sim.stream)

_TEXTS = {
    "stage": STAGES,
    "outcome": OUTCOMES,
    "state": INCIDENT_STATES,
    "channel": CHANNELS,
    "severity": SEVERITIES,
    "grade": SEVERITIES,
    "tier": TIERS,
}
_OF_INCIDENT = (
    *("incident", "occurred", "noticed", "limit", "due", "first_closed", "solved", "state"),
    *("kind", "severity", "grade", "tier", "channel", "grid", "township", "district"),
)
VISITS = np.dtype([("visit", "i8"), *((name, kind) for name, kind in VISIT_COLUMNS.items())])
"""A visit: its row in the file, from 0, and its columns as codes."""

INCIDENTS = np.dtype([(name, INCIDENT_COLUMNS[name]) for name in _OF_INCIDENT])
"""What a case tells of its incident."""


class Part(NamedTuple):
    """Whole cases of a range of keys."""

    visits: np.ndarray  # VISITS[n], by case, then by when they started, ended, stood in the file
    incidents: np.ndarray  # INCIDENTS[m], by key, those without a visit among them


def batches(table: "pq.ParquetFile", recorded: Recorded, batch: int = BATCH) -> Iterator:
    """The rows of a table of visits or incidents as records, a batch at a time, in file order."""
    visits = table is recorded.visits
    kind, row = VISITS if visits else INCIDENTS, 0
    names = [name for name in kind.names if name != "visit"]
    texts = _TEXTS | {"kind": recorded.catalogue.kinds}
    for part in table.iter_batches(batch, columns=names):
        records = np.empty(part.num_rows, kind)
        for name in names:
            records[name] = _codes(part.column(name), name, texts.get(name), recorded)
        if visits:
            records["visit"] = np.arange(row, row + part.num_rows)
            row += part.num_rows
        yield _checked(records, recorded)


def _codes(
    column: "pa.Array", name: str, texts: tuple[str, ...] | None, recorded: Recorded
) -> np.ndarray:
    """A column as codes, -1 for null, or as numbers, NEVER for null."""
    if texts is None:
        return column.fill_null(NEVER).to_numpy() if column.null_count else column.to_numpy()
    if not hasattr(column, "indices"):  # as other programs write it
        column = column.dictionary_encode()
    known = [texts.index(t) if t in texts else None for t in column.dictionary.to_pylist()]
    if None in known:
        odd = column.dictionary[known.index(None)]
        raise InputError(
            f"run: '{recorded.path}' has the {name} '{odd}', which this version does not know; "
            "allowed: a folder of this version of Guantong"
        )
    place = column.indices.fill_null(len(known)).to_numpy()
    return np.array([*known, -1], np.int64)[place]


def _checked(records: np.ndarray, recorded: Recorded) -> np.ndarray:
    """The records, if the city can have them: its files may have changed since."""
    city = recorded.city
    if "desk" in records.dtype.names:
        right = (records["desk"] >= 0) & (records["desk"] < recorded.layout.n_desks)
    else:
        grid, township = records["grid"], records["township"]
        right = (grid >= 0) & (grid < city.n_grids)
        right &= city.grid_township[np.where(right, grid, 0)] == township
        at = np.where(right, township, 0)
        right &= city.township_district[at] == records["district"]
    if not right.all():
        raise InputError(
            f"run: '{recorded.path}' has desks or places that the city '{city.name}' has not; its "
            "files were edited since, or the folder was"
        )
    return records


def parts(
    recorded: Recorded,
    spill: Path,
    told: Callable[[float], None],
    *,
    batch: int = BATCH,
    part: int = PART,
) -> Iterator[Part]:
    """All cases, by key, in parts of some `part` rows, by way of files in the folder `spill`.

    told : takes the share of the dealing out that is done, 0 to 1.
    """
    first = _ranges(recorded, batch, part)
    n = recorded.visits.metadata.num_rows + recorded.incidents.metadata.num_rows
    done = 0
    for table, ending in ((recorded.incidents, "i"), (recorded.visits, "v")):
        for records in batches(table, recorded, batch):
            _deal(records, first, spill, ending)
            done += len(records)
            told(done / max(n, 1))
    for k in range(len(first)):
        incidents = _taken(spill / f"{k}i", INCIDENTS)
        visits = _taken(spill / f"{k}v", VISITS)
        by_start = ("visit", "ended", "started", "incident")
        order = np.lexsort([visits[name] for name in by_start])
        yield Part(visits[order], incidents[np.argsort(incidents["incident"])])


def _ranges(recorded: Recorded, batch: int, part: int) -> np.ndarray:
    """The first cell (what a key's number is counted in) of each part, i8[parts], rising. A part
    ends before the cell that would make it too long; a cell is one kind's of a district and day."""
    counted: Counter[int] = Counter()
    for table in (recorded.incidents, recorded.visits):
        for rows in table.iter_batches(batch, columns=["incident"]):
            cells, counts = np.unique(rows.column(0).to_numpy() >> _CELL, return_counts=True)
            counted.update(dict(zip(cells.tolist(), counts.tolist())))
    first, held = [], part
    for cell in sorted(counted):
        if held + counted[cell] > part:
            first.append(cell)
            held = 0
        held += counted[cell]
    return np.array(first, np.int64)


def _deal(records: np.ndarray, first: np.ndarray, spill: Path, ending: str) -> None:
    """Append records to the files of their parts, each in the order in which they came."""
    to = np.searchsorted(first, records["incident"] >> _CELL, side="right") - 1
    order = np.argsort(to, kind="stable")
    ends = np.searchsorted(to[order], np.arange(len(first) + 1))
    for k in np.flatnonzero(np.diff(ends)).tolist():
        with (spill / f"{k}{ending}").open("ab") as file:
            file.write(records[order[ends[k] : ends[k + 1]]].tobytes())


def _taken(place: Path, kind: np.dtype) -> np.ndarray:
    """The records of a file, which is removed."""
    if not place.exists():
        return np.empty(0, kind)
    records = np.fromfile(place, kind)
    place.unlink()
    return records

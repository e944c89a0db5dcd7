"""A user's own incidents, read from a table instead of drawn (docs/trace.md says what is in it).

Each incident is first drawn whole by its key, exactly as the stream would; what the table gives
then takes the place of what was drawn. So the two kinds of incident differ in nothing else.
"""

import contextlib
import csv
import datetime
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.catalogue import TOWNSHIP, Catalogue
from sim.city import City
from sim.city_files import Table, read_table
from sim.codes import (
    CHANNELS,
    DISPATCH,
    DISPOSE,
    JUDGE,
    N_STAGES,
    NONE,
    REGISTER,
    SEVERITIES,
    SIGN,
    STAGES,
    TIERS,
    VERIFY,
)
from sim.draws import OF_INCIDENT
from sim.errors import FileError
from sim.jit import jit
from sim.rows import (
    I_BASE,
    I_DISTRICT,
    I_DUPLICATES,
    I_GIVEN,
    I_GRID,
    I_KEY,
    I_KIND,
    I_OCCURRED,
    I_PARTNERS,
    I_SEVERITY,
    I_TIER,
    I_TOWNSHIP,
    TOWNSHIP_BIT,
)
from sim.stream import Rates, fill, pack_key
from sim.units import DAY

_FIELDS = {  # column: where it stands in an incident's row
    "occurred": I_OCCURRED,
    "grid": I_GRID,
    "kind": I_KIND,
    "severity": I_SEVERITY,
    "channel": I_BASE,
    "tier": I_TIER,
    "duplicates": I_DUPLICATES,
    "partners": I_PARTNERS,
}
_WORKS = {f"{STAGES[s]}_s": s for s in (REGISTER, JUDGE, DISPATCH, SIGN, DISPOSE, VERIFY)}
REQUIRED = ("occurred", "grid", "kind", "severity", "channel")
OPTIONAL = ("tier", "duplicates", "partners", *_WORKS)

# Limits of the format, not of the model: they keep typing errors from passing for numbers.
MOST_WORK = 366 * DAY
MOST_DUPLICATES = 2**16 - 1  # reports are numbered in 16 bits, see draws.py

_WHOLE = re.compile(r"([+-]?[0-9]{1,15})(?:\.0*)?")  # 600 or, as some programs write it, 600.0
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?")


class Trace(NamedTuple):
    """The incidents of a table that occur within the horizon."""

    rows: np.ndarray  # i8[n, I_GIVEN + 1], by (occurred, key)
    given: np.ndarray  # i8[n_given, N_STAGES], hands-on work [ticks]; NONE where not given
    ignored: int  # rows of the table that occur after the end


def read_trace(
    path: str | Path,
    city: City,
    catalogue: Catalogue,
    rates: Rates,
    start: datetime.date,
    n_days: int,
    seed: int,
) -> Trace:
    """Read the incidents of `n_days` days from `start` on; what is not given is drawn by key.

    The running number in an incident's key counts its cell's incidents by (occurred, line), so
    lines may stand in any order, of which a warning tells. Raises FileError naming line, column,
    value and what is allowed: also for a moment before the start, and when nothing occurs before
    the end.
    """
    table = _read(path)
    known, works = _given(table, city, catalogue, start)
    _warn_of_disorder(table, known[:, I_OCCURRED])
    inside = np.flatnonzero(known[:, I_OCCURRED] < n_days * DAY)
    ignored = len(known) - len(inside)
    if len(inside) == 0:
        problem = f"none of its {ignored} incidents occurs within {n_days} days from {start}"
        raise FileError(path, problem)
    inside = inside[np.argsort(known[inside, I_OCCURRED], kind="stable")]
    keys = _keys(known[inside], rates.first_day)
    # The clocks take incidents of one tick by key, whatever their lines.
    order = np.lexsort((keys, known[inside, I_OCCURRED]))
    known, works = known[inside[order]], works[inside[order]]
    known[:, I_KEY] = keys[order]
    has_works = (works != NONE).any(axis=1)
    known[:, I_GIVEN] = np.where(has_works, np.cumsum(has_works) - 1, NONE)
    rows = np.where(known == NONE, _drawn(np.uint64(seed), rates, known), known)
    return Trace(rows, works[has_works], ignored)


def _warn_of_disorder(table: Table, occurred: np.ndarray) -> None:
    """Lines out of order are taken in the order of time; a slip in a date would look like that."""
    back = np.flatnonzero(np.diff(occurred) < 0) + 1
    if back.size:
        which = "1 line occurs" if back.size == 1 else f"{back.size:,} lines occur"
        warnings.warn(
            f"{table.path}: {which} before the line above, the first on line "
            f"{table.lines[back[0]]}; the incidents are taken in the order of time",
            stacklevel=3,
        )


def chunks(
    trace: Trace, n_days: int, days_per_chunk: int = 1, since: int = 0
) -> Iterator[tuple[int, np.ndarray]]:
    """The trace as `stream.generate` gives it: (tick up to which it is complete, rows)."""
    done = int(np.searchsorted(trace.rows[:, I_OCCURRED], since * DAY))
    for first in range(since, n_days, days_per_chunk):
        until = min(first + days_per_chunk, n_days) * DAY
        end = int(np.searchsorted(trace.rows[:, I_OCCURRED], until))
        yield until, trace.rows[done:end]
        done = end


def _keys(known: np.ndarray, first_day: int) -> np.ndarray:
    """Incident keys of rows that stand by (occurred, line), i8[n]."""
    days = first_day + known[:, I_OCCURRED] // DAY
    cell = pack_key(OF_INCIDENT, days, known[:, I_DISTRICT], known[:, I_KIND], 0)
    by_cell = np.argsort(cell, kind="stable")
    k = np.empty(len(cell), np.int64)
    k[by_cell] = np.arange(len(cell)) - np.searchsorted(cell[by_cell], cell[by_cell])
    return cell + k


@jit(allocates=True)
def _drawn(seed, rates, known):
    """What the stream would draw for these keys, i8[n, I_GIVEN + 1]."""
    rows = np.zeros_like(known)
    for i in range(known.shape[0]):
        key, day = known[i, I_KEY], known[i, I_OCCURRED] // DAY
        fill(seed, rates, rows[i], OF_INCIDENT, key, day, known[i, I_DISTRICT], known[i, I_KIND])
    return rows


# --- the table ---------------------------------------------------------------------------------


def _read(path: str | Path) -> Table:
    """The table's required columns and those optional ones that it has."""
    line, header = _header(path)
    for column in header:
        if column not in REQUIRED + OPTIONAL:
            allowed = f"needed are {', '.join(REQUIRED)}; allowed are {', '.join(OPTIONAL)}"
            raise FileError(path, f"unknown column; {allowed}", line=line, column=column)
    return read_table(path, (*REQUIRED, *(column for column in header if column in OPTIONAL)))


def _header(path: str | Path) -> tuple[int, list[str]]:
    """Line and columns of the header. A file that cannot be read is left to `read_table`."""
    with (
        contextlib.suppress(OSError, UnicodeDecodeError, csv.Error),
        open(path, encoding="utf-8-sig", newline="") as file,
    ):
        reader = csv.reader(file)
        for row in reader:
            if any(cell.strip() for cell in row):
                return reader.line_num, [cell.strip() for cell in row]
    return 1, []


def _given(
    table: Table, city: City, catalogue: Catalogue, start: datetime.date
) -> tuple[np.ndarray, np.ndarray]:
    """What the table gives, in its order: rows i8[n, I_GIVEN + 1] and works i8[n, N_STAGES].

    NONE where it gives nothing.
    """
    known = np.full((len(table), I_GIVEN + 1), NONE, np.int64)
    works = np.full((len(table), N_STAGES), NONE, np.int64)
    parsers = _parsers(city, catalogue, start)
    for column in table.cells:
        values = _values(table, column, parsers[column])
        if column in _WORKS:
            works[:, _WORKS[column]] = values
        else:
            known[:, _FIELDS[column]] = values
    known[:, I_TOWNSHIP] = city.grid_township[known[:, I_GRID]]
    known[:, I_DISTRICT] = city.township_district[known[:, I_TOWNSHIP]]
    _check_partners(table, known, catalogue)
    return known, works


def _values(table: Table, column: str, parse: Callable[[str], int]) -> np.ndarray:
    """The column's numbers, i8[n]. `parse` raises ValueError saying what is wrong with a cell."""
    cells = table.cells[column]
    number = {}  # of each different cell: most columns hold few, so a long table reads fast
    for cell in dict.fromkeys(cells):
        try:
            number[cell] = parse(cell)
        except ValueError as error:
            raise table.error(cells.index(cell), column, f"'{cell}' {error}") from None
    return np.fromiter(map(number.__getitem__, cells), np.int64, len(cells))


def _check_partners(table: Table, known: np.ndarray, catalogue: Catalogue) -> None:
    lead = catalogue.lead[known[:, I_KIND]].astype(np.int64)
    wrong = (known[:, I_PARTNERS] != NONE) & ((known[:, I_PARTNERS] >> lead) & 1 == 1)
    if wrong.any():
        row = int(np.argmax(wrong))
        name, kind = catalogue.departments[lead[row]], catalogue.kinds[known[row, I_KIND]]
        problem = f"names '{name}', which leads '{kind}' and is no partner of its own"
        raise table.error(row, "partners", f"'{table.cells['partners'][row]}' {problem}")


# --- the cells ---------------------------------------------------------------------------------


def _parsers(
    city: City, catalogue: Catalogue, start: datetime.date
) -> dict[str, Callable[[str], int]]:
    """For each column, the function from its cell to the number in the row."""
    kinds = _numbered(catalogue.kind_en) | _numbered(catalogue.kind_zh) | _numbered(catalogue.kinds)
    severities = _numbered(SEVERITIES) | _numbered(["1", "2", "3", "4"])
    bits = _numbered(catalogue.departments) | {TOWNSHIP: TOWNSHIP_BIT}
    work = partial(_optional, parse=partial(_whole, most=MOST_WORK))
    keys = f"{', '.join(catalogue.kinds)}, nor the Chinese or English name of one"
    return {
        "occurred": partial(_tick, start=start),
        "grid": partial(_grid, city=city, townships=_numbered(city.township_code)),
        "kind": partial(_name, codes=kinds, allowed=keys),
        "severity": partial(_name, codes=severities, allowed="I, II, III, IV or 1, 2, 3, 4"),
        "channel": partial(_name, codes=_numbered(CHANNELS), allowed=", ".join(CHANNELS)),
        "tier": partial(
            _optional,
            parse=partial(_name, codes=_numbered(TIERS), allowed=f"{', '.join(TIERS)} or empty"),
        ),
        "duplicates": partial(_optional, parse=partial(_whole, most=MOST_DUPLICATES)),
        "partners": partial(_optional, parse=partial(_partners, bits=bits)),
        **dict.fromkeys(_WORKS, work),
    }


def _numbered(names: Sequence[str]) -> dict[str, int]:
    """The place of each name, whatever its case."""
    return {name.casefold(): place for place, name in enumerate(names)}


def _optional(cell: str, parse: Callable[[str], int]) -> int:
    return parse(cell) if cell else NONE


def _name(cell: str, codes: Mapping[str, int], allowed: str) -> int:
    if cell.casefold() not in codes:
        raise ValueError(f"is none of {allowed}")
    return codes[cell.casefold()]


def _whole(cell: str, most: int) -> int:
    found = _WHOLE.fullmatch(cell)
    if not found or not 0 <= int(found[1]) <= most:
        raise ValueError(f"is not a whole number from 0 to {most:,}")
    return int(found[1])


def _tick(cell: str, start: datetime.date) -> int:
    """Seconds from 00:00 on the start date, of a moment in local time or of such seconds."""
    seconds = _WHOLE.fullmatch(cell)
    try:
        if seconds:
            tick = int(seconds[1])
        else:
            moment = datetime.datetime.fromisoformat(cell if _MOMENT.fullmatch(cell) else "")
            midnight = datetime.datetime.combine(start, datetime.time())
            tick = (moment - midnight) // datetime.timedelta(seconds=1)
    except ValueError:  # also a date that is in no calendar
        form = f"like {start}T08:30:00 (no zone) or whole seconds from {start} 00:00"
        raise ValueError(f"is not a local date and time {form}") from None
    if tick < 0:
        raise ValueError(f"is before the start, {start} 00:00")
    return tick


def _grid(cell: str, city: City, townships: Mapping[str, int]) -> int:
    """A grid's number in the city, or its township's code and its number there (from 1)."""
    code, slash, number = (part.strip() for part in cell.rpartition("/"))
    if not slash:
        return _whole(cell, city.n_grids - 1)
    if code.casefold() not in townships:
        raise ValueError(f"names township '{code}', which is no code in townships.csv")
    township = townships[code.casefold()]
    most = int(city.township_grids[township])
    if not re.fullmatch("[0-9]{1,9}", number) or not 1 <= int(number) <= most:
        raise ValueError(f"names grid '{number}'; township '{code}' has grids 1 to {most}")
    return int(city.township_first_grid[township]) + int(number) - 1


def _partners(cell: str, bits: Mapping[str, int]) -> int:
    """Bits of the departments named, as in I_PARTNERS; `-` for none."""
    if cell == "-":
        return 0
    mask = 0
    for name in (part.strip() for part in cell.split(";")):
        if name.casefold() not in bits:
            allowed = f"allowed, with ; between them, are {', '.join(bits)}; - for none"
            raise ValueError(f"names '{name}'; {allowed}")
        mask |= 1 << bits[name.casefold()]
    return mask

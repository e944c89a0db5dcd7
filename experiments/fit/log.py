"""An event log as arrays: read, cleaned, every row that is refused counted with its reason."""

import datetime
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.fit.cleaning import MISSING, cleaned
from experiments.fit.csv_log import read_csv
from experiments.fit.mapping import NUMBERS, STAMPS, Mapping
from experiments.fit.ocel_log import read_ocel
from experiments.fit.raw import Raw, Refusal
from experiments.fit.source import opened
from experiments.fit.xes_log import read_xes
from scenarios.commands import FitSettings
from sim.errors import InputError
from sim.units import DAY

_READ = 0.7  # share of the time that goes into reading; the rest into cleaning


@dataclass(frozen=True, eq=False)
class EventLog:
    """frame : one row a completed event, by (case, complete, line): `case`, `activity`, `resource`
    (codes; -1 without one), `start` and `complete` (ticks since 00:00 on the first day, MISSING
    where not known), `line`, and of the other roles those that the log has: texts as categories,
    numbers, ticks. names : of the codes, by column; by_day : whether stamps are days, not times;
    zone : whose wall clock it is; read : rows of the file, refused ones included."""

    frame: pd.DataFrame
    names: dict[str, list[str]]
    first_day: datetime.date
    n_days: int
    read: int
    refused: Counter
    listed: list[Refusal]
    notes: list[str]
    by_day: bool
    zone: str
    source: str
    form: str
    sha256: str

    @property
    def n_cases(self) -> int:
        return len(self.names["case"])

    def has(self, role: str) -> bool:
        """Whether the log has such a column, with a value in some row."""
        if role not in self.frame:
            return False
        column = self.frame[role]
        return bool((column != MISSING).any() if role in STAMPS else column.notna().any())


def read_log(
    path: str, mapping: Mapping, settings: FitSettings, tell: Callable[[float], None]
) -> EventLog:
    """Read and clean a log. tell : told the share done. Raises InputError."""
    raw = _raw(path, mapping, settings, lambda share: tell(_READ * share))
    tell(_READ)
    table, times, notes, refused = cleaned(raw, mapping, settings)
    if table.empty:
        reasons = ", ".join(f"{n:,} {why}" for why, n in refused.counts().items())
        raise InputError(f"log: '{path}' has no row that can be used: {reasons or 'it is empty'}")
    log = _log(Path(path), raw, table, times, notes, refused, settings)
    tell(1.0)
    return log


def _raw(path: str, mapping: Mapping, settings: FitSettings, tell: Callable[[float], None]) -> Raw:
    inner = Path(path).name.casefold().removesuffix(".gz")
    with opened(path, settings) as source:
        if inner.endswith((".xes", ".xml")):
            return read_xes(source, mapping, tell)
        if inner.endswith((".json", ".jsonocel")):
            return read_ocel(source, mapping)
        if inner.endswith((".csv", ".txt", ".tsv")):
            return read_csv(source, mapping)
    raise InputError(f"log: '{path}'; allowed: .csv, .xes or .json, each also with .gz")


def _log(path: Path, raw: Raw, table, times, notes, refused, settings: FitSettings) -> EventLog:
    names = {}
    for role in ("case", "activity", "resource"):
        names[role] = []
        if role in table:
            column = table[role].cat.remove_unused_categories()
            names[role] = [str(value) for value in column.cat.categories]
            table[role] = column.cat.codes.to_numpy(np.int64)
        else:
            table[role] = -1
    blank = [i for i, value in enumerate(names["resource"]) if value.strip() in ("", "?")]
    table.loc[np.isin(table["resource"], blank), "resource"] = -1
    known = [table[role][table[role] != MISSING] for role in ("complete", "start")]
    first = int(min(column.min() for column in known if len(column)) // DAY)
    for role in (role for role in STAMPS if role in table):
        table[role] = table[role].where(table[role] == MISSING, table[role] - first * DAY)
    for role in (role for role in NUMBERS if role in table):
        table[role] = pd.to_numeric(table[role].astype("str"), errors="coerce")
    order = np.lexsort((table["line"], table["complete"], table["case"]))
    table = table.iloc[order].reset_index(drop=True)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return EventLog(
        table,
        names,
        datetime.date(1970, 1, 1) + datetime.timedelta(days=first),
        int(table["complete"].max() // DAY) + 1,
        len(raw.frame) + len(raw.refused),
        refused.counts(),
        refused.listed(),
        notes,
        times.day_share >= settings.day_stamps,
        times.zone,
        path.name,
        raw.form,
        digest.hexdigest(),
    )

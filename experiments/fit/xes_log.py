"""Event logs as XES (IEEE 1849-2016), read as a stream."""

from collections.abc import Callable
from xml.parsers import expat

import numpy as np
import pandas as pd

from experiments.fit.mapping import Mapping
from experiments.fit.raw import Raw
from experiments.fit.source import Bounded
from sim.errors import InputError

_CHUNK = 1 << 20
_DEEP = 100
"""Levels of nesting; XES has a handful."""
_CASE = "case:"
"""What a trace's own attributes are called in a table of events, so case:concept:name."""


class _Reader:
    """Collects the attributes of events, those of their trace among them."""

    def __init__(self, source: Bounded):
        self.source = source
        self.path: list[str] = []
        self.trace: dict[str, str] = {}
        self.event: dict[str, str] | None = None
        self.columns: dict[str, list[str]] = {}
        self.texts: dict[str, str] = {}  # each different text once
        self.n = 0

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        self.path.append(tag)
        if len(self.path) > _DEEP:
            raise InputError(f"log: '{self.source.path}' nests deeper than {_DEEP} levels")
        if tag == "trace":
            self.trace = {}
        elif tag == "event":
            self.event = {}
        elif "key" in attributes and "value" in attributes and len(self.path) > 1:
            above, key, value = self.path[-2], attributes["key"], attributes["value"]
            if above == "event" and self.event is not None:
                self.event[key] = self.texts.setdefault(value, value)
            elif above == "trace":
                self.trace[_CASE + key] = self.texts.setdefault(value, value)

    def end(self, tag: str) -> None:
        self.path.pop()
        if tag.rpartition(":")[2] == "event" and self.event is not None:
            for key, value in (self.trace | self.event).items():
                column = self.columns.setdefault(key, [])
                column.extend([""] * (self.n - len(column)))
                column.append(value)
            self.n += 1
            self.event = None

    def refuse(self, *_: object) -> None:
        raise InputError(
            f"log: '{self.source.path}' declares a document type or entities, by which XML bombs "
            "work; allowed: XES without them"
        )


def read_xes(source: Bounded, mapping: Mapping, tell: Callable[[float], None]) -> Raw:
    """One row an event. Raises InputError, also for a document type or an entity."""
    reader = _Reader(source)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = reader.refuse
    parser.ExternalEntityRefHandler = parser.UnparsedEntityDeclHandler = reader.refuse
    try:
        while chunk := source.read(_CHUNK):
            parser.Parse(chunk, False)
            tell(source.share)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise InputError(f"log: '{source.path}' is no XES: {error}") from None
    for column in reader.columns.values():
        column.extend([""] * (reader.n - len(column)))
    if not reader.columns:
        raise InputError(f"log: '{source.path}' holds no event")
    return _rows(reader, mapping)


def _rows(reader: _Reader, mapping: Mapping) -> Raw:
    header = list(reader.columns)
    roles = mapping.found(_preferred(header))
    frame = pd.DataFrame(
        {role: pd.Categorical(reader.columns[column]) for role, column in roles.items()}
    )
    return Raw(frame, np.arange(1, reader.n + 1), [], "XES")


def _preferred(header: list[str]) -> list[str]:
    """The standard's names first: those that an exporter adds beside them are copies."""
    standard = ("case:concept:name", "concept:name", "time:timestamp", "org:resource")
    if not all(name in header for name in standard[:3]):
        return header
    usual = {"case_id", "case", "activity", "stage", "complete", "timestamp", "end", "ended"}
    return [name for name in header if name not in usual]

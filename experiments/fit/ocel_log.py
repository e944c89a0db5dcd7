"""Event logs as OCEL 2.0 JSON: events that belong to objects, flattened to one case each."""

import json
from collections import Counter
from collections.abc import Mapping as Table
from typing import Any

import numpy as np
import pandas as pd

from experiments.fit.mapping import Mapping
from experiments.fit.raw import Raw, Refusal
from experiments.fit.source import Bounded, encoding_of
from sim.errors import InputError

_CASES = ("incident", "case", "工单", "案件")
_RESOURCES = ("resource", "desk", "employee", "seat", "处理人")


def read_ocel(source: Bounded, mapping: Mapping) -> Raw:
    """One row an event and an object of the type that is the case. Raises InputError."""
    data = source.read()
    try:
        found = json.loads(data.decode(encoding_of(data, source.path)))
        objects = {str(item["id"]): item for item in found["objects"]}
        events = found["events"]
        kind = _case_type(objects, events, mapping, source)
        rows, refused = _flattened(events, objects, kind)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"log: '{source.path}' is no OCEL 2.0 JSON: {type(error).__name__} {reason}"
        ) from None
    if not rows:
        raise InputError(f"log: '{source.path}' holds no event of an object of type '{kind}'")
    header = list(dict.fromkeys(key for row in rows for key in row))
    roles = mapping.found(header)
    frame = pd.DataFrame(
        {role: pd.Categorical([row.get(column, "") for row in rows])
         for role, column in roles.items()}
    )  # fmt: skip
    return Raw(frame, np.array([row["#"] for row in rows], np.int64), refused, "OCEL")


def _case_type(objects: Table, events: list, mapping: Mapping, source: Bounded) -> str:
    """The type of object that is the case: as stated, of a usual name, or what most events name."""
    named = Counter(
        objects[str(link["objectId"])]["type"]
        for event in events
        for link in event.get("relationships", [])
        if str(link["objectId"]) in objects
    )
    if mapping.object is not None:
        if mapping.object not in named:
            known = ", ".join(named)
            raise InputError(f"object: '{mapping.object}' is no type of the log; allowed: {known}")
        return mapping.object
    usual = [name for name in named if name.casefold() in _CASES]
    if not named:
        raise InputError(f"log: '{source.path}' relates no event to an object")
    return usual[0] if usual else named.most_common(1)[0][0]


def _flattened(events: list, objects: Table, kind: str) -> tuple[list[dict], list[Refusal]]:
    """Rows {column: text}; `#` is the number of the event, from 1."""
    rows: list[dict[str, Any]] = []
    refused: list[Refusal] = []
    for number, event in enumerate(events, 1):
        cases, others = [], {}
        for link in event.get("relationships", []):
            item = objects.get(str(link["objectId"]))
            if item is None:
                continue
            if item["type"] == kind:
                cases.append(item)
            else:
                others.setdefault(str(item["type"]), str(item["id"]))
        if not cases:
            refused.append((number, "no case", str(event.get("id", ""))[:200]))
        for item in cases:
            row = _attributes(item) | others
            for name in (name for name in _RESOURCES if name in others):
                row |= _attributes(objects[others[name]]) | {"resource": others[name]}
            row |= _attributes(event) | {"case": str(item["id"]), "#": number}
            row |= {"activity": str(event["type"]), "timestamp": str(event["time"])}
            rows.append(row)
    return rows, refused


def _attributes(item: Table) -> dict[str, str]:
    """Attributes by name; of one that changes, the last value stated."""
    return {str(a["name"]): str(a["value"]) for a in item.get("attributes", [])}

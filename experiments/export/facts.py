"""What an event log tells of a case and of a visit, as texts; alike in every format."""

import datetime
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from experiments.export.cases import INCIDENTS, Part
from experiments.export.folder import Recorded
from experiments.export.places import Places
from sim.codes import CHANNELS, INCIDENT_STATES, SEVERITIES
from sim.draws import OF_BACKGROUND
from sim.stream import unpack_key
from sim.units import NEVER

ZONE = "+08:00"
"""Ticks are local time; that it is China's, without daylight saving, is assumed."""

CLASSES = ("", "incident", "false_alarm", "background", "consultation", "trivial")
"""Entity classes of keys (sim.draws)."""

CASE = {
    **dict.fromkeys(("class", "policy", "kind", "severity", "grade", "channel"), "string"),
    **dict.fromkeys(("resolving_tier", "district", "township", "grid", "state"), "string"),
    **dict.fromkeys(("occurred", "noticed", "limit", "due", "first_closed", "solved"), "time"),
}
"""Attributes of a case, with their types."""


class Cases(NamedTuple):
    """The cases of a part that have a visit."""

    keys: list[int]
    attributes: Iterator[tuple[str, ...]]  # of each, in the order of CASE; empty: it has none


def stamps(start: datetime.date, ticks: np.ndarray) -> list[str]:
    """Ticks as ISO 8601 without a zone, empty for NEVER."""
    known = ticks < NEVER
    moments = np.datetime64(start, "s") + np.where(known, ticks, 0).astype("m8[s]")
    texts = np.datetime_as_string(moments, unit="s").tolist()
    return [text if k else "" for text, k in zip(texts, known.tolist())]


def zoned(start: datetime.date, ticks: np.ndarray) -> list[str]:
    """Ticks as ISO 8601 with the zone, empty for NEVER."""
    return [f"{text}{ZONE}" if text else "" for text in stamps(start, ticks)]


def cases(part: Part, recorded: Recorded, places: Places) -> Cases:
    """The cases of a part, by key; of what is no incident there is only what its key tells."""
    keys = np.unique(part.visits["incident"])
    entity, _, district, kind, _ = unpack_key(keys)
    known = np.isin(keys, part.incidents["incident"])
    rows = np.empty(len(keys), INCIDENTS)
    for name in INCIDENTS.names:
        rows[name] = NEVER if CASE.get(name) == "time" else -1
    rows[known] = part.incidents[np.searchsorted(part.incidents["incident"], keys[known])]
    # The key of a background task has a desk in the district's bits.
    local = ~known & (entity != OF_BACKGROUND)
    rows["kind"][local], rows["district"][local] = kind[local], district[local]

    def named(column: str, names: Sequence[str]) -> list[str]:
        return [names[code] if code >= 0 else "" for code in rows[column].tolist()]

    columns = {
        "class": [CLASSES[e] for e in entity.tolist()],
        "policy": [recorded.policy] * len(keys),
        "kind": named("kind", places.kind),
        "severity": named("severity", SEVERITIES),
        "grade": named("grade", SEVERITIES),
        "channel": named("channel", CHANNELS),
        "resolving_tier": named("tier", places.tiers),
        "district": named("district", places.district),
        "township": named("township", places.township),
        "grid": named("grid", places.grid),
        "state": named("state", INCIDENT_STATES),
    }
    for name, kind_of in CASE.items():
        if kind_of == "time":
            columns[name] = zoned(recorded.start, rows[name])
    return Cases(keys.tolist(), zip(*(columns[name] for name in CASE)))

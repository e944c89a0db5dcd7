"""XES, the standard of event logs by case (IEEE 1849-2016), as text."""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

import numpy as np

from experiments.export.cases import Part
from experiments.export.facts import CASE, ZONE, cases, stamps
from experiments.export.folder import Recorded
from experiments.export.places import Places
from sim.codes import OUTCOMES, STAGES

_ELEMENT = {"string": "string", "time": "date"}
_EXTENSIONS = {
    "Concept": "concept",
    "Lifecycle": "lifecycle",
    "Organizational": "org",
    "Time": "time",
}
_GLOBALS = {
    "trace": {"concept:name": "string", "class": "string", "policy": "string"},
    "event": {
        **dict.fromkeys(("concept:name", "concept:instance", "lifecycle:transition"), "string"),
        **dict.fromkeys(("org:resource", "org:role", "org:group", "tier"), "string"),
        "time:timestamp": "date",
    },
}
"""Attributes that every trace and every event has."""

_CLASSIFIERS = {
    "Activity": "concept:name",
    "Activity_and_transition": "concept:name lifecycle:transition",
    "Resource": "org:resource",
}
_UNKNOWN = {"string": "UNKNOWN", "date": f"1970-01-01T00:00:00{ZONE}"}
_IN_ATTRIBUTES = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(recorded: Recorded, places: Places, parts: Iterable[Part]) -> Iterator[str]:
    """The log, piece by piece: a trace a case, two events a visit."""
    yield from _head(recorded)
    told = _Desks(places)
    for part in parts:
        yield from _traces(part, recorded, places, told)
    yield "</log>\n"


def safe(value: str) -> str:
    """A text as the value of an XML attribute; what XML cannot hold becomes U+FFFD."""
    return escape(_NO_XML.sub("\ufffd", value), _IN_ATTRIBUTES)


def _head(recorded: Recorded) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<log xes.version="1849.2016" xes.features="">\n'
    for name, prefix in _EXTENSIONS.items():
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        yield f'<extension name="{name}" prefix="{prefix}" uri="{uri}"/>\n'
    for scope, keys in _GLOBALS.items():
        yield f'<global scope="{scope}">\n'
        for key, kind in keys.items():
            yield f'<{kind} key="{key}" value="{_UNKNOWN[kind]}"/>\n'
        yield "</global>\n"
    for name, keys in _CLASSIFIERS.items():
        yield f'<classifier name="{name}" scope="event" keys="{keys}"/>\n'
    made = recorded.provenance
    for key, value in {
        "concept:name": f"Guantong: {recorded.city.name}, {recorded.policy}",
        "lifecycle:model": "standard",
        "time_zone": f"{ZONE} (Asia/Shanghai), assumed",
        "fingerprint": made["fingerprint"],
        "version": str(made.get("version")),
    }.items():
        yield f'<string key="{key}" value="{safe(value)}"/>\n'
    for key, number in {"replication": recorded.replication, "seed": recorded.seed}.items():
        yield f'<int key="{key}" value="{number}"/>\n'


class _Desks:
    """What an event says of its desk, by desk; written once."""

    def __init__(self, places: Places):
        self._places = places
        self._known: dict[int, str] = {}

    def __getitem__(self, desk: int) -> str:
        if desk not in self._known:
            places = self._places
            said = {
                "org:resource": places.desk[desk],
                "org:role": places.group[desk],
                "org:group": places.centre[int(places.layout.centre[desk])],
                "tier": places.tier[desk],
                "department": places.department[desk],
            }
            self._known[desk] = "".join(
                f'<string key="{key}" value="{safe(value)}"/>'
                for key, value in said.items()
                if value
            )
        return self._known[desk]


def _traces(part: Part, recorded: Recorded, places: Places, desks: _Desks) -> Iterator[str]:
    visits, (keys, attributes) = part.visits, cases(part, recorded, places)
    heads = iter(map(_trace_head, keys, attributes))
    columns = {name: visits[name].tolist() for name in visits.dtype.names}
    times = {
        name: stamps(recorded.start, visits[name])
        for name in ("joined", "started", "ended", "released")
    }
    own = columns["incident"]
    before = None
    for event in _in_order(visits).tolist():
        i, complete = event >> 1, event & 1
        if own[i] != before:
            yield ("</trace>\n" if before is not None else "") + next(heads)
            before = own[i]
        yield _event(columns, times, i, complete, desks)
    if before is not None:
        yield "</trace>\n"


def _in_order(visits: np.ndarray) -> np.ndarray:
    """Twice the place of a visit, and 1 more where it ends: events by case and time. At one tick
    a visit that began earlier comes first, and starts before it completes."""
    n = len(visits)
    ticks = np.stack([visits["started"], visits["ended"]], axis=1).ravel()
    event = np.arange(2 * n)
    return np.lexsort((event, ticks, np.repeat(visits["incident"], 2)))


def _trace_head(key: int, values: tuple[str, ...]) -> str:
    said = "".join(
        f'<{_ELEMENT[kind]} key="{name}" value="{safe(value)}"/>'
        for (name, kind), value in zip(CASE.items(), values)
        if value
    )
    return f'<trace>\n<string key="concept:name" value="{key}"/>{said}\n'


def _event(
    columns: dict[str, list], times: dict[str, list[str]], i: int, complete: int, desks: _Desks
) -> str:
    moment, transition = (times["ended"], "complete") if complete else (times["started"], "start")
    said = (
        f'<event><string key="concept:name" value="{STAGES[columns["stage"][i]]}"/>'
        f'<string key="concept:instance" value="{columns["visit"][i]}"/>'
        f'<string key="lifecycle:transition" value="{transition}"/>'
        f'<date key="time:timestamp" value="{moment[i]}{ZONE}"/>{desks[columns["desk"][i]]}'
    )
    if complete:
        said += (
            f'<string key="outcome" value="{OUTCOMES[columns["outcome"][i]]}"/>'
            f'<date key="joined" value="{times["joined"][i]}{ZONE}"/>'
            f'<date key="released" value="{times["released"][i]}{ZONE}"/>'
        )
        for name in ("worked", "retyping", "attempt", "report", "branch"):
            said += f'<int key="{name}" value="{columns[name][i]}"/>'
    return f"{said}</event>\n"

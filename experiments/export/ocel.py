"""OCEL 2.0 in its JSON form: object-centric, an event a visit, as text.

Values of attributes are written as texts, as the JSON schema of the standard has it; the types
are declared beside their names.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from experiments.export.cases import Part, batches
from experiments.export.facts import CASE, ZONE, cases, zoned
from experiments.export.folder import Recorded
from experiments.export.places import Places
from sim.codes import OUTCOMES, STAGES
from sim.draws import OF_BACKGROUND
from sim.records import SUPERVISE_BRANCH
from sim.stream import unpack_key

_ALWAYS = f"1970-01-01T00:00:00{ZONE}"
"""The moment of what an object has from the first, by the standard's convention."""

_OF_EVENT = {
    "started": "time",
    "joined": "time",
    "released": "time",
    "outcome": "string",
    **dict.fromkeys(("worked", "retyping", "attempt", "report", "branch"), "integer"),
}
_ELSEWHERE = ("district", "township")  # of a case: relations to objects, not attributes
_OBJECTS = {
    "incident": {n: kind for n, kind in CASE.items() if n not in _ELSEWHERE},
    "report": {"number": "integer"},
    "desk": dict.fromkeys(("name", "tier", "department", "role", "centre"), "string"),
    "township": {"name": "string"},
    "district": {"name": "string"},
}


def text(
    recorded: Recorded,
    places: Places,
    parts: Iterable[Part],
    told: Callable[[float], None] = lambda share: None,
) -> Iterator[str]:
    """The log, piece by piece; events in the order in which visits ended.

    told : takes the share of the events that is written, after all parts.
    """
    yield '{"objectTypes":' + _json(_types(_OBJECTS))
    yield ',\n"eventTypes":' + _json(_types(dict.fromkeys(STAGES[1:-1], _OF_EVENT)))
    yield ',\n"objects":[\n'
    yield from _joined(_objects(recorded, places, parts))
    yield '\n],\n"events":[\n'
    yield from _joined(_events(recorded, told))
    yield "\n]}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _types(attributes: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "attributes": [{"name": a, "type": kind} for a, kind in own.items()]}
        for name, own in attributes.items()
    ]


def _joined(texts: Iterator[str]) -> Iterator[str]:
    for k, one in enumerate(texts):
        yield f",\n{one}" if k else one


def _object(name: str, kind: str, values: dict[str, str], relations: dict[str, str]) -> str:
    """relations : qualifier by the object's name; empty names and values are left out."""
    return _json(
        {
            "id": name,
            "type": kind,
            "attributes": [
                {"name": n, "time": _ALWAYS, "value": v} for n, v in values.items() if v
            ],
            "relationships": _related(relations),
        }
    )


def _related(relations: dict[str, str]) -> list[dict[str, str]]:
    return [{"objectId": o, "qualifier": q} for o, q in relations.items() if o]


def _objects(recorded: Recorded, places: Places, parts: Iterable[Part]) -> Iterator[str]:
    """Places, desks that have a visit, incidents, reports."""
    city, used = recorded.city, np.zeros(recorded.layout.n_desks, bool)
    for d, name in enumerate(places.district):
        yield _object(f"district:{d}", "district", {"name": name}, {})
    for t, name in enumerate(places.township):
        within = {f"district:{city.township_district[t]}": "lies in"}
        yield _object(f"township:{t}", "township", {"name": name}, within)
    for part in parts:
        used[part.visits["desk"]] = True
        yield from _cases(part, recorded, places)
    for desk in np.flatnonzero(used).tolist():
        values = {
            "name": places.desk[desk],
            "tier": places.tier[desk],
            "department": places.department[desk],
            "role": places.group[desk],
            "centre": places.centre[int(recorded.layout.centre[desk])],
        }
        of = int(places.district_of_desk[desk])
        within = {f"district:{of}": "belongs to"} if of >= 0 else {}
        yield _object(f"desk:{desk}", "desk", values, within)


def _cases(part: Part, recorded: Recorded, places: Places) -> Iterator[str]:
    of_township = dict(
        zip(part.incidents["incident"].tolist(), part.incidents["township"].tolist())
    )
    numbers = {name: d for d, name in enumerate(places.district)}
    keys, attributes = cases(part, recorded, places)
    for key, values in zip(keys, attributes):
        own = dict(zip(CASE, values))
        township = of_township.get(key)
        where = f"township:{township}" if township is not None else ""
        district = f"district:{numbers[own['district']]}" if own["district"] else ""
        for name in _ELSEWHERE:
            del own[name]
        yield _object(str(key), "incident", own, {where: "occurred in", district: "occurred in"})
    plain = part.visits[part.visits["branch"] < SUPERVISE_BRANCH]
    for key, report in np.unique(plain[["incident", "report"]]).tolist():
        yield _object(f"{key}/{report}", "report", {"number": str(report)}, {str(key): "is about"})


def _events(recorded: Recorded, told: Callable[[float], None]) -> Iterator[str]:
    n = recorded.visits.metadata.num_rows
    for visits in batches(recorded.visits, recorded):
        times = {n: zoned(recorded.start, visits[n]) for n in ("joined", "started", "released")}
        ended = zoned(recorded.start, visits["ended"])
        columns = {name: visits[name].tolist() for name in visits.dtype.names}
        entity, _, district, *_ = unpack_key(visits["incident"])
        columns["district"] = np.where(entity == OF_BACKGROUND, -1, district).tolist()
        for i, visit in enumerate(columns["visit"]):
            yield _event(i, visit, ended[i], columns, times)
        told((columns["visit"][-1] + 1) / n)


def _event(
    i: int, visit: int, ended: str, columns: dict[str, list], times: dict[str, list[str]]
) -> str:
    values = {name: times[name][i] for name in times}
    values["outcome"] = OUTCOMES[columns["outcome"][i]]
    for name, kind in _OF_EVENT.items():
        if kind == "integer":
            values[name] = str(columns[name][i])
    key = columns["incident"][i]
    relations = {str(key): "handled", f"desk:{columns['desk'][i]}": "handled at"}
    if columns["branch"][i] < SUPERVISE_BRANCH:
        relations[f"{key}/{columns['report'][i]}"] = "worked on"
    if columns["district"][i] >= 0:
        relations[f"district:{columns['district'][i]}"] = "happened in"
    # None of these texts has a character that JSON must escape.
    said = ",".join(f'{{"name":"{n}","value":"{v}"}}' for n, v in values.items())
    related = ",".join(f'{{"objectId":"{o}","qualifier":"{q}"}}' for o, q in relations.items())
    return (
        f'{{"id":"v{visit}","type":"{STAGES[columns["stage"][i]]}","time":"{ended}",'
        f'"attributes":[{said}],"relationships":[{related}]}}'
    )

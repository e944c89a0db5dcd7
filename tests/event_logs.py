"""What the standards of event logs demand, written from the standards and not from the writers."""

import csv
import datetime
import json
import re
import shutil
import tempfile
import xml.etree.ElementTree as ET
from atexit import register
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.commands import folder_made

ROOT = Path(__file__).resolve().parent.parent
NAMES = {"青石区": '青石"<区>', "Qingshi": "Q&A <\"'>", "白云县": "=1+1", "Baiyun": "-Baiyun"}
"""Districts of the tiny city, with names that are awkward in XML, JSON and spreadsheets."""

_QUICK = ("catalogue=tiny", "horizon=short", "staff.pilot_incidents=4000", "record=visits")


@cache
def awkward_folder(command: str = "run", *overrides: str) -> Path:
    """A results folder of the tiny city, whose districts have awkward names."""
    place = Path(tempfile.mkdtemp())
    register(shutil.rmtree, place, ignore_errors=True)
    shutil.copytree(ROOT / "conf/city/tiny", place / "cities/awkward")
    table = place / "cities/awkward/districts.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = [[NAMES.get(cell, cell) for cell in row] for row in csv.reader(file)]
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    city = ("city=tiny", f"city.folder={place / 'cities'}", "city.name=awkward")
    return folder_made(place / "results", command, *city, *_QUICK, *overrides)


@cache
def busy_folder() -> Path:
    """One in which much goes on beside incidents: side tasks, false alarms, consultations."""
    return awkward_folder("run", "policy=integrated", "seed=3")


def visits_of(folder: Path, place: str = "visits.parquet") -> dict[int, dict[str, Any]]:
    """The visits of a folder by row."""
    return dict(enumerate(pq.read_table(folder / place).to_pylist()))


def tick(stamp: str, start: datetime.date = datetime.date(2024, 10, 14)) -> int:
    """Ticks since midnight of the start date in China."""
    zone = datetime.timezone(datetime.timedelta(hours=8))
    begin = datetime.datetime.combine(start, datetime.time(), zone)
    seconds = (datetime.datetime.fromisoformat(stamp) - begin).total_seconds()
    assert seconds == int(seconds)
    return int(seconds)


# --- XES: IEEE 1849-2016 ----------------------------------------------------------------------

_NAME = re.compile(r"[A-Za-z_:][\w.\-:·]*")
_NCNAME = re.compile(r"[A-Za-z_][\w.\-·]*")
_DATE = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_VALUE = {
    "string": lambda text: True,
    "date": lambda text: _DATE.fullmatch(text) and datetime.datetime.fromisoformat(text),
    "int": lambda text: re.fullmatch(r"[+-]?\d+", text) and -(2**63) <= int(text) < 2**63,
    "float": lambda text: float(text) is not None,
    "boolean": lambda text: text in ("true", "false", "0", "1"),
    "id": lambda text: True,
}
_ORDER = {
    "log": ("extension", "global", "classifier", "attribute", "trace", "event"),
    "trace": ("attribute", "event"),
    "event": ("attribute",),
    "global": ("attribute",),
}
_STANDARD = {  # extension: (where it may stand, element) of each of its attributes
    "concept": {"name": ("log trace event", "string"), "instance": ("event", "string")},
    "lifecycle": {"model": ("log", "string"), "transition": ("event", "string")},
    "org": dict.fromkeys(("resource", "role", "group"), ("event", "string")),
    "time": {"timestamp": ("event", "date")},
}
_TRANSITIONS = {
    *("schedule", "assign", "withdraw", "reassign", "start", "suspend", "resume", "pi_abort"),
    *("ate_abort", "complete", "autoskip", "manualskip", "unknown"),
}


def checked_xes(path: Path) -> ET.Element:
    """The log of a file, every rule of the standard that it could break being looked at."""
    root = ET.parse(path).getroot()
    assert root.tag == "log"
    assert set(root.attrib) <= {"xes.version", "xes.features"}
    assert re.fullmatch(r"\d+(\.\d+)?", root.attrib["xes.version"])
    prefixes = {}
    for extension in root.iterfind("extension"):
        assert set(extension.attrib) == {"name", "prefix", "uri"}
        assert _NCNAME.fullmatch(extension.attrib["name"])
        assert _NCNAME.fullmatch(extension.attrib["prefix"])
        prefixes[extension.attrib["prefix"]] = extension.attrib["uri"]
    assert prefixes == {p: f"http://www.xes-standard.org/{p}.xesext" for p in _STANDARD}
    everywhere = {
        part.attrib["scope"]: _attributes(part, part.attrib["scope"])
        for part in root.iterfind("global")
    }
    for classifier in root.iterfind("classifier"):
        assert _NCNAME.fullmatch(classifier.attrib["name"])
        keys = classifier.attrib["keys"]
        assert keys == " ".join(keys.split())
        assert set(keys.split()) <= set(everywhere[classifier.attrib.get("scope", "event")])
    _attributes(root, "log")
    for trace in root.iterfind("trace"):
        _has(_attributes(trace, "trace"), everywhere["trace"])
        for event in trace.iterfind("event"):
            _has(_attributes(event, "event"), everywhere["event"])
    return root


def _has(attributes: dict[str, str], everywhere: dict[str, str]) -> None:
    assert all(attributes.get(key) == element for key, element in everywhere.items())


def _attributes(component: ET.Element, level: str) -> dict[str, str]:
    """{key: element} of a component, whose children are looked at."""
    place, found = 0, {}
    order = _ORDER[component.tag]
    for child in component:
        kind = child.tag if child.tag in order else "attribute"
        assert order.index(kind) >= place, f"{child.tag} comes too late in {component.tag}"
        place = order.index(kind)
        if kind != "attribute":
            continue
        assert set(child.attrib) == {"key", "value"}
        assert not len(child)
        key = child.attrib["key"]
        assert key not in found, f"{key} twice"
        assert _NAME.fullmatch(key)
        assert _VALUE[child.tag](child.attrib["value"]), child.attrib
        prefix, colon, name = key.partition(":")
        if colon:
            where, element = _STANDARD[prefix][name]
            assert level in where.split()
            assert child.tag == element
        if key == "lifecycle:transition" and component.tag == "event":
            assert child.attrib["value"] in _TRANSITIONS
        found[key] = child.tag
    return found


def values(component: ET.Element) -> dict[str, str]:
    """{key: value} of the attributes of a component."""
    return {
        child.attrib["key"]: child.attrib["value"] for child in component if "key" in child.attrib
    }


# --- OCEL 2.0, JSON ---------------------------------------------------------------------------

_TYPES = {
    "string": lambda text: True,
    "time": lambda text: datetime.datetime.fromisoformat(text).tzinfo is not None,
    "integer": lambda text: int(text) is not None,
    "float": lambda text: float(text) is not None,
    "boolean": lambda text: text in ("true", "false"),
}


def checked_ocel(path: Path) -> dict[str, Any]:
    """The log of a file, every rule of the standard that it could break being looked at."""
    log = json.loads(path.read_text("utf-8"), object_pairs_hook=_without_twins)
    assert set(log) == {"objectTypes", "eventTypes", "objects", "events"}
    declared = {kind: _declared(log[f"{kind}Types"]) for kind in ("object", "event")}
    objects = {one["id"] for one in log["objects"]}
    assert len(objects) == len(log["objects"])
    assert len({one["id"] for one in log["events"]}) == len(log["events"])
    for kind, keys in (("object", {"name", "value", "time"}), ("event", {"name", "value"})):
        for one in log[f"{kind}s"]:
            wanted = {"id", "type", "attributes", "relationships"}
            assert set(one) == (wanted | {"time"} if kind == "event" else wanted)
            assert isinstance(one["id"], str)
            known = declared[kind][one["type"]]
            for attribute in one["attributes"]:
                assert set(attribute) == keys
                assert all(isinstance(value, str) for value in attribute.values())
                assert _TYPES[known[attribute["name"]]](attribute["value"])
                assert "time" not in attribute or _TYPES["time"](attribute["time"])
            pairs = [(r["objectId"], r["qualifier"]) for r in one["relationships"]]
            assert len(set(pairs)) == len(pairs)
            assert {target for target, _ in pairs} <= objects
            assert all(qualifier for _, qualifier in pairs)
            assert "time" not in one or _TYPES["time"](one["time"])
    return log


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def _declared(types: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    found = {}
    for one in types:
        assert set(one) == {"name", "attributes"}
        assert one["name"] not in found
        found[one["name"]] = {a["name"]: a["type"] for a in one["attributes"]}
        assert len(found[one["name"]]) == len(one["attributes"])
        assert set(found[one["name"]].values()) <= set(_TYPES)
    return found


def of_ocel(one: dict[str, Any]) -> dict[str, str]:
    """{name: value} of the attributes of an object or event."""
    return {attribute["name"]: attribute["value"] for attribute in one["attributes"]}

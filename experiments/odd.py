"""The tables of parameters in docs/odd.md: `python -m experiments.odd`.

Every number of the shipped settings and policies, with its unit, range and evidence, from the
ledger (`scenarios.evidence`). What stands between the two marks is written anew; the prose around
stays.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from experiments.pages import renew, table
from scenarios.evidence import Entry, entries, ledger
from scenarios.load import CONF, option_files
from sim.errors import InputError

PAGE = Path(__file__).resolve().parent.parent / "docs" / "odd.md"
MARK = "parameters"
_REDUCED = "theory"  # the policy of the reduced worlds
_FACTS = "facts.yaml"

_KIND = re.compile(r"catalogue\.kinds\.(?P<kind>\w+)\.(?P<field>\w+)(?P<rest>.*)")
_PROFILE = re.compile(r"catalogue\.profiles\.(?P<profile>\w+)\[(?P<hour>\d+)\]")
_UNITS = {"clock_hours": "h", "working_hours": "wh", "working_days": "wd"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Theme(NamedTuple):
    """A table of the kinds, one row a kind: the fields that stand in it."""

    title: str
    fields: tuple[str, ...]


THEMES = (
    Theme("how often and where", ("share", "landscape", "day")),
    Theme("seasons", ("season",)),
    Theme("first channel, resolving tier, grade", ("channel", "tier", "severity")),
    Theme("limits by grade", ("limit",)),
    Theme(
        "until noticed and reported again",
        (
            *("patrol_hours", "resident_hours", "sensor_minutes"),
            *("false_alarms", "duplicates", "duplicate_hours"),
        ),
    ),
    Theme("work, failure, judgement", ("dispose", "failure", "locality", "clarity")),
)
_IDENTITY = ("number", "joint")
"""Fields of the first table, beside the texts of a kind."""


def parameters(conf: Path = CONF) -> str:
    """What stands between the marks: the numbers of the shipped settings, file by file."""
    by_file: dict[str, list[Entry]] = {}
    for entry in ledger({}, conf):
        by_file.setdefault(entry.file, []).append(entry)
    lines = []
    for file, numbers in by_file.items():
        group = file.partition("/")[0]
        if group == "catalogue":
            lines += _catalogue(conf / file, numbers)
        elif group != "policy":
            lines += [f"#### conf/{file}", "", *_plain(numbers)]
    return "\n".join([*lines, *_policies(conf), *_left_out(conf, by_file)])


# --- any file ---------------------------------------------------------------------------------


def _plain(numbers: Iterable[Entry]) -> list[str]:
    """One row a setting; a list is one row for each evidence, its lines parted by semicolons."""
    rows: dict[tuple[str, ...], dict[int, list[str]]] = {}
    for e in numbers:
        row = (f"`{e.key.partition('[')[0]}`", e.unit, e.range, e.evidence)
        rows.setdefault(row, {}).setdefault(e.line, []).append(_text(e.value))
    return table(
        ("setting", "value", "unit", "range", "evidence"),
        [
            (key, "; ".join(", ".join(values) for values in lines.values()), *stated)
            for (key, *stated), lines in rows.items()
        ],
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:.10g}"


def _distinct(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


# --- policies ---------------------------------------------------------------------------------


def policies(conf: Path) -> list[str]:
    """The policies of conf/, but for that of the reduced worlds; the default comes first."""
    first = ledger({}, conf)
    default = next((e.file for e in first if e.file.startswith("policy/")), "")
    found = sorted(p.stem for p in (conf / "policy").glob("*.yaml") if p.stem != _REDUCED)
    return sorted(found, key=lambda name: f"policy/{name}.yaml" != default)


def _policies(conf: Path) -> list[str]:
    """One row a number, one column a policy; ranges in brackets."""
    names = policies(conf)
    by_key: dict[str, dict[str, Entry]] = {}
    for name in names:
        files = [f for f in option_files([f"policy={name}"], conf) if f[1] == "policy"]
        for entry in entries(files, conf):
            by_key.setdefault(entry.key, {})[name] = entry
    rows = [
        (
            f"`{key}`",
            *(_ranged(of[name]) if name in of else "" for name in names),
            _distinct(e.unit for e in of.values()),
            _distinct(e.evidence for e in of.values()),
        )
        for key, of in by_key.items()
    ]
    head = ("setting", *names, "unit", "evidence")
    return ["#### conf/policy", "", "Ranges in brackets.", "", *table(head, rows)]


def _ranged(entry: Entry) -> str:
    return f"{_text(entry.value)} ({entry.range})" if entry.range else _text(entry.value)


# --- the catalogue ----------------------------------------------------------------------------

Kinds = dict[str, dict[str, dict[str, Entry]]]
"""Entries by kind, field, and what follows the field in the key."""


def _catalogue(path: Path, numbers: Sequence[Entry]) -> list[str]:
    kinds: Kinds = {}
    profiles: dict[str, list[Entry]] = {}
    others = []
    for entry in numbers:
        if match := _KIND.fullmatch(entry.key):
            of_kind = kinds.setdefault(match["kind"], {})
            of_kind.setdefault(match["field"], {})[match["rest"]] = entry
        elif match := _PROFILE.fullmatch(entry.key):
            profiles.setdefault(match["profile"], []).append(entry)
        else:
            others.append(entry)
    texts = yaml.safe_load(path.read_text("utf-8"))["kinds"]
    known = {field for theme in THEMES for field in theme.fields} | set(_IDENTITY)
    rest = dict.fromkeys(f for fields in kinds.values() for f in fields if f not in known)
    themes = [*THEMES, Theme("further numbers", tuple(rest))] if rest else THEMES
    lines = [f"#### conf/{path.parent.name}/{path.name}", "", *_plain(others)]
    lines += _profiles(profiles)
    lines += _identity(kinds, texts)
    for theme in themes:
        lines += _theme(theme, kinds, texts)
    return lines


def _profiles(profiles: Mapping[str, Sequence[Entry]]) -> list[str]:
    rows = [
        (
            f"`{name}`",
            *(_text(e.value) for e in hours),
            *(_distinct(getattr(e, what) for e in hours) for what in ("unit", "range", "evidence")),
        )
        for name, hours in profiles.items()
    ]
    hours = map(str, range(max(map(len, profiles.values()), default=0)))
    head = ("profile", *hours, "unit", "range", "evidence")
    return ["##### Profiles: relative rate of each hour from midnight", "", *table(head, rows)]


def _identity(kinds: Kinds, texts: Mapping[str, Any]) -> list[str]:
    """What each kind is, and its partners with the probability that each is needed."""
    names = ("system", "board141", "board8", "lead", "profile")
    rows = []
    for kind, fields in kinds.items():
        about = texts[kind]
        joint = fields.get("joint", {})
        partners = ", ".join(f"{name.strip('.')} {_text(e.value)}" for name, e in joint.items())
        number = _text(fields["number"][""].value)
        texts_of = (about[name] for name in names)
        rows.append((number, f"`{kind}`", f"{about['zh']} {about['en']}", *texts_of, partners))
    head = ("number", "kind", "name", *names, "joint")
    stated = _stated(_IDENTITY, kinds)
    return ["##### Kinds: what they are", "", *table(head, rows), stated, ""]


def _theme(theme: Theme, kinds: Kinds, texts: Mapping[str, Any]) -> list[str]:
    columns = list(
        dict.fromkeys(
            (field, rest)
            for field in theme.fields
            for fields in kinds.values()
            for rest in fields.get(field, ())
        )
    )
    varied = {f for f in theme.fields if len(_ranges(f, kinds)) > 1}
    rows = []
    for kind, fields in kinds.items():
        cell = partial(_cell, fields, texts[kind], varied)
        evidence = _evidence(theme, fields)
        rows.append((f"`{kind}`", *(cell(*column) for column in columns), evidence))
    head = ("kind", *(_heading(*column) for column in columns), "evidence")
    title = f"##### Kinds: {theme.title}"
    return [title, "", *table(head, rows), _stated(theme.fields, kinds), ""]


def _heading(field: str, rest: str) -> str:
    if field == "season":
        return _MONTHS[int(rest.strip("[]"))]
    name = re.sub(r"\[0\]$", "", rest).strip(".")
    return f"{field} {name}".strip()


def _cell(
    fields: Mapping[str, Mapping[str, Entry]],
    about: Mapping[str, Any],
    varied: set[str],
    field: str,
    rest: str,
) -> str:
    """A number of a kind; its range in brackets where the field's range varies between kinds."""
    entry = fields.get(field, {}).get(rest)
    if entry is None:
        return ""
    text = _text(entry.value)
    if field == "limit":
        text += f" {_UNITS[about['limit'][rest[1:].partition('[')[0]][1]]}"
    return f"{text} ({entry.range})" if field in varied and entry.range else text


def _ranges(field: str, kinds: Kinds) -> list[str]:
    stated = (e.range for fields in kinds.values() for e in fields.get(field, {}).values())
    return list(dict.fromkeys(text for text in stated if text))


def _evidence(theme: Theme, fields: Mapping[str, Mapping[str, Entry]]) -> str:
    """What a kind's numbers rest on, field by field where it is not the same for all."""
    by_evidence: dict[str, list[str]] = {}
    for field in theme.fields:
        for evidence in dict.fromkeys(e.evidence for e in fields.get(field, {}).values()):
            by_evidence.setdefault(evidence, []).append(field)
    if len(by_evidence) == 1:
        return next(iter(by_evidence))
    told = (f"{', '.join(names)}: {text}" for text, names in by_evidence.items()
            if text != "assumed")  # fmt: skip
    return "; ".join([*told, *(["else assumed"] if "assumed" in by_evidence else [])])


def _stated(fields: Sequence[str], kinds: Kinds) -> str:
    """Units, and the ranges that all kinds have in common."""
    told = []
    for field in fields:
        stated = [e for of in kinds.values() for e in of.get(field, {}).values()]
        ranges = _ranges(field, kinds)
        unit = _distinct(e.unit for e in stated)
        common = "ranges in brackets" if len(ranges) > 1 else (ranges or ["no range"])[0]
        if stated:
            told.append(f"`{field}` [{unit}] {common}")
    return f"Units and ranges: {'; '.join(told)}."


# --- what is left out -------------------------------------------------------------------------


def _left_out(conf: Path, shown: Iterable[str]) -> list[str]:
    """The files of conf/ whose numbers are not in the tables."""
    here = {*shown, *(f"policy/{name}.yaml" for name in policies(conf)), _FACTS}
    counts: dict[str, int] = {}
    for entry in ledger(None, conf):
        if entry.file not in here:
            counts[entry.file] = counts.get(entry.file, 0) + 1
    files = ", ".join(f"`{file}` ({n})" for file, n in counts.items())
    return [
        "#### Other files",
        "",
        f"Files that are not in force as shipped, with the count of their numbers: {files}. "
        f"`{_FACTS}` holds what the model is compared with and no number of it "
        "([calibration](calibration.md)).",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args(arguments)
    try:
        renew(PAGE, MARK, parameters())
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The evidence beside the numbers of `conf/`: its grammar, and the ledger of all numbers.

    KEY: 0.8  # unit | range | evidence          KEY: 2024-10-01  # date | fixed | evidence

The range is `lo..hi`, `xlo..xhi` (times the value), `fixed` or `any`. A line has one comment for
all its numbers. Numbers inside names and texts are no values.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

from scenarios.load import option_files

Value = int | float | str
"""A number; or a date or a time of the day, as text."""

KINDS = ("data", "source", "assumed", "definition", "unstated")
"""What a number can rest on; see `kind_of`."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{2}:\d{2}")
_EXPONENT = re.compile(r"[-+]?\d+(?:\.\d*)?[eE][-+]?\d+")
_RANGE = re.compile(
    r"fixed|any|(x?)(-?\d+(?:\.\d+)?(?:e-?\d+)?)\.\.(x?)(-?\d+(?:\.\d+)?(?:e-?\d+)?)"
)
_PACKAGE = re.compile(r"^#\s*@package\s+(\S+)\s*$", re.MULTILINE)


class Entry(NamedTuple):
    """One number of the settings and what it rests on.

    key : full key; items of a list are `KEY[0]`, `KEY[1]` ...
    file, line : where it stands, relative to conf/, or the whole path of a file of an overlay;
    empty and None for a number of no file.
    low, high : the range in the unit of the value; None where the range is `fixed`, `any` or not
    stated, and for dates and times. range : as stated.
    kind : one of `KINDS`.
    """

    key: str
    file: str
    line: int | None
    value: Value
    unit: str
    range: str
    low: float | None
    high: float | None
    evidence: str
    kind: str


class Number(NamedTuple):
    """A value in the text of a file: its key, itself, and its line (from 1)."""

    key: str
    value: Value
    line: int

    @property
    def setting(self) -> str:
        """The key that this number is set by: a list is set as one."""
        return self.key.partition("[")[0]


# --- reading ----------------------------------------------------------------------------------


def is_value(value: object) -> bool:
    """Whether a setting is a number, a date or a time of the day."""
    if isinstance(value, str):
        return bool(_DATE.fullmatch(value) or _TIME.fullmatch(value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _by_setting(text: str, package: str = "") -> dict[str, list[Number]]:
    """The numbers of all that can be set by a key (most often one or none; a list has several).

    package : the key that the settings of the file stand below.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    leaves = dict(_leaves(package, root)) if root is not None else {}
    leaves.pop(_below(package, "defaults"), None)  # names of other files, not a setting
    return {key: list(_numbers(key, node)) for key, node in leaves.items()}


def _leaves(key: str, node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for name, item in node.value:
            yield from _leaves(_below(key, name.value), item)
    else:
        yield key, node


def _below(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _numbers(key: str, node: yaml.Node) -> Iterator[Number]:
    """The values of a setting, those in a list one by one."""
    if isinstance(node, yaml.SequenceNode):
        for i, item in enumerate(node.value):
            for below, leaf in _leaves(f"{key}[{i}]", item):
                yield from _numbers(below, leaf)
    elif is_value(value := _read(node)):
        yield Number(key, value, node.start_mark.line + 1)


def _read(scalar: yaml.ScalarNode) -> Value:
    """The value of a scalar as OmegaConf reads it: a date is a text, 1e-3 a number."""
    if scalar.style is None and _EXPONENT.fullmatch(scalar.value):
        return float(scalar.value)
    if scalar.tag.endswith((":int", ":float")) and not _TIME.fullmatch(scalar.value):
        return yaml.constructor.SafeConstructor().construct_document(scalar)
    return scalar.value


def _by_line(settings: Mapping[str, list[Number]]) -> dict[int, list[Number]]:
    found: dict[int, list[Number]] = {}
    for numbers in settings.values():
        for number in numbers:
            found.setdefault(number.line, []).append(number)
    return found


def numbers_by_line(text: str) -> dict[int, list[Number]]:
    """The values of a file by the line on which they stand, in the order of the file."""
    return _by_line(_by_setting(text))


# --- the grammar ------------------------------------------------------------------------------


def comment_of(line: str) -> str | None:
    """What stands after the # of a line, if a # begins a comment there."""
    in_quotes = None
    for i, sign in enumerate(line):
        if in_quotes:
            in_quotes = None if sign == in_quotes else in_quotes
        elif sign in "\"'":
            in_quotes = sign
        elif sign == "#" and (i == 0 or line[i - 1].isspace()):
            return line[i + 1 :].strip()
    return None


def faults(text: str) -> list[str]:
    """What is wrong with the evidence in a file: line number, fault and line."""
    lines = text.splitlines()
    found = ((n, _fault(lines[n - 1], values)) for n, values in numbers_by_line(text).items())
    return [f"{n}: {fault}: {lines[n - 1].strip()}" for n, fault in sorted(found) if fault]


def _fault(line: str, numbers: list[Number]) -> str:
    """What is wrong with the comment of a line that holds these numbers; empty if nothing."""
    comment = comment_of(line)
    if comment is None:
        return "no comment"
    parts = [part.strip() for part in comment.split("|")]
    if len(parts) != 3 or not all(parts):
        return "not '# unit | range | source'"
    unit, stated, _ = parts
    dated = any(_DATE.fullmatch(str(number.value)) for number in numbers)
    if dated and (unit, stated) != ("date", "fixed"):
        return "a date is '# date | fixed | source'"
    match = _RANGE.fullmatch(stated)
    if not match:
        return f"'{stated}' is no range"
    return _fault_of_range(match, numbers) if match.group(2) else ""


def _fault_of_range(match: re.Match, numbers: list[Number]) -> str:
    relative, low, relative_too, high = match.groups()
    low, high = float(low), float(high)
    if relative != relative_too:
        return "a range is relative at both ends or at none"
    if not low < high:
        return f"the range {match.group()} is empty"
    if relative:
        return "" if low <= 1 <= high else f"x1 is outside {match.group()}"
    amounts = [n.value for n in numbers if not isinstance(n.value, str)]
    if len(amounts) == 1 and not low <= amounts[0] <= high:
        return f"{amounts[0]} is outside {match.group()}"
    return ""


def kind_of(evidence: str) -> str:
    """What a number rests on, by the words of its evidence; the first rule that fits:

    `unstated`   there is no evidence that keeps the grammar
    `definition` it begins with "by definition"
    `assumed`    it begins with "assumed", or has "as guide": the shape follows a source, the
                 number is assumed
    `data`       it has the word "computed", from published data, or "estimated", from a log
    `source`     anything else: a text, a law, a notice or a catalogue in which it was read
    """
    if not evidence:
        return "unstated"
    if evidence.startswith("by definition"):
        return "definition"
    if re.match(r"assumed\b", evidence) or re.search(r"\bas guide\b", evidence):
        return "assumed"
    return "data" if re.search(r"\b(computed|estimated)\b", evidence) else "source"


# --- the ledger -------------------------------------------------------------------------------


def ledger(groups: Mapping[str, str] | None, conf: Path) -> list[Entry]:
    """Every number of the settings, in the order of the files.

    groups : the options in force, such as {"policy": "integrated"}; other groups have the option
    that config.yaml names. Of a setting that several of their files hold, the last to be composed
    counts, so that each key stands once. None: all files of conf/, each as if it were alone.
    Raises InputError for an option that is not there.
    """
    if groups is None:
        files = [(path, _package(path, conf)) for path in sorted(conf.rglob("*.yaml"))]
        return [entry for file in files for entry in entries([file], conf)]
    return entries(option_files([f"{group}={name}" for group, name in groups.items()], conf), conf)


def entries(files: Iterable[tuple[Path, str]], conf: Path) -> list[Entry]:
    """The numbers of (file, key above its settings), later files over earlier ones."""
    found: dict[str, list[Entry]] = {}
    for path, package in files:
        text = path.read_text("utf-8")
        lines, settings = text.splitlines(), _by_setting(text, package)
        beside, file = _by_line(settings), path.as_posix()
        if path.is_relative_to(conf):
            file = path.relative_to(conf).as_posix()
        for setting, numbers in settings.items():
            found[setting] = [_entry(n, beside[n.line], lines[n.line - 1], file) for n in numbers]
    return [entry for several in found.values() for entry in several]


def _package(path: Path, conf: Path) -> str:
    """The key that the settings of a file stand below: as its header says, or its group, which
    may have its options in further folders."""
    header = _PACKAGE.search(path.read_text("utf-8"))
    if header and header[1] != "_group_":
        return "" if header[1] == "_global_" else header[1]
    return path.relative_to(conf).parent.as_posix().partition("/")[0].strip(".")


def _entry(number: Number, beside: list[Number], line: str, file: str) -> Entry:
    """The entry of a number on a line that holds these numbers.

    An absolute range, and its unit, belong to the first setting of the line: in
    `{mean: 30, cv: 0.5}  # min | 15..60 | ...` nothing is stated of the cv but its evidence.
    """
    stated = ["", "", ""]
    if not _fault(line, beside):
        stated = [part.strip() for part in comment_of(line).split("|")]
    unit, limits, evidence = stated
    absolute = ".." in limits and not limits.startswith("x")
    if absolute and number.setting != beside[0].setting:
        unit = limits = ""
    low, high = _bounds(limits, number.value)
    return Entry(
        number.key, file, number.line, number.value, unit, limits, low, high, evidence,
        kind_of(evidence),
    )  # fmt: skip


def _bounds(stated: str, value: Value) -> tuple[float | None, float | None]:
    """The ends of a range; a relative one is times the value."""
    match = _RANGE.fullmatch(stated)
    if isinstance(value, str) or not match or not match.group(2):
        return None, None
    relative, *_ = match.groups()
    factor = value if relative else 1
    ends = (float(f"{float(match.group(i)) * factor:.12g}") for i in (2, 4))
    low, high = sorted(ends)
    return low, high


def assumed_differences(a: str, b: str, conf: Path) -> tuple[list[str], list[str]]:
    """Keys of the policy whose numbers differ between two policies: (assumed, others).

    A difference is assumed where the number of either policy is assumed, or has no evidence
    stated: it then rests on nothing firmer. Raises InputError for a policy that is not there.
    """
    left, right = ({entry.key: entry for entry in _policy(name, conf)} for name in (a, b))
    assumed, others = [], []
    for key in dict.fromkeys([*left, *right]):
        pair = [side[key] for side in (left, right) if key in side]
        if len({entry.value for entry in pair}) == 1 and len(pair) == 2:
            continue
        doubtful = any(entry.kind in ("assumed", "unstated") for entry in pair)
        (assumed if doubtful else others).append(key)
    return assumed, others


def _policy(name: str, conf: Path) -> list[Entry]:
    files = option_files([f"policy={name}"], conf)
    return entries([f for f in files if f"{f[1]}.".startswith("policy.")], conf)

"""Every number in conf/ says what it is: its unit, its range and its source stand beside it.

    KEY: 0.8  # unit | range | source          KEY: 2024-10-01  # date | fixed | source

A line with several numbers has one comment. Numbers inside names and texts are no values.
"""

import math
import re
from pathlib import Path

import pytest
import yaml

CONF = Path(__file__).resolve().parents[1] / "conf"
FILES = sorted(CONF.rglob("*.yaml"))
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{2}:\d{2}")
_RANGE = re.compile(
    r"fixed|any|(x?)(-?\d+(?:\.\d+)?(?:e-?\d+)?)\.\.(x?)(-?\d+(?:\.\d+)?(?:e-?\d+)?)"
)


def is_value(scalar) -> bool:
    """Whether a scalar of the file is a number, a date or a time of the day."""
    if scalar.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float"):
        return True
    return bool(_DATE.fullmatch(scalar.value) or _TIME.fullmatch(scalar.value))


def scalars(node):
    """All scalars of a YAML tree but the keys."""
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from scalars(item)
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from scalars(value)


def lines_with_values(text: str) -> dict[int, list]:
    """The scalars that are values, by the line on which they stand (1-based)."""
    found: dict[int, list] = {}
    tree = yaml.compose(text, Loader=yaml.SafeLoader)
    for scalar in scalars(tree) if tree is not None else ():
        if is_value(scalar):
            found.setdefault(scalar.start_mark.line + 1, []).append(scalar)
    return found


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
    found = []
    lines = text.splitlines()
    for number, values in sorted(lines_with_values(text).items()):
        fault = fault_of(lines[number - 1], values)
        if fault:
            found.append(f"{number}: {fault}: {lines[number - 1].strip()}")
    return found


def fault_of(line: str, values: list) -> str | None:
    """What is wrong with the comment of a line that holds these values."""
    comment = comment_of(line)
    if comment is None:
        return "no comment"
    parts = [part.strip() for part in comment.split("|")]
    if len(parts) != 3 or not all(parts):
        return "not '# unit | range | source'"
    unit, stated, _ = parts
    dates = [v for v in values if _DATE.fullmatch(v.value)]
    if dates and (unit, stated) != ("date", "fixed"):
        return "a date is '# date | fixed | source'"
    match = _RANGE.fullmatch(stated)
    if not match:
        return f"'{stated}' is no range"
    if match.group(2):
        return fault_of_range(match, line, values)
    return None


def fault_of_range(match: re.Match, line: str, values: list) -> str | None:
    relative, low, relative_too, high = match.groups()
    low, high = float(low), float(high)
    if relative != relative_too:
        return "a range is relative at both ends or at none"
    if not low < high:
        return f"the range {match.group()} is empty"
    if relative:
        return None if low <= 1 <= high else f"x1 is outside {match.group()}"
    numbers = [v for v in values if not _TIME.fullmatch(v.value)]
    if len(numbers) == 1 and not low <= float(numbers[0].value) <= high:
        return f"{numbers[0].value} is outside {match.group()}"
    return None


# --- the files --------------------------------------------------------------------------------


def cases():
    for path in FILES:
        name = path.relative_to(CONF).as_posix()
        yield pytest.param(path, id=name)


@pytest.mark.parametrize("path", cases())
def test_every_number_has_its_unit_its_range_and_its_source(path):
    found = faults(path.read_text("utf-8"))
    assert not found, f"{path.relative_to(CONF)}\n" + "\n".join(found)


def test_the_files_hold_numbers_enough_to_test():
    assert sum(len(lines_with_values(path.read_text("utf-8"))) for path in FILES) > 400
    assert len(FILES) >= 15


# --- the grammar ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "a: 0.8  # share | 0.6..0.95 | assumed",
        "a: 0.8  # share | 0.6..0.95 | assumed: because of this: that",
        "a: -3  # degree | -5..5 | assumed",
        "a: 7  # 1 | fixed | by definition",
        "a: 7  # 1 | any | by definition",
        "a: 30  # % | x0.5..x2 | Boston 311 2015, computed",
        "a: {b: 2, c: 5}  # min | 4..20 | assumed",
        "a: 2024-10-14  # date | fixed | State Council notice",
        'a: ["10:00", "16:00"]  # local time | x0.5..x2 | assumed',
        "a: text",
        "a: chongqing39",
        "a: '12345 hotline'  # no value",
        "a: null  # null: one a core",
        "a: true",
        "- {from: 2024-10-01, to: 2024-10-07, name: Day}  # date | fixed | notice",
    ],
)
def test_a_line_that_keeps_the_grammar_has_no_fault(line):
    assert faults(line) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("a: 0.8", "no comment"),
        ("a: '#'\nb: 0.8", "no comment"),
        ("a: 0.8  # share", "not '# unit"),
        ("a: 0.8  # share | 0..1", "not '# unit"),
        ("a: 0.8  # share | 0..1 |", "not '# unit"),
        ("a: 0.8  # share | zero to one | assumed", "'zero to one' is no range"),
        ("a: 0.8  # share | 1..0 | assumed", "the range 1..0 is empty"),
        ("a: 0.8  # share | 0.9..1 | assumed", "0.8 is outside 0.9..1"),
        ("a: 0.8  # share | x0.9..2 | assumed", "relative at both ends"),
        ("a: 0.8  # share | x1.1..x2 | assumed", "x1 is outside"),
        ("a: [0.8, 0.9]  # share", "not '# unit"),
        ("a: 2024-10-14  # a Monday", "not '# unit"),
        ("a: 2024-10-14  # day | fixed | notice", "a date is '# date | fixed"),
        ("a:\n  b: [1,\n    2]  # 1 | 0..3 | assumed", "no comment"),
        ('a: "09:00"', "no comment"),
    ],
)
def test_a_line_that_breaks_the_grammar_is_found(line, fault):
    (found,) = faults(line)
    assert fault in found


def test_a_comment_begins_only_where_yaml_begins_one():
    assert comment_of("a: 'x # y'  # z") == "z"
    assert comment_of("a: b#c") is None
    assert math.isfinite(float(_RANGE.fullmatch("1e-3..2").group(2)))

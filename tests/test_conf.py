"""Every number in conf/ says what it is: its unit, its range and its source stand beside it."""

from pathlib import Path

import pytest

from scenarios.evidence import comment_of, faults, numbers_by_line

CONF = Path(__file__).resolve().parents[1] / "conf"
FILES = sorted(CONF.rglob("*.yaml"))


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
    assert sum(len(numbers_by_line(path.read_text("utf-8"))) for path in FILES) > 400
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
        "a: 1e-2  # share | 1e-3..2 | assumed",
        "defaults: [policy: 2022]",
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
        ("a: 13:30", "no comment"),
        ("a: 1e-3", "no comment"),
        ("a: 0x10  # 1 | 0..9 | assumed", "16 is outside 0..9"),
        ("a: {defaults: [1]}", "no comment"),
    ],
)
def test_a_line_that_breaks_the_grammar_is_found(line, fault):
    (found,) = faults(line)
    assert fault in found


def test_a_comment_begins_only_where_yaml_begins_one():
    assert comment_of("a: 'x # y'  # z") == "z"
    assert comment_of("a: b#c") is None

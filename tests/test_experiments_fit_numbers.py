"""Numbers are written as the grammar of evidence reads them."""

import pytest
import yaml

from analysis.fitting.estimate import Estimate
from experiments.fit.numbers import Number, Times, of, plain, written
from scenarios.evidence import faults, numbers_by_line

TREE = {
    "a": {"b": of(Estimate(0.25, 0.2, 0.3, 9), "share", "estimated from x (9 events)")},
    "list": [Number(2.0, "h", None, None, "by definition"), "clock_hours"],
    "on": "no",
    "start": Number("2024-10-14", "date", None, None, "by definition"),
    "shifts": [Times('[["09:00", "12:00"]]', "estimated from x")],
    "days": ["workday"],
}


def test_what_is_written_is_read_back_and_keeps_the_grammar():
    text = written(TREE)
    assert yaml.safe_load(text) == {
        "a": {"b": 0.25},
        "list": [2, "clock_hours"],
        "on": "no",
        "start": "2024-10-14",
        "shifts": [[["09:00", "12:00"]]],
        "days": ["workday"],
    }
    assert faults(text) == []
    assert sum(len(numbers) for numbers in numbers_by_line(text).values()) == 5


@pytest.mark.parametrize("value", [1e-7, 0.1234567891, 1234567.0, 3, 0.0, 1e9])
def test_numbers_are_never_written_with_exponents(value):
    assert "e" not in plain(value)
    assert float(plain(value)) == pytest.approx(value, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    ("number", "stated"),
    [
        (Number(1.0, "1", 0.5, 2.0, "x"), "0.5..2"),
        (Number(1.0, "1", 1.0, 1.0, "x"), "any"),
        (Number(0.333333333, "1", 0.33333, 0.4, "x"), "0.3333..0.4"),
        (Number(0.99999999, "1", 0.9, 0.99999991, "x"), "0.9..1"),
    ],
)
def test_a_range_holds_its_number(number, stated):
    text = written({"k": number})
    assert stated in text
    assert faults(text) == []

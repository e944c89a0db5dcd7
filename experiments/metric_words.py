"""Measures in sentences: what one is called, and an amount of it with its unit."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from experiments import console


class Words(NamedTuple):
    """name : as a part of a sentence. unit : of a difference, empty for a count. percent : shares
    are told in hundredths."""

    name: str
    unit: str
    percent: bool

    @property
    def heading(self) -> str:
        """The name as at the beginning of a line."""
        return self.name if "_" in self.name else self.name[:1].upper() + self.name[1:]

    @property
    def title(self) -> str:
        """The name with its unit, as a label."""
        unit = "%" if self.percent else self.unit
        return f"{self.heading} ({unit})" if unit else self.heading

    def exact(self, value: float) -> str:
        """A number as somebody has given it, with its unit."""
        shown = f"{100 * value if self.percent else value:g}"
        unit = "point" if self.percent and shown == "1" else self.unit
        return f"{shown} {unit}".strip()

    def level(self, value: float) -> str:
        """A value and not a difference, with its unit."""
        unit = "%" if self.percent else self.unit
        return f"{console.number(value, percent=self.percent)} {unit}".strip()

    def amount(self, value: float | None, *, sign: bool = False) -> str:
        """A number as people read it, with its unit."""
        return " ".join([console.number(value, percent=self.percent, sign=sign), self.unit]).strip()

    def ends(self, low: float, high: float, *, sign: bool = False) -> str:
        """An interval, with its unit."""
        first = console.number(low, percent=self.percent, sign=sign)
        return f"{first} to {self.amount(high, sign=sign)}"


def words(metric: str) -> Words:
    """What a measure of docs/tables.md is called; its own name if it is not printed anywhere."""
    label = _label(metric)
    name, _, unit = label.partition(" (")
    what, comma, _ = name.partition(", restricted mean")
    if comma:
        name = f"mean {what[:1].lower()}{what[1:]}"
    unit = unit.rstrip(")")
    percent = console.is_share(metric)
    if name != metric:
        name = name[:1].lower() + name[1:]
    return Words(name, "points" if percent else unit, percent)


def _label(metric: str) -> str:
    """The label of a measure; one that is printed below another's goes on from that."""
    above = ""
    for known, label in console.LABELS.items():
        if not label.startswith(" "):
            above = re.split(r" \(|,", label)[0]
        if known == metric:
            return f"{above}, {label.strip()}" if label.startswith(" ") else label
    return metric


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last

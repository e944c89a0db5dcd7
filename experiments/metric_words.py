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
    def title(self) -> str:
        """The name with its unit, as a label."""
        name = self.name[:1].upper() + self.name[1:]
        unit = "%" if self.percent else self.unit
        return f"{name} ({unit})" if unit else name

    def amount(self, value: float | None, *, sign: bool = False) -> str:
        """As people read it, with its unit."""
        return " ".join([console.number(value, percent=self.percent, sign=sign), self.unit]).strip()

    def ends(self, low: float, high: float, *, sign: bool = False) -> str:
        """An interval, with its unit."""
        first = console.number(low, percent=self.percent, sign=sign)
        return f"{first} to {self.amount(high, sign=sign)}"


def words(metric: str) -> Words:
    """What a measure of docs/tables.md is called; its own name if it is not printed anywhere."""
    label = _label(metric)
    name, _, unit = label.partition(" (")
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

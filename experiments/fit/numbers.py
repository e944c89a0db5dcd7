"""Numbers of an overlay, written as those of conf/ are: `# unit | low..high | evidence`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from analysis.fitting.estimate import Estimate

_DIGITS, _ROUGH = 8, 4  # of a value, so that shares still add up, and of the ends of a range


class Number(NamedTuple):
    """A number with what it rests on; low and high None where no range is known."""

    value: float | int | str
    unit: str
    low: float | None
    high: float | None
    evidence: str

    def times(self, factor: float) -> "Number":
        """The number and its range, times a factor."""
        ends = (None if end is None else end * factor for end in (self.low, self.high))
        return Number(self.value * factor, self.unit, *ends, self.evidence)

    def text(self) -> str:
        """The value as YAML has it."""
        return f'"{self.value}"' if isinstance(self.value, str) else plain(self.value)

    def comment(self) -> str:
        return f"# {self.unit} | {self._range()} | {self.evidence}"

    def _range(self) -> str:
        if isinstance(self.value, str):  # a date
            return "fixed"
        if self.low is None or self.high is None:
            return "any"
        value = float(plain(self.value))
        low, high = (float(plain(end, _ROUGH)) for end in (self.low, self.high))
        low, high = min(low, value), max(high, value)
        return f"{plain(low)}..{plain(high)}" if low < high else "any"


class Times(NamedTuple):
    """A list of times of the day, as YAML has it, with what it rests on."""

    value: str
    evidence: str

    def text(self) -> str:
        return self.value

    def comment(self) -> str:
        return f"# local time | any | {self.evidence}"


def of(estimate: Estimate, unit: str, evidence: str, factor: float = 1.0) -> Number:
    """The number of an estimate times a factor."""
    value, low, high = (None if v is None else v * factor for v in estimate[:3])
    return Number(value, unit, low, high, evidence)


def plain(value: float, digits: int = _DIGITS) -> str:
    """A number as the grammar of evidence reads it: 0.00001, never 1e-05."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{digits}g}"
    if "e" in text:
        text = f"{float(text):.15f}".rstrip("0")
    return text.removesuffix(".")


def written(tree: Mapping[str, Any], indent: int = 0) -> str:
    """A tree of settings as YAML, a line a number."""
    return "".join(f"{line}\n" for line in _lines(tree, indent))


def _lines(tree: Mapping[str, Any], indent: int) -> Iterator[str]:
    space = " " * indent
    for key, value in tree.items():
        name = _quoted(str(key))
        if isinstance(value, Mapping):
            yield f"{space}{name}:"
            yield from _lines(value, indent + 2)
        elif isinstance(value, Number | Times):
            yield f"{space}{name}: {value.text()}  {value.comment()}"
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield f"{space}{name}:"
            for item in value:
                if isinstance(item, Number | Times):
                    yield f"{space}  - {item.text()}  {item.comment()}"
                else:
                    yield f"{space}  - {_quoted(item)}"
        else:
            yield f"{space}{name}: {_quoted(value)}"


def _quoted(value: Any) -> str:
    """A scalar as YAML, in one line."""
    dumped = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10**6)
    return dumped.removesuffix("\n").removesuffix("\n...")

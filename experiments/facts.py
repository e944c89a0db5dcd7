"""What is known from outside the model (`conf/facts.yaml`), read and checked."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from analysis.calibration import MEASURES
from scenarios.evidence import Entry, entries, faults
from sim.codes import CHANNELS, SEVERITIES, TIERS
from sim.errors import InputError

TAGS = ("read", "computed", "weak", "memory")
"""What a source is worth."""

ENDS = ("siloed", "integrated")
EITHER, CHANGE = "either", "change"
POLICIES = (*ENDS, EITHER, CHANGE)
"""What a fact can describe; `change`: the share by which a measure falls from the first end to the
second."""

FITTED, HELD, CHECKED = USES = ("fitted", "held", "checked")
"""What a fact is used for."""

_CODES = {"channel": CHANNELS, "tier": TIERS, "severity": SEVERITIES}
_NEEDED = ("what", "place", "known", "tag", "policy", "use", "measure")
_OPTIONAL = ("sets", "of", "note")


@dataclass(frozen=True)
class Fact:
    """One fact. `low` and `high` are the same where one number is known; `source` in words."""

    key: str
    what: str
    place: str
    low: float
    high: float
    unit: str
    source: str
    tag: str
    policy: str
    use: str
    measure: str | None
    of: Mapping[str, str]
    sets: tuple[str, ...]
    note: str

    @property
    def is_share(self) -> bool:
        """Whether it is shown as a percentage."""
        return self.unit.startswith("share")

    def codes(self, kinds: Sequence[str]) -> dict[str, int]:
        """The columns and codes that narrow the cohort down. kinds : of the catalogue.

        Raises ValueError where the catalogue has no such kind.
        """
        names = {**_CODES, "kind": kinds}
        return {column: tuple(names[column]).index(name) for column, name in self.of.items()}


def read_facts(path: Path) -> list[Fact]:
    """The facts of a file. Raises InputError for what is amiss, by key and value."""
    try:
        text = path.read_text("utf-8")
        table = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"facts: '{path}' cannot be read: {_one_line(error)}") from None
    if not isinstance(table, dict) or not table:
        raise InputError(f"facts: '{path}' holds no facts; allowed: a mapping of names to facts")
    if found := faults(text):
        raise InputError(f"facts: line {found[0]}; allowed: '# unit | range | source' beside it")
    beside = {e.key: e for e in entries([(path, "")], path.parent)}
    facts = [_fact(str(key), node, beside) for key, node in table.items()]
    check_ends(facts)
    return facts


def _one_line(error: Exception) -> str:
    return " ".join(str(getattr(error, "strerror", None) or error).split())


def _fact(key: str, node: Any, beside: Mapping[str, Entry]) -> Fact:
    if not isinstance(node, dict):
        raise InputError(f"facts.{key}: {node!r}; allowed: a fact with {', '.join(_NEEDED)}")
    for name in node:
        if name not in (*_NEEDED, *_OPTIONAL):
            near = difflib.get_close_matches(str(name), (*_NEEDED, *_OPTIONAL), 1)
            hint = f" (did you mean '{near[0]}'?)" if near else ""
            allowed = ", ".join((*_NEEDED, *_OPTIONAL))
            raise InputError(f"facts.{key}.{name}: no such key{hint}; allowed: {allowed}")
    for name in _NEEDED:
        if name not in node:
            raise InputError(f"facts.{key}.{name}: missing; a fact needs {', '.join(_NEEDED)}")
    low, high = _known(key, node["known"])
    entry = beside.get(f"{key}.known") or beside[f"{key}.known[0]"]
    fact = Fact(
        key,
        str(node["what"]),
        str(node["place"]),
        low,
        high,
        entry.unit,
        entry.evidence,
        _one_of(node, key, "tag", TAGS),
        _one_of(node, key, "policy", POLICIES),
        _one_of(node, key, "use", USES),
        None if node["measure"] is None else _one_of(node, key, "measure", tuple(MEASURES)),
        _of(key, node.get("of") or {}),
        tuple(map(str, node.get("sets") or ())),
        str(node.get("note") or ""),
    )
    if (fact.use == FITTED) != bool(fact.sets):
        raise InputError(f"facts.{key}.sets: {list(fact.sets)}; allowed: the numbers that a fact "
                         "of use 'fitted' has set, none for any other")  # fmt: skip
    if not fact.note and (fact.use == CHECKED or fact.measure is None):
        raise InputError(f"facts.{key}.note: ''; allowed: why it is only checked or not measured")
    return fact


def _known(key: str, known: Any) -> tuple[float, float]:
    ends = known if isinstance(known, list) else [known, known]
    numbers = all(isinstance(end, (int, float)) and not isinstance(end, bool) for end in ends)
    if not numbers or len(ends) != 2 or not ends[0] <= ends[1]:
        raise InputError(f"facts.{key}.known: {known!r}; allowed: a number or [low, high]")
    return float(ends[0]), float(ends[1])


def _one_of(node: Mapping[str, Any], key: str, name: str, allowed: Sequence[str]) -> str:
    if node[name] not in allowed:
        raise InputError(f"facts.{key}.{name}: '{node[name]}'; allowed: {', '.join(allowed)}")
    return node[name]


def _of(key: str, of: Any) -> dict[str, str]:
    columns = ("kind", *_CODES)
    if not isinstance(of, dict) or not set(of) <= set(columns):
        raise InputError(f"facts.{key}.of: {of!r}; allowed: a mapping from {', '.join(columns)}")
    for column, name in of.items():
        if name not in _CODES.get(column, (name,)):
            allowed = ", ".join(_CODES[column])
            raise InputError(f"facts.{key}.of.{column}: '{name}'; allowed: {allowed}")
    return {column: str(name) for column, name in of.items()}


# --- the rule of the two ends -----------------------------------------------------------------


def fitted_places(facts: Sequence[Fact]) -> dict[str, list[str]]:
    """The places of the facts that were fitted, by the policy that they describe."""
    return {
        policy: sorted({f.place for f in facts if f.use == FITTED and f.policy == policy})
        for policy in POLICIES
    }


def check_ends(facts: Sequence[Fact]) -> None:
    """Raises InputError where the two ends are fitted to different cities: a difference between
    the policies would then be a difference between the cities. A fact that describes the change
    itself belongs to both ends."""
    places = fitted_places(facts)
    first, second = (set(places[end]) | set(places[CHANGE]) for end in ENDS)
    if first and second and len(first | second) > 1:
        raise InputError(
            f"facts: {ENDS[0]} is fitted to {', '.join(sorted(first))}, {ENDS[1]} to "
            f"{', '.join(sorted(second))}; allowed: one place for both ends"
        )

"""Settings of a command's own, beside those of `conf/`: `run=PATH`, `lang=zh`.

What such a command may be told is a dataclass of plain values, each with its default. A field that
a user calls by another name (one that Python keeps for itself) has that in its metadata: `said`.
"""

from collections.abc import Sequence
from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

from omegaconf import OmegaConf

from scenarios.schema import check, unknown_key
from sim.errors import InputError

Kind = TypeVar("Kind")


def asked(kind: type[Kind], overrides: Sequence[str]) -> Kind:
    """The dataclass, filled from KEY=VALUE. Raises InputError for a key that it does not have, a
    value it does not allow (as `scenarios.fields` says) and one that is not given."""
    own, others = parted(kind, overrides)
    if others:
        known = OmegaConf.create({_said(item): None for item in fields(kind)})
        key, equals, _ = others[0].partition("=")
        raise InputError(unknown_key(key, known) if equals else f"'{key}': allowed: KEY=VALUE")
    return own


def parted(kind: type[Kind], overrides: Sequence[str]) -> tuple[Kind, list[str]]:
    """As `asked`, but keys that it does not have are given back: settings of `conf/`."""
    names = {_said(item): item.name for item in fields(kind)}
    given: dict[str, Any] = {}
    others = []
    for override in overrides:
        name, equals, value = override.partition("=")
        if equals and name in names:
            given[names[name]] = None if value == "null" else value
        else:
            others.append(override)
    for item in fields(kind):
        if item.default is MISSING and item.default_factory is MISSING and item.name not in given:
            raise InputError(f"{_said(item)}: no value is given")
    return check(OmegaConf.create(given), kind), others


def _said(item: "Field[Any]") -> str:
    """What a user calls a field."""
    return item.metadata.get("said", item.name)

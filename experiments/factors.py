"""What a sweep varies: factors from the settings, and the points of their design.

A factor is a setting with a list of values, or with a range {low: , high: }. Those of `sweep.over`
make the design. Those written as Hydra's multirun has them (KEY=A,B) are crossed with it, every
value with every point.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import QuotedString
from hydra.errors import HydraException

from analysis.designs import factorial, fractional_factorial, grid, latin_hypercube, sobol
from scenarios.commands import SweepSettings
from scenarios.schema import Settings
from sim.errors import InputError

Value = float | int | str | bool | None

_OF_COMMAND = re.compile(
    r"(policies|policy|seed|replications|threads|results|record|split)$"
    r"|(sweep|attribute|fit|service|counterfactual|replicate|choose|sensitivity|discover)(\.|$)"
    r"|(executor|cockpit)(\.|$)"
)
_DIGITS = 6  # significant ones of a value within a range


@dataclass(frozen=True)
class Factor:
    """A setting and its values in order, or the ends of its range; whole : whether only whole
    numbers are allowed between them."""

    key: str
    levels: tuple[Value, ...]
    is_range: bool = False
    whole: bool = False

    def at(self, share: float) -> Value:
        """The value at a share of the way, 0 to 1 exclusive: within the range or of the list."""
        if not self.is_range:
            return self.levels[int(share * len(self.levels))]
        low, high = self.levels
        if self.whole:
            return low + int(share * (high - low + 1))
        return float(f"{low + share * (high - low):.{_DIGITS}g}")


@dataclass(frozen=True)
class Design:
    """The points of a sweep, each with a value for each factor; aliases : effects that it cannot
    tell apart, in words; two_levels : keys of factors that stand at either end at every point."""

    keys: tuple[str, ...]
    points: tuple[tuple[Value, ...], ...]
    aliases: tuple[str, ...] = ()
    two_levels: tuple[str, ...] = ()

    def overrides(self, i: int) -> list[str]:
        """The settings of point i, as on the command line."""
        return [f"{k}={text(v)}" for k, v in zip(self.keys, self.points[i], strict=True)]

    @cached_property
    def columns(self) -> dict[str, list[float | str]]:
        """Values of each factor by point, for tables and figures: numbers, or all as texts."""
        found = dict(zip(self.keys, zip(*self.points, strict=True), strict=True))
        return {
            key: list(values) if all(map(_is_number, values)) else [text(v) for v in values]
            for key, values in found.items()
        }


def text(value: Value) -> str:
    """A value as on the command line."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def key_of(override: str) -> str:
    """The key of an override, without the marks of Hydra's grammar."""
    return override.lstrip("+~").partition("=")[0]


def of_model(overrides: Sequence[str]) -> list[str]:
    """The overrides but those that say how a sweep is run and kept."""
    return [o for o in overrides if not _OF_COMMAND.match(key_of(o))]


def crossed(overrides: Sequence[str]) -> tuple[list[str], list[Factor]]:
    """The overrides without those that list several values, and these as factors."""
    rest, factors = [], []
    for override in overrides:
        values = _listed(override)
        if values is None:
            rest.append(override)
        else:
            factors.append(Factor(_checked(key_of(override)), tuple(values)))
    return rest, factors


def _listed(override: str) -> list[Value] | None:
    """The values of KEY=A,B or KEY=choice(A,B) or KEY=range(A,B); None for an ordinary override."""
    try:
        parsed = OverridesParser.create().parse_override(override)
    except HydraException:  # Chinese names, which its grammar does not know
        _, _, value = override.partition("=")
        plain = "," in value and value[0] not in "[{'\""
        return value.split(",") if plain else None
    if not parsed.is_sweep_override():
        return None
    if not (parsed.is_choice_sweep() or parsed.is_range_sweep()):
        raise InputError(
            f"{override}: allowed: several values as KEY=A,B; a range as "
            "sweep.over={KEY: {low: , high: }} with sweep.design=lhs or sobol"
        )
    found = parsed.sweep_iterator()
    return [value.text if isinstance(value, QuotedString) else value for value in found]


def _checked(key: str) -> str:
    if _OF_COMMAND.match(key):
        hint = "; policies=[A,B] is crossed with every point" if key.startswith("polic") else ""
        raise InputError(f"sweep.over: '{key}'; allowed: settings of the model{hint}")
    return key


def of_settings(settings: Settings) -> list[Factor]:
    """The factors of `sweep.over`. Raises InputError."""
    return [_factor(_checked(key), given, settings) for key, given in settings.sweep.over.items()]


def _factor(key: str, given: Any, settings: Settings) -> Factor:
    if isinstance(given, list) and given and all(isinstance(v, Value) for v in given):
        levels = tuple(dict.fromkeys(given))
        if len(levels) == len(given):
            return Factor(key, levels)
    if isinstance(given, Mapping) and set(given) == {"low", "high"}:
        low, high = given["low"], given["high"]
        if _is_number(low) and _is_number(high) and low < high:
            whole = type(_value(settings, key)) is int
            return Factor(key, (low, high), is_range=True, whole=whole)
    raise InputError(
        f"sweep.over: {key}: {given}; allowed: a list of different values or "
        "{low: NUMBER, high: NUMBER}"
    )


def _value(settings: Any, key: str) -> Any:
    """The value of a key that the schema names; None for others."""
    for name in key.split("."):
        settings = getattr(settings, name, None)
    return settings


def design(factors: Sequence[Factor], across: Sequence[Factor], settings: Settings) -> Design:
    """The design of the settings over the factors, crossed with those `across`.

    Raises InputError for values that do not suit the design, and where nothing is varied.
    """
    if not factors and not across:
        raise InputError(
            "sweep.over: {}; allowed: {KEY: [values]} or {KEY: {low: , high: }}, "
            "or overrides that list values, as KEY=A,B"
        )
    keys = [f.key for f in (*across, *factors)]
    if len(set(keys)) < len(keys):
        raise InputError(f"sweep.over: {', '.join(keys)}; allowed: each setting once")
    inner, aliases = _DESIGNS[settings.sweep.design](factors, settings.sweep, settings.seed)
    outer = product(*(f.levels for f in across))
    points = tuple((*before, *values) for before in outer for values in inner)
    two = [f.key for f in factors] if settings.sweep.design in ("factorial", "fractional") else []
    return Design(tuple(keys), points, tuple(aliases), tuple(two))


# --- the designs ------------------------------------------------------------------------------

_Rows = tuple[list[tuple[Value, ...]], list[str]]


def _grid(factors: Sequence[Factor], settings: SweepSettings, seed: int) -> _Rows:
    for factor in factors:
        if factor.is_range:
            raise InputError(
                f"sweep.over: {factor.key}: a range; allowed with sweep.design=grid: a list"
            )
    return _levels(factors, grid([len(f.levels) for f in factors])), []


def _lhs(factors: Sequence[Factor], settings: SweepSettings, seed: int) -> _Rows:
    _need_some(factors)
    return _shares(factors, latin_hypercube(settings.points, len(factors), seed)), []


def _sobol(factors: Sequence[Factor], settings: SweepSettings, seed: int) -> _Rows:
    _need_some(factors)
    return _shares(factors, sobol(settings.points, len(factors))), []


def _factorial(factors: Sequence[Factor], settings: SweepSettings, seed: int) -> _Rows:
    _need_two_levels(factors)
    return _levels(factors, factorial(len(factors))), []


def _fractional(factors: Sequence[Factor], settings: SweepSettings, seed: int) -> _Rows:
    _need_two_levels(factors)
    fraction = fractional_factorial(len(factors), settings.resolution)
    groups = (
        " = ".join(" x ".join(factors[i].key for i in effect) for effect in group)
        for group in fraction.aliases
    )
    return _levels(factors, fraction.points), list(groups)


_DESIGNS = {
    "grid": _grid,
    "lhs": _lhs,
    "sobol": _sobol,
    "factorial": _factorial,
    "fractional": _fractional,
}


def _need_some(factors: Sequence[Factor]) -> None:
    if not factors:
        raise InputError("sweep.over: {}; allowed with this sweep.design: at least one setting")


def _need_two_levels(factors: Sequence[Factor]) -> None:
    _need_some(factors)
    for factor in factors:
        if len(factor.levels) != 2:
            raise InputError(
                f"sweep.over: {factor.key}: {list(factor.levels)}; allowed with this "
                "sweep.design: two values or a range, of which both ends are taken"
            )


def _levels(factors: Sequence[Factor], rows: np.ndarray) -> list[tuple[Value, ...]]:
    return [tuple(f.levels[i] for f, i in zip(factors, row, strict=True)) for row in rows]


def _shares(factors: Sequence[Factor], rows: np.ndarray) -> list[tuple[Value, ...]]:
    return [tuple(f.at(share) for f, share in zip(factors, row, strict=True)) for row in rows]

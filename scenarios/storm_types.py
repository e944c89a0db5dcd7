"""Types of storms that are drawn: from `stream.storm_types` to the arrays of the stream."""

import difflib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from scenarios.schema import StreamSettings
from sim.calendar import check_keys
from sim.catalogue import Catalogue
from sim.durations import LOGNORMAL, quantile_row
from sim.errors import InputError
from sim.stream import MOST_TYPES
from sim.units import HOUR

_DAYS_OF_YEAR = 365.25
_MONTHS = 12
_NUMBERS = {  # key of a type: what it may be
    "a_year": (0.0, 1000.0),
    "hours": (0.1, 1000.0),
    "cv": (0.01, 10.0),
    "reach": (0.0, 1.0),
    "alarms": (0.0, 1000.0),
}


def build_storm_types(settings: StreamSettings, catalogue: Catalogue) -> dict[str, np.ndarray]:
    """The `drawn_...` arrays of the rates, n types.

    Each type of `stream.storm_types` has `a_year` (storms a year where `storminess` is 1), `season`
    (how often from January, relative), `hours` and `cv` of its length (lognormal), `reach`
    (probability that it goes over to a district that touches one it strikes), `factors` (by kind,
    of the ordinary rate of an average hour, the ordinary incidents included) and `alarms` (false
    alarms that it brings, relative to their ordinary proportion to incidents). A kind that the
    catalogue doesn't have is left out. A user's own table has no drawn storms. Raises InputError.
    """
    types = settings.storm_types if settings.kind == "generated" else {}
    if len(types) > MOST_TYPES:
        raise InputError(f"stream.storm_types: {len(types)} types; allowed: {MOST_TYPES} at most")
    listed = [_numbers(entry, f"stream.storm_types.{name}") for name, entry in types.items()]
    seasons = [_season(e["season"], f"stream.storm_types.{n}.season") for n, e in types.items()]
    a_day = np.array([row["a_year"] for row in listed]) / _DAYS_OF_YEAR * settings.storminess
    extra = [_extra(e["factors"], catalogue, f"stream.storm_types.{n}") for n, e in types.items()]
    quantiles = [quantile_row(LOGNORMAL, row["cv"]) for row in listed]
    points = quantile_row(LOGNORMAL, 1.0).size
    return {
        "drawn_daily": a_day[:, None] * np.array(seasons).reshape(-1, _MONTHS),
        "drawn_time": np.array([row["hours"] for row in listed]) * HOUR,
        "drawn_quantile": np.array(quantiles).reshape(-1, points),
        "drawn_reach": np.array([row["reach"] for row in listed]),
        "drawn_extra": np.array(extra).reshape(-1, len(catalogue.kinds)),
        "drawn_alarms": np.array([row["alarms"] for row in listed]),
    }


def _numbers(entry: Any, key: str) -> Mapping[str, float]:
    check_keys(entry, key, (*_NUMBERS, "season", "factors"))
    for name, (low, high) in _NUMBERS.items():
        _check(entry[name], f"{key}.{name}", low, high)
    return entry


def _check(value: Any, key: str, low: float, high: float) -> None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not low <= value <= high:
        raise InputError(f"{key}: {value!r}; allowed: a number from {low:g} to {high:g}")


def _season(values: Any, key: str) -> np.ndarray:
    """Relative rates from January, scaled to a mean of 1."""
    if not isinstance(values, list) or len(values) != _MONTHS:
        raise InputError(f"{key}: {values!r}; allowed: a list of {_MONTHS} numbers")
    for i, value in enumerate(values):
        _check(value, f"{key}[{i}]", 0.0, 1000.0)
    if not sum(values):
        raise InputError(f"{key}: {values!r}; at least one must be above 0")
    return np.array(values) * _MONTHS / math.fsum(values)


def _extra(factors: Any, catalogue: Catalogue, key: str) -> np.ndarray:
    """What a type adds to each kind's ordinary rate, relative, f8[K]."""
    key = f"{key}.factors"
    if not isinstance(factors, Mapping) or not factors:
        raise InputError(f"{key}: {factors!r}; allowed: KIND: FACTOR, at least one")
    extra = np.zeros(len(catalogue.kinds))
    for name, factor in factors.items():
        _check(factor, f"{key}.{name}", 1.0, 1000.0)
        if name in catalogue.kinds:
            extra[catalogue.kinds.index(name)] = factor - 1.0
            continue
        near = difflib.get_close_matches(str(name), catalogue.kinds, 1, 0.8)
        if near:  # else it is of another catalogue
            raise InputError(f"{key}.{name}: no such kind (did you mean '{near[0]}'?)")
    return extra

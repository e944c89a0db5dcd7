"""The catalogue: which kinds of incident there are, how often they occur and what they take.

`catalogue_from` checks the plain `catalogue` configuration and turns it into arrays. It holds
no number of its own: every one is in the configuration, with its unit, range and source.
"""

import difflib
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np

from sim.calendar import check_keys
from sim.codes import CHANNELS, DAY_TYPES, LANDSCAPES, LIMIT_UNITS, SEVERITIES, TIERS, WORKING_DAYS
from sim.durations import EXPONENTIAL, FAMILIES, FIXED
from sim.errors import InputError
from sim.rows import TOWNSHIP_BIT
from sim.units import DAY, HOUR, MINUTE, NEVER

PAPERWORK = (
    *("register", "judge", "dispatch", "sign", "verify", "supervise", "retype", "look"),
    "consult",
)
"""Stages of paper work, in the order of the paperwork arrays; `look` is a duplicate's one look,
`consult` the answer to a call that only asks."""

HOURS = ("office", "duty")
TOWNSHIP = "township"  # a partner that is no department

_HOURS_OF_DAY = DAY // HOUR
_MONTHS = 12
_PERCENT = 100
_ROUNDING = 1e-6  # shares that miss their sum by less are taken for rounded ones


@dataclass(frozen=True, eq=False)
class Catalogue:
    """K kinds, P departments; the last axis of an array runs in the order of its codes."""

    kinds: tuple[str, ...]
    kind_zh: tuple[str, ...]
    kind_en: tuple[str, ...]
    departments: tuple[str, ...]
    department_zh: tuple[str, ...]
    department_en: tuple[str, ...]
    boards141: tuple[str, ...]
    board141_zh: tuple[str, ...]
    board141_en: tuple[str, ...]
    boards8: tuple[str, ...]
    board8_zh: tuple[str, ...]
    board8_en: tuple[str, ...]
    systems: tuple[str, ...]
    system_zh: tuple[str, ...]
    system_en: tuple[str, ...]
    number: np.ndarray  # i2[K], number in the published catalogue
    share: np.ndarray  # f8[K], share of all incidents of a year, sums to 1
    tier: np.ndarray  # f8[K, TIERS], share that each tier resolves
    channel: np.ndarray  # f8[K, CHANNELS], share noticed first by each channel
    severity: np.ndarray  # f8[K, SEVERITIES], shares
    limit_value: np.ndarray  # i8[K, SEVERITIES], ticks; days for WORKING_DAYS
    limit_unit: np.ndarray  # i1[K, SEVERITIES], LIMIT_UNITS
    landscape: np.ndarray  # f8[K, LANDSCAPES], rate per resident, relative
    hour: np.ndarray  # f8[K, 24], relative rate of each hour, mean 1
    day: np.ndarray  # f8[K, DAY_TYPES], relative rate of each day type
    season: np.ndarray  # f8[K, 12], relative rate of each month, mean 1
    system: np.ndarray  # i1[K], index into systems
    board141: np.ndarray  # i1[K], index into boards141
    board8: np.ndarray  # i1[K], index into boards8
    lead: np.ndarray  # i2[K], department
    joint: np.ndarray  # f8[K, P], probability that each department is needed beside the lead
    joint_township: np.ndarray  # f8[K], probability that the township is
    patrol_mean: np.ndarray  # f8[K], open time of the grid until patrol notices [ticks]
    resident_mean: np.ndarray  # f8[K], time until a resident who will report notices [ticks]
    sensor_mean: np.ndarray  # f8[K], time until a sensor in reach notices [ticks]
    dispose_mean: np.ndarray  # f8[K], hands-on work of disposal [ticks]
    dispose_cv: np.ndarray  # f8[K], its coefficient of variation
    dispose_family: np.ndarray  # i1[K], FAMILIES
    failure: np.ndarray  # f8[K], probability that a disposal does not really solve it
    growth_mean: np.ndarray  # f8[K], time until it is a grade worse, unattended [ticks]; NEVER
    false_alarms: np.ndarray  # f8[K], share of sensor alarms that are false
    duplicates: np.ndarray  # f8[K], mean number of further reports
    duplicate_gap: np.ndarray  # f8[K], mean time between reports [ticks]
    locality: np.ndarray  # f8[K], 0 to 1: how far judgement needs local knowledge
    clarity: np.ndarray  # f8[K], logit of naming the right desk locally without shared data
    department_duty: np.ndarray  # bool[P], open round the clock under every policy
    paperwork_mean: np.ndarray  # f8[PAPERWORK], hands-on work [ticks]
    paperwork_cv: np.ndarray  # f8[PAPERWORK]
    paperwork_family: np.ndarray  # i1[PAPERWORK], FAMILIES

    def fingerprint(self) -> str:
        """Short sha256 of all names and numbers: equal only for equal catalogues."""
        digest = hashlib.sha256()
        for field in fields(self):
            value = getattr(self, field.name)
            numbers = value.tolist() if isinstance(value, np.ndarray) else value
            digest.update(f"{field.name}={numbers!r};".encode())
        return digest.hexdigest()[:16]


_DTYPES = {  # of the columns that are not float64
    "number": np.int16,
    "limit_value": np.int64,
    "limit_unit": np.int8,
    "system": np.int8,
    "board141": np.int8,
    "board8": np.int8,
    "lead": np.int16,
    "dispose_family": np.int8,
}
_SHARES = {"tier": TIERS, "channel": CHANNELS, "severity": SEVERITIES}
_RATES = {"landscape": LANDSCAPES, "day": DAY_TYPES}
_TICKS = {  # column: its key in the configuration and the unit there [ticks]
    "patrol_mean": ("patrol_hours", HOUR),
    "resident_mean": ("resident_hours", HOUR),
    "sensor_mean": ("sensor_minutes", MINUTE),
    "duplicate_gap": ("duplicate_hours", HOUR),
}
_PLAIN = {  # column, named as its key: what is allowed
    "share": "at least 0",
    "failure": "from 0 to below 1",
    "false_alarms": "from 0 to below 1",
    "duplicates": "at least 0",
    "locality": "from 0 to 1",
    "clarity": "finite",
}
_ALLOWED = {
    "finite": math.isfinite,
    "at least 0": lambda value: 0 <= value < math.inf,
    "above 0": lambda value: 0 < value < math.inf,
    "from 0 to 1": lambda value: 0 <= value <= 1,
    "from 0 to below 1": lambda value: 0 <= value < 1,
}
_BELONGS = {"system": "systems", "board141": "boards141", "board8": "boards8"}
_KIND_KEYS = (
    *("number", "zh", "en", *_BELONGS, "lead", "joint", "limit", "profile", "season"),
    *(*_SHARES, *_RATES, *_PLAIN, *(key for key, _ in _TICKS.values()), "dispose"),
)


def catalogue_from(config: Mapping) -> Catalogue:
    """Check the plain nested mapping `config` and build the catalogue from it.

    Shares that add up to one but for rounding are made to do so exactly. Raises InputError,
    naming the full key, the value and what is allowed.
    """
    groups = ("departments", *_BELONGS.values())
    check_keys(config, "catalogue", (*groups, "profiles", "paperwork", "kinds"))
    named = {group: _section(config, group, _named) for group in groups}
    if len(named["departments"]) > TOWNSHIP_BIT:
        raise InputError(
            f"catalogue.departments: {len(named['departments'])} of them; "
            f"allowed: up to {TOWNSHIP_BIT}"
        )
    profiles = _section(config, "profiles", _profile)
    check_keys(config["paperwork"], "catalogue.paperwork", PAPERWORK)
    papers = _section(config, "paperwork", _work)
    kinds = config["kinds"]
    rows = list(_section(config, "kinds", partial(_kind, named=named, profiles=profiles)).values())
    columns = {
        name: np.array([row[name] for row in rows], _DTYPES.get(name, np.float64))
        for name in rows[0]
    }
    columns["share"] = np.array(_shares(columns["share"], "catalogue.kinds.*.share", _PERCENT))
    if np.unique(columns["number"]).size < len(rows):
        raise InputError(f"catalogue.kinds.*.number: {columns['number'].tolist()} has doubles")
    return Catalogue(
        **_texts("kinds", "kind", kinds),
        **_texts("departments", "department", named["departments"]),
        **_texts("boards141", "board141", named["boards141"]),
        **_texts("boards8", "board8", named["boards8"]),
        **_texts("systems", "system", named["systems"]),
        **columns,
        department_duty=np.array([d["hours"] == "duty" for d in named["departments"].values()]),
        paperwork_mean=np.array([papers[stage][0] for stage in PAPERWORK]),
        paperwork_cv=np.array([papers[stage][1] for stage in PAPERWORK]),
        paperwork_family=np.array([papers[stage][2] for stage in PAPERWORK], np.int8),
    )


def _section(config: Mapping, group: str, build: Callable[[Any, str], Any]) -> dict[str, Any]:
    key = f"catalogue.{group}"
    if not isinstance(config[group], Mapping) or not config[group]:
        raise InputError(f"{key}: {config[group]!r}; at least one named entry is needed")
    return {name: build(entry, f"{key}.{name}") for name, entry in config[group].items()}


def _texts(plural: str, singular: str, entries: Mapping) -> dict[str, tuple[str, ...]]:
    """The three name columns of a group."""
    return {
        plural: tuple(entries),
        f"{singular}_zh": tuple(entry["zh"] for entry in entries.values()),
        f"{singular}_en": tuple(entry["en"] for entry in entries.values()),
    }


def _named(entry: Any, key: str) -> Mapping:
    if key.startswith("catalogue.departments."):
        check_keys(entry, key, ("zh", "en", "stands_for", "hours"))
        _one_of(entry["hours"], HOURS, f"{key}.hours")
    else:
        check_keys(entry, key, ("zh", "en"))
    for language in ("zh", "en"):
        _text(entry[language], f"{key}.{language}")
    return entry


def _kind(kind: Any, key: str, named: Mapping, profiles: Mapping) -> dict[str, Any]:
    """The row of one kind: a value, or a list in the order of its codes, for each column."""
    check_keys(kind, key, _KIND_KEYS, ("growth_hours",))
    for language in ("zh", "en"):
        _text(kind[language], f"{key}.{language}")
    number = kind["number"]
    if type(number) is not int or number < 1:
        raise InputError(f"{key}.number: {number!r}; allowed: a whole number of at least 1")
    lead, joint, joint_township = _partners(kind, key, tuple(named["departments"]))
    limits = check_keys(kind["limit"], f"{key}.limit", SEVERITIES)
    limits = [_limit(limits[grade], f"{key}.limit.{grade}") for grade in SEVERITIES]
    profile = _one_of(kind["profile"], tuple(profiles), f"{key}.profile")
    mean, cv, family = _work(kind["dispose"], f"{key}.dispose")
    row = {
        "number": number,
        "limit_value": [value for value, _ in limits],
        "limit_unit": [unit for _, unit in limits],
        "hour": list(profiles.values())[profile],
        "season": _rates(kind["season"], f"{key}.season", _MONTHS),
        "lead": lead,
        "joint": joint,
        "joint_township": joint_township,
        "dispose_mean": mean,
        "dispose_cv": cv,
        "dispose_family": family,
        "growth_mean": _growth(kind.get("growth_hours"), f"{key}.growth_hours"),
    }
    for name, group in _BELONGS.items():
        row[name] = _one_of(kind[name], tuple(named[group]), f"{key}.{name}")
    for name, order in _SHARES.items():
        row[name] = _shares(_numbers(kind[name], f"{key}.{name}", order), f"{key}.{name}")
    for name, order in _RATES.items():
        row[name] = _numbers(kind[name], f"{key}.{name}", order)
        if not any(row[name]):
            raise InputError(f"{key}.{name}: all 0; at least one rate must be above 0")
    for name, (name_there, unit) in _TICKS.items():
        row[name] = unit * _number(kind[name_there], f"{key}.{name_there}", "above 0")
    for name, allowed in _PLAIN.items():
        row[name] = _number(kind[name], f"{key}.{name}", allowed)
    return row


def _partners(kind: Mapping, key: str, departments: tuple) -> tuple[int, list[float], float]:
    """Lead department, probability of each department and of the township as a partner."""
    lead = _one_of(kind["lead"], departments, f"{key}.lead")
    joint = check_keys(kind["joint"], f"{key}.joint", (), (*departments, TOWNSHIP))
    chance = {name: _number(joint[name], f"{key}.joint.{name}", "from 0 to 1") for name in joint}
    if kind["lead"] in chance:
        raise InputError(f"{key}.joint.{kind['lead']}: the lead is no partner of its own")
    return lead, [chance.get(name, 0.0) for name in departments], chance.get(TOWNSHIP, 0.0)


def _limit(entry: Any, key: str) -> tuple[int, int]:
    """Value (ticks, or days for WORKING_DAYS) and unit of a limit."""
    if not isinstance(entry, Sequence) or isinstance(entry, str) or len(entry) != 2:
        raise InputError(f"{key}: {entry!r} is not a limit [number, unit]")
    value = _number(entry[0], key, "above 0")
    unit = _one_of(entry[1], LIMIT_UNITS, key)
    if unit != WORKING_DAYS:
        return round(value * HOUR), unit
    if value != int(value):
        raise InputError(f"{key}: {value:g} working days; a whole number of them is needed")
    return int(value), unit


def _work(entry: Any, key: str) -> tuple[float, float, int]:
    """Mean [ticks], coefficient of variation and family of an amount of hands-on work."""
    check_keys(entry, key, ("mean", "cv", "family"))
    mean = MINUTE * _number(entry["mean"], f"{key}.mean", "above 0")
    cv = _number(entry["cv"], f"{key}.cv")
    family = _one_of(entry["family"], FAMILIES, f"{key}.family")
    only = {FIXED: 0, EXPONENTIAL: 1}.get(family, cv)
    if cv != only or (cv == 0 and family != FIXED):
        wanted = only if family in (FIXED, EXPONENTIAL) else "above 0"
        raise InputError(f"{key}.cv: {cv:g}; allowed for '{entry['family']}': {wanted}")
    return mean, cv, family


def _growth(hours: Any, key: str) -> float:
    """Mean time for a grade [ticks]; NEVER for a kind that does not grow: no hours, or null."""
    return float(NEVER) if hours is None else HOUR * _number(hours, key, "above 0")


def _profile(weights: Any, key: str) -> list[float]:
    return _rates(weights, key, _HOURS_OF_DAY)


def _rates(values: Any, key: str, length: int) -> list[float]:
    """`length` relative rates, scaled to a mean of 1."""
    if not isinstance(values, Sequence) or isinstance(values, str) or len(values) != length:
        raise InputError(f"{key}: {values!r}; allowed: a list of {length} numbers")
    rates = [_number(value, f"{key}[{i}]") for i, value in enumerate(values)]
    if not sum(rates):
        raise InputError(f"{key}: {values!r}; at least one rate must be above 0")
    return [rate * length / math.fsum(rates) for rate in rates]


def _shares(values: Sequence[float], key: str, whole: float = 1) -> list[float]:
    """`values`, which must add up to `whole`, scaled to add up to 1."""
    total = math.fsum(values)
    if abs(total - whole) > _ROUNDING * whole:
        raise InputError(f"{key}: adds up to {total:.9g}; allowed: shares that add up to {whole}")
    return [value / total for value in values]


def _numbers(config: Any, key: str, order: Sequence[str]) -> list[float]:
    """The numbers named in `order`, all of them and no other."""
    check_keys(config, key, order)
    return [_number(config[name], f"{key}.{name}") for name in order]


def _number(value: Any, key: str, allowed: str = "at least 0") -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not _ALLOWED[allowed](value):
        raise InputError(f"{key}: {value!r}; allowed: a number {allowed}")
    return float(value)


def _text(value: Any, key: str) -> None:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{key}: {value!r}; allowed: a text")


def _one_of(value: Any, names: Sequence[str], key: str) -> int:
    """Position of `value` in `names`."""
    if value not in names:
        near = difflib.get_close_matches(str(value), names, 1)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise InputError(f"{key}: {value!r}{hint}; allowed: {', '.join(names)}")
    return names.index(value)

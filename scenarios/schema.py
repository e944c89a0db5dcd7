"""The schema of the settings: every key, its type and its allowed range.

A structured configuration rejects an unknown key and a wrong type; `check` also tests ranges.
The catalogue and the calendar are checked by `sim.catalogue` and `sim.calendar`, which know
their own form. The values themselves live in `conf/`.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any

from omegaconf import MISSING, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from scenarios.commands import (
    AttributeSettings,
    CalibrateSettings,
    CapacitySettings,
    ChooseSettings,
    ClaimSettings,
    CockpitSettings,
    CounterfactualSettings,
    DiscoverSettings,
    ExecutorSettings,
    FitSettings,
    FuturesSettings,
    OverturnSettings,
    ReplicateSettings,
    SensitivitySettings,
    ServiceSettings,
    SplitSettings,
    SweepSettings,
    VerifySettings,
)
from scenarios.fields import number, one_of
from scenarios.mechanisms import MechanismSettings
from sim.codes import DISCIPLINES
from sim.durations import FAMILIES
from sim.errors import InputError


@dataclass
class CitySettings:
    name: str = MISSING
    folder: str | None = None
    district: str | None = None
    background_share: float = number(0, 10)
    weight: float = number(0.000001, 1e6)


@dataclass
class StreamSettings:
    kind: str = one_of("generated", "trace")
    per_resident: float = number(0, 100)
    per_day: float | None = field(default=None, metadata={"low": 0, "high": 1e9})
    volume: float = number(0, 1000)
    storms: list[Any] = MISSING
    storminess: float = number(0, 100)
    storm_types: dict[str, Any] = MISSING
    false_alarms: float = number(0, 1000)
    consultations: float = number(0, 100)
    day_cv: float = number(0, 5)
    day_city_share: float = number(0, 1)
    day_family: str = one_of(*FAMILIES)
    path: str | None = None


@dataclass
class AbsenceSettings:
    city: float = number(0, 1)
    district: float = number(0, 1)
    township: float = number(0, 1)
    grid: float = number(0, 1)


@dataclass
class StaffSettings:
    place: str = one_of("equal_hours", "fixed", "stated")
    seats: dict[str, Any] = MISSING
    plan: str | None = None
    target_utilisation: float = number(0.01, 1)
    grid_seats: int = number(1, 1000)
    round_the_clock_people: float = number(1, 20)
    full_time_hours: float = number(1, 168)
    absence: AbsenceSettings = field(default_factory=AbsenceSettings)
    pilot_incidents: int = number(100, 10**8)
    pilot_days: int = number(1, 366)
    pilot_followup_days: int = number(1, 366)
    pilot_seed: int = number(0, 2**62)


@dataclass
class HorizonSettings:
    start: str = MISSING
    warmup_days: int = number(0, 10000)
    cohort_days: int = number(1, 10000)
    followup_days: int = number(0, 10000)
    mean_days: int = number(1, 10000)


@dataclass
class PaySettings:
    city: float = number(0, 1e6)
    district: float = number(0, 1e6)
    township: float = number(0, 1e6)
    grid: float = number(0, 1e6)


@dataclass
class GradeSettings:
    I: float = number(0, 1e6)  # noqa: E741, the grades are Roman numbers
    II: float = number(0, 1e6)
    III: float = number(0, 1e6)
    IV: float = number(0, 1e6)


@dataclass
class CostSettings:
    pay: PaySettings = field(default_factory=PaySettings)
    overtime: float = number(0, 100)
    platform: float = number(0, 1e6)
    harm: dict[str, float] = field(default=MISSING, metadata={"low": 0, "high": 1e9})
    grade: GradeSettings = field(default_factory=GradeSettings)


@dataclass
class LeverSettings:
    shared_data: float = number(0, 1)
    sensing: float = number(0, 1)
    direct: float = number(0, 1)
    first_receiver: float = number(0, 1)
    refusal: float = number(0, 1)
    return_limit: float = number(0, 1000)
    pooling: float = number(0, 1)
    joint: float = number(0, 1)
    verification: float = number(0, 1)
    supervision: float = number(0, 1)
    merging: float = number(0, 1)
    intake: float = number(0, 1)
    dual: float = number(0, 1)
    whistle: float = number(0, 1)
    reminder: float = number(0, 1)
    criticism: float = number(0, 1)
    extension: float = number(0, 1)
    load_sharing: float = number(0, 1)
    flexible: float = number(0, 1)
    emergency: float = number(0, 1)
    assessment: float = number(0, 1)
    automation: float = number(0, 1)


@dataclass
class ApplicationSettings:
    kinds: list[str] = MISSING
    strength: float = number(0, 1)
    stages: dict[str, dict[str, str]] = field(default_factory=dict)
    map_logit: float = number(-10, 10)
    travel: float = number(0, 1)
    sensing: float | None = field(default=None, metadata={"low": 0, "high": 1})
    warning: float = number(0, 1)
    upkeep_minutes: float = number(0, 1e4)


@dataclass
class RolloutSettings:
    to: str | None = None
    waves: list[Any] = field(default_factory=list)
    city_from: str | None = None
    changes: list[Any] = field(default_factory=list)
    policies: dict[str, Any] = field(default_factory=dict)
    """Settings of the other policies by name: `load` puts them here."""


@dataclass
class PolicySettings:
    name: str = MISSING
    stages: dict[str, dict[str, str]] = MISSING
    relay: dict[str, str] = MISSING
    dispose: dict[str, str] = MISSING
    opening: dict[str, dict[str, str]] = MISSING
    levers: LeverSettings = field(default_factory=LeverSettings)
    discipline: str = one_of(*DISCIPLINES)
    release: str = MISSING
    release_size: int = number(0, 10**4)
    applications: dict[str, ApplicationSettings] = field(default_factory=dict)
    rollout: RolloutSettings = field(default_factory=RolloutSettings)


@dataclass
class Settings:
    """All settings of a run."""

    city: CitySettings = field(default_factory=CitySettings)
    catalogue: Any = MISSING
    calendar: Any = MISSING
    stream: StreamSettings = field(default_factory=StreamSettings)
    mechanism: MechanismSettings = field(default_factory=MechanismSettings)
    staff: StaffSettings = field(default_factory=StaffSettings)
    horizon: HorizonSettings = field(default_factory=HorizonSettings)
    capacity: CapacitySettings = field(default_factory=CapacitySettings)
    cost: CostSettings = field(default_factory=CostSettings)
    policy: PolicySettings = field(default_factory=PolicySettings)
    theory: str | None = None
    verify: VerifySettings = field(default_factory=VerifySettings)
    overturn: OverturnSettings = field(default_factory=OverturnSettings)
    calibrate: CalibrateSettings = field(default_factory=CalibrateSettings)
    fit: FitSettings = field(default_factory=FitSettings)
    policies: list[str] = MISSING
    split: SplitSettings = field(default_factory=SplitSettings)
    claim: ClaimSettings = field(default_factory=ClaimSettings)
    cockpit: CockpitSettings = field(default_factory=CockpitSettings)
    executor: ExecutorSettings = field(default_factory=ExecutorSettings)
    sweep: SweepSettings = field(default_factory=SweepSettings)
    rollout: FuturesSettings = field(default_factory=FuturesSettings)
    replicate: ReplicateSettings = field(default_factory=ReplicateSettings)
    choose: ChooseSettings = field(default_factory=ChooseSettings)
    sensitivity: SensitivitySettings = field(default_factory=SensitivitySettings)
    discover: DiscoverSettings = field(default_factory=DiscoverSettings)
    service: ServiceSettings = field(default_factory=ServiceSettings)
    assumptions: dict[str, float] = field(default=MISSING, metadata={"low": 0, "high": 1})
    """{KEY: share of its range}, as by `scenarios.assumptions`."""
    attribute: AttributeSettings = field(default_factory=AttributeSettings)
    counterfactual: CounterfactualSettings = field(default_factory=CounterfactualSettings)
    replications: int = number(1, 10**6)
    seed: int = number(0, 2**62)
    clock: str = one_of("compiled", "simpy")
    record: str = one_of("summary", "incidents", "visits")
    threads: int | None = field(default=None, metadata={"low": 1, "high": 4096})
    results: str = MISSING


TABLE_STAGES = ("register", "judge", "dispatch", "sign", "verify", "supervise")
"""Stages that a policy's table names a desk for, by channel; disposal is named by tier."""


def check(config: Any, kind: type = Settings, prefix: str = "") -> Any:
    """The settings as an object of the schema, or a section of them, whose keys begin with
    `prefix`. Raises InputError with the key's full name, its value and what is allowed."""
    _check_sections(config, kind, prefix)
    try:
        merged = OmegaConf.merge(_form(kind), config)
        settings = OmegaConf.to_object(merged)
    except OmegaConfBaseException as error:
        raise InputError(explain(error, _form(Settings))) from None
    _check_ranges(settings, prefix)
    return settings


@cache
def _form(kind: type) -> Any:
    """The structured configuration of a class, for copies of it to be filled."""
    return OmegaConf.structured(kind)


def _check_sections(config: Any, kind: Any, prefix: str) -> None:
    """A section must hold keys: OmegaConf does not say which one does not."""
    for item in fields(kind):
        if is_dataclass(item.type) and item.name in config:
            key = prefix + item.name
            value = OmegaConf.select(config, item.name)
            if not OmegaConf.is_dict(value):
                names = ", ".join(f.name for f in fields(item.type))
                raise InputError(f"{key}: {value}; allowed: a section with the keys {names}")
            _check_sections(value, item.type, f"{key}.")


def explain(error: OmegaConfBaseException, known: Any) -> str:
    """What OmegaConf found wrong, as one sentence with the key's full name."""
    text = str(error).splitlines()[0]
    place = re.search(r"full_key: (\S+)", str(error))
    key = error.full_key or error.key or (place.group(1) if place else "settings")
    if "missing mandatory" in text.lower():
        return f"{key}: no value is given"
    if "not in" in text and "Key" in text:
        return unknown_key(str(key), known)
    allowed = _allowed(str(key))
    return f"{key}: {text[:1].lower()}{text[1:]}" + (f"; allowed: {allowed}" if allowed else "")


def _allowed(key: str) -> str:
    """What a key of the schema may hold, in words; empty for one that the schema does not know."""
    kind: Any = Settings
    *groups, name = key.split(".")
    for group in groups:
        kind = next((f.type for f in fields(kind) if f.name == group), None)
        if not is_dataclass(kind):
            return ""
    item = next((f for f in fields(kind) if f.name == name), None)
    if item is None:
        return ""
    if "choices" in item.metadata:
        return ", ".join(item.metadata["choices"])
    if "low" in item.metadata:
        whole = "a whole number" if item.type is int else "a number"
        return f"{whole} from {item.metadata['low']:g} to {item.metadata['high']:g}"
    return {str: "a text"}.get(item.type, "")


def unknown_key(key: str, known: Any) -> str:
    """The message for a key that does not exist, with the nearest that do."""
    parent, _, name = key.rpartition(".")
    node = _node(known, parent) if parent else known
    if node is None:  # the parent is unknown, too: that is what to tell
        return unknown_key(parent, known)
    names = [str(n) for n in node] if OmegaConf.is_dict(node) else []
    near = difflib.get_close_matches(name, names, 1)
    hint = f" (did you mean '{near[0]}'?)" if near else ""
    allowed = f"; allowed: {', '.join(names)}" if names else ""
    return f"{key}: no such key{hint}{allowed}"


def _node(known: Any, key: str) -> Any:
    """The schema's node of a key, or None; below a group of named sections, that of a section."""
    node = OmegaConf.select(known, key)
    if node is None:
        group = OmegaConf.select(known, key.rpartition(".")[0])
        section = group._metadata.element_type if OmegaConf.is_dict(group) else None
        node = OmegaConf.structured(section) if is_dataclass(section) else None
    return node


def _check_ranges(settings: Any, prefix: str) -> None:
    for item in fields(settings):
        value, key = getattr(settings, item.name), prefix + item.name
        if is_dataclass(value):
            _check_ranges(value, key + ".")
            continue
        if "each" in item.metadata:
            low, high = item.metadata["each"]
            if not value or value != sorted(set(value)) or not low <= value[0] <= value[-1] <= high:
                raise InputError(
                    f"{key}: {value}; allowed: a list of numbers from {low:g} to {high:g}, "
                    "each larger than the one before"
                )
        if isinstance(value, dict):
            for name, each in value.items():
                if is_dataclass(each):
                    _check_ranges(each, f"{key}.{name}.")
                else:
                    _check_value(each, f"{key}.{name}", item.metadata)
            continue
        for each in value if isinstance(value, list) else [value]:
            _check_value(each, key, item.metadata)


def _check_value(value: Any, key: str, metadata: Mapping[str, Any]) -> None:
    """Raises InputError for a value, or one of a list, that the schema does not allow."""
    choices = metadata.get("choices")
    if choices and value not in choices:
        near = difflib.get_close_matches(str(value), choices, 1)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise InputError(f"{key}: '{value}'{hint}; allowed: {', '.join(choices)}")
    if "low" in metadata:
        low, high = metadata["low"], metadata["high"]
        if value is not None and not low <= value <= high:
            raise InputError(f"{key}: {value}; allowed: {low:g} to {high:g}")

"""The schema of the settings: every key, its type and its allowed range.

A structured configuration rejects an unknown key and a wrong type; `check` also tests ranges.
The catalogue and the calendar are checked by `sim.catalogue` and `sim.calendar`, which know
their own form. The values themselves live in `conf/`.
"""

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from omegaconf import MISSING, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sim.codes import DISCIPLINES
from sim.durations import FAMILIES
from sim.errors import InputError

SPLIT_PARTS = ("unlimited", "control", "utilisation", "assumed")
"""What a comparison can run besides, to split its difference; docs/comparison.md."""


def _number(low: float = 0.0, high: float = math.inf) -> Any:
    return field(default=MISSING, metadata={"low": low, "high": high})


def _one_of(*choices: str) -> Any:
    return field(default=MISSING, metadata={"choices": choices})


@dataclass
class CitySettings:
    name: str = MISSING
    folder: str | None = None
    district: str | None = None
    background_share: float = _number(0, 10)
    weight: float = _number(0.000001, 1e6)


@dataclass
class StreamSettings:
    kind: str = _one_of("generated", "trace")
    per_resident: float = _number(0, 100)
    per_day: float | None = field(default=None, metadata={"low": 0, "high": 1e9})
    volume: float = _number(0, 1000)
    storms: list[Any] = MISSING
    day_cv: float = _number(0, 5)
    day_city_share: float = _number(0, 1)
    day_family: str = _one_of(*FAMILIES)
    path: str | None = None


@dataclass
class AvailabilitySettings:
    city: float = _number(0.001, 1)
    district: float = _number(0.001, 1)
    township: float = _number(0.001, 1)
    grid: float = _number(0.001, 1)


@dataclass
class DetectionSettings:
    own: float = _number(0, 1)
    hotline: float = _number(0, 1)
    dispatch: float = _number(0, 1)
    callback: float = _number(0, 1)
    command: float = _number(0, 1)
    board: float = _number(0, 1)
    department: float = _number(0, 1)
    pool: float = _number(0, 1)
    grid: float = _number(0, 1)


@dataclass
class JudgementSettings:
    shared_logit: float = _number(-10, 10)
    centre_logit: float = _number(-10, 10)
    distance_logit: float = _number(-10, 10)
    wrong_tier: float = _number(0, 1)


@dataclass
class WorkSettings:
    wrong_desk: float = _number(0, 100)
    joint: float = _number(0, 10)
    partner: float = _number(0, 10)
    generalist: float = _number(0, 10)


@dataclass
class HotlineSettings:
    patience_minutes: float = _number(0, 1e6)
    redial: float = _number(0, 1)
    redial_minutes: float = _number(0, 1e6)
    lines: int = _number(0, 10**6)


@dataclass
class MechanismSettings:
    availability: AvailabilitySettings = field(default_factory=AvailabilitySettings)
    detection: DetectionSettings = field(default_factory=DetectionSettings)
    judgement: JudgementSettings = field(default_factory=JudgementSettings)
    work: WorkSettings = field(default_factory=WorkSettings)
    hotline: HotlineSettings = field(default_factory=HotlineSettings)
    coordination_hours: float = _number(0, 1e4)
    dormancy_hours: float = _number(0, 1e5)
    session_hours: float = _number(0.01, 1e6)
    background_minutes: float = _number(0, 1e4)


@dataclass
class StaffSettings:
    place: str = _one_of("equal_hours", "fixed", "stated")
    seats: dict[str, Any] = MISSING
    target_utilisation: float = _number(0.01, 1)
    grid_seats: int = _number(1, 1000)
    round_the_clock_people: float = _number(1, 20)
    full_time_hours: float = _number(1, 168)
    pilot_incidents: int = _number(100, 10**8)
    pilot_days: int = _number(1, 366)
    pilot_followup_days: int = _number(1, 366)
    pilot_seed: int = _number(0, 2**62)


@dataclass
class OverturnSettings:
    replications: int = _number(1, 1000)


@dataclass
class VerifySettings:
    alpha: float = _number(1e-9, 0.5)


@dataclass
class HorizonSettings:
    start: str = MISSING
    warmup_days: int = _number(0, 10000)
    cohort_days: int = _number(1, 10000)
    followup_days: int = _number(0, 10000)
    mean_days: int = _number(1, 10000)


@dataclass
class CapacitySettings:
    volumes: list[float] = field(default=MISSING, metadata={"each": (0.01, 1000.0)})
    tolerance: float = _number(0.0001, 1)
    other_tolerances: list[float] = field(default=MISSING, metadata={"each": (0.0001, 1.0)})
    refinements: int = _number(0, 100)
    replications: int = _number(1, 10**6)


@dataclass
class LeverSettings:
    shared_data: float = _number(0, 1)
    sensing: float = _number(0, 1)
    direct: float = _number(0, 1)
    first_receiver: float = _number(0, 1)
    refusal: float = _number(0, 1)
    return_limit: float = _number(0, 1000)
    pooling: float = _number(0, 1)
    joint: float = _number(0, 1)
    verification: float = _number(0, 1)
    supervision: float = _number(0, 1)
    merging: float = _number(0, 1)
    intake: float = _number(0, 1)
    dual: float = _number(0, 1)
    whistle: float = _number(0, 1)
    reminder: float = _number(0, 1)
    criticism: float = _number(0, 1)
    extension: float = _number(0, 1)
    load_sharing: float = _number(0, 1)
    flexible: float = _number(0, 1)
    emergency: float = _number(0, 1)
    assessment: float = _number(0, 1)
    automation: float = _number(0, 1)


@dataclass
class ApplicationSettings:
    kinds: list[str] = MISSING
    strength: float = _number(0, 1)
    stages: dict[str, dict[str, str]] = field(default_factory=dict)
    map_logit: float = _number(-10, 10)
    travel: float = _number(0, 1)
    sensing: float | None = field(default=None, metadata={"low": 0, "high": 1})
    warning: float = _number(0, 1)
    upkeep_minutes: float = _number(0, 1e4)


@dataclass
class RolloutSettings:
    to: str | None = None
    waves: list[Any] = field(default_factory=list)
    city_from: str | None = None
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
    discipline: str = _one_of(*DISCIPLINES)
    release: str = MISSING
    release_size: int = _number(0, 10**4)
    applications: dict[str, ApplicationSettings] = field(default_factory=dict)
    rollout: RolloutSettings = field(default_factory=RolloutSettings)


@dataclass
class SplitSettings:
    parts: list[str] = field(default=MISSING, metadata={"choices": SPLIT_PARTS})
    replications: int = _number(1, 10**6)
    target_utilisations: list[float] = field(default=MISSING, metadata={"low": 0.01, "high": 1})


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
    policy: PolicySettings = field(default_factory=PolicySettings)
    theory: str | None = None
    verify: VerifySettings = field(default_factory=VerifySettings)
    overturn: OverturnSettings = field(default_factory=OverturnSettings)
    policies: list[str] = MISSING
    split: SplitSettings = field(default_factory=SplitSettings)
    replications: int = _number(1, 10**6)
    seed: int = _number(0, 2**62)
    clock: str = _one_of("compiled", "simpy")
    record: str = _one_of("summary", "incidents", "visits")
    threads: int | None = field(default=None, metadata={"low": 1, "high": 4096})
    results: str = MISSING


TABLE_STAGES = ("register", "judge", "dispatch", "sign", "verify", "supervise")
"""Stages that a policy's table names a desk for, by channel; disposal is named by tier."""


def check(config: Any) -> Settings:
    """The settings as an object of the schema. Raises InputError with the key's full name,
    its value and what is allowed."""
    _check_sections(config, Settings, "")
    try:
        merged = OmegaConf.merge(OmegaConf.structured(Settings), config)
        settings = OmegaConf.to_object(merged)
    except OmegaConfBaseException as error:
        raise InputError(explain(error, OmegaConf.structured(Settings))) from None
    _check_ranges(settings, "")
    return settings


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
    node = OmegaConf.select(known, parent) if parent else known
    if node is None:  # the parent is unknown, too: that is what to tell
        return unknown_key(parent, known)
    names = [str(n) for n in node] if OmegaConf.is_dict(node) else []
    near = difflib.get_close_matches(name, names, 1)
    hint = f" (did you mean '{near[0]}'?)" if near else ""
    allowed = f"; allowed: {', '.join(names)}" if names else ""
    return f"{key}: no such key{hint}{allowed}"


def _check_ranges(settings: Any, prefix: str) -> None:
    for item in fields(settings):
        value, key = getattr(settings, item.name), prefix + item.name
        if is_dataclass(value):
            _check_ranges(value, key + ".")
            continue
        if isinstance(value, dict):
            for name, each in value.items():
                if is_dataclass(each):
                    _check_ranges(each, f"{key}.{name}.")
            continue
        if "each" in item.metadata:
            low, high = item.metadata["each"]
            if not value or value != sorted(set(value)) or not low <= value[0] <= value[-1] <= high:
                raise InputError(
                    f"{key}: {value}; allowed: a list of numbers from {low:g} to {high:g}, "
                    "each larger than the one before"
                )
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

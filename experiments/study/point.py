"""A point of a study: settings, policies and a seed; and what is computed there.

A point travels to whoever computes it as these few words, never as arrays: a worker composes the
settings itself, checks that they and its code are those of the study, and keeps the last few, so
that replications of one design point are loaded once.
"""

import hashlib
import importlib
import json
import socket
import threading
import traceback
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from experiments.compare import replication_seed
from experiments.one_run import Progress
from experiments.store import fingerprint, plain
from experiments.study.sources import code_hash
from experiments.threads import StoppedError
from scenarios.load import load_policies
from scenarios.parameters import Parameters
from sim.city import City

METRICS = "experiments.study.measure:metrics"
_KEPT = 4  # design points whose parameters a process keeps at a time

Measures = Mapping[str, Mapping[str, float | None]]
"""{POLICY: {NAME: value}}; None: not defined, or not reached before the end."""


@dataclass(frozen=True)
class Point:
    """One replication of one design point, under each of the policies.

    overrides : settings as on the command line, without `policies`; seed : names the incidents
    (`replication_seed`: the same at every design point, so that points are compared on common
    random numbers); measure : "MODULE:FUNCTION", as `experiments.study.measure.metrics`.
    """

    overrides: tuple[str, ...]
    policies: tuple[str, ...]
    seed: int
    measure: str = METRICS

    @property
    def design(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What it has in common with its other replications."""
        return self.overrides, self.policies

    @property
    def module(self) -> str:
        return self.measure.partition(":")[0]


@dataclass(frozen=True)
class Job:
    """A point with its key and the code that is to compute it."""

    point: Point
    key: str
    code: str


@dataclass(frozen=True)
class Result:
    """What was measured at a point, and what loading it warned of."""

    measures: Measures
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """Why a point has no result: type of the error, its message, where it was raised."""

    kind: str
    message: str
    trace: str = ""


class UnlikeError(Exception):
    """A worker has other sources or settings than the study that asks it."""


def replications(
    overrides: Sequence[str], policies: Sequence[str], seed: int, n: int, measure: str = METRICS
) -> list[Point]:
    """The first n replications of a design point; seed : of the study."""
    design = tuple(overrides), tuple(policies)
    return [Point(*design, replication_seed(seed, r), measure) for r in range(n)]


# --- parameters -------------------------------------------------------------------------------

one_at_a_time = threading.RLock()  # Hydra composes one configuration at a time in a process
_cities: dict[tuple[str | None, str], City] = {}
_worlds: dict[tuple, str] = {}
_prepared: "OrderedDict[tuple, _Prepared]" = OrderedDict()


def forget() -> None:
    """Load everything anew from now on: files may have been edited since it was loaded."""
    with one_at_a_time:
        for known in (_cities, _worlds, _prepared):
            known.clear()


def _load(overrides: tuple[str, ...], policies: tuple[str, ...]) -> dict[str, Parameters]:
    """Parameters by policy, not built yet. Raises InputError."""
    found = load_policies([*overrides, "record=summary", f"policies=[{','.join(policies)}]"])
    for parameters in found.values():
        named = parameters.settings.city
        known = _cities.setdefault((named.folder, named.name), parameters.city)
        parameters.__dict__["city"] = known
    return found


def _world(policies: Mapping[str, Parameters]) -> str:
    """Fingerprint of the parameters of a design point, with the futures of a rollout: they are no
    part of the world from which they fork, but what is measured of it."""
    own = {name: asdict(parameters.settings.policy) for name, parameters in policies.items()}
    first = next(iter(policies.values()))
    parts = [fingerprint(first), asdict(first.settings.rollout), own]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def job(point: Point) -> Job:
    """The point as it is sent out, with its key: sha256 of resolved parameters, seed, measure and
    code. Raises InputError for settings that the schema, the city or the catalogue refuse."""
    with one_at_a_time:
        if point.design not in _worlds:
            _worlds[point.design] = _world(_load(*point.design))
        return _job(point, _worlds[point.design])


def _job(point: Point, world: str) -> Job:
    code = code_hash(point.module)
    named = json.dumps([world, point.seed, point.measure, code])
    return Job(point, hashlib.sha256(named.encode()).hexdigest(), code)


class _Prepared(NamedTuple):
    """Parameters of a design point, built, and what building them warned of."""

    policies: Mapping[str, Parameters]
    world: str
    warnings: tuple[str, ...]


def _prepare(point: Point) -> _Prepared:
    with one_at_a_time:
        if point.design not in _prepared:
            _prepared[point.design] = _build(point)
        _prepared.move_to_end(point.design)
        while len(_prepared) > _KEPT:
            _prepared.popitem(last=False)
        return _prepared[point.design]


def _build(point: Point) -> _Prepared:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        policies = _load(*point.design)
        for parameters in policies.values():
            _ = parameters.world, parameters.rates, parameters.open_ticks, parameters.paid_by_desk
    texts = dict.fromkeys(str(warning.message) for warning in caught)
    return _Prepared(policies, _world(policies), tuple(texts))


# --- computing --------------------------------------------------------------------------------


def compute(job: Job, progress: Progress | None = None) -> Result | Failure:
    """What is measured at a point; an error is handed back, whichever it is, for others to go on.

    Raises UnlikeError where sources or settings are not those of the study.
    """
    point = job.point
    if code_hash(point.module) != job.code:
        raise _unlike("sources", "install the same version everywhere")
    try:
        found = _prepare(point)
        if _job(point, found.world) != job:  # prepared for an earlier study
            forget()
            found = _prepare(point)
    except Exception as error:
        return _failure(error)
    if _job(point, found.world) != job:
        raise _unlike("settings", "conf/, cities and traces must be the same everywhere")
    try:
        measures = _measured(_function(point.measure), found.policies, point.seed, progress)
        # Through JSON here, so that what is kept and what was just computed never differ.
        text = json.dumps(measures, allow_nan=False, default=plain)
        return Result(json.loads(text), found.warnings)
    except StoppedError:
        raise
    except Exception as error:
        return _failure(error)


def _measured(
    measure: Callable[..., dict[str, Any]],
    policies: Mapping[str, Parameters],
    seed: int,
    progress: Progress | None,
) -> dict[str, dict[str, Any]]:
    if getattr(measure, "of_all", False):
        return measure(policies, seed, progress)
    return {name: measure(parameters, seed, progress) for name, parameters in policies.items()}


def _unlike(what: str, remedy: str) -> UnlikeError:
    return UnlikeError(f"{socket.gethostname()} has other {what} than the study: {remedy}")


def _function(measure: str) -> Callable[..., dict[str, Any]]:
    module, _, name = measure.partition(":")
    return getattr(importlib.import_module(module), name)


def _failure(error: Exception) -> Failure:
    return Failure(type(error).__name__, str(error), "".join(traceback.format_exception(error)))

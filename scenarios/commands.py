"""The schema of what commands are told: a section each. `scenarios.schema` checks them."""

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING

from scenarios.fields import number, one_of

SPLIT_PARTS = ("unlimited", "control", "utilisation", "assumed")
"""What a comparison can run besides, to split its difference; docs/comparison.md."""

STAGES = ("morris", "sobol", "swings", "break_even")
"""The parts of a sensitivity analysis; docs/sensitivity.md."""


@dataclass
class OverturnSettings:
    replications: int = number(1, 1000)


@dataclass
class CalibrateSettings:
    replications: int = number(1, 1000)


@dataclass
class FitSettings:
    """How a log of the user's is read, and what is enough to fit; docs/calibrating.md."""

    earliest: int = number(1000, 3000)
    latest: int = number(1000, 3000)
    most_bytes: int = number(1, 10**15)
    most_ratio: float = number(1, 10**6)
    held_out: float = number(0.01, 0.9)
    span_share: float = number(0.5, 1)
    least: int = number(5, 10**6)
    resamples: int = number(20, 10**5)
    most_sample: int = number(100, 10**7)
    open_share: float = number(0, 1)
    final_share: float = number(0, 1)
    closing_share: float = number(0, 1)
    day_stamps: float = number(0, 1)
    most_cv: float = number(0.1, 10**6)
    simulations: int = number(1, 1000)
    replay_days: int = number(1, 3650)
    replay_warmup_days: int = number(0, 3650)


@dataclass
class VerifySettings:
    alpha: float = number(1e-9, 0.5)


@dataclass
class CapacitySettings:
    volumes: list[float] = field(default=MISSING, metadata={"each": (0.01, 1000.0)})
    tolerance: float = number(0.0001, 1)
    other_tolerances: list[float] = field(default=MISSING, metadata={"each": (0.0001, 1.0)})
    refinements: int = number(0, 100)
    replications: int = number(1, 10**6)


@dataclass
class SplitSettings:
    parts: list[str] = field(default=MISSING, metadata={"choices": SPLIT_PARTS})
    replications: int = number(1, 10**6)
    target_utilisations: list[float] = field(default=MISSING, metadata={"low": 0.01, "high": 1})


@dataclass
class ExecutorSettings:
    """Where the points of a study are computed; docs/cluster.md."""

    kind: str = one_of("threads", "processes", "dask")
    workers: int | None = field(default=None, metadata={"low": 1, "high": 4096})
    address: str | None = None


@dataclass
class SweepSettings:
    over: dict[str, Any] = MISSING
    design: str = one_of("grid", "lhs", "sobol", "factorial", "fractional")
    points: int = number(1, 10**6)
    resolution: int = number(3, 4)
    metric: str = MISSING


@dataclass
class SensitivitySettings:
    groups: dict[str, list[str]] = MISSING
    only: list[str] | None = None
    stages: list[str] = field(default=MISSING, metadata={"choices": STAGES})
    metric: str = MISSING
    replications: int = number(2, 10**6)
    trajectories: int = number(2, 10**6)
    keep: int = number(2, 30)
    samples: int = number(4, 2**20)
    steps: int = number(2, 1000)


@dataclass
class DiscoverSettings:
    only: list[str] | None = None
    scenarios: list[str] = field(default_factory=list)
    design: str = one_of("lhs", "sobol")
    points: int = number(8, 10**6)
    replications: int = number(1, 10**6)
    metric: str = MISSING
    better: str = one_of("lower", "higher")
    reach: float = number(0, 1e9)
    reduction: float | None = field(default=None, metadata={"low": 0, "high": 1})
    quantile: float | None = field(default=None, metadata={"low": 0.01, "high": 0.5})
    boxes: int = number(1, 10)
    dense: float = number(0, 1)
    resamples: int = number(2, 10**4)
    leaves: int = number(2, 100)


@dataclass
class FutureSettings:
    """A plan for the time after the fork, as `RolloutSettings` in days after it."""

    to: str | None = None
    waves: list[Any] = field(default_factory=list)
    city_after: int | None = field(default=None, metadata={"low": 0, "high": 3650})


@dataclass
class FuturesSettings:
    fork: str | None = None
    only: list[str] | None = None
    check: bool = False
    metric: str = MISSING
    futures: dict[str, FutureSettings] = field(default_factory=dict)


@dataclass
class ReplicateSettings:
    metric: str = MISSING
    half_width: float = number(1e-9, 1e9)
    relative: bool = MISSING
    least: int = number(2, 10**6)
    look_ahead: int = number(0, 1000)
    most: int = number(2, 10**6)
    minutes: float | None = field(default=None, metadata={"low": 0, "high": 1e6})
    long_run: bool = MISSING


@dataclass
class ChooseSettings:
    metric: str = MISSING
    zone: float = number(1e-9, 1e9)
    alpha: float = number(0.0001, 0.4999)
    first: int = number(3, 10**6)
    most: int = number(3, 10**6)
    lowest: bool = MISSING


@dataclass
class AttributeSettings:
    """How a gain is split among groups of a policy's settings; docs/attribution.md."""

    metric: str = MISSING
    groups: dict[str, Any] = MISSING
    orders: int = number(2, 10**5)


@dataclass
class CounterfactualSettings:
    """What is told of the same incidents under two policies; docs/counterfactual.md."""

    told: int = number(0, 25)
    fewest: int = number(1, 10**9)


@dataclass
class TargetSettings:
    grave: float = number(0, 1)
    all: float = number(0, 1)


@dataclass
class ServiceSettings:
    """What service a staff is sought for, and how; docs/staffing.md."""

    targets: TargetSettings = field(default_factory=TargetSettings)
    counts: str = one_of("closed", "solved")
    scope: str = one_of("city", "district")
    unreachable: str = one_of("lower", "stop")
    budget: float | None = field(default=None, metadata={"low": 0, "high": 1e9})
    confidence: float = number(0.5, 0.9999)
    delays: list[float] = field(default=MISSING, metadata={"low": 1e-6, "high": 1})
    utilisation: float = number(0.01, 1)
    incidents: int = number(1, 10**8)
    least: int = number(2, 10**4)
    most: int = number(2, 10**4)
    fresh: int = number(3, 10**4)
    fresh_most: int = number(3, 2000)
    tries: int = number(1, 8)
    evaluations: int = number(0, 10**4)
    repeats: int = number(1, 20)
    volumes: list[float] = field(default=MISSING, metadata={"low": 0.01, "high": 100})


@dataclass
class CockpitSettings:
    """Where `guantong cockpit` listens; docs/cockpit.md."""

    host: str = MISSING
    port: int = number(1, 65535)
    show: bool = MISSING


@dataclass
class ClaimSettings:
    """What an experiment claims of the second of its policies against the first."""

    metric: str | None = None
    change: str = one_of("higher", "lower")
    least: float = number(0, 1)
    why: str | None = None

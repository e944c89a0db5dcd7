"""The space of assumptions that `sensitivity` and `discover` look through, and what the difference
between two policies is at points of it."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments import console
from experiments.compare import replication_seed
from experiments.factors import of_model
from experiments.study import Failure, Result, Study, replications
from experiments.study.by_kind import BY_KIND
from experiments.study.point import METRICS
from scenarios.assumptions import Factor, factors, written
from scenarios.schema import Settings
from sim.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 6
"""Of a share, as it is written in an override."""

Row = Mapping[str, float]
"""{KEY of a factor: share of its range}; the others are as they are."""


@dataclass(frozen=True)
class Space:
    """Factors by key, and the group of each."""

    factors: Mapping[str, Factor]
    groups: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The groups, in their order."""
        return tuple(dict.fromkeys(self.groups.values()))

    def of(self, groups: Sequence[str]) -> "Space":
        """The part of it that some of the groups are."""
        kept = {key: group for key, group in self.groups.items() if group in groups}
        return Space({key: self.factors[key] for key in kept}, kept)

    def rows(self, design: np.ndarray) -> list[Row]:
        """Rows of shares, a column a factor, as points. A share is rounded to what is written."""
        rounded = np.round(design, DIGITS)
        return [dict(zip(self.factors, map(float, row), strict=True)) for row in rounded]


def space_of(
    overrides: Sequence[str], settings: Settings, only: Sequence[str] | None, section: str
) -> Space:
    """The assumed numbers that the settings' groups hold and the user does not give.

    only : names of groups, None for all; section : of the settings that says so. Raises InputError
    for unknown groups, unless two policies are compared, and where nothing is left to be moved.
    """
    if len(settings.policies) != 2:
        raise InputError(f"policies: {list(settings.policies)}; allowed: two")
    groups = settings.sensitivity.groups
    for name in only or ():
        if name not in groups:
            near = difflib.get_close_matches(name, groups, 1)
            hint = f" (did you mean '{near[0]}'?)" if near else ""
            raise InputError(f"{section}.only: '{name}'{hint}; allowed: {', '.join(groups)}")
    found, held = {}, {}
    for factor in factors(of_model(overrides), settings.policies):
        name = group_of(factor, groups, settings.policies)
        if name is not None and (only is None or name in only) and _free(factor, settings):
            found[factor.key], held[factor.key] = factor, name
    if not found:
        raise InputError("sensitivity.groups: no assumed number of theirs is left to be moved")
    ordered = sorted(found, key=lambda key: list(groups).index(held[key]))
    return Space({key: found[key] for key in ordered}, {key: held[key] for key in ordered})


def _free(factor: Factor, settings: Settings) -> bool:
    return factor.key not in settings.assumptions


def group_of(
    factor: Factor, groups: Mapping[str, Sequence[str]], policies: Sequence[str]
) -> str | None:
    """The first group that has a pattern for a factor; None if there is none."""
    for name, patterns in groups.items():
        for pattern in patterns:
            place, dot, rest = pattern.partition(".")
            policy = dict(zip(("first", "second"), policies, strict=True)).get(place, place)
            if fnmatchcase(factor.key, f"{policy}{dot}{rest}"):
                return name
    return None


# --- running ----------------------------------------------------------------------------------


@dataclass
class Differences:
    """Runs points of the space under both policies, and keeps what has no value.

    study : open; overrides : of the user; settings : as loaded; metric : NAME, or
    by_kind.KIND.COLUMN; section : of the settings that names the metric.
    """

    study: Study
    overrides: Sequence[str]
    settings: Settings
    metric: str
    replications: int
    section: str
    points: int = 0
    failures: list[dict[str, Any]] = field(default_factory=list)

    def at(
        self, stage: str, rows: Sequence[Row], more: Sequence[Sequence[str]] | None = None
    ) -> np.ndarray:
        """The metric under the first and the second policy, f8[rows, replications, 2]; NaN where
        there is none.

        more : further overrides of each row. Raises InputError for a metric that is not measured.
        """
        given = of_model(self.overrides)
        measure = BY_KIND if self.metric.startswith("by_kind.") else METRICS
        policies, n = self.settings.policies, self.replications
        chosen = [
            [*given, *(more[i] if more else ()), *([written(row)] if row else ())]
            for i, row in enumerate(rows)
        ]
        points = [
            point
            for one in chosen
            for point in replications(one, policies, self.settings.seed, n, measure)
        ]
        self.study.what = f"points of {stage}"
        outcomes = self.study.run(points)
        self.points += len(points)
        warned = [o.warnings[0] for o in outcomes if isinstance(o, Result) and o.warnings]
        if warned:
            console.warn([f"{len(warned)} of {len(outcomes)} points warn, the first: {warned[0]}"])
        values = np.full((len(outcomes), 2), np.nan)
        for i, outcome in enumerate(outcomes):
            here = {"settings": [stage, f"point {i // n}"], "replication": i % n}
            here["overrides"] = chosen[i // n]
            if isinstance(outcome, Failure):
                what = {"error": outcome.kind, "message": outcome.message, "trace": outcome.trace}
                self.failures.append(here | what)
                continue
            found = [outcome.measures[policy] for policy in policies]
            self._check(found[0])
            for k, measures in enumerate(found):
                value = measures[self.metric]
                if value is None:
                    what = f"{self.metric} has no value under {policies[k]}"
                    self.failures.append(here | {"error": "no value", "message": what})
                else:
                    values[i, k] = value
        return values.reshape(len(rows), n, 2)

    def _check(self, measures: Mapping[str, Any]) -> None:
        if self.metric not in measures:
            near = difflib.get_close_matches(self.metric, measures, 1)
            hint = f" (did you mean '{near[0]}'?)" if near else ""
            raise InputError(
                f"{self.section}.metric: '{self.metric}'{hint}; allowed: {', '.join(measures)}"
            )

    @property
    def seeds(self) -> list[int]:
        return [replication_seed(self.settings.seed, r) for r in range(self.replications)]


def difference(values: np.ndarray) -> np.ndarray:
    """Second minus first policy of what `Differences.at` gives, f8[rows, replications]."""
    return values[..., 1] - values[..., 0]


def label_of(metric: str) -> str:
    """A metric in words, where it has some."""
    return console.LABELS.get(metric, metric).strip()


def long_table(stage: str, values: np.ndarray, policies: Sequence[str]) -> "pd.DataFrame":
    """One row a point and replication: the metric under both policies, and their difference."""
    import pandas as pd

    rows, n, _ = values.shape
    points, runs = np.repeat(np.arange(rows), n), np.tile(np.arange(n), rows)
    flat = values.reshape(-1, 2)
    return pd.DataFrame(
        {"stage": stage, "point": points, "replication": runs}
        | {name: flat[:, k] for k, name in enumerate(policies)}
        | {"difference": flat[:, 1] - flat[:, 0]}
    )


def design_table(stage: str, rows: Sequence[Row], space: Space) -> "pd.DataFrame":
    """One row a point and factor that is moved: its share of the range, and the value of a lone
    number."""
    import pandas as pd

    held = []
    for i, row in enumerate(rows):
        for key, share in row.items():
            found = list(space.factors[key].at(share).values())
            value = found[0] if len(found) == 1 else np.nan
            held.append((stage, i, key, space.groups[key], share, value))
    names = ["stage", "point", "assumption", "group", "share", "value"]
    return pd.DataFrame(held, columns=names)

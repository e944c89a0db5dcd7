"""The service that a staff must give: targets by class and, if asked for, by district."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.staffing.confirming import half_width
from experiments.staffing.measure import CLASSES
from experiments.staffing.runs import Counts
from scenarios.commands import ServiceSettings
from scenarios.parameters import Parameters
from sim.errors import InputError

_WORDS = {"grave": "grades I and II", "all": "all grades"}


@dataclass(frozen=True)
class Target:
    """A share of the noticed that must be closed within the limit. place : of the class in CLASSES;
    district : None: on the whole; stated : as the settings have it; level : as it is sought."""

    place: int
    district: int | None
    stated: float
    level: float

    @property
    def name(self) -> str:
        return CLASSES[self.place]

    def words(self, names: Sequence[str]) -> str:
        where = "" if self.district is None else f", {names[self.district]}"
        return f"{_WORDS[self.name]}{where}"


@dataclass(frozen=True)
class Goal:
    """C targets, and what counts: `closed` or `solved` within the limit."""

    targets: tuple[Target, ...]
    counts: str

    @property
    def is_joint(self) -> bool:
        """Whether targets are to hold in several districts at once, whose incidents may be few."""
        return len({t.district for t in self.targets}) > 1

    def _of(self, table: np.ndarray) -> np.ndarray:
        """Counts that each target is about, i8[R, C]."""
        whole = table.sum(axis=1)
        columns = [
            whole[:, t.place] if t.district is None else table[:, t.district, t.place]
            for t in self.targets
        ]
        return np.stack(columns, axis=1)

    def surplus(self, counts: Counts, levels: np.ndarray | None = None) -> np.ndarray:
        """What each replication has above each target, as a share of a mean replication's noticed,
        f8[R, C]. Its mean is 0 or more just where the share of all of them reaches the level."""
        if levels is None:
            levels = np.array([t.level for t in self.targets])
        noticed = self._of(counts.noticed)
        above = self._of(getattr(counts, self.counts)) - levels * noticed
        return above / np.maximum(noticed.mean(axis=0), 1e-300)

    def shares(self, counts: Counts) -> np.ndarray:
        """Share of the noticed of all replications, f8[C]; NaN where there are none."""
        noticed = self._of(counts.noticed).sum(axis=0)
        met = self._of(getattr(counts, self.counts)).sum(axis=0)
        return np.where(noticed > 0, met / np.maximum(noticed, 1), np.nan)

    def unreachable(self, ceiling: Counts) -> np.ndarray:
        """Targets that are missed even where seats never run out, bool[C]."""
        return self.shares(ceiling) < np.array([t.level for t in self.targets])

    def lowered(self, ceilings: Mapping[str, Counts], alpha: float | None = None) -> "Goal":
        """Targets that some policy cannot reach are taken of what is reachable under each: of the
        smallest share, over policies, where seats never run out. alpha : take lower bounds of those
        shares in place of them, which all hold at once but at this error rate (Bonferroni)."""
        shares = [self.shares(counts) for counts in ceilings.values()]
        if alpha is not None:
            each = alpha / (len(self.targets) * len(shares))
            shares = [
                np.clip(share - half_width(self.surplus(c, share).std(axis=0, ddof=1),
                                           len(c.noticed), each), 0, 1)
                for share, c in zip(shares, ceilings.values(), strict=True)
            ]  # fmt: skip
        least = np.min(shares, axis=0)
        missed = least < np.array([t.level for t in self.targets])
        return replace(
            self,
            targets=tuple(
                replace(t, level=t.stated * float(share)) if low else t
                for t, share, low in zip(self.targets, least, missed, strict=True)
            ),
        )


def stated(settings: ServiceSettings, parameters: Parameters) -> Goal:
    """The goal of the settings. Raises InputError where they state no target."""
    districts: list[int | None] = [None]
    if settings.scope == "district":
        only = parameters.district
        districts = list(range(parameters.city.n_districts)) if only is None else [only]
    shares = [getattr(settings.targets, name) for name in CLASSES]
    targets = tuple(
        Target(place, district, share, share)
        for place, share in enumerate(shares)
        for district in districts
        if share > 0
    )
    if not targets:
        raise InputError("service.targets: all are 0; allowed: one above 0 at least")
    return Goal(targets, settings.counts)


def late_kinds(counts: Counts, names: Sequence[str], what: str, place: int) -> list[dict]:
    """Kinds of a class by how many of them miss their limit where seats never run out, most first:
    kind, noticed, share (in time), of_late (share of all that miss it)."""
    noticed = counts.kind_noticed[:, :, place].sum(axis=0)
    met = getattr(counts, f"kind_{what}")[:, :, place].sum(axis=0)
    late = noticed - met
    return [
        {
            "kind": names[k],
            "noticed": int(noticed[k]),
            "share": float(met[k] / noticed[k]),
            "of_late": float(late[k] / late.sum()),
        }
        for k in np.argsort(-late, kind="stable").tolist()
        if late[k] > 0
    ]

"""A log in the model's terms: stages, kinds, and hands-on work."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from experiments.fit.estimates import Found
from experiments.fit.mapping import MODEL_STAGES, Mapping
from experiments.fit.part import Part
from sim.catalogue import Catalogue
from sim.codes import TIERS


@dataclass(frozen=True, eq=False)
class InModel:
    """Events of a part, each with what it is in the model where it has a place there."""

    part: Part
    found: Found
    mapping: Mapping
    catalogue: Catalogue
    availability: tuple[float, ...]
    """Of each tier, the share of paid time that is for incidents."""

    def codes(self, role: str, section: str, names: tuple[str, ...]) -> np.ndarray:
        """Of each event, the place of its value among `names`, -1 for none, i8[n]."""
        return _codes(self.part.frame, role, lambda text: self._named(section, text), names)

    def _named(self, section: str, text: str) -> str | None:
        if section == "kinds":
            return kind_named(self.mapping, self.catalogue, text)
        return self.mapping.named(section, text)

    @cached_property
    def stage(self) -> np.ndarray:
        """Place among MODEL_STAGES, i8[n]."""
        place = [MODEL_STAGES.index(name) if name else -1 for name in self.stage_names]
        return np.array(place, np.int64)[self.part.column("activity")]

    @cached_property
    def stage_names(self) -> tuple[str, ...]:
        """The stage of each activity of the log, empty without one."""
        names = self.part.log.names["activity"]
        return tuple(self.mapping.named("stages", name) or "" for name in names)

    @property
    def mapped(self) -> float:
        """Share of the events that have a stage of the model."""
        return float((self.stage >= 0).mean())

    @cached_property
    def kind(self) -> np.ndarray:
        """Place of the kind among those of the catalogue, i8[n], as the case's first event that
        says so has it."""
        return self._of_case(self.codes("kind", "kinds", self.catalogue.kinds))

    def _of_case(self, codes: np.ndarray) -> np.ndarray:
        case = self.part.column("case")
        first = np.full(self.part.log.n_cases, -1, np.int64)
        said = np.flatnonzero(codes >= 0)[::-1]
        first[case[said]] = codes[said]
        return first[case]

    def of_case(self, role: str, section: str, names: tuple[str, ...]) -> np.ndarray:
        """As `codes`, of the case, i8[n]."""
        return self._of_case(self.codes(role, section, names))

    @cached_property
    def lead(self) -> np.ndarray:
        """Whether an event is of the first report's lead task, bool[n]; all are where the log does
        not say."""
        first = np.ones(len(self.part.frame), bool)
        for role in ("report", "branch"):
            if self.part.log.has(role):
                number = self.part.column(role)
                first &= np.isnan(number) | (number == 0)
        return first

    @property
    def has_tier(self) -> bool:
        """Whether the log says at which tier work was done, so that its availability is known."""
        return bool((self.tier >= 0).any())

    @cached_property
    def tier(self) -> np.ndarray:
        """Tier of the desk, i8[n], -1 where not known."""
        return self.codes("tier", "tiers", TIERS)

    @cached_property
    def hands_on(self) -> np.ndarray:
        """Hands-on work [ticks], f8[n]: seat time less retyping where the log has it, times the
        availability of the tier; NaN where not known."""
        work = self.found.values.astype(float)
        if self.part.log.has("retyping"):
            work = work - np.nan_to_num(self.part.column("retyping"))
        if not self.has_tier:
            return work
        share = np.append(np.array(self.availability), np.nan)[self.tier]
        return work * share


def _codes(frame: pd.DataFrame, role: str, named, names: tuple[str, ...]) -> np.ndarray:
    if role not in frame:
        return np.full(len(frame), -1, np.int64)
    column = frame[role].astype("category")
    of = [named(str(value).strip()) for value in column.cat.categories]
    place = np.array([names.index(n) if n in names else -1 for n in of] + [-1], np.int64)
    return place[column.cat.codes.to_numpy()]


def kind_named(mapping: Mapping, catalogue: Catalogue, text: str) -> str | None:
    """The key of the catalogue for a kind in the log: as the mapping says, or by key or name."""
    if mapping.kinds:
        found = mapping.kinds.get(text)
        return found if found in catalogue.kinds else None
    folded = text.casefold()
    for names in (catalogue.kinds, catalogue.kind_zh, catalogue.kind_en):
        for key, name in zip(catalogue.kinds, names, strict=True):
            if name.casefold() == folded:
                return key
    return None

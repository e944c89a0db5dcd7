"""The part of a log that is used in fitting: the cases that came first."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from experiments.fit.cases import Cases
from experiments.fit.cleaning import MISSING
from experiments.fit.log import EventLog
from scenarios.commands import FitSettings
from sim.errors import InputError
from sim.units import DAY

_WEEK = 7


@dataclass(frozen=True, eq=False)
class Part:
    """The events of the cases that came before a tick; the others are held out, whole."""

    log: EventLog
    cases: Cases
    split: int

    @cached_property
    def chosen(self) -> np.ndarray:
        """bool[cases]"""
        return self.cases.until(self.split)

    @cached_property
    def frame(self) -> pd.DataFrame:
        rows = self.chosen[self.log.frame["case"].to_numpy()]
        return self.log.frame[rows].reset_index(drop=True)

    @cached_property
    def first(self) -> np.ndarray:
        """The first event of each case, rows of `frame`."""
        return np.flatnonzero(np.diff(self.frame["case"].to_numpy(), prepend=-1))

    @property
    def n_days(self) -> int:
        """Days whose arrivals are all used."""
        return max(1, self.split // DAY)

    @property
    def first_weekday(self) -> int:
        return self.log.first_day.weekday()

    def column(self, role: str) -> np.ndarray:
        return self.frame[role].to_numpy()

    def started(self) -> np.ndarray:
        """Whether each event's start is known, bool[n]."""
        return self.column("start") != MISSING

    @property
    def source(self) -> str:
        """The log's name, as it may stand in a comment."""
        return re.sub(r"[^\w.() -]", "_", self.log.source)

    def evidence(self) -> str:
        """What numbers rest on."""
        return f"estimated from {self.source} ({len(self.frame)} events)"


def fitted_part(log: EventLog, cases: Cases, settings: FitSettings) -> Part:
    """The cases but the last `held_out` of them, in order of arrival; to the end of a day, where
    they span a week. Raises InputError where too few are left on either side."""
    split = int(np.quantile(cases.arrived, 1 - settings.held_out, method="higher"))
    if split - int(cases.arrived.min()) > _WEEK * DAY:
        split -= split % DAY
    n = int((cases.arrived < split).sum())
    if not settings.least <= n < len(cases.arrived):
        raise InputError(
            f"fit.held_out: {settings.held_out:g} leaves {n} of {len(cases.arrived)} cases to fit "
            f"from; allowed: at least fit.least={settings.least}, and one held out"
        )
    return Part(log, cases, split)

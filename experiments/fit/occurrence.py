"""When cases occurred, as far as the log tells: the model's stream is of occurrences."""

from dataclasses import dataclass

import numpy as np

from analysis.fitting.arrivals import Arrivals, arrivals
from experiments.fit.cleaning import MISSING
from experiments.fit.part import Part
from scenarios.commands import FitSettings
from sim.units import DAY


@dataclass(frozen=True, eq=False)
class Occurrence:
    """ticks : i8[c], of the part's cases, when each occurred, or else came; n_days : from the first
    on, of which nearly all cases had come by the split; stated : whether the log says when they
    occurred; day_type, month : i8[days], of the log's days; came : of all cases together."""

    ticks: np.ndarray
    n_days: int
    stated: bool
    day_type: np.ndarray
    month: np.ndarray
    first_weekday: int
    resamples: int

    def of(self, cases: np.ndarray, rng: np.random.Generator) -> Arrivals:
        """Rates of some of the cases, bool[c]."""
        n = self.n_days
        weekday = (self.first_weekday + np.arange(n)) % 7
        return arrivals(self.ticks[cases], n, weekday, self.day_type[:n], self.month[:n],
                        self.resamples, rng)  # fmt: skip

    def fewest(self, cases: np.ndarray) -> int:
        """The fewest of some cases that fall on a type of day that there was."""
        days = self.ticks[cases] // DAY
        types = self.day_type[days[(days >= 0) & (days < self.n_days)]]
        return min((types == t).sum() for t in np.unique(self.day_type[: self.n_days]))


def occurrence(
    part: Part, day_type: np.ndarray, month: np.ndarray, settings: FitSettings
) -> Occurrence:
    """Of a part. Where occurrences are stated, the last days before the split are left out: what
    occurred on them had not all come."""
    ticks, n_days = part.cases.arrived[part.chosen], part.n_days
    stated = False
    if part.log.has("occurred"):
        occurred = part.column("occurred")[part.first]
        lags = (ticks - occurred)[occurred != MISSING]
        left = n_days - int(np.ceil(np.quantile(lags, settings.span_share) / DAY))
        if left >= 1:
            stated, n_days = True, left
            ticks = np.where(occurred == MISSING, ticks, occurred)
    return Occurrence(
        ticks, n_days, stated, day_type, month, part.first_weekday, settings.resamples
    )

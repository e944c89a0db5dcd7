"""When a run begins and ends, and whose incidents count."""

import datetime
from functools import cached_property

from scenarios.schema import Settings
from sim.errors import InputError
from sim.units import DAY, LONGEST


class Horizon:
    """The times of a run, by its settings."""

    settings: Settings

    @cached_property
    def start(self) -> datetime.date:
        """Start date; tick 0 is its midnight."""
        text = self.settings.horizon.start
        try:
            return datetime.date.fromisoformat(str(text))
        except ValueError:
            raise InputError(f"horizon.start: '{text}'; allowed: a date YYYY-MM-DD") from None

    @property
    def n_days(self) -> int:
        """Length of the horizon [days]."""
        horizon = self.settings.horizon
        days = horizon.warmup_days + horizon.cohort_days + horizon.followup_days
        if days > LONGEST // DAY:
            raise InputError(
                f"horizon: {days:,} days in all; allowed: warmup_days, cohort_days and "
                f"followup_days of {LONGEST // DAY:,} days together"
            )
        return days

    @property
    def end(self) -> int:
        """End of the horizon [tick]."""
        return self.n_days * DAY

    @property
    def window(self) -> tuple[int, int]:
        """The cohort: incidents that occur between these ticks are recorded and followed."""
        horizon = self.settings.horizon
        first = horizon.warmup_days * DAY
        return first, first + horizon.cohort_days * DAY

    @property
    def restrict(self) -> int:
        """What means count of an incident at most [ticks]: nobody in the cohort is censored
        before."""
        horizon = self.settings.horizon
        return min(horizon.mean_days, horizon.followup_days or horizon.mean_days) * DAY

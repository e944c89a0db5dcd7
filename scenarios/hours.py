"""Hours paid and hours open at every desk, as means over the cohort's window."""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from scenarios import staff
from scenarios.horizon import Horizon
from scenarios.rollout import Rollout, area_of_desk, open_ticks
from sim.codes import CITY

if TYPE_CHECKING:
    from scenarios.policy import Policy
    from sim.calendar import CalendarNames
    from sim.layout import Layout
    from sim.world import World


class Hours(Horizon):
    """What the staff of a run costs and gives; a part of `Parameters`."""

    rollout: Rollout
    later: "tuple[Hours, ...]"
    layout: "Layout"
    policy: "Policy"
    calendar_names: "CalendarNames"
    staffed_slots: staff.Slots
    seats: np.ndarray
    world: "World"
    district: int | None

    def _in_window(self, name: str) -> np.ndarray:
        """Mean over the cohort's window of a value of each desk."""
        values = [getattr(p, name) for p in (self, *self.later)]
        return np.tensordot(self.rollout.shares(self.window), values, 1) * self.active

    @cached_property
    def paid_by_desk(self) -> np.ndarray:
        """Paid hours a week of each desk, f8[desks]; grids included."""
        return self._in_window("_paid")

    @cached_property
    def _paid(self) -> np.ndarray:
        here = self.layout, self.calendar_names, self.policy.opening
        return staff.paid_hours(self.seats, self.staffed_slots, *here)

    @cached_property
    def open_hours(self) -> np.ndarray:
        """Seat hours open at each desk in an ordinary week, f8[desks]."""
        return self._in_window("_open")

    @cached_property
    def _open(self) -> np.ndarray:
        hours = staff.shift_hours(self.calendar_names)[self.policy.opening]
        return (self.seats * hours).sum(axis=1)

    @cached_property
    def open_ticks(self) -> np.ndarray:
        """Seat time open at each desk within the cohort's window [ticks], i8[desks]."""
        return open_ticks(self.world, self.window) * self.active

    @cached_property
    def active(self) -> np.ndarray:
        """Desks that are part of the run, bool[desks]: all, or the city's and one district's."""
        if self.district is None:
            return np.ones(self.layout.n_desks, bool)
        return (self.layout.tier == CITY) | (area_of_desk(self.layout) == self.district)

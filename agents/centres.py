"""The centres of the city as Mesa agents: one city, its districts, townships and grids.

A centre holds its desks and its place in the tree. It decides by the rules of `sim.rules`, which
the clock asks in its name; what stands here is for looking at it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import mesa
import numpy as np

from agents.desk import Desk
from sim.codes import CITY, DISTRICT, GRID, TIERS, TOWNSHIP
from sim.rules.flexible import lent
from sim.rules.patrol import patrol_rate, shift_number
from sim.simpy_clock import Task
from sim.situation import E_MODE

if TYPE_CHECKING:
    from agents.model import CityModel


class Centre(mesa.Agent):
    """A governance centre.

    number : its place among all centres, as in `sim.city.City`; children : the centres below.
    """

    tier: int
    model: "CityModel"

    def __init__(self, model: "CityModel", number: int, parent: "Centre | None"):
        super().__init__(model)
        self.number, self.parent = number, parent
        self.children: list[Centre] = []
        self.desks: list[Desk] = []
        if parent is not None:
            parent.children.append(self)

    def __repr__(self) -> str:
        return f"<{TIERS[self.tier]} {self.name}: {self.backlog} waiting>"

    # --- its place ----------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """Chinese name."""
        return self.model.city.centre_name(self.number)

    @property
    def name_en(self) -> str:
        """English name, or the name in Latin letters."""
        return self.model.city.centre_name(self.number, "en")

    @property
    def path(self) -> list["Centre"]:
        """The centres from the city down to this one."""
        return [*(self.parent.path if self.parent else []), self]

    def below(self) -> Iterator["Centre"]:
        """This centre and all below it, from the top, each before its own."""
        yield self
        for child in self.children:
            yield from child.below()

    # --- how it adapts --------------------------------------------------------------------------

    @property
    def in_emergency(self) -> bool:
        """Whether it is in emergency mode; townships and grids have none of their own."""
        if self.tier > DISTRICT:
            return False
        return bool(self.model.clock.situation.emergency[self.number, E_MODE])

    @property
    def lent_seats(self) -> dict[str, int]:
        """Seats that its desks have now from one another, or have given (negative), by role."""
        world, now = self.model.clock.world, self.model.now
        found = {desk.role: lent(world, desk.number, now) for desk in self.desks}
        return {role: seats for role, seats in found.items() if seats}

    # --- its work -----------------------------------------------------------------------------

    def desk(self, role: str) -> Desk:
        """Its desk of this role, such as "command" or "board 2". Raises KeyError."""
        for desk in self.desks:
            if desk.role == role:
                return desk
        raise KeyError(f"{self.name_en} has no desk '{role}'; it has {', '.join(self.roles)}")

    @property
    def roles(self) -> list[str]:
        """What its desks are for."""
        return [desk.role for desk in self.desks]

    @property
    def waiting(self) -> list[Task]:
        """Tasks that wait at its desks, desk by desk, in the order of service."""
        return [task for desk in self.desks for task in desk.waiting]

    @property
    def backlog(self) -> int:
        """How many tasks wait at its desks."""
        return sum(len(desk) for desk in self.desks)

    @property
    def busy(self) -> int:
        """Seats at work at its desks."""
        return sum(desk.busy for desk in self.desks)

    def backlog_below(self) -> int:
        """How many tasks wait here and in all centres below."""
        return sum(centre.backlog for centre in self.below())

    def utilisation(self) -> float:
        """Share of its open seat time in the measuring window so far that was worked.

        Work begun is finished after closing time, so it may exceed 1; nan before any seat opens.
        """
        model = self.model
        worked = sum(desk.worked_until(model.now, model.window) for desk in self.desks)
        opened = sum(model.open_seat_time(desk) for desk in self.desks)
        return worked / opened if opened else float("nan")

    def mean_wait(self) -> float:
        """Mean waiting of the visits started here in the measuring window [ticks]; or nan."""
        starts = sum(desk.starts for desk in self.desks)
        return sum(desk.waited for desk in self.desks) / starts if starts else float("nan")


class CityCentre(Centre):
    """The city's centre: hotline, command desk, boards, departments."""

    tier = CITY


class DistrictCentre(Centre):
    """A district's centre: command desk, boards, departments."""

    tier = DISTRICT


class TownshipCentre(Centre):
    """A township's centre: command desk and four boards."""

    tier = TOWNSHIP


class Grid(Centre):
    """A grid and its workers."""

    tier = GRID

    @property
    def patrol_rate(self) -> float:
        """Share of its usual patrol that its work of the shift before leaves it."""
        world = self.model.clock.world
        grid = self.desks[0].number - int(world.fields.tier_base[GRID])
        return patrol_rate(world, grid, shift_number(world, self.model.now))


BY_TIER: tuple[type[Centre], ...] = (CityCentre, DistrictCentre, TownshipCentre, Grid)
"""The class of each tier's centres."""


def roles_of_tier(group_offset: np.ndarray, width: int) -> list[tuple[int, int]]:
    """(group, unit) of each desk of a centre, from where its tier's groups begin.

    group_offset : i8[groups], place of a group's first desk, negative for none; width : desks
    of such a centre.
    """
    begins = sorted((int(place), group) for group, place in enumerate(group_offset) if place >= 0)
    ends = [place for place, _ in begins[1:]] + [width]
    return [
        (group, place - begin)
        for (begin, group), end in zip(begins, ends, strict=True)
        for place in range(begin, end)
    ]

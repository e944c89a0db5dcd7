"""Where the desks are: which desks each tier's centres have, numbered city first, grids last."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.catalogue import Catalogue
from sim.city import City
from sim.codes import (
    BOARD,
    CALLBACK,
    CITY,
    COMMAND,
    DEPARTMENT,
    DESK_GROUPS,
    DISPATCH_DESK,
    DISTRICT,
    GRID,
    GRID_DESK,
    HOTLINE_DESK,
    NONE,
    POOL,
    TIERS,
    TOWNSHIP,
)

_OF_TIER = {
    CITY: (HOTLINE_DESK, DISPATCH_DESK, CALLBACK, COMMAND, BOARD, DEPARTMENT, POOL),
    DISTRICT: (COMMAND, BOARD, DEPARTMENT, POOL),
    TOWNSHIP: (COMMAND, BOARD, POOL),
    GRID: (GRID_DESK,),
}
"""The groups of desks that a centre of each tier has, in order."""


@dataclass(frozen=True, eq=False)
class Layout:
    """The desks of a city: N desks, and for each tier how its centres are furnished."""

    city: City
    catalogue: Catalogue

    def members(self, tier: int, group: int) -> int:
        """How many desks a group has in a centre of a tier; 0 where it has none."""
        if group not in _OF_TIER[tier]:
            return 0
        if group == DEPARTMENT:
            return len(self.catalogue.departments)
        if group == BOARD:
            boards = self.catalogue.boards141 if tier == TOWNSHIP else self.catalogue.boards8
            return len(boards)
        return 1

    @cached_property
    def group_offset(self) -> np.ndarray:
        """Place of each group's first desk within a centre, i8[tiers, groups]; NONE."""
        offset = np.full((len(TIERS), len(DESK_GROUPS)), NONE, np.int64)
        for tier, groups in _OF_TIER.items():
            place = 0
            for group in groups:
                offset[tier, group] = place
                place += self.members(tier, group)
        return offset

    @cached_property
    def tier_width(self) -> np.ndarray:
        """Desks of a centre of each tier, i8[tiers]."""
        return np.array(
            [sum(self.members(tier, g) for g in groups) for tier, groups in _OF_TIER.items()],
            np.int64,
        )

    @cached_property
    def n_centres(self) -> np.ndarray:
        """Centres of each tier, i8[tiers]."""
        city = self.city
        return np.array([1, city.n_districts, city.n_townships, city.n_grids], np.int64)

    @cached_property
    def tier_base(self) -> np.ndarray:
        """First desk of each tier, i8[tiers]."""
        return np.concatenate([[0], np.cumsum(self.n_centres * self.tier_width)[:-1]])

    @cached_property
    def neighbour(self) -> np.ndarray:
        """Two townships that may help each, i4[T, 2]: the one before and the one after it in the
        list of its district, which is taken for a ring; which townships adjoin is not known."""
        district = self.city.township_district
        sides = np.arange(self.city.n_townships)[:, None] + [-1, 1]
        first = np.searchsorted(district, district)[:, None]
        count = np.bincount(district)[district][:, None]
        return (first + (sides - first) % count).astype(np.int32)

    @property
    def n_desks(self) -> int:
        return int((self.n_centres * self.tier_width).sum())

    @cached_property
    def tier(self) -> np.ndarray:
        """Tier of each desk, i1[N]."""
        return np.repeat(np.arange(len(TIERS), dtype=np.int8), self.n_centres * self.tier_width)

    @cached_property
    def place(self) -> np.ndarray:
        """Place of each desk within its centre, i8[N]."""
        return (np.arange(self.n_desks) - self.tier_base[self.tier]) % self.tier_width[self.tier]

    @cached_property
    def centre_of_tier(self) -> np.ndarray:
        """Number of each desk's centre within its tier, i8[N]."""
        return (np.arange(self.n_desks) - self.tier_base[self.tier]) // self.tier_width[self.tier]

    @cached_property
    def centre(self) -> np.ndarray:
        """Centre of each desk, in the city's numbering, i8[N]."""
        first = np.concatenate([[0], np.cumsum(self.n_centres)[:-1]])
        return first[self.tier] + self.centre_of_tier

    @cached_property
    def group_of_place(self) -> np.ndarray:
        """Group of each place, i4[tiers, widest]; NONE beyond a tier's width."""
        groups = np.full((len(TIERS), int(self.tier_width.max())), NONE, np.int32)
        for tier, listed in _OF_TIER.items():
            for group in listed:
                first = self.group_offset[tier, group]
                groups[tier, first : first + self.members(tier, group)] = group
        return groups

    @cached_property
    def group(self) -> np.ndarray:
        """Group of each desk, i4[N]."""
        return self.group_of_place[self.tier, self.place]

    @cached_property
    def unit(self) -> np.ndarray:
        """Which member of its group each desk is: a department or a board, i8[N]."""
        return self.place - self.group_offset[self.tier, self.group]

    @cached_property
    def always_on_duty(self) -> np.ndarray:
        """Desks of departments that are open round the clock under every policy, bool[N]."""
        duty = np.zeros(self.n_desks, bool)
        department = self.group == DEPARTMENT
        duty[department] = self.catalogue.department_duty[self.unit[department]]
        return duty

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """What kind of desk each is, by names of the settings: `township.command`, or with its
        unit `district.department.water`."""
        book = self.catalogue
        units = {DEPARTMENT: book.departments}
        listed = []
        for tier, name in enumerate(TIERS):
            units[BOARD] = book.boards141 if tier == TOWNSHIP else book.boards8
            places = []
            for group in _OF_TIER[tier]:
                members = units.get(group)
                place = f"{name}.{DESK_GROUPS[group]}"
                places += [place] if members is None else [f"{place}.{m}" for m in members]
            listed += places * int(self.n_centres[tier])
        return tuple(listed)

    def role(self, desk: int, lang: str = "en") -> str:
        """What a desk is, such as 'command' or 'department of water'."""
        tier, group, unit = int(self.tier[desk]), int(self.group[desk]), int(self.unit[desk])
        book = self.catalogue
        if group == DEPARTMENT:
            return book.department_zh[unit] if lang == "zh" else book.department_en[unit]
        if group == BOARD:
            zh, en = (
                (book.board141_zh, book.board141_en)
                if tier == TOWNSHIP
                else (book.board8_zh, book.board8_en)
            )
            return f"{zh[unit]}板块" if lang == "zh" else f"{en[unit]} board"
        return DESK_GROUPS[group]

    def name(self, desk: int, lang: str = "en") -> str:
        """Centre and role of a desk, for messages and stories."""
        return f"{self.city.centre_name(int(self.centre[desk]), lang)}: {self.role(desk, lang)}"

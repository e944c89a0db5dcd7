"""Names in an event log: desks, districts, townships, grids, kinds, in English or Chinese."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.catalogue import Catalogue
from sim.city import City
from sim.codes import BOARD, CITY, DEPARTMENT, DESK_GROUPS, GRID_DESK, TIERS, TOWNSHIP
from sim.layout import Layout

_GROUPS_ZH = dict(
    zip(DESK_GROUPS, ("热线", "派单", "回访", "指挥", "板块", "部门", "综合岗", "网格"))
)
_TIERS_ZH = dict(zip(TIERS, ("市", "区县", "镇街", "网格")))


@dataclass(frozen=True, eq=False)
class Places:
    """Names by number; each desk has one of its own.

    lang : "en" names kinds, departments and boards by their keys in `conf/`, places by their
    names in Latin letters; "zh" names all in Chinese.
    """

    layout: Layout
    lang: str

    @property
    def _city(self) -> City:
        return self.layout.city

    @property
    def _book(self) -> Catalogue:
        return self.layout.catalogue

    @property
    def _zh(self) -> bool:
        return self.lang == "zh"

    @cached_property
    def district(self) -> list[str]:
        return list(self._city.district_name_zh if self._zh else self._city.district_name_en)

    @cached_property
    def township(self) -> list[str]:
        """Names of townships alone; in two districts they may be alike."""
        return list(self._city.township_name_zh if self._zh else self._city.township_name_pinyin)

    @cached_property
    def kind(self) -> list[str]:
        return list(self._book.kind_zh if self._zh else self._book.kinds)

    @cached_property
    def centre(self) -> list[str]:
        """Centres and grids with what they lie in, as `Yubei, Longxi Subdistrict grid 3`."""
        city, apart = self._city, "" if self._zh else ", "
        lies_in = np.concatenate(
            [city.township_district, city.township_district[city.grid_township]]
        )
        names = [city.centre_name(c, self.lang) for c in range(city.n_centres)]
        above = 1 + city.n_districts
        below = [f"{self.district[d]}{apart}{name}" for d, name in zip(lies_in, names[above:])]
        return _told_apart(names[:above] + below)

    @cached_property
    def desk(self) -> list[str]:
        """Centre and role; a grid's desk is the grid."""
        colon = "：" if self._zh else ": "
        centres, groups = self.layout.centre.tolist(), self.layout.group.tolist()
        return [
            self.centre[c] if g == GRID_DESK else f"{self.centre[c]}{colon}{self.role(d)}"
            for d, (c, g) in enumerate(zip(centres, groups))
        ]

    @cached_property
    def tiers(self) -> list[str]:
        """Names of the tiers, by code."""
        return [_TIERS_ZH[t] for t in TIERS] if self._zh else list(TIERS)

    @cached_property
    def tier(self) -> list[str]:
        """Tier of each desk."""
        return [self.tiers[t] for t in self.layout.tier.tolist()]

    @cached_property
    def department(self) -> list[str]:
        """Department or board of each desk; empty of others."""
        named = (DEPARTMENT, BOARD)
        return [self.role(d) if g in named else "" for d, g in enumerate(self.layout.group)]

    def role(self, desk: int) -> str:
        """What a desk is."""
        layout, book = self.layout, self._book
        group, unit = int(layout.group[desk]), int(layout.unit[desk])
        if self._zh and group in (DEPARTMENT, BOARD):
            return layout.role(desk, "zh")
        if group == DEPARTMENT:
            return book.departments[unit]
        if group == BOARD:
            boards = book.boards141 if layout.tier[desk] == TOWNSHIP else book.boards8
            return f"{boards[unit]} board"  # some departments have the same key
        return _GROUPS_ZH[DESK_GROUPS[group]] if self._zh else DESK_GROUPS[group]

    @cached_property
    def group(self) -> list[str]:
        """Group of each desk: hotline, command, department, ..."""
        names = [_GROUPS_ZH[g] for g in DESK_GROUPS] if self._zh else DESK_GROUPS
        return [names[g] for g in self.layout.group.tolist()]

    @cached_property
    def district_of_desk(self) -> np.ndarray:
        """District of each desk, i8[N]; -1 of the city's own."""
        layout, city = self.layout, self._city
        district = np.full(layout.n_desks, -1, np.int64)
        at = layout.centre_of_tier
        of_grid = city.township_district[city.grid_township]
        for tier, of_centre in enumerate(
            (None, np.arange(city.n_districts), city.township_district, of_grid)
        ):
            if tier != CITY:
                own = layout.tier == tier
                district[own] = of_centre[at[own]]
        return district

    @cached_property
    def grid(self) -> list[str]:
        """Grids with what they lie in; they come last among the centres."""
        return self.centre[self._city.n_centres - self._city.n_grids :]


def _told_apart(names: list[str]) -> list[str]:
    """Names with a number where the files give one twice."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result

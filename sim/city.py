"""A city: its districts, townships and grids, and the tree of centres they make.

A city is a folder of three tables, `districts.csv`, `townships.csv` and `adjacency.csv`
(docs/data.md says what is in them). Centres are numbered from the top: the city centre is 0,
then come the districts, the townships and the grids, each in the order of the files.
"""

import difflib
import hashlib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from sim.city_files import Table, read_table
from sim.codes import CITY, DISTRICT, GRID, LANDSCAPES, NONE, TOWNSHIP
from sim.errors import FileError, InputError

DISTRICT_COLUMNS = (
    *("code", "name_zh", "name_en", "zone", "population", "area_km2"),
    *("hex_x", "hex_y", "hex_size"),
)
TOWNSHIP_COLUMNS = (
    *("code", "name_zh", "name_pinyin", "type", "district", "landscape"),
    *("population", "grids"),
)
ADJACENCY_COLUMNS = ("a", "b")

# Limits of the format, not of the model: they keep typing errors from filling the memory.
MOST_PEOPLE = 10**12
MOST_GRIDS = 10**7


@dataclass(frozen=True, eq=False)
class City:
    """The structure of a city of D districts, T townships and G grids; never changed."""

    name: str
    district_code: tuple[str, ...]
    district_name_zh: tuple[str, ...]
    district_name_en: tuple[str, ...]
    district_zone: tuple[str, ...]
    district_population: np.ndarray  # i8[D], residents
    district_area_km2: np.ndarray  # f8[D]
    hex_x: np.ndarray  # f8[D], centre on the schematic map; neighbours are 1 apart
    hex_y: np.ndarray  # f8[D]
    hex_size: np.ndarray  # f8[D], width between opposite sides
    township_code: tuple[str, ...]
    township_name_zh: tuple[str, ...]
    township_name_pinyin: tuple[str, ...]
    township_type: tuple[str, ...]
    township_landscape: np.ndarray  # i1[T], codes.LANDSCAPES
    township_district: np.ndarray  # i4[T], 0-based, never falling
    township_population: np.ndarray  # i8[T], residents
    township_grids: np.ndarray  # i4[T]
    township_first_grid: np.ndarray  # i4[T+1]: township t has grids first[t]..first[t+1]-1
    district_first_township: np.ndarray  # i4[D+1], likewise
    grid_township: np.ndarray  # i4[G], 0-based
    neighbour_start: np.ndarray  # i4[D+1]: district d touches neighbours[start[d]:start[d+1]]
    neighbours: np.ndarray  # i4[], 0-based districts, symmetric, rising within a district

    @property
    def n_districts(self) -> int:
        return len(self.district_code)

    @property
    def n_townships(self) -> int:
        return len(self.township_code)

    @property
    def n_grids(self) -> int:
        return len(self.grid_township)

    @property
    def n_centres(self) -> int:
        return 1 + self.n_districts + self.n_townships + self.n_grids

    def centre_tier(self) -> np.ndarray:
        """Tier of each centre (codes.TIERS), i1[N]."""
        sizes = (1, self.n_districts, self.n_townships, self.n_grids)
        return np.repeat(np.array((CITY, DISTRICT, TOWNSHIP, GRID), np.int8), sizes)

    def centre_parent(self) -> np.ndarray:
        """The centre above each centre, i4[N]; NONE above the city."""
        return np.concatenate(
            (
                [NONE],
                np.full(self.n_districts, 0),
                1 + self.township_district,
                1 + self.n_districts + self.grid_township,
            )
        ).astype(np.int32)

    def centre_name(self, centre: int, lang: str = "zh") -> str:
        """Name of a centre in Chinese ("zh") or English ("en"); grids count from 1.

        Raises IndexError for a centre that is not there, InputError for another language.
        """
        if lang not in ("zh", "en"):
            raise InputError(f"language '{lang}': allowed are zh, en")
        if not 0 <= centre < self.n_centres:
            raise IndexError(f"centre {centre} is not in 0..{self.n_centres - 1}")
        if centre == 0:
            return self.name
        zh = lang == "zh"
        index = centre - 1
        if index < self.n_districts:
            return (self.district_name_zh if zh else self.district_name_en)[index]
        index -= self.n_districts
        townships = self.township_name_zh if zh else self.township_name_pinyin
        if index < self.n_townships:
            return townships[index]
        index -= self.n_townships
        township = self.grid_township[index]
        number = index - self.township_first_grid[township] + 1
        return f"{townships[township]}{f'第{number}网格' if zh else f' grid {number}'}"

    def grid_population(self) -> np.ndarray:
        """Residents of each grid, f8[G]: those of its township in equal parts."""
        return (self.township_population / self.township_grids)[self.grid_township]

    def find_district(self, text: str, key: str = "district") -> int:
        """The district (0-based) of this code, English or Chinese name, in any case.

        A Chinese name may be cut short (万州, 石柱) as long as it fits one district only.
        key : of the setting that names it. Raises InputError that lists near matches.
        """
        wanted = text.strip().casefold()
        columns = (self.district_code, self.district_name_zh, self.district_name_en)
        for column in columns:
            for district, name in enumerate(column):
                if name.casefold() == wanted:
                    return district
        names = enumerate(self.district_name_zh)
        short = [d for d, zh in names if zh.casefold().startswith(wanted)]
        if len(wanted) > 1 and len(short) == 1:
            return short[0]
        raise InputError(
            f"{key}: '{text}' is no district of {self.name}{_near(wanted, columns)}; allowed: "
            f"{', '.join(self.district_name_zh)}, their English names and codes"
        )

    def fingerprint(self) -> str:
        """16 hex digits that tell this content, whatever its name, from any other."""
        digest = hashlib.sha256()
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "name":
                continue
            is_text = isinstance(value, tuple)
            content = (
                repr(value).encode() if is_text else value.dtype.str.encode() + value.tobytes()
            )
            digest.update(f"{field.name} {len(content)} ".encode() + content)
        return digest.hexdigest()[:16]


def _near(wanted: str, columns: tuple[tuple[str, ...], ...]) -> str:
    """The names nearest to the wanted one as a question, or nothing."""
    names = {name.casefold(): name for column in columns for name in column}
    near = difflib.get_close_matches(wanted, names, n=5)
    near += [name for name in names if wanted and wanted in name and name not in near]
    return f" (did you mean {' or '.join(names[name] for name in near[:8])}?)" if near else ""


def load_city(folder: str | Path, name: str) -> City:
    """Read and check the city in `folder`/`name` (three tables, see docs/data.md).

    Raises FileError naming file, line, column, the value and what is allowed.
    """
    home = Path(folder) / name
    if not home.is_dir():
        there = sorted(path.parent.name for path in Path(folder).glob("*/districts.csv"))
        raise FileError(home, f"no such city; there are: {', '.join(there) or 'none'}")
    districts = read_table(home / "districts.csv", DISTRICT_COLUMNS)
    townships = read_table(home / "townships.csv", TOWNSHIP_COLUMNS)
    adjacency = read_table(home / "adjacency.csv", ADJACENCY_COLUMNS, empty=True)
    columns = _districts(districts) | _townships(townships, districts)
    start, neighbours = _neighbours(adjacency, columns["district_code"])
    city = City(name=name, neighbour_start=start, neighbours=neighbours, **columns)
    check_tree(city.centre_parent(), city.centre_tier())
    return city


def _districts(table: Table) -> dict:
    """The district fields of City."""
    return {
        "district_code": table.key("code"),
        "district_name_zh": table.key("name_zh"),
        "district_name_en": table.key("name_en"),
        "district_zone": table.text("zone"),
        "district_population": table.whole("population", 1, MOST_PEOPLE),
        "district_area_km2": table.number("area_km2", positive=True),
        "hex_x": table.number("hex_x"),
        "hex_y": table.number("hex_y"),
        "hex_size": table.number("hex_size", positive=True),
    }


def _townships(table: Table, districts: Table) -> dict:
    """The township and grid fields of City, townships sorted stably by district."""
    district = table.choice("district", districts.cells["code"], "a code in districts.csv")
    population = table.whole("population", 1, MOST_PEOPLE)
    landscape = table.choice("landscape", LANDSCAPES)
    grids = table.whole("grids", 1, MOST_GRIDS)
    _check_totals(districts, district, population)
    if grids.sum() > MOST_GRIDS:
        problem = f"{grids.sum():,} in all; at most {MOST_GRIDS:,} are allowed"
        raise FileError(table.path, problem, column="grids")
    order = np.argsort(district, kind="stable")
    texts = {
        "township_code": table.key("code"),
        "township_name_zh": table.text("name_zh"),
        "township_name_pinyin": table.text("name_pinyin"),
        "township_type": table.text("type"),
    }
    return {field: tuple(column[row] for row in order) for field, column in texts.items()} | {
        "township_landscape": landscape[order].astype(np.int8),
        "township_district": district[order].astype(np.int32),
        "township_population": population[order],
        "township_grids": grids[order].astype(np.int32),
        "township_first_grid": _starts(grids[order]),
        "district_first_township": _starts(np.bincount(district, minlength=len(districts))),
        "grid_township": np.repeat(np.arange(len(table), dtype=np.int32), grids[order]),
    }


def _check_totals(districts: Table, district: np.ndarray, population: np.ndarray) -> None:
    """Every district has a township, and its townships' people are its people."""
    stated = districts.whole("population", 1, MOST_PEOPLE)
    for row, code in enumerate(districts.cells["code"]):
        own = district == row
        if not own.any():
            raise districts.error(row, "code", f"'{code}' has no township in townships.csv")
        if population[own].sum() != stated[row]:
            found = f"those of its townships in townships.csv add up to {population[own].sum()}"
            raise districts.error(row, "population", f"{stated[row]} residents, but {found}")


def _neighbours(table: Table, codes: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of districts that touch, both ways, as start i4[D+1] and neighbours i4[]."""
    a = table.choice("a", codes, "a code in districts.csv")
    b = table.choice("b", codes, "a code in districts.csv")
    seen: dict[frozenset[int], int] = {}
    for row, pair in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        if pair[0] == pair[1]:
            raise table.error(row, "b", f"'{codes[pair[1]]}' cannot be its own neighbour")
        first = seen.setdefault(frozenset(pair), row)
        if first != row:
            names = f"'{codes[pair[0]]}' and '{codes[pair[1]]}'"
            place = f"already on line {table.lines[first]}; each pair stands once"
            raise table.error(row, "b", f"{names} are neighbours {place}")
    here, there = np.concatenate((a, b)), np.concatenate((b, a))
    return (
        _starts(np.bincount(here, minlength=len(codes))),
        there[np.lexsort((there, here))].astype(np.int32),
    )


def _starts(sizes: np.ndarray) -> np.ndarray:
    """Where each of the consecutive blocks of these sizes begins, and the end, i4[n+1]."""
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)


def check_tree(parent: np.ndarray, tier: np.ndarray) -> None:
    """Parents i4[N] and tiers i1[N] make one tree: a root, and no orphan below it.

    Every parent is exactly one tier above, so there can be no cycle. Raises InputError.
    """
    roots = np.flatnonzero(tier == CITY)
    if len(roots) != 1 or parent[roots[0]] != NONE:
        raise InputError(f"a city has one root without a parent, not {len(roots)}: {roots[:5]}")
    below = np.flatnonzero(tier != CITY)
    known = (parent[below] >= 0) & (parent[below] < len(parent))
    right = known & (tier[np.where(known, parent[below], 0)] == tier[below] - 1)
    if not right.all():
        orphan = below[~right][0]
        raise InputError(f"centre {orphan} has no centre of the tier above it")

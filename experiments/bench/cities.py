"""Cities made to be measured on: folders of tables as a user's own city has them (docs/data.md)."""

import csv
from pathlib import Path

from scenarios.load import CONF

_DISTRICTS = (
    *("code", "name_zh", "name_en", "zone", "population", "area_km2"),
    *("hex_x", "hex_y", "hex_size"),
)
_TOWNSHIPS = (
    *("code", "name_zh", "name_pinyin", "type", "district", "landscape", "population"),
    *("grids", "villages", "communities"),
)


def write_alike(folder: Path, name: str, n_districts: int) -> list[str]:
    """A city of districts that are copies of one another, each of one township of one grid.

    Returns the settings that choose it.
    """
    districts = [
        (f"D{i}", f"{i}区", f"District {i}", "core", 1000, 1.0, i, 0.0, 1.0)
        for i in range(n_districts)
    ]
    townships = [
        (f"T{i}", f"{i}街道", f"Township {i}", "街道", f"D{i}", "core", 1000, 1, 0, 1)
        for i in range(n_districts)
    ]
    return _write(folder / name, (_DISTRICTS, districts), (_TOWNSHIPS, townships), [])


def write_part(folder: Path, name: str, n_districts: int, city: str = "chongqing") -> list[str]:
    """The first districts of a shipped city, and where they are more than it has, these again.

    Returns the settings that choose it.
    """
    found = {t: _rows(CONF / "city" / city / f"{t}.csv") for t in ("districts", "townships")}
    borders = _rows(CONF / "city" / city / "adjacency.csv")
    districts, townships, touching = [], [], []
    for i in range(n_districts):
        again, place = divmod(i, len(found["districts"]))
        row = found["districts"][place]
        code = row["code"]
        named = {key: f"{row[key]}{again or ''}" for key in ("code", "name_zh", "name_en")}
        districts.append([(row | named)[column] for column in _DISTRICTS])
        for township in found["townships"]:
            if township["district"] == code:
                named = {"code": f"{township['code']}{again or ''}", "district": districts[-1][0]}
                townships.append([(township | named)[column] for column in _TOWNSHIPS])
    codes = {row[0] for row in districts}
    for again in range(1 + n_districts // len(found["districts"])):
        pairs = [(f"{row['a']}{again or ''}", f"{row['b']}{again or ''}") for row in borders]
        touching += [pair for pair in pairs if codes.issuperset(pair)]
    return _write(folder / name, (_DISTRICTS, districts), (_TOWNSHIPS, townships), touching)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(folder: Path, districts: tuple, townships: tuple, touching: list) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"districts": districts, "townships": townships, "adjacency": (("a", "b"), touching)}
    for table, (head, rows) in tables.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *rows])
    return [f"city.folder={folder.parent}", f"city.name={folder.name}"]

"""Every mistake in a city's tables is named by file, line and column."""

import shutil
from pathlib import Path

import pytest

from sim.city import load_city
from sim.city_files import read_table
from sim.errors import FileError

TINY = Path(__file__).parents[1] / "conf" / "city" / "tiny"


@pytest.fixture
def tiny(tmp_path):
    shutil.copytree(TINY, tmp_path / "tiny")
    return tmp_path


def refusal(folder):
    with pytest.raises(FileError) as caught:
        load_city(folder, "tiny")
    return caught.value


BAD_CELLS = [
    # table, line, old, new, column, words of the problem
    ("districts", 2, "A,", ",", "code", "empty"),
    ("districts", 3, "B,", "A,", "code", "'A' stands already on line 2"),
    ("districts", 3, "白云县", "青石区", "name_zh", "already on line 2"),
    ("districts", 3, "Baiyun", "QINGSHI", "name_en", "already on line 2"),
    ("districts", 2, "core", "", "zone", "empty"),
    ("districts", 2, "4000", "4000.5", "population", "'4000.5' is not a whole number from 1 to"),
    ("districts", 2, "4000", "4_000", "population", "'4_000' is not a whole number"),
    ("districts", 2, "4000", "0", "population", "'0' is not a whole number from 1 to"),
    ("districts", 2, "4000", "4001", "population", "4001 residents, but .* add up to 4000"),
    ("districts", 3, "48.0", "-1", "area_km2", "'-1' is not a number above 0"),
    ("districts", 3, "48.0", "4_8", "area_km2", "'4_8' is not a number"),
    ("districts", 3, "1.000", "east", "hex_x", "'east' is not a finite number"),
    ("districts", 3, "0.000", "nan", "hex_y", "'nan' is not a finite number"),
    ("districts", 3, ",1.0\n", ",inf\n", "hex_size", "'inf' is not a number above 0"),
    ("districts", 3, ",1.0\n", ",1.0\nC,丙,Bing,x,1,1,0,0,1\n", "code", "'C' has no township"),
    ("townships", 3, "A2,", "A1,", "code", "'A1' stands already on line 2"),
    ("townships", 3, "河湾街道", " ", "name_zh", "empty"),
    ("townships", 3, "Hewan Subdistrict", "", "name_pinyin", "empty"),
    ("townships", 5, ",乡,", ",,", "type", "empty"),
    ("townships", 5, ",B,", ",Z,", "district", "'Z' is not a code in districts.csv"),
    ("townships", 5, "rural", "Rural", "landscape", "'Rural' is none of core, urban, town, rural"),
    ("townships", 5, "700,2", "-7,2", "population", "'-7' is not a whole number"),
    ("townships", 5, "700,2", "700,0", "grids", "'0' is not a whole number from 1 to"),
    ("townships", 5, "700,2", "700,９", "grids", "'９' is not a whole number"),
    ("townships", 5, "700,2", f"700,{10**30}", "grids", "is not a whole number"),
    ("adjacency", 2, "A,B", "Q,B", "a", "'Q' is not a code in districts.csv"),
    ("adjacency", 2, "A,B", "A,Q", "b", "'Q' is not a code in districts.csv"),
    ("adjacency", 2, "A,B", "A,A", "b", "'A' cannot be its own neighbour"),
    ("adjacency", 2, "A,B\n", "A,B\nA,B\n", "b", "'A' and 'B' are neighbours already on line 2"),
    ("adjacency", 2, "A,B\n", "A,B\n\nB,A\n", "b", "'B' and 'A' are neighbours already on line 2"),
]
ADDED_LINES = {"\nC,": 1, "\nA,B\n": 1, "\n\nB,A": 2}  # the bad row stands below the edited one


@pytest.mark.parametrize(("table", "line", "old", "new", "column", "problem"), BAD_CELLS)
def test_bad_cell_is_named_by_its_place(tiny, table, line, old, new, column, problem):
    path = tiny / "tiny" / f"{table}.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path.write_text("".join(lines), "utf-8")
    line += next((added for mark, added in ADDED_LINES.items() if mark in new), 0)
    error = refusal(tiny)
    assert (error.path, error.line, error.column) == (path, line, column)
    assert str(error).startswith(f"{path}, line {line}, column '{column}': ")
    with pytest.raises(FileError, match=problem):
        raise error


@pytest.mark.parametrize("table", ["districts", "townships", "adjacency"])
def test_missing_file(tiny, table):
    path = tiny / "tiny" / f"{table}.csv"
    path.unlink()
    assert str(refusal(tiny)) == f"{path}: no such file"
    path.mkdir()
    assert str(refusal(tiny)).startswith(f"{path}: cannot be read: ")


@pytest.mark.parametrize("table", ["districts", "townships", "adjacency"])
def test_every_column_is_needed(tiny, table):
    path = tiny / "tiny" / f"{table}.csv"
    header, rest = path.read_text("utf-8").split("\n", 1)
    ignored = {"villages", "communities"}
    for column in set(header.split(",")) - ignored:
        names = ["other" if name == column else name for name in header.split(",")]
        path.write_text(",".join(names) + "\n" + rest, "utf-8")
        error = refusal(tiny)
        assert str(error).startswith(f"{path}, line 1: missing column {column}; the header has ")


def test_too_many_grids_in_all(tiny):
    path = tiny / "tiny" / "townships.csv"
    text = path.read_text("utf-8").replace("700,2", "700,10000000")
    path.write_text(text, "utf-8")
    assert str(refusal(tiny)) == (
        f"{path}, column 'grids': 10,000,010 in all; at most 10,000,000 are allowed"
    )


@pytest.mark.parametrize(
    ("content", "line", "column", "problem"),
    [
        (b"", None, None, "no rows below a header of a, b"),
        (b"a,b\n", None, None, "no rows"),
        (b"a,b,a\n1,2,3\n", 1, "a", "stands twice"),
        (b"a,b\n1,2\n1\n", 3, None, "1 cells, but the header has 2 columns"),
        (b"a,b\n1,2,3\n", 2, None, "3 cells"),
        (b'a,b\n1,"2\n', 2, None, "not a proper table"),
        (b'a,b\n1,"2"3\n', 2, None, "not a proper table"),
        ("a,b\n1,2\n甲,乙\n".encode("gbk"), 3, None, "0xbc is not UTF-8"),
    ],
)
def test_bad_table(tmp_path, content, line, column, problem):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(FileError, match=problem) as caught:
        read_table(path, ("a", "b"))
    assert (caught.value.path, caught.value.line, caught.value.column) == (path, line, column)


def test_lines_are_those_of_the_file(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b'\xef\xbb\xbfa,x,b\r\n\r\n 1 ,,2\r\n"3\n",,4\r\n,,\r\n5,,6\r\n')
    table = read_table(path, ("b", "a"))
    assert table.lines == [3, 5, 7]
    assert table.cells == {"b": ["2", "4", "6"], "a": ["1", "3", "5"]}
    assert table.number("a").tolist() == [1.0, 3.0, 5.0]
    assert table.whole("b", 2, 6).tolist() == [2, 4, 6]
    assert table.choice("a", ("5", "3", "1")).tolist() == [2, 1, 0]

"""The shipped cities, the tree of centres and looking things up in it."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from sim import codes
from sim.city import check_tree, load_city
from sim.errors import FileError, InputError

CITIES = Path(__file__).parents[1] / "conf" / "city"
NAMES = ("chongqing", "chongqing39", "tiny")


@pytest.fixture(scope="module")
def cities():
    return {name: load_city(CITIES, name) for name in NAMES}


def rows(name, table):
    with open(CITIES / name / f"{table}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("name", "districts", "townships", "grids", "people"),
    [
        ("chongqing", 41, 1031, 62_000, 31_914_300),
        ("chongqing39", 39, 1031, 62_000, 31_914_300),
        ("tiny", 2, 4, 12, 6_000),
    ],
)
def test_counts_and_sums(cities, name, districts, townships, grids, people):
    city = cities[name]
    assert (city.n_districts, city.n_townships, city.n_grids) == (districts, townships, grids)
    assert city.n_centres == 1 + districts + townships + grids
    assert city.district_population.sum() == people
    assert city.township_population.sum() == people
    assert city.grid_population().sum() == pytest.approx(people)
    assert city.township_grids.min() >= 1
    assert set(city.township_landscape.tolist()) == {0, 1, 2, 3}


@pytest.mark.parametrize("name", NAMES)
def test_offsets_match_parents(cities, name):
    city = cities[name]
    for start, child_of in (
        (city.township_first_grid, city.grid_township),
        (city.district_first_township, city.township_district),
    ):
        assert start[0] == 0
        assert start[-1] == len(child_of)
        np.testing.assert_array_equal(
            np.repeat(np.arange(len(start) - 1), np.diff(start)), child_of
        )
    np.testing.assert_array_equal(np.diff(city.township_first_grid), city.township_grids)


@pytest.mark.parametrize("name", NAMES)
def test_every_centre_hangs_one_tier_below_its_parent(cities, name):
    tier, parent = cities[name].centre_tier(), cities[name].centre_parent()
    assert tier.dtype == np.int8
    assert parent.dtype == np.int32
    assert len(tier) == len(parent) == cities[name].n_centres
    assert parent[0] == codes.NONE
    assert tier[0] == codes.CITY
    assert (parent[1:] < np.arange(1, len(parent))).all()
    np.testing.assert_array_equal(tier[parent[1:]] + 1, tier[1:])


def test_tiny_tree_by_hand(cities):
    city = cities["tiny"]
    grids = [3] * 4 + [4] * 3 + [5] * 3 + [6] * 2
    assert city.centre_parent().tolist() == [-1, 0, 0, 1, 1, 2, 2, *grids]
    assert city.centre_tier().tolist() == [0] + [1] * 2 + [2] * 4 + [3] * 12
    np.testing.assert_allclose(city.grid_population()[[0, 4, 11]], [600, 1600 / 3, 350])
    assert city.neighbour_start.tolist() == [0, 1, 2]
    assert city.neighbours.tolist() == [1, 0]


@pytest.mark.parametrize("name", NAMES)
def test_neighbours_are_symmetric_sorted_and_as_filed(cities, name):
    city = cities[name]
    start, near = city.neighbour_start, city.neighbours
    pairs = [(d, int(n)) for d in range(city.n_districts) for n in near[start[d] : start[d + 1]]]
    assert pairs == sorted(set(pairs))
    assert {(b, a) for a, b in pairs} == set(pairs)
    code = city.district_code
    filed = {frozenset(row.values()) for row in rows(name, "adjacency")}
    assert {frozenset((code[a], code[b])) for a, b in pairs} == filed


def test_chongqing_has_the_83_borders_and_8_of_its_zones(cities):
    zones = {"LJ", "GX", "WS"}
    touching = [zones & set(row.values()) for row in rows("chongqing", "adjacency")]
    assert sum(not pair for pair in touching) == 83
    assert sum(bool(pair) for pair in touching) == 8


def test_both_structures_hold_the_same_townships(cities):
    tables = [rows(name, "townships") for name in ("chongqing", "chongqing39")]
    for table in tables:
        for row in table:
            del row["district"]
        table.sort(key=lambda row: row["code"])
    assert tables[0] == tables[1]
    for name in ("chongqing", "chongqing39"):
        assert cities[name].district_area_km2.sum() == pytest.approx(82_444)
    assert cities["chongqing"].fingerprint() != cities["chongqing39"].fingerprint()


def test_landscape_rule(cities):
    city = cities["chongqing"]
    for t in range(city.n_townships):
        core = city.district_zone[city.township_district[t]] == "core"
        expected = {
            "街道": codes.CORE if core else codes.URBAN,
            "镇": codes.TOWN,
            "乡": codes.RURAL,
            "民族乡": codes.RURAL,
        }[city.township_type[t]]
        assert city.township_landscape[t] == expected, city.township_name_zh[t]


def largest_remainder(weights, total):
    """Whole shares of total, in proportion; left-over ones go to the largest fractions."""
    quota = weights / weights.sum() * total
    shares = np.floor(quota + 1e-9).astype(int)
    order = np.argsort(shares - quota, kind="stable")
    shares[order[: total - shares.sum()]] += 1
    return shares


def test_people_and_grids_follow_the_stated_allotment():
    """docs/data.md: a community weighs 8, 3 or 2 villages; grids go half by units."""
    table = sorted(rows("chongqing", "townships"), key=lambda row: row["code"])
    villages, communities, people, grids = (
        np.array([int(row[column]) for row in table])
        for column in ("villages", "communities", "population", "grids")
    )
    weight = {"core": 8, "urban": 8, "town": 3, "rural": 2}
    weights = villages + communities * np.array([weight[row["landscape"]] for row in table])
    # A zone shares the yardstick of the district it was taken from, except Wansheng.
    parent = np.array(["WS" if row["district"] == "WS" else row["code"][:6] for row in table])
    for district in np.unique(parent):
        own = parent == district
        expected = largest_remainder(weights[own], people[own].sum())
        np.testing.assert_array_equal(people[own], expected, err_msg=district)
    units = villages + communities
    mixed = units / units.sum() + people / people.sum()
    np.testing.assert_array_equal(grids, largest_remainder(mixed, 62_000))


@pytest.mark.parametrize("name", NAMES)
def test_hexagons_overlap_only_where_a_zone_lies_on_its_parents(cities, name):
    city = cities[name]
    for a in range(city.n_districts):
        for b in range(a):
            if {city.district_code[a], city.district_code[b]} in (
                {"GX", "500106"},
                {"GX", "500107"},
            ):
                continue
            far = np.hypot(city.hex_x[a] - city.hex_x[b], city.hex_y[a] - city.hex_y[b])
            assert far > (city.hex_size[a] + city.hex_size[b]) / 2 - 0.002


@pytest.mark.parametrize(
    ("centre", "zh", "en"),
    [
        (0, "tiny", "tiny"),
        (2, "白云县", "Baiyun"),
        (3, "钟楼街道", "Zhonglou Subdistrict"),
        (7, "钟楼街道第1网格", "Zhonglou Subdistrict grid 1"),
        (18, "云顶乡第2网格", "Yunding Township grid 2"),
    ],
)
def test_centre_name(cities, centre, zh, en):
    assert cities["tiny"].centre_name(centre) == zh
    assert cities["tiny"].centre_name(centre, "en") == en


def test_centre_name_refuses_what_is_not_there(cities):
    for centre in (-1, 19):
        with pytest.raises(IndexError, match=r"0\.\.18"):
            cities["tiny"].centre_name(centre)
    with pytest.raises(InputError, match=r"'fr'.*zh, en"):
        cities["tiny"].centre_name(0, "fr")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("500101", "500101"),
        ("万州区", "500101"),
        ("万州", "500101"),
        (" WANZHOU ", "500101"),
        ("忠县", "500233"),
        ("石柱", "500240"),
        ("石柱土家族自治县", "500240"),
        ("nan'an", "500108"),
        ("ws", "WS"),
        ("万盛", "WS"),
        ("两江", "LJ"),
    ],
)
def test_find_district(cities, text, code):
    city = cities["chongqing"]
    assert city.district_code[city.find_district(text)] == code


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Wanzho", "did you mean.*Wanzhou"),
        ("万洲区", "did you mean.*万州区"),
        ("江", "江北区"),
        ("Atlantis", "chongqing; allowed: 万州区"),
        ("", "chongqing; allowed: 万州区"),
    ],
)
def test_find_district_lists_near_matches(cities, text, near):
    with pytest.raises(InputError, match=f"^district: '{text}' is no district of .*{near}"):
        cities["chongqing"].find_district(text)


def test_fingerprint_follows_the_contents_only(cities, tmp_path):
    shutil.copytree(CITIES / "tiny", tmp_path / "copy")
    same = load_city(tmp_path, "copy")
    assert same.name == "copy"
    assert same.fingerprint() == cities["tiny"].fingerprint()
    table = tmp_path / "copy" / "districts.csv"
    table.write_text(table.read_text("utf-8").replace("48.0", "48.5"), "utf-8")
    changed = load_city(tmp_path, "copy").fingerprint()
    assert changed != same.fingerprint()
    assert len(changed) == 16


def test_a_city_of_ones_own_loads_in_any_order_with_other_columns(tmp_path):
    home = tmp_path / "own"
    home.mkdir()
    (home / "districts.csv").write_text(
        "\ufeffcode,note,name_zh,name_en,zone,population,area_km2,hex_x,hex_y,hex_size\r\n"
        'X,"a, b",东区,East,any,30,1.5,0,0,1\r\n\r\nY,,西区,West,any,5,2,1,0,1\r\n',
        "utf-8",
    )
    (home / "townships.csv").write_text(
        "code,name_zh,name_pinyin,type,district,landscape,population,grids\n"
        "y1,甲,Jia,镇,Y,town,5,1\nx2,乙,Yi,镇,X,rural,20,3\nx1,丙,Bing,镇,X,core,10,2\n",
        "utf-8",
    )
    (home / "adjacency.csv").write_text("a,b\n", "utf-8")
    city = load_city(tmp_path, "own")
    assert city.township_code == ("x2", "x1", "y1")
    assert city.township_grids.tolist() == [3, 2, 1]
    assert city.township_landscape.tolist() == [codes.RURAL, codes.CORE, codes.TOWN]
    assert city.grid_township.tolist() == [0, 0, 0, 1, 1, 2]
    assert city.neighbours.size == 0
    assert city.neighbour_start.tolist() == [0, 0, 0]


def test_an_unknown_city_lists_those_there():
    with pytest.raises(
        FileError, match="no such city; there are: chongqing, chongqing39, theory, "
    ):
        load_city(CITIES, "nowhere")


@pytest.mark.parametrize(
    ("parent", "tier", "problem"),
    [
        ([-1, -1, 0], [0, 0, 1], "one root"),
        ([1, 0], [1, 1], "one root"),
        ([0, 0], [0, 1], "one root"),
        ([-1, 0, -1], [0, 1, 2], "centre 2"),
        ([-1, 0, 9], [0, 1, 2], "centre 2"),
        ([-1, 0, 0], [0, 1, 2], "centre 2"),
        ([-1, 2, 1], [0, 1, 1], "centre 1"),
    ],
)
def test_check_tree_refuses_orphans_and_second_roots(parent, tier, problem):
    with pytest.raises(InputError, match=problem):
        check_tree(np.array(parent), np.array(tier))

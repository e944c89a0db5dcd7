"""Every desk has one number, and its number says whose it is."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim import codes
from sim.codes import CITY, DEPARTMENT, DESK_GROUPS, DISTRICT, GRID, NONE, TOWNSHIP
from sim.layout import Layout
from tests.conftest import find_desk

# The tiny city: four departments, four boards at either level; 2 districts, 4 townships, 12 grids.
WIDTHS = [
    {"hotline": 1, "dispatch": 1, "callback": 1, "command": 1, "board": 4, "department": 4,
     "pool": 1},
    {"command": 1, "board": 4, "department": 4, "pool": 1},
    {"command": 1, "board": 4, "pool": 1},
    {"grid": 1},
]  # fmt: skip
CENTRES = [1, 2, 4, 12]


def test_tiers_have_the_desks_that_the_model_names(layout):
    for tier, groups in enumerate(WIDTHS):
        found = {name: layout.members(tier, g) for g, name in enumerate(DESK_GROUPS)}
        assert {name: n for name, n in found.items() if n} == groups
        assert layout.tier_width[tier] == sum(groups.values())
    assert layout.n_centres.tolist() == CENTRES
    assert layout.n_desks == 13 + 2 * 10 + 4 * 6 + 12


def test_desks_are_numbered_tier_by_tier_centre_by_centre_group_by_group(layout):
    desk = 0
    for tier, groups in enumerate(WIDTHS):
        assert layout.tier_base[tier] == desk
        for centre in range(CENTRES[tier]):
            for name, members in groups.items():
                for unit in range(members):
                    found = (
                        layout.tier[desk], DESK_GROUPS[layout.group[desk]], layout.unit[desk],
                        layout.centre_of_tier[desk],
                    )  # fmt: skip
                    assert found == (tier, name, unit, centre)
                    desk += 1
    assert desk == layout.n_desks == layout.tier.size


def test_the_centre_of_a_desk_stands_in_its_tier_in_the_citys_numbering(layout):
    tiers = layout.city.centre_tier()
    np.testing.assert_array_equal(tiers[layout.centre], layout.tier)
    assert np.unique(layout.centre).size == layout.city.n_centres


def test_townships_of_a_district_stand_in_a_ring(layout):
    assert layout.neighbour.tolist() == [[1, 1], [0, 0], [3, 3], [2, 2]]


@pytest.mark.parametrize(
    ("districts", "neighbours"),
    [
        ([0], [[0, 0]]),
        ([0, 0, 0], [[2, 1], [0, 2], [1, 0]]),
        ([0, 1, 1, 1, 1], [[0, 0], [4, 2], [1, 3], [2, 4], [3, 1]]),
    ],
)
def test_rings_may_be_of_any_length(layout, districts, neighbours):
    city = SimpleNamespace(township_district=np.array(districts), n_townships=len(districts))
    assert Layout(city, layout.catalogue).neighbour.tolist() == neighbours


def test_a_group_that_a_tier_lacks_has_no_offset(layout):
    missing = layout.group_offset == NONE
    assert missing[GRID].sum() == len(DESK_GROUPS) - 1
    assert missing[TOWNSHIP, DEPARTMENT]
    assert not missing[DISTRICT, DEPARTMENT]
    for tier, place in zip(*np.nonzero(layout.group_of_place != NONE)):
        group = layout.group_of_place[tier, place]
        assert 0 <= place - layout.group_offset[tier, group] < layout.members(tier, group)


def test_only_departments_on_duty_are_always_open(layout):
    duty = {"police", "emergency"}
    names = layout.catalogue.departments
    for desk in range(layout.n_desks):
        department = layout.group[desk] == DEPARTMENT
        expected = department and names[layout.unit[desk]] in duty
        assert layout.always_on_duty[desk] == expected


@pytest.mark.parametrize(
    ("mark", "lang", "name"),
    [
        ((CITY, codes.HOTLINE_DESK, 0, 0), "en", "tiny: hotline"),
        ((DISTRICT, DEPARTMENT, 1, 1), "en", "Baiyun: Police"),
        ((DISTRICT, DEPARTMENT, 1, 1), "zh", "白云县: 公安"),
        ((DISTRICT, codes.BOARD, 2, 0), "en", "Qingshi: Ecology and landscape board"),
        ((TOWNSHIP, codes.BOARD, 2, 0), "zh", "钟楼街道: 民生服务板块"),
        ((TOWNSHIP, codes.POOL, 0, 3), "en", "Yunding Township: pool"),
    ],
)
def test_desks_have_names(layout, mark, lang, name):
    assert layout.name(find_desk(layout, *mark), lang) == name

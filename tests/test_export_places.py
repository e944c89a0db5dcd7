"""Names of an event log: each desk has one of its own, in both languages."""

import pytest

from experiments.export.folder import opened
from experiments.export.places import Places, _told_apart
from scenarios.load import load
from sim.codes import BOARD, DEPARTMENT
from tests.event_logs import busy_folder


@pytest.fixture(scope="module")
def whole_city():
    return load().layout


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_two_desks_of_chongqing_have_one_name(whole_city, lang):
    places = Places(whole_city, lang)
    assert len(places.desk) == whole_city.n_desks == len(set(places.desk))
    assert len(set(places.centre)) == whole_city.city.n_centres
    assert len(places.grid) == whole_city.city.n_grids


def test_names_that_are_alike_are_told_apart():
    assert _told_apart(["a", "b", "a", "a"]) == ["a", "b", "a (2)", "a (3)"]


def test_departments_and_boards_are_named_and_no_other_desk(whole_city):
    places = Places(whole_city, "zh")
    for desk in range(0, whole_city.n_desks, 97):
        named = whole_city.group[desk] in (DEPARTMENT, BOARD)
        assert bool(places.department[desk]) == named
        if named:
            assert places.desk[desk].endswith(f"：{places.department[desk]}")


def test_a_desk_is_in_the_district_of_its_centre(whole_city):
    places, city = Places(whole_city, "zh"), whole_city.city
    assert (places.district_of_desk[whole_city.tier == 0] == -1).all()
    for desk in range(200, whole_city.n_desks, 97):
        district = city.district_name_zh[places.district_of_desk[desk]]
        assert places.desk[desk].startswith(district)


def test_names_in_english_are_the_keys_of_the_settings():
    layout = opened(str(busy_folder())).layout
    places = Places(layout, "en")
    assert set(places.department) - {""} == {
        *layout.catalogue.departments,
        *(f"{key} board" for key in layout.catalogue.boards8),
        *(f"{key} board" for key in layout.catalogue.boards141),
    }
    assert places.kind == list(layout.catalogue.kinds)
    assert places.tiers == ["city", "district", "township", "grid"]

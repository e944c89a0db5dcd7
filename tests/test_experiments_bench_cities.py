"""Cities made to be measured on are cities that the loader takes."""

import pytest

from experiments.bench.cities import write_alike, write_part
from scenarios.load import CONF
from sim.city import load_city


def made(write, tmp_path, *arguments):
    settings = dict(text.split("=") for text in write(tmp_path, "made", *arguments))
    assert settings == {"city.folder": str(tmp_path), "city.name": "made"}
    return load_city(tmp_path, "made")


@pytest.fixture(scope="module")
def chongqing():
    return load_city(CONF / "city", "chongqing")


def test_districts_alike_have_a_township_and_a_grid_each(tmp_path):
    city = made(write_alike, tmp_path, 7)
    assert (city.n_districts, city.n_townships, city.n_grids) == (7, 7, 7)
    assert len(set(city.township_district)) == 7


def test_the_first_districts_are_those_of_the_shipped_city(tmp_path, chongqing):
    city = made(write_part, tmp_path, 5)
    n = city.n_townships
    assert city.n_districts == 5
    assert (city.township_district == chongqing.township_district[:n]).all()
    assert chongqing.township_district[n] == 5
    assert (city.neighbours < 5).all()


def test_a_city_may_be_more_than_the_shipped_one(tmp_path, chongqing):
    city = made(write_part, tmp_path, 82)
    assert city.n_districts == 2 * chongqing.n_districts
    assert city.n_grids == 2 * chongqing.n_grids
    assert city.neighbours.size == 2 * chongqing.neighbours.size

"""Desks keep their order, centres stand in the city's tree, and the model can be looked into."""

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest

from agents.centres import CityCentre, DistrictCentre, Grid, TownshipCentre, roles_of_tier
from agents.desk import Desk
from agents.model import CityModel
from scenarios.load import load
from scenarios.world import build_world
from sim import codes
from sim.city import load_city
from sim.errors import InputError
from sim.rows import I_GIVEN
from sim.units import HOUR

CITIES = Path(__file__).parents[1] / "conf" / "city"
WIDTH = (3, 2, 2, 1)  # desks of a centre of each tier in these tests
OFFSET = np.full((4, len(codes.DESK_GROUPS)), codes.NONE)
OFFSET[codes.CITY, [codes.COMMAND, codes.DEPARTMENT]] = 0, 1
OFFSET[codes.DISTRICT, [codes.COMMAND, codes.POOL]] = 0, 1
OFFSET[codes.TOWNSHIP, [codes.COMMAND, codes.BOARD]] = 0, 1
OFFSET[codes.GRID, codes.GRID_DESK] = 0


@pytest.fixture(scope="module")
def city():
    return load_city(CITIES, "tiny")


@pytest.fixture(scope="module")
def world(city):
    """A world with few desks, open from one o'clock to three on one day, in two shifts."""
    p = load(["city=tiny", "catalogue=tiny", "calendar=plain"])
    n_centres = np.array([1, city.n_districts, city.n_townships, city.n_grids])
    sizes = n_centres * WIDTH
    calendar = p.calendar._replace(
        seg_start=np.array([HOUR, 2 * HOUR]),
        seg_end=np.array([2 * HOUR, 3 * HOUR]),
        seg_shift=np.array([0, 1], np.int8),
        seg_first=np.array([[0, 2]], np.int32),
    )
    settings = p.settings.mechanism
    seats = np.tile(np.array([1, 4], np.int32), (sizes.sum(), 1))
    built = build_world(
        p.policy, p.layout, p.catalogue, calendar, p.calendar_names, settings, seats, p.restrict
    )  # fmt: skip
    return built._replace(
        desk_opening=np.zeros(sizes.sum(), np.int32),
        tier_base=np.concatenate([[0], np.cumsum(sizes)[:-1]]),
        tier_width=np.array(WIDTH),
        group_offset=OFFSET,
    )


@pytest.fixture
def model(world, city):
    return CityModel(world, city, end=24 * HOUR)


class Waiter:
    """Stands in for a task where only the queue key matters."""

    def __init__(self, *key):
        self.key = key


# --- desks ------------------------------------------------------------------------------------


def test_a_desk_serves_by_key_whatever_the_order_of_joining():
    keys = [(1, 0, 5, 9), (0, 7, 9, 9), (1, 0, 5, 2), (1, 0, 4, 99), (0, 2, 30, 1)]
    desk = Desk(0)
    for key in keys:
        desk.join(Waiter(*key))
    assert [task.key for task in desk.waiting] == sorted(keys)
    assert [desk.take().key for _ in keys] == sorted(keys)
    assert len(desk) == 0


def test_a_task_leaves_from_the_middle_and_joins_anew_elsewhere():
    desk = Desk(0)
    first, second, third = tasks = [Waiter(1, 0, joined) for joined in (10, 20, 30)]
    for task in tasks:
        desk.join(task)
    desk.leave(second)
    assert desk.waiting == [first, third]
    second.key = (0, 0, 20)  # escalated
    desk.join(second)
    assert desk.waiting == [second, first, third]


def test_time_worked_leaves_out_what_is_still_to_come():
    desk = Desk(0)
    desk.worked = 100  # of which one stretch ends at 150, another at 260
    desk.at_work = {Waiter(): 150, Waiter(): 260}
    assert desk.worked_until(140, (0, 200)) == 100 - 10 - 60
    assert desk.worked_until(170, (0, 200)) == 100 - 30


# --- the tree ---------------------------------------------------------------------------------


def test_every_centre_knows_its_parent_and_children(model, city):
    kinds = [type(centre) for centre in model.centres]
    assert [kinds.count(k) for k in (CityCentre, DistrictCentre, TownshipCentre, Grid)] == [
        1, 2, 4, 12,
    ]  # fmt: skip
    parents = city.centre_parent()
    for centre in model.centres[1:]:
        assert centre.parent.number == parents[centre.number]
        assert centre in centre.parent.children
        assert centre.tier == centre.parent.tier + 1
    assert next(model.city_centre.below()) is model.city_centre
    assert {c.number for c in model.city_centre.below()} == set(range(city.n_centres))
    assert len(model.agents) == city.n_centres


def test_desks_belong_to_the_centre_that_the_numbering_says(model):
    desks = [desk for centre in model.centres for desk in centre.desks]
    assert [desk.number for desk in desks] == list(range(len(model.desks)))
    assert all(desk.centre is centre for centre in model.centres for desk in centre.desks)
    assert model.city_centre.roles == ["command", "department 0", "department 1"]
    district = model.tier("district")[1]
    assert district.roles == ["command", "pool"]
    assert district.desk("pool").number == 3 + 2 + 1
    with pytest.raises(KeyError, match="command, pool"):
        district.desk("hotline")


def test_roles_do_not_depend_on_the_order_of_the_groups():
    offset = np.full(len(codes.DESK_GROUPS), codes.NONE)
    offset[codes.POOL], offset[codes.BOARD], offset[codes.COMMAND] = 0, 1, 3
    pool, command = (codes.POOL, 0), (codes.COMMAND, 0)
    assert roles_of_tier(offset, 4) == [pool, (codes.BOARD, 0), (codes.BOARD, 1), command]


def test_centres_are_found_by_name(model):
    township = model.centre("Songlin Town")
    assert township is model.centre("松林镇") is model.centre(" songlin town ")
    assert township.parent is model.centre("白云县")
    assert [c.name_en for c in township.path] == ["tiny", "Baiyun", "Songlin Town"]
    assert model.centre("松林镇第2网格") is township.children[1]
    assert model.tier(codes.TOWNSHIP)[2] is township


def test_a_name_that_is_wrong_or_shared_is_refused(model, monkeypatch):
    with pytest.raises(InputError, match="did you mean Songlin Town"):
        model.centre("Songlin Twon")
    with pytest.raises(InputError, match="no centre '松林镇'"):
        model.centre("松林镇", within="青石区")
    name = type(model.city).centre_name

    def doubled(self, centre, lang="zh"):
        return name(self, 3 if centre == 5 else centre, lang)

    monkeypatch.setattr(type(model.city), "centre_name", doubled)
    with pytest.raises(InputError, match="2 centres are named '钟楼街道': in Qingshi, Baiyun"):
        model.centre("钟楼街道")
    assert model.centre("钟楼街道", within="白云县").number == 5


# --- looking ----------------------------------------------------------------------------------


def test_a_step_is_an_hour_and_the_end_is_the_end(model):
    model.step()
    model.step()
    assert model.now == 2 * HOUR
    assert model.running
    model.step_to(23 * HOUR + 1)
    model.step()
    assert model.now == model.end
    assert not model.running


def test_backlog_and_utilisation_add_up(model):
    centre = model.tier("township")[0]
    assert np.isnan(centre.utilisation())
    model.step_to(HOUR + HOUR // 2)
    first, second = centre.desks
    first.worked, second.worked = HOUR // 2, HOUR // 4
    assert centre.utilisation() == pytest.approx(0.75)
    model.step_to(3 * HOUR)  # one seat for an hour, then four: five hours at either desk
    assert centre.utilisation() == pytest.approx(0.75 / 10)
    for joined in range(3):
        first.join(Waiter(joined))
    centre.children[0].desks[0].join(Waiter(7))
    assert (centre.backlog, centre.backlog_below(), centre.parent.backlog_below()) == (3, 4, 4)
    assert [task.key for task in centre.waiting] == [(0,), (1,), (2,)]
    first.starts, first.waited, second.starts, second.waited = 2, 100, 1, 200
    assert centre.mean_wait() == pytest.approx(100)
    assert np.isnan(centre.parent.mean_wait())


def test_the_stream_is_taken_only_as_far_as_needed(city, world):
    taken = []

    def chunks():
        for until in (HOUR, 2 * HOUR, 3 * HOUR):
            taken.append(until)
            yield until, np.zeros((0, I_GIVEN + 1), np.int64)

    there = CityModel(world, city, chunks(), end=24 * HOUR)
    assert taken == []
    there.step_to(HOUR + 1)
    assert taken == [HOUR, 2 * HOUR]
    there.step_to(20 * HOUR)  # past the last chunk: nothing more occurs
    assert taken == [HOUR, 2 * HOUR, 3 * HOUR]
    assert there.now == 20 * HOUR


def test_a_model_that_nobody_holds_is_forgotten(city, world, young):
    gone = weakref.ref(CityModel(world, city, end=HOUR))
    gc.collect()
    assert gone() is None

"""Yuan per solved incident, by hand on three desks."""

import numpy as np
import pytest

from analysis.cost import metrics
from sim.codes import CITY, DISTRICT, GRID
from sim.records import DESK_COLUMNS, empty
from sim.units import DAY, HOUR

PAY = np.array([100.0, 80.0, 60.0, 30.0])
WINDOW = 14 * DAY


def test_what_emergency_mode_keeps_open_is_paid_for_besides(desks):
    desks["overtime"][:] = 0, 28 * HOUR, 0
    found = metrics(desks, PAY, 500.0, 1.0, 50.0, WINDOW, overtime=1.5)
    assert found["yuan_per_day"] == pytest.approx(2500 + 1.5 * 28 * 80 / 14)


@pytest.fixture
def desks():
    table = empty(DESK_COLUMNS, 3)
    table["tier"][:] = CITY, DISTRICT, GRID
    table["paid"][:] = 70, 35, 140  # h a week
    table["busy"][:] = 28 * HOUR, 14 * HOUR, 7 * HOUR
    return table


def test_by_hand(desks):
    # A week: 70 x 100 + 35 x 80 + 140 x 30 = 14,000 yuan; worked: 2,800 + 1,120 + 210 in 14 days.
    found = metrics(desks, PAY, platform=500.0, city_share=1.0, solved_per_day=50.0, ticks=WINDOW)
    assert found["yuan_per_day"] == pytest.approx(2500)
    assert found["yuan_per_solved"] == pytest.approx(50)
    assert found["worked_yuan_per_solved"] == pytest.approx(4130 / 14 / 50)


@pytest.mark.parametrize(
    ("change", "paid", "worked"),
    [
        ({"platform": 1000.0}, 3000, 295),
        ({"city_share": 0.1}, 1600, 115),
        ({"pay": 2 * PAY}, 4500, 590),
        ({"solved_per_day": 100.0}, 2500, 295),
        ({"ticks": WINDOW // 2}, 2500, 590),
    ],
)
def test_it_moves_with_what_goes_into_it(desks, change, paid, worked):
    given = {"pay": PAY, "platform": 500.0, "city_share": 1.0, "solved_per_day": 50.0}
    given |= {"ticks": WINDOW} | change
    found = metrics(desks, **given)
    assert found["yuan_per_day"] == pytest.approx(paid)
    assert found["yuan_per_solved"] == pytest.approx(paid / given["solved_per_day"])
    assert found["worked_yuan_per_solved"] == pytest.approx(worked / given["solved_per_day"])


def test_a_desk_that_costs_more_makes_each_solved_incident_dearer(desks):
    before = metrics(desks, PAY, 0.0, 1.0, 50.0, WINDOW)["yuan_per_solved"]
    desks["paid"][1] += 35
    assert metrics(desks, PAY, 0.0, 1.0, 50.0, WINDOW)["yuan_per_solved"] - before == (
        pytest.approx(35 * 80 / 7 / 50)
    )


def test_nothing_solved_has_no_price(desks):
    found = metrics(desks, PAY, 0.0, 1.0, 0.0, WINDOW)
    assert found["yuan_per_day"] == pytest.approx(2000)
    assert found["yuan_per_solved"] is None
    assert found["worked_yuan_per_solved"] is None

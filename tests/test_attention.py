"""Free time of senior desks, by hand on six desks."""

import numpy as np
import pytest

from analysis.attention import metrics
from sim.codes import BOARD, CITY, COMMAND, DEPARTMENT, DISTRICT, TOWNSHIP
from sim.records import DESK_COLUMNS, empty
from sim.units import DAY, HOUR

WINDOW = 10 * DAY


@pytest.fixture
def desks():
    table = empty(DESK_COLUMNS, 6)
    table["tier"][:] = CITY, DISTRICT, DISTRICT, DISTRICT, DISTRICT, TOWNSHIP
    table["role"][:] = COMMAND, COMMAND, BOARD, BOARD, DEPARTMENT, COMMAND
    table["open"][:] = np.array([100, 60, 40, 0, 80, 90]) * HOUR
    table["busy"][:] = np.array([80, 30, 45, 0, 10, 10]) * HOUR  # the first board in overtime
    return table


@pytest.fixture
def by_grade():
    return {"incidents": np.array([2, 3, 40, 400])}


def test_by_hand(desks, by_grade):
    # Free: 20 h at the city's command desk, 30 h at the district's, none at the board; of 200 h.
    assert metrics(desks, 1.0, by_grade, WINDOW) == pytest.approx(
        {
            "senior_free_share": 0.25,
            "senior_free_hours_per_day": 5.0,
            "senior_free_hours_per_novel": 10.0,
        }
    )


def test_of_a_district_alone_only_its_part_of_the_citys_desks_counts(desks, by_grade):
    found = metrics(desks, 0.1, by_grade, WINDOW)
    assert found["senior_free_share"] == pytest.approx((2 + 30) / (10 + 60 + 40))
    assert found["senior_free_hours_per_day"] == pytest.approx(3.2)


@pytest.mark.parametrize(("desk", "hours"), [(0, 10), (1, 10), (2, 10), (4, 0), (5, 0)])
def test_work_at_a_senior_desk_takes_attention_and_no_other(desks, by_grade, desk, hours):
    desks["busy"][2] = 0
    before = metrics(desks, 1.0, by_grade, WINDOW)
    desks["busy"][desk] += 10 * HOUR
    after = metrics(desks, 1.0, by_grade, WINDOW)
    for name, per in (("day", 10), ("novel", 5)):
        name = f"senior_free_hours_per_{name}"
        assert before[name] - after[name] == pytest.approx(hours / per)


def test_only_grades_one_and_two_are_novel(desks, by_grade):
    by_grade["incidents"][2:] *= 2
    assert metrics(desks, 1.0, by_grade, WINDOW)["senior_free_hours_per_novel"] == 10
    by_grade["incidents"][:2] *= 2
    assert metrics(desks, 1.0, by_grade, WINDOW)["senior_free_hours_per_novel"] == 5


def test_without_senior_seats_or_novel_incidents_it_is_not_defined(desks, by_grade):
    by_grade["incidents"][:2] = 0
    assert metrics(desks, 1.0, by_grade, WINDOW)["senior_free_hours_per_novel"] is None
    desks["open"][:] = 0
    assert set(metrics(desks, 1.0, by_grade, WINDOW).values()) == {None}

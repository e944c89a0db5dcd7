"""Staff hours by group of desks and by stage, by hand."""

import pytest

from analysis.activity import by_group, by_stage, stage_ticks
from sim.codes import CITY, COMMAND, DEPARTMENT, DISPOSE, DISTRICT, JUDGE, POOL
from sim.draws import OF_BACKGROUND, OF_INCIDENT
from sim.records import DESK_COLUMNS, VISIT_COLUMNS, empty
from sim.stream import pack_key
from sim.units import DAY, HOUR

WINDOW = 14 * DAY


@pytest.fixture
def desks():
    table = empty(DESK_COLUMNS, 4)
    table["tier"][:] = CITY, DISTRICT, DISTRICT, DISTRICT
    table["role"][:] = COMMAND, DEPARTMENT, DEPARTMENT, POOL  # the pool has no seats
    table["busy"][:3] = 10 * HOUR, 4 * HOUR, 6 * HOUR
    table["open"][:3] = 80 * HOUR
    table["paid"][:3] = 50, 40, 40
    return table


def test_hours_by_group_are_per_week(desks):
    found = {name: values.tolist() for name, values in by_group(desks, WINDOW).items()}
    assert found == {
        "tier": [CITY, DISTRICT],
        "group": ["command", "department"],
        "worked_hours": pytest.approx([5, 5]),
        "open_hours": pytest.approx([40, 80]),
        "paid_hours": [50, 80],
    }


def test_work_is_booked_at_its_own_group(desks):
    desks["busy"][2] += 2 * HOUR
    assert by_group(desks, WINDOW)["worked_hours"].tolist() == pytest.approx([5, 6])


def test_hours_by_stage_and_retyping():
    visits = empty(VISIT_COLUMNS, 4)
    visits["incident"][:] = pack_key(OF_INCIDENT, 0, 1, 2, 0)
    visits["incident"][3] = pack_key(OF_BACKGROUND, 0, 1, 0, 0)  # another district's
    visits["stage"][:] = DISPOSE, JUDGE, DISPOSE, DISPOSE
    visits["worked"][:] = 3 * HOUR, 2 * HOUR, HOUR, 9 * HOUR
    visits["retyping"][:] = HOUR, 0, HOUR // 2, HOUR
    found = {
        name: values.tolist() for name, values in by_stage(stage_ticks(visits), WINDOW).items()
    }
    assert found == {
        "stage": ["judge", "dispose"],
        "worked_hours": pytest.approx([1, 2]),
        "retyping_hours": pytest.approx([0, 0.75]),
    }


def test_without_visits_there_are_no_stages():
    assert not by_stage(stage_ticks(empty(VISIT_COLUMNS)), WINDOW)["stage"].size

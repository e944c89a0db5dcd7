"""Measures of desks: by kind of desk, from the desk table and the visits."""

import numpy as np
import pytest

from analysis.desks import by_kind_of_desk
from sim.records import DESK_COLUMNS, empty
from sim.units import HOUR

NAMES = ("city.command", "grid.grid", "grid.grid", "city.pool")


@pytest.fixture
def desks():
    table = empty(DESK_COLUMNS, len(NAMES))
    table["open"][:3] = 10 * HOUR
    table["busy"][:3] = 5 * HOUR, 2 * HOUR, 4 * HOUR
    table["starts"][:3] = 10, 4, 6
    table["joins"][:3] = 12, 4, 6
    table["delayed"][:3] = 5, 1, 4
    table["waited"][:3] = 20 * HOUR, HOUR, 4 * HOUR
    table["queued"][:3] = 30 * HOUR, 2 * HOUR, 3 * HOUR
    table["blocked"][0], table["abandoned"][0] = 4, 2
    return table


def test_desks_of_a_kind_are_taken_together(desks):
    found = by_kind_of_desk(desks, NAMES, 10 * HOUR)
    assert list(found) == ["city.command", "grid.grid"]  # the pool has no seats
    assert found["grid.grid"] == {
        "desks": 2,
        "arrivals": 10,
        "mean_wait_hours": 0.5,
        "waiting_share": 0.5,
        "mean_waiting": 0.25,
        "utilisation": 0.3,
        "lost_share": 0.0,
        "p95_wait_hours": None,
    }
    assert {type(value) for value in found["grid.grid"].values()} == {int, float, type(None)}
    assert found["city.command"]["arrivals"] == 16
    assert found["city.command"]["lost_share"] == 6 / 16


def test_quantiles_of_waiting_come_from_the_visits(desks):
    waits = np.arange(100) * HOUR
    visits = {"waited": waits, "desk": np.full(100, 2)}
    found = by_kind_of_desk(desks, NAMES, 10 * HOUR, visits)
    assert found["grid.grid"]["p95_wait_hours"] == 94.0
    assert found["city.command"]["p95_wait_hours"] is None


def test_a_desk_without_visits_has_no_mean_wait(desks):
    desks["starts"][:] = desks["joins"][:] = desks["waited"][:] = desks["delayed"][:] = 0
    found = by_kind_of_desk(desks, NAMES, HOUR)
    assert found["grid.grid"]["mean_wait_hours"] is None
    assert found["grid.grid"]["waiting_share"] is None

"""When residents report: by hand on a plain calendar, and what it means in the mean."""

import numpy as np
import pytest

from scenarios.load import load
from sim import codes
from sim.codes import GRADE_II, GRADE_III
from sim.errors import InputError
from sim.rules.waking import reported_at
from sim.units import DAY, HOUR
from sim.world import world_handle
from tests.conftest import TINY, changed, incident_row, with_mechanism

BY_DAY = np.where((np.arange(24) >= 8) & (np.arange(24) < 20), 2.0, 0.0)
"""Twelve hours at twice the rate, none at night."""

MONDAY, SATURDAY = 0, 5 * DAY


@pytest.fixture
def world(plain):
    """Nobody reports at night, and half as many at the weekend; the first day is a Monday."""
    assert plain.cal.day_type[:7].tolist() == [codes.WORKDAY] * 5 + [codes.WEEKEND] * 2
    about = np.stack([BY_DAY, BY_DAY / 2, BY_DAY / 2])
    return with_mechanism(changed(plain, about=about), waking=1.0)


@pytest.mark.parametrize(
    ("now", "wait", "expected"),
    [
        (MONDAY + 9 * HOUR, 0, MONDAY + 9 * HOUR),
        (MONDAY + 9 * HOUR, HOUR, MONDAY + 9 * HOUR + HOUR // 2),
        (MONDAY + 9 * HOUR, 22 * HOUR, MONDAY + 20 * HOUR),  # to the very end of the day
        (MONDAY + 9 * HOUR, 22 * HOUR + 1, DAY + 8 * HOUR + 1),  # half a tick, rounded up
        (MONDAY + 3 * HOUR, HOUR, MONDAY + 8 * HOUR + HOUR // 2),
        (MONDAY + 23 * HOUR, 26 * HOUR, 2 * DAY + 9 * HOUR),
        (SATURDAY + 9 * HOUR, HOUR, SATURDAY + 10 * HOUR),
        (4 * DAY + 19 * HOUR, 3 * HOUR, SATURDAY + 9 * HOUR),
    ],
)
def test_the_rate_adds_up_to_the_wait(world, now, wait, expected):
    inc = incident_row(severity=GRADE_III)
    assert reported_at(world_handle(world), inc, now, wait) == expected


@pytest.mark.parametrize("now", [3 * HOUR, SATURDAY + 23 * HOUR])
def test_the_gravest_are_reported_at_any_hour_and_all_where_it_is_off(world, now):
    grave = incident_row(severity=GRADE_II)
    assert reported_at(world_handle(world), grave, now, 77) == now + 77
    off = world_handle(with_mechanism(world, waking=0.0))
    assert reported_at(off, incident_row(severity=GRADE_III), now, 77) == now + 77


def test_past_the_calendar_everyone_is_about(world):
    end = world.cal.day_type.size * DAY
    inc = incident_row(severity=GRADE_III)
    assert reported_at(world_handle(world), inc, end - HOUR, 5) == end + 5
    assert reported_at(world_handle(world), inc, end + HOUR, 5) == end + HOUR + 5


def test_a_flat_profile_is_as_if_it_were_off(plain):
    w = world_handle(with_mechanism(changed(plain, about=1.0), waking=1.0))
    inc = incident_row(severity=GRADE_III)
    for now in range(0, 9 * DAY, 7919):
        for wait in (0, 1, 3599, 3600, 3601, DAY, 3 * DAY + 5):
            assert reported_at(w, inc, now, wait) == now + wait


def test_the_mean_rate_of_a_week_is_one_at_any_strength():
    for waking in (0, 0.5, 1):
        p = load([*TINY, f"mechanism.reporting.waking={waking}"])
        rate = p.world.about
        week = 5 * rate[codes.WORKDAY] + 2 * rate[codes.WEEKEND]
        assert week.mean() / 7 == pytest.approx(1.0, rel=1e-12)
        assert (rate[codes.WEEKEND] == rate[codes.HOLIDAY]).all()
        assert (rate == 1.0).all() == (waking == 0)


@pytest.mark.parametrize("about", ["[1,2]", "[" + ",".join(["0"] * 24) + "]"])
def test_hours_must_be_24_and_not_all_nought(about):
    with pytest.raises(InputError, match=r"mechanism\.reporting\.about: .*; allowed: 24 numbers"):
        _ = load([*TINY, f"mechanism.reporting.about={about}"]).world

"""Opening hours from events, and time counted in them."""

import numpy as np
import pytest

from analysis.fitting.opening import OpenTime, office, open_hours, periods
from sim.units import DAY, HOUR

OFFICE = np.zeros((7, 24), bool)
OFFICE[:5, 9:12] = OFFICE[:5, 13:18] = True


def events(rng, hours, days=56, per_hour=4, noise=0.0):
    """Events in open hours only, but for a share."""
    open_here = hours[np.arange(days) % 7].ravel()
    counts = rng.poisson(np.where(open_here, per_hour, per_hour * noise))
    return np.repeat(np.arange(days * 24), counts) * HOUR + 1


@pytest.mark.parametrize("noise", [0.0, 0.02])
@pytest.mark.parametrize("first", [0, 3])
def test_the_hours_are_recovered(noise, first):
    shifted = np.roll(OFFICE, -first, axis=0)  # the log begins on a Thursday
    ticks = events(np.random.default_rng(1), shifted, noise=noise)
    assert np.array_equal(open_hours(ticks, first, 0.1), OFFICE)


def test_without_events_all_is_open():
    assert open_hours(np.zeros(0, np.int64), 0, 0.1).all()


def test_periods_are_runs_of_hours():
    assert periods(OFFICE[0]) == [(9, 12), (13, 18)]
    assert periods(np.ones(24, bool)) == [(0, 24)]
    assert periods(np.zeros(24, bool)) == []


def test_open_time_passes_in_open_hours_alone():
    clock = OpenTime(OFFICE, 0, 0, 14)
    assert clock.at(np.array([9 * HOUR])) == 0
    assert clock.at(np.array([DAY])) == 8 * HOUR
    assert clock.at(np.array([5 * DAY])) == clock.at(np.array([7 * DAY])) == 40 * HOUR
    assert clock.at(np.array([12 * HOUR + 1800])) == 3 * HOUR  # the noon break


def test_the_tick_of_an_open_time_is_the_first():
    clock = OpenTime(OFFICE, 0, 0, 14)
    ticks = np.array([9 * HOUR + 600, 13 * HOUR + 60, DAY + 17 * HOUR])
    assert clock.tick(clock.at(ticks)) == pytest.approx(ticks)
    assert clock.tick(np.array([8.0 * HOUR]))[0] == 18 * HOUR


def test_office_hours_are_those_of_who_keeps_them():
    """Two desks of office hours among three that work on at weekends and into the evening."""
    rng = np.random.default_rng(5)
    half = np.zeros((7, 48), bool)
    half[:5, 18:25] = half[:5, 27:36] = True  # 9:00 to 12:30, 13:30 to 18:00
    long = np.zeros((7, 48), bool)
    long[:, 16:48] = True
    ticks, resource = [], []
    for desk, hours in enumerate((half, half, long, long, long)):
        counts = rng.poisson(np.where(hours[np.arange(56) % 7].ravel(), 1.0, 0.0))
        ticks.append(np.repeat(np.arange(56 * 48), counts) * HOUR // 2 + 1)
        resource.append(np.full(ticks[-1].size, desk))
    ticks, resource = np.concatenate(ticks), np.concatenate(resource)
    found = office(ticks, resource, 0, 0.1, 30)
    assert np.array_equal(found.open, half[0])
    assert not found.weekend
    nobody = office(ticks, np.full(ticks.size, -1), 0, 0.1, 30)
    assert nobody.weekend
    assert np.array_equal(nobody.open, long[0])
    few = office(ticks, resource, 0, 0.1, 10**6)
    assert few.weekend

"""Who notices an incident first and when, and what its first report sets going."""

import numpy as np
import pytest
from scipy import stats

from sim import codes, rows
from sim.codes import ASSIGNED, HOTLINE, NONE, OPEN, PATROL, SENSOR, UNSEEN
from sim.draws import OF_BACKGROUND, OF_FALSE_ALARM, OF_INCIDENT
from sim.rules.sensing import accept, appear, first_notice, repeated_at
from sim.units import DAY, HOUR, MINUTE, NEVER
from sim.world import world_handle
from tests.conftest import MONDAY_9, changed, incident_row, with_lever, with_mechanism

MEANS = {"resident_mean": 2 * HOUR, "patrol_mean": HOUR, "sensor_mean": 10 * MINUTE}


@pytest.fixture(scope="module")
def world(plain):
    return changed(plain, sensor_share=1.0, **MEANS)


def notice(world, **columns):
    inc = incident_row(**{"occurred": MONDAY_9, "channel": NONE} | columns)
    return first_notice(world_handle(world), inc), int(inc[rows.I_CHANNEL])


# Grid workers are out from 08:30 to 12:00 and from 14:00 to 18:30.
@pytest.mark.parametrize(
    ("base", "occurred", "tick"),
    [
        (ASSIGNED, MONDAY_9, MONDAY_9),
        (SENSOR, MONDAY_9, MONDAY_9),
        (HOTLINE, MONDAY_9, 11 * HOUR),
        (HOTLINE, 23 * HOUR, 25 * HOUR),
        (PATROL, MONDAY_9, 10 * HOUR),
        (PATROL, 11 * HOUR + 30 * MINUTE, 14 * HOUR + 30 * MINUTE),
        (PATROL, 20 * HOUR, DAY + 9 * HOUR + 30 * MINUTE),
    ],
)
def test_without_sensors_the_base_channel_notices(world, base, occurred, tick):
    assert notice(world, base=base, occurred=occurred) == (tick, base)


@pytest.mark.parametrize("base", [HOTLINE, PATROL])
def test_a_sensor_that_is_earlier_wins(world, base):
    world = with_lever(world, sensing=1.0)
    assert notice(world, base=base) == (MONDAY_9 + 10 * MINUTE, SENSOR)
    slow = changed(world, sensor_mean=3 * HOUR)
    assert notice(slow, base=base)[1] == base


@pytest.mark.parametrize("base", [HOTLINE, ASSIGNED])
def test_a_sensor_that_is_not_earlier_loses(world, base):
    """A tie goes to the base channel; what is assigned is known at once."""
    world = changed(with_lever(world, sensing=1.0), sensor_mean=2 * HOUR)
    assert notice(world, base=base)[1] == base


@pytest.mark.parametrize(("sensing", "share"), [(1.0, 0.0), (0.0, 1.0)])
def test_no_sensor_notices_where_none_is_or_none_reaches(world, sensing, share):
    world = changed(with_lever(world, sensing=sensing), sensor_share=share)
    assert notice(world, base=HOTLINE) == (11 * HOUR, HOTLINE)


def test_sensors_notice_their_share_of_those_in_place(world):
    """0.6 x 0.5 of 2000: within 4 standard deviations, one failure in 16,000."""
    world = world_handle(changed(with_lever(world, sensing=0.6), sensor_share=0.5))
    by_sensor = 0
    for key in range(2000):
        inc = incident_row(key=key, occurred=MONDAY_9)
        first_notice(world, inc)
        by_sensor += inc[rows.I_CHANNEL] == SENSOR
    assert abs(by_sensor - 600) < 4 * np.sqrt(2000 * 0.3 * 0.7)


def test_more_sensors_never_make_a_notice_later(siloed):
    base = siloed._bare_world(siloed.policy)
    few, many = (world_handle(with_lever(base, sensing=s)) for s in (0.3, 0.9))
    earlier = 0
    for key in range(500):
        columns = {"key": key, "kind": 2, "occurred": 7 * key, "base": (PATROL, HOTLINE)[key % 2]}
        a, b = (first_notice(w, incident_row(**columns)) for w in (few, many))
        assert b <= a
        earlier += b < a
    assert earlier > 0


def test_patrol_runs_on_open_time_of_the_grid(siloed):
    """Open time until the notice is exponential: Kolmogorov-Smirnov at 1e-4."""
    world = changed(siloed._bare_world(siloed.policy), seed=np.uint64(3), patrol_mean=5 * HOUR)
    w, cal = world_handle(with_lever(world, sensing=0.0)), siloed.calendar
    opening = siloed.calendar_names.openings.index("grid")
    inside, found = [], []
    for key in range(600):
        tick = first_notice(w, incident_row(key=key, base=PATROL, occurred=0))
        first, last = cal.seg_first[opening, 0], cal.seg_first[opening, -1]
        begin, end = cal.seg_start[first:last], cal.seg_end[first:last]
        inside.append(((begin < tick) & (tick <= end)).any())
        found.append(np.clip(tick - begin, 0, end - begin).sum() / (5 * HOUR))
    assert all(inside)
    assert stats.kstest(found, "expon").pvalue > 1e-4


@pytest.mark.parametrize(("sensing", "tick"), [(1.0, MONDAY_9), (0.0, NEVER)])
def test_a_false_alarm_comes_at_once_where_its_sensor_is_and_never_elsewhere(world, sensing, tick):
    world = with_lever(world, sensing=sensing)
    assert notice(world, entity=OF_FALSE_ALARM, base=SENSOR) == (tick, SENSOR)


def test_a_background_task_is_assigned_at_once(world):
    found = notice(with_lever(world, sensing=1.0), entity=OF_BACKGROUND, base=HOTLINE)
    assert found == (MONDAY_9, ASSIGNED)


# --- the first report -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "value", "limit"),
    [
        (codes.CLOCK_HOURS, 30 * HOUR, 40 * HOUR),
        (codes.WORKING_HOURS, 4 * HOUR, 15 * HOUR),  # 10:00 to 12:30 and 13:30 to 15:00
        (codes.WORKING_DAYS, 1, DAY + 18 * HOUR),
        (codes.CLOCK_HOURS, 2**62, NEVER),
    ],
)
@pytest.mark.parametrize("grade", range(4))
def test_accepting_opens_the_incident_and_sets_the_limit_of_its_grade(
    plain, unit, value, limit, grade
):
    others = np.arange(4) != grade
    limits = np.where(others, 1, value), np.where(others, codes.CLOCK_HOURS, unit)
    world = changed(plain, limit_value=limits[0][None] * np.ones((4, 1)), limit_unit=limits[1])
    inc = incident_row(state=UNSEEN, reports=0, occurred=MONDAY_9, severity=grade, noticed=NEVER)
    accept(world_handle(world), inc, 10 * HOUR)
    found = inc[[rows.I_STATE, rows.I_NOTICED, rows.I_REPORTS, rows.I_ACCOUNT, rows.I_LIMIT]]
    assert found.tolist() == [OPEN, 10 * HOUR, 1, HOUR, limit]


def test_gaps_between_reports_are_drawn_report_by_report(siloed):
    world = siloed._bare_world(siloed.policy)._replace(seed=np.uint64(8))
    w = world_handle(with_mechanism(world, waking=0.0))
    gaps = [repeated_at(w, incident_row(kind=1), report, HOUR) - HOUR for report in range(1, 400)]
    assert len(set(gaps)) > 390
    mean = siloed.catalogue.duplicate_gap[1]
    assert stats.kstest(np.array(gaps) / mean, "expon").pvalue > 1e-4
    assert repeated_at(w, incident_row(kind=1), 7, 0) == gaps[6]


# --- coming into being ------------------------------------------------------------------------


@pytest.mark.parametrize("entity", [OF_INCIDENT, OF_FALSE_ALARM, OF_BACKGROUND])
def test_a_slot_that_was_used_before_holds_only_the_new_incident(entity):
    arrival = np.arange(100, 100 + rows.I_GIVEN + 1)
    arrival[rows.I_ENTITY] = entity
    inc = np.full(rows.INCIDENT_WIDTH, 999)
    appear(inc, arrival)
    given = rows.I_GIVEN
    np.testing.assert_array_equal(inc[:given], arrival[:given])
    never = [rows.I_NOTICED, rows.I_LIMIT, rows.I_DUE, rows.I_FIRST, rows.I_SOLVED]
    assert set(inc[never]) == {NEVER}
    first = inc[[rows.I_STATE, rows.I_CLASS, rows.I_CHANNEL]]
    assert first.tolist() == [UNSEEN, codes.ORDINARY, NONE]
    background = entity == OF_BACKGROUND
    assert inc[rows.I_GIVEN] == (NONE if background else arrival[given])
    assert inc[rows.I_LEAD_DESK] == (arrival[given] if background else NONE)
    rest = np.ones(rows.INCIDENT_WIDTH, bool)
    rest[: given + 1] = rest[[*never, rows.I_STATE, rows.I_CLASS, rows.I_CHANNEL]] = False
    assert (inc[rows.I_SATISFIED], inc[rows.I_FIRST_TIER]) == (NONE, arrival[rows.I_TIER])
    rest[[rows.I_LEAD_DESK, rows.I_GRADE, rows.I_SATISFIED, rows.I_FIRST_TIER]] = False
    assert not inc[rest].any()

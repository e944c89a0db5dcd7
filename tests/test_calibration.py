"""Measures against hand-made tables of incidents, and verdicts."""

import numpy as np
import pytest

from analysis.calibration import (
    EDGE,
    INSIDE,
    MEASURES,
    MISSING,
    OUTSIDE,
    Sample,
    fall,
    verdict,
)
from sim.codes import (
    ASLEEP,
    DISTRICT,
    GRID,
    HOTLINE,
    OPEN,
    PATROL,
    SOLVED,
    TOWNSHIP,
    UNSEEN,
    WEEKEND,
    WORKDAY,
)
from sim.records import INCIDENT_COLUMNS, empty
from sim.units import DAY, HOUR, NEVER

WEEK = 7 * DAY
END = 4 * WEEK


def sample(n, window=(WEEK, 2 * WEEK), whole=True, season=(1.0,), residents=1000.0, **columns):
    """n incidents that occur, are noticed, closed and solved as the window opens, unless columns
    say otherwise."""
    table = empty(INCIDENT_COLUMNS, n)
    given = dict.fromkeys(("occurred", "noticed", "first_closed", "solved"), window[0])
    given |= {"limit": NEVER, "state": SOLVED, "reports": 1, "channel": HOTLINE} | columns
    for name, values in given.items():
        table[name][:] = values
    days = np.arange(28)
    day_type = np.where(days % 7 < 5, WORKDAY, WEEKEND)
    return Sample(
        table, window, END, WEEK, days % 7, day_type, np.array(season), residents, 2, 7, whole
    )


def value(name, given):
    return MEASURES[name](given)


# --- volume -----------------------------------------------------------------------------------


def test_volumes_are_of_the_noticed_freed_of_the_season():
    given = sample(5, season=(0.5, 2.0), kind=[0, 0, 1, 1, 1], noticed=[WEEK] * 4 + [NEVER])
    events = 2 / 0.5 + 2 / 2.0  # the last one was never noticed
    assert value("events_per_day", given) == pytest.approx(events / 7)
    assert value("events_per_township_day", given) == pytest.approx(events / 7 / 2)
    assert value("events_per_grid_week", given) == pytest.approx(events / 7)
    assert value("events_per_thousand_residents", given) == pytest.approx(events / 7 * 365.25)


@pytest.mark.parametrize("name", [n for n in MEASURES if n.startswith("events_per")])
def test_volumes_are_of_the_whole_city_only(name):
    assert value(name, sample(5, whole=False)) is None


def test_the_day_factor_is_what_counting_alone_does_not_bring():
    counts = np.array([[90, 110, 130, 70, 100, 500, 500], [9, 11, 13, 7, 10, 0, 0]])
    days = np.concatenate([np.repeat(np.arange(7), row) for row in counts])
    district = np.repeat([0, 1], counts.sum(axis=1))
    given = sample(days.size, occurred=WEEK + days * DAY + 5, district=district)
    squared = [(500 - 100) / 100**2, (5 - 10) / 10**2]  # of the five working days
    expected = np.sqrt((100 * squared[0] + 10 * squared[1]) / 110)
    assert value("day_cv", given) == pytest.approx(expected)


def test_days_that_vary_less_than_by_counting_have_no_factor():
    given = sample(50, occurred=WEEK + np.arange(50) % 5 * DAY)
    assert value("day_cv", given) == 0.0


@pytest.mark.parametrize("given", [sample(0), sample(9, window=(WEEK, WEEK + DAY))])
def test_a_day_factor_needs_incidents_and_two_working_days(given):
    assert value("day_cv", given) is None


# --- reports ----------------------------------------------------------------------------------


def test_channels_are_of_the_noticed():
    given = sample(4, channel=[HOTLINE, PATROL, PATROL, -1], noticed=[WEEK] * 3 + [NEVER])
    assert value("hotline_share", given) == pytest.approx(1 / 3)
    assert value("patrol_share", given) == pytest.approx(2 / 3)


def test_hours_and_days_are_those_at_which_residents_report():
    hours = np.array([9, 11.99, 12, 3, 6, 0])
    noticed = (WEEK + np.array([0, 4, 4, 5, 6, 13]) * DAY + hours * HOUR).astype(np.int64)
    channel = [HOTLINE] * 5 + [PATROL]
    given = sample(6, noticed=noticed, channel=channel)
    assert value("morning_share", given) == pytest.approx(2 / 5)
    assert value("night_share", given) == pytest.approx(1 / 5)
    assert value("friday_share", given) == pytest.approx(2 / 5)
    assert value("weekend_share", given) == pytest.approx(2 / 5)
    part = sample(6, window=(WEEK, WEEK + 6 * DAY), noticed=noticed, channel=channel)
    assert value("weekend_share", part) is None


def test_a_return_from_a_false_closing_is_no_duplicate():
    given = sample(
        4,
        reports=[3, 2, 1, 0],  # two duplicates; a return; asleep, not back yet; unseen
        false_closings=[0, 1, 1, 0],
        state=[SOLVED, SOLVED, ASLEEP, UNSEEN],
        noticed=[WEEK] * 3 + [NEVER],
    )
    assert value("duplicate_share", given) == pytest.approx(2 / 5)


# --- routing and outcomes ---------------------------------------------------------------------


def test_routing_is_of_the_noticed():
    columns = {"wrong_desks": [2, 0, 0], "returns": [1, 3, 0], "handovers": [4, 2, 9]}
    given = sample(3, noticed=[WEEK, WEEK, NEVER], **columns)
    assert value("wrong_dispatch_share", given) == 0.5
    assert value("returned_share", given) == 1.0
    assert value("handovers", given) == 3.0


def test_what_is_closed_below_the_district_is_of_the_solved():
    tier = [GRID, TOWNSHIP, DISTRICT, GRID]
    given = sample(4, tier=tier, solved=[WEEK] * 3 + [NEVER], state=[SOLVED] * 3 + [OPEN])
    assert value("below_district_share", given) == pytest.approx(2 / 3)
    assert value("below_district_share", given.only(tier=GRID)) == 1.0


def test_closed_on_time_and_solved_are_apart():
    given = sample(
        4,
        first_closed=[WEEK + 5, WEEK + 6, WEEK + 5, NEVER],
        limit=WEEK + 5,
        false_closings=[1, 0, 0, 0],
    )
    assert value("on_time_share", given) == 0.5
    assert value("solved_at_first_closing", given) == pytest.approx(2 / 3)


# --- times ------------------------------------------------------------------------------------


def test_means_count_no_more_than_the_restriction():
    given = sample(
        2, noticed=[WEEK + HOUR, NEVER], solved=[WEEK + 3 * HOUR, NEVER], first_closed=WEEK + HOUR
    )
    assert value("sensing_hours", given) == (1 + 168) / 2
    assert value("closure_hours", given) == (3 + 168) / 2
    assert value("closing_hours", given) == 0.0


def test_judging_is_all_that_stands_before_signing():
    given = sample(
        2, register_waiting=HOUR, judge_working=2 * HOUR, dispatch_release=[3 * HOUR, NEVER],
        sign_waiting=HOUR, noticed=[WEEK, NEVER],
    )  # fmt: skip
    assert value("judging_hours", given) == 6.0


def test_quantiles_take_the_open_ones_along():
    closed = WEEK + np.arange(1, 11) * HOUR
    closed[8:] = NEVER
    given = sample(10, first_closed=closed)
    assert value("closing_p50", given) == pytest.approx(5.0, rel=1e-3)
    assert value("closing_p75", given) == pytest.approx(8.0, rel=1e-3)
    assert value("closing_p90", given) is None


@pytest.mark.parametrize("name", [n for n in MEASURES if not n.startswith("events_per")])
def test_nothing_is_said_of_nothing(name):
    assert value(name, sample(0)) is None


def test_a_part_of_the_cohort_has_all_of_the_codes_asked_for():
    given = sample(4, kind=[0, 1, 1, 0], channel=[PATROL, PATROL, HOTLINE, HOTLINE])
    part = given.only(kind=1, channel=PATROL)
    assert part.incidents["kind"].tolist() == [1]
    assert (part.end, part.residents) == (given.end, given.residents)


# --- verdicts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "simulated", "expected"),
    [
        ((2, 4), (3, 2.5, 3.5), INSIDE),
        ((2, 4), (3, 2, 4), INSIDE),
        ((2, 4), (3, 1, 3.5), EDGE),
        ((2, 4), (1.5, 0.9, 2.1), EDGE),
        ((2, 4), (3, 1, 5), EDGE),
        ((2, 4), (1, 0.5, 1.5), OUTSIDE),
        ((2, 4), (5, 4.5, 5.5), OUTSIDE),
        ((3, 3), (3.2, 2.9, 3.5), INSIDE),
        ((3, 3), (3.2, 3.1, 3.3), OUTSIDE),
        ((2, 4), (3, None, None), INSIDE),
        ((2, 4), (5, None, None), OUTSIDE),
        ((2, 4), (None, None, None), MISSING),
    ],
)
def test_a_verdict_is_how_the_interval_lies_to_what_is_known(known, simulated, expected):
    assert verdict(*known, simulated) == expected


def test_a_fall_is_a_share_of_what_was_before():
    assert fall(10.0, 2.0) == 0.8
    assert fall(2.0, 3.0) == -0.5
    assert fall(0.0, 1.0) is fall(None, 1.0) is fall(1.0, None) is None

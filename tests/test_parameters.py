"""Parameters: one world, one policy, one horizon, and seats that cost every policy the same."""

import datetime
import warnings

import numpy as np
import pytest

from scenarios.load import load, load_policies
from scenarios.parameters import check_stream
from sim import codes
from sim.codes import CITY, COMMAND, DEPARTMENT, DISTRICT, GRID, HOTLINE_DESK, POOL
from sim.compiled import clock
from sim.draws import OF_BACKGROUND
from sim.errors import InputError
from sim.levers import LINES, MECHANISMS
from sim.records import VISIT_COLUMNS
from sim.rows import I_DISTRICT, I_ENTITY
from sim.stream import generate
from sim.units import DAY, HOUR
from tests.conftest import TINY, find_desk

ALONE = ("city.district=B", "mechanism.background_minutes=5")


@pytest.fixture(scope="module")
def policies():
    return load_policies([*TINY, "policies=[siloed,integrated,paper]"])


def test_what_is_recorded_changes_nothing_else(siloed):
    _ = siloed.world
    other = siloed.recording("visits")
    assert (other.settings.record, siloed.settings.record) == ("visits", "incidents")
    assert other.world is siloed.world
    assert other.city is siloed.city


# --- horizon and world ------------------------------------------------------------------------


def test_the_horizon_is_warm_up_cohort_and_follow_up(siloed):
    assert siloed.start == datetime.date(2024, 10, 14)
    assert siloed.n_days == 3 + 4 + 7
    assert siloed.end == 14 * DAY
    assert siloed.window == (3 * DAY, 7 * DAY)
    assert siloed.calendar.day_type.size > siloed.n_days


@pytest.mark.parametrize("text", ["2024-13-01", "14.10.2024", "monday"])
def test_a_start_that_is_no_date_is_refused(text):
    with pytest.raises(InputError) as error:
        _ = load([*TINY, f"horizon.start={text}"]).start
    assert str(error.value) == f"horizon.start: '{text}'; allowed: a date YYYY-MM-DD"


def test_a_horizon_that_rows_have_no_room_for_is_refused():
    longest = [f"horizon.{part}_days=4000" for part in ("warmup", "cohort", "followup")]
    assert load([*TINY, *longest]).n_days == 12_000
    with pytest.raises(InputError, match=r"^horizon: 13,000 days in all; allowed: .* of 12,427 "):
        _ = load([*TINY, *longest, "horizon.followup_days=5000"]).end


def test_rates_of_a_year_do_not_depend_on_the_horizon(siloed):
    longer = load([*TINY, "horizon.cohort_days=60"])
    for name, values in siloed.city_rates._asdict().items():
        np.testing.assert_array_equal(getattr(longer.city_rates, name), values)


def test_a_trace_needs_a_file():
    with pytest.raises(InputError, match=r"stream\.path: no value is given; stream=trace needs"):
        _ = load([*TINY, "stream=trace"]).trace


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["stream.per_resident=0"], r"stream\.per_resident: 0\.0; .* allowed: above 0"),
        (["stream.per_day=0"], r"stream\.per_day: 0\.0; .* allowed: above 0"),
        (["stream.volume=0"], r"stream\.volume: 0\.0; .* allowed: above 0"),
        (["stream.volume=0", "stream.per_day=9"], r"stream\.volume: 0\.0; .* allowed: above 0"),
    ],
)
def test_a_stream_without_incidents_is_refused(siloed, overrides, message):
    check_stream(siloed)
    with pytest.raises(InputError, match=message):
        check_stream(load([*TINY, *overrides]))


STORM = "stream.storms=[{from: 2024-10-14 02:00, hours: 3, factor: 50}]"


@pytest.mark.parametrize("override", ["stream.volume=3", STORM])
def test_staff_is_planned_for_ordinary_days_at_the_planned_volume(siloed, override):
    other = load([*TINY, override])
    np.testing.assert_array_equal(other.seats, siloed.seats)
    assert other.paid_hours == siloed.paid_hours
    many = [
        sum(len(part) for _, part in generate(np.uint64(1), p.rates, p.calendar, 3))
        for p in (siloed, other)
    ]
    assert many[1] > 2 * many[0]


def test_the_volume_multiplies_what_occurs_and_the_background(siloed):
    alone, triple = (load([*TINY, *ALONE, f"stream.volume={n}"]).rates for n in (1, 3))
    np.testing.assert_allclose(triple.daily, 3 * alone.daily)
    np.testing.assert_allclose(triple.background_daily, 3 * alone.background_daily)


def test_the_world_has_the_seats_and_the_policys_arrays(siloed):
    world = siloed.world
    np.testing.assert_array_equal(world.seats, siloed.seats)
    np.testing.assert_array_equal(world.lever[0], siloed.policy.lever)
    assert (world.regime == 0).all()
    assert world.availability.tolist() == [0.7, 0.5, 0.3, 0.1]


# --- staff ------------------------------------------------------------------------------------


def test_every_policy_has_the_same_paid_hours_within_one_seat(policies):
    totals = {}
    for name, p in policies.items():
        above = p.layout.tier != GRID
        seats = p.seats[p.slots.desk, p.slots.shift]
        assert (seats * p.slots.paid).sum() == pytest.approx(p.paid_by_desk[above].sum())
        totals[name] = p.paid_by_desk[above].sum()
        assert p.paid_hours - p.slots.paid.max() < totals[name] <= p.paid_hours * (1 + 1e-9)
    assert len({p.paid_hours for p in policies.values()}) == 1
    assert max(totals.values()) - min(totals.values()) < 5 * 40 / 3 + 1e-6


def test_siblings_have_what_they_would_have_alone(policies, integrated):
    sibling = policies["integrated"]
    assert sibling.paid_hours == integrated.paid_hours
    np.testing.assert_array_equal(sibling.seats, integrated.seats)
    np.testing.assert_array_equal(sibling.load.weekly, integrated.load.weekly)


def test_grids_have_the_same_seats_and_hours_under_every_policy(policies):
    p = policies["siloed"]
    grid = p.layout.tier == GRID
    for other in policies.values():
        np.testing.assert_array_equal(other.seats[grid], p.seats[grid])
        np.testing.assert_array_equal(other.paid_by_desk[grid], p.paid_by_desk[grid])
    assert (p.seats[grid, 0] >= 1).all()
    hours = 56.0  # eight hours a day, seven days
    np.testing.assert_array_equal(p.paid_by_desk[grid], p.seats[grid, 0] * hours)


def test_a_changed_lever_changes_seats_but_not_the_total(siloed):
    other = load([*TINY, "policy.levers.direct=0.9"])
    assert other.paid_hours == siloed.paid_hours
    assert (other.seats != siloed.seats).any()


@pytest.mark.parametrize(("target", "more"), [(0.5, True), (0.95, False)])
def test_a_lower_target_pays_for_more_hours(siloed, target, more):
    other = load([*TINY, f"staff.target_utilisation={target}"])
    assert (other.paid_hours > siloed.paid_hours) == more
    assert other.paid_hours != siloed.paid_hours


def test_every_desk_that_work_can_come_to_has_a_seat(policies):
    for p in policies.values():
        assert (p.seats[p.policy.used].sum(axis=1) > 0).all()
        assert not p.seats[~p.policy.used].any()


def test_fixed_seats_are_those_of_the_siloed_policy(siloed):
    fixed = load([*TINY, "staff.place=fixed", "policy.levers.merging=0.5"])
    np.testing.assert_array_equal(fixed.seats, siloed.seats)
    np.testing.assert_allclose(fixed.paid_by_desk, siloed.paid_by_desk)


@pytest.mark.filterwarnings("ignore:policy 'integrated'")
def test_fixed_seats_give_a_desk_that_only_the_policy_opens_one_seat():
    p = load([*TINY, "policy=integrated", "staff.place=fixed"])
    new = p.policy.used & ~load([*TINY, "policy=siloed"]).policy.used
    assert new.any()
    assert (p.seats[new].max(axis=1) == 1).all()


def test_fixed_staff_keeps_its_hours_where_the_policy_opens_round_the_clock():
    p = load([*TINY, "staff.place=fixed", "policy.opening.district.command=duty"])
    desk = find_desk(p.layout, DISTRICT, COMMAND)
    assert p.calendar_names.openings[p.world.desk_opening[desk]] == "office"
    assert p.seats[desk].tolist() == [p.seats[desk, 0], 0, 0]
    assert p.seats[desk, 0] > 0


SEATS = ("city: {hotline: [2, 2, 1], dispatch: 1, callback: 3, command: 1, department: 2}, "
         "district: {command: 1, department: 2}, township: {command: 1, board: 1}, "
         "grid: {grid: 1}")  # fmt: skip


def test_stated_seats_are_paid_for_their_hours():
    """Call-back is open 40 hours a week; the hotline round the clock, by five people a seat."""
    p = load([*TINY, "staff.place=stated", f"+staff.seats={{{SEATS}}}"])
    layout, paid = p.layout, p.paid_by_desk
    assert p.seats[find_desk(layout, CITY, HOTLINE_DESK)].tolist() == [2, 2, 1]
    assert paid[find_desk(layout, CITY, codes.CALLBACK)] == 3 * 40
    assert paid[find_desk(layout, CITY, HOTLINE_DESK)] == pytest.approx(5 * 5 * 40 / 3)
    assert (p.seats[p.policy.used].sum(axis=1) > 0).all()


def test_a_desk_without_stated_seats_that_work_can_come_to_is_refused():
    seats = SEATS.replace("township: {command: 1, board: 1}", "township: {command: 1}")
    p = load([*TINY, "staff.place=stated", f"+staff.seats={{{seats}}}"])
    with pytest.raises(InputError) as error:
        _ = p.seats
    assert str(error.value).startswith("staff: 16 desks have no seat, but policy 'siloed' can ")


def test_a_desk_with_more_work_than_seats_is_told_of():
    over = [*TINY, "policy.opening.city.hotline=office", "staff.target_utilisation=1",
            "policy.levers.refusal=1", "policy.levers.return_limit=9"]  # fmt: skip
    with pytest.warns(UserWarning, match=r"policy 'siloed': \d+ desks are offered more work"):
        _ = load(over).seats


def test_a_city_with_enough_seats_is_told_nothing(siloed):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        siloed._warn(siloed.seats)


def test_open_time_is_seats_times_opening_within_the_window(siloed):
    """The cohort runs from Thursday to Sunday: two office days, four days of duty."""
    layout, seats = siloed.layout, siloed.seats
    office = find_desk(layout, CITY, DEPARTMENT, 0)
    assert siloed.open_ticks[office] == seats[office, 0] * 2 * 8 * HOUR
    duty = find_desk(layout, CITY, HOTLINE_DESK)
    assert siloed.open_ticks[duty] == seats[duty].sum() * 4 * 8 * HOUR
    grid = find_desk(layout, GRID, codes.GRID_DESK, 0, 5)
    assert siloed.open_ticks[grid] == seats[grid, 0] * 4 * 8 * HOUR


# --- variants ---------------------------------------------------------------------------------


def test_at_another_volume_more_occurs_and_everything_else_is_shared(siloed):
    other = siloed.at_volume(2.5)
    np.testing.assert_allclose(other.rates.daily, 2.5 * siloed.rates.daily)
    assert other.settings.stream.volume == 2.5
    assert siloed.settings.stream.volume == 1.0
    for name in ("city", "catalogue", "load", "seats", "world", "open_ticks", "paid_by_desk"):
        assert getattr(other, name) is getattr(siloed, name), name
    np.testing.assert_array_equal(other.seats, load([*TINY, "stream.volume=2.5"]).seats)


def test_average_weeks_leave_the_load_that_staff_is_planned_for(siloed):
    weeks = siloed.in_average_weeks()
    assert (weeks.rates.season == 1).all()
    assert (weeks.rates.city_factor == 1).all()
    assert weeks.seats is siloed.seats
    assert weeks.load is siloed.load
    volume = weeks.at_volume(2.0)
    assert (volume.rates.city_factor == 1).all()
    np.testing.assert_allclose(volume.rates.daily, 2 * siloed.rates.daily)


def test_seats_that_never_run_out_are_in_the_world_and_not_on_the_payroll(siloed):
    ample = siloed.unlimited()
    assert (ample.world.seats >= 10**6).all()
    np.testing.assert_array_equal(ample.paid_by_desk, siloed.paid_by_desk)
    assert (siloed.world.seats < 10**6).all()
    assert (ample.at_volume(2.0).world.seats >= 10**6).all()


def test_lines_that_never_run_out_hold_any_number_of_callers():
    few = load([*TINY, "mechanism.hotline.lines=3"])
    assert MECHANISMS[LINES] == "lines"
    assert few.unlimited().world.mechanism[LINES] == 0
    changed = few.unlimited().world.mechanism != few.world.mechanism
    assert np.flatnonzero(changed).tolist() == [LINES]


def test_a_district_keeps_its_background_in_proportion_to_the_volume():
    alone = load([*TINY, *ALONE])
    louder = alone.at_volume(3.0).rates
    np.testing.assert_allclose(louder.background_daily, 3 * alone.rates.background_daily)
    np.testing.assert_allclose(louder.daily, 3 * alone.rates.daily)


def test_open_hours_are_those_of_an_ordinary_week(siloed):
    layout, hours = siloed.layout, siloed.open_hours
    office, duty = find_desk(layout, CITY, DEPARTMENT, 0), find_desk(layout, CITY, HOTLINE_DESK)
    assert hours[office] == 40 * siloed.seats[office, 0]
    assert hours[duty] == 56 * siloed.seats[duty].sum()
    used = siloed.staffed_slots
    np.testing.assert_allclose(
        hours[layout.tier != GRID].sum(), (siloed.seats[used.desk, used.shift] * used.hours).sum()
    )


# --- one district -----------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["siloed", "integrated"])
def alone(request):
    return load([*TINY, f"policy={request.param}", *ALONE])


@pytest.mark.parametrize("name", ["B", "Baiyun", "白云县", "'白云县'"])
def test_a_district_is_found_by_code_or_name(name):
    assert load([*TINY, f"city.district={name}"]).district == 1


def test_a_district_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="Baiyum"):
        _ = load([*TINY, "city.district=Baiyum"]).district


def test_only_its_own_incidents_occur_in_a_district_alone(alone, siloed):
    chunks = list(generate(np.uint64(1), alone.rates, alone.calendar, 3))
    whole = list(generate(np.uint64(1), siloed.rates, siloed.calendar, 3))
    for (_, some), (_, every) in zip(chunks, whole):
        own = some[some[:, I_ENTITY] != OF_BACKGROUND]
        np.testing.assert_array_equal(own, every[every[:, I_DISTRICT] == 1])
        assert len(some) > len(own)


def test_staff_is_that_of_the_whole_city(alone, siloed, integrated):
    whole = siloed if alone.policy.name == "siloed" else integrated
    np.testing.assert_array_equal(alone.city_rates.daily, whole.city_rates.daily)
    for desk in range(int(alone.layout.tier_width[CITY])):
        assert alone.slots.desk.tolist() == whole.slots.desk.tolist()
        assert (alone.seats[desk] > 0).tolist() == (whole.seats[desk] > 0).tolist()


def background_hours(p, times=200):
    """Hours a week that background tasks take each city desk, from so many times their number."""
    rates = p.rates
    none = np.zeros_like(rates.daily)
    many = rates._replace(daily=none, background_daily=times * rates.background_daily)
    world = p.world._replace(seats=np.full_like(p.world.seats, 10**6), seed=np.uint64(3))
    chunks = generate(world.seed, many, p.calendar, 7)
    parts = list(clock.run(world, chunks, 14 * DAY, (0, 14 * DAY), keep_visits=True))
    visits = np.concatenate([part.visits for part in parts[:-1]])
    names = list(VISIT_COLUMNS)
    desk, worked = visits[:, names.index("desk")], visits[:, names.index("worked")]
    width = int(p.layout.tier_width[CITY])
    assert desk.max() < width
    n = np.bincount(desk, minlength=width)
    return np.bincount(desk, worked, minlength=width) / HOUR / times, n


def compare(p, desks):
    """Background hours of these city desks against the other district's share.

    A sum of a Poisson number n of exponentials has a relative error of sqrt(2 / n): within 4.5
    of them for each of a dozen desks, one failure in 10,000."""
    found, n = background_hours(p)
    others = p.load.own[0]
    np.testing.assert_array_equal(n > 0, others > 0)
    for desk in desks:
        assert found[desk] == pytest.approx(others[desk], rel=4.5 * np.sqrt(2 / n[desk])), desk


def test_background_takes_city_desks_the_other_districts_hours(alone):
    pool = find_desk(alone.layout, CITY, POOL)
    desks = [d for d in np.flatnonzero(alone.load.own[0]) if d != pool]
    assert len(desks) >= 5
    compare(alone, desks)


def test_background_takes_the_citys_pool_the_other_districts_hours():
    p = load([*TINY, "policy=integrated", "mechanism.work.generalist=0.5", *ALONE])
    compare(p, [find_desk(p.layout, CITY, POOL)])


@pytest.mark.parametrize("share", [0.0, 2.5])
def test_the_share_of_the_background_is_a_setting(share):
    one = load([*TINY, *ALONE]).rates
    other = load([*TINY, *ALONE, f"city.background_share={share}"]).rates
    np.testing.assert_allclose(other.background_daily.sum(), share * one.background_daily.sum())
    np.testing.assert_array_equal(other.background_desk, one.background_desk[: 99 * (share > 0)])

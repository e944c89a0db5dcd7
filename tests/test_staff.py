"""From a pilot's work to seats: loads are what comes, slots cost what they cost."""

import dataclasses

import numpy as np
import pytest

from scenarios import staff
from scenarios.load import load
from scenarios.schema import AbsenceSettings
from sim.catalogue import PAPERWORK
from sim.codes import (
    CALLBACK,
    CITY,
    COMMAND,
    DEPARTMENT,
    DISTRICT,
    GRID,
    GRID_DESK,
    HOTLINE_DESK,
    TIERS,
    TOWNSHIP,
)
from sim.draws import OF_CONSULTATION, OF_TRIVIAL
from sim.errors import InputError
from sim.outcome import visit_columns
from sim.records import VISIT_COLUMNS
from sim.stream import pack_key, stated_numbers, unpack_key
from sim.units import DAY, HOUR
from tests.conftest import TINY, find_desk, with_mechanism


def hours_by_tier(layout, weekly):
    return np.bincount(layout.tier, weekly.sum(axis=1), minlength=4)


# --- slots ------------------------------------------------------------------------------------


def test_every_shift_of_every_used_desk_above_the_grid_is_a_slot_once(siloed):
    slots, names = siloed.slots, siloed.calendar_names
    pairs = list(zip(slots.desk.tolist(), slots.shift.tolist()))
    expected = [
        (desk, shift)
        for desk in np.flatnonzero(siloed.policy.used & (siloed.layout.tier != GRID)).tolist()
        for shift in range(names.n_shifts[siloed.policy.opening[desk]])
    ]
    assert pairs == expected


@pytest.mark.parametrize(
    ("group", "shifts", "hours", "paid"),
    [
        (CALLBACK, 1, 40.0, 40.0),  # office: five days of eight hours
        (HOTLINE_DESK, 3, 56.0, 5 * 40 / 3),  # duty: five people share the three shifts
    ],
)
def test_a_seat_costs_its_hours_and_round_the_clock_its_five_people(
    siloed, group, shifts, hours, paid
):
    desk = find_desk(siloed.layout, CITY, group)
    here = siloed.slots.desk == desk
    assert here.sum() == shifts
    np.testing.assert_allclose(siloed.slots.hours[here], hours)
    np.testing.assert_allclose(siloed.slots.paid[here], paid)


def test_what_is_open_long_but_not_round_the_clock_has_no_premium(integrated):
    desk = find_desk(integrated.layout, TOWNSHIP, COMMAND, 0, 1)
    here = integrated.slots.desk == desk
    assert integrated.slots.paid[here].tolist() == [56.0, 56.0]  # two shifts, seven days


# --- the pilot and the load -------------------------------------------------------------------


@pytest.fixture(scope="module")
def pilot(siloed):
    """(visits, counts) of a pilot."""
    settings = siloed.settings.staff
    world = siloed._bare_world(siloed.policy)
    days = siloed.calendar.day_type.size
    return staff.pilot(world, siloed.city_rates, settings, days)


def test_a_pilot_has_about_as_many_incidents_as_asked_for_and_nobody_waits_for_a_seat(
    siloed, pilot
):
    visits, counts = pilot
    assert counts[0].sum() == pytest.approx(4000, rel=0.35)  # days vary by 0.29, of seven one
    opening = siloed.policy.opening[visits["desk"]]
    always = np.array([sum(h) == 168 for h in siloed.calendar_names.week_hours])[opening]
    np.testing.assert_array_equal(visits["joined"][always], visits["started"][always])
    seen = np.unique(unpack_key(visits["incident"].copy())[3])
    assert seen.tolist() == [0, 1, 2, 3]


def test_loads_of_equal_centres_stand_in_proportion_to_what_occurs_there(siloed):
    load, layout, city = siloed.load, siloed.layout, siloed.city
    weekly = load.weekly.sum(axis=1)
    for grid in range(city.n_grids):
        first = city.township_first_grid[city.grid_township[grid]]
        assert weekly[layout.tier_base[GRID] + grid] == weekly[layout.tier_base[GRID] + first]
    desks = [find_desk(layout, DISTRICT, COMMAND, 0, d) for d in range(2)]
    volume = siloed.city_rates.daily.sum(axis=1)
    assert weekly[desks[0]] / weekly[desks[1]] == pytest.approx(volume[0] / volume[1], rel=0.15)


def test_the_load_is_the_pilots_work_scaled_to_the_citys_volume(siloed, pilot):
    """Summed over a tier, work a kind x incidents of the kind a week, whatever the district."""
    visits, counts = pilot
    layout, rates = siloed.layout, siloed.city_rates
    entity, _, _, kind, _ = unpack_key(visits["incident"].copy())
    per_week = np.zeros(4)
    for k in range(4):
        for e in (1, 2):
            rows = (kind == k) & (entity == e)
            worked = np.bincount(
                layout.tier[visits["desk"][rows]], visits["worked"][rows] / HOUR, minlength=4
            )
            factor = rates.alarms[k] if e == 2 else 1.0
            weekly = 7 * rates.daily[:, k].sum() * factor
            per_week += worked * weekly / max(counts[e - 1, k], 1)
    np.testing.assert_allclose(hours_by_tier(layout, siloed.load.weekly), per_week, rtol=1e-9)


def test_what_districts_bring_to_the_city_adds_up_to_its_load(siloed):
    load, layout = siloed.load, siloed.layout
    width = int(layout.tier_width[CITY])
    np.testing.assert_allclose(load.own.sum(axis=0), load.weekly[:width].sum(axis=1), rtol=1e-9)
    volume = siloed.city_rates.daily.sum(axis=1)
    share = load.own.sum(axis=1) / load.own.sum()
    np.testing.assert_allclose(share, volume / volume.sum(), atol=0.1)


def test_a_load_by_hand(siloed):
    """One visit of each entity: an hour of an incident, half an hour of a false alarm, a quarter of
    a consultation and of a trivial event."""
    layout, rates = (
        siloed.layout,
        siloed.city_rates._replace(consultations=np.full(4, 1.5), trivial=np.array([0, 0, 3.0, 0])),
    )
    desk = find_desk(layout, CITY, CALLBACK)
    cells = (1, 2), (2, 2), (3, 0), (OF_CONSULTATION, 2), (OF_TRIVIAL, 2)  # entity, kind
    keys = [pack_key(entity, 9000, 0, kind, 0) for entity, kind in cells]
    table = np.zeros((5, len(VISIT_COLUMNS)), np.int64)
    names = list(VISIT_COLUMNS)
    table[:, names.index("incident")] = keys
    table[:, names.index("desk")] = desk
    table[:, names.index("started")] = 10 * HOUR
    table[:, names.index("worked")] = HOUR, HOUR // 2, 99 * HOUR, HOUR // 4, HOUR // 4
    counts = np.array([[0, 0, 4.0, 0], [0, 0, 2.0, 0], [0, 0, 5.0, 0], [0, 0, 5.0, 0]])
    load = staff.offered_load(
        siloed.policy, layout, siloed.world, rates, visit_columns(table), counts
    )
    fires = 7 * rates.daily[:, 2].sum()
    expected = fires * (1 / 4 + rates.alarms[2] * 0.5 / 2 + 1.5 * 0.25 / 5 + 3 * 0.25 / 5)
    assert load.weekly[desk].tolist() == [pytest.approx(expected), 0, 0]
    assert load.weekly.sum() == pytest.approx(expected)  # background counts nowhere


def test_work_counts_for_the_shift_in_which_it_was_begun(siloed):
    layout = siloed.layout
    desk = find_desk(layout, CITY, HOTLINE_DESK)
    table = np.zeros((4, len(VISIT_COLUMNS)), np.int64)
    names = list(VISIT_COLUMNS)
    table[:, names.index("incident")] = pack_key(1, 9000, 0, 2, 0)
    table[:, names.index("desk")] = desk
    table[:, names.index("started")] = [HOUR, 9 * HOUR, DAY + 10 * HOUR, 17 * HOUR]
    table[:, names.index("worked")] = HOUR
    load = staff.offered_load(
        siloed.policy, layout, siloed.world, siloed.city_rates, visit_columns(table),
        np.ones((4, 4)),
    )  # fmt: skip
    shares = load.weekly[desk] / load.weekly[desk].sum()
    np.testing.assert_allclose(shares, [0.25, 0.5, 0.25])


# --- placing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [0.6, 0.8, 0.95])
def test_utilisation_is_near_the_target_where_desks_are_large_and_never_above_it(siloed, target):
    """The siloed hours of fifty times the volume: rounding up to a seat no longer matters."""
    load = dataclasses.replace(siloed.load, weekly=50 * siloed.load.weekly)
    slots = siloed.slots
    total = staff.baseline_hours(load, slots, target)
    offered = load.weekly[slots.desk, slots.shift] / slots.hours
    needed = np.maximum(1, np.ceil(offered / target - 1e-9))
    assert total == pytest.approx((needed * slots.paid).sum())
    seats = staff.place(load, slots, total)[slots.desk, slots.shift]
    use = offered / seats
    assert use.max() < 1.0
    large = offered > 20
    assert large.sum() > 3
    whole = offered[large].sum() / seats[large].sum()
    assert target - 0.06 < whole < target + 0.06


def test_seats_are_placed_at_slots_and_nowhere_else(siloed):
    slots = siloed.slots
    total = 3 * (slots.paid).sum()
    seats = staff.place(siloed.load, slots, total)
    here = np.zeros(seats.shape, bool)
    here[slots.desk, slots.shift] = True
    assert (seats[here] >= 1).all()
    assert not seats[~here].any()
    spent = (seats[slots.desk, slots.shift] * slots.paid).sum()
    assert total - slots.paid.max() < spent <= total + 1e-6


def test_desks_that_are_offered_too_much_are_told_worst_first(siloed):
    slots = siloed.slots
    seats = np.zeros(siloed.load.weekly.shape, np.int32)
    seats[slots.desk, slots.shift] = 1
    weekly = np.zeros_like(siloed.load.weekly)
    open_hours = np.zeros(len(weekly))
    np.add.at(open_hours, slots.desk, slots.hours)
    a, b, c = np.unique(slots.desk)[:3]
    weekly[a, 0], weekly[b, 0], weekly[c, 0] = np.array([1.5, 3.0, 1.0]) * open_hours[[a, b, c]]
    found = staff.overloads(dataclasses.replace(siloed.load, weekly=weekly), slots, seats)
    assert [desk for desk, _, _ in found] == [b, a]
    assert found[0][1:] == (pytest.approx(3 * open_hours[b]), pytest.approx(open_hours[b]))


# --- stated -----------------------------------------------------------------------------------


@pytest.fixture
def stated(siloed):
    """Seats of every desk by shift, as a table states them for the siloed policy."""
    p = siloed
    return lambda table: staff.stated(table, p.layout, p.policy, p.calendar_names)


def test_seats_are_those_that_are_stated_and_no_others(stated, siloed):
    """The hotline works in three shifts, call-back and grids in one."""
    layout = siloed.layout
    seats = stated(
        {"city": {"hotline": [9, 4, 1], "callback": [2], "command": 0}, "grid": {"grid": 3}}
    )
    expected = np.zeros_like(seats)
    expected[find_desk(layout, CITY, HOTLINE_DESK)] = 9, 4, 1
    expected[find_desk(layout, CITY, CALLBACK), 0] = 2
    expected[(layout.tier == GRID) & (layout.group == GRID_DESK), 0] = 3
    np.testing.assert_array_equal(seats, expected)
    assert seats.shape == (layout.n_desks, max(siloed.calendar_names.n_shifts))


def test_one_number_holds_for_every_shift_that_a_desk_has(stated, siloed):
    """Departments work in one shift, those on duty, police and fire, in three."""
    layout = siloed.layout
    seats = stated({"district": {"department": 2}})
    for district in range(2):
        desks = [find_desk(layout, DISTRICT, DEPARTMENT, unit, district) for unit in range(4)]
        assert seats[desks].tolist() == [[2, 0, 0], [2, 2, 2], [2, 2, 2], [2, 0, 0]]
    assert seats.sum() == 2 * 2 * 8


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"county": {"command": 1}}, "staff.seats: 'county' (did you mean 'city'?); allowed: "),
        ({"city": 3}, "staff.seats.city: 3; allowed: GROUP: SEATS"),
        ({"township": {"hotline": 1}},
         "staff.seats.township: 'hotline'; allowed: command, board, pool"),
        ({"city": {"hotline": [1, 2]}},
         "staff.seats.city.hotline: [1, 2]; allowed: a whole number of at least 0, or a list of "
         "one for each shift of the opening 'duty', which has 3"),
        ({"city": {"callback": [1, 2, 3]}},
         "staff.seats.city.callback: [1, 2, 3]; allowed: a whole number of at least 0, or a list "
         "of one for each shift of the opening 'office', which has 1"),
        ({"city": {"department": [1]}}, "staff.seats.city.department: [1]; allowed: a whole "),
        ({"city": {"hotline": -1}}, "staff.seats.city.hotline: -1; allowed: a whole number"),
        ({"city": {"hotline": 1.5}}, "staff.seats.city.hotline: 1.5; allowed: a whole number"),
        ({"city": {"hotline": "two"}}, "staff.seats.city.hotline: two; allowed: a whole number"),
        ({"city": {"hotline": [1, True, 1]}}, "staff.seats.city.hotline: [1, True, 1]; allowed: "),
    ],
)  # fmt: skip
def test_wrong_seats_are_named_with_what_is_allowed(stated, table, message):
    with pytest.raises(InputError) as error:
        stated(table)
    assert str(error.value).startswith(message)


# --- who is missing ---------------------------------------------------------------------------


def missing(layout, seats, **share):
    """Seats that are missing, by desk and shift."""
    absence = AbsenceSettings(**{name: share.get(name, 0.0) for name in TIERS})
    return seats - staff.present(seats, layout, absence)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_the_share_that_is_absent_is_missing_in_its_tier_only(layout, share):
    seats = np.full((layout.n_desks, 3), 7, np.int32)
    lost = missing(layout, seats, district=share)
    here = layout.tier == DISTRICT
    assert not lost[~here].any()
    assert lost[here].sum() == np.floor(share * seats[here].sum() + 0.5)
    assert set(np.unique(lost[here])) <= {int(share * 7), int(share * 7) + 1}


def test_nobody_is_missing_where_nobody_is_absent_and_a_last_seat_stays(layout):
    rng = np.random.default_rng(1)
    seats = rng.integers(0, 4, (layout.n_desks, 3)).astype(np.int32)
    assert not missing(layout, seats).any()
    left = seats - missing(layout, seats, **dict.fromkeys(TIERS, 1.0))
    np.testing.assert_array_equal(left, np.minimum(seats, 1))


def test_seats_are_planned_for_those_who_only_ask():
    """Work at the hotline grows by what they take, and elsewhere nothing does."""
    few, many = (load([*TINY, f"stream.consultations={n}"]) for n in (0, 3))
    desk = find_desk(few.layout, CITY, HOTLINE_DESK)
    more = (many.load.weekly - few.load.weekly).sum(axis=1)
    assert not np.delete(more, desk).any()
    rates, book = many.city_rates, many.catalogue
    hours = 7 * (rates.daily.sum(axis=0) * rates.consultations).sum()
    hours *= book.paperwork_mean[PAPERWORK.index("consult")] / HOUR
    assert more[desk] == pytest.approx(hours / many.settings.mechanism.availability.city, rel=0.05)
    assert many.paid_hours > few.paid_hours
    lines = [load([*TINY, f"stream.consultations={n}", "policy.levers.intake=0"]) for n in (0, 3)]
    own = (lines[1].load.weekly - lines[0].load.weekly).sum(axis=1) > 0
    assert own.sum() == 2 * (rates.consultations > 0).sum()  # each kind has a lead of its own
    assert (few.layout.group[own] == DEPARTMENT).all()


def test_a_pilot_knows_nothing_of_stated_storms(siloed, pilot):
    """Nobody plans staff for them, though one strikes on a day of the pilot."""
    rates = siloed.city_rates
    stormy = rates._replace(
        storm_from=np.array([9 * HOUR]),
        storm_to=np.array([12 * HOUR]),
        storm_rate=np.full((1, *rates.daily.shape), 0.1),
        storm_alarms=np.ones(1),
        storm_number=stated_numbers(1),
    )
    world, days = siloed._bare_world(siloed.policy), siloed.calendar.day_type.size
    visits, counts = staff.pilot(world, stormy, siloed.settings.staff, days)
    np.testing.assert_array_equal(counts, pilot[1])
    np.testing.assert_equal(visits, pilot[0])


def test_in_a_pilot_every_call_is_answered(siloed, pilot):
    """However few lines there are for the pilot's own number of incidents, and at any hour."""
    world = with_mechanism(siloed._bare_world(siloed.policy), lines=1, patience=1.0)
    days = siloed.calendar.day_type.size
    visits, _ = staff.pilot(world, siloed.city_rates, siloed.settings.staff, days)
    np.testing.assert_equal(visits, pilot[0])

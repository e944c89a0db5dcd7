"""Policies by district and date: from settings to regimes, seats and runs."""

import warnings
from functools import cache

import numpy as np
import pytest

from scenarios.load import load
from scenarios.rollout import area_of_desk, open_ticks
from sim.codes import (
    CITY,
    COMMAND,
    DISPATCH_DESK,
    DISTRICT,
    GRID,
    POOL,
    TOWNSHIP,
)
from sim.errors import InputError
from sim.levers import ASSESSMENT
from sim.rules.seats import planned
from sim.units import DAY, HOUR, NEVER
from sim.world import world_handle
from tests.conftest import TINY, find_desk

CHONGQING = ("horizon=short",)
A, B, OWN = 0, 1, 2  # areas of the tiny city: its districts and the city's own desks
TO = "policy.rollout.to=integrated"
THURSDAY = "2024-10-17"  # begins at tick 3 * DAY, with the cohort


def waves(*texts):
    """The override with these waves, each as Hydra reads it."""
    return f"policy.rollout.waves=[{','.join(texts)}]"


def to_integrated(*texts, city_from=None):
    """Overrides that roll integration out in these waves."""
    own = () if city_from is None else (f"policy.rollout.city_from='{city_from}'",)
    return (TO, waves(*texts), *own)


@cache
def parameters(*overrides, base=TINY):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "policy .* are offered more work")
        p = load([*base, "record=visits", *overrides])
        _ = p.world
        return p


def rollout(*overrides, base=TINY):
    return load([*base, *overrides]).rollout


# --- which policy where and when --------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "city_from", "first", "later", "switch"),
    [
        ([], None, [0, 0, 0], [0, 0, 0], {}),
        (["{districts:[A]}"], None, [1, 0, 0], [1, 0, 0], {}),
        (["{districts:['白云县']}"], None, [0, 1, 0], [0, 1, 0], {}),
        (["{districts:[A,Baiyun]}"], "start", [1, 1, 1], [1, 1, 1], {}),
        (["{from:start,zones:[core]}"], None, [1, 0, 0], [1, 0, 0], {}),
        (["{from:'2024-10-01',zones:[new,core]}"], None, [1, 1, 0], [1, 1, 0], {}),
        (["{from:'2024-10-14',share:1}"], None, [1, 1, 0], [1, 1, 0], {}),
        (["{from:'2024-10-16',share:0.5}"], None, [0, 0, 0], [1, 0, 0], {A: 2 * DAY}),
        (["{from:'2024-10-16 08:00',districts:[B]}"], "2024-10-18", [0, 0, 0], [0, 1, 1],
         {B: 2 * DAY + 8 * HOUR, OWN: 4 * DAY}),
        (["{share:0.5}", "{from:'2024-10-16',share:1}"], None, [1, 0, 0], [1, 1, 0], {B: 2 * DAY}),
        (["{from:'2024-10-27 23:59:59',share:0.5}"], None, [0, 0, 0], [1, 0, 0],
         {A: 14 * DAY - 1}),
        # When the run is over:
        (["{from:'2024-10-28',share:1}"], "2024-12-01", [0, 0, 0], [0, 0, 0], {}),
        (["{districts:[A],to:paper}", "{from:'2024-10-16',districts:[B]}"], None,
         [1, 0, 0], [1, 2, 0], {B: 2 * DAY}),
    ],
)  # fmt: skip
def test_who_has_gone_over_and_who_will(texts, city_from, first, later, switch):
    found = rollout(*to_integrated(*texts, city_from=city_from))
    assert found.first.tolist() == first
    assert found.later.tolist() == later
    assert found.switch.tolist() == [switch.get(area, NEVER) for area in (A, B, OWN)]
    assert found.dates == sorted(set(switch.values()))
    assert {policy.name for policy in found.policies} >= {"siloed", "integrated"}


def test_a_wave_without_members_is_a_date_at_which_nobody_goes_over():
    texts = "{share:0}", "{from:'2024-10-16',share:0.2}", "{from:'2024-12-01',share:0}"
    found = rollout(*to_integrated(*texts))
    assert (found.switch == NEVER).all()
    assert found.dates == [2 * DAY]  # neither at the start nor when the run is over
    assert found.since(2 * DAY).dates == []
    assert (found.first == 0).all()
    assert (found.later == 0).all()


def test_only_those_who_go_over_until_a_date_have_gone_over_then():
    when = to_integrated("{from:'2024-10-16',districts:[A]}", "{from:'2024-10-19',share:1}")
    found = rollout(*when)
    for date, first in ((DAY, [0, 0, 0]), (2 * DAY, [1, 0, 0]), (5 * DAY, [1, 1, 0])):
        then = found.since(date)
        assert then.first.tolist() == then.later.tolist() == first
        assert then.before.tolist() == [0, 0, 0]
        assert then.dates == []


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_a_share_of_the_districts_is_the_largest_of_them(share):
    p = load([*CHONGQING, *to_integrated(f"{{share:{share}}}")])
    population, gone = p.city.district_population, p.rollout.first[:-1] > 0
    assert gone.sum() == round(share * p.city.n_districts)
    if 0 < share < 1:
        assert population[gone].min() >= population[~gone].max()


def test_a_zone_is_the_districts_of_that_zone():
    p = load([*CHONGQING, *to_integrated("{zones:[core]}")])
    core = np.array(p.city.district_zone) == "core"
    np.testing.assert_array_equal(p.rollout.first[:-1] > 0, core)
    assert 0 < core.sum() < p.city.n_districts


REFUSED = [
    (["{zones:[cor]}"], r"waves\[0\]\.zones: 'cor' \(did you mean 'core'\?\); allowed: core, new"),
    (["{districts:[A],share:1}"],
     r"waves\[0\]: \['districts', 'share'\]; allowed: one of districts, zones, share"),
    (["{from:'2024-10-16'}"], r"waves\[0\]: \[\]; allowed: one of districts, zones, share"),
    (["{districts:[A]}", "{districts:[B,A]}"], r"waves\[1\]: Qingshi has gone over in an earlier"),
    (["{districts:[Atlantis]}"],
     r"waves\[0\]\.districts: 'Atlantis' is no district of tiny; allowed: 青石区"),
    (["{share:1.5}"], r"waves\[0\]\.share: 1\.5; allowed: a number from 0 to 1"),
    (["{share:true}"], r"waves\[0\]\.share: True; allowed: a number from 0 to 1"),
    (["{share:half}"], r"waves\[0\]\.share: half; allowed: a number from 0 to 1"),
    (["{from:soon,share:1}"], r"waves\[0\]\.from: 'soon'; allowed: a date and time YYYY-MM-DD"),
    (["{when:start,share:1}"], r"waves\[0\]\.when: no such key; allowed: from, to, districts"),
    (["core"], r"waves\[0\]: .*core.*"),
    (["{share:1,to:hybrid/rollout_core}"], r"'hybrid/rollout_core' has a rollout of its own"),
    (["{share:1,to:integratd}"], r"policy: 'integratd' is not there; allowed: .*integrated"),
    ([f"{{share:0,to:p{i}}}" for i in range(7)], r"policy\.rollout: 8 policies; allowed: 7"),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "message"), REFUSED)
def test_a_wrong_entry_is_named_with_what_is_allowed(texts, message):
    with pytest.raises(InputError, match=message):
        rollout(*to_integrated(*texts))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ([waves("{share:1}")], r"policy\.rollout\.waves\[0\]\.to: no value is given, nor in"),
        (["policy.rollout.city_from=start"],
         r"policy\.rollout\.to: no value is given; city_from needs it"),
        ([TO, "policy.rollout.city_from=later"], r"policy\.rollout\.city_from: 'later'; allowed"),
        ([TO, *(f"policy.dispose.{tier}=none" for tier in ("city", "district", "township")),
          "+policy.dispose.grid=none"], r"'siloed' leaves something undisposed of"),
    ],
)  # fmt: skip
def test_a_rollout_that_cannot_be_is_refused(overrides, message):
    with pytest.raises(InputError, match=message):
        rollout(*overrides)


# --- desks by area ----------------------------------------------------------------------------

MIXED = to_integrated("{districts:[A]}")
DATED = to_integrated("{from:'2024-10-17',districts:[A]}", "{from:'2024-10-19 12:00',share:1}",
                      city_from="2024-10-19 12:00")  # fmt: skip


def test_every_desk_stands_in_the_area_of_its_own_centre(layout):
    area = area_of_desk(layout)
    assert set(area[layout.tier == CITY]) == {OWN}
    for tier, centre, expected in ((DISTRICT, 1, B), (TOWNSHIP, 1, A), (TOWNSHIP, 2, B)):
        here = (layout.tier == tier) & (layout.centre_of_tier == centre)
        assert here.any()
        assert set(area[here]) == {expected}
    grids = (layout.tier == GRID) & np.isin(layout.centre_of_tier, [6, 7])
    assert area[grids].tolist() == [A, B]  # seven grids are district A's


def test_hours_are_those_of_the_desks_own_area():
    p = parameters(*MIXED)
    openings = p.calendar_names.openings
    command = [find_desk(p.layout, TOWNSHIP, COMMAND, 0, centre) for centre in (0, 3)]
    assert [openings[p.policy.opening[desk]] for desk in command] == ["extended", "office"]
    own = find_desk(p.layout, CITY, COMMAND)
    assert openings[p.policy.opening[own]] == "office"  # the city's own have not gone over


def test_a_desk_is_staffed_where_some_incident_can_come_to_it():
    p = parameters(*MIXED)
    pools = [find_desk(p.layout, tier, POOL, 0, centre) for tier, centre in
             ((DISTRICT, 0), (DISTRICT, 1), (CITY, 0))]  # fmt: skip
    assert p.policy.used[pools].tolist() == [True, False, True]  # district A may use the city's
    dispatch = find_desk(p.layout, CITY, DISPATCH_DESK)
    assert p.policy.used[dispatch]
    assert not parameters(*to_integrated("{share:1}")).policy.used[dispatch]


def test_desks_that_only_the_old_policy_uses_stay_for_what_has_been_begun():
    p = parameters(*to_integrated("{from:'2024-10-17',share:1}"))
    dispatch = find_desk(p.layout, CITY, DISPATCH_DESK)
    assert p.later[0].policy.used[dispatch]
    assert p.later[0].seats[dispatch].sum() > 0


def test_the_load_of_a_district_is_that_under_its_own_policy_and_the_citys_what_all_bring():
    """With one set of hours for the city's own desks, which the policies' loads are for."""
    p = parameters(*MIXED)
    area = area_of_desk(p.layout)
    under = [p._load_everywhere(regime) for regime in (0, 1)]
    np.testing.assert_array_equal(p.load.weekly[area == A], under[1].weekly[area == A])
    np.testing.assert_array_equal(p.load.weekly[area == B], under[0].weekly[area == B])
    np.testing.assert_array_equal(p.load.own[[A, B]], [under[1].own[A], under[0].own[B]])
    city = p.layout.tier == CITY
    np.testing.assert_allclose(p.load.weekly[city].sum(axis=1), p.load.own.sum(axis=0))
    assert (under[0].own[A] != under[1].own[A]).any()


# --- paid hours -------------------------------------------------------------------------------

ROLLOUTS = [
    MIXED,
    DATED,
    to_integrated("{share:1}"),
    to_integrated(city_from=THURSDAY),
    to_integrated("{districts:[B]}", "{from:'2024-10-17',districts:[A],to:paper}"),
]


@pytest.mark.parametrize("overrides", ROLLOUTS, ids=range(len(ROLLOUTS)))
def test_paid_hours_are_those_of_a_single_policy_at_every_time(overrides):
    """But for what is left over, less than a seat costs."""
    p, siloed = parameters(*overrides), parameters()
    assert p.paid_hours == siloed.paid_hours
    assert len(p.later) == len(p.rollout.dates)
    for each in (p, *p.later):
        slots = each.slots
        spent = (each.seats[slots.desk, slots.shift] * slots.paid).sum()
        assert 0 <= p.paid_hours - spent < slots.paid.max()
        outside = each.seats.copy()
        outside[slots.desk, slots.shift] = 0
        assert not outside[each.layout.tier != GRID].any()


def test_districts_that_have_not_gone_over_keep_their_seats():
    p, siloed = parameters(*MIXED), parameters()
    area = area_of_desk(p.layout)
    np.testing.assert_array_equal(p.seats[area == B], siloed.seats[area == B])
    assert (p.seats[area == A] != siloed.seats[area == A]).any()
    grids = p.layout.tier == GRID
    np.testing.assert_array_equal(p.seats[grids], siloed.seats[grids])


def test_a_window_is_shared_out_among_the_times_between_the_dates():
    found = rollout(*DATED)
    assert found.dates == [3 * DAY, 5 * DAY + 12 * HOUR]
    for window, shares in (
        ((0, 6 * DAY), [1 / 2, 2.5 / 6, 0.5 / 6]),
        ((3 * DAY, 7 * DAY), [0, 2.5 / 4, 1.5 / 4]),
        ((0, DAY), [1, 0, 0]),
        ((8 * DAY, 9 * DAY), [0, 0, 1]),
    ):
        np.testing.assert_allclose(found.shares(window), shares)


def test_open_time_counts_the_seats_of_each_time_between_the_dates():
    """Against the seats planned, half an hour at a time: no shift begins or ends in between."""
    p = parameters(*DATED)
    world, step = world_handle(p.world), HOUR // 2
    window = (2 * DAY, 6 * DAY)
    found = open_ticks(p.world, window)
    assert p.world.later_from.size == 2
    for desk in np.flatnonzero(p.layout.tier <= TOWNSHIP)[::3]:
        seats = [max(0, planned(world, desk, tick)) for tick in range(*window, step)]
        assert found[desk] == step * sum(seats)


# --- what the whole run needs, of every policy ------------------------------------------------


def test_outages_are_foreseen_under_every_policy():
    """Where all goes directly the relays of the city and the districts are idle, but by hand."""
    direct = ("policy.levers.direct=1", "policy.levers.intake=1")
    relay = find_desk(load(TINY).layout, CITY, COMMAND)
    assert not parameters(*direct).policy.used[relay]
    by_hand = parameters(*direct, "mechanism.outage.a_year=10")
    assert by_hand.policy.used[relay]
    assert all(policy.used[relay] for policy in by_hand.rollout.policies)


def test_trivial_events_are_drawn_if_any_policy_ranks():
    p = load([*TINY, *MIXED])
    p.settings.policy.rollout.policies["integrated"].levers.assessment = 0.5
    assert p.policy.lever[ASSESSMENT] == 0.0
    assert p.rates.trivial.sum() > 0
    assert load([*TINY, *MIXED]).rates.trivial.sum() == 0

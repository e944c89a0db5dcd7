"""A policy's tables become the arrays that rules read, or one message says what is wrong."""

import copy
import dataclasses

import numpy as np
import pytest

from scenarios.policy import build_policy
from sim import codes, levers
from sim.codes import (
    AT_DISPOSER,
    AT_PARENT,
    BOARD,
    CITY,
    COMMAND,
    DEPARTMENT,
    DISTRICT,
    GRID,
    GRID_DESK,
    NONE,
    POOL,
    TOWNSHIP,
)
from sim.errors import InputError
from sim.layout import Layout


@pytest.fixture
def settings(siloed):
    """The siloed policy, free to be changed."""
    return copy.deepcopy(siloed.settings.policy)


@pytest.fixture
def build(siloed):
    names = siloed.calendar_names
    return lambda settings, **options: build_policy(settings, siloed.layout, names, **options)


# --- what is right ----------------------------------------------------------------------------


def test_places_become_tiers_and_groups(build, settings):
    settings.stages["judge"]["patrol"] = "city.pool"
    settings.stages["supervise"]["sensor"] = "parent.command"
    route = build(settings).route
    stage = codes.STAGES.index
    assert route[stage("register"), codes.SENSOR].tolist() == [NONE, NONE]
    assert route[stage("register"), codes.PATROL].tolist() == [GRID, GRID_DESK]
    assert route[stage("judge"), codes.PATROL].tolist() == [CITY, POOL]
    assert route[stage("sign"), codes.HOTLINE].tolist() == [AT_DISPOSER, NONE]
    assert route[stage("supervise"), codes.SENSOR].tolist() == [AT_PARENT, COMMAND]
    assert route[stage("supervise"), codes.PATROL].tolist() == [AT_PARENT, BOARD]
    assert (route[[codes.SENSE, codes.DISPOSE, codes.DORMANT]] == NONE).all()


def test_levers_and_choices_stand_in_their_places(build, settings, siloed):
    for i, name in enumerate(levers.LEVERS):
        setattr(settings.levers, name, (i + 1) / 100)
    settings.discipline, settings.release = "earliest_limit", "daily"
    settings.release_size = 7
    policy = build(settings)
    np.testing.assert_array_equal(policy.lever, (1 + np.arange(len(levers.LEVERS))) / 100)
    daily = siloed.calendar_names.releases.index("daily")
    assert policy.choice.tolist() == [codes.EARLIEST_LIMIT, daily, 7]
    settings.release = "none"
    assert build(settings).choice[levers.RELEASES] == NONE


def test_relay_and_disposal_by_tier(build, settings):
    settings.relay["district"] = "none"
    policy = build(settings)
    assert policy.relay.tolist() == [COMMAND, NONE, COMMAND, NONE]
    assert policy.dispose.tolist() == [DEPARTMENT, DEPARTMENT, BOARD, GRID_DESK]


def test_departments_on_duty_are_open_round_the_clock_whatever_the_policy(build, settings, siloed):
    settings.opening["city"]["department"] = "extended"
    policy, layout, names = build(settings), siloed.layout, siloed.calendar_names.openings
    for desk in range(layout.n_desks):
        tier, group = codes.TIERS[layout.tier[desk]], codes.DESK_GROUPS[layout.group[desk]]
        stated = settings.opening[tier][group]
        expected = "duty" if layout.always_on_duty[desk] else stated
        assert names[policy.opening[desk]] == expected
    assert layout.always_on_duty.sum() == 2 * 3  # police and fire, in the city and two districts


@pytest.mark.parametrize("place", ["township.command", "city.hotline", "grid.grid"])
def test_signing_may_have_a_desk_of_its_own(build, settings, place):
    settings.stages["sign"]["patrol"] = place
    tier, _, group = place.partition(".")
    expected = [codes.TIERS.index(tier), codes.DESK_GROUPS.index(group)]
    assert build(settings).route[codes.SIGN, codes.PATROL].tolist() == expected


NOBODY = dict.fromkeys(codes.TIERS, "none")


def test_a_reduced_world_has_nobody_who_disposes(build, settings):
    settings.dispose = NOBODY
    assert build(settings).dispose.tolist() == [NONE] * 4


def test_a_tier_at_which_nothing_is_resolved_may_have_nobody_who_disposes(siloed, settings):
    book = siloed.catalogue
    tier = book.tier.copy()
    tier[:, DISTRICT] += tier[:, CITY]
    tier[:, CITY] = 0.0
    layout = Layout(siloed.city, dataclasses.replace(book, tier=tier))
    settings.dispose["city"] = "none"
    policy = build_policy(settings, layout, siloed.calendar_names)
    assert policy.dispose.tolist() == [NONE, DEPARTMENT, BOARD, GRID_DESK]


# --- which desks must be staffed --------------------------------------------------------------


def used(policy, layout):
    """{(tier, group)} of the desks that are used; all of a group or none."""
    found = set()
    for tier in range(4):
        for group in range(8):
            desks = policy.used[(layout.tier == tier) & (layout.group == group)]
            assert desks.all() or not desks.any()
            if desks.any():
                found.add((codes.TIERS[tier], codes.DESK_GROUPS[group]))
    return found


ALWAYS = {("grid", "grid"), ("city", "department"), ("district", "department"),
          ("township", "board"), ("city", "hotline"), ("city", "dispatch"),
          ("township", "command"), ("district", "command")}  # fmt: skip


def test_siloed_staffs_what_it_names(build, settings, layout):
    expected = ALWAYS | {("city", "callback"), ("city", "command")}
    assert used(build(settings), layout) == expected


@pytest.mark.parametrize(
    ("change", "more", "less"),
    [
        ({"verification": 0.0}, set(), {("city", "callback")}),
        ({"supervision": 0.1}, {("city", "board"), ("district", "board")}, set()),
        ({"reminder": 0.1}, {("city", "board"), ("district", "board")}, set()),
        ({"extension": 0.1}, {("city", "board"), ("district", "board")}, set()),
        ({"assessment": 0.1}, {("city", "board"), ("district", "board")}, set()),
        ({"criticism": 0.1}, {("city", "board"), ("district", "board")}, set()),
        ({"pooling": 0.1}, {(tier, "pool") for tier in codes.TIERS[:3]}, set()),
        ({"direct": 1.0}, set(), {("city", "command")}),
    ],
)
def test_a_lever_that_opens_or_closes_a_way_changes_who_is_staffed(
    build, settings, layout, change, more, less
):
    before = used(build(settings), layout)
    for name, value in change.items():
        setattr(settings.levers, name, value)
    assert used(build(settings), layout) == (before | more) - less


def test_criticism_opens_the_desks_one_tier_above_and_those_that_answer(build, settings, layout):
    """The city's own board circulates what a district's board supervises; disposers at a grid are
    criticised by the township's board. Command desks answer, though nobody relays."""
    settings.levers.criticism = 0.3
    settings.stages["supervise"] = dict.fromkeys(codes.CHANNELS, "district.board")
    settings.relay = dict.fromkeys(codes.TIERS[:3], "none")
    found = used(build(settings), layout)
    assert {("city", "board"), ("city", "command"), ("township", "command")} <= found
    settings.levers.pooling = 1.0  # no township board disposes any more
    boards = (layout.group == BOARD) & (layout.tier == TOWNSHIP)
    assert not build(settings).used[boards].any()
    settings.stages["supervise"]["patrol"] = "disposer"
    assert build(settings).used[boards].all()


def test_a_desk_for_direct_dispatch_is_staffed_only_where_some_go_directly(build, settings, layout):
    settings.stages["dispatch"]["hotline"] = "city.board"
    assert ("city", "board") not in used(build(settings), layout)
    settings.levers.direct = 0.2
    assert ("city", "board") in used(build(settings), layout)


def test_where_all_work_in_the_pool_only_departments_on_duty_stay(build, settings, layout):
    settings.levers.pooling = 1.0
    settings.stages["judge"]["sensor"] = "district.command"
    policy = build(settings)
    above = (layout.group == DEPARTMENT) & (layout.tier <= DISTRICT)
    np.testing.assert_array_equal(policy.used[above], layout.always_on_duty[above])
    assert not policy.used[(layout.group == BOARD) & (layout.tier == TOWNSHIP)].any()
    assert policy.used[layout.group == POOL].all()


@pytest.mark.parametrize("stage", ["register", "judge", "sign", "verify"])
def test_a_pool_that_the_table_names_is_staffed_though_nothing_is_pooled(
    build, settings, layout, stage
):
    settings.stages[stage]["patrol"] = "district.pool"
    assert settings.levers.pooling == 0.0
    assert used(build(settings), layout) == ALWAYS | {
        ("city", "callback"), ("city", "command"), ("district", "pool"),
    }  # fmt: skip


def test_where_nobody_disposes_only_desks_that_the_table_names_are_staffed(build, settings, layout):
    settings.dispose = NOBODY
    named = {("grid", "grid"), ("district", "department")}  # they register or judge
    never = {("city", "department"), ("township", "board")}
    found = used(build(settings), layout)
    assert named <= found
    assert not never & found


def test_a_desk_that_signs_is_staffed(build, settings, layout):
    settings.stages["sign"]["assigned"] = "township.pool"
    assert ("township", "pool") in used(build(settings), layout)


def test_a_department_that_judges_is_staffed_though_all_is_pooled(build, settings, layout):
    settings.levers.pooling = 1.0
    policy = build(settings)  # sensors' incidents are judged by district departments
    assert policy.used[(layout.group == DEPARTMENT) & (layout.tier == DISTRICT)].all()


def test_departments_have_lines_of_their_own_unless_all_ring_one_hotline(build, settings, layout):
    """Even those whose disposal is done by the pool."""
    settings.stages["judge"]["sensor"] = "district.command"
    settings.levers.pooling, settings.levers.intake = 1.0, 1.0
    one = build(settings).used
    settings.levers.intake = 0.9
    own = (layout.group == DEPARTMENT) & (layout.tier == DISTRICT)
    np.testing.assert_array_equal(build(settings).used, one | own)
    assert not one[own].all()


@pytest.mark.parametrize(("shared", "more"), [(0.0, False), (0.5, True)])
def test_what_goes_directly_is_relayed_while_the_platform_is_down(build, settings, shared, more):
    settings.levers.direct, settings.levers.shared_data = 1.0, shared
    up, down = (build(settings, outages=outages).used for outages in (False, True))
    assert (up & ~down).sum() == 0
    assert (down & ~up).any() == more


def test_no_incident_comes_to_a_desk_that_is_not_used(siloed, integrated):
    """What the pilots did: every desk with a visit is one that the policy calls used."""
    for p in (siloed, integrated):
        worked = p.load.weekly.sum(axis=1) > 0
        assert not (worked & ~p.policy.used).any()


# --- what is wrong ----------------------------------------------------------------------------


def assign(path, value):
    def change(settings):
        *parents, name = path.split(".")
        there = settings
        for part in parents:
            there = there[part] if isinstance(there, dict) else getattr(there, part)
        if not isinstance(there, dict):
            setattr(there, name, value)
        elif value is None:
            del there[name]
        else:
            there[name] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("stages.judge.sensor", "county.command",
         "policy.stages.judge.sensor: 'county.command'; allowed: none, disposer, parent.board, "
         "parent.command or TIER.GROUP with a tier of city, district, township, grid"),
        ("stages.judge.sensor", "district.hotline",
         "policy.stages.judge.sensor: 'hotline'; allowed: command, board, department, pool"),
        ("stages.judge.sensor", "district.comand",
         "policy.stages.judge.sensor: 'comand' (did you mean 'command'?); allowed: command, "),
        ("stages.supervise.patrol", "parent.pool",
         "policy.stages.supervise.patrol: 'pool'; allowed: board, command"),
        ("stages.judge.hotline", "disposer",
         "policy.stages.judge.hotline: 'disposer' is not known before the incident is judged"),
        ("stages.register.hotline", "parent.board",
         "policy.stages.register.hotline: 'parent.board' is not known before"),
        ("stages.sign.hotline", "parent.board",
         "policy.stages.sign.hotline: 'parent.board'; allowed: disposer, none or TIER.GROUP"),
        ("stages.juge", {"sensor": "none"},
         "policy.stages: 'juge' (did you mean 'judge'?); allowed: register, judge, "),
        ("stages.judge.fax", "none",
         "policy.stages.judge: 'fax'; allowed: sensor, patrol, hotline, assigned"),
        ("stages.judge.patrol", None, "policy.stages.judge.patrol: no value is given"),
        ("stages.verify", None, "policy.stages.verify.sensor: no value is given"),
        ("relay.district", "board", "policy.relay.district: 'board'; allowed: command"),
        ("relay.city", None, "policy.relay.city: no value is given; allowed: command"),
        ("relay.grid", "command", "policy.relay: 'grid'; allowed: city, district, township"),
        ("dispose.township", "department", "policy.dispose.township: 'department'; allowed: board"),
        ("dispose.district", "none",
         "policy.dispose.district: none; allowed only where every tier has none, or where"),
        ("dispose.grid", "board", "policy.dispose.grid: 'board'; allowed: grid, none"),
        ("dispose.street", "board", "policy.dispose: 'street'; allowed: city, district, townsh"),
        ("opening.city.hotline", "dutty",
         "policy.opening.city.hotline: 'dutty' (did you mean 'duty'?); allowed: office, "),
        ("opening.city.callback", None, "policy.opening.city.callback: no value is given"),
        ("opening.township", None, "policy.opening.township.command: no value is given"),
        ("opening.township.hotline", "office",
         "policy.opening.township: 'hotline'; allowed: command, board, pool"),
        ("release", "dailly",
         "policy.release: 'dailly' (did you mean 'daily'?); allowed: hourly, twice_daily, "),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named_with_what_is_allowed(build, settings, path, value, message):
    assign(path, value)(settings)
    with pytest.raises(InputError) as error:
        build(settings)
    assert str(error.value).startswith(message)


def test_an_opening_for_a_tier_that_does_not_exist_is_refused(build, settings):
    settings.opening["county"] = {"command": "office"}
    with pytest.raises(InputError, match=r"policy\.opening: 'county'"):
        build(settings)


@pytest.mark.parametrize(
    ("direct", "joint", "allowed"),
    [(0.5, 0.1, False), (1.0, 0.1, True), (0.5, 0.0, True), (1.0, 1.0, True)],
)
def test_without_signing_a_batch_must_not_lead_into_a_joint_disposal(
    build, settings, direct, joint, allowed
):
    settings.stages["sign"]["sensor"] = "none"
    settings.levers.direct, settings.levers.joint = direct, joint
    if allowed:
        assert build(settings).route[codes.SIGN, codes.SENSOR, 0] == NONE
        return
    with pytest.raises(InputError, match=r"policy\.stages\.sign: none is possible only with"):
        build(settings)

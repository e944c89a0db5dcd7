"""How long a visit takes a seat, which draws it is made of, and where it stands in the queue."""

import itertools

import numpy as np
import pytest

from sim import codes, draws, rows
from sim.codes import (
    BOARD,
    DEPARTMENT,
    DISPATCH,
    DISPOSE,
    DISTRICT,
    GRID,
    GRID_DESK,
    JUDGE,
    NONE,
    POOL,
    REGISTER,
    SIGN,
    SUPERVISE,
    TOWNSHIP,
    VERIFY,
)
from sim.draws import (
    OF_BACKGROUND,
    OF_CONSULTATION,
    OF_FALSE_ALARM,
    OF_INCIDENT,
    OF_TRIVIAL,
    uniform,
)
from sim.durations import relative_duration
from sim.rules.seats import next_opening
from sim.rules.work import (
    bits,
    discipline_field,
    seats_open,
    session,
    take_up,
)
from sim.units import DAY, HOUR, LONGEST, MINUTE, NEVER
from sim.world import world_handle
from tests.conftest import (
    changed,
    incident_row,
    own_desk,
    task_row,
    with_lever,
    with_mechanism,
)

# Means of the world `plain`: paperwork 100..900 ticks by stage, disposal 1000.
PAPER = {REGISTER: 100, JUDGE: 200, DISPATCH: 300, SIGN: 400, VERIFY: 500, SUPERVISE: 600}
RETYPE, LOOK, CONSULT, HANDS_ON = 700, 800, 900, 1000


@pytest.fixture(scope="module")
def shared(plain):
    """All data shared: no retyping."""
    return with_lever(plain, shared_data=1.0)


@pytest.fixture
def work(layout):
    """(work, retyping) of a task, at the incident's district department unless told otherwise."""

    def taken_up(world, inc=None, tier=DISTRICT, group=DEPARTMENT, **columns):
        desk = own_desk(layout, tier, group)
        task = task_row(**{"stage": DISPOSE, "desk": desk, "right": 1} | columns)
        take_up(world_handle(world), incident_row() if inc is None else inc, task, 9 * HOUR)
        assert task[rows.T_LEFT] == task[rows.T_WORK]
        return int(task[rows.T_WORK]), int(task[rows.T_RETYPING])

    return taken_up


# --- paper stages -----------------------------------------------------------------------------


@pytest.mark.parametrize("stage", PAPER)
def test_a_paper_stage_takes_its_mean(shared, work, stage):
    assert work(shared, stage=stage) == (PAPER[stage], 0)


@pytest.mark.parametrize("stage", PAPER)
@pytest.mark.parametrize(
    ("entity", "report"), [(OF_INCIDENT, 2), (OF_FALSE_ALARM, 0), (OF_FALSE_ALARM, 1)]
)
def test_a_duplicate_or_a_false_alarm_gets_one_look_at_signing(shared, work, stage, entity, report):
    inc = incident_row(entity=entity)
    expected = LOOK if stage == SIGN else PAPER[stage]
    assert work(shared, inc, stage=stage, report=report) == (expected, 0)


@pytest.mark.parametrize(
    ("stage", "errand", "hands_on"),
    [
        (SUPERVISE, codes.NOTIFY, 600),
        (SUPERVISE, codes.REMIND, 300),
        (SUPERVISE, codes.CRITICISE, 1800),
        (SUPERVISE, codes.ANSWER, 2400),
        (SUPERVISE, codes.EXTEND, 400),  # to grant it is to sign
        (SIGN, codes.CO_HANDLE, LOOK),
    ],
)
@pytest.mark.parametrize("given", [NONE, 0])
def test_a_side_task_has_work_of_its_own(shared, work, stage, errand, hands_on, given):
    """Of which a trace knows only that of a notice."""
    world = with_mechanism(shared, reminder_work=0.5, criticism_work=3.0, answer_work=4.0)
    world = changed(world, given=np.full((1, codes.N_STAGES), 77))
    expected = 77 if given == 0 and errand == codes.NOTIFY else hands_on
    assert work(world, incident_row(given=given), stage=stage, errand=errand) == (expected, 0)


def test_a_trivial_event_gets_a_look(shared, work):
    assert work(shared, incident_row(entity=OF_TRIVIAL), stage=SIGN) == (LOOK, 0)


def test_a_call_that_only_asks_takes_an_answer(shared, work):
    inc = incident_row(entity=OF_CONSULTATION)
    assert work(shared, inc, stage=REGISTER) == (CONSULT, 0)


# --- availability, pools ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tier", "group", "length"),
    [(DISTRICT, DEPARTMENT, 2000), (TOWNSHIP, BOARD, 4000), (GRID, GRID_DESK, 10000)],
)
def test_work_is_lengthened_by_the_availability_of_the_tier(shared, work, tier, group, length):
    world = changed(shared, availability=(0.8, 0.5, 0.25, 0.1))
    assert work(world, tier=tier, group=group) == (length, 0)
    assert work(world, tier=tier, group=group, stage=SIGN) == (400 * length // 1000, 0)


@pytest.mark.parametrize(("group", "length"), [(POOL, 1150), (DEPARTMENT, 1000)])
@pytest.mark.parametrize("stage", [DISPOSE, SIGN])
def test_generalists_are_slower_at_whatever_they_do(shared, work, group, length, stage):
    world = with_mechanism(shared, generalist_work=0.15)
    whole = HANDS_ON if stage == DISPOSE else PAPER[stage]
    assert work(world, group=group, stage=stage) == (length * whole // 1000, 0)


# --- disposal ---------------------------------------------------------------------------------


def disposal(world):
    return with_mechanism(world, wrong_desk_work=1.5, joint_work=0.1, partner_work=0.6)


THREE = 1 << 0 | 1 << 3 | 1 << rows.TOWNSHIP_BIT


@pytest.mark.parametrize(
    ("task", "partners", "factor"),
    [
        ({}, 0, 1.0),
        ({"right": 0}, 0, 1.5),
        ({}, THREE, 1.0),  # partners that come in turn cost nothing now
        ({"joint": 1}, THREE, 1.3),
        ({"joint": 1, "right": 0}, THREE, 1.5 * 1.3),
        ({"joint": 1}, 1 << 3, 1.1),
        ({"joint": 1, "branch": 4}, THREE, 0.6 * 1.3),
        ({"joint": 1, "branch": 63}, THREE, 0.6 * 1.3),
        ({"turn": 1}, THREE, 0.6),
        ({"turn": 63}, THREE, 0.6),
        ({"turn": 4, "right": 0}, THREE, 0.6),  # the partner is no wrong desk
    ],
)
def test_disposal_depends_on_who_does_it_with_whom(shared, work, task, partners, factor):
    found = work(disposal(shared), incident_row(partners=partners), **task)
    assert found == (round(HANDS_ON * factor), 0)


def test_a_background_task_takes_its_own_mean(shared, work):
    world = changed(with_mechanism(shared, background_work=250.0), availability=0.5)
    assert work(world, incident_row(entity=OF_BACKGROUND)) == (500, 0)


def test_a_background_task_takes_its_mean_in_a_pool_too(shared, work):
    world = with_mechanism(shared, background_work=250.0, generalist_work=0.15)
    assert work(world, incident_row(entity=OF_BACKGROUND), group=POOL) == (250, 0)


# --- retyping ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("unshared", "length"), [(0.0, 0), (0.25, 175), (0.9, 630), (1.0, 700)])
@pytest.mark.parametrize("stage", [*PAPER, DISPOSE])
def test_retyping_shrinks_with_shared_data(plain, work, unshared, length, stage):
    hands_on = HANDS_ON if stage == DISPOSE else PAPER[stage]
    world = with_lever(plain, shared_data=1 - unshared)
    assert work(world, stage=stage, newly=1) == (hands_on + length, length)
    assert work(world, stage=stage, newly=0) == (hands_on, 0)


def test_retyping_is_lengthened_by_availability_but_not_by_generalists(plain, work):
    world = changed(with_mechanism(plain, generalist_work=0.5), availability=0.5)
    assert work(world, group=POOL, newly=1) == (2 * (1500 + RETYPE), 2 * RETYPE)


# --- the longest visit ------------------------------------------------------------------------


@pytest.mark.parametrize("mean", [1e8, 1e12, 1e300])
def test_no_visit_is_longer_than_a_row_has_room_for(plain, work, mean):
    long = changed(plain, dispose_mean=mean, quantile=20.0)
    assert work(long) == (LONGEST, 0)
    assert work(changed(long, paper_mean=mean), newly=1) == (LONGEST, LONGEST)


# --- outages ----------------------------------------------------------------------------------

DOWN = {"outage_from": np.array([9 * HOUR]), "outage_to": np.array([10 * HOUR])}


def taken_up_at(world, ticks, owed=0, newly=0):
    """(retyping at each of these ticks, what is owed at last) of the visits of one task."""
    w, inc, found = world_handle(world), incident_row(), []
    task = task_row(stage=SIGN, desk=0, owed=owed, newly=newly)
    for tick in ticks:
        take_up(w, inc, task, tick)
        found.append(int(task[rows.T_RETYPING]))
    return found, int(task[rows.T_OWED])


@pytest.mark.parametrize(("share", "entered"), [(1.0, 600), (0.5, 300), (0.0, 0)])
def test_what_was_worked_by_hand_is_entered_at_the_next_visit_once(plain, share, entered):
    world = with_mechanism(with_lever(plain, shared_data=share)._replace(**DOWN), re_entry=300.0)
    hand, next_tick = 10 * HOUR - 1, 10 * HOUR
    assert taken_up_at(world, [9 * HOUR, hand, next_tick, next_tick]) == ([0, 0, entered, 0], 0)
    assert taken_up_at(world, [9 * HOUR, hand]) == ([0, 0], 2)  # nothing is entered by hand
    assert taken_up_at(world, [8 * HOUR, next_tick]) == ([0, 0], 0)


def test_by_hand_everything_is_typed_again(plain):
    world = with_lever(plain, shared_data=0.75)._replace(**DOWN)
    found, _ = taken_up_at(world, [8 * HOUR, 9 * HOUR], newly=1)
    assert found == [RETYPE // 4, RETYPE]


def test_entering_is_lengthened_by_availability_and_counts_as_retyping(plain, work):
    world = with_mechanism(with_lever(plain, shared_data=1.0), re_entry=300.0)
    world = changed(world, availability=0.5)
    assert work(world, stage=SIGN, owed=2) == (2 * (400 + 600), 2 * 600)


# --- given works of a trace -------------------------------------------------------------------


@pytest.fixture(scope="module")
def given(shared):
    """A trace with two rows: works are known for one incident's signing and disposal."""
    works = np.full((2, codes.N_STAGES), NONE)
    works[1, SIGN], works[1, DISPOSE] = 33, 77
    return changed(shared, given=works, availability=0.5)


@pytest.mark.parametrize(
    ("row", "task", "length"),
    [
        (1, {"stage": SIGN}, 66),
        (1, {"stage": DISPOSE}, 154),
        (1, {"stage": JUDGE}, 400),  # not given
        (0, {"stage": SIGN}, 800),
        (NONE, {"stage": SIGN}, 800),
        (1, {"stage": SIGN, "done": {SIGN: 1}}, 800),  # only the first time
        (1, {"stage": SIGN, "report": 1}, 1600),  # only of the first report
        (1, {"stage": DISPOSE, "turn": 2}, 0),  # only of the lead; partner_work is 0 here
        (1, {"stage": DISPOSE, "branch": 2}, 0),
    ],
)
def test_given_works_replace_what_is_drawn(given, work, row, task, length):
    assert work(given, incident_row(given=row), **task) == (length, 0)


def test_a_given_disposal_is_done_again_at_the_same_length(given, work):
    """A re-work does what the trace says the work was: nothing else is known of it."""
    found = [work(given, incident_row(given=1), done={DISPOSE: n})[0] for n in range(3)]
    assert found == [154, 154, 154]


# --- draws ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def by_chance(siloed):
    return changed(siloed._bare_world(siloed.policy), seed=np.uint64(21), availability=1.0)


@pytest.mark.parametrize("kind", range(4))
def test_work_is_drawn_from_the_kinds_own_distribution(by_chance, work, kind):
    w = with_lever(by_chance, shared_data=1.0)
    for attempt, branch in itertools.product(range(3), (0, 2)):
        inc, done = incident_row(key=kind, kind=kind), {DISPOSE: attempt}
        found, _ = work(w, inc, done=done, turn=branch)
        name = (0, 0, branch) if branch else (attempt, 0, 0)
        u = uniform(w.seed, OF_INCIDENT, kind, draws.WORK + DISPOSE, *name)
        hands_on = w.dispose_mean[kind] * relative_duration(u, w.quantile[w.dispose_row[kind]])
        factor = siloed_partner(w) if branch else 1.0
        assert found == round(hands_on * factor)


def siloed_partner(world):
    from sim.levers import PARTNER_WORK

    return world.mechanism[PARTNER_WORK]


@pytest.mark.parametrize("place", ["attempt", "report", "branch"])
def test_paper_work_has_draws_by_attempt_report_and_branch(by_chance, work, place):
    def task(n):
        return {"done": {JUDGE: n}} if place == "attempt" else {place: n}

    found = [work(by_chance, stage=JUDGE, **task(n))[0] for n in range(5)]
    assert len(set(found)) == 5
    assert found[2] == work(by_chance, stage=JUDGE, **task(2))[0]


def test_every_hand_over_is_retyped_by_a_draw_of_its_own(by_chance, work):
    found = [work(by_chance, stage=JUDGE, newly=1, moves=n)[1] for n in range(5)]
    assert len(set(found)) == 5


def test_work_of_another_stage_does_not_follow_the_first(by_chance, work):
    """The same uniform for two stages would make their works rise together."""
    pairs = [
        [work(by_chance, incident_row(key=k), stage=stage)[0] for stage in (JUDGE, SIGN)]
        for k in range(400)
    ]
    ranks = np.argsort(np.argsort(np.array(pairs), axis=0), axis=0)
    assert abs(np.corrcoef(ranks.T)[0, 1]) < 4 / np.sqrt(400)


# --- sessions, seats and the queue ------------------------------------------------------------


@pytest.mark.parametrize(("left", "length"), [(5, 5), (3600, 3600), (3601, 3600), (10**6, 3600)])
def test_a_session_ends_what_is_left_or_returns_the_rest(plain, left, length):
    w = world_handle(with_mechanism(plain, session=3600))
    assert session(w, task_row(left=left)) == length


@pytest.mark.parametrize(
    ("discipline", "field"),
    [(codes.FIRST_COME, 0), (codes.URGENCY, 2), (codes.EARLIEST_LIMIT, 12345)],
)
def test_the_queues_field_is_what_the_discipline_orders_by(plain, discipline, field):
    world = changed(plain, choice=((discipline, NONE, 0),))
    inc = incident_row(severity=codes.GRADE_III, limit=12345)
    assert discipline_field(world_handle(world), inc, 3, 0) == field


@pytest.mark.parametrize("regime", [0, 1])
def test_the_field_is_that_of_the_desks_own_policy_at_the_time(plain, regime):
    """Desk 3 serves as they come until tick 100, desk 4 always by limit, whosever they are."""
    choice = np.array([[codes.FIRST_COME, NONE, 0], [codes.EARLIEST_LIMIT, NONE, 0]], np.int32)
    own = plain.desk_regime.copy()
    own[4] = 1
    later = np.stack([own, own])
    later[:, 3] = 1
    dates = np.array([100, 200])
    world = plain._replace(desk_regime=own, later_regime=later, later_from=dates, choice=choice)
    w, inc = world_handle(world), incident_row(limit=9, regime=regime)
    assert [discipline_field(w, inc, 3, now) for now in (99, 100)] == [0, 9]
    assert [discipline_field(w, inc, 4, now) for now in (99, 100)] == [9, 9]


def test_seats_and_hours_are_the_later_ones_from_the_desks_date_on(plain, siloed):
    """Office hours with five seats until ten on Tuesday, round the clock with one from then on."""
    office, duty = (siloed.calendar_names.openings.index(n) for n in ("office", "duty"))
    tuesday = DAY + 10 * HOUR
    world = changed(plain, seats=(5, 6, 7), desk_opening=office)
    later = {"later_seats": (1, 0, 2), "later_opening": duty, "later_regime": 0}
    shapes = {name: (1, *getattr(plain, name).shape[1:]) for name in later}
    arrays = {n: np.array(np.broadcast_to(v, shapes[n]), np.int32) for n, v in later.items()}
    w = world_handle(world._replace(later_from=np.array([tuesday]), **arrays))
    ticks = (9 * HOUR, 20 * HOUR, tuesday - 1, tuesday, DAY + 17 * HOUR, 2 * DAY)
    assert [seats_open(w, 3, t) for t in ticks] == [5, 0, 5, 0, 2, 1]
    assert next_opening(w, 3, 20 * HOUR) == DAY + 9 * HOUR
    assert next_opening(w, 3, DAY + 9 * HOUR) == tuesday
    assert next_opening(w, 3, tuesday) == DAY + 16 * HOUR


@pytest.mark.parametrize(
    ("opening", "tick", "seats", "opens"),
    [
        ("office", 8 * HOUR, 0, 9 * HOUR),
        ("office", 9 * HOUR, 5, 13 * HOUR + 30 * MINUTE),
        ("office", 12 * HOUR + 30 * MINUTE, 0, 13 * HOUR + 30 * MINUTE),
        ("office", 18 * HOUR, 0, DAY + 9 * HOUR),
        ("office", 5 * DAY + 10 * HOUR, 0, 7 * DAY + 9 * HOUR),  # Saturday
        ("extended", 15 * HOUR + 59 * MINUTE, 5, 16 * HOUR),
        ("extended", 16 * HOUR, 6, DAY + 8 * HOUR),
        ("duty", 3 * HOUR, 5, 8 * HOUR),
        ("duty", 23 * HOUR, 7, DAY),
        ("office", 10**9, 0, NEVER),
    ],
)
def test_seats_are_open_by_the_calendar_and_the_shift(plain, siloed, opening, tick, seats, opens):
    number = siloed.calendar_names.openings.index(opening)
    w = world_handle(changed(plain, seats=(5, 6, 7), desk_opening=number))
    assert seats_open(w, 3, tick) == seats
    assert next_opening(w, 3, tick) == opens


@pytest.mark.parametrize(("mask", "n"), [(0, 0), (1, 1), (THREE, 3), (2**62, 1), (2**62 - 1, 62)])
def test_set_bits_are_counted(mask, n):
    assert bits(mask) == n

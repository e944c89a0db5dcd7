"""The compiled clock's books balance at every chunk, it grows as needed, and it says when it
cannot go on. That it agrees with the SimPy clock is tested elsewhere."""

import numpy as np
import pytest

from sim import codes, rows
from sim.calendar import add_open
from sim.codes import ASLEEP, OPEN, SOLVED, UNSEEN
from sim.compiled import clock, state
from sim.compiled.state import D_BUSY
from sim.draws import OF_INCIDENT
from sim.errors import InputError
from sim.handle import Handle
from sim.keys import keys_of
from sim.outcome import Chunk, Outcome
from sim.records import FLOW_COLUMNS, VISIT_COLUMNS
from sim.stream import generate
from sim.units import DAY, HOUR, NEVER
from sim.world import world_handle
from tests.conftest import arrival, changed, with_lever, with_mechanism

SEED = np.uint64(3)
DAYS, END = 5, 9 * DAY
WINDOW = (DAY, 4 * DAY)
VISIT = list(VISIT_COLUMNS)


@pytest.fixture(scope="module", params=["siloed", "integrated"])
def p(request):
    return request.getfixturevalue(request.param)


def busy_world(p):
    """Two or three seats everywhere, so that much waits, and little dormancy."""
    seats = np.full((p.layout.n_desks, max(p.calendar_names.n_shifts)), 2)
    world = changed(p._bare_world(p.policy), seats=seats, seed=SEED)
    return with_mechanism(world, dormancy=6.0 * HOUR)


def chunks(p, days_per_chunk=1):
    rates = p.city_rates._replace(daily=2 * p.city_rates.daily)
    return list(generate(SEED, rates, p.calendar, DAYS, days_per_chunk))


def table(result, name="visits"):
    return np.concatenate([getattr(part, name) for part in result if isinstance(part, Chunk)])


def run(p, world=None, parts=None, **keep):
    world = busy_world(p) if world is None else world
    keep = {"keep_visits": True} | keep
    return list(clock.run(world, chunks(p) if parts is None else parts, END, WINDOW, **keep))


@pytest.fixture(scope="module")
def result(p):
    return run(p)


# --- books ------------------------------------------------------------------------------------


def balance(s, arrivals):
    """The books of a state: each of these must hold at any moment."""
    live = np.ones(len(s.incidents), bool)
    live[s.free_incidents[: s.count[state.N_FREE_INCIDENTS]]] = False
    incidents = s.incidents[live & (s.incidents[:, rows.I_ENTITY] == OF_INCIDENT)]
    flow = dict(zip(FLOW_COLUMNS, s.flow.sum(axis=0)))
    by_state = np.bincount(incidents[:, rows.I_STATE], minlength=4)
    gone = flow["solved"] - by_state[SOLVED]  # solved, and no duplicate keeps its slot
    assert flow["occurred"] == s.count[state.N_DRAWN] == arrivals == len(incidents) + gone
    assert by_state[UNSEEN] == flow["occurred"] - flow["noticed"]
    assert by_state[ASLEEP] == flow["false_closed"] - flow["returned"]
    assert by_state[OPEN] == flow["noticed"] - flow["solved"] - by_state[ASLEEP]
    assert s.reports.sum() == s.count[state.N_REPORTS]
    assert (s.reports >= 0).all()
    used = np.ones(len(s.tasks), bool)
    used[s.free_tasks[: s.count[state.N_FREE_TASKS]]] = False
    assert used.sum() == s.incidents[live, rows.I_TASKS].sum()
    assert np.isin(s.tasks[used, rows.T_SLOT], np.flatnonzero(live)).all()
    assert (s.desks[:, D_BUSY] >= 0).all()
    return by_state, used.sum()


def test_the_books_balance_at_every_chunk(p):
    world = busy_world(p)
    handle = world_handle(world)
    s = state.allocate(world.desk_opening.size, END, WINDOW, True, True)
    nobody, arrivals, seen = np.zeros((0, rows.I_GIVEN + 1), np.int64), 0, np.zeros(4, int)
    steps = [(until, part) for until, part in chunks(p)]
    steps += [(until, nobody) for until in range(steps[-1][0] + HOUR, END + 1, 7 * HOUR)]
    for until, part in steps:
        s = clock._advance(handle, s, part, until)
        clock._drain(s)
        arrivals += (part[:, rows.I_ENTITY] == OF_INCIDENT).sum()
        by_state, tasks = balance(s, arrivals)
        assert (s.desks[:, D_BUSY] <= world.seats.max()).all()
        seen += by_state > 0
    assert (seen[[UNSEEN, OPEN, ASLEEP]] > 0).all()
    assert tasks < len(s.tasks)


def test_the_outcome_accounts_for_every_incident_and_report(p, result):
    outcome = result[-1]
    assert isinstance(outcome, Outcome)
    assert sum(isinstance(part, Chunk) for part in result) == DAYS + 2  # the last: what is open
    flow = dict(zip(FLOW_COLUMNS, outcome.flow.sum(axis=0)))
    assert outcome.drawn == flow["occurred"]
    assert outcome.reports.sum() == outcome.reports_drawn
    recorded = table(result, "incidents")
    in_window = sum(
        ((a[:, rows.I_OCCURRED] >= WINDOW[0]) & (a[:, rows.I_OCCURRED] < WINDOW[1])
         & (a[:, rows.I_ENTITY] == OF_INCIDENT)).sum() for _, a in chunks(p)
    )  # fmt: skip
    assert np.unique(keys_of(recorded)).size == len(recorded) == in_window


def test_the_time_account_of_every_solved_incident_adds_up(p, result):
    ended = table(result, "incidents")
    solved = ended[ended[:, rows.I_STATE] == SOLVED]
    assert len(solved) > 100
    spent = solved[:, rows.I_ACCOUNT : rows.I_AGAIN].sum(axis=1)
    latency = solved[:, rows.I_SOLVED] - solved[:, rows.I_OCCURRED]
    np.testing.assert_array_equal(spent, np.minimum(latency, p.restrict))
    assert (solved[:, rows.I_ACCOUNT :] >= 0).all()
    np.testing.assert_array_equal(solved[:, rows.I_STATE], SOLVED)


def test_visits_are_worked_when_and_as_long_as_they_say(p, result):
    visits = dict(zip(VISIT, table(result).T))
    assert (visits["joined"] <= visits["started"]).all()
    assert (visits["started"] + visits["worked"] <= visits["ended"]).all()
    assert (visits["ended"] <= visits["released"]).all()
    assert (visits["retyping"] <= visits["worked"]).all()
    in_one_go = visits["worked"] <= p.settings.mechanism.session_hours * HOUR
    length = visits["ended"] - visits["started"]
    np.testing.assert_array_equal(length[in_one_go], visits["worked"][in_one_go])
    assert not in_one_go.all()


def test_work_done_in_one_go_overlaps_at_no_more_than_the_seats_of_its_desk(result):
    visits = dict(zip(VISIT, table(result).T))
    short = visits["worked"] == visits["ended"] - visits["started"]
    most = 0
    for desk in np.unique(visits["desk"]):
        here = short & (visits["desk"] == desk) & (visits["worked"] > 0)
        begin, end = np.sort(visits["started"][here]), np.sort(visits["ended"][here])
        at_work = np.arange(1, begin.size + 1) - np.searchsorted(end, begin, "right")
        most = max(most, at_work.max(initial=0))
    assert most == 2


def test_desks_are_measured_within_the_window(p, result):
    """Recording everything shows all visits; those that started within the window are counted."""
    everything = list(clock.run(busy_world(p), chunks(p), END, (0, END), keep_visits=True))
    visits = dict(zip(VISIT, table(everything).T))
    inside = (visits["started"] >= WINDOW[0]) & (visits["started"] < WINDOW[1])
    ended = np.bincount(visits["desk"][inside], minlength=p.layout.n_desks)
    small, whole = result[-1], everything[-1]
    assert (small.starts >= ended).all()
    assert small.starts.sum() - ended.sum() < 0.1 * small.starts.sum()  # those not yet ended
    np.testing.assert_array_equal(small.flow, whole.flow)
    assert 0 < small.busy.sum() < whole.busy.sum()
    assert (small.busy <= 2 * (WINDOW[1] - WINDOW[0])).all()


# --- growth, chunks, records ------------------------------------------------------------------


def cut(s, n):
    """The state with room for only n of everything."""
    stack = np.arange(n - 1, -1, -1)
    s.count[[state.N_FREE_INCIDENTS, state.N_FREE_TASKS]] = n
    names = ("incidents", "tasks", "nodes", "taken", "ask_key", "ask_sub", "ask_event",
             "incident_rows", "visit_rows")  # fmt: skip
    shorter = {name: getattr(s, name)[:n].copy() for name in names}
    return s._replace(**shorter, free_incidents=stack, free_tasks=stack.copy())


@pytest.mark.parametrize("room", [1, 7, 100])
def test_growing_from_little_room_changes_nothing(p, result, room, monkeypatch):
    grown = []
    monkeypatch.setattr(clock, "allocate", lambda *given: cut(state.allocate(*given), room))
    monkeypatch.setattr(clock, "grown", lambda *given: grown.append(1) or state.grown(*given))
    small = run(p)
    assert len(grown) >= 5
    same(small, result)


def same(a, b):
    for name in ("incidents", "visits"):
        np.testing.assert_array_equal(table(a, name), table(b, name))
    for name, values in a[-1]._asdict().items():
        np.testing.assert_array_equal(values, getattr(b[-1], name), err_msg=name)


@pytest.mark.parametrize("days_per_chunk", [2, DAYS])
def test_the_size_of_the_chunks_changes_nothing(p, result, days_per_chunk):
    same(run(p, parts=chunks(p, days_per_chunk)), result)


def test_what_is_not_kept_is_not_recorded_and_changes_nothing(p, result):
    bare = run(p, keep_visits=False, keep_incidents=False)
    assert table(bare).size == table(bare, "incidents").size == 0
    for name, values in bare[-1]._asdict().items():
        np.testing.assert_array_equal(values, getattr(result[-1], name), err_msg=name)


def test_a_run_can_end_before_its_chunks(p):
    whole = chunks(p)
    early = list(clock.run(busy_world(p), whole, 2 * DAY, (0, DAY), keep_visits=True))
    assert (table(early)[:, VISIT.index("ended")] < 2 * DAY).all()
    assert early[-1].flow.shape[0] == 49


# --- ticks that never settle ------------------------------------------------------------------


def test_a_circle_without_work_is_stopped_and_named(idle):
    """The right desk refuses for ever, and nobody needs any time for it."""
    world = changed(with_lever(idle, refusal=1.0), paper_mean=0.0)
    parts = [(DAY, np.array([arrival(), arrival(k=1, tier=codes.GRID)]))]
    with pytest.raises(InputError) as error:
        list(clock.run(world, parts, DAY, (0, DAY)))
    text = str(error.value)
    assert "goes in a circle within one second" in text
    assert "district 1, kind 2, number" in text
    assert "no work and no delay" in text


@pytest.mark.parametrize("change", ["work", "limit"])
def test_a_circle_with_work_or_an_end_is_no_circle(idle, change):
    world = with_lever(idle, refusal=1.0)
    if change == "limit":
        world = changed(with_lever(world, return_limit=300), paper_mean=0.0)
    *_, outcome = clock.run(world, [(DAY, np.array([arrival()]))], DAY, (0, DAY))
    assert outcome.states[OPEN] + outcome.flow[:, FLOW_COLUMNS.index("solved")].sum() == 1


# --- by hand ----------------------------------------------------------------------------------


def test_two_incidents_at_one_seat_by_hand(idle):
    """Judging takes 200 s, signing 400 s, disposing 1000 s; the second waits for the seat."""
    parts = [(DAY, np.array([arrival(), arrival(k=1)]))]
    result = list(clock.run(idle, parts, DAY, (0, DAY), keep_visits=True))
    visits = dict(zip(VISIT, table(result).T))
    start = 9 * HOUR
    first = visits["incident"] == arrival()[rows.I_KEY]
    # At 600 the first's disposal joins; the second has waited to sign since 400 and is served.
    assert (visits["joined"][first] - start).tolist() == [0, 200, 600]
    assert (visits["started"][first] - start).tolist() == [0, 200, 1000]
    assert (visits["joined"][~first] - start).tolist() == [0, 400, 1000]
    assert (visits["started"][~first] - start).tolist() == [200, 600, 2000]
    assert (visits["ended"] - start).tolist() == [200, 400, 600, 1000, 2000, 3000]
    assert result[-1].busy.sum() == 2 * 1600


def test_work_begun_is_finished_after_closing_and_the_rest_waits(idle, siloed):
    """In office hours: work begun at 12:29 runs into the noon break; the next starts at 13:30."""
    office = siloed.calendar_names.openings.index("office")
    world = changed(idle, desk_opening=office, paper_mean=120.0)
    at = 12 * HOUR + 29 * 60
    result = list(clock.run(world, [(DAY, arrival(at)[None])], DAY, (0, DAY), keep_visits=True))
    visits = dict(zip(VISIT, table(result).T))
    afternoon = 13 * HOUR + 30 * 60
    assert visits["started"].tolist() == [at, afternoon, afternoon + 120]
    assert visits["ended"].tolist() == [at + 120, afternoon + 120, afternoon + 1120]
    assert add_open(Handle(world.cal), office, at, 60) == at + 60


def test_long_work_returns_to_the_queue_between_sessions(idle):
    """Sessions of 600 s: 1000 s of disposal are two; the other's signing comes between them."""
    world = with_mechanism(idle, session=600)
    parts = [(DAY, np.array([arrival(), arrival(k=1, occurred=9 * HOUR + 500)]))]
    result = list(clock.run(world, parts, DAY, (0, DAY), keep_visits=True))
    visits = dict(zip(VISIT, table(result).T))
    first = (visits["incident"] == arrival()[rows.I_KEY]) & (visits["stage"] == codes.DISPOSE)
    assert visits["worked"][first] == 1000
    # It joined at 600 and keeps that tick, so the rest comes before what joined at 700.
    assert visits["ended"][first] - 9 * HOUR == 1600
    assert visits["worked"].sum() == result[-1].busy.sum()


def test_what_nobody_notices_stays_unseen(idle):
    world = changed(idle, resident_mean=float(NEVER // 4))
    row = arrival(base=codes.HOTLINE)
    *_, left, outcome = clock.run(world, [(DAY, row[None])], DAY, (0, DAY))
    assert outcome.states.tolist() == [1, 0, 0, 0, 0]
    assert left.incidents[:, rows.I_STATE].tolist() == [UNSEEN]

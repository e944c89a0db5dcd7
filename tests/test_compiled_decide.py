"""Small worlds by hand, to the tick: callers at the hotline, batches, signing and disposing by
others or by nobody. Both clocks must give what the hand gives. And the order of decisions.

Nothing here is by chance. A call takes 100 s to register, a relay 300 s, a signature 400 s, a
verification 500 s and a disposal 1000 s; every desk has one seat and is open at all hours. Ticks
are counted from nine o'clock on Monday, the hour at which the first incident occurs.
"""

from collections import namedtuple

import numpy as np
import pytest

from sim import codes, rows
from sim.codes import (
    CALLBACK,
    CITY,
    COMMAND,
    DISPATCH,
    DISPOSE,
    DISTRICT,
    HOTLINE,
    HOTLINE_DESK,
    JUDGE,
    NONE,
    OPEN,
    REGISTER,
    SIGN,
    SOLVED,
    TOWNSHIP,
    VERIFY,
    WITHDRAWN,
)
from sim.compiled import decide
from sim.compiled.state import N_ASKS, allocate
from sim.handle import Handle
from sim.records import FLOW_COLUMNS, SUPERVISE_BRANCH, TIME_COLUMNS
from sim.units import DAY, HOUR, NEVER
from tests.both import of_compiled, of_simpy, tables
from tests.conftest import (
    MONDAY_9,
    arrival,
    changed,
    own_desk,
    with_lever,
    with_mechanism,
    with_route,
)
from tests.worlds import Case

Visit = namedtuple("Visit", "k report stage joined started ended")
Found = namedtuple("Found", "visits incidents flow outcome")
WEEK = 7 * DAY


@pytest.fixture(params=[of_compiled, of_simpy], ids=["compiled", "simpy"])
def run(request):
    """What comes of some incidents in a world: visits in the order in which they end, incidents
    by number, sums of the flow, and the outcome."""

    def found(world, *arrivals, end=WEEK):
        table = np.array(sorted(arrivals, key=lambda row: (row[rows.I_OCCURRED], row[rows.I_KEY])))
        result = request.param(Case(world, [(end, table)], end, (0, end)))
        parts = tables(result)
        number = parts["visits"]["incident"] % 2**24
        ticks = [parts["visits"][name] - MONDAY_9 for name in ("joined", "started", "ended")]
        columns = (number, parts["visits"]["report"], parts["visits"]["stage"], *ticks)
        visits = [Visit(*map(int, row)) for row in zip(*columns, strict=True)]
        ended = parts["incidents"]
        incidents = {
            int(key % 2**24): {name: int(values[i]) for name, values in ended.items()}
            for i, key in enumerate(ended["incident"])
        }
        flow = dict(zip(FLOW_COLUMNS, result[-1].flow.sum(axis=0).tolist(), strict=True))
        return Found(visits, incidents, flow, result[-1])

    return found


def call(occurred=0, k=0, **columns):
    """An incident that a resident reports at once, by ringing the hotline."""
    return arrival(MONDAY_9 + occurred, k, **{"base": HOTLINE} | columns)


@pytest.fixture(scope="module")
def hotline(idle):
    """Calls are registered at the hotline, and sent on from there without being judged."""
    world = with_route(idle, judge=(NONE, NONE))
    world = with_route(world, channel=HOTLINE, register=(CITY, HOTLINE_DESK))
    return changed(world, resident_mean=0.0)


def registered(found):
    """{(number, report): (joined, started)} of the calls that were answered."""
    at = [visit for visit in found.visits if visit.stage == REGISTER]
    return {(visit.k, visit.report): (visit.joined, visit.started) for visit in at}


def at_hotline(found, layout, *names):
    """What the hotline's desk counts, by name."""
    desk = own_desk(layout, CITY, HOTLINE_DESK)
    return [int(getattr(found.outcome, name)[desk]) for name in names]


def booked(incident):
    """The time account without what is 0."""
    return {name: incident[name] for name in TIME_COLUMNS if incident[name]}


# --- callers who hang up ----------------------------------------------------------------------


@pytest.mark.parametrize(("patience", "answered"), [(99, False), (100, False), (101, True)])
def test_who_hangs_up_at_the_tick_at_which_a_seat_is_free_is_not_answered(
    run, hotline, layout, patience, answered
):
    """The first is spoken to until 100; the second has hung up by then, at 99 or at 100."""
    found = run(with_mechanism(hotline, patience=patience), call(), call(k=1))
    expected = {(0, 0): (0, 0)} | ({(1, 0): (0, 100)} if answered else {})
    assert registered(found) == expected
    state = SOLVED if answered else WITHDRAWN
    assert [found.incidents[k]["state"] for k in (0, 1)] == [SOLVED, state]
    assert found.flow["withdrawn"] == found.outcome.abandoned.sum() == 1 - answered
    counts = at_hotline(found, layout, "joins", "starts", "delayed", "abandoned", "queued")
    assert counts == [2, 1 + answered, answered, 1 - answered, min(patience, 100)]


def test_nobody_hangs_up_while_being_spoken_to(run, hotline, layout):
    found = run(with_mechanism(hotline, patience=50), call())
    assert registered(found) == {(0, 0): (0, 0)}
    assert at_hotline(found, layout, "joins", "abandoned") == [1, 0]
    assert found.incidents[0]["solved"] == MONDAY_9 + 100 + 400 + 1000


def test_without_patience_only_a_free_seat_answers(run, hotline, layout):
    """Both ring at once; who is not answered in that very round hangs up in the next."""
    found = run(with_mechanism(hotline, patience=0.4), call(), call(k=1))
    assert registered(found) == {(0, 0): (0, 0)}
    assert at_hotline(found, layout, "joins", "abandoned", "queued") == [2, 1, 0]


# --- lines ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lines", "answered"), [(1, 1), (2, 2), (3, 3), (0, 3)])
def test_calls_of_one_tick_get_the_lines_by_key(run, hotline, layout, lines, answered):
    """One of them is spoken to, and the others are held; the last to ask find none left."""
    found = run(with_mechanism(hotline, lines=lines), *(call(k=k) for k in range(3)))
    assert registered(found) == {(k, 0): (0, 100 * k) for k in range(answered)}
    assert at_hotline(found, layout, "joins", "blocked") == [answered, 3 - answered]
    assert found.flow["withdrawn"] == found.outcome.blocked.sum() == 3 - answered


@pytest.mark.parametrize(("occurred", "answered"), [(99, False), (100, True)])
def test_a_line_is_free_at_the_tick_at_which_its_call_ends(run, hotline, occurred, answered):
    found = run(with_mechanism(hotline, lines=1), call(), call(occurred, k=1))
    assert registered(found).get((1, 0)) == ((100, 100) if answered else None)


def test_who_finds_no_line_rings_again_until_there_is_one(run, hotline, layout):
    """At 0 and at 60 the line is taken; at 120 it is free."""
    found = run(with_mechanism(hotline, lines=1, redial=1.0, redial_delay=60), call(), call(k=1))
    assert registered(found) == {(0, 0): (0, 0), (1, 0): (120, 120)}
    assert at_hotline(found, layout, "blocked", "queued") == [2, 0]  # they wait at home
    assert found.incidents[1]["register_waiting"] == 120


def test_who_hangs_up_rings_again_and_waits_from_the_end_of_the_queue(run, hotline, layout):
    """The second hangs up at 70 and rings again at 90; the third has been waiting since 80."""
    world = with_mechanism(hotline, patience=70, redial=1.0, redial_delay=20)
    found = run(world, call(), call(k=1), call(80, k=2))
    assert registered(found) == {(0, 0): (0, 0), (2, 0): (80, 100), (1, 0): (180, 200)}
    assert at_hotline(found, layout, "abandoned") == [2]  # at 70 and, after 90, at 160
    assert found.incidents[1]["register_waiting"] == 200


# --- withdrawn and renewed --------------------------------------------------------------------


def test_an_incident_whose_caller_gave_up_goes_on_from_a_duplicate(run, hotline):
    """Its caller hangs up at 60; another resident rings at 500 and is registered by 600."""
    world = with_mechanism(changed(hotline, duplicate_gap=500.0), patience=60)
    found = run(world, call(), call(k=1, duplicates=1))
    incident = found.incidents[1]
    assert registered(found)[1, 1] == (500, 500)
    first = [visit for visit in found.visits if visit.k == 1]
    assert [(v.report, v.stage) for v in first] == [(1, REGISTER), (0, SIGN), (0, DISPOSE)]
    assert (found.flow["withdrawn"], found.flow["renewed"], found.flow["solved"]) == (1, 1, 2)
    assert (incident["state"], incident["reports"]) == (SOLVED, 2)
    assert found.outcome.reports.tolist() == [0, 0, 0, 1, 2]  # one void, two closed
    account = booked(incident)
    assert (account["sensing"], account["register_waiting"]) == (540, 60)
    assert sum(account.values()) == incident["solved"] - incident["occurred"]
    assert incident["noticed"] == MONDAY_9  # when the first of them rang


def test_a_withdrawn_incident_leaves_when_its_last_duplicate_has_given_up(run, hotline, layout):
    """Duplicates ring at 500 and at 1000, while the hotline speaks to others."""
    world = with_mechanism(changed(hotline, duplicate_gap=500.0), patience=60)
    others = call(470, k=2), call(970, k=3)
    for end, left in ((1060, 1), (1061, 0)):
        found = run(world, call(), call(k=1, duplicates=2), *others, end=MONDAY_9 + end)
        assert found.outcome.states[WITHDRAWN] == left
        assert found.incidents[1]["state"] == WITHDRAWN
        assert found.incidents[1]["reports"] == 3
    assert at_hotline(found, layout, "abandoned") == [3]
    assert (found.flow["withdrawn"], found.flow["renewed"]) == (1, 0)


def test_two_duplicates_of_a_withdrawn_incident_renew_it_once(run, hotline):
    """Both get through; the second is a duplicate like any other, and has its look."""
    world = with_mechanism(changed(hotline, duplicate_gap=500.0), patience=60)
    found = run(world, call(), call(k=1, duplicates=2))
    assert (found.flow["withdrawn"], found.flow["renewed"]) == (1, 1)
    looks = [v for v in found.visits if v.k == 1 and v.report == 2]
    assert [v.stage for v in looks] == [REGISTER, SIGN]
    assert found.outcome.reports.tolist() == [0, 0, 0, 1, 3]


@pytest.mark.parametrize(("patience", "notices"), [(60, 0), (0, 1)])
def test_a_limit_that_passes_while_nobody_knows_draws_no_notice(run, hotline, patience, notices):
    """The limit of 300 s runs from the first call. Withdrawn from 60 to 600, it is then overdue
    without a notice; with endless patience there is one."""
    world = with_mechanism(changed(hotline, duplicate_gap=500.0), patience=patience)
    world = changed(world, limit_unit=codes.CLOCK_HOURS, limit_value=300)
    world = with_route(with_lever(world, supervision=1.0), supervise=(CITY, CALLBACK))
    found = run(world, call(severity=codes.GRADE_I), call(k=1, duplicates=1))
    seen = [v for v in found.visits if v.k == 1 and v.stage == codes.SUPERVISE]
    assert len(seen) == found.incidents[1]["escalated"] == notices
    assert found.incidents[1]["limit"] == MONDAY_9 + 300


# --- batches ----------------------------------------------------------------------------------


def with_batches(idle, siloed, size, release=None):
    """The command desks relay what the city's judges, in batches."""
    number = NONE if release is None else siloed.calendar_names.releases.index(release)
    return changed(with_lever(idle, direct=0.0), choice=((codes.FIRST_COME, number, size),))


def relayed(found):
    """{number: [tick it joined each relay]}, in the order of the numbers."""
    hops = sorted((v.k, v.joined) for v in found.visits if v.stage == DISPATCH)
    return {k: [joined for number, joined in hops if number == k] for k, _ in hops}


def at_work(k, occurred=0, **columns):
    """An incident that is judged at once: so many take 200 s each, one after another."""
    return arrival(MONDAY_9 + occurred, k, **columns)


def test_a_batch_leaves_when_it_is_full(run, idle, siloed):
    """Judged at 200, 400 and 600, they leave together; the fourth waits for two more for ever."""
    found = run(with_batches(idle, siloed, 3), *(at_work(k) for k in range(4)))
    assert relayed(found) == {k: [600] for k in range(3)}
    starts = [v.started for v in found.visits if v.stage == DISPATCH]
    assert starts == [600, 900, 1200]
    held = [found.incidents[k]["dispatch_release"] for k in range(4)]
    assert held == [400, 200, 0, 0]
    assert (found.incidents[3]["state"], found.outcome.queue.sum()) == (OPEN, 0)


def test_urgent_ones_do_not_wait_for_a_batch_nor_fill_it(run, idle, siloed):
    urgent = at_work(1, severity=codes.GRADE_II)
    found = run(with_batches(idle, siloed, 2), at_work(0), urgent, at_work(2))
    assert relayed(found) == {0: [600], 1: [400], 2: [600]}


TEN = HOUR  # batches are let out at ten and at four, an hour and seven hours from the start


@pytest.mark.parametrize(
    ("occurred", "joined"),
    [
        ([0, 0], [TEN, TEN]),  # two are too few
        ([0, 0, 0], [600, 600, 600]),
        ([0, 0, TEN - 200], [TEN, TEN, TEN]),  # the third is judged at that very tick
        ([0, 0, TEN - 199], [TEN, TEN, 7 * HOUR]),  # it begins another batch
    ],
)
def test_a_batch_leaves_by_the_schedule_if_that_is_first(run, idle, siloed, occurred, joined):
    world = with_batches(idle, siloed, 3, "twice_daily")
    found = run(world, *(at_work(k, tick) for k, tick in enumerate(occurred)))
    assert relayed(found) == {k: [tick] for k, tick in enumerate(joined)}
    ready = [200, 400, 600 if occurred[-1] == 0 else occurred[-1] + 200]
    for k, tick in enumerate(joined):
        assert found.incidents[k]["dispatch_release"] == tick - ready[k]


def test_a_batch_that_has_left_is_not_let_out_again(run, idle, siloed):
    """On the way to a township they gather twice. The first batch, full at 400, would have been let
    out at ten o'clock, when one of the two is at work and the other waits for the seat."""
    paper = (100, 200, 5000, 400, 500, 600, 700, 800)
    world = changed(with_batches(idle, siloed, 2, "twice_daily"), paper_mean=paper)
    found = run(world, *(at_work(k, tier=TOWNSHIP) for k in range(2)))
    assert relayed(found) == {k: [400, 10400] for k in range(2)}
    starts = [v.started for v in found.visits if v.stage == DISPATCH]
    assert starts == [400, 5400, 10400, 15400]
    held = [found.incidents[k]["dispatch_release"] for k in range(2)]
    assert held == [200 + 5000, 0]


# --- signing and disposing --------------------------------------------------------------------


def test_signing_at_a_desk_of_its_own(run, idle):
    """The township's command desk signs for the district's departments."""
    found = run(with_route(idle, sign=(TOWNSHIP, COMMAND)), arrival(), arrival(k=1))
    steps = [(v.k, v.stage, v.joined, v.started) for v in found.visits]
    assert steps == [
        (0, JUDGE, 0, 0),
        (1, JUDGE, 0, 200),
        (0, SIGN, 200, 200),
        (1, SIGN, 400, 600),
        (0, DISPOSE, 600, 600),
        (1, DISPOSE, 1000, 1600),
    ]
    assert [found.incidents[k]["handovers"] for k in (0, 1)] == [2, 2]


@pytest.mark.parametrize("verification", [0.0, 1.0])
def test_where_nobody_disposes_an_incident_is_solved_when_it_is_signed(run, idle, verification):
    """Or when it is verified, where that is asked for."""
    world = with_route(idle, sign=(CITY, CALLBACK), verify=(DISTRICT, COMMAND))
    world = with_lever(changed(world, dispose=NONE), verification=verification)
    found = run(changed(world, duplicate_gap=100.0), arrival(partners=2, duplicates=1))
    stages = [(v.stage, v.joined) for v in found.visits if v.report == 0]
    verified = [(VERIFY, 600)] if verification else []
    assert stages == [(JUDGE, 0), (SIGN, 200), *verified]
    assert found.incidents[0]["solved"] - MONDAY_9 == (1100 if verification else 600)
    duplicate = [v.stage for v in found.visits if v.report == 1]
    assert duplicate == [JUDGE]  # no look at a disposer that is not there


def test_where_nobody_disposes_a_false_closing_comes_back_after_its_sleep(run, idle):
    """Nothing succeeds; nobody looks. Each life is judging, signing and a sleep of an hour."""
    world = with_route(idle, sign=(CITY, CALLBACK))
    world = changed(with_mechanism(world, dormancy=HOUR), dispose=NONE, failure=1.0)
    found = run(world, arrival(), end=MONDAY_9 + 2 * (600 + HOUR) + 600)
    assert [v.joined for v in found.visits if v.stage == JUDGE] == [0, 600 + HOUR, 2 * (600 + HOUR)]
    incident = found.incidents[0]
    assert (incident["false_closings"], incident["dormant"]) == (2, 2 * HOUR)
    again = [incident[f"again_{use}"] for use in codes.TIME_USES]
    assert again == [0, 600 + 200, 0]  # the second life, and of the third the judging


# --- the order of decisions -------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 2, 24, 25, 400])
def test_asks_are_put_in_order_by_incident_then_report_then_branch(n):
    """By insertion when they are few, by sorting when they are many; both with ties."""
    rng = np.random.default_rng(n)
    s = allocate(1, DAY, (0, DAY), False, False)
    handle = Handle(s)
    asked = []
    for event in range(n):
        key, report, branch = (int(rng.integers(high)) for high in (5, 3, 66))
        decide.ask(handle, key, decide.sub_key(report, branch), event)
        asked.append((key, report, branch, event))
    decide.sort_asks(handle)
    assert s.count[N_ASKS] == n
    order = [asked[event][:3] for event in s.ask_event[:n].tolist()]
    assert order == sorted(order)
    assert sorted(s.ask_event[:n].tolist()) == list(range(n))
    assert s.ask_key[:n].tolist() == [key for key, _, _ in order]


def test_an_incidents_own_tasks_are_decided_by_report_then_branch():
    names = [(0, 0), (0, 1), (0, 63), (0, SUPERVISE_BRANCH), (1, 0), (65535, 0)]
    subs = [decide.sub_key(*name) for name in names]
    assert subs == sorted(set(subs))
    assert subs[-1] < NEVER

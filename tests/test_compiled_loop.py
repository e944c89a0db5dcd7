"""How a tick is settled, by hand: rounds of three phases, seats, openings, and what is counted.

Nothing here is by chance: judging takes 200 s, signing 400 s and disposing 1000 s. Ticks are
counted from nine o'clock on Monday.
"""

import numpy as np
import pytest

from sim import codes, rows
from sim.codes import DISPOSE, JUDGE, NONE, SIGN
from sim.compiled import loop
from sim.compiled.events import EVENT_KINDS
from sim.compiled.state import (
    N_DONE,
    N_DRAWN,
    NEED_EVENTS,
    NEED_INCIDENTS,
    NEXT_ARRIVAL,
    NOW,
    RESUMING,
    ROUND,
    allocate,
)
from sim.draws import OF_BACKGROUND, OF_FALSE_ALARM
from sim.handle import Handle
from sim.units import DAY, HOUR
from sim.world import world_handle
from tests.both import of_compiled, tables
from tests.conftest import MONDAY_9, arrival, changed, with_lever
from tests.worlds import Case


def run(world, *arrivals, window=(0, DAY)):
    """(visits of each stage as (number, joined, started), outcome) of some incidents."""
    result = of_compiled(Case(world, [(DAY, np.array(arrivals))], DAY, window))
    visits = tables(result)["visits"]
    columns = (
        visits["incident"] % 2**24,
        visits["joined"] - MONDAY_9,
        visits["started"] - MONDAY_9,
    )
    found = {stage: [] for stage in range(codes.N_STAGES)}
    for stage, *row in zip(visits["stage"].tolist(), *(c.tolist() for c in columns), strict=True):
        found[stage].append(tuple(row))
    return found, result[-1]


def settled(outcome):
    """Events by name, without those that have not occurred."""
    counts = zip((*EVENT_KINDS, "arrival"), outcome.settled.tolist(), strict=True)
    return {name: n for name, n in counts if n}


def at(tick, k=0, **columns):
    return arrival(MONDAY_9 + tick, k, **columns)


# --- rounds -----------------------------------------------------------------------------------


def test_what_is_noticed_as_it_occurs_is_decided_in_the_same_round(idle):
    """The seat that is free at 200 goes to the fire that breaks out at 200, not to who waits."""
    world = changed(idle, choice=((codes.URGENCY, NONE, 0),))
    urgent = at(200, 2, severity=codes.GRADE_I)
    found, outcome = run(world, at(0), at(100, 1), urgent)
    assert found[JUDGE] == [(0, 0, 0), (2, 200, 200), (1, 100, 400)]
    assert settled(outcome) == {"work_ends": 9, "arrival": 3}  # no notice of its own


def test_a_later_notice_is_an_event_of_its_own(idle):
    found, outcome = run(changed(idle, resident_mean=70.0), at(0, base=codes.HOTLINE))
    assert found[JUDGE] == [(0, 70, 70)]
    assert settled(outcome) == {"notice": 1, "work_ends": 3, "arrival": 1}


def test_all_events_of_a_tick_come_before_the_first_seat_is_filled(idle):
    """At 600 the first has been signed for and the second joins to be judged; the desk that signs
    and disposes takes up first who has waited longest there."""
    found, _ = run(idle, at(0), at(0, 1), at(600, 2))
    assert found[SIGN] == [(0, 200, 200), (1, 400, 600), (2, 800, 2000)]
    assert found[DISPOSE] == [(0, 600, 1000), (1, 1000, 2400), (2, 2400, 3400)]


def test_what_takes_no_time_takes_rounds_of_its_tick(idle):
    """Four rounds: it occurs and is judged; signed; disposed of; and that ends."""
    world = world_handle(changed(idle, paper_mean=0.0, dispose_mean=0.0))
    s = allocate(idle.desk_opening.size, DAY, (0, DAY), True, True)
    assert loop.run_until(world, Handle(s), at(0)[None], DAY) == loop.SETTLED
    assert (s.count[NOW], s.count[ROUND], s.count[N_DONE]) == (MONDAY_9, 3, 3)
    assert s.count[RESUMING] == 0


@pytest.mark.parametrize(("end", "done"), [(200, 0), (201, 1), (600, 1), (601, 2)])
def test_a_run_settles_every_tick_before_its_end(idle, end, done):
    s = allocate(idle.desk_opening.size, DAY, (0, DAY), True, True)
    ended = loop.run_until(world_handle(idle), Handle(s), at(0)[None], MONDAY_9 + end)
    assert (ended, s.count[N_DONE], s.count[NEXT_ARRIVAL]) == (loop.SETTLED, done, 1)


def test_a_run_without_room_for_what_occurs_says_how_much_it_needs(idle):
    """It stops before the tick begins, and goes on from there."""
    s = allocate(idle.desk_opening.size, DAY, (0, DAY), True, True)
    n = s.incidents.shape[0] + 5
    arrivals = np.array([at(0, k) for k in range(n)])
    assert loop.run_until(world_handle(idle), Handle(s), arrivals, DAY) == loop.MORE_ROOM
    assert s.count[[NEED_INCIDENTS, NEED_EVENTS]].tolist() == [n, 2 * n]
    assert s.count[[N_DRAWN, NEXT_ARRIVAL, RESUMING]].tolist() == [0, 0, 0]


# --- what occurs ------------------------------------------------------------------------------


def test_a_false_alarm_of_a_sensor_that_is_not_there_leaves_no_trace(idle):
    alarms = [at(0, k, entity=OF_FALSE_ALARM) for k in range(3)]
    found, outcome = run(idle, *alarms)
    assert settled(outcome) == {"arrival": 3}
    assert (outcome.drawn, outcome.reports_drawn, outcome.states.sum()) == (0, 0, 0)
    found, outcome = run(with_lever(idle, sensing=1.0), *alarms)
    assert [k for k, _, _ in found[SIGN]] == [0, 1, 2]
    assert outcome.reports.tolist() == [0, 0, 0, 3, 0]


def test_background_tasks_are_worked_and_counted_nowhere_else(idle):
    """The mean of their work is 0 in a world without mechanisms; the desk is the 4th."""
    found, outcome = run(idle, at(0, entity=OF_BACKGROUND, given=3))
    assert found[DISPOSE] == [(0, 0, 0)]
    assert (outcome.drawn, outcome.flow.sum(), outcome.starts[3]) == (0, 0, 1)
    assert outcome.reports.tolist() == [0, 0, 0, 0, 1]


# --- seats and openings -----------------------------------------------------------------------


def test_a_closed_desk_is_woken_when_it_opens(idle, siloed):
    """From five in the morning two wait to be judged until nine; the one seat takes the first, and
    looks at the queue once more when the desk opens after noon."""
    office = siloed.calendar_names.openings.index("office")
    early = -4 * HOUR
    found, outcome = run(changed(idle, desk_opening=office), at(early), at(early, 1))
    assert found[JUDGE] == [(0, early, 0), (1, early, 200)]
    assert outcome.settled[EVENT_KINDS.index("opens")] == 3  # once more where they are signed for


@pytest.mark.parametrize("seats", [1, 2, 3])
def test_so_many_work_at_once_as_there_are_seats(idle, seats):
    found, _ = run(changed(idle, seats=seats), *(at(0, k) for k in range(4)))
    assert [started for _, _, started in found[JUDGE]] == [200 * (k // seats) for k in range(4)]


# --- what desks count -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "joins", "starts", "delayed", "waited", "queued", "busy"),
    [
        ((-100, 700), 3, 3, 2, 100 + 200, 100 + 200, 600),
        ((0, 100), 1, 1, 0, 0, 0, 100),
        ((150, 250), 1, 1, 1, 100, 50 + 50, 100),  # k=1 starts at 200; k=2 joins then
        ((201, 400), 0, 0, 0, 0, 199, 199),
        ((400, 401), 0, 1, 1, 200, 0, 1),
    ],
)
def test_a_desk_counts_what_falls_into_the_window(
    idle, layout, window, joins, starts, delayed, waited, queued, busy
):
    """Judged from 0, 200 and 400 on, having joined at 0, 100 and 200."""
    measured = tuple(MONDAY_9 + tick for tick in window)
    _, outcome = run(idle, at(0), at(100, 1), at(200, 2), window=measured)
    (desk,) = np.flatnonzero((layout.tier == codes.CITY) & (layout.group == codes.COMMAND))
    names = ("joins", "starts", "delayed", "waited", "queued", "busy")
    counts = [int(getattr(outcome, name)[desk]) for name in names]
    assert counts == [joins, starts, delayed, waited, queued, busy]


def test_who_still_waits_at_the_end_is_counted(idle, layout):
    """Ten at the desk at once: after half an hour one is at work and none has left the queue."""
    world = changed(idle, paper_mean=float(HOUR))
    arrivals = np.array([at(0, k) for k in range(10)])
    end = MONDAY_9 + 1800
    *_, left, outcome = of_compiled(Case(world, [(end, arrivals)], end, (0, end)))
    (desk,) = np.flatnonzero((layout.tier == codes.CITY) & (layout.group == codes.COMMAND))
    assert (outcome.joins[desk], outcome.starts[desk], outcome.queue[desk]) == (10, 1, 9)
    assert (outcome.queued[desk], outcome.waited[desk], outcome.busy[desk]) == (9 * 1800, 0, 1800)
    assert left.incidents[:, rows.I_STATE].tolist() == [codes.OPEN] * 10

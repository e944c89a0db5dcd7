"""Small worlds by hand, to the tick: growth, withdrawals and false merges. Both clocks must give
what the hand gives.

Nothing here is by chance. A call takes 100 s to register, a signature 400 s and a disposal 1000 s;
every desk has one seat and is open at all hours. Ticks are counted from nine o'clock on Monday.
"""

import numpy as np
import pytest

from sim import codes, rows
from sim.codes import (
    CITY,
    DISPOSE,
    GRADE_II,
    HOTLINE,
    HOTLINE_DESK,
    NONE,
    REGISTER,
    SIGN,
    SOLVED,
    VOIDED,
    WITHDRAWN,
)
from sim.compiled.events import GROWS
from sim.records import FLOW_COLUMNS, TIME_COLUMNS, WITHDRAWN_BRANCH
from sim.units import DAY, NEVER
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

END = 7 * DAY
STILL = 3  # the place of a kind that does not grow


@pytest.fixture(params=[of_compiled, of_simpy], ids=["compiled", "simpy"])
def run(request):
    """(visits as (k, stage, joined, started, ended), incidents by number, outcome) of calls."""

    def found(world, *arrivals):
        table = np.array(sorted(arrivals, key=lambda row: (row[rows.I_OCCURRED], row[rows.I_KEY])))
        result = request.param(Case(world, [(END, table)], END, (0, END)))
        visits, ended = (tables(result)[name] for name in ("visits", "incidents"))
        ticks = [visits[name] - MONDAY_9 for name in ("joined", "started", "ended")]
        columns = (visits["incident"] % 2**24, visits["stage"], *ticks)
        incidents = {
            int(key % 2**24): {name: int(values[i]) for name, values in ended.items()}
            for i, key in enumerate(ended["incident"])
        }
        listed = [tuple(map(int, row)) for row in zip(*columns, strict=True)]
        return listed, incidents, result[-1], visits

    return found


def call(occurred=0, k=0, **columns):
    """An incident that a resident reports at once, by ringing the hotline."""
    return arrival(MONDAY_9 + occurred, k, **{"base": HOTLINE} | columns)


def flow(outcome, name):
    return int(outcome.flow[:, FLOW_COLUMNS.index(name)].sum())


@pytest.fixture(scope="module")
def hotline(idle):
    """Calls are registered at the hotline, and sent on from there without being judged."""
    world = with_route(idle, judge=(NONE, NONE))
    world = with_route(world, channel=HOTLINE, register=(CITY, HOTLINE_DESK))
    return changed(world, resident_mean=0.0)


# --- growth -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def growing(hotline):
    """The kind of the calls is a grade graver after each 200 s."""
    means = np.full(len(hotline.growth_mean), 200.0)
    means[STILL] = NEVER
    return with_mechanism(changed(hotline, growth_mean=means), growth_rate=1.0)


def test_it_grows_until_the_disposal_begins_and_takes_as_much_longer(run, growing):
    """At 200 and at 400; the disposal begins at 500, and the timer that ends at 600 is spent."""
    visits, incidents, outcome, _ = run(with_mechanism(growing, growth_work=0.5), call())
    assert visits[-1] == (0, DISPOSE, 500, 500, 2500)
    found = incidents[0]
    assert (found["growths"], found["grade"], found["severity"]) == (2, GRADE_II, codes.GRADE_IV)
    assert outcome.settled[GROWS] == 3


def test_a_false_closing_sets_a_spent_timer_anew(run, growing):
    """Closed falsely at 1500, it is a grade graver again at 1700, and back at 2500."""
    world = with_mechanism(changed(growing, failure=1.0), dormancy=1000.0)
    _, incidents, outcome, _ = run(world, call())
    assert incidents[0]["growths"] == 3
    assert flow(outcome, "false_closed") > 1


@pytest.mark.parametrize(("discipline", "second"), [(codes.FIRST_COME, 1), (codes.URGENCY, 2)])
def test_what_grows_while_it_waits_overtakes_where_urgency_counts(run, growing, discipline, second):
    """At 90 the third call is a grade graver than the second, which has waited as long."""
    means = growing.growth_mean * 0 + 90.0
    means[STILL] = NEVER
    world = changed(growing, growth_mean=means, choice=((discipline, NONE, 0),))
    calls = call(k=0, kind=STILL), call(k=1, kind=STILL), call(k=2)
    visits, *_ = run(world, *calls)
    order = [k for k, stage, *_ in visits if stage == REGISTER]
    assert order == [0, second, 3 - second]


def test_what_nobody_notices_grows_to_the_first_grade_and_no_further(run, growing):
    _, incidents, outcome, _ = run(changed(growing, resident_mean=float(2 * DAY)), call())
    assert (incidents[0]["growths"], incidents[0]["grade"]) == (3, codes.GRADE_I)
    assert outcome.settled[GROWS] == 3


def test_where_nothing_grows_no_timer_is_set(run, growing):
    _, _, outcome, _ = run(growing, call(kind=STILL))
    assert outcome.settled[GROWS] == 0


# --- withdrawal -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def withdrawing(hotline):
    return with_mechanism(hotline, withdrawal=1.0, withdrawal_delay=60.0)


def test_who_waits_is_gone_at_once_and_what_is_at_work_ends_with_its_visit(
    run, withdrawing, layout
):
    """The first call is answered from 0 to 100, the third from 100 to 200; all withdraw after 60.
    The second leaves the queue at 60."""
    visits, incidents, outcome, table = run(withdrawing, call(), call(k=1), call(90, k=2))
    assert visits == [(0, REGISTER, 0, 0, 100), (2, REGISTER, 90, 100, 200)]
    assert set(table["outcome"]) == {VOIDED}
    assert set(table["branch"]) == {WITHDRAWN_BRANCH}
    assert {found["state"] for found in incidents.values()} == {WITHDRAWN}
    desk = own_desk(layout, CITY, HOTLINE_DESK)
    counts = [
        int(getattr(outcome, name)[desk]) for name in ("joins", "starts", "removed", "queued")
    ]
    assert counts == [3, 2, 1, 60 + 10]
    assert (flow(outcome, "withdrawn"), outcome.reports[codes.VOID]) == (3, 3)
    assert [incidents[2][name] for name in ("register_waiting", "register_working")] == [10, 50]


@pytest.mark.parametrize(("delay", "state"), [(499, WITHDRAWN), (500, WITHDRAWN), (501, SOLVED)])
def test_it_is_too_late_once_a_seat_has_taken_the_disposal_up(run, withdrawing, delay, state):
    """Signed by 500; at that very tick the decision comes first, and the seat after it."""
    visits, incidents, outcome, _ = run(with_mechanism(withdrawing, withdrawal_delay=delay), call())
    assert incidents[0]["state"] == state
    assert [stage for _, stage, *_ in visits][:2] == [REGISTER, SIGN]
    assert outcome.removed.sum() == (delay == 500)


def test_another_resident_renews_it(run, withdrawing):
    """Withdrawn at 60, while it is being registered; another rings at 500, and goes on."""
    world = changed(withdrawing, duplicate_gap=500.0)
    visits, incidents, outcome, _ = run(world, call(duplicates=1))
    assert visits[:2] == [(0, REGISTER, 0, 0, 100), (0, REGISTER, 500, 500, 600)]
    found = incidents[0]
    assert (found["state"], found["retracted"], flow(outcome, "renewed")) == (SOLVED, 1, 1)
    assert found["sensing"] == 540
    assert sum(found[name] for name in TIME_COLUMNS) == found["solved"] - found["occurred"]


# --- false merges -----------------------------------------------------------------------------


def test_one_of_two_alike_is_mistaken_for_the_other_and_comes_back(run, hotline):
    """The first is registered by 100, when the second is open; the second by 200, when the first
    lies dormant. It comes back at 5100, alone, and is solved 1500 s later."""
    world = with_mechanism(with_lever(hotline, merging=1.0), false_merge=1.0, dormancy=5000.0)
    _, incidents, outcome, _ = run(world, call(), call(10, k=1))
    assert [incidents[k]["mismerged"] for k in (0, 1)] == [1, 0]
    assert [incidents[k]["solved"] - MONDAY_9 for k in (0, 1)] == [6600, 1600]
    first = incidents[0]
    assert (first["dormant"], first["false_closings"], first["reports"]) == (5000, 0, 2)
    assert first["first_closed"] == first["solved"]
    assert [flow(outcome, name) for name in ("mismerged", "returned", "first_closed")] == [1, 1, 2]
    assert outcome.reports.tolist() == [0, 0, 1, 0, 2]


@pytest.mark.parametrize("other", [{"kind": STILL}, {"township": 1, "grid": 4}])
def test_what_is_of_another_kind_or_township_is_not_mistaken(run, hotline, other):
    world = with_mechanism(with_lever(hotline, merging=1.0), false_merge=1.0, dormancy=5000.0)
    _, incidents, *_ = run(world, call(), call(10, k=1, **other))
    assert not any(found["mismerged"] for found in incidents.values())

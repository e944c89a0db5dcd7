"""What each lever of supervision and of ways of working does in whole runs of the tiny city.

Each lever moves the measure of its own mechanism, as much as it is drawn, and costs seat time; at
nought it changes no incident by one tick, whatever the mechanism's numbers.
"""

from functools import cache

import numpy as np
import pytest

from experiments.one_run import simulate
from scenarios.load import load
from sim import codes
from sim.draws import OF_TRIVIAL
from sim.records import SUPERVISE_BRANCH
from sim.stream import unpack_key
from tests.both import first_difference
from tests.conftest import TINY

pytestmark = pytest.mark.filterwarnings(  # a lever may well overload the desks that it burdens
    "ignore:policy .* are offered more work than their seats can do"
)

LEVERS = ("reminder", "criticism", "extension", "dual", "whistle", "assessment", "automation")
NUMBERS = (
    "reminder={lead: 0.5, work: 9}", "criticism={delay_hours: 1, work: 9, answer: 9}",
    "extension={length: 3}", "whistle={stay: 9, travel_minutes: 900}",
    "assessment={window: 0.9, hurry: 1, hurry_failure: 1, extension: 1, trivial: 50}",
    "automation={clarity: -10, exception: 10}",
)  # fmt: skip


@cache
def run(policy, *overrides):
    overrides = [f"policy.levers.{o}" if o.split("=")[0] in LEVERS else o for o in overrides]
    # The same seats, so that nothing but the lever differs.
    parameters = load([*TINY, f"policy={policy}", "record=visits", "staff.place=fixed", *overrides])
    return simulate(parameters, seed=1)


def seat_hours(found, **conditions):
    visits = found.visit_columns
    mine = np.ones(visits["desk"].size, bool)
    for column, value in conditions.items():
        mine &= visits[column] == value
    return visits["worked"][mine].sum() / 3600


# --- at nought --------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["siloed", "integrated"])
def test_at_nought_the_numbers_of_a_mechanism_change_nothing(policy):
    off = [f"{lever}=0" for lever in LEVERS]
    plain = run(policy, *off)
    other = run(policy, *off, *(f"mechanism.{number}" for number in NUMBERS))
    assert first_difference(plain, other) is None
    assert plain.outcome.drawn > 1000


# --- each lever moves its own measure ---------------------------------------------------------


@pytest.mark.parametrize("policy", ["siloed", "integrated"])
@pytest.mark.parametrize(
    ("lever", "measure"),
    [
        ("reminder", "reminded_share"),
        ("criticism", "criticised_share"),
        ("extension", "extended_share"),
        ("whistle", "whistled_share"),
        ("automation", "automated_share"),
    ],
)
def test_a_lever_moves_its_own_measure(policy, lever, measure):
    soon = "mechanism.criticism.delay_hours=12"
    shares = [run(policy, f"{lever}={s}", soon).metrics()[measure] for s in (0.0, 0.4, 1.0)]
    assert shares[0] == 0.0
    assert 0.0 < shares[1] < shares[2]


def test_only_direct_dispatch_is_dual():
    shares = [run("integrated", f"dual={s}").metrics()["dual_share"] for s in (0.0, 0.4, 1.0)]
    assert shares[0] == 0.0 < shares[1] < shares[2]
    assert run("siloed", "dual=1.0").metrics()["dual_share"] == 0.0


def test_who_is_drawn_at_a_lower_share_stays_at_a_higher_one():
    """Where nothing else can come between: automation is drawn as soon as it is registered."""
    found = [run("siloed", f"automation={s}").incident_columns for s in (0.3, 0.8)]
    low, high = (set(c["incident"][c["automated"] == 1]) for c in found)
    known = set(found[1]["incident"][found[1]["noticed"] < found[1]["noticed"].max()])
    assert low & known <= high
    assert 1.5 < len(high) / len(low) < 4


# --- gains and costs --------------------------------------------------------------------------


def test_supervision_costs_seats_and_puts_the_late_first():
    plain, all_on = run("siloed"), run("siloed", "reminder=1", "criticism=1", "extension=1")
    assert seat_hours(plain, stage=codes.SUPERVISE) == 0
    for errand in (codes.REMIND, codes.CRITICISE, codes.EXTEND):
        branch = SUPERVISE_BRANCH + errand - codes.NOTIFY
        assert seat_hours(all_on, stage=codes.SUPERVISE, branch=branch) > 0
    answers = seat_hours(all_on, branch=SUPERVISE_BRANCH + codes.CRITICISE - 1, attempt=1)
    assert answers > 0


def test_extensions_are_told_from_being_on_time():
    plain, extended = (run("siloed", f"extension={s}").metrics() for s in (0.0, 1.0))
    assert plain["on_time_with_extensions_share"] == plain["on_time_share"]
    assert extended["on_time_with_extensions_share"] > extended["on_time_share"]


def test_dual_dispatch_saves_returns_and_costs_looks():
    single, dual = (
        run("integrated", f"dual={s}", "policy.levers.first_receiver=0") for s in (0.0, 1.0)
    )
    assert dual.metrics()["returns_mean"] < single.metrics()["returns_mean"]
    branch = SUPERVISE_BRANCH + codes.CO_HANDLE - codes.NOTIFY
    assert seat_hours(single, branch=branch) == 0 < seat_hours(dual, branch=branch)


def test_a_whistle_saves_returns_and_costs_disposal():
    """An incident named at a township is not returned, but several stay until it is done."""
    alone, whistled = (run("siloed", f"whistle={s}") for s in (0.0, 1.0))
    assert whistled.metrics()["returns_mean"] < alone.metrics()["returns_mean"]
    a, b = (seat_hours(r, stage=codes.DISPOSE) for r in (alone, whistled))
    assert b > a
    keys = whistled.incident_columns["incident"][whistled.incident_columns["whistled"] == 1]
    visits = whistled.visit_columns
    joint = visits["branch"][np.isin(visits["incident"], keys) & (visits["stage"] == codes.DISPOSE)]
    assert (joint > 0).sum() >= 0.9 * len(keys)  # the township, and whoever else is needed


def test_a_procedure_saves_judging_and_mishandles_exceptions():
    blind = "mechanism.automation.exception=3"
    judged, automated = (run("siloed", f"automation={s}", blind) for s in (0.0, 1.0))
    a, b = (seat_hours(r, stage=codes.JUDGE) for r in (judged, automated))
    assert b < a
    wrong, right = automated.metrics()["misrouted_share"], judged.metrics()["misrouted_share"]
    assert wrong > right


def test_ranking_hurries_fails_and_makes_events():
    """At full strength and with much haste: less work a disposal, more false closings, and grid
    time for events that are no incidents."""
    strong = ("mechanism.assessment.hurry_failure=0.4", "mechanism.assessment.window=1")
    fair, ranked = (run("siloed", f"assessment={s}", *strong) for s in (0.0, 1.0))
    assert ranked.metrics()["reopened_share"] > fair.metrics()["reopened_share"]
    assert ranked.metrics()["extended_share"] > 0 == fair.metrics()["extended_share"]
    entity = unpack_key(ranked.visit_columns["incident"].copy())[0]
    trivial = {name: values[entity == OF_TRIVIAL] for name, values in ranked.visit_columns.items()}
    assert set(trivial["stage"]) == {codes.REGISTER, codes.SIGN}
    assert trivial["worked"].sum() > 0
    assert ranked.outcome.drawn == fair.outcome.drawn  # incidents are those that occur
    closed = [r.outcome.reports[codes.CLOSED] for r in (fair, ranked)]
    assert closed[1] > 1.5 * closed[0]  # events that count as closed
    assert ranked.outcome.reports.sum() == ranked.outcome.reports_drawn

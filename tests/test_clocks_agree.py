"""The two clocks agree to the last tick on random crowded worlds, in which everything occurs.

experiments/guarantee.py runs the same checks on many more worlds.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.guarantee import shows
from experiments.one_run import simulate
from scenarios.load import load
from sim.outcome import Outcome
from tests.books import check_books
from tests.both import first_difference, of_compiled, of_simpy, tables
from tests.faults import FAULTS, HARMLESS
from tests.tally import Tally, watching
from tests.worlds import MOST_INCIDENTS, random_world, without_time

N_WORLDS, N_DRAWN = 110, 60  # by number, and drawn by hypothesis; make guarantee: thousands
N_FOR_FAULTS = 150  # worlds that a planted fault is tried on before it counts as unseen
N_FOR_HARMLESS = 8
N_FOR_THREADS = 30


# --- the worlds by their numbers --------------------------------------------------------------


@cache
def case_of(number):
    """A world by its number, and the compiled clock's result."""
    case = random_world(number)
    return case, of_compiled(case)


@cache
def swept():
    """(what occurred, first differences by world, what desks should have counted by world) in all
    worlds by their numbers; the last for worlds that are measured from beginning to end."""
    tally, differences, due, clocks = Tally(), {}, {}, []
    with watching(tally) as make_clock:

        def noted(*arguments, **options):
            clocks.append(make_clock(*arguments, **options))
            return clocks[-1]

        for number in range(N_WORLDS):
            case, expected = case_of(number)
            found = of_simpy(case, noted)
            difference = first_difference(expected, found)
            if difference is not None:
                differences[number] = difference
            if case.window == (0, case.end) and isinstance(found[-1], Outcome):
                due[number] = clocks.pop().due(tables(found)["visits"])
    return tally, differences, due


def test_both_clocks_agree_on_every_world():
    _, differences, _ = swept()
    assert not differences, "\n".join(f"world {n}: {text}" for n, text in differences.items())


@settings(
    derandomize=True,
    max_examples=N_DRAWN,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.integers(10**6, 2**40), st.integers(1, MOST_INCIDENTS))
def test_both_clocks_agree_on_any_world(number, incidents):
    case = random_world(number, incidents)
    expected = of_compiled(case)
    assert first_difference(expected, of_simpy(case)) is None
    if isinstance(expected[-1], Outcome):
        check_books(case, expected)


def test_everything_occurs_in_the_worlds():
    tally, _, _ = swept()
    assert not tally.missing()


def test_the_books_of_every_world_add_up():
    checked = 0
    for number in range(N_WORLDS):
        case, result = case_of(number)
        if isinstance(result[-1], Outcome):
            check_books(case, result)
            checked += 1
    assert checked > 0.9 * N_WORLDS


def test_every_desk_accounts_for_every_visit_to_the_tick():
    """Little's law along the path: what is counted as it happens is what visits add up to."""
    _, _, due = swept()
    for number, counted in due.items():
        _, result = case_of(number)
        for name, values in counted.items():
            found = getattr(result[-1], name)
            np.testing.assert_array_equal(found, values, err_msg=f"{name} of world {number}")
    assert len(due) > N_WORLDS / 3
    for name in next(iter(due.values())):
        assert sum(counted[name].sum() for counted in due.values()) > 0, name


@pytest.mark.parametrize("fault", FAULTS)
def test_every_planted_fault_is_caught(fault):
    for number in range(N_FOR_FAULTS):
        if shows(*case_of(number), FAULTS[fault]):
            return
    pytest.fail(f"{fault} has changed no visit in {N_FOR_FAULTS} worlds")


@pytest.mark.parametrize("order", HARMLESS)
def test_an_order_that_cannot_matter_does_not(order):
    for number in range(N_FOR_HARMLESS):
        case, expected = case_of(number)
        assert first_difference(expected, of_simpy(case, order)) is None


def test_both_clocks_blame_the_same_incident_for_a_tick_without_end():
    still = [without_time(random_world(number, 60)) for number in range(6)]
    results = [[of(case) for of in (of_compiled, of_simpy)] for case in still]
    assert not [a[-1] for a, b in results if first_difference(a, b)]
    assert sum(isinstance(a[-1], str) for a, _ in results) > len(results) / 2


def test_threads_change_nothing():
    cases, expected = zip(*map(case_of, range(N_FOR_THREADS)), strict=True)
    with ThreadPoolExecutor(2) as pool:
        for serial, parallel in zip(expected, pool.map(of_compiled, cases), strict=True):
            assert first_difference(serial, parallel) is None


# --- as users run them ------------------------------------------------------------------------

ONE_DAY = (
    "stream.volume=0.5",
    "horizon.warmup_days=0",
    "horizon.cohort_days=1",
    "horizon.followup_days=1",
)
SHORT = ("city=tiny", "horizon=short", "staff.pilot_incidents=4000")
REAL = {
    "tiny siloed": (*SHORT, "policy=siloed"),
    "tiny integrated": (*SHORT, "policy=integrated"),
    "tiny paper": (*SHORT, "policy=paper"),
    "tiny in trouble": (
        *(*SHORT, "policy=integrated", "policy.levers.intake=0.6"),
        *("mechanism.outage.a_year=300", "mechanism.reporting.base=0.5"),
        *("mechanism.reporting.gain=0.4", "mechanism.hotline.patience_minutes=3"),
        *("stream.consultations=1.1", "stream.storminess=30", "stream.false_alarms=4"),
        "staff.absence.district=0.3",
    ),
    "Chongqing siloed": ("policy=siloed", *ONE_DAY),
    "Chongqing integrated": ("policy=integrated", *ONE_DAY),
}


@pytest.mark.parametrize("name", REAL)
@pytest.mark.filterwarnings("ignore:policy .* are offered more work than their seats can do")
def test_both_clocks_agree_on_real_configurations(name):
    parameters = load([*REAL[name], "record=visits"])
    a = simulate(parameters, seed=3)
    with mock.patch.object(parameters.settings, "clock", "simpy"):
        b = simulate(parameters, seed=3)
    assert first_difference(a, b) is None
    assert a.outcome.drawn > 100

"""KN and KN++ on normal data: their constants, and how often the best is chosen."""

import math

import numpy as np
import pytest

from analysis.selection import Selection
from sim.errors import InputError

NAMES = ("p", "q", "r", "s", "t")


def slippage(random, zone, correlation):
    """Normal values of variance 1: the first is lower by the zone, all others are equal."""
    shared = math.sqrt(correlation) * random.normal()
    values = shared + math.sqrt(1 - correlation) * random.normal(size=len(NAMES))
    values[0] -= zone
    return dict(zip(NAMES, values, strict=True))


def chosen(random, zone, correlation, **options):
    selection = Selection(NAMES, zone, **options)
    while wanted := selection.wanted:
        values = slippage(random, zone, correlation)
        selection.add({name: values[name] for name in wanted})
    return selection.state


@pytest.mark.parametrize("updating", [True, False])
@pytest.mark.parametrize("correlation", [0.0, 0.7])
def test_the_best_is_chosen_as_often_as_promised(updating, correlation):
    """1,000 trials; P(fewer than 930 | 95 %) = 0.003."""
    random = np.random.default_rng(11)
    zone = 0.7 * math.sqrt(1 - correlation)
    found = [chosen(random, zone, correlation, updating=updating) for _ in range(1000)]
    assert sum(state.best == "p" for state in found) >= 930
    assert all(state.is_decided for state in found)


def test_pairing_saves_runs():
    random = np.random.default_rng(12)
    apart, paired = (
        np.mean([chosen(random, 0.5, rho).spent for _ in range(50)]) for rho in (0.0, 0.9)
    )
    assert paired < apart / 2


def test_the_first_screening_is_that_of_the_paper():
    """k = 2, alpha = 0.05, n0 = 10: eta = ((2 * 0.05)^(-2/9) - 1) / 2, h^2 = 18 eta."""
    h_squared = 18 * ((2 * 0.05) ** (-2 / 9) - 1) / 2
    differences = np.array([2.0, -1.0, 3.0, 0.0, 1.0, 2.0, -2.0, 1.0, 0.0, 2.0])
    variance = differences.var(ddof=1)
    for zone in (1.0, 3.0, 0.1):
        reach = zone / 20 * (h_squared * variance / zone**2 - 10)
        for shift in (-1e-9, 1e-9):
            selection = Selection("ab", zone, lowest=False)
            moved = differences - differences.mean() + max(reach, 0) + shift
            for one in moved:
                state = selection.add({"a": one, "b": 0.0})
            others = ("a", "b") if reach > 0 else ("b",)
            assert state.left == (("a",) if shift > 0 else others)


def test_nobody_drops_out_in_the_first_stage_and_the_last_one_stays():
    selection = Selection("ab", 0.01, first=5)
    for i in range(4):
        state = selection.add({"a": 0.0 + i, "b": 100.0 + i})
        assert state.left == ("a", "b")
    state = selection.add({"a": 0.0, "b": 100.0})
    assert (state.left, state.best, state.is_decided) == (("a",), "a", True)
    assert (state.replications, state.spent) == (5, 10)
    assert selection.wanted == ()


def test_the_highest_can_be_the_best():
    selection = Selection("ab", 1.0, first=3, lowest=False)
    for i in range(3):
        state = selection.add({"a": i, "b": i + 10.0})
    assert state.best == "b"
    assert state.means == {"a": 1.0, "b": 11.0}


def test_systems_that_are_the_same_on_the_same_seeds_end():
    selection = Selection("abc", 1.0)
    while wanted := selection.wanted:
        state = selection.add(dict.fromkeys(wanted, 3.0))
    assert state.is_decided
    assert state.replications == 10


def test_a_limit_ends_it_undecided():
    random = np.random.default_rng(1)
    selection = Selection("ab", 0.001, most=20)
    while wanted := selection.wanted:
        state = selection.add({name: random.normal() for name in wanted})
    assert (state.replications, state.is_decided, len(state.left)) == (20, False, 2)
    assert state.best == min(state.means, key=state.means.get)


def test_means_and_variances_are_those_of_all_replications():
    random = np.random.default_rng(2)
    selection = Selection("abc", 1e-6, first=10)
    values = random.normal(1e6, 1, (30, 3))
    for row in values:
        state = selection.add(dict(zip("abc", row.tolist(), strict=True)))
    assert list(state.means.values()) == pytest.approx(values.mean(axis=0), rel=1e-12)
    expected = (values[:, 0] - values[:, 1]).var(ddof=1)
    assert selection._variance[0, 1] == pytest.approx(expected, rel=1e-6)


def test_before_the_first_run_nobody_is_the_best():
    assert Selection("ab", 1.0).state.best is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"systems": ["a"]},
        {"systems": ["a", "a"]},
        {"zone": 0},
        {"alpha": 0.5},
        {"alpha": 0},
        {"first": 2},
        {"most": 9},
    ],
)
def test_questions_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InputError, match="allowed: "):
        Selection(**{"systems": ["a", "b"], "zone": 1.0, **wrong})


@pytest.mark.parametrize("values", [{"a": 1.0}, {"a": 1.0, "c": 2.0}, {"a": 1.0, "b": math.nan}])
def test_values_of_all_wanted_systems_are_needed(values):
    with pytest.raises(InputError, match="allowed: one number each"):
        Selection("ab", 1.0).add(values)

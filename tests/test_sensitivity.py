"""Shares of variance and effects of functions whose answers are known."""

import math

import numpy as np
import pytest

from analysis.intervals import mean_interval, paired_interval
from analysis.sensitivity import (
    Effect,
    Factors,
    morris_design,
    morris_effects,
    rests_on,
    sobol_design,
    sobol_shares,
    swings,
)
from sim.errors import InputError

ISHIGAMI = Factors(dict.fromkeys(("x1", "x2", "x3"), (-math.pi, math.pi)))
WEIGHTS = {"a": 1.0, "b": 3.0, "c": 2.0, "idle": 0.0}
ADDITIVE = Factors(dict.fromkeys(WEIGHTS, (0.0, 2.0)))


def ishigami(x, a=7.0, b=0.1):
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_shares(a=7.0, b=0.1):
    """First and total shares in closed form (Ishigami and Homma 1990)."""
    alone = (1 + b * math.pi**4 / 5) ** 2 / 2
    second = a**2 / 8
    joint = 8 * b**2 * math.pi**8 / 225
    whole = alone + second + joint
    return (
        {"x1": alone / whole, "x2": second / whole, "x3": 0.0},
        {"x1": (alone + joint) / whole, "x2": second / whole, "x3": joint / whole},
    )


def additive(x):
    return x @ np.array(list(WEIGHTS.values()))


def by_name(entries):
    return {entry.name: entry for entry in entries}


def test_shares_of_ishigami_are_the_analytic_ones():
    design = sobol_design(ISHIGAMI, 1024, seed=1)
    assert design.shape == (1024 * 5, 3)
    found = sobol_shares(ISHIGAMI, ishigami(design), seed=1)
    first, total = ishigami_shares()
    assert [round(one, 4) for one in first.values()] == [0.3139, 0.4424, 0.0]
    assert [share.name for share in found] == ["x1", "x2", "x3"]
    for share in found:
        assert share.first == pytest.approx(first[share.name], abs=0.03)
        assert share.total == pytest.approx(total[share.name], abs=0.03)
        assert share.first_low <= first[share.name] <= share.first_high
        assert share.total_low <= total[share.name] <= share.total_high
        assert share.is_distinguishable


def test_shares_of_a_sum_are_those_of_its_squares_and_what_is_idle_has_none():
    found = sobol_shares(ADDITIVE, additive(sobol_design(ADDITIVE, 512, seed=2)), seed=2)
    squares = sum(weight**2 for weight in WEIGHTS.values())
    for name, share in by_name(found).items():
        expected = WEIGHTS[name] ** 2 / squares
        assert (share.first, share.total) == pytest.approx((expected, expected), abs=0.02)
    assert rests_on(found) == ["b", "c", "a"]


def test_noise_does_not_make_a_factor_that_is_idle_matter():
    design = sobol_design(ADDITIVE, 512, seed=3)
    noise = 0.8
    outcomes = additive(design) + np.random.default_rng(4).normal(0, noise, len(design))
    unaware = by_name(sobol_shares(ADDITIVE, outcomes, seed=3))
    aware = by_name(sobol_shares(ADDITIVE, outcomes, seed=3, noise=noise))
    assert unaware["idle"].is_distinguishable
    assert not aware["idle"].is_distinguishable
    assert aware["idle"].total == pytest.approx(noise**2 / outcomes.var(), rel=0.2)
    assert all(aware[name].is_distinguishable for name in ("a", "b", "c"))


def test_groups_are_judged_as_one():
    groups = Factors(ADDITIVE.ranges, {"a": "work", "b": "work", "c": "delay", "idle": "other"})
    design = sobol_design(groups, 256, seed=5)
    assert groups.judged == ("work", "delay", "other")
    assert design.shape == (256 * 5, 4)
    found = by_name(sobol_shares(groups, additive(design), seed=5))
    assert found["work"].total == pytest.approx(10 / 14, abs=0.02)
    assert found["delay"].total == pytest.approx(4 / 14, abs=0.02)
    assert not found["other"].is_distinguishable


def test_an_outcome_that_never_changes_rests_on_nothing():
    found = sobol_shares(ADDITIVE, np.full(6 * 8, 3.0), seed=1)
    assert rests_on(found) == []
    assert {share.total for share in found} == {0}


def test_effects_of_a_sum_are_its_weights_times_the_range():
    design = morris_design(ADDITIVE, 10, seed=1)
    assert design.shape == (50, 4)
    found = morris_effects(ADDITIVE, design, additive(design), seed=1)
    assert [effect.name for effect in found] == ["b", "c", "a", "idle"]
    for effect in found:
        assert effect.mu_star == effect.mu == pytest.approx(2 * WEIGHTS[effect.name])
        assert effect.sigma == pytest.approx(0, abs=1e-9)
    assert rests_on(found) == ["b", "c", "a"]


def test_effects_that_depend_on_others_vary():
    design = morris_design(ISHIGAMI, 50, seed=2)
    found = by_name(morris_effects(ISHIGAMI, design, ishigami(design), seed=2))
    assert found["x3"].sigma > 1
    assert found["x3"].mu_star > 2 * abs(found["x3"].mu)
    assert all(effect.low <= effect.mu_star <= effect.high for effect in found.values())


def test_noise_alone_is_told_from_an_effect():
    """Interval and floor are strict together: 1 of 2,000 factors without effect passed both."""
    idle = Factors({f"x{i}": (0.0, 1.0) for i in range(10)})
    random, wrong, unaware = np.random.default_rng(5), 0, 0
    for seed in range(20):
        design = morris_design(idle, 8, seed=seed)
        outcomes = random.normal(0, 2.0, len(design))
        wrong += len(rests_on(morris_effects(idle, design, outcomes, seed=seed, noise=2.0)))
        unaware += len(rests_on(morris_effects(idle, design, outcomes, seed=seed)))
    assert wrong <= 1
    assert unaware > 150


def test_groups_have_a_mean_size_only():
    groups = Factors(ADDITIVE.ranges, {"a": "work", "b": "work", "c": "delay", "idle": "other"})
    design = morris_design(groups, 10, seed=3)
    assert design.shape == (40, 4)
    found = morris_effects(groups, design, additive(design), seed=3)
    assert {effect.name for effect in found} == {"work", "delay", "other"}
    assert all(effect.mu is None and effect.sigma is None for effect in found)
    assert by_name(found)["delay"].mu_star == pytest.approx(4)


def test_the_same_seed_gives_the_same_answers():
    for seed in (0, 7):
        design = sobol_design(ISHIGAMI, 64, seed=seed)
        np.testing.assert_array_equal(design, sobol_design(ISHIGAMI, 64, seed=seed))
        outcomes = ishigami(design)
        assert sobol_shares(ISHIGAMI, outcomes, seed=seed) == sobol_shares(
            ISHIGAMI, outcomes, seed=seed
        )
        design = morris_design(ISHIGAMI, 5, seed=seed)
        np.testing.assert_array_equal(design, morris_design(ISHIGAMI, 5, seed=seed))
        effects = [morris_effects(ISHIGAMI, design, ishigami(design), seed=seed) for _ in "ab"]
        assert effects[0] == effects[1]


def test_what_a_result_rests_on_keeps_its_order():
    entries = [Effect(name, 1.0, 0.5, 1.5, 1.0, 0.0, name != "b") for name in "abc"]
    assert rests_on(entries) == ["a", "c"]


def test_swings_are_paired_and_the_widest_comes_first():
    random = np.random.default_rng(6)
    shared = random.normal(0, 10, 8)
    ends = {
        "slight": (shared, shared + random.normal(0, 1, 8)),
        "wide": (shared - 5, shared + 5 + random.normal(0, 1, 8)),
        "unknown": ([None] * 8, shared),
    }
    found = swings(ends)
    assert [swing.name for swing in found] == ["wide", "slight", "unknown"]
    assert [swing.is_distinguishable for swing in found] == [True, False, False]
    low, high = ends["wide"]
    assert found[0].at_low == mean_interval(low)
    assert found[0].at_high == mean_interval(high)
    assert found[0].change == paired_interval(low, high)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Factors({"a": (1.0, 1.0), "b": (0.0, 1.0)}),
        lambda: Factors({"a": (0.0, math.inf), "b": (0.0, 1.0)}),
        lambda: Factors({"a": (0.0, 1.0)}),
        lambda: Factors({"a": (0.0, 1.0), "b": (0.0, 1.0)}, {"a": "g", "b": "g"}),
        lambda: Factors({"a": (0.0, 1.0), "b": (0.0, 1.0)}, {"a": "g", "c": "h"}),
        lambda: sobol_design(ADDITIVE, 100, seed=1),
        lambda: morris_design(ADDITIVE, 1, seed=1),
        lambda: morris_design(ADDITIVE, 5, seed=1, levels=3),
        lambda: sobol_shares(ADDITIVE, np.zeros(7), seed=1),
        lambda: sobol_shares(ADDITIVE, [1.0] * 11 + [math.nan], seed=1),
        lambda: morris_effects(ADDITIVE, np.zeros((10, 4)), np.zeros(9), seed=1),
    ],
)
def test_questions_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InputError, match=r"allowed: |missing"):
        wrong()


def test_noise_may_differ_by_factor():
    design = morris_design(ADDITIVE, 20, seed=2)
    outcomes = additive(design)
    effects = morris_effects(ADDITIVE, design, outcomes, seed=2)
    matters = rests_on(effects)
    noise = {effect.name: 0.0 for effect in effects} | {matters[0]: 1e6}
    assert rests_on(morris_effects(ADDITIVE, design, outcomes, seed=2, noise=noise)) == matters[1:]
    design = sobol_design(ADDITIVE, 64, seed=2)
    outcomes = additive(design)
    matters = rests_on(sobol_shares(ADDITIVE, outcomes, seed=2))
    noise = dict.fromkeys(ADDITIVE.judged, 0.0) | {matters[0]: 1e6}
    assert rests_on(sobol_shares(ADDITIVE, outcomes, seed=2, noise=noise)) == matters[1:]

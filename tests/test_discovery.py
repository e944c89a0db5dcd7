"""PRIM on planted boxes; its shares, p-values, words, and how stable it is."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.discovery import (
    HIGH,
    LOW,
    Prim,
    inside,
    jaccard,
    stability,
    within,
    words,
)
from sim.errors import InputError

PLANTED = {"x0": (0.4, math.inf), "x1": (-math.inf, 0.6), "x2": (0.3, math.inf)}


def space(random, n, columns=6):
    x = random.random((n, columns))
    return {f"x{i}": x[:, i] for i in range(columns)}


def labels(random, points, noise, limits=PLANTED):
    true = inside(points, limits)
    return true ^ (random.random(true.size) < noise)


def trial(seed, n=500, noise=0.1):
    """Overlap of the planted box and the one found, by volume."""
    random = np.random.default_rng(seed)
    points = space(random, n)
    found = Prim().find(points, labels(random, points, noise)).box
    probe = space(random, 20_000)
    return jaccard(inside(probe, PLANTED), inside(probe, found.limits)), found


def test_the_planted_box_is_found():
    """500 points in 6 columns, a box of a quarter of the space, each label wrong with 0.1: of
    1,000 trials 99 % overlap by 0.7 or more; P(fewer than 54 of 60 | 99 %) < 0.0001."""
    found = [trial(seed) for seed in range(60)]
    assert sum(overlap >= 0.7 for overlap, _ in found) >= 54
    right = [("x0", LOW), ("x1", HIGH), ("x2", LOW)]
    assert sum(sorted(box.p_values) == right for _, box in found) >= 54


def test_without_noise_the_box_is_nearly_exact():
    overlap, box = trial(1, noise=0.0)
    assert overlap > 0.9
    assert box.density > 0.95
    assert set(box.limits) == set(PLANTED)


def test_labels_of_mere_chance_have_no_box():
    """None in 1,000 trials, so P(one of 40) < 0.12 and P(two) < 0.01."""
    random = np.random.default_rng(3)
    found = 0
    for _ in range(40):
        points = space(random, 300)
        found += bool(Prim().find(points, random.random(300) < 0.3).box.limits)
    assert found <= 1


def test_names_can_be_left_out():
    random = np.random.default_rng(4)
    points = space(random, 600, 3)
    points["kind"] = random.choice(["flood", "fire", "calm"], 600)
    planted = {"x0": (0.5, math.inf), "kind": frozenset({"flood", "fire"})}
    box = Prim().find(pd.DataFrame(points), labels(random, points, 0.05, planted)).box
    assert box.limits["kind"] == {"flood", "fire"}
    assert box.limits["x0"] == pytest.approx((0.5, math.inf), abs=0.05)
    assert set(box.p_values) == {("x0", LOW), ("kind", "calm")}
    assert "kind is fire or flood" in box.words


def test_columns_of_few_values_are_cut_between_them():
    random = np.random.default_rng(5)
    points = {"seats": random.integers(1, 6, 400), "x": random.random(400)}
    box = Prim().find(points, points["seats"] >= 4).box
    assert box.limits == {"seats": (3.5, math.inf)}
    assert (box.coverage, box.density, box.score) == (1, 1, 1)


def test_a_box_between_two_limits_is_found():
    random = np.random.default_rng(6)
    points = space(random, 800, 3)
    planted = {"x1": (0.3, 0.7)}
    box = Prim().find(points, labels(random, points, 0.05, planted)).box
    assert box.limits == {"x1": pytest.approx((0.3, 0.7), abs=0.05)}
    assert set(box.p_values) == {("x1", LOW), ("x1", HIGH)}


def test_two_regions_are_found_one_after_the_other():
    random = np.random.default_rng(12)
    points = space(random, 1500, 4)
    interest = ((points["x0"] > 0.6) | (points["x1"] > 0.7)) ^ (random.random(1500) < 0.05)
    prim = Prim(dense=0.9)
    found = prim.cover(points, interest)
    assert [box.limits for box in found] == [
        {"x0": pytest.approx((0.6, math.inf), abs=0.05)},
        {"x1": pytest.approx((0.7, math.inf), abs=0.05)},
    ]
    held = np.array([inside(points, box.limits) for box in found])
    assert sum(box.coverage for box in found) == pytest.approx(
        (held.any(axis=0) & interest).sum() / interest.sum()
    )
    assert len(prim.cover(points, interest, most=1)) == 1


def test_a_box_is_as_dense_as_it_is_asked_to_be():
    random = np.random.default_rng(13)
    points = space(random, 1000, 3)
    interest = random.random(1000) < points["x0"]
    for dense in (0.6, 0.75, 0.85):
        assert Prim(dense=dense).find(points, interest).box.density >= dense
    assert Prim().find(points, interest).box.density < 0.75
    assert Prim(dense=1.0).find(points, interest).box.density > 0.85  # none has it


def test_shares_are_those_of_the_points_and_the_way_leads_from_everything_to_the_densest():
    random = np.random.default_rng(7)
    points = space(random, 500)
    interest = labels(random, points, 0.1)
    box, way = Prim().find(points, interest)
    for one in (box, *way):
        held = inside(points, one.limits)
        assert one.points == held.sum()
        assert one.of_interest == (held & interest).sum()
        assert one.coverage == pytest.approx(one.of_interest / interest.sum())
        assert one.density == pytest.approx(one.of_interest / held.sum())
    assert way[0].limits == {}
    assert way[0].coverage == 1
    assert all(a.points > b.points and a.density < b.density for a, b in zip(way, way[1:]))
    assert way[-1].points >= 0.05 * 500
    taken = [a.points - b.points for a, b in zip(way, way[1:])]
    assert taken == [max(1, int(0.05 * one.points)) for one in way[:-1]]


def test_a_slice_is_judged_by_what_it_gains_a_point():
    """Leaving out all of `b` gains more at once, the lowest twentieth of x more a point."""
    x = np.linspace(0, 1, 400)
    kind = np.array(["a", "b"] * 200)
    interest = np.where(kind == "a", np.arange(400) % 20 < 14, np.arange(400) % 20 < 8) & (x > 0.05)
    way = Prim().find({"x": x, "kind": kind}, interest).way
    assert set(way[1].limits) == {"x"}
    without_b = Prim(peel=0.0001).find({"kind": kind}, interest).way[1]
    assert without_b.density > way[1].density


def test_limits_that_chance_can_explain_are_dropped_given_all_that_were_possible():
    for seed in range(30):
        _, box = trial(seed, n=150, noise=0.2)
        assert all(found <= 0.05 / 12 for found in box.p_values.values())


def test_pasting_only_ever_betters_a_box():
    gained = []
    for seed in range(20):
        random = np.random.default_rng(seed)
        points = space(random, 300)
        # Nothing is dropped with so high an alpha.
        found = Prim(alpha=100.0).find(points, labels(random, points, 0.15))
        gained.append(found.box.score - max(box.score for box in found.way))
    assert min(gained) >= 0
    assert max(gained) > 0.01


def test_p_values_are_binomial():
    random = np.random.default_rng(8)
    points = space(random, 500)
    interest = labels(random, points, 0.1)
    box = Prim().find(points, interest).box
    for (name, side), found in box.p_values.items():
        assert side in (LOW, HIGH)
        rest = {other: limit for other, limit in box.limits.items() if other != name}
        assert math.isinf(box.limits[name][side == LOW])  # the planted ones have one side each
        density = interest[inside(points, rest)].mean()
        expected = stats.binomtest(box.of_interest, box.points, density, alternative="greater")
        assert found == pytest.approx(expected.pvalue)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of a package that we only compare with
def test_the_peeling_agrees_with_the_exploratory_modelling_workbench():
    """Slices are cut at slightly other quantiles there, so boxes of the same density are alike."""
    prim = pytest.importorskip("ema_workbench.analysis.prim")
    for seed in range(5):
        random = np.random.default_rng(seed)
        points = space(random, 500)
        interest = labels(random, points, 0.1)
        theirs = prim.Prim(pd.DataFrame(points), interest.astype(int), threshold=0.1).find_box()
        table = theirs.peeling_trajectory
        score = 2 * table.coverage * table.density / (table.coverage + table.density)
        limits = theirs.box_lims[int(score.argmax())]
        held = np.ones(500, bool)
        for name in points:
            held &= (points[name] >= limits[name][0]) & (points[name] <= limits[name][1])
        ours = Prim(alpha=2.0 * len(points)).find(points, interest)  # nothing dropped
        best = max(ours.way, key=lambda box: box.score)
        assert best.score == pytest.approx(score.max(), abs=0.03)
        assert jaccard(held, inside(points, best.limits)) > 0.8


# Stability


def test_true_limits_come_back_and_others_seldom():
    random = np.random.default_rng(9)
    points = space(random, 1000)
    found = stability(points, labels(random, points, 0.1), resamples=30, seed=1)
    true = {("x0", LOW): 0.4, ("x1", HIGH): 0.6, ("x2", LOW): 0.3}
    by_key = {(edge.name, edge.side): edge for edge in found.edges}
    for key, place in true.items():
        edge = by_key.pop(key)
        assert edge.frequency > 0.8
        assert edge.low <= edge.limit + 0.1
        assert edge.low - 0.1 < place < edge.high + 0.1
    assert all(edge.frequency < 0.2 for edge in by_key.values())
    assert found.overlap.shape == (30,)
    assert np.median(found.overlap) > 0.8
    assert list(found.edges) == sorted(found.edges, key=lambda edge: -edge.frequency)


def test_chance_is_not_stable_and_seeds_decide():
    random = np.random.default_rng(10)
    points = {**space(random, 200, 3), "kind": random.choice(["a", "b"], 200)}
    interest = random.random(200) < 0.3
    found = stability(points, interest, resamples=20, seed=1, prim=Prim(alpha=100.0))
    assert max(edge.frequency for edge in found.edges) < 1
    of_names = [edge for edge in found.edges if edge.name == "kind"]
    assert of_names
    assert all(edge.low is None and edge.limit is None for edge in of_names)
    again, other = (
        stability(points, interest, resamples=20, seed=seed, prim=Prim(alpha=100.0))
        for seed in (1, 2)
    )
    assert found.edges == again.edges != other.edges


# Parts


def test_words_tell_the_limits():
    assert words({}) == "everywhere"
    limits = {"a": (1.23456, math.inf), "b": (-math.inf, 0.5), "c": (1, 2), "d": frozenset("yx")}
    assert words(limits) == "a > 1.235 and b <= 0.5 and 1 < c <= 2 and d is x or y"


def test_overlap_is_that_of_jaccard():
    a, b = np.array([1, 1, 0, 0], bool), np.array([0, 1, 1, 0], bool)
    assert jaccard(a, b) == pytest.approx(1 / 3)
    assert jaccard(a & False, b & False) == 1
    assert within(np.array([1.0, 2.0, 3.0]), (1.0, 2.0)).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("points", "interest"),
    [
        ({"x": [1.0, 2.0]}, [True]),
        ({"x": [1.0, math.nan]}, [True, False]),
        ({"x": [1.0, 2.0]}, [False, False]),
        ({}, [True]),
    ],
)
def test_points_that_say_nothing_are_refused(points, interest):
    with pytest.raises(InputError):
        Prim().find(points, interest)

"""Trees find what was planted and tell it in words."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.discovery import inside
from analysis.tree import grow
from sim.errors import InputError


@pytest.fixture
def points():
    random = np.random.default_rng(1)
    return {
        "x": random.random(600),
        "y": random.random(600),
        "kind": random.choice(["fire", "flood", "calm"], 600),
    }


def test_leaves_part_the_space_and_their_means_are_those_inside(points):
    random = np.random.default_rng(2)
    outcome = points["x"] * 10 + random.normal(size=600)
    leaves = grow(points, outcome)
    held = np.array([inside(points, leaf.limits) for leaf in leaves])
    assert (held.sum(axis=0) == 1).all()
    for leaf, inner in zip(leaves, held):
        assert leaf.points == inner.sum() >= 30
        assert leaf.mean == pytest.approx(outcome[inner].mean())
        assert leaf.coverage is None
        assert set(leaf.limits) == {"x"}
    assert [leaf.mean for leaf in leaves] == sorted((leaf.mean for leaf in leaves), reverse=True)
    assert len(leaves) == 6


def test_a_planted_rule_is_told(points):
    interest = (points["x"] > 0.4) & (points["kind"] != "calm")
    best = grow(pd.DataFrame(points), interest, leaves=3)[0]
    assert best.limits["kind"] == {"fire", "flood"}
    assert best.limits["x"] == pytest.approx((0.4, math.inf), abs=0.01)
    assert (best.mean, best.coverage) == (1, 1)
    assert "kind is fire or flood" in best.words


def test_noise_leaves_the_rule_in_place(points):
    random = np.random.default_rng(3)
    interest = ((points["x"] > 0.4) & (points["y"] <= 0.5)) ^ (random.random(600) < 0.1)
    best = grow(points, interest, leaves=3)[0]
    assert best.limits["x"] == pytest.approx((0.4, math.inf), abs=0.05)
    assert best.limits["y"] == pytest.approx((-math.inf, 0.5), abs=0.05)
    assert best.mean > 0.8
    assert best.coverage > 0.7


def test_labels_all_the_same_leave_one_part(points):
    for label in (True, False):
        (leaf,) = grow(points, np.full(600, label))
        assert (leaf.words, leaf.points, leaf.mean) == ("everywhere", 600, label)
        assert leaf.coverage == (1 if label else None)


@pytest.mark.parametrize(
    "points", [{}, {"x": [1.0]}, {"x": [1.0, math.nan]}, {"k": ["a", "b", "c"]}]
)
def test_points_that_do_not_fit_are_refused(points):
    with pytest.raises(InputError):
        grow(points, [1.0, 2.0])

"""Targets in many districts, whose incidents may be few."""

import numpy as np
import pytest

from experiments.staffing.goal import Goal, Target
from experiments.staffing.runs import Counts

REACHED = np.array([0.2, 0.3, 0.5, 0.9])  # of four districts, by seats that are never short
NOTICED = np.array([6, 40, 200, 200])


def counts(rng, n):
    """n replications with these chances, i8[n, districts, classes]."""
    noticed = np.repeat(rng.poisson(NOTICED, (n, 4))[:, :, None], 2, axis=2)
    closed = rng.binomial(noticed, REACHED[:, None])
    return Counts(noticed, closed, closed, noticed, closed, closed)


def goal(districts, stated=0.9):
    return Goal(tuple(Target(1, d, stated, stated) for d in districts), "closed")


def levels(found):
    return np.array([t.level for t in found.targets])


def test_a_level_that_is_lowered_is_of_a_share_that_is_surely_reachable():
    """Of the shares as measured some in four are too high; of their bounds next to none."""
    rng, districts = np.random.default_rng(1), goal(range(4), 1.0)
    measured = bounded = 0
    for _ in range(400):
        ceilings = {"one": counts(rng, 8)}
        measured += bool((levels(districts.lowered(ceilings)) > REACHED).any())
        bounded += bool((levels(districts.lowered(ceilings, 0.05)) > REACHED).any())
    assert measured > 300
    assert bounded <= 0.05 * 400 + 4 * np.sqrt(400 * 0.05 * 0.95)


def test_more_replications_put_the_levels_nearer_to_what_is_reachable():
    rng, districts = np.random.default_rng(2), goal(range(4))
    few, many = (
        levels(districts.lowered({"one": counts(rng, n), "two": counts(rng, n)}, 0.05))
        for n in (6, 600)
    )
    assert (few < 0.9 * REACHED).all()
    assert many == pytest.approx(0.9 * REACHED, abs=0.03)


def test_a_target_that_is_surely_reachable_stays_as_stated():
    found = goal([3], 0.5).lowered({"one": counts(np.random.default_rng(3), 24)}, 0.05)
    assert found.targets[0].level == 0.5


def test_several_districts_are_a_joint_goal():
    assert goal([0, 1]).is_joint
    assert not goal([None]).is_joint
    assert not goal([2]).is_joint

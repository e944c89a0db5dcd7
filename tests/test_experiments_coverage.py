"""Studies with known answers: their seeds differ, and their intervals mostly hold."""

import numpy as np
import pytest

from experiments import coverage as module
from experiments.coverage import Coverage, coverage, studies, study, truths


def test_the_known_answers_are_those_of_m_m_1_and_m_m_4():
    separate, pooled = truths()
    assert separate == pytest.approx(0.5 / (1 - 0.6))
    assert 0.5 < pooled < separate / 2


def test_a_study_has_seeds_of_its_own(monkeypatch):
    used = []
    simulate = module.simulate
    monkeypatch.setattr(
        module, "simulate", lambda world, seed: used.append(seed) or simulate(world, seed)
    )
    study(0)
    study(1)
    first, second = used[: len(used) // 2], used[len(used) // 2 :]
    assert sorted(first) == sorted(2 * list(range(6)))  # both worlds meet the same incidents
    assert not set(first) & set(second)


def test_intervals_mostly_hold():
    """P(fewer than 17 of 20 | 95 %) = 0.016 for each question; the seeds are fixed."""
    assert (studies(range(20)) >= 17).all()


def test_an_interval_that_is_too_short_is_caught(monkeypatch):
    def narrow(values):
        return np.mean(values), np.mean(values) - 1e-6, np.mean(values) + 1e-6

    monkeypatch.setattr(module, "mean_interval", narrow)
    held = studies(range(5))
    assert held[0] == held[1] == 0
    assert not any(c.is_honest for c in list(coverage(5, held))[:2])


@pytest.mark.parametrize(("held", "honest"), [(929, False), (930, True), (970, True), (971, False)])
def test_the_bounds_of_an_honest_interval(held, honest):
    assert Coverage("x", 1.0, 1000, held).is_honest == honest

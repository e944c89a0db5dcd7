"""What a simulation can be made to agree on."""

import numpy as np
import pytest

from analysis.fitting.moments import matched, mean_of_days

TRIED = np.linspace(0.6, 0.9, 13)
DAYS = 40


def waits(mean, rng):
    """Sums and counts of days of about 50 exponential waits each."""
    counts = rng.poisson(50, DAYS).astype(float)
    return np.array([rng.exponential(mean, int(n)).sum() for n in counts]), counts


def queue(load):
    """Mean time in the system of a single server: Khinchin 1932, for exponential work of 1."""
    return 1 / (1 - load)


def simulated(rng):
    seed = int(rng.integers(2**31))  # the same draws for all
    both = [waits(queue(u), np.random.default_rng(seed)) for u in TRIED]
    return tuple(np.stack(part) for part in zip(*both, strict=True))


def test_the_load_of_a_queue_is_found_from_its_times():
    """Of 100 logs of a queue at 0.74, between those tried: the interval holds it in 88 at least
    (fewer has probability 0.002 at 95 %), and the value is right on average."""
    rng = np.random.default_rng(1)
    found = [matched(TRIED, simulated(rng), waits(queue(0.74), rng), 200, rng) for _ in range(100)]
    assert np.mean([e.value for e in found]) == pytest.approx(0.74, abs=0.003)
    assert sum(e.low <= 0.74 <= e.high for e in found) >= 88
    assert all(e.low <= e.value <= e.high for e in found)


@pytest.mark.parametrize("mean", [0.5, 50.0])
def test_what_no_number_gives_is_not_found(mean):
    rng = np.random.default_rng(2)
    assert matched(TRIED, simulated(rng), waits(mean, rng), 200, rng).value is None


def test_what_is_beyond_by_chance_alone_is_the_nearest():
    rng = np.random.default_rng(3)
    sums, counts = waits(1.01 * queue(0.9), rng)
    sums *= 1.01 * queue(0.9) * counts.sum() / sums.sum()
    found = matched(TRIED, simulated(rng), (sums, counts), 200, rng)
    assert found.value == pytest.approx(0.9, abs=0.02)
    assert found.high == 0.9


def test_means_are_of_all_that_the_days_drawn_hold():
    sums, counts = np.array([2.0, 12.0, 0.0]), np.array([1.0, 3.0, 0.0])
    found = mean_of_days(sums, counts, np.array([[0, 1, 2], [2, 2, 2], [1, 1, 1]]))
    assert found.tolist() == pytest.approx([3.5, np.nan, 4.0], nan_ok=True)

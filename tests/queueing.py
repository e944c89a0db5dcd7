"""What the tests of analysis/queueing share."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from analysis.queueing import Measures

few = settings(max_examples=30, deadline=None)
loads = st.floats(0.01, 0.95)
"""Work that comes, per seat."""
works = st.floats(0.05, 20.0)
seat_counts = st.integers(1, 12)

NUMBERS = (
    "arrival_rate",
    "utilisation",
    "waiting_share",
    "mean_wait",
    "mean_waiting",
    "mean_time",
    "mean_present",
    "lost_share",
)


def numbers(measures: Measures) -> list[float]:
    return [getattr(measures, name) for name in NUMBERS]


def assert_same(a: Measures, b: Measures, rel: float = 1e-9, abs: float = 1e-12) -> None:
    assert numbers(a) == pytest.approx(numbers(b), rel=rel, abs=abs)


def assert_little(measures: Measures, joining: float, work_mean: float, seats: float) -> None:
    """Little's law for those who wait, those in work and both.

    joining : rate of jobs that come in
    """
    served = measures.arrival_rate * (1 - measures.lost_share)
    busy = measures.utilisation * seats
    assert busy == pytest.approx(served * work_mean)
    assert measures.mean_waiting == pytest.approx(joining * measures.mean_wait, rel=1e-9, abs=1e-14)
    assert measures.mean_present == pytest.approx(joining * measures.mean_time)
    assert measures.mean_present == pytest.approx(measures.mean_waiting + busy)


def assert_tail(tail, at_0: float, mean: float, scale: float) -> None:
    """A survival function: from `at_0` down to 0, of the given mean."""
    times = np.linspace(0, 20 * scale, 100)
    values = np.asarray(tail(times))
    assert values.shape == times.shape
    assert values[0] == pytest.approx(at_0)
    assert (np.diff(values) <= 1e-14).all()
    assert values[7] == pytest.approx(float(tail(float(times[7]))))
    nodes, weights = np.polynomial.legendre.leggauss(8)
    pieces = scale * np.arange(200)[:, None] + scale * (nodes + 1) / 2
    area = (tail(pieces.ravel()).reshape(pieces.shape) @ weights).sum() * scale / 2
    assert area == pytest.approx(mean, rel=1e-6)

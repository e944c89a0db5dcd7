"""What a log without starts says of work."""

import numpy as np
import pytest

from analysis.fitting.work import steps
from tests.logs import one_server


def test_since_the_event_and_the_completion_before():
    found = steps(
        np.array([0, 0, 0, 1, 1]), np.array([0, 50, 90, 10, 100]), np.array([3, 4, -1, 4, 4])
    )
    assert found.since_case == pytest.approx([np.nan, 50, 40, np.nan, 90], nan_ok=True)
    assert found.since_resource == pytest.approx([np.nan, 40, np.nan, np.nan, 50], nan_ok=True)
    assert found.longest == pytest.approx([np.nan, 40, 40, np.nan, 50], nan_ok=True)
    assert found.chained.tolist() == [False, True, False, False, True]


def test_work_never_exceeds_its_bound_and_chained_work_is_exact():
    """A single server, so the assumptions hold: the bound is one, and exact where a case waited."""
    arrived, start, complete = one_server(np.random.default_rng(1), 2000)
    n = len(arrived)
    case = np.repeat(np.arange(n), 2)
    ticks = np.stack([arrived, complete], axis=1).ravel()
    resource = np.tile([-1, 0], n)
    found = steps(case, ticks, resource)
    work = complete - start
    longest, chained = found.longest[1::2], found.chained[1::2]
    known = ~np.isnan(longest)
    assert (work[known] <= longest[known]).all()
    assert (work[chained] == longest[chained]).all()
    assert chained.mean() > 0.5


def test_completions_at_one_moment_share_the_one_before():
    found = steps(np.array([0, 1, 2]), np.array([5, 9, 9]), np.array([0, 0, 0]))
    assert found.since_resource == pytest.approx([np.nan, 4, 4], nan_ok=True)

"""Inequality between groups, by hand and by its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.inequality import gini, metrics, tail_ratio

GROUPS = st.lists(st.tuples(st.floats(0.1, 1e3), st.integers(1, 1000)), min_size=2, max_size=8)


def table(means, incidents):
    return {"mean_latency_hours": np.array(means, float), "incidents": np.array(incidents)}


def test_by_hand():
    # Two draws differ by 30 h with probability 2 x 0.25 x 0.75; half of that over the mean, 37.5 h.
    assert gini(np.array([60.0, 30.0]), np.array([1, 3])) == pytest.approx(0.5 * 11.25 / 37.5)
    # The worst tenth: 5 of 100 at 100 h, 5 at 50 h. The best: 10 at 20 h.
    values, weights = np.array([50.0, 20.0, 100.0]), np.array([35, 60, 5])
    assert tail_ratio(values, weights) == pytest.approx(75 / 20)


def test_the_measures_of_a_breakdown_leave_out_empty_groups():
    found = metrics("district", table([60, np.nan, 30], [1, 0, 3]))
    assert list(found) == ["district_latency_gini", "district_latency_tail_ratio"]
    assert found["district_latency_gini"] == pytest.approx(0.15)
    assert found["district_latency_tail_ratio"] == pytest.approx(2)


def test_a_district_that_gets_worse_makes_it_more_unequal():
    before = metrics("district", table([60, 40, 30], [100, 100, 100]))
    after = metrics("district", table([90, 40, 30], [100, 100, 100]))
    assert all(after[name] > before[name] for name in before)


@pytest.mark.parametrize(
    "breakdown",
    [
        table([60, np.nan], [5, 0]),
        table([np.nan, np.nan], [5, 5]),
        table([0, 10], [5, 5]),
        table([], []),
    ],
)
def test_it_takes_two_groups_with_a_mean(breakdown):
    assert set(metrics("district", breakdown).values()) == {None}


@given(GROUPS)
def test_nothing_depends_on_the_unit_or_on_how_groups_are_cut(groups):
    values, weights = (np.array(x, float) for x in zip(*groups))
    halved = np.repeat(values, 2), np.repeat(weights / 2, 2)
    for measure in (gini, tail_ratio):
        expected = pytest.approx(measure(values, weights), rel=1e-9, abs=1e-12)
        assert measure(60 * values, weights) == expected
        assert measure(*halved) == expected
    assert 0 <= gini(values, weights) < 1
    assert tail_ratio(values, weights) >= 1 - 1e-12
    same = np.full(values.size, 7.0)
    assert gini(same, weights) == pytest.approx(0)
    assert tail_ratio(same, weights) == pytest.approx(1)

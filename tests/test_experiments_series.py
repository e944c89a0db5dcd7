"""Measures that keep the course of a run: days, and spans of the cohort's window."""

import numpy as np
import pytest

from experiments.one_run import simulate
from experiments.series import (
    BACKLOG,
    SPANS,
    backlog,
    by_day,
    by_span,
    plain,
    series,
    spans,
)
from scenarios.load import load
from sim.errors import InputError
from sim.records import FLOW_COLUMNS
from sim.units import DAY, HOUR
from tests.conftest import TINY

LONG = [*TINY, "policy=integrated", "horizon.cohort_days=41"]


@pytest.fixture(scope="module")
def long_run():
    """(measures by span, incidents and window of the same run)"""
    found = by_span(load([*LONG, "record=summary"]), 5)
    parameters = load([*LONG, "record=incidents"])
    return found, simulate(parameters, 5).incident_columns, parameters


def test_the_backlog_is_what_was_noticed_and_is_not_gone():
    flow = np.zeros((48, len(FLOW_COLUMNS)), np.int64)
    noticed, solved, withdrawn, renewed = (
        FLOW_COLUMNS.index(name) for name in ("noticed", "solved", "withdrawn", "renewed")
    )
    flow[[3, 30], noticed] = 9, 5
    flow[[23, 24], solved] = 2, 3
    flow[5, withdrawn], flow[47, renewed] = 2, 1
    assert backlog(flow).tolist() == [9 - 2 - 2, 5 - 3 + 5 + 1]


def test_by_day_has_the_measures_of_the_run_and_the_backlog_of_each_day():
    parameters = load(TINY)
    found = by_day(parameters, 3)
    run = simulate(parameters, 3)
    assert plain(found) == run.metrics()
    assert series(found, BACKLOG) == backlog(run.flow).tolist()
    assert len(series(found, BACKLOG)) == parameters.n_days


def test_spans_are_equal_whole_days_at_the_end_of_the_window():
    found = spans((3 * DAY, (3 + 2 * SPANS + 5) * DAY))
    assert len(found) == SPANS
    assert found[0] == (8 * DAY, 10 * DAY)
    assert found[-1][1] == (3 + 2 * SPANS + 5) * DAY
    with pytest.raises(InputError, match=r"horizon\.cohort_days: 39; .*: 40 or more"):
        spans((0, 39 * DAY))


def test_the_measures_of_a_span_are_those_of_the_incidents_that_occur_in_it(long_run):
    found, incidents, parameters = long_run
    assert plain(found).keys() == simulate(load([*LONG]), 5).metrics().keys()
    begin = parameters.window[0] + DAY  # 41 days: the first is left out
    latency = np.minimum(
        np.minimum(incidents["solved"], parameters.end) - incidents["occurred"],
        parameters.restrict,
    )
    day = (incidents["occurred"] - begin) // DAY
    means = [latency[day == i].mean() / HOUR for i in range(SPANS)]
    np.testing.assert_allclose(series(found, "closure_latency_mean_hours"), means)
    counts = [int((day == i).sum()) for i in range(SPANS)]
    assert series(found, "cohort_incidents") == counts
    assert "utilisation_city[0]" not in found
    assert "utilisation_city" in found


def test_a_series_ends_with_its_last_number():
    measures = {"a[0]": 1, "a[1]": None, "a[3]": 4, "b": 2}
    assert series(measures, "a") == [1, None]
    assert series(measures, "b") == []
    assert plain(measures) == {"b": 2}

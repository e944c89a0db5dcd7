"""What a reduced world shows: desks, times, numbers present; and the checks made of them."""

import numpy as np
import pytest

from analysis import queueing
from experiments import load, simulate
from experiments.seen import Seen, at_desk, reader, time_in_system, time_quantile
from sim.units import HOUR


@pytest.fixture(scope="module")
def seen():
    short = ["horizon.cohort_days=3", "horizon.followup_days=2", "horizon.mean_days=2"]
    return Seen(simulate(load(["experiment=theory/mmc", *short]), 1))


def test_the_number_present_is_what_has_come_and_not_gone(seen):
    incidents = seen.run.incident_columns
    first = seen.run.parameters.window[0] // HOUR
    for hour in (first + 10, first + 40):
        # Of the cohort only: those from before the window may still be there.
        end = (hour + 1) * HOUR
        here = (incidents["occurred"] < end) & (incidents["solved"] >= end)
        assert here.sum() <= seen.present[hour]
        assert here.sum() > 0.9 * seen.present[hour]


def test_the_number_present_at_an_hour_is_a_mean_over_the_days_of_the_window(seen):
    first, last = (tick // HOUR for tick in seen.run.parameters.window)
    ends = [day * 24 + 5 for day in range(first // 24, last // 24)]
    expected = np.mean([seen.present[hour - 1] for hour in ends])
    assert seen.present_at(5) == expected


def test_checks_name_what_they_hold_and_read_it(seen):
    queue = queueing.mmc(4.2, 0.5, 3)
    checks = at_desk("grid.grid", queue)
    names = ("mean wait (h)", "P(wait > 0)", "mean number waiting", "utilisation")
    assert [c.measure for c in checks] == [f"grid.grid: {name}" for name in names]
    assert [c.expected for c in checks] == [
        queue.mean_wait, queue.waiting_share, queue.mean_waiting, queue.utilisation
    ]  # fmt: skip
    assert checks[3].read(seen) == seen.run.summary()["desks"]["grid.grid"]["utilisation"]
    assert reader("grid.grid", "arrivals")(seen) > 10_000
    (lost,) = at_desk("grid.grid", queue, "lost_share")
    assert (lost.expected, lost.read(seen)) == (0.0, 0.0)


def test_times_in_the_system_are_the_closure_latency(seen):
    metrics = seen.run.metrics()
    assert time_in_system(1.0).read(seen) == metrics["closure_latency_mean_hours"]
    quantile = time_quantile(queueing.mmc(4.2, 0.5, 3), 95)
    assert quantile.read(seen) == metrics["closure_latency_p95_hours"]
    assert quantile.expected == pytest.approx(2.143, abs=1e-3)
    np.testing.assert_array_equal(seen.by_kind[1:], [np.nan] * 3)

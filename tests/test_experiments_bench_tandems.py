"""The engine, Ciw and cimba agree with theory, and so with one another, on the same tandems."""

import numpy as np
import pytest
from scipy import stats

from analysis.queueing import mmc
from experiments.bench import tandems
from experiments.one_run import simulate

ERROR_RATE = 1e-4  # of each comparison, would seeds not be fixed
FIRST, COUNTED, LAST = 3, 6, 3  # days
HOURS = {"since": 24.0 * FIRST, "until": 24.0 * (FIRST + COUNTED)}
HORIZON = 24.0 * (FIRST + COUNTED + LAST)


def assert_agrees(means):
    """With Jackson's mean time in the system, judged by the spread of independent means."""
    expected = tandems.N_STATIONS * mmc(tandems.RATE, tandems.WORK, tandems.SEATS).mean_time
    error = np.std(means, ddof=1) / np.sqrt(len(means))
    assert error < 0.05 * expected
    reach = stats.t.ppf(1 - ERROR_RATE / 2, len(means) - 1)
    assert abs(np.mean(means) - expected) < reach * error


def test_the_engine_agrees_with_theory(tmp_path):
    days = [f"horizon.warmup_days={FIRST}", f"horizon.cohort_days={COUNTED}"]
    world = tandems.world(tmp_path, *days, f"horizon.followup_days={LAST}", n_tandems=100)
    run = simulate(world, 1)
    means = run.reducer.breakdown("district")["mean_latency_hours"]
    assert means.size == 100
    assert_agrees(means)


def test_ciw_agrees_with_theory():
    pytest.importorskip("ciw")
    from experiments.bench import tandems_ciw

    assert_agrees(tandems_ciw.mean_times(HORIZON, **HOURS, n_seeds=12))


def test_ciw_keeps_tandems_apart():
    pytest.importorskip("ciw")
    import ciw

    from experiments.bench import tandems_ciw

    ciw.seed(1)
    simulation = tandems_ciw.simulation(3)
    simulation.simulate_until_max_time(24.0)
    records = simulation.get_all_records()
    went = {(r.node, r.destination) for r in records}
    chain = {(i, i + 1) for i in range(1, 15) if i % 5}
    assert went == chain | {(5, -1), (10, -1), (15, -1)}


def test_cimba_agrees_with_theory():
    pytest.importorskip("cimba")
    with tandems.cimba(100, HORIZON, **HOURS) as cimba:
        cimba.wait()
        found = cimba(1)
    assert len(found["mean_times"]) == 100
    assert_agrees(found["mean_times"])
    arrived = 100 * tandems.RATE * HORIZON
    assert found["services"] == pytest.approx(tandems.N_STATIONS * arrived, rel=0.05)


def test_a_package_that_is_not_there_is_not_there():
    assert tandems.has("numpy")
    assert not tandems.has("no_such_engine")

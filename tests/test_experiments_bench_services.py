"""Plain SimPy and the engine do the same with the same incidents, routes and lengths of work."""

import numpy as np
import pytest
import simpy

from experiments.bench import services
from experiments.one_run import simulate

ONE_DAY = ("horizon.warmup_days=0", "horizon.cohort_days=1", "record=visits")
N_DISTRICTS = 20


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    return services.world(folder, *ONE_DAY, "horizon.followup_days=0", n_districts=N_DISTRICTS)


@pytest.fixture(scope="module")
def case(engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    later = f"horizon.followup_days={services.LATER_DAYS}"
    traced = services.world(folder, *ONE_DAY, later, n_districts=N_DISTRICTS)
    return services.case_of(traced, 1, engine.end)


def test_each_incident_has_eight_services_at_eight_desks(case):
    assert len(case.visits) > 1000
    assert {len({desk for desk, _ in visits}) for visits in case.visits} == {8}
    assert {len(visits) for visits in case.visits} == {8}
    assert set(case.grade) == {0, 1, 2, 3}


def test_both_end_as_many_incidents_after_the_same_mean_time(engine, case):
    columns = simulate(engine, 1).incident_columns
    solved = columns["solved"] < engine.end
    theirs = (columns["solved"] - columns["occurred"])[solved]
    env, ours = services.simpy_model(case)
    env.run(until=engine.end)
    assert columns["incident"].size == len(case.occurred)
    # They differ in who is first of those alike who join within one second.
    assert len(ours) == pytest.approx(theirs.size, rel=0.005)
    assert np.mean(ours) == pytest.approx(theirs.mean(), rel=0.005)


def test_the_gravest_wait_least(engine, case):
    """In SimPy's model, or its priorities would be for nothing."""
    times = {0: [], 3: []}
    for grade, found in times.items():
        env = simpy.Environment()
        desks = [simpy.PriorityResource(env, capacity=max(seats, 1)) for seats in case.seats]
        alike = [found if each == grade else [] for each in case.grade]
        for each in zip(case.occurred, case.grade, case.visits, alike, strict=True):
            env.process(later(env, desks, *each))
        env.run(until=engine.end)
    assert np.mean(times[0]) < 0.9 * np.mean(times[3])


def later(env, desks, occurred, grade, visits, times):
    yield env.timeout(occurred)
    yield from services.incident(env, desks, grade, visits, times)

"""The measure of pairs: it agrees with compared means, and with tables put side by side."""

import numpy as np
import pytest

from experiments.compare import replication_seed
from experiments.incident_pairs import MEASURE, pairs
from experiments.one_run import simulate
from experiments.study import Study, replications
from scenarios.load import load, load_policies
from tests.conftest import TINY

pytestmark = pytest.mark.filterwarnings("ignore:policy '")
SEED = replication_seed(1, 0)


@pytest.fixture(scope="module")
def policies():
    return load_policies([*TINY, "record=summary"])


@pytest.fixture(scope="module")
def found(policies):
    told = []
    result = pairs(policies, SEED, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    return result["integrated"]


def test_the_mean_of_differences_is_the_difference_of_means(policies, found):
    runs = [simulate(p, SEED) for p in policies.values()]
    first, second = (run.metrics()["closure_latency_mean_hours"] for run in runs)
    assert found["incidents"] == runs[0].metrics()["cohort_incidents"]
    mean = (found["sum.sooner"] + found["sum.later"]) / found["incidents"] / 3600
    assert mean == pytest.approx(second - first, abs=1e-9)


def test_it_agrees_with_the_tables_that_users_get(policies, found):
    frames = []
    for parameters in policies.values():
        run = simulate(parameters.recording("incidents"), SEED)
        frame = run.incidents.to_pandas().set_index("incident")
        lived = (frame["solved"].fillna(parameters.end) - frame["occurred"]).clip(
            upper=parameters.restrict
        )
        frames.append(frame.assign(lived=lived))
    first, second = frames
    more = second["lived"] - first["lived"]
    assert found["later.0"] == (more > 0).sum()
    assert found["sum.later"] == more[more > 0].sum()
    assert found["worst.0"] == more.idxmax()
    by_tier = (more > 0).groupby(first["tier"], observed=True).sum()
    assert {found[f"tier.{i}.later"] for i in range(4)} == set(by_tier)
    assert (first["tier"] == second["tier"]).all()


def test_a_study_measures_all_policies_of_a_point_together(found, tmp_path):
    settings = load([*TINY, f"results={tmp_path}"]).settings
    points = replications(list(TINY), ["siloed", "integrated"], 1, 1, MEASURE)
    with Study(settings) as study:
        (result,) = study.run(points)
    assert list(result.measures) == ["integrated"]
    assert result.measures["integrated"] == found
    assert np.isfinite(list(found.values())).all()

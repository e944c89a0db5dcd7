"""Points: what names them, and what is computed there."""

import json
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

import pytest

from experiments.compare import replication_seed
from experiments.one_run import simulate
from experiments.study import point
from experiments.study.point import Failure, Point, Result, UnlikeError, compute, job, replications
from scenarios.load import load
from sim.errors import InputError
from tests.conftest import TINY

ONE, BOTH = ("siloed",), ("siloed", "integrated")
NUMBER = "tests.measured:number"


def a_point(*overrides, policies=ONE, seed=1_000_000, measure=NUMBER):
    return Point((*TINY, *overrides), policies, seed, measure)


def key(*overrides, **changes):
    return job(a_point(*overrides, **changes)).key


def test_replications_have_the_seeds_of_a_comparison_and_the_same_at_every_design_point():
    one, other = (replications([o], BOTH, 7, 3) for o in ("seats=1", "seats=2"))
    assert [p.seed for p in one] == [replication_seed(7, r) for r in range(3)]
    assert [p.seed for p in one] == [p.seed for p in other]
    assert one[0].measure == point.METRICS


def test_a_key_holds_what_decides_a_result_and_no_more():
    same = ["staff.target_utilisation=0.80", "threads=1", "results=elsewhere", "replications=9"]
    assert key(*same, "executor=processes", "sweep.points=8") == key()
    others = ["staff.target_utilisation=0.7", "policy.levers.joint=0.3", "horizon.cohort_days=5"]
    others.append("rollout.only=[nobody,core_first]")  # measured of the same world
    assert len({key(), *map(key, others)}) == 5


def test_a_key_holds_policies_seed_measure_and_code(monkeypatch):
    others = [
        key(policies=("paper",)),
        key(seed=1),
        key(measure="tests.measured:odd_fails"),
    ]
    monkeypatch.setattr(point, "code_hash", lambda module: "another")
    others.append(key())
    monkeypatch.undo()
    assert len({key(), *others}) == 5


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("staff.target_utilisation=2", "staff.target_utilisation: 2.0; allowed: 0.01 to 1"),
        ("staff.target_utilization=0.8", "did you mean 'target_utilisation'"),
        ("city.name=atlantis", "no such city"),
    ],
)
def test_settings_that_cannot_be_have_no_key(override, message):
    with pytest.raises(InputError, match=message):
        job(a_point(override))


@pytest.fixture(scope="module")
def measured():
    return compute(job(a_point(policies=BOTH, measure=point.METRICS)))


def test_what_is_computed_is_what_a_run_of_each_policy_gives(measured, siloed, integrated):
    assert isinstance(measured, Result)
    for parameters in (siloed, load([*TINY, "policy=integrated", "record=summary"])):
        name = parameters.settings.policy.name
        assert measured.measures[name] == simulate(parameters, 1_000_000).metrics()
    assert json.loads(json.dumps(measured.measures)) == measured.measures


def test_threads_that_ask_for_one_point_load_it_once_and_few_points_are_kept(monkeypatch):
    loaded, build = [], point._build
    monkeypatch.setattr(point, "_build", lambda p: loaded.append(p.design) or build(p))
    monkeypatch.setattr(point, "_prepared", OrderedDict())
    jobs = [job(a_point("staff.target_utilisation=0.7", seed=s)) for s in range(4)]
    with ThreadPoolExecutor(4) as threads:
        assert all(isinstance(found, Result) for found in threads.map(compute, jobs))
    assert len(loaded) == 1
    monkeypatch.setattr(point, "_KEPT", 1)
    compute(job(a_point()))
    assert (len(loaded), len(point._prepared)) == (2, 1)


def test_what_loading_warns_of_stands_in_the_result():
    few = ["staff.place=fixed", "mechanism.availability.city=0.02"]
    found = compute(job(a_point(*few, policies=("integrated",))))
    assert any("hours a week" in text for text in found.warnings)


def test_an_error_of_loading_or_of_the_measure_is_a_failure_with_its_trace():
    opening = [f"policy.opening.township.{g}=duty" for g in ("command", "board", "pool")]
    found = compute(job(a_point("city.weight=1", *opening, policies=("integrated",))))
    assert isinstance(found, Failure)
    assert found.kind == "InputError"
    assert "one seat in each open shift" in found.message
    found = compute(job(a_point(seed=3, measure="tests.measured:odd_fails")))
    assert (found.kind, found.message) == ("RuntimeError", "seed 3 is odd")
    assert "odd_fails" in found.trace
    found = compute(job(a_point(measure="tests.measured:not_a_number")))
    assert found.kind == "ValueError"
    assert compute(job(a_point(measure="tests.measured:missing"))).kind == "AttributeError"


def test_a_worker_that_holds_what_was_edited_since_loads_it_anew():
    sent = job(a_point())
    edited = point._prepare(sent.point)._replace(world="as it was before the edit")
    point._prepared[sent.point.design] = edited
    assert isinstance(compute(sent), Result)


def test_a_worker_with_other_sources_or_settings_refuses(monkeypatch):
    sent = job(a_point())
    monkeypatch.setattr(point, "code_hash", lambda module: "another")
    with pytest.raises(UnlikeError, match="has other sources than the study"):
        compute(sent)
    monkeypatch.undo()
    point.forget()
    monkeypatch.setattr(point, "_build", lambda p: point._Prepared({}, "another", ()))
    with pytest.raises(UnlikeError, match="has other settings than the study"):
        compute(sent)

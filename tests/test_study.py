"""Studies: every point once, kept as it ends; failures, kills of the disk, others at work."""

import errno
import os
import threading
from types import SimpleNamespace

import pytest

from experiments.study import Failure, Result, Study, point, replications, run_points
from experiments.study.progress import Progress
from scenarios.commands import ExecutorSettings
from sim.errors import InputError
from tests import measured
from tests.jobs import die_at_three

NUMBER, ODD_FAILS = "tests.measured:number", "tests.measured:odd_fails"


@pytest.fixture(autouse=True)
def no_cities(monkeypatch):
    """Points whose parameters are as light as their overrides; those of `bad` cannot be."""

    def load(overrides, policies):
        if "bad=1" in overrides:
            raise InputError("bad: 1; allowed: nothing")

        def parameters(name):
            settings = SimpleNamespace(policy=SimpleNamespace(name=name), overrides=overrides)
            rest = dict.fromkeys(("world", "rates", "open_ticks", "paid_by_desk"))
            return SimpleNamespace(settings=settings, **rest)

        return {name: parameters(name) for name in policies}

    def world(policies):
        (overrides,) = {p.settings.overrides for p in policies.values()}
        return str((overrides, list(policies)))

    monkeypatch.setattr(point, "_load", load)
    monkeypatch.setattr(point, "_world", world)
    monkeypatch.setattr(point, "_worlds", {})
    point._prepared.clear()
    measured.calls.clear()
    measured.before_each.clear()
    yield
    point._prepared.clear()
    measured.before_each.clear()


@pytest.fixture
def settings(tmp_path):
    executor = ExecutorSettings("threads", 2)
    return SimpleNamespace(results=str(tmp_path / "results"), executor=executor, threads=None)


def points(*names, n=3, measure=NUMBER):
    return [p for name in names for p in replications([name], ("a", "b"), 1, n, measure)]


def computed():
    """Seeds computed for each policy in this process."""
    return sorted(measured.calls)


def files(settings, ending="json"):
    from pathlib import Path

    found = Path(settings.results).rglob(f"*.{ending}")
    return {p.name: p.read_bytes() for p in found}


def test_outcomes_come_in_the_order_of_the_points(settings):
    given = points("x=1", "x=2")
    outcomes = run_points(given[::-1], settings)
    seeds = [outcome.measures["b"]["seed"] for outcome in outcomes]
    assert seeds == [p.seed for p in given[::-1]]
    assert len(computed()) == 12
    assert len(files(settings)) == 6


def test_a_point_that_is_named_twice_is_computed_once(settings):
    one, two = run_points([*points("x=1", n=1), *points("x=1", n=1)], settings)
    assert one == two
    assert len(computed()) == 2


def test_what_is_kept_is_not_computed_again_and_more_points_go_on_from_it(settings, capsys):
    before = run_points(points("x=1"), settings)
    files_before = files(settings)
    measured.calls.clear()
    after = run_points(points("x=1", "x=2", n=4), settings)
    assert after[:3] == before
    assert "3 of 8 points were kept from before" in capsys.readouterr().err
    assert len(computed()) == 2 * 5
    assert files_before.items() <= files(settings).items()
    assert run_points(points("x=1"), SimpleNamespace(**vars(settings) | {"executor": None}))


def test_one_study_can_be_asked_again(settings):
    with Study(settings) as study:
        first = study.run(points("x=1", n=2))
        pool = study._pool
        second = study.run(points("x=1", n=3))
        assert study._pool is pool
    assert second[:2] == first
    assert len(computed()) == 6


def test_points_of_several_calls_are_counted_together(settings, capsys):
    with Study(settings) as study, Progress("points, at most", 10, 0) as progress:
        assert study.width == 2
        study.run(points("x=1", n=2), progress)
        study.run(points("x=1", n=4), progress)
    assert (progress.done, progress.kept, progress.failed) == (4, 2, 0)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) <= 10
    assert lines[0].startswith("points, at most: 1 of 10, ")
    assert computed() == sorted((p, s) for p in "ab" for s in range(1_000_000, 1_000_004))


def test_a_failed_point_is_kept_with_its_error_and_the_others_go_on(settings, capsys):
    outcomes = run_points(points("x=1", n=4, measure=ODD_FAILS), settings)
    assert [type(o) for o in outcomes] == [Result, Failure, Result, Failure]
    assert outcomes[1].message == "seed 1000001 is odd"
    assert "4 of 4, 2 failed" in capsys.readouterr().err
    failed = files(settings, "failed.json")
    assert len(failed) == 2
    assert all(b"RuntimeError" in text and b"x=1" in text for text in failed.values())


def test_failed_points_are_tried_again_and_the_others_not(settings, monkeypatch):
    run_points(points("x=1", n=4, measure=ODD_FAILS), settings)
    measured.calls.clear()
    monkeypatch.setattr(measured, "odd_fails", measured.number)
    outcomes = run_points(points("x=1", n=4, measure=ODD_FAILS), settings)
    assert all(isinstance(o, Result) for o in outcomes)
    assert {seed for _, seed in computed()} == {1_000_001, 1_000_003}
    assert not files(settings, "failed.json")


def test_settings_that_cannot_be_stop_the_study_before_the_first_run(settings):
    with pytest.raises(InputError, match="bad: 1; allowed: nothing"):
        run_points(points("x=1", "bad=1"), settings)
    assert computed() == []


def test_many_settings_are_checked_in_sight(settings, capsys):
    run_points(points(*(f"x={n}" for n in range(20)), n=1), settings)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("settings checked: 2 of 20, ")
    assert lines[9] == "settings checked: 20 of 20, 0 s left"
    assert lines[10].startswith("points: 2 of 20, ")
    assert len(lines) == 20


def test_a_file_that_is_cut_short_is_computed_again_and_told(settings, capsys):
    before = run_points(points("x=1"), settings)
    whole = files(settings)
    with Study(settings) as study:
        path = study.kept.path(point.job(points("x=1")[1]).key)
        path.write_bytes(path.read_bytes()[:40])
        measured.calls.clear()
        assert study.run(points("x=1")) == before
    assert {seed for _, seed in computed()} == {1_000_001}
    warned = capsys.readouterr().err
    assert warned.count("was cut short or edited") == 1
    assert files(settings) == whole


def test_a_disk_that_fills_ends_the_study_and_what_was_kept_is_found_again(settings, monkeypatch):
    replace, left = os.replace, iter(range(4))

    def filling(*paths):
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(*paths)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", filling)
        with pytest.raises(InputError, match="No space left on device; what was finished"):
            run_points(points("x=1", n=20), settings)
    assert len(files(settings)) == 4
    assert not files(settings, "partial")
    measured.calls.clear()
    assert all(isinstance(o, Result) for o in run_points(points("x=1", n=20), settings))
    assert len({seed for _, seed in computed()}) == 16


def test_a_results_folder_that_is_a_file_is_refused_at_once(settings, tmp_path):
    (tmp_path / "results").write_text("")
    with pytest.raises(InputError, match="cannot be written to"):
        run_points(points("x=1"), settings)
    assert computed() == []


def test_two_at_one_study_find_what_the_other_has_kept(settings, capsys):
    """While this study is at its first points, another computes all of them."""
    other_is_done = threading.Event()

    def wait_for_the_other(parameters, seed):
        if threading.current_thread().name.startswith("ThreadPool") and not other_is_done.is_set():
            begun.set()
            assert other_is_done.wait(20)

    def compute_all():
        assert begun.wait(20)
        for one in points("x=1", n=30):
            other.kept.put(point.job(one), point.compute(point.job(one)))
        other_is_done.set()

    begun, other = threading.Event(), Study(settings)
    measured.before_each.append(wait_for_the_other)
    thread = threading.Thread(target=compute_all)
    thread.start()
    outcomes = run_points(points("x=1", n=30), settings)
    thread.join()
    assert [o.measures["a"]["seed"] for o in outcomes] == [p.seed for p in points("x=1", n=30)]
    assert len(computed()) == 2 * (30 + 2)  # the two that it had begun, and no more
    assert "points: 30 of 30" in capsys.readouterr().err


def test_processes_at_one_study_begin_at_different_places(monkeypatch):
    from experiments.study import _from_elsewhere

    jobs = [point.job(p) for p in points("x=1", "x=2", "x=3", n=2)]
    orders = []
    for process in (3, 4):
        monkeypatch.setattr(os, "getpid", lambda process=process: process)
        orders.append(_from_elsewhere(jobs))
    assert orders[0] == jobs
    assert orders[1] == [*jobs[2:], *jobs[:2]]


def test_a_worker_that_dies_is_a_failure_of_its_point_alone(settings, monkeypatch):
    monkeypatch.setattr("experiments.study.compute", _die_at_last)
    settings.executor.kind = "processes"
    outcomes = run_points(points("x=1", n=4), settings)
    assert [type(o) for o in outcomes] == [Result, Result, Result, Failure]
    assert outcomes[3].kind == "TerminatedWorkerError"
    assert "the worker died with this point" in outcomes[3].message


def _die_at_last(job, progress=None):
    die_at_three(job.point.seed - 1_000_000)
    return Result({"a": {}, "b": {}})


def test_a_worker_with_other_sources_ends_the_study(settings, monkeypatch):
    def other(job, progress=None):
        raise point.UnlikeError("there has other sources than the study")

    monkeypatch.setattr("experiments.study.compute", other)
    with pytest.raises(InputError, match="other sources than the study"):
        run_points(points("x=1"), settings)
    assert files(settings) == {}


def test_workers_that_lack_what_they_need_end_the_study(settings, monkeypatch):
    def lost(job, progress=None):
        raise ModuleNotFoundError("No module named 'experiments.study'")

    monkeypatch.setattr("experiments.study.compute", lost)
    with pytest.raises(InputError, match=r"ModuleNotFoundError: .*; the same Guantong must be"):
        run_points(points("x=1"), settings)
    assert files(settings) == {}


def test_a_stop_leaves_whole_files_and_no_thread_at_work(settings):
    def stop(parameters, seed):
        if seed == 1_000_005 and parameters.settings.policy.name == "b":
            raise KeyboardInterrupt

    measured.before_each.append(stop)
    with pytest.raises(KeyboardInterrupt):
        run_points(points("x=1", n=200), settings)
    kept = files(settings)
    assert 0 < len(kept) < 200
    assert not files(settings, "partial")
    measured.before_each.clear()
    assert len(run_points(points("x=1", n=200), settings)) == 200
    assert kept.items() <= files(settings).items()
    assert not [t for t in threading.enumerate() if t.name.startswith("ThreadPool")]

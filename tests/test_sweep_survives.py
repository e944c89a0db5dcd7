"""Sweeps as users run them, killed, doubled and spread over processes: always the same bytes."""

import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from experiments.cli import main
from tests.clusters import ROOT, cluster
from tests.conftest import TINY
from tests.test_experiments_sweep import KEY, kept, kill_when_kept, made, tables

pytestmark = pytest.mark.slow

GIVEN = [*TINY, f"sweep.over={{{KEY}: [0.6, 0.8]}}", "replications=20"]
POINTS = 40


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The tables of a sweep that nothing happened to."""
    results = tmp_path_factory.mktemp("whole")
    assert main(["sweep", *GIVEN, f"results={results}"]) == 0
    return tables(made(results))


def started(results: Path, *more: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.cli", "sweep", *GIVEN, f"results={results}", *more],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_killed_at_random_moments_it_loses_what_was_in_flight_and_nothing_else(whole, tmp_path):
    moments = random.Random(6)
    for _ in range(4):
        before = {path: path.read_bytes() for path in kept(tmp_path)}
        child = started(tmp_path)
        with child.stderr:
            kill_when_kept(child, tmp_path, len(before) + moments.randrange(1, 8))
        assert before.items() <= {path: path.read_bytes() for path in kept(tmp_path)}.items()
        assert len(kept(tmp_path)) < POINTS
    last = started(tmp_path)
    assert f"{len(kept(tmp_path))} of {POINTS} points were kept" in last.communicate()[1]
    assert tables(made(tmp_path)) == whole


def test_two_processes_at_one_study_do_no_harm(whole, tmp_path):
    both = [started(tmp_path) for _ in range(2)]
    for child in both:
        child.communicate()
        assert child.returncode == 0
    folders = list(tmp_path.glob("sweep-*"))
    assert len(folders) == 2
    assert all(tables(folder) == whole for folder in folders)
    assert len(kept(tmp_path)) == POINTS


@pytest.mark.parametrize("executor", ["processes", "dask"])
def test_executors_of_this_machine_give_the_bytes_of_threads(whole, tmp_path, executor):
    child = started(tmp_path, f"executor={executor}", "executor.workers=2")
    child.communicate()
    assert child.returncode == 0
    assert tables(made(tmp_path)) == whole


def test_a_cluster_with_a_killed_worker_gives_the_bytes_of_threads(whole, tmp_path):
    results = tmp_path / "results"
    with cluster(2, tmp_path) as (address, processes):
        child = started(results, "executor=dask", f"executor.address={address}")
        while child.poll() is None and len(kept(results)) < 5:
            time.sleep(0.01)
        processes["worker-1"].send_signal(signal.SIGKILL)
        child.communicate()
        assert child.returncode == 0
    assert tables(made(results)) == whole


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_ctrl_c_leaves_whole_files_and_ends_workers(whole, tmp_path, executor):
    child = started(tmp_path, f"executor={executor}", "executor.workers=2")
    timer = threading.Timer(300, child.kill)
    timer.start()
    while child.poll() is None and len(kept(tmp_path)) < 3:
        time.sleep(0.005)
    child.send_signal(signal.SIGINT)
    said = child.communicate()[1]  # which ends when no worker holds the pipe any more
    timer.cancel()
    assert child.returncode == 130
    assert "nothing half-written is left" in said
    assert 3 <= len(kept(tmp_path)) < POINTS
    assert not list(tmp_path.rglob("*.partial"))
    assert main(["sweep", *GIVEN, f"results={tmp_path}"]) == 0
    assert tables(made(tmp_path)) == whole

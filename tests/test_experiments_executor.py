"""Executors: one result wherever it is computed; a worker that dies takes nothing along."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.executor import completed, open_pool
from experiments.threads import StoppedError
from scenarios.commands import ExecutorSettings
from sim.errors import InputError
from tests import jobs
from tests.clusters import ROOT, cluster, free_port

SQUARES = {n: n * n for n in range(12)}


@contextlib.contextmanager
def pool(kind, workers=2, address=None):
    opened = open_pool(ExecutorSettings(kind, workers, address), threads=None)
    try:
        yield opened
    finally:
        opened.close()


def values(opened, work, given):
    return {job: future.result() for job, future in completed(opened, work, given)}


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_every_job_ends_once_and_no_more_are_handed_out_than_there_are_workers(kind):
    handed = []

    def given():
        for n in SQUARES:
            handed.append(n)
            yield n

    with pool(kind) as opened:
        found = {}
        for job, future in completed(opened, jobs.square, given()):
            found[job] = future.result()[0]
            assert len(handed) <= len(found) + 1  # one more is at work
    assert found == SQUARES


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_a_job_that_fails_leaves_the_others_alone(kind):
    with pool(kind) as opened:
        errors = {j: f.exception() for j, f in completed(opened, jobs.fail_at_three, range(6))}
    assert {j for j, error in errors.items() if error is not None} == {3}
    assert str(errors[3]) == "three"


def test_only_the_job_that_kills_its_process_is_lost():
    with pool("processes") as opened:
        errors = {j: f.exception() for j, f in completed(opened, jobs.die_at_three, range(8))}
    assert set(errors) == set(range(8))
    assert {j for j, error in errors.items() if error is not None} == {3}


def test_processes_are_other_processes_and_end_with_the_pool():
    with pool("processes", workers=1) as opened:
        ((_, process),) = values(opened, jobs.square, [3]).values()
    assert process != os.getpid()
    assert ends(process)


def test_processes_end_when_the_one_that_started_them_is_killed():
    code = (
        "import os, signal; from tests import jobs\n"
        "from experiments.executor import open_pool\n"
        "from scenarios.commands import ExecutorSettings\n"
        "pool = open_pool(ExecutorSettings('processes', 1), None)\n"
        "print(pool.submit(jobs.square, 3).result()[1], flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL
    assert ends(int(done.stdout))


def ends(process: int) -> bool:
    """Whether a process that is no child of this one ends within ten seconds."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.kill(process, 0)
            if ") Z " in Path(f"/proc/{process}/stat").read_text():  # nobody reaps it
                return True
        except ProcessLookupError:
            return True
        except FileNotFoundError:  # no such list of processes here
            pass
        time.sleep(0.05)
    return False


def test_closing_ends_threads_that_run():
    opened = open_pool(ExecutorSettings("threads", 1), threads=None)
    future = opened.submit(jobs.wait_until_stopped, 0)
    opened.close()
    assert isinstance(future.exception(10), StoppedError)


def test_threads_are_as_many_as_the_settings_say():
    for given, threads, width in ((3, 2, 3), (None, 2, 2), (None, None, os.cpu_count())):
        opened = open_pool(ExecutorSettings("threads", given), threads)
        assert opened.width == width
        opened.close()


def test_an_address_is_refused_where_it_would_do_nothing():
    with pytest.raises(InputError, match=r"executor.address: 'tcp://a:1'; allowed with executor="):
        open_pool(ExecutorSettings("threads", 1, "tcp://a:1"), threads=None)


def test_without_dask_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"dask is not installed; .* extra 'cluster'"):
        open_pool(ExecutorSettings("dask"), threads=None)


# --- a cluster --------------------------------------------------------------------------------


def test_a_cluster_over_tcp_goes_on_when_a_worker_is_killed(tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    with cluster(2, tmp_path) as (address, started), pool("dask", address=address) as opened:
        given = ((n, str(marks)) for n in range(60))
        found = []
        for _, future in completed(opened, jobs.note, given):
            found.append(future.result())
            if len(found) == 10:
                while len(list(marks.iterdir())) < 2:  # both are at work
                    time.sleep(0.01)
                started["worker-0"].send_signal(signal.SIGKILL)
    assert sorted(found) == list(range(60))
    assert {int(mark.name) for mark in marks.iterdir()} == {
        started[name].pid for name in ("worker-0", "worker-1")
    }


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    pytest.importorskip("distributed", reason="dask is not installed")
    monkeypatch.setattr("experiments.executor._PATIENCE", "1s")
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(InputError, match=rf"no scheduler answers at '{address}'"):
        open_pool(ExecutorSettings("dask", None, address), threads=None)

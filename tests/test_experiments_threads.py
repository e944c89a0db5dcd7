"""Jobs in threads: results in order, one failure or Ctrl-C ends them all."""

import threading

import pytest

from experiments.threads import StoppedError, in_threads


@pytest.mark.parametrize("threads", [1, 4, None])
def test_results_come_in_the_order_of_the_jobs(threads):
    def work(job, advance):
        advance(0.5)
        return job * job

    assert in_threads("squares", list(range(20)), work, threads) == [n * n for n in range(20)]


def test_no_jobs_give_no_results():
    assert in_threads("nothing", [], lambda job, advance: job, 2) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_stops_one_job_stops_those_that_run_and_those_that_wait(error):
    begun, stopped, running = [], [], threading.Event()

    def work(job, advance):
        begun.append(job)
        if job == 0:
            assert running.wait(10)
            raise error("stop")
        running.set()
        try:
            for _ in range(10**9):
                advance(0.1)
        except StoppedError:
            stopped.append(job)
            raise

    with pytest.raises(error):
        in_threads("endless", list(range(50)), work, 2)
    assert sorted(begun)[:2] == [0, 1]
    assert len(begun) < 5
    assert set(stopped) == set(begun) - {0}

"""Jobs in threads of this process under one progress bar; what stops one stops them all."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from experiments import console
from experiments.one_run import Progress

Job = TypeVar("Job")
Result = TypeVar("Result")


class StoppedError(Exception):
    """The user has asked to stop, or another job has failed."""


class Threads:
    """Threads that compute jobs until they are told to stop."""

    def __init__(self, workers: int | None = None):
        self.width = workers or os.cpu_count() or 1
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(self.width)

    def submit(self, work: Callable[[Any, Progress], Any], job: Any) -> Future:
        """Work on a job when a thread is free; by the second argument of `work`, the function to
        call with the share done, StoppedError ends what runs."""
        return self._pool.submit(work, job, self._advance)

    def _advance(self, share: float) -> None:
        if self._stop.is_set():
            raise StoppedError

    def close(self) -> None:
        """Drop what waits and end what runs."""
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)


def in_threads(
    what: str, jobs: Sequence[Job], work: Callable[[Job, Progress], Result], threads: int | None
) -> list[Result]:
    """What `work` makes of each job, in the order of the jobs.

    work    : takes a job and the function to call with the share of it that is done, 0 to 1; by
              that call StoppedError ends jobs that have begun when one fails or Ctrl-C is pressed
    threads : how many; None: one for each core
    """
    pool = Threads(threads)
    with console.progress_bar(what, len(jobs)) as progress:

        def begin(i: int, check: Progress) -> Result:
            tell = progress(i)

            def advance(share: float) -> None:
                check(share)
                tell(share)

            return work(jobs[i], advance)

        try:
            futures = [pool.submit(begin, i) for i in range(len(jobs))]
            return [future.result() for future in futures]
        finally:
            pool.close()

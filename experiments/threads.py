"""Jobs in threads of this process under one progress bar; what stops one stops them all."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from experiments import console
from experiments.one_run import Progress

Job = TypeVar("Job")
Result = TypeVar("Result")


class StoppedError(Exception):
    """The user has asked to stop, or another job has failed."""


def in_threads(
    what: str, jobs: Sequence[Job], work: Callable[[Job, Progress], Result], threads: int | None
) -> list[Result]:
    """What `work` makes of each job, in the order of the jobs.

    work    : takes a job and the function to call with the share of it that is done, 0 to 1; by
              that call StoppedError ends jobs that have begun when one fails or Ctrl-C is pressed
    threads : how many; None: one for each core
    """
    stop = threading.Event()
    with (
        console.progress_bar(what, len(jobs)) as progress,
        ThreadPoolExecutor(threads or os.cpu_count()) as pool,
    ):

        def begin(i: int) -> Result:
            tell = progress(i)

            def advance(share: float) -> None:
                if stop.is_set():
                    raise StoppedError
                tell(share)

            return work(jobs[i], advance)

        futures = [pool.submit(begin, i) for i in range(len(jobs))]
        try:
            return [future.result() for future in futures]
        except BaseException:
            stop.set()
            for future in futures:
                future.cancel()
            raise

"""Who computes the points of a study: threads, processes of this machine, or a Dask cluster.

All three are pools of one kind, and a job is plain data, so that results are the same wherever
they are computed. Jobs are handed out as workers get free: a stop leaves little to be undone.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from itertools import islice
from typing import Any, Protocol, TypeVar

from experiments import console
from experiments.threads import Threads
from scenarios.commands import ExecutorSettings
from sim.errors import InputError

Job = TypeVar("Job")
Work = Callable[..., Any]
"""Takes a job and, in threads, a function to call with the share done; can be imported by name."""

_PATIENCE = "15s"  # to reach a scheduler
_LOOK = 1.0  # seconds between looks of a process after its parent


class Pool(Protocol):
    """Workers that compute jobs."""

    @property
    def width(self) -> int:
        """How many jobs it should have at a time."""

    def submit(self, work: Work, job: Any) -> Future: ...

    def close(self) -> None:
        """Drop what waits, end what runs."""


def open_pool(settings: ExecutorSettings, threads: int | None) -> Pool:
    """The pool that the settings name; threads : how many where workers are not stated.
    Raises InputError."""
    if settings.address is not None and settings.kind != "dask":
        raise InputError(f"executor.address: '{settings.address}'; allowed with executor=dask only")
    if settings.kind == "threads":
        return Threads(settings.workers or threads)
    workers = settings.workers or os.cpu_count() or 1
    return _Processes(workers) if settings.kind == "processes" else _Dask(workers, settings.address)


def completed(pool: Pool, work: Work, jobs: Iterable[Job]) -> Iterator[tuple[Job, Future]]:
    """Each job with its future as it ends, in any order; no future is cancelled.

    A process that dies takes along what the others had in hand. Those jobs come again at the end,
    one at a time, so that the one that kills its process is told from those that were beside it:
    the future of that one alone fails.
    """
    lost = []
    for job, future in _as_they_end(pool, work, iter(jobs)):
        if isinstance(future.exception(), BrokenExecutor):
            lost.append(job)
        else:
            yield job, future
    yield from _as_they_end(pool, work, iter(lost), 1)


def is_death(error: BaseException) -> bool:
    """Whether a job's future failed because its worker died with it, and not for want of what
    workers need."""
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"  # Dask's


def _as_they_end(
    pool: Pool, work: Work, jobs: Iterator[Job], width: int | None = None
) -> Iterator[tuple[Job, Future]]:
    running: dict[Future, Job] = {}
    while True:
        free = (width or pool.width) - len(running)
        running |= {pool.submit(work, job): job for job in islice(jobs, max(free, 0))}
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            if future.cancelled():
                raise InputError("executor: the workers are gone; what was finished is kept")
            yield running.pop(future), future


class _Processes:
    """Processes of this machine (loky, which works from notebooks and scripts alike)."""

    def __init__(self, workers: int):
        self.width = workers
        self._start()

    def _start(self) -> None:
        from joblib.externals.loky.process_executor import ProcessPoolExecutor

        self._pool = ProcessPoolExecutor(self.width, initializer=_end_with, initargs=(os.getpid(),))

    def submit(self, work: Work, job: Any) -> Future:
        try:
            return self._pool.submit(work, job)
        except BrokenExecutor:  # a process has died, and loky has ended the others
            self._start()
            return self._pool.submit(work, job)

    def close(self) -> None:
        self._pool.shutdown(kill_workers=True)


def _end_with(parent: int) -> None:
    """End this process soon after its parent, which may be killed and then ends none."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class _Dask:
    """A Dask cluster: the one at the address, or one of its own on this machine. What a worker
    that dies had in hand, the scheduler gives to others, and gives up after three deaths."""

    def __init__(self, workers: int, address: str | None):
        try:
            from distributed import Client, LocalCluster
        except ImportError:
            raise InputError(
                "executor: dask is not installed; install Guantong with its extra 'cluster'"
            ) from None
        self._cluster = None
        if address is None:
            self._cluster = LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=None
            )
        try:
            self._client = Client(self._cluster or address, timeout=_PATIENCE)
        except (OSError, ValueError) as error:
            raise InputError(
                f"executor.address: no scheduler answers at '{address}' ({error}); "
                "start one by 'dask scheduler'"
            ) from None
        self._pool = self._client.get_executor(pure=False)
        if not self.threads:
            console.notes.print(f"waiting for workers to join {address} ...", style="dim")

    @property
    def threads(self) -> int:
        """Threads of all workers that are there now."""
        return sum(self._client.nthreads().values())

    @property
    def width(self) -> int:
        return 2 * max(1, self.threads)  # so that no worker waits for its next job to arrive

    def submit(self, work: Work, job: Any) -> Future:
        return self._pool.submit(work, job)

    def close(self) -> None:
        self._pool.shutdown(wait=False)
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

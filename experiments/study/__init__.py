"""Studies: many points, computed once and kept, by threads, processes or a cluster.

    with Study(settings) as study:
        outcomes = study.run(replications(["staff.target_utilisation=0.9"], POLICIES, seed, 6))

A study may be run with more points as often as needed; what is kept already is not computed again.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from itertools import groupby
from types import TracebackType

from experiments import console
from experiments.executor import Pool, completed, is_death, open_pool
from experiments.study.kept import Kept
from experiments.study.point import (
    Failure,
    Job,
    Point,
    Result,
    UnlikeError,
    compute,
    forget,
    job,
    replications,
)
from experiments.study.progress import Progress
from experiments.warm import compile_if_cold
from scenarios.schema import Settings
from sim.errors import InputError

__all__ = ["Failure", "Point", "Result", "Study", "replications", "run_points"]

Outcome = Result | Failure

_MANY_DESIGNS = 20


class Study:
    """Runs points with the executor of the settings and keeps them below its results folder.

    Raises InputError where the folder cannot be written to or the executor cannot be reached.
    """

    def __init__(self, settings: Settings, what: str = "points"):
        self.settings, self.what = settings, what
        self.kept = Kept(settings.results)
        self._pool: Pool | None = None
        forget()

    def __enter__(self) -> "Study":
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    @property
    def width(self) -> int:
        """How many points are computed at a time. Raises InputError."""
        if self._pool is None:
            self._pool = open_pool(self.settings.executor, self.settings.threads)
        return self._pool.width

    def run(self, points: Sequence[Point], progress: Progress | None = None) -> list[Outcome]:
        """The outcome of each point, in their order; those that are not kept are computed.

        progress : where points are counted that come in several calls; it is left open.
        A point that fails does not stop the others. Raises InputError, before anything runs, for
        settings that the schema refuses; and where a result cannot be kept or no worker is left.
        """
        jobs = _jobs(points)
        missing = {j.key: j for j in jobs}
        outcomes: dict[str, Outcome] = {}
        for key in list(missing):
            found = self.kept.get(key)
            if found is not None:
                outcomes[key] = found
                del missing[key]
        self._tell_damaged()
        if progress is None:
            shown = Progress(self.what, len(outcomes) + len(missing), len(outcomes))
        else:
            progress.take(len(outcomes))
            shown = nullcontext(progress)
        with shown as progress:
            for key, outcome in self._compute(list(missing.values()), outcomes):
                outcomes[key] = outcome
                progress.add(failed=isinstance(outcome, Failure))
        return [outcomes[j.key] for j in jobs]

    def _compute(
        self, jobs: Sequence[Job], outcomes: dict[str, Outcome]
    ) -> Iterator[tuple[str, Outcome]]:
        if not jobs:
            return
        compile_if_cold()
        _ = self.width  # which opens the pool
        found: list[tuple[str, Outcome]] = []

        def wanted() -> Iterator[Job]:
            for one in _from_elsewhere(jobs):
                kept = self.kept.get(one.key)  # by another process, since this one began
                if kept is None:
                    yield one
                else:
                    found.append((one.key, kept))

        for one, future in completed(self._pool, compute, wanted()):
            yield one.key, self._keep(one, future)
            yield from found
            found.clear()
        yield from found

    def _keep(self, one: Job, future: Future) -> Outcome:
        error = future.exception()
        if error is None:
            outcome = future.result()
        elif is_death(error):
            outcome = Failure(type(error).__name__, f"the worker died with this point: {error}")
        elif isinstance(error, UnlikeError):
            raise InputError(str(error))
        elif isinstance(error, Exception):
            said = " ".join(f"{type(error).__name__}: {error}".split())
            raise InputError(
                f"executor: workers cannot compute points ({said}); the same Guantong must be "
                "installed wherever they run"
            ) from error
        else:
            raise error
        if isinstance(outcome, Failure):
            self.kept.put_failure(one, outcome)
        else:
            self.kept.put(one, outcome)
        return outcome

    def _tell_damaged(self) -> None:
        for path in self.kept.damaged:
            console.warn([f"'{path}' was cut short or edited; its point is computed again"])
        self.kept.damaged.clear()


def _jobs(points: Sequence[Point]) -> list[Job]:
    """The points as they are sent out; tells how far it is where that takes its time, as every
    design point must be composed."""
    designs = dict.fromkeys(point.design for point in points)
    if len(designs) >= _MANY_DESIGNS:
        first_of = {point.design: point for point in reversed(points)}
        with Progress("settings checked", len(designs), 0) as progress:
            for design in designs:
                job(first_of[design])  # which is remembered
                progress.add(failed=False)
    return [job(point) for point in points]


def _from_elsewhere(jobs: Sequence[Job]) -> list[Job]:
    """The jobs from another design point on in each process, so that two processes at one study
    share its work and do not do all of it side by side."""
    groups = [list(group) for _, group in groupby(jobs, lambda j: j.point.design)]
    begin = os.getpid() % len(groups)
    return [j for group in (*groups[begin:], *groups[:begin]) for j in group]


def run_points(points: Sequence[Point], settings: Settings, what: str = "points") -> list[Outcome]:
    """The outcomes of points, as `Study.run`."""
    with Study(settings, what) as study:
        return study.run(points)

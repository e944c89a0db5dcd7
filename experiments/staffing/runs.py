"""Runs of staff plans: side by side in threads, each kept as it ends.

A run is named by all that decides it, its seats included, and kept below the results folder as the
points of a study are: the same command goes on after a stop, and no plan is ever run twice.
"""

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, fields

import numpy as np

from experiments import console
from experiments.staffing.measure import COUNTS, service
from experiments.store import fingerprint
from experiments.study.kept import Kept
from experiments.study.point import Job, Point, Result
from experiments.study.progress import Progress
from experiments.study.sources import code_hash
from experiments.threads import Threads
from scenarios.parameters import Parameters
from scenarios.schema import Settings
from scenarios.staff_plan import seated

_MEASURE = "experiments.staffing.measure:service"


@dataclass(frozen=True, eq=False)
class Counts:
    """Of R replications: i8[R, districts, classes] each, and by kind i8[R, kinds, classes]."""

    noticed: np.ndarray
    closed: np.ndarray
    solved: np.ndarray
    kind_noticed: np.ndarray
    kind_closed: np.ndarray
    kind_solved: np.ndarray

    def first(self, n: int) -> "Counts":
        """Of the first n replications alone."""
        return Counts(**{field.name: getattr(self, field.name)[:n] for field in fields(self)})


class Runs:
    """Runs plans of some policies. Leave it as a context, which ends what still runs.

    overrides : those of the command, for the record of what is kept. most : runs expected at most.
    """

    def __init__(self, policies: Mapping[str, Parameters], overrides: Sequence[str], most: int):
        first = next(iter(policies.values()))
        settings: Settings = first.settings
        self.policies = {name: p.recording("incidents") for name, p in policies.items()}
        self.overrides = tuple(overrides)
        self.kept = Kept(settings.results)
        self.done = 0
        self._code = code_hash(_MEASURE.partition(":")[0])
        self._worlds: dict[tuple[str, float], tuple[Parameters, str]] = {}
        self._pool = Threads(settings.executor.workers or settings.threads)
        self._lock = threading.RLock()
        self._progress = Progress("runs, at most", most, 0)

    def __enter__(self) -> "Runs":
        self._progress.__enter__()
        return self

    def stop(self) -> None:
        """Drop what waits and end what runs."""
        self._pool.close()

    def __exit__(self, *error: object) -> None:
        self.stop()
        self._progress.__exit__(*error)
        if self._progress.kept:
            console.notes.print(f"{self._progress.kept} of {self.done} runs were kept from before")

    def counts(
        self,
        policy: str,
        plans: Sequence[np.ndarray],
        seeds: Sequence[int],
        volume: float = 1.0,
    ) -> list[Counts]:
        """What each plan brings on the incidents of each seed; volume : times what the settings
        let occur. plans : i4[desks, shifts] each. Raises what a run raises."""
        jobs = [[self._job(policy, seats, seed, volume) for seed in seeds] for seats in plans]
        found = [
            [self._outcome(policy, seats, volume, job) for job in row]
            for seats, row in zip(plans, jobs, strict=True)
        ]
        return [_stacked([one.result() for one in row]) for row in found]

    def _world(self, policy: str, volume: float) -> tuple[Parameters, str]:
        with self._lock:
            if (policy, volume) not in self._worlds:
                base = self.policies[policy]
                if volume != 1.0:
                    base = base.at_volume(volume * base.settings.stream.volume)
                text = json.dumps([fingerprint(base), asdict(base.settings.policy)], default=str)
                self._worlds[policy, volume] = base, hashlib.sha256(text.encode()).hexdigest()
            return self._worlds[policy, volume]

    def _job(self, policy: str, seats: np.ndarray, seed: int, volume: float) -> Job:
        digest = hashlib.sha256(np.ascontiguousarray(seats, np.int32).tobytes()).hexdigest()
        named = json.dumps([self._world(policy, volume)[1], digest, seed, self._code])
        named_by = (*self.overrides, f"seats={digest[:16]}", f"volume={volume:g}")
        point = Point(named_by, (policy,), seed, _MEASURE)
        return Job(point, hashlib.sha256(named.encode()).hexdigest(), self._code)

    def _outcome(
        self, policy: str, seats: np.ndarray, volume: float, job: Job
    ) -> "Future[Mapping]":
        with self._lock:
            self.done += 1
            kept = self.kept.get(job.key)
            for path in self.kept.damaged:
                console.warn([f"'{path}' was cut short or edited; its run is made again"])
            self.kept.damaged.clear()
            if kept is not None:
                self._progress.take(1)
                future: Future[Mapping] = Future()
                future.set_result(kept.measures[policy])
                return future
        base = self._world(policy, volume)[0]

        def work(_: object, advance) -> Mapping:
            found = service(seated(base, seats), job.point.seed, advance)
            with self._lock:
                self.kept.put(job, Result({policy: found}))
                self._progress.add(failed=False)
            return found

        return self._pool.submit(work, job)


def _stacked(found: Sequence[Mapping]) -> Counts:
    names = (*COUNTS, *(f"kind_{name}" for name in COUNTS))
    return Counts(**{name: np.array([one[name] for one in found], np.int64) for name in names})

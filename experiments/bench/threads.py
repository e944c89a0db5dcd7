"""Replications in two threads of one process beside the same in one."""

import contextlib
from collections.abc import Iterator

from experiments.bench.rounds import Form, Job, SideBySide, did
from experiments.bench.runs import built
from experiments.one_run import Progress, simulate
from experiments.threads import in_threads
from scenarios.load import load

REPLICATIONS = 20
DAYS = ("horizon.warmup_days=2", "horizon.cohort_days=2", "horizon.followup_days=1")


@contextlib.contextmanager
def suite(form: Form) -> Iterator[SideBySide]:
    """Twenty replications of five days of the whole city; of one day in the quick form."""
    short = [*DAYS[1:], "horizon.warmup_days=0"] if form.quick else DAYS
    parameters = built(load([*short, "record=summary"]))

    def replicate(seed: int, advance: Progress) -> dict[str, int]:
        return did(simulate(parameters, seed, advance))

    def job(threads: int) -> Job:
        def run(_: int) -> dict[str, int]:
            seeds = range(1, REPLICATIONS + 1)
            parts = in_threads(f"{threads} threads", seeds, replicate, threads)
            return {name: sum(part[name] for part in parts) for name in parts[0]}

        return run

    yield SideBySide({"one thread": job(1), "two threads": job(2)}, form.rounds)

"""The readable SimPy clock beside the compiled one: the whole city, its first day."""

import contextlib
from collections.abc import Iterator

from experiments.bench.rounds import SEED, Form, Job, SideBySide, did
from experiments.bench.runs import built
from experiments.one_run import simulate
from scenarios.load import load

DAY = ("horizon.warmup_days=0", "horizon.cohort_days=1", "horizon.followup_days=0")


@contextlib.contextmanager
def suite(form: Form) -> Iterator[SideBySide]:
    """A day in every form."""

    def job(clock: str) -> Job:
        parameters = built(load([*DAY, "record=summary", f"clock={clock}"]))
        return lambda _: did(simulate(parameters, SEED))

    yield SideBySide({clock: job(clock) for clock in ("compiled", "simpy")}, form.rounds)

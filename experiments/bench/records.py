"""What it costs to keep incidents or visits and to write them as Parquet, beside a summary."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from experiments import records
from experiments.bench.rounds import SEED, Form, Job, SideBySide, did
from experiments.bench.runs import built
from experiments.one_run import simulate
from scenarios.load import load

DAYS = ("horizon.warmup_days=0", "horizon.cohort_days=28", "horizon.followup_days=0")
CUT = ("horizon.warmup_days=0", "horizon.cohort_days=7", "horizon.followup_days=0")
RECORDS = ("summary", "incidents", "visits")


@contextlib.contextmanager
def suite(form: Form) -> Iterator[SideBySide]:
    """Four weeks of the whole city, all of it kept; one week in the quick form."""
    with tempfile.TemporaryDirectory() as folder:

        def job(record: str) -> Job:
            parameters = built(load([*(CUT if form.quick else DAYS), f"record={record}"]))

            def run(_: int) -> dict[str, int]:
                with records.Files(records.paths(Path(folder), record), parameters) as files:
                    return did(simulate(parameters, SEED, sink=files.add))

            return run

        yield SideBySide({record: job(record) for record in RECORDS}, form.rounds)

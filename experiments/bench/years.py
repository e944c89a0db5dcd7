"""Years of the whole city: everything on, summary kept, each in a process of its own."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence

from experiments.bench.processes import Elsewhere
from experiments.bench.rounds import Form, SideBySide

DAYS_OF_YEAR = 365.25
YEAR = ("horizon.start=2025-01-01", "record=summary")
WHOLE = ("horizon.warmup_days=28", "horizon.cohort_days=309", "horizon.followup_days=28")
CUT = ("horizon.warmup_days=3", "horizon.cohort_days=7", "horizon.followup_days=4")
ROWS = ((4, "siloed"), (4, "integrated"), (10, "siloed"))  # millions a year, policy


def at_rate(millions: float) -> str:
    """The setting for so many million incidents a year: four is as shipped. Staff follows it."""
    return f"stream.per_day={1e6 * millions / DAYS_OF_YEAR:.2f}"


@contextlib.contextmanager
def suite(form: Form) -> Iterator[SideBySide]:
    """Cut to two weeks in the quick form."""
    shared = (*YEAR, *(CUT if form.quick else WHOLE))
    rows = {
        f"{millions} million, {policy}": [*shared, f"policy={policy}", at_rate(millions)]
        for millions, policy in ROWS
    }
    with elsewhere(rows) as jobs:
        yield SideBySide(jobs, form.long_rounds, cut=form.quick)


@contextlib.contextmanager
def elsewhere(
    rows: Mapping[str, Sequence[str]], after_days: int = 0
) -> Iterator[dict[str, Elsewhere]]:
    """A process for each row, two of which build at a time."""
    with contextlib.ExitStack() as stack:
        jobs, building = {}, []
        for name, overrides in rows.items():
            if len(building) == 2:
                building.pop(0).wait()
            jobs[name] = stack.enter_context(
                Elsewhere("experiments.bench.runs", after_days, *overrides)
            )
            building.append(jobs[name])
        for job in building:
            job.wait()
        yield jobs

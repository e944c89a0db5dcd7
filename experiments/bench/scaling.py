"""What an incident costs as the horizon, the rate and the city grow, each by itself.

A city that begins empty has little to do at first. So the first weeks are run and not counted:
what is measured is the cost of a further incident in a city at work.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from experiments.bench.cities import write_part
from experiments.bench.rounds import Form, SideBySide
from experiments.bench.years import DAYS_OF_YEAR, at_rate, elsewhere

FIRST_DAYS = 28
MILLIONS = 4  # incidents a year, as shipped
SIZES = (100_000, 1_000_000, 10_000_000)
FACTORS = (0.25, 0.5, 2.0, 4.0)
DISTRICTS = (5, 10, 20, 82)
SHARED = ("horizon.start=2023-01-02", "horizon.warmup_days=0", "horizon.followup_days=0")
MEASURED_DAYS = 28  # of the curves over rate and city


@contextlib.contextmanager
def suite(form: Form) -> Iterator[SideBySide]:
    """The quick form has a million incidents at most, and the ends of the other two curves."""
    first = 14 if form.quick else FIRST_DAYS
    ends = slice(None, None, 3) if form.quick else slice(None)

    def days(measured: int) -> list[str]:
        return [*SHARED, "record=summary", f"horizon.cohort_days={first + measured}"]

    rows = {
        f"horizon {size:.0e}": [
            *days(round(size / (1e6 * MILLIONS / DAYS_OF_YEAR))),
            at_rate(MILLIONS),
        ]
        for size in SIZES[: 2 if form.quick else None]
    }
    for factor in FACTORS[ends]:
        rows[f"rate {factor:g}"] = [*days(MEASURED_DAYS), at_rate(MILLIONS * factor)]
    with tempfile.TemporaryDirectory() as folder:
        for n in (*DISTRICTS[ends], 41):
            city = write_part(Path(folder), f"part{n}", n)
            rows[f"districts {n}"] = [*days(MEASURED_DAYS), *city, at_rate(MILLIONS)]
        with elsewhere(rows, first) as jobs:
            yield SideBySide(jobs, form.long_rounds, cut=form.quick)

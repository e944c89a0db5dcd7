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
ALL_DISTRICTS = 41
SIZES, QUICK_SIZES = (100_000, 1_000_000, 10_000_000), (100_000, 200_000)
FACTORS, QUICK_FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0), (0.25, 1.0)
DISTRICTS, QUICK_DISTRICTS = (5, 10, 20, ALL_DISTRICTS, 82), (5, ALL_DISTRICTS)
SHARED = ("horizon.start=2023-01-02", "horizon.warmup_days=0", "horizon.followup_days=0")
MEASURED_DAYS = 14  # of the curves over rate and city


def name_of_size(size: int) -> str:
    """The row of a horizon of so many incidents."""
    return f"horizon, {size:,} incidents"


@contextlib.contextmanager
def suite(form: Form) -> Iterator[SideBySide]:
    """The quick form has two points of each curve, and a quarter of the days before."""
    first = FIRST_DAYS // 4 if form.quick else FIRST_DAYS
    sizes = QUICK_SIZES if form.quick else SIZES
    factors = QUICK_FACTORS if form.quick else FACTORS
    districts = QUICK_DISTRICTS if form.quick else DISTRICTS

    def days(measured: int) -> list[str]:
        return [*SHARED, "record=summary", f"horizon.cohort_days={first + measured}"]

    rows = {
        name_of_size(size): [
            *days(round(size / (1e6 * MILLIONS / DAYS_OF_YEAR))),
            at_rate(MILLIONS),
        ]
        for size in sizes
    }
    for factor in factors:
        rows[f"rate, {factor:g} of it"] = [*days(MEASURED_DAYS), at_rate(MILLIONS * factor)]
    with tempfile.TemporaryDirectory() as folder:
        for n in districts:
            city = write_part(Path(folder), f"part{n}", n)
            rows[f"city of {n} districts"] = [*days(MEASURED_DAYS), *city, at_rate(MILLIONS)]
        with elsewhere(rows, first) as jobs:
            yield SideBySide(jobs, form.long_rounds, cut=form.quick)

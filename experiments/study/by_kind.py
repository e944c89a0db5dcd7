"""The measure of studies that ask for one kind of incident: all metrics, and by kind besides."""

import math

from experiments.one_run import Progress, simulate
from scenarios.parameters import Parameters

BY_KIND = "experiments.study.by_kind:metrics"


def metrics(
    parameters: Parameters, seed: int, progress: Progress | None = None
) -> dict[str, float | int | None]:
    """Every measure of docs/tables.md, metrics.parquet, and `by_kind.KIND.COLUMN` of each column
    of by_kind.parquet."""
    run = simulate(parameters, seed, progress)
    found = run.metrics()
    columns = run.tables()["by_kind"]
    for row, kind in enumerate(columns["kind"]):
        for column, values in columns.items():
            if column != "kind":
                value = float(values[row])
                name = f"by_kind.{parameters.catalogue.kinds[kind]}.{column}"
                found[name] = value if math.isfinite(value) else None
    return found

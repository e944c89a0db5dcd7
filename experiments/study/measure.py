"""What a study measures of one run. A measure of one's own is such a function in any module that
can be imported, named "MODULE:FUNCTION" in `Point.measure`."""

from collections.abc import Callable

from experiments.one_run import Progress, simulate
from scenarios.parameters import Parameters


def metrics(
    parameters: Parameters, seed: int, progress: Progress | None = None
) -> dict[str, float | int | None]:
    """Every measure of docs/tables.md, metrics.parquet."""
    return simulate(parameters, seed, progress).metrics()


def of_all(function: Callable) -> Callable:
    """Mark a measure of all policies of a point together, for what joins their runs: a function of
    ({POLICY: parameters}, seed, progress) that returns {POLICY: {NAME: number}}."""
    function.of_all = True
    return function

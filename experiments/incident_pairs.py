"""The measure of `guantong counterfactual`: the same incidents under two policies, as numbers."""

from collections.abc import Mapping

from analysis.counterfactual import Half, half, reduced
from experiments.one_run import Progress, Run, simulate
from experiments.study.measure import of_all
from scenarios.parameters import Parameters

MEASURE = "experiments.incident_pairs:pairs"


@of_all
def pairs(
    policies: Mapping[str, Parameters], seed: int, progress: Progress | None = None
) -> dict[str, dict[str, float | int]]:
    """{second policy: the pairs of `analysis.counterfactual.reduced`}. Of the first run only what
    the pairs need is held while the second goes on."""
    halves = []
    for k, parameters in enumerate(policies.values()):

        def tell(share: float, k: int = k) -> None:
            if progress is not None:
                progress((k + share) / len(policies))

        halves.append(half_of(simulate(parameters.recording("incidents"), seed, tell)))
    return {list(policies)[1]: reduced(*halves)}


def half_of(run: Run) -> Half:
    """A run's half of the pairs."""
    parameters = run.parameters
    landscape = parameters.city.township_landscape
    return half(run.incident_columns, parameters.end, parameters.restrict, landscape)

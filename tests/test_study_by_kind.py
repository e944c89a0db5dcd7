"""The measure by kind: the metrics, and the breakdown by kind of incident beside them."""

import pytest

from experiments.one_run import simulate
from experiments.study import measure
from experiments.study.by_kind import metrics
from scenarios.load import load
from tests.conftest import TINY


def test_it_has_every_metric_and_every_column_of_each_kind():
    parameters = load([*TINY, "record=summary"])
    found = metrics(parameters, 1)
    overall = measure.metrics(parameters, 1)
    assert {name: found[name] for name in overall} == overall
    table = simulate(parameters, 1).tables()["by_kind"]
    names = {f"by_kind.{kind}.{c}" for kind in parameters.catalogue.kinds for c in table}
    assert set(found) - set(overall) == {n for n in names if not n.endswith(".kind")}
    fire = list(table["kind"]).index(parameters.catalogue.kinds.index("fire"))
    expected = float(table["mean_latency_hours"][fire])
    assert found["by_kind.fire.mean_latency_hours"] == pytest.approx(expected, nan_ok=True)

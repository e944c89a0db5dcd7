"""How fast it is (`make bench`): rows side by side, suite by suite; no time is asserted."""

import importlib
from contextlib import ExitStack

import pytest

from experiments.bench import SUITES
from experiments.bench.machine import machine
from experiments.bench.rounds import chosen_form


@pytest.mark.benchmark
@pytest.mark.parametrize("name", SUITES)
def test_suite(benchmark, name):
    form = chosen_form()
    about = {"suite": name, "form": form.name, "machine": machine()}
    with ExitStack() as stack:
        made = importlib.import_module(f"experiments.bench.{name}").suite(form)
        side_by_side = stack.enter_context(made)
        benchmark.pedantic(side_by_side.round, rounds=side_by_side.rounds)
        benchmark.extra_info.update(about, rows=side_by_side.rows)
    missing = [row for row, found in side_by_side.rows.items() if "missing" in found]
    for row in set(side_by_side.rows) - set(missing):
        assert len(side_by_side.rows[row]["seconds"]) == side_by_side.rounds

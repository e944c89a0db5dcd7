"""Work in another process: it is prepared, asked and ended; its memory is its own."""

import pytest

from experiments.bench import runs
from experiments.bench.processes import Elsewhere
from tests.conftest import TINY


def test_a_process_that_ends_early_is_told():
    with Elsewhere("experiments.bench.no_such_module") as nobody, pytest.raises(RuntimeError):
        nobody.wait()


def test_a_run_says_how_much_it_was(siloed):
    whole = runs.timed(siloed, 1)
    later = runs.timed(siloed, 1, after_days=7)
    assert whole["seconds"] == whole["run_seconds"]
    assert 0 < later["seconds"] < later["run_seconds"]
    assert 0 < later["incidents"] < whole["incidents"]
    assert later["events"] == whole["events"] > whole["incidents"]
    assert whole["desks"] == siloed.layout.n_desks
    assert later["peak"] >= whole["peak"] > 10e6


def test_the_same_run_elsewhere_is_the_same(siloed):
    with Elsewhere("experiments.bench.runs", 0, *TINY) as elsewhere:
        elsewhere.wait()
        found = elsewhere(0)
    here = runs.timed(siloed, 1)
    assert {name: found[name] for name in ("incidents", "events", "desks")} == {
        name: here[name] for name in ("incidents", "events", "desks")
    }

"""Work in another process: it is prepared, asked and ended; its memory is its own."""

import io
import json

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
    assert whole["seconds"] == pytest.approx(whole["run_seconds"], rel=0.05)
    assert 0 < whole["busy"] < 2 * whole["seconds"]
    assert 0 < later["seconds"] < later["run_seconds"]
    assert 0 < later["incidents"] < whole["incidents"]
    assert later["events"] == whole["events"] > whole["incidents"]
    assert whole["desks"] == siloed.layout.n_desks
    assert later["peak"] >= whole["peak"] > 10e6


def test_the_process_of_a_run_answers_each_number_with_a_run(siloed, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["runs", "0", *TINY])
    monkeypatch.setattr("sys.stdin", io.StringIO("0\n"))
    runs.main()
    prepared, found = map(json.loads, capsys.readouterr().out.splitlines())
    here = runs.timed(siloed, 1)
    assert prepared == {}
    for name in ("incidents", "events", "desks"):
        assert found[name] == here[name]

"""The version of a measure's code: what it imports counts, and nothing else."""

import importlib
import sys
from pathlib import Path

import pytest

from experiments.study import point, sources
from experiments.study.sources import code_hash, sources_of
from sim.errors import InputError

ROOT = Path(__file__).resolve().parent.parent


def names(module):
    return {p.relative_to(ROOT).as_posix() for p in sources_of(module)}


def test_imports_are_followed_through_modules_and_functions():
    found = names(point.METRICS.partition(":")[0])
    assert {"experiments/one_run.py", "analysis/reducer.py", "analysis/histogram.py"} <= found
    assert "agents/model.py" in found  # imported within a function
    assert not [name for name in found if "figures" in name or "report" in name]
    assert not [name for name in found if name.startswith(("sim/", "scenarios/", "tests/"))]


def test_every_module_that_a_measure_loads_is_found():
    module = point.METRICS.partition(":")[0]
    loaded = set()
    for path in sources_of(module):
        name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        importlib.import_module(name.removesuffix(".__init__"))
        loaded.add(name)
    used = {
        value.__module__
        for name in loaded
        for value in vars(sys.modules[name.removesuffix(".__init__")]).values()
        if str(getattr(value, "__module__", "")).startswith(("analysis.", "agents."))
    }
    assert used
    assert used <= loaded


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A project of three modules: a measure, what it imports, and what it does not."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sources, "_ROOT", tmp_path)
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis/used.py").write_text("X = 1\n")
    (tmp_path / "analysis/figure.py").write_text("Y = 1\n")
    (tmp_path / "my_measure.py").write_text("def f():\n    from analysis import used\n")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "same"),
    [("analysis/used.py", False), ("my_measure.py", False), ("analysis/figure.py", True)],
)
def test_an_edit_counts_where_the_measure_is_made_of_it(own, file, same):
    before = code_hash.__wrapped__("my_measure")
    (own / file).write_text((own / file).read_text() + "# edited\n")
    assert (code_hash.__wrapped__("my_measure") == before) == same


def test_an_edit_of_the_simulator_counts(own, monkeypatch):
    before = code_hash.__wrapped__("my_measure")
    monkeypatch.setattr(sources, "sources_hash", lambda: "another")
    assert code_hash.__wrapped__("my_measure") != before


def test_a_module_that_is_not_there_is_named():
    for name in ("no_such_module", "no_such_package.module"):
        with pytest.raises(InputError, match=f"measure: '{name}'"):
            sources_of(name)

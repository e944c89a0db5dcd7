"""The cache of compiled code is named by the sources, so that an edit can never meet old code."""

import re
import shutil
from pathlib import Path

import pytest

from sim import jit

ROOT = Path(jit.__file__).resolve().parents[1]


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the sources, which the hash is taken of."""
    folders = tuple(tmp_path / folder.name for folder in jit._SOURCES)
    for old, new in zip(jit._SOURCES, folders):
        shutil.copytree(old, new, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(jit, "_SOURCES", folders)
    return tmp_path


def edit(folder):
    path = folder / "sim" / "rules" / "work.py"
    path.write_text(path.read_text("utf-8") + "# another rule\n", "utf-8")


def edit_scenario(folder):
    path = folder / "scenarios" / "staff.py"
    path.write_bytes(path.read_bytes().replace(b"max(0,", b"max(1,"))


def add(folder):
    (folder / "sim" / "rules" / "more.py").write_text("", "utf-8")


def rename(folder):
    (folder / "sim" / "levers.py").rename(folder / "sim" / "levels.py")


def remove(folder):
    (folder / "sim" / "simpy_clock" / "things.py").unlink()


def test_a_copy_of_the_sources_has_their_hash(copied, monkeypatch):
    here = jit.sources_hash()
    monkeypatch.undo()
    assert here == jit.sources_hash()
    assert re.fullmatch("[0-9a-f]{16}", here)


@pytest.mark.parametrize("change", [edit, edit_scenario, add, rename, remove])
def test_the_hash_changes_with_every_change_of_a_source(copied, change):
    before = jit.sources_hash()
    change(copied)
    assert jit.sources_hash() != before


def test_the_hash_does_not_change_with_what_is_no_source(copied):
    before = jit.sources_hash()
    (copied / "sim" / "notes.md").write_text("notes", "utf-8")
    (copied / "experiments").mkdir()
    (copied / "experiments" / "cli.py").write_text("print()", "utf-8")
    assert jit.sources_hash() == before


def test_the_hash_changes_with_numba(copied, monkeypatch):
    before = jit.sources_hash()
    monkeypatch.setattr(jit.numba, "__version__", "0.0.1")
    assert jit.sources_hash() != before


def test_every_compiled_function_is_among_the_sources():
    compiled = [
        path
        for package in ("sim", "agents", "scenarios", "experiments", "analysis")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"^@(jit|njit|numba\.)|= jit\(", path.read_text("utf-8"), re.M)
    ]
    assert len(compiled) > 10
    for path in compiled:
        assert any(path.is_relative_to(folder) for folder in jit._SOURCES), path


def test_the_folder_is_named_by_the_hash_and_made(copied, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    first = jit._cache_folder()
    assert first == tmp_path / "cache" / "guantong" / jit.sources_hash()
    assert (first / ".used").is_file()
    edit(copied)
    second = jit._cache_folder()
    assert second != first
    assert second.name == jit.sources_hash()


def test_without_a_home_to_write_to_the_temporary_folder_serves(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(jit.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    folder = jit._cache_folder()
    assert folder.parent == tmp_path / "temporary"
    assert folder.name.endswith(jit.sources_hash())


def test_the_cache_is_warm_once_something_is_compiled(monkeypatch, tmp_path):
    monkeypatch.setattr(jit, "CACHE", tmp_path)
    assert not jit.is_warm()
    (tmp_path / "sim_1").mkdir()
    (tmp_path / "sim_1" / "draws.uniform-90.py311.nbi").write_text("", "utf-8")
    assert jit.is_warm()


def test_compiled_functions_take_options_and_stay_callable():
    doubled = jit.jit(lambda x: 2 * x)
    inlined = jit.jit(inline="always")(lambda x: 3 * x)
    assert (doubled.py_func(4), inlined.py_func(4)) == (8, 12)
    assert doubled.targetoptions["nogil"] is True
    assert inlined.targetoptions["inline"] == "always"


def test_constants_of_a_caller_have_one_version_compiled():
    """Otherwise each constant has its own, which doubles the time of compiling."""
    tripled = jit.jit(lambda x: 3 * x, cache=False)
    summed = jit.jit(lambda x: tripled(1) + tripled(2) + tripled(x), cache=False)
    assert summed(4) == 21
    assert len(tripled.signatures) == 1

"""Compiling on a fresh machine: who compiles what, and that nothing is left behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from experiments import warm
from sim import jit

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def cold(monkeypatch, tmp_path):
    monkeypatch.setattr(jit, "CACHE", tmp_path)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture
def helpers(monkeypatch):
    """Helpers that only sleep; those that were started."""
    started = []

    def sleeper(seconds=0.0):
        code = f"import time; time.sleep({seconds})"
        started.append(subprocess.Popen([sys.executable, "-c", code]))
        return started[-1]

    monkeypatch.setattr(warm, "_helper", sleeper)
    return started


def test_both_shares_together_are_compiled_and_the_user_is_told(cold, helpers, monkeypatch, capsys):
    done = []
    monkeypatch.setattr(warm, "compile_share", done.append)
    warm.compile_if_cold()
    assert done == [warm.SHARES[1]]
    assert [helper.poll() for helper in helpers] == [0]
    assert "compiling the clock" in capsys.readouterr().err


def test_nothing_is_done_where_there_is_compiled_code(cold, helpers, tmp_path, capsys):
    (tmp_path / "some.nbi").touch()
    warm.compile_if_cold()
    assert not helpers
    assert not capsys.readouterr().err


def test_one_processor_is_left_to_the_first_run(cold, helpers, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    warm.compile_if_cold()
    assert not helpers


def test_a_stop_takes_the_helper_along(cold, helpers, monkeypatch):
    monkeypatch.setattr(warm, "_helper", lambda make=warm._helper: make(60))

    def stop(names):
        raise KeyboardInterrupt

    monkeypatch.setattr(warm, "compile_share", stop)
    with pytest.raises(KeyboardInterrupt):
        warm.compile_if_cold()
    assert [helper.poll() for helper in helpers] != [None]


def test_every_entry_has_its_share():
    assert sorted(name for share in warm.SHARES for name in share) == sorted(warm._entries())


@pytest.mark.slow
def test_what_is_compiled_beforehand_is_what_the_first_run_asks_for(tmp_path):
    """On a fresh machine: the first run compiles none of it again, with other types."""
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    run = [sys.executable, "-m", "experiments.cli", "run", "city=tiny", "horizon=short"]
    subprocess.run([*run, f"results={tmp_path}"], env=environment, cwd=ROOT, check=True)
    compiled = list(tmp_path.rglob("*.nbc"))
    for name in ("obey", "visited", "awoken", "noticed", "_serve", "_take_all", "review_all"):
        assert len([path for path in compiled if f".{name}-" in path.name]) == 1, name

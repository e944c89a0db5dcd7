"""A user's own incidents, as the settings name them."""

import shutil

import numpy as np
import pytest

from scenarios.load import CONF, load
from sim.errors import InputError
from tests.conftest import TINY

SHIPPED = "conf/city/tiny/example_trace.csv"
TRACE = (*TINY, "stream=trace")


def test_generated_incidents_are_no_trace(siloed):
    assert siloed.settings.stream.kind == "generated"
    assert siloed.trace is None


def test_a_trace_needs_a_path():
    with pytest.raises(InputError, match=r"stream\.path: no value is given; stream=trace needs"):
        _ = load([*TRACE, "stream.path=null"]).trace


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_path_is_looked_up_here_and_then_beside_conf(where, tmp_path, monkeypatch):
    """So that files that conf/ names are found from any folder."""
    if where == "elsewhere":
        monkeypatch.chdir(tmp_path)
    trace = load([*TRACE, f"stream.path={SHIPPED}"]).trace
    lines = (CONF.parent / SHIPPED).read_text("utf-8").splitlines()
    assert len(trace.rows) == len(lines) - 1


def test_a_file_of_ones_own_goes_before_one_beside_conf_of_the_same_path(tmp_path, monkeypatch):
    mine = tmp_path / SHIPPED
    mine.parent.mkdir(parents=True)
    lines = (CONF.parent / SHIPPED).read_text("utf-8").splitlines(keepends=True)
    mine.write_text("".join(lines[:6]), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert len(load([*TRACE, f"stream.path={SHIPPED}"]).trace.rows) == 5


def test_a_path_that_is_nowhere_is_told_as_it_was_given():
    with pytest.raises(InputError, match=r"nowhere/mine\.csv"):
        _ = load([*TRACE, "stream.path=nowhere/mine.csv"]).trace


def test_an_absolute_path_will_do_and_the_seed_fills_what_is_left_open(tmp_path):
    mine = tmp_path / "mine.csv"
    shutil.copy(CONF.parent / SHIPPED, mine)
    one, same, other = (
        load([*TRACE, f"stream.path={mine}", f"seed={seed}"]).trace.rows for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert one.shape == other.shape
    assert (one != other).any()

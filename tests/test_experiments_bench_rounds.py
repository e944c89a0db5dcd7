"""Rounds: all rows in turn, each timed by itself, and what is not installed is told."""

import time

import pytest

from experiments.bench.rounds import FORMS, SideBySide, chosen_form, watch
from sim.errors import InputError


def test_rows_are_run_in_turn_and_every_other_round_in_reverse():
    ran = []

    def job(name):
        return lambda number: ran.append((name, number)) or {"incidents": 10 * number}

    both = SideBySide({"a": job("a"), "b": job("b")}, rounds=3)
    for _ in range(both.rounds):
        both.round()
    assert ran == [("a", 0), ("b", 0), ("b", 1), ("a", 1), ("a", 2), ("b", 2)]
    assert both.rows["a"]["incidents"] == [0, 10, 20]
    assert len(both.rows["b"]["seconds"]) == 3
    assert min(both.rows["b"]["seconds"]) > 0
    assert len(both.rows["b"]["busy"]) == 3


def test_a_watch_tells_time_on_the_processor_from_time_that_passes():
    read = watch()
    time.sleep(0.2)
    found = read()
    assert found["seconds"] >= 0.2
    assert found["busy"] < 0.1


def test_seconds_that_a_job_tells_stand_in_place_of_those_of_the_call():
    one = SideBySide({"a": lambda _: {"seconds": 12.5}}, rounds=1, cut=True)
    one.round()
    assert one.rows["a"] == {"cut": True, "seconds": [12.5]}


def test_what_is_not_installed_is_told_and_not_run():
    rows = SideBySide({"ours": lambda _: {"services": 1}, "theirs": None}, rounds=1)
    rows.round()
    assert rows.rows["theirs"] == {"missing": "not installed"}
    assert rows.rows["ours"]["services"] == [1]


def test_the_form_is_that_of_the_environment(monkeypatch):
    monkeypatch.delenv("BENCH", raising=False)
    assert chosen_form() == FORMS["usual"]
    monkeypatch.setenv("BENCH", "quick")
    assert chosen_form().quick
    monkeypatch.setenv("BENCH", "brief")
    with pytest.raises(InputError, match="BENCH: 'brief'; allowed: quick, usual, long"):
        chosen_form()

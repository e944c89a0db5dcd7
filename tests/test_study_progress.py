"""Progress: a few lines, whatever the number of points."""

import io

import pytest
from rich.console import Console

from experiments import console
from experiments.study import progress
from experiments.study.progress import Progress


@pytest.fixture
def told(monkeypatch):
    """What is printed where the output is no terminal, by a clock that ticks a second a look."""
    text = io.StringIO()
    monkeypatch.setattr(console, "notes", Console(file=text, width=200))
    seconds = iter(range(10**6))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(seconds))
    return lambda: text.getvalue().splitlines()


def test_a_thousand_points_print_ten_lines_with_the_time_left(told):
    with Progress("points", 1000, 0) as shown:
        for n in range(1000):
            shown.add(failed=n in (150, 250))
    lines = told()
    assert len(lines) == 10
    assert lines[0].startswith("points: 100 of 1000, ")
    assert lines[2].startswith("points: 300 of 1000, 2 failed, ")
    assert lines[-1] == "points: 1000 of 1000, 2 failed, 0 s left"
    assert (shown.done, shown.failed) == (998, 2)


def test_points_that_were_kept_count_as_done_but_not_for_the_speed(told):
    with Progress("points", 20, 10) as shown:
        shown.add(failed=False)
        shown.add(failed=False)
    lines = told()
    assert lines[0] == "10 of 20 points were kept from before"
    assert lines[1] == "points: 12 of 20, 4 s left"  # two took one second
    assert len(lines) == 2


def test_nothing_to_do_prints_what_was_kept(told):
    with Progress("points", 5, 5):
        pass
    assert told() == ["5 of 5 points were kept from before"]


def test_on_a_terminal_a_bar_counts_and_vanishes(monkeypatch):
    text = io.StringIO()
    monkeypatch.setattr(console, "notes", Console(file=text, width=120, force_terminal=True))
    with Progress("points", 3, 1) as shown:
        shown.add(failed=True)
        shown.add(failed=False)
        shown._bar.refresh()
    assert "3 of 3, 1 failed" in text.getvalue()


def test_points_that_come_later_may_have_been_kept(told):
    with Progress("runs, at most", 20, 0) as shown:
        shown.take(0)
        shown.take(4)
        shown.add(failed=False)
        shown.add(failed=False)
    assert told() == ["runs, at most: 4 of 20", "runs, at most: 6 of 20, 7 s left"]  # two took 1 s

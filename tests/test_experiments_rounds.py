"""Replications one by one to a rule, however many run at a time; failures, time, progress."""

from types import SimpleNamespace

import pytest

from experiments.rounds import Rounds, check_metric
from experiments.study import Failure, Point, Result
from sim.errors import InputError


class FakeStudy:
    """A study of so many workers, whose runs are given by (system, replication)."""

    what = "runs"

    def __init__(self, width, failing=()):
        self.width, self.failing = width, set(failing)
        self.batches = []

    def run(self, points, progress):
        self.batches.append([(p.policies[0], p.seed) for p in points])
        for _ in points:
            progress.add(failed=False)
        return [self._outcome(p.policies[0], p.seed) for p in points]

    def _outcome(self, system, r):
        if (system, r) in self.failing:
            return Failure("RuntimeError", f"{system} {r}", "trace")
        return Result({system: {"value": (system, r)}}, ("is small",))


def point(system, r):
    return Point(("x=1",), (system,), r)


def rounds(width=2, failing=(), most=10, systems=("a", "b"), **more):
    return Rounds(FakeStudy(width, failing), systems, point, most, **more)


def told(of, n, systems=("a", "b")):
    """What a rule hears that wants so many replications."""
    heard = []
    for r, measured in of.until(lambda: systems if len(heard) < n else ()):
        heard.append((r, measured))
    return heard


@pytest.mark.parametrize("width", [1, 2, 3, 8, 50])
def test_a_rule_hears_the_same_whatever_runs_at_a_time(width):
    heard = told(rounds(width, failing=[("b", 2)]), 5)
    assert [r for r, _ in heard] == [0, 1, 3, 4, 5]
    assert heard[2][1] == {"a": {"value": ("a", 3)}, "b": {"value": ("b", 3)}}


def test_a_failure_under_a_system_that_has_dropped_out_meanwhile_does_not_count():
    for width in (1, 20):
        of, heard = rounds(width, failing=[("b", 4)]), []
        for r, measured in of.until(lambda: ("a", "b") if len(heard) < 3 else ("a",)):  # noqa: B023
            heard.append((r, *measured))
        assert heard[3:] == [(r, "a") for r in range(3, 10)]
        assert of.failures == []


def test_workers_are_kept_busy_and_runs_of_a_system_follow_one_another():
    of = rounds(6, most=5)
    told(of, 5)
    first = [(name, r) for name in "ab" for r in (0, 1, 2)]
    assert of.study.batches == [first, [(name, r) for name in "ab" for r in (3, 4)]]
    assert of.runs == 10


def test_what_every_system_needs_is_run_together_once_the_first_has_ended():
    of = rounds(2, least=4)
    told(of, 5)
    assert [len(batch) for batch in of.study.batches] == [2, 6, 2]


def test_the_third_replication_that_fails_ends_it():
    of = rounds(failing=[("a", 1), ("b", 1), ("b", 3), ("a", 5)])
    assert [r for r, _ in told(of, 10)] == [0, 2, 4]
    assert of.has_given_up
    assert [(f["system"], f["replication"]) for f in of.failures] == [
        ("a", 1), ("b", 1), ("b", 3), ("a", 5),
    ]  # fmt: skip
    assert of.failures[0]["message"] == "a 1"
    assert of.failures[0]["settings"] == ["x=1"]


def test_no_replication_is_begun_after_the_time_is_over_but_the_first(monkeypatch):
    seconds = iter(range(0, 10**6, 45))
    clock = SimpleNamespace(monotonic=lambda: next(seconds))
    monkeypatch.setattr("experiments.rounds.time", clock)
    of = rounds(minutes=2)
    assert [r for r, _ in told(of, 10)] == [0, 1]  # looked at after 45, 90 and 135 s
    assert of.is_late
    assert [r for r, _ in told(rounds(minutes=0), 10)] == [0]


def test_a_hundred_replications_print_ten_lines_and_a_warning_once(capsys):
    told(rounds(most=100), 100)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[0] == "warning: is small"
    assert lines[1].startswith("runs, at most: 20 of 200, ")


def test_a_metric_that_was_not_measured_is_named_with_the_nearest():
    with pytest.raises(InputError, match=r"x\.metric: 'on_time' \(did you mean 'on_tim'\?\); al"):
        check_metric("x.metric", "on_time", ["on_tim", "open_at_end"])
    check_metric("x.metric", "on_tim", ["on_tim"])

"""The space of assumptions: groups that cover them all, points, what has no value."""

import numpy as np
import pytest

from experiments.space import (
    Differences,
    design_table,
    difference,
    group_of,
    label_of,
    long_table,
    space_of,
)
from experiments.study import Failure, Result
from scenarios.assumptions import factors
from scenarios.load import load
from sim.errors import InputError
from tests.conftest import TINY

LATENCY = "closure_latency_mean_hours"
POLICIES = ("siloed", "integrated")


@pytest.fixture(scope="module")
def settings():
    return load(TINY).settings


@pytest.fixture(scope="module")
def space(settings):
    return space_of(TINY, settings, ["coordination", "joint work of the second"], "sensitivity")


@pytest.mark.parametrize("second", ["integrated", "paper"])
def test_the_shipped_groups_hold_every_assumption_that_can_be_moved_once(settings, second):
    groups = settings.sensitivity.groups
    assert len(groups) <= 30
    policies = ("siloed", second)
    for factor in factors([], policies):
        holding = [n for n, patterns in groups.items() if group_of(factor, {n: patterns}, policies)]
        assert len(holding) == 1, f"{factor.key} is in {holding}"


def test_first_and_second_stand_for_the_policies(settings):
    known = {f.key: f for f in factors([], POLICIES)}
    groups = {"a": ["first.levers.joint"], "b": ["*.levers.joint"]}
    found = (group_of(known[f"{policy}.levers.joint"], groups, POLICIES) for policy in POLICIES)
    assert list(found) == ["a", "b"]
    assert group_of(known["siloed.levers.pooling"], groups, POLICIES) is None


def test_only_some_groups_and_what_the_user_does_not_hold(settings, space):
    assert space.names == ("coordination", "joint work of the second")
    assert {"mechanism.coordination_hours", "integrated.levers.joint"} <= set(space.factors)
    assert list(space.of(["coordination"]).factors) == [
        "mechanism.coordination_hours",
        "mechanism.session_hours",
    ]
    held = "assumptions={mechanism.session_hours: 0.5}"
    rest = space_of([*TINY, held], load([*TINY, held]).settings, ["coordination"], "discover")
    assert list(rest.factors) == ["mechanism.coordination_hours"]


@pytest.mark.parametrize(
    ("override", "only", "message"),
    [
        (
            "seed=1",
            ["coordinaton"],
            r"sensitivity.only: 'coordinaton' \(did you mean 'coordination",
        ),
        ("policies=[siloed]", None, r"policies: \['siloed'\]; allowed: two"),
        ("mechanism.learning.uses=300", [], "no assumed number of theirs is left"),
    ],
)
def test_a_space_that_cannot_be_is_refused(override, only, message):
    given = [*TINY, override]
    with pytest.raises(InputError, match=message):
        space_of(given, load(given).settings, only, "sensitivity")


# --- running ----------------------------------------------------------------------------------


class Told:
    """A study that gives what it is told, point by point, and keeps what it was asked."""

    def __init__(self, outcomes):
        self.outcomes, self.asked, self.what = outcomes, [], ""

    def run(self, points):
        self.asked = points
        return self.outcomes


def result(a, b):
    return Result({"siloed": {LATENCY: a}, "integrated": {LATENCY: b}}, ())


def runs(settings, outcomes, metric=LATENCY):
    return Differences(Told(outcomes), TINY, settings, metric, 2, "sensitivity")


def test_points_are_asked_for_on_the_same_seeds_and_paired(settings, space):
    found = runs(settings, [result(9.0, 7.0), result(8.0, 7.5), result(5.0, 1.0), result(4.0, 4.0)])
    row = {"mechanism.session_hours": 0.25}
    values = found.at("trial", [{}, row])
    assert difference(values).tolist() == [[-2.0, -0.5], [-4.0, 0.0]]
    first, _, third, _ = found.study.asked
    assert third.overrides == (*first.overrides, "assumptions={mechanism.session_hours: 0.25}")
    assert [point.seed for point in found.study.asked] == found.seeds * 2
    assert found.study.what == "points of trial"
    table = long_table("trial", values, POLICIES)
    assert list(table["point"]) == [0, 0, 1, 1]
    assert list(table["replication"]) == [0, 1, 0, 1]
    assert list(table["siloed"] + table["difference"]) == list(table["integrated"])
    (entry,) = design_table("trial", [{}, row], space).itertuples(index=False)
    assert tuple(entry) == ("trial", 1, "mechanism.session_hours", "coordination", 0.25, 3.5)


def test_what_failed_or_has_no_value_is_named_and_the_rest_counts(settings):
    failure = Failure("InputError", "no seats")
    found = runs(settings, [result(9.0, None), result(8.0, 7.0), failure, result(4.0, 3.0)])
    values = difference(found.at("trial", [{}, {"mechanism.session_hours": 1.0}]))
    assert np.isnan(values[:, 0]).all()
    assert values[:, 1].tolist() == [-1.0, -1.0]
    none, failed = found.failures
    assert none["message"] == f"{LATENCY} has no value under integrated"
    assert (failed["error"], failed["settings"]) == ("InputError", ["trial", "point 1"])
    assert failed["overrides"][-1] == "assumptions={mechanism.session_hours: 1}"


def test_a_metric_that_is_not_measured_is_named_with_the_nearest(settings):
    with pytest.raises(InputError, match=r"sensitivity.metric: 'closure_latency_mean' \(did you"):
        runs(settings, [result(1.0, 2.0)] * 2, "closure_latency_mean").at("trial", [{}])


def test_a_metric_of_a_kind_has_a_measure_of_its_own(settings):
    metric = "by_kind.fire.mean_latency_hours"
    outcome = Result({name: {metric: 1.0} for name in POLICIES}, ())
    found = runs(settings, [outcome] * 2, metric)
    found.at("trial", [{}])
    assert {point.measure for point in found.study.asked} == {"experiments.study.by_kind:metrics"}
    assert label_of(metric) == metric

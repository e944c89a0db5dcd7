"""What overturns a finding: which numbers move, how, and what is said of it."""

import json

import pytest

from experiments import overturn as module
from experiments.overturn import (
    Effect,
    Factor,
    Study,
    factors,
    fewest,
    overturn,
    sentence,
    strongest,
    worst_ends,
)
from scenarios.load import load_policies
from sim.errors import InputError
from tests.conftest import TINY

POLICIES = ("siloed", "integrated")


def factor(name, policy=None, **values):
    return Factor(
        name, policy, {k: v[0] for k, v in values.items()}, {k: v[1] for k, v in values.items()}
    )


def effect(name, end, difference):
    return Effect(factor(name), end, difference)


# --- moving -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def study():
    return Study(load_policies([*TINY, "record=summary"]), 1)


def test_a_factor_at_its_present_value_changes_nothing(study):
    joint = study.a.settings.mechanism.work.joint
    same = factor("same", **{"mechanism.work.joint": (joint, joint)})
    assert study.difference([(same, "low")]) == study.difference([])


def test_a_policys_own_factor_leaves_the_other_policy_alone(study):
    ends = [(factor("x", "integrated", **{"policy.levers.joint": (0.0, 1.0)}), "high")]
    a, b = study._moved(ends)
    assert a is study.a
    assert b.settings.policy.levers.joint == 1.0
    assert b.paid_hours == a.paid_hours


def test_a_corner_that_cannot_be_is_none(study):
    few = factor("few", **{"stream.per_resident": (0.001, 1.0)})
    assert study.difference([(few, "low")]) is None


# --- judging ----------------------------------------------------------------------------------

EFFECTS = [
    effect("a", "low", -30.0),
    effect("a", "high", -10.0),
    effect("b", "low", -25.0),
    effect("b", "high", -19.0),
    effect("c", "low", -20.0),
    effect("c", "high", -21.0),
]


def test_the_worst_end_of_each_factor_the_worst_first():
    found = [(e.factor.name, e.end) for e in worst_ends(-20.0, EFFECTS)]
    assert found == [("a", "high"), ("b", "high")]  # c takes nothing away
    mirrored = [Effect(e.factor, e.end, -e.difference) for e in EFFECTS]
    assert [e.factor.name for e in worst_ends(20.0, mirrored)] == ["a", "b"]


def test_what_moves_most_stands_first():
    found = strongest(-20.0, EFFECTS)
    assert [name for name, _ in found] == ["a", "b", "c"]
    assert found[0][1] == {"low": -30.0, "high": -10.0}


def test_the_fewest_that_overturn_it_together():
    assert fewest(-20.0, [(1, -15.0), (2, -3.0), (3, 1.0), (4, 5.0)]) == 3
    assert fewest(-20.0, [(1, -15.0)]) is None


class Additive:
    """A study in which each factor takes a fixed amount from a difference of -20."""

    names = ("a", "b")

    def __init__(self, amounts):
        self.amounts = amounts

    def difference(self, ends, tell=None):
        return -20.0 + sum(self.amounts[f.name] for f, _ in ends)


@pytest.mark.parametrize(("amount", "count"), [(3.9, 6), (20.0, 1), (2.0, 10), (1.0, None)])
def test_the_search_finds_how_many_it_takes(amount, count):
    names = [f"f{i}" for i in range(13)]
    study = Additive(dict.fromkeys(names, amount))
    effects = [effect(name, "high", -20.0 + amount) for name in names]
    found = list(module._together(study, -20.0, effects, 2))
    assert fewest(-20.0, found) == count
    assert found[-1][0] == 13


def test_the_sentence_says_what_overturns():
    together = [(1, -10.0), (2, 1.0)]
    assert sentence(-20.0, EFFECTS, together).endswith(
        "0 ends of ranges halve it. The 2 worst together do."
    )
    assert "Not even all 1 worst ends" in sentence(-20.0, EFFECTS, [(1, -10.0)])
    flipped = [*EFFECTS, effect("d", "low", 3.0)]
    assert "1 end of a range overturns it alone, first d." in sentence(-20.0, flipped, together)


def test_the_command_tells_of_every_factor(tmp_path, monkeypatch, capsys):
    few = factors(TINY, POLICIES)[:3]
    monkeypatch.setattr(module, "factors", lambda overrides, policies: few)
    folder = overturn([*TINY, f"results={tmp_path}"])
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    assert {e["factor"] for e in summary["effects"]} == {f.name for f in few}
    assert summary["together"][-1]["worst_ends"] == len(summary["worst"])
    out = capsys.readouterr().out
    assert "As set, the difference is" in out


def test_two_policies_are_needed():
    with pytest.raises(InputError, match="allowed: two"):
        overturn([*TINY, "policies=[siloed]"])

"""What differs between two policies, by groups, and what puts it together again."""

import copy
from dataclasses import asdict

import pytest

from experiments.lever_groups import Change, check_whole, lever_groups
from scenarios.load import load
from sim.errors import InputError
from tests.conftest import TINY

WHOLE = {"all": ["stages", "levers", "opening", "relay", "dispose", "discipline", "applications"]}
GROUPS = ("default", "levers")
PAIRS = [
    ("siloed", "integrated"),
    ("integrated", "siloed"),
    ("paper", "siloed"),
    ("siloed", "hybrid/hub"),
    ("siloed", "theory"),
]


@pytest.fixture(scope="module")
def policy():
    known = {}

    def of(name):
        if name not in known:
            known[name] = load([*TINY, f"policy={name}"]).settings.policy
        return copy.deepcopy(known[name])

    return of


@pytest.fixture(scope="module", params=GROUPS)
def shipped(request):
    return load([*TINY, f"attribute={request.param}"]).settings.attribute.groups


def leaves(table, prefix=""):
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_every_key_of_a_policy_belongs_to_one_of_the_shipped_groups(shipped, policy):
    keys = set(leaves(asdict(policy("siloed"))))
    keys = {key for key in keys if key != "name" and not key.startswith("rollout.")}
    held = [k for group in shipped.values() for k in group]
    for key in keys:
        assert sum(key == h or key.startswith(f"{h}.") for h in held) == 1, key


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_all_groups_together_make_the_second_policy(first, second, shipped, policy):
    found = lever_groups(shipped, policy(first), policy(second))
    everybody = load([*TINY, f"policy={first}", *found.overrides(found.names)]).settings.policy
    check_whole(everybody, policy(second))
    assert asdict(everybody) | {"name": second} == asdict(policy(second))
    assert found.overrides(()) == []
    assert set(found.names) | set(found.alike) == set(shipped)


def test_a_coalition_changes_what_its_groups_hold_and_nothing_else(shipped, policy):
    found = lever_groups(shipped, policy("siloed"), policy("integrated"))
    made = load([*TINY, "policy=siloed", *found.overrides(["sensing"])]).settings.policy
    meant = policy("siloed")
    meant.levers.sensing = policy("integrated").levers.sensing
    assert made == meant


def test_changes_are_said_in_words(policy):
    found = lever_groups(WHOLE, policy("siloed"), policy("integrated"))
    said = [str(change) for change in found.changes["all"]]
    assert "levers.direct 0.0 -> 0.95" in said
    assert "stages.judge.hotline city.dispatch -> district.command" in said
    assert (
        str(Change("relay.grid", None, "command", is_new=True)) == "relay.grid nothing -> command"
    )


@pytest.mark.parametrize(
    ("after", "override"),
    [
        (0.5, "++policy.k=0.5"),
        (True, "++policy.k=true"),
        (None, "++policy.k=null"),
        ("district.command", "++policy.k=district.command"),
        ("null", "++policy.k='null'"),
        ("it's", "++policy.k='it\\'s'"),
        (["a", 1], "++policy.k=[a, 1]"),
        ({"a": {"b": "x y"}}, "++policy.k={a: {b: 'x y'}}"),
    ],
)
def test_a_value_is_written_as_settings_are(after, override):
    assert Change("k", 1, after).override == override


def test_what_only_one_policy_has_is_added_or_taken_away(policy):
    first, second = policy("siloed"), policy("siloed")
    second.dispose["grid"] = "none"
    del second.applications["water"]
    found = lever_groups(WHOLE, first, second)
    assert set(found.overrides(["all"])) == {
        "++policy.dispose.grid=none", "~policy.applications.water"
    }  # fmt: skip
    made = load([*TINY, "policy=siloed", *found.overrides(["all"])]).settings.policy
    check_whole(made, second)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({}, "attribute.groups: {}; allowed"),
        ({"a": "levers"}, "attribute.groups.a: levers; allowed: a list of keys"),
        ({"a": ["lever"]}, "attribute.groups.a: 'lever' (did you mean 'levers'?)"),
        ({"a": ["levers.dirct"]}, "attribute.groups.a: levers: 'dirct' (did you mean 'direct'?)"),
        (WHOLE | {"b": ["levers.joint"]}, "'levers.joint' belongs to all and b; allowed"),
        ({"a": ["stages", "levers", "opening"]}, "none holds discipline first_come -> urgency, in"),
    ],
)
def test_groups_that_do_not_fit_are_refused(groups, message, policy):
    with pytest.raises(InputError) as error:
        lever_groups(groups, policy("siloed"), policy("integrated"))
    assert message in str(error.value)


def test_policies_that_do_not_differ_or_are_several_are_refused(policy):
    with pytest.raises(InputError, match="allowed: two that differ"):
        lever_groups(WHOLE, policy("siloed"), policy("siloed"))
    rolled = policy("siloed")
    rolled.rollout.policies = {"integrated": policy("integrated")}
    with pytest.raises(InputError, match="'siloed' has a rollout"):
        lever_groups(WHOLE, rolled, policy("integrated"))


def test_what_is_left_over_is_named(policy):
    with pytest.raises(InputError, match=r"do not make integrated: .*levers.direct 0.0 -> 0.95"):
        check_whole(policy("siloed"), policy("integrated"))

"""Decisions of a user's own: each can be replaced, and nothing comes to a rule around them."""

import ast
import inspect
from collections import Counter
from functools import cache, partial
from types import CodeType

import numpy as np
import pytest

from experiments.one_run import simulate
from scenarios.load import load
from sim import codes, levers, rows
from sim.codes import COMMAND, END, GRID, NONE, POOL, VERIFY
from sim.draws import OWN
from sim.errors import InputError
from sim.rules.chance import happens
from sim.rules.desks import desk_at, disposing_desk
from sim.rules.judgement import judge, name_desk
from sim.simpy_clock import centres, clock, decide, decisions, things
from sim.simpy_clock.decisions import COMPILED, DECISIONS, _callers, _compiled, rules_with
from tests.both import first_difference, of_compiled, of_simpy
from tests.test_clocks_agree import Tally, watching
from tests.worlds import random_world

QUICK = ("city=tiny", "horizon=short", "staff.pilot_incidents=4000", "record=visits")
WORLDS = range(5)
RULES = {rule: name for rule, (_, name) in _compiled().items()}


# --- functions of one's own -------------------------------------------------------------------


def calling(name, calls):
    """A replacement that calls the rule which it replaces, and counts."""
    rule = getattr(COMPILED, name)

    def same(*arguments):
        calls[name] += 1
        return rule(*arguments)

    return same


def last_first(w, inc, desk, now):
    return -inc[rows.I_OCCURRED]


def always_right(w, inc, task, tier, learnt):
    name_desk(w, inc, task, 1.0)


def at_once(w, inc, now):
    return now


def in_the_pool(w, inc, tier, unit):
    return disposing_desk(w, inc, tier, unit) if tier == GRID else desk_at(w, inc, tier, POOL, 0)


def never(w, inc, attempt):
    return False


def nothing(w, inc, task, point):
    return END


# --- a replacement that does the same ---------------------------------------------------------


@pytest.mark.parametrize("name", [*DECISIONS, "all"])
def test_a_replacement_that_calls_the_rule_changes_nothing(name):
    """In crowded worlds, in which every mechanism acts."""
    names, calls = DECISIONS if name == "all" else (name,), Counter()
    replaced = {each: calling(each, calls) for each in names}
    for number in WORLDS:
        case = random_world(number)
        found = of_simpy(case, partial(clock.Clock, decisions=replaced))
        assert first_difference(of_compiled(case), found) is None, number
    assert all(calls[each] > 30 for each in names), calls


@cache
def run(policy, clock="simpy", replaced=(), *overrides):
    p = load([*QUICK, f"policy={policy}", f"clock={clock}", *overrides])
    return simulate(p, 5, decisions=dict(replaced))


@pytest.mark.filterwarnings("ignore:policy .* are offered more work")
@pytest.mark.parametrize("policy", ["siloed", "integrated"])
def test_nor_does_it_in_a_city(policy):
    calls = Counter()
    replaced = tuple((name, calling(name, calls)) for name in DECISIONS)
    assert first_difference(run(policy, "compiled"), run(policy, "simpy", replaced)) is None
    assert calls.keys() >= set(DECISIONS) - {"at_point"}


# --- replacements that differ -----------------------------------------------------------------


def visits_of(stage, policy, *replaced):
    visits = run(policy, "simpy", replaced).visit_columns
    return {name: values[visits["stage"] == stage] for name, values in visits.items()}


def test_last_come_is_first_served():
    """Whoever starts at a desk occurred no earlier than anyone who was waiting there."""
    found = run("siloed", "simpy", (("discipline_field", last_first),), "stream.volume=3")
    assert found.parameters.policy.choice[levers.DISCIPLINE] == codes.FIRST_COME
    incidents, passed = found.incident_columns, 0
    real = np.isin(found.visit_columns["incident"], incidents["incident"])  # no false alarms
    visits = {name: values[real] for name, values in found.visit_columns.items()}
    occurred = incidents["occurred"][np.searchsorted(incidents["incident"], visits["incident"])]
    for i in range(len(occurred)):
        started = visits["started"][i]
        waiting = (visits["desk"] == visits["desk"][i]) & (visits["joined"] < started)
        waiting &= visits["started"] > started
        assert (occurred[waiting] <= occurred[i]).all()
        passed += (visits["joined"][waiting] < visits["joined"][i]).any()
    assert passed > 50


@pytest.mark.filterwarnings("ignore:policy .* are offered more work")
class TestInstead:
    """Of the rule a function that differs, and what comes of it."""

    def test_a_judge_who_is_always_right_sends_nothing_to_a_wrong_desk(self):
        wrong = [run("siloed", "simpy", r).incident_columns["wrong_desks"].sum()
                 for r in ((), (("judge", always_right),))]  # fmt: skip
        assert wrong[0] > wrong[1] == 0

    def test_batches_that_leave_at_once_hold_nothing(self):
        held = [run("siloed", "simpy", r).incident_columns["dispatch_release"].sum()
                for r in ((), (("release_tick", at_once),))]  # fmt: skip
        assert held[0] > held[1] == 0

    def test_the_pool_disposes_of_everything_above_the_grid(self):
        p = run("integrated").parameters
        disposals = visits_of(codes.DISPOSE, "integrated", ("disposing_desk", in_the_pool))
        above = disposals["desk"][p.layout.tier[disposals["desk"]] < GRID]
        assert (p.layout.group[above] == POOL).all()
        assert above.size > 100

    def test_nothing_is_verified(self):
        assert visits_of(VERIFY, "integrated")["desk"].size > 100
        assert visits_of(VERIFY, "integrated", ("is_verified", never))["desk"].size == 0

    def test_nobody_supervises(self):
        assert visits_of(codes.SUPERVISE, "integrated")["desk"].size > 10
        assert visits_of(codes.SUPERVISE, "integrated", ("at_point", nothing))["desk"].size == 0


@pytest.mark.parametrize(
    ("replaced", "gone"),
    [
        ({"is_verified": never}, ["rule rework"]),
        ({"judge": always_right, "at_point": nothing}, ["rule supervised", "rule criticism"]),
        ({"release_tick": at_once}, ["command gather", "rule full batch"]),
        ({"disposing_desk": lambda w, inc, tier, unit: desk_at(w, inc, tier, COMMAND, 0)},
         ["rule pool"]),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, dict) else "",
)  # fmt: skip
def test_what_no_longer_occurs_is_gone_from_the_tally(replaced, gone):
    tallies = []
    for decided in ({}, replaced):
        tally = Tally()
        with watching(tally) as make_clock:
            for number in WORLDS:
                of_simpy(random_world(number), partial(make_clock, decisions=decided))
        tallies.append(tally)
    before, after = tallies
    assert all(before[name] > after[name] == 0 for name in gone), [before[n] for n in gone]


def test_an_own_draw_is_as_keyed_as_the_rules():
    """Half are verified, the same half in two runs."""

    def half(w, inc, attempt):
        return happens(w, inc, OWN, 0.5, attempt)

    keys = [
        set(visits_of(VERIFY, "siloed", ("is_verified", rule))["incident"])
        for rule in (half, lambda *arguments: half(*arguments))
    ]
    everyone = set(visits_of(VERIFY, "siloed")["incident"])
    assert keys[0] == keys[1]
    assert 0.35 < len(keys[0] & everyone) / len(everyone) < 0.75


# --- what cannot be ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        ({"juge": judge}, r"decisions: 'juge' \(did you mean 'judge'\?\); allowed: discipline_fi"),
        ({"reopen": nothing}, "decisions: 'reopen'; allowed: discipline_field, judge, release_ti"),
        ({"judge": never}, r"decisions\.judge: .*; allowed: a function of \(w, inc, task, tier, l"),
        ({"is_verified": lambda w: True}, r"is_verified: .*; allowed: a function of \(w, inc, att"),
        ({"at_point": None}, r"decisions\.at_point: None; allowed: a function of"),
    ],
)
def test_a_wrong_replacement_is_refused(replaced, message):
    with pytest.raises(InputError, match=message):
        rules_with(replaced)


def test_any_function_that_takes_the_arguments_will_do():
    class Own:
        def __call__(self, *arguments):
            return False

    for function in (Own(), never, lambda w, inc, attempt, more=1: False):
        assert rules_with({"is_verified": function}).is_verified is function


def test_the_compiled_clock_takes_none():
    with pytest.raises(InputError, match="clock: compiled; allowed with decisions of one's own: s"):
        simulate(load(QUICK), 1, decisions={"is_verified": never})
    simulate(load([*QUICK, "stream.volume=0.05"]), 1, decisions={})


# --- nothing comes to a rule around its replacement -------------------------------------------


def test_the_names_of_rules_are_unique():
    assert len(set(RULES.values())) == len(RULES) > 100
    assert set(DECISIONS) <= set(RULES.values())


def test_where_nothing_is_replaced_every_rule_is_the_compiled_one():
    """So that it costs nothing."""
    for rules in (COMPILED, rules_with({})):
        assert {name: rule for rule, name in RULES.items()} == vars(rules)


def test_only_rules_that_come_to_a_decision_run_as_python():
    rules = rules_with({"is_verified": never})
    python = {name for name, rule in vars(rules).items() if rule not in RULES}
    assert python == {
        *("is_verified", "_disposed", "_without_disposal", "accepted", "after_dispose"),
        *("after_join", "after_verify", "after_visit", "begin", "reopen"),
        *("_after_register", "_after_judgement", "_after_dispatch", "_after_sign", "_arrive"),
        "_relay",
    }


def test_rules_call_rules_by_name():
    """As `_callers` sees them: not as an attribute of a module, and not from a function within."""
    modules = {module for module, _ in _compiled().values()}
    for rule, name in RULES.items():
        scope, code = vars(_compiled()[rule][0]), rule.py_func.__code__
        named = [scope.get(each) for each in code.co_names]
        assert not any(value in modules for value in named if inspect.ismodule(value)), name
        assert not any(isinstance(value, CodeType) for value in code.co_consts), name


@pytest.mark.parametrize("module", [clock, decide, things, centres], ids=lambda m: m.__name__)
def test_the_clock_comes_to_decisions_through_its_own_rules_only(module):
    """Whatever it calls by another way comes to none of them, directly or through others."""
    replaced = {rule for rule, name in RULES.items() if name in DECISIONS}
    of_decisions = {RULES[rule] for rule in replaced | _callers(replaced)}
    called = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("rules"):
            continue  # clock.rules, self.rules, rules
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
        value = vars(module).get(name)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            value = getattr(vars(module).get(node.value.id), name, None)
        if getattr(value, "py_func", None) is not None:
            called.add(RULES.get(value, name))
    assert called
    assert not called & of_decisions


def test_the_clock_uses_every_rule_that_comes_to_a_decision_from_without():
    """Those that no rule calls are called by a clock: all of them through `rules`."""
    replaced = {rule for rule, name in RULES.items() if name in DECISIONS}
    reaching = replaced | _callers(replaced)
    called = {
        vars(module).get(name)
        for rule, (module, _) in _compiled().items()
        for name in rule.py_func.__code__.co_names
    }
    outer = {RULES[rule] for rule in reaching if rule not in called}
    source = "".join(inspect.getsource(module) for module in (clock, decide, things))
    assert outer
    assert all(f"rules.{name}(" in source for name in outer), outer


def test_the_list_of_decisions_tells_their_arguments():
    source = inspect.getsource(decisions)
    for name in DECISIONS:
        arguments = ", ".join(inspect.signature(getattr(COMPILED, name).py_func).parameters)
        assert f'"{name}",  # ({arguments}): ' in source
    assert NONE == -1  # as the arguments are described in docs/extending.md

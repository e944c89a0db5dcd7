"""Decisions of a user's own in place of the rules' (docs/extending.md).

The rules stay as they are. Where a decision is replaced, the rules that come to it run as Python,
with the user's function in its place; all others stay compiled.
"""

import difflib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from types import FunctionType, SimpleNamespace
from typing import Any

from sim import rules
from sim.errors import InputError

DECISIONS = (
    "discipline_field",  # (w, inc, desk, now): field that the queue orders by, lowest first
    "judge",  # (w, inc, task, tier, learnt): who should dispose, into T_TIER, T_UNIT and T_RIGHT
    "release_tick",  # (w, inc, now): tick at which what leaves a tier is let out
    "disposing_desk",  # (w, inc, tier, unit): desk that disposes, who has been named
    "is_verified",  # (w, inc, attempt): whether a disposal is verified
    "at_point",  # (w, inc, task, point): side task at a point of the limit: a notice, or none
)
"""The rules that can be replaced, with the arguments of each."""


@cache
def _compiled() -> dict[Any, tuple[Any, str]]:
    """Every rule: its compiled function with its module and name."""
    found = {}
    for info in pkgutil.iter_modules(rules.__path__):
        module = importlib.import_module(f"{rules.__name__}.{info.name}")
        for name, value in vars(module).items():
            function = getattr(value, "py_func", None)
            if function is not None and function.__module__ == module.__name__:
                found[value] = module, name
    return found


def _callers(replaced: set[Any]) -> set[Any]:
    """The rules that come to one of these, directly or through others."""
    known = _compiled()
    calls = {
        rule: {vars(module).get(name) for name in rule.py_func.__code__.co_names}
        for rule, (module, _) in known.items()
    }
    found: set[Any] = set()
    while True:
        more = {rule for rule, called in calls.items() if called & (replaced | found)} - found
        if not more:
            return found - replaced
        found |= more


def rules_with(decisions: Mapping[str, Callable]) -> SimpleNamespace:
    """The rules by their names, with some decisions replaced.

    decisions : for names of DECISIONS, functions of the same arguments. They may call the rules
    that they replace. Raises InputError for another name or another number of arguments.
    """
    by_name = {name: rule for rule, (_, name) in _compiled().items()}
    for name, function in decisions.items():
        _check(name, function, by_name)
    new: dict[Any, Callable] = {by_name[name]: f for name, f in decisions.items()}
    scopes: dict[str, dict[str, Any]] = {}
    for rule in _callers(set(new)):
        module, name = _compiled()[rule]
        scope = scopes.setdefault(module.__name__, dict(vars(module)))
        body = rule.py_func
        new[rule] = FunctionType(body.__code__, scope, name, body.__defaults__)
    for scope in scopes.values():
        scope.update({n: new[value] for n, value in scope.items() if _is_in(value, new)})
    return SimpleNamespace(**{name: new.get(rule, rule) for name, rule in by_name.items()})


def _is_in(value: Any, rules: Mapping[Any, Any]) -> bool:
    return hasattr(value, "py_func") and value in rules


def _check(name: str, function: Callable, by_name: Mapping[str, Any]) -> None:
    """Raises InputError for a decision that cannot be replaced so."""
    if name not in DECISIONS:
        near = difflib.get_close_matches(str(name), DECISIONS, 1)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise InputError(f"decisions: '{name}'{hint}; allowed: {', '.join(DECISIONS)}")
    wanted = list(inspect.signature(by_name[name].py_func).parameters)
    try:
        inspect.signature(function).bind(*wanted)
    except (TypeError, ValueError):
        raise InputError(
            f"decisions.{name}: {function!r}; allowed: a function of ({', '.join(wanted)})"
        ) from None


COMPILED = rules_with({})
"""The rules as they are."""

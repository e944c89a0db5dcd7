"""Measures of a run that need no run, for tests of what is around them."""

import threading

calls: list[tuple[str, int]] = []
"""(policy, seed) of each call in this process."""

before_each = []
"""Functions of (parameters, seed) to call first."""

_lock = threading.Lock()


def number(parameters, seed, progress=None):
    with _lock:
        calls.append((parameters.settings.policy.name, seed))
    for function in before_each:
        function(parameters, seed)
    return {"seed": seed, "half": seed / 3, "none": None}


def odd_fails(parameters, seed, progress=None):
    if seed % 2:
        raise RuntimeError(f"seed {seed} is odd")
    return number(parameters, seed)


def not_a_number(parameters, seed, progress=None):
    return {"nan": float("nan")}

"""The commands, and the two functions below them that scripts and notebooks call.

from experiments import load, simulate
run = simulate(load(["city=tiny", "policy=integrated"]), seed=1)
run.summary()
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.one_run import Run, simulate
    from scenarios.load import load

__all__ = ["Run", "load", "simulate"]


def __getattr__(name: str) -> Any:
    """Import on first use: the command line answers at once."""
    if name == "load":
        from scenarios.load import load

        return load
    if name in ("Run", "simulate"):
        from experiments import one_run

        return getattr(one_run, name)
    raise AttributeError(f"module 'experiments' has no attribute '{name}'")

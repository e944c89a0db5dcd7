"""What the compiled clock does in a run, counted: its functions as Python, calls told apart.

Time differs from machine to machine; how often a function is called does not.
"""

import contextlib
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from unittest import mock

import numba

import sim
from sim.compiled import clock, loop, slots
from sim.draws import index_of, poisson, uniform

COUNTED = {
    "events settled": ("sim.compiled.loop", "_take_event"),
    "events scheduled": ("sim.compiled.events", "push"),
    "links of the event list": ("sim.compiled.events", "_link"),
    "tasks that join a waiting list": ("sim.compiled.waiting", "insert"),
    "comparisons of waiting tasks": ("sim.compiled.waiting", "before"),
    "heaps melded": ("sim.compiled.waiting", "_meld"),
    "decisions": ("sim.compiled.decide", "decide"),
    "desks served": ("sim.compiled.loop", "_serve"),
    "numbers drawn": ("sim.draws", "uniform"),
    "looks at seats planned": ("sim.rules.seats", "planned"),
}
"""What is counted, and the function whose calls it is."""


def _drawn(*arguments):
    return uniform(*arguments)  # compiled: it reckons with 64 bits, which Python does not


def _python(function):
    """A compiled function as Python."""
    if function is uniform:
        return _drawn
    return function if function in (index_of, poisson) else function.py_func


@contextlib.contextmanager
def counting() -> Iterator[Counter[str]]:
    """Within the block the clock runs as Python; the counter holds what it did, by name."""
    calls: Counter = Counter()
    code = {
        _python(getattr(import_module(m), n)).__code__: what for what, (m, n) in COUNTED.items()
    }

    def note(frame, what, _):
        if what == "call" and frame.f_code in code:
            calls[code[frame.f_code]] += 1

    with contextlib.ExitStack() as stack:
        for module in _modules():
            for name, value in list(vars(module).items()):
                if isinstance(value, numba.core.dispatcher.Dispatcher):
                    stack.enter_context(mock.patch.object(module, name, _python(value)))
        stack.enter_context(mock.patch.object(loop, "look_ahead"))
        stack.enter_context(mock.patch.object(slots, "prefetch"))
        before = sys.getprofile()
        sys.setprofile(note)
        try:
            yield calls
        finally:
            sys.setprofile(before)


def _modules():
    """The modules whose functions the clock calls."""
    root = Path(sim.__file__).parent
    for folder in ("rules", "compiled"):
        for path in sorted((root / folder).glob("*.py")):
            yield import_module(
                f"sim.{folder}.{path.stem}" if path.stem != "__init__" else f"sim.{folder}"
            )
    for name in ("durations", "calendar"):
        yield import_module(f"sim.{name}")
    assert clock.run_until is loop.run_until

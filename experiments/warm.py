"""Compiling on a fresh machine: two processes at once, each with its share of the clock.

The compiler works at one function at a time in a process. Compiled code lies in a cache on disk,
so what another process has compiled is found there.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from experiments import console

SHARES = (("obey", "visited", "awoken"), ("serve", "take_all", "review_all", "stream", "noticed"))
"""What each process compiles, about as long: the helper's share, and the caller's. What holds
these together is left to the first run."""


def compile_if_cold() -> None:
    """On a machine without compiled code of these sources: say so, and compile the clock."""
    from sim.jit import is_warm

    if is_warm():
        return
    console.notes.print(
        "compiling the clock (once on this machine, up to a minute) ...", style="dim"
    )
    if (os.cpu_count() or 1) < 2:
        return  # one process does as well, when it needs it
    helper = _helper()
    try:
        compile_share(SHARES[1])
        helper.wait()  # if it has failed, the first run compiles its share, too
    finally:
        helper.kill()
        helper.wait()


def _helper() -> subprocess.Popen:
    """A process that compiles its share, and sees the code that this one sees."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [
        sys.executable,
        "-c",
        "from experiments import warm; warm.compile_share(warm.SHARES[0])",
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=environment, **quiet)


def compile_share(names: Sequence[str]) -> None:
    """Compile these entries of the clock, and all that they call, into the cache."""
    entries = _entries()
    for name in names:
        function, signature = entries[name]
        function.compile(signature)


def _entries() -> dict[str, tuple[Any, tuple]]:
    """Functions of the clock by name, with the types that they are called with: those of a small
    world, as types do not tell of sizes."""
    import numpy as np
    from numba import int64, typeof

    from scenarios.load import load
    from sim.compiled import centres, decide, loop
    from sim.compiled.state import allocate
    from sim.handle import Handle
    from sim.rows import I_GIVEN
    from sim.stream import day_of_incidents
    from sim.world import world_handle

    parameters = load(["city=tiny", "horizon=short"])
    w = typeof(world_handle(parameters._bare_world(parameters.policy)))
    s = typeof(Handle(allocate(1, 1, (0, 1), keep_incidents=True, keep_visits=True)))
    arrivals = typeof(np.zeros((0, I_GIVEN + 1), np.int64))
    rates, calendar = typeof(Handle(parameters.rates)), typeof(Handle(parameters.calendar))
    a_slot: tuple = (w, s, int64, int64)
    return {
        "obey": (decide.obey, (w, s, int64, int64, int64)),
        "visited": (decide.visited, a_slot),
        "awoken": (decide.awoken, a_slot),
        "noticed": (decide.noticed, a_slot),
        "serve": (loop._serve, a_slot),
        "take_all": (loop._take_all, (w, s, arrivals, int64)),
        "review_all": (centres.review_all, (w, s, int64)),
        "stream": (day_of_incidents, (typeof(np.uint64(0)), rates, calendar, int64)),
    }

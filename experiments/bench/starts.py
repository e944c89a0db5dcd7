"""How long `guantong run city=tiny` takes, from the shell to the prompt: cold and warm."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from experiments.bench.processes import ROOT
from experiments.bench.rounds import Form, SideBySide

_FOREIGN = ("NUMBA_CACHE_DIR", "PYTHONDONTWRITEBYTECODE")
"""What would have the caches elsewhere, or nowhere."""


def run_tiny(folder: Path) -> dict[str, float]:
    """Run the command in a process of its own, with `folder` for its cache and results: `seconds`,
    and `busy`, those that it had a processor (of all its threads together).

    Python's own cache of bytecode lies there, too, and is written, as it is wherever the
    environment does not forbid it.
    """
    command = [sys.executable, "-m", "experiments.cli", "run", "city=tiny", f"results={folder}"]
    env = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    env["XDG_CACHE_HOME"] = env["PYTHONPYCACHEPREFIX"] = str(folder)
    begun, before = time.perf_counter(), os.times()
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
    after = os.times()
    user, system = (after[i] - before[i] for i in (2, 3))  # of children that have ended
    return {"seconds": time.perf_counter() - begun, "busy": user + system}


@contextlib.contextmanager
def suite(form: Form) -> Iterator[SideBySide]:
    """Each round has a cache of its own, empty at first; one round in the quick form."""
    with tempfile.TemporaryDirectory() as root:

        def both(number: int) -> dict[str, float]:
            folder = Path(root) / str(number)
            folder.mkdir()
            cold, warm = run_tiny(folder), run_tiny(folder)
            return {**cold, "warm": warm["seconds"], "warm_busy": warm["busy"]}

        yield SideBySide({"cold and warm": both}, 1 if form.quick else form.long_rounds)

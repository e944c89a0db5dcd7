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


def seconds_of_a_run(folder: Path) -> float:
    """Run the command in a process of its own, with `folder` for its cache and results."""
    command = [sys.executable, "-m", "experiments.cli", "run", "city=tiny", f"results={folder}"]
    env = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    begun = time.perf_counter()
    subprocess.run(
        command,
        cwd=ROOT,
        env=env | {"XDG_CACHE_HOME": str(folder)},
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - begun


@contextlib.contextmanager
def suite(form: Form) -> Iterator[SideBySide]:
    """Each round has a cache of its own, empty at first; one round in the quick form."""
    with tempfile.TemporaryDirectory() as root:

        def both(number: int) -> dict[str, float]:
            folder = Path(root) / str(number)
            folder.mkdir()
            return {
                "seconds": seconds_of_a_run(folder),
                "warm": seconds_of_a_run(folder),
            }

        yield SideBySide({"cold and warm": both}, 1 if form.quick else form.long_rounds)

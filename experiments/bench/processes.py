"""Work in a process of its own, so that its memory and its compiler are its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Elsewhere:
    """A job (`rounds.Job`) that another process does: the module of that name, by `answer`.

    The process starts at once and has prepared itself when `wait` returns.
    """

    def __init__(self, module: str, *arguments: object):
        command = [sys.executable, "-m", module, *map(str, arguments)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)

    def wait(self) -> None:
        """Until it is prepared."""
        self._read()

    def __call__(self, number: int) -> dict[str, Any]:
        self._process.stdin.write(f"{number}\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process that measures has ended with {self._process.wait()}")
        return json.loads(line)

    def __enter__(self) -> "Elsewhere":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def answer(job: Callable[[int], Mapping[str, Any]]) -> None:
    """The other side: say that all is prepared, then answer each number with what the job says."""
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(job(int(line))), flush=True)

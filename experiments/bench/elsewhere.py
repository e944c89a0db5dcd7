"""A world in a process of its own, so that its memory is its own: `Elsewhere(settings)`."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from experiments.bench.rounds import did
from experiments.one_run import simulate
from scenarios.load import load
from scenarios.parameters import Parameters
from sim.units import DAY

ROOT = Path(__file__).resolve().parents[2]


class Elsewhere:
    """A job (`rounds.Job`) that runs a world in another process, which has built it before.

    overrides : as on the command line; after_days : the days at the beginning that are run and not
    counted. The process starts at once and is ready when `wait` returns.
    """

    def __init__(self, overrides: Sequence[str], after_days: int = 0):
        command = [sys.executable, "-m", "experiments.bench.elsewhere", str(after_days), *overrides]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def wait(self) -> None:
        """Until the world is built and all is compiled."""
        self._read()

    def __call__(self, number: int) -> dict[str, float]:
        self._process.stdin.write(f"{number + 1}\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, float]:
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process that measures ended with {self._process.wait()}")
        return json.loads(line)

    def __enter__(self) -> "Elsewhere":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


class _Warm(Exception):  # noqa: N818 - not an error
    """Enough has been run to have compiled everything."""


def _stop(_: float) -> None:
    raise _Warm


def built(parameters: Parameters) -> Parameters:
    """The same with all that is built on first use, and with everything compiled."""
    _ = parameters.world, parameters.rates, parameters.open_ticks, parameters.paid_by_desk
    try:
        simulate(parameters, 0, _stop)
    except _Warm:
        pass
    return parameters


def timed(parameters: Parameters, seed: int, after_days: int = 0) -> dict[str, float]:
    """One run: `seconds` and `incidents` of what comes after the first days, and `events` and
    `run_seconds` of all of it."""
    begun = time.perf_counter()
    counted = None if after_days else begun

    def advance(share: float) -> None:
        nonlocal counted
        if counted is None and share * parameters.end >= after_days * DAY:
            counted = time.perf_counter()

    run = simulate(parameters, seed, advance)
    ended = time.perf_counter()
    return did(run) | {
        "incidents": int(run.flow[after_days * 24 :, 0].sum()),
        "seconds": ended - counted,
        "run_seconds": ended - begun,
        "peak": peak_memory(),
    }


def peak_memory() -> int:
    """The most memory that this process has held at once [bytes].

    Linux hands what the parent held on to the child by getrusage, so it is asked elsewhere.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (x for x in status.read_text().splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main() -> None:
    """The other process: a line with a seed comes in, a line with what was measured goes out."""
    after_days, overrides = int(sys.argv[1]), sys.argv[2:]
    parameters = built(load(overrides))
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(timed(parameters, int(line), after_days)), flush=True)


if __name__ == "__main__":
    main()

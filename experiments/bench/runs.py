"""Runs of a world: built and compiled beforehand, timed, with the memory that they took."""

import contextlib
import resource
import sys
from pathlib import Path

from experiments.bench.processes import answer
from experiments.bench.rounds import SEED, did, watch
from experiments.one_run import simulate
from scenarios.load import load
from scenarios.parameters import Parameters
from sim.units import DAY


class _Warm(Exception):  # noqa: N818 - not an error
    """Enough has been run to have compiled everything."""


def _stop(_: float) -> None:
    raise _Warm


def built(parameters: Parameters) -> Parameters:
    """The same with all that is built on first use, and with everything compiled."""
    _ = parameters.world, parameters.rates, parameters.open_ticks, parameters.paid_by_desk
    with contextlib.suppress(_Warm):
        simulate(parameters, 0, _stop)
    return parameters


def timed(parameters: Parameters, seed: int, after_days: int = 0) -> dict[str, float]:
    """One run: what `rounds.watch` gives and `incidents` of what comes after the first days,
    `events` and `run_seconds` of all of it; `peak` memory [bytes] and `desks`."""
    whole, later = watch(), None

    def advance(share: float) -> None:
        nonlocal later
        if later is None and round(share * parameters.end) >= after_days * DAY:
            later = watch()

    run = simulate(parameters, seed, advance)
    read = later if after_days else whole
    return did(run) | {
        "incidents": int(run.flow[after_days * 24 :, 0].sum()),
        **read(),
        "run_seconds": whole()["seconds"],
        "peak": peak_memory(),
        "desks": parameters.layout.n_desks,
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
    """The process of `years.elsewhere`: days that are not counted, then settings."""
    after_days = int(sys.argv[1])
    parameters = built(load(sys.argv[2:]))
    answer(lambda _: timed(parameters, SEED, after_days))


if __name__ == "__main__":
    main()

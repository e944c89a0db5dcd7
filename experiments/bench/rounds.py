"""Rows measured side by side: each round runs all of them, so that a slow minute strikes all."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from experiments.one_run import Run
from sim.errors import InputError

Job = Callable[[int], Mapping[str, float]]
"""Takes the number of the round, does the work and says how much it was: `incidents`, `events`,
`services`, `peak` [bytes]; and what `watch` gives where only a part of the call counts."""


SEED = 1  # of each run of ours, so that rounds differ in nothing but time


class Form(NamedTuple):
    """How thoroughly to measure."""

    name: str
    rounds: int
    long_rounds: int
    """Of rows that take a minute or more."""
    quick: bool = False
    """Whether the long rows are cut short."""


FORMS = {
    "quick": Form("quick", 3, 3, quick=True),
    "usual": Form("usual", 5, 3),
    "long": Form("long", 5, 5),
}


def watch() -> Callable[[], dict[str, float]]:
    """A watch that runs: reading it gives `seconds`, and `busy`, those of them that this process
    had a processor (more than all of them in several threads)."""
    clock, processor = time.perf_counter(), time.process_time()
    return lambda: {
        "seconds": time.perf_counter() - clock,
        "busy": time.process_time() - processor,
    }


def chosen_form() -> Form:
    """The form that the environment variable BENCH names. Raises InputError."""
    name = os.environ.get("BENCH") or "usual"
    if name not in FORMS:
        raise InputError(f"BENCH: '{name}'; allowed: {', '.join(FORMS)}")
    return FORMS[name]


class SideBySide:
    """Rows and what each round of them has shown.

    jobs : {ROW: job; None: what it needs is not installed}. Attributes: rounds (how many are to be
    run), rows ({ROW: {"seconds": one a round, and what the job says}}, or {"missing": why}).
    """

    def __init__(self, jobs: Mapping[str, Job | None], rounds: int, **about: Any):
        self.rounds = rounds
        self._jobs = {name: job for name, job in jobs.items() if job is not None}
        self._done = 0
        self.rows: dict[str, dict[str, Any]] = {
            name: {"missing": "not installed"} if job is None else {**about}
            for name, job in jobs.items()
        }

    def round(self) -> None:
        """Run each row once; every other round in reverse, so that no row always comes first."""
        order = list(self._jobs)[:: -1 if self._done % 2 else 1]
        for name in order:
            read = watch()
            done = self._jobs[name](self._done)
            time_of_call = {} if "seconds" in done else read()
            for what, value in {**done, **time_of_call}.items():
                self.rows[name].setdefault(what, []).append(value)
        self._done += 1


def did(run: Run) -> dict[str, int]:
    """How much a run of ours was."""
    outcome = run.outcome
    return {
        "incidents": outcome.drawn,
        "events": int(outcome.settled.sum()),
        "services": int(outcome.starts.sum()),
    }

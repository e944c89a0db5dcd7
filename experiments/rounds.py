"""Replications in the order of their seeds, for rules that decide after each whether to go on.

As many run at a time as there are workers. A rule is told them one by one and never sees those
beyond its end, so that what it finds does not depend on how many that are.
"""

import difflib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from experiments import console
from experiments.study import Failure, Outcome, Point, Study
from experiments.study.progress import Progress
from sim.errors import InputError

Measured = Mapping[str, Mapping[str, Any]]
"""{SYSTEM: {MEASURE: value}} of one replication."""

_GIVE_UP = 3
"""Replications that have failed, after which it is hardly chance any more."""


class Rounds:
    """Replications of several systems on the same incidents.

    systems : names. point : of a system and a replication, with one policy. most : replications;
    least : that every system gets in any case. minutes : after which none is begun but the first;
    None: no limit.
    """

    def __init__(
        self,
        study: Study,
        systems: Sequence[str],
        point: Callable[[str, int], Point],
        most: int,
        *,
        minutes: float | None = None,
        least: int = 1,
    ):
        self.study, self.systems, self.point = study, tuple(systems), point
        self.most, self.minutes, self.least = most, minutes, least
        self.runs = 0
        """Of one system each, with those that were begun ahead and that no rule has seen."""
        self.failures: list[dict[str, Any]] = []
        self.is_late = self.has_given_up = False

    def until(self, wanted: Callable[[], Sequence[str]]) -> Iterator[tuple[int, Measured]]:
        """Number and measures of each replication, of the systems that are wanted, until none is.
        One that fails under any of them is left out; the third such ends it."""
        what = self.study.what
        with Progress(f"{what}, at most", self.most * len(self.systems), 0) as progress:
            yield from self._until(wanted, progress)
        if progress.kept:
            console.notes.print(f"{progress.kept} of {self.runs} {what} were kept from before")

    def _until(
        self, wanted: Callable[[], Sequence[str]], progress: Progress
    ) -> Iterator[tuple[int, Measured]]:
        begun, r = time.monotonic(), 0
        while r < self.most and (names := wanted()):
            spent = time.monotonic() - begun
            if r and self.minutes is not None and spent >= 60 * self.minutes:
                self.is_late = True
                return
            ahead = range(r, min(r + self._ahead(len(names), r), self.most))
            for r, found in self._run(names, ahead, progress):
                outcomes = {name: found[name] for name in wanted()}
                if not outcomes:
                    return
                if not self._failed(r, outcomes):
                    yield r, _measures(outcomes)
                elif self.has_given_up:
                    return
            r = ahead.stop

    def _ahead(self, systems: int, r: int) -> int:
        """How many replications to run at a time from r on: enough for all workers. The first is
        run alone, as wrong settings show there; those that are needed anyway then go together,
        as each system must be loaded for them only once."""
        return max(-(-self.study.width // systems), self.least - r if r else 1)

    def _run(
        self, names: Sequence[str], ahead: range, progress: Progress
    ) -> list[tuple[int, dict[str, Outcome]]]:
        """The outcomes of some replications; those of a system follow one another, as they share
        what is loaded."""
        which = [(name, r) for name in names for r in ahead]
        found = dict(zip(which, self.study.run([self.point(*w) for w in which], progress)))
        self.runs += len(which)
        warned = {w: None for o in found.values() if not isinstance(o, Failure) for w in o.warnings}
        if ahead.start == 0:
            console.warn(warned)
        return [(r, {name: found[name, r] for name in names}) for r in ahead]

    def _failed(self, r: int, outcomes: Mapping[str, Outcome]) -> bool:
        failed = {name: o for name, o in outcomes.items() if isinstance(o, Failure)}
        for name, outcome in failed.items():
            settings = list(self.point(name, r).overrides)
            self.failures.append(
                {"system": name, "settings": settings, "replication": r, "error": outcome.kind}
                | {"message": outcome.message, "trace": outcome.trace}
            )
        replications = {failure["replication"] for failure in self.failures}
        self.has_given_up = len(replications) >= _GIVE_UP
        return bool(failed)


def _measures(outcomes: Mapping[str, Outcome]) -> dict[str, Mapping[str, Any]]:
    return {name: next(iter(o.measures.values())) for name, o in outcomes.items()}


def check_metric(key: str, metric: str, known: Sequence[str]) -> None:
    """Raises InputError for a metric that was not measured. What there is shows with the first
    run; points are kept, so that little is lost."""
    if known and metric not in known:  # nothing is known where all have failed
        near = difflib.get_close_matches(metric, known, 1)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        raise InputError(f"{key}: '{metric}'{hint}; allowed: {', '.join(known)}")

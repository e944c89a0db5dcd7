"""The long forms of the checks that results rest on: `python -m experiments.guarantee`.

Compares the clocks on many random crowded worlds, counts what occurred there, plants faults to see
them caught, and counts how often confidence intervals hold a known answer and rules keep what they
promise. docs/guarantee.md tells what was run; it is replaced only when all has gone well.
"""

import argparse
import datetime
import os
import platform
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from experiments.coverage import REPLICATIONS, Coverage, coverage, studies
from experiments.promises import PROMISES, Kept, kept, trials
from sim import codes
from sim.jit import sources_hash
from sim.outcome import Outcome
from sim.simpy_clock.books import NEWS
from tests.books import check_books
from tests.both import Result, first_difference, of_compiled, of_simpy

# The worlds, faults and counts are those of the tests, which only a checkout has: a guarantee
# about other worlds than the tested ones would be a second thing to trust.
from tests.faults import FAULTS
from tests.tally import RULES, Tally, watching
from tests.worlds import Case, random_world

PAGE = Path(__file__).resolve().parent.parent / "docs" / "guarantee.md"
N_FOR_FAULTS = 50
BATCH = 20  # worlds or studies that a process takes at a time
SOURCES = sources_hash()  # of the code that is loaded, whatever is edited meanwhile
PACKAGES = ("numba", "numpy", "simpy")


class DisagreementError(Exception):
    """The clocks differ, with the smallest case found."""


class Compared(NamedTuple):
    """What some worlds have shown."""

    tally: Tally
    totals: Counter
    faults: Counter


def compare(numbers: Sequence[int], plant: bool = False) -> Compared:
    """Compare the clocks on each world, and plant every fault in it if asked to.

    Raises DisagreementError.
    """
    tally, totals, faults, cases = Tally(), Counter(), Counter(), []
    with watching(tally) as make_clock:
        for number in numbers:
            case = random_world(number)
            expected = of_compiled(case)
            difference = first_difference(expected, of_simpy(case, make_clock))
            if difference is not None:
                raise DisagreementError(smallest(number) or f"world {number}: {difference}")
            if isinstance(expected[-1], Outcome):
                check_books(case, expected)
            totals["incidents"] += sum(len(part) for _, part in case.chunks)
            totals["visits"] += sum(len(part.visits) for part in expected[:-1])
            totals["endless"] += not isinstance(expected[-1], Outcome)
            cases.append((case, expected))
    for case, expected in cases if plant else ():  # unwatched: faulty clocks need no tally
        faults.update(caught(case, expected))
    return Compared(tally, totals, faults)


def smallest(number: int) -> str | None:
    """The first difference with as few of the world's incidents as still show one."""
    for incidents in range(1, sum(len(part) for _, part in random_world(number).chunks) + 1):
        case = random_world(number, incidents)
        difference = first_difference(of_compiled(case), of_simpy(case))
        if difference is not None:
            return f"world {number}, its first {incidents} incidents: {difference}"
    return None


def caught(case: Case, expected: Result) -> list[str]:
    """The planted faults that this world shows."""
    return [name for name, fault in FAULTS.items() if shows(case, expected, fault)]


def shows(case: Case, expected: Result, fault: Mapping) -> bool:
    """Whether a planted fault changes a visit of this world, not a count of events alone, or leaves
    a clock whose own lists no longer fit together."""
    try:
        difference = first_difference(expected, of_simpy(case, **fault))
    except (ValueError, KeyError):
        return True
    return difference is not None and difference.startswith("visits")


# --- the page ---------------------------------------------------------------------------------


def _table(head: tuple[str, ...], lines: list[tuple]) -> list[str]:
    rows = [head, ("---", *["---:"] * (len(head) - 1)), *lines]
    return ["| " + " | ".join(map(str, row)) + " |" for row in rows] + [""]


def _count(n: int, what: str) -> str:
    """`1 world`, `2,000 worlds`."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def page(
    n_worlds: int,
    compared: Compared,
    n_faulty: int,
    covered: Sequence[Coverage],
    promised: Sequence[Kept],
) -> str:
    """docs/guarantee.md."""
    tally, totals, faults = compared
    pairs = [(a, *(tally.pair(a, b) for b in NEWS)) for a in NEWS]
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    groups = (("event", NEWS), ("command", codes.COMMANDS), ("outcome", codes.OUTCOMES))
    counts = [(f"{g} {name}", f"{tally[f'{g} {name}']:,}") for g, names in groups for name in names]
    counts += [(f"rule: {name}", f"{tally[f'rule {name}']:,}") for name in RULES]
    lines = [
        "# What is guaranteed",
        "",
        "## The two clocks agree",
        "",
        f"On {_count(n_worlds, 'random crowded world')} (numbers from 0 on) the compiled clock and "
        "the SimPy clock gave the same output to the last tick: incident rows and visit rows "
        "in their order, what is left, states, flow, reports, seat time, waiting, starts and "
        "events settled. Incidents, reports, time accounts and seats added up in every world.",
        "",
        f"Run on {datetime.date.today()} with `python -m experiments.guarantee --worlds {n_worlds}`"
        f"; sources {SOURCES}, Python {platform.python_version()}, {versions}. "
        f"{_count(totals['incidents'], 'incident')}, "
        f"{_count(totals['visits'], 'recorded visit')}; {_count(totals['endless'], 'world')} had a "
        "tick without end, for which both clocks must blame the same incident.",
        "",
        "### What occurred",
        "",
        *_table(("what", "times"), counts),
        "### Pairs of events in one round",
        "",
        "Rounds in which both occurred; on the diagonal, twice or more. No pair is impossible.",
        "",
        *_table(("", *NEWS), pairs),
        "### Planted faults",
        "",
        f"Each fault of order was planted in the SimPy clock on the first "
        f"{_count(n_faulty, 'world')}; it counts as caught where it changes a visit, or "
        "where the clock's own lists no longer fit together.",
        "",
        *_table(("fault", "worlds that caught it"), [(name, faults[name]) for name in FAULTS]),
        "## Intervals hold what they promise",
        "",
        f"{_count(covered[0].repetitions, 'repetition')} of a study of {REPLICATIONS} replications "
        "of two reduced worlds on the same incidents, four desks apart and one pool of them "
        "(`conf/experiment/theory`), whose mean times in the system theory knows. Counted is how "
        "often the 95 % interval held the known answer.",
        "",
        *_table(
            ("interval of", "known answer (h)", "held"),
            [(c.what, f"{c.truth:.4f}", f"{100 * c.share:.1f} %") for c in covered],
        ),
        "## Rules keep what they promise",
        "",
        f"{_count(promised[0].trials, 'trial')} of each rule on random numbers whose truth is "
        "known (`experiments/promises.py`): how often its interval held the truth, the best "
        "system was chosen, the planted box was found.",
        "",
        *_table(
            ("rule, and what it says", "claimed", "kept"),
            [(k.what, f"{100 * k.claim:.0f} %", f"{100 * k.share:.1f} %") for k in promised],
        ),
    ]
    return "\n".join(lines)


def write(text: str) -> None:
    """Put the page in its place at once, so that nobody ever reads half of it."""
    partial = PAGE.with_suffix(".tmp")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, PAGE)


# --- the command ------------------------------------------------------------------------------


def _each(progress: Progress, what: str, work: Callable, jobs: Sequence[tuple]) -> list:
    """The results of `work(*job)` for each job, from as many processes as there are cores."""
    from joblib import Parallel, delayed

    results = Parallel(n_jobs=-1, return_as="generator")(delayed(work)(*job) for job in jobs)
    return list(progress.track(results, total=len(jobs), description=what))


def run(n_worlds: int, n_studies: int, n_trials: int) -> list[str]:
    """Check everything, write the page, and return what has not occurred or not been caught."""
    n_faulty = min(n_worlds, N_FOR_FAULTS)
    faulty = _slices(0, n_faulty, N_FOR_FAULTS // 10)
    rest = _slices(n_faulty, n_worlds, BATCH)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeRemainingColumn()) as progress:
        jobs = [(part, True) for part in faulty] + [(part, False) for part in rest]
        parts = _each(progress, "comparing the clocks", compare, jobs)
        of_studies = [(part,) for part in _slices(0, n_studies, BATCH)]
        held = sum(_each(progress, "counting intervals", studies, of_studies))
        of_promises = [(i, range(n_trials)) for i in range(len(PROMISES))]
        promised = kept(n_trials, _each(progress, "trying rules", trials, of_promises))
    compared = Compared(Tally(), Counter(), Counter())
    for part in parts:
        for total, counted in zip(compared, part, strict=True):
            total.update(counted)
    covered = list(coverage(n_studies, held))
    missing = compared.tally.missing() + [name for name in FAULTS if not compared.faults[name]]
    missing += [f"coverage of {c.what}: {c.share:.3f}" for c in covered if not c.is_honest]
    missing += [f"{k.what}: {k.share:.3f}" for k in promised if not k.is_kept]
    if not missing:
        write(page(n_worlds, compared, n_faulty, covered, promised))
    return missing


def _slices(begin: int, end: int, size: int) -> list[range]:
    return [range(i, min(i + size, end)) for i in range(begin, end, size)]


def main() -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=10_000, help="how many (default: 10000)")
    parser.add_argument("--studies", type=int, default=2_000, help="how many (default: 2000)")
    parser.add_argument("--trials", type=int, default=5_000, help="how many (default: 5000)")
    given = parser.parse_args()
    for name, number in vars(given).items():
        if number < 1:
            parser.error(f"--{name}: {number}; allowed: 1 or more")
    n_worlds = given.worlds
    try:
        missing = run(n_worlds, given.studies, given.trials)
    except KeyboardInterrupt:
        print(f"Stopped; {PAGE.name} is as it was.", file=sys.stderr)
        return 130
    except DisagreementError as error:
        print(f"The clocks disagree.\n{error}", file=sys.stderr)
        return 1
    if missing:
        print(f"Not as it should be: {', '.join(missing)}.", file=sys.stderr)
        return 1
    print(f"{_count(n_worlds, 'world')}: the clocks agree; intervals hold. See docs/{PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

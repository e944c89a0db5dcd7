"""The long form of the promise that both clocks agree: `python -m experiments.guarantee`.

Compares them on many random crowded worlds, counts what occurred there, and plants faults to see
them caught. docs/guarantee.md tells what was run; it is replaced only when all has gone well.
"""

import argparse
import datetime
import os
import platform
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sim import codes
from sim.jit import sources_hash
from sim.outcome import Outcome
from sim.simpy_clock.books import NEWS

# The worlds, faults and counts are those of the tests, which only a checkout has: a guarantee
# about other worlds than the tested ones would be a second thing to trust.
from tests.faults import FAULTS
from tests.test_clocks_agree import RULES, Tally, check_books, watching
from tests.worlds import Case, Result, first_difference, of_compiled, of_simpy, random_world

PAGE = Path(__file__).resolve().parent.parent / "docs" / "guarantee.md"
N_FOR_FAULTS = 50
SOURCES = sources_hash()  # of the code that is loaded, whatever is edited meanwhile
PACKAGES = ("numba", "numpy", "simpy")


class DisagreementError(Exception):
    """The clocks differ, with the smallest case found."""


def compare(numbers: Sequence[int], tally: Tally) -> Iterator[tuple[Case, Result]]:
    """Compare the clocks on each world; yields it with its result. Raises DisagreementError."""
    with watching(tally) as make_clock:
        for number in numbers:
            case = random_world(number)
            expected = of_compiled(case)
            difference = first_difference(expected, of_simpy(case, make_clock))
            if difference is not None:
                raise DisagreementError(smallest(number) or f"world {number}: {difference}")
            if isinstance(expected[-1], Outcome):
                check_books(case, expected)
            yield case, expected


def smallest(number: int) -> str | None:
    """The first difference with as few of the world's incidents as still show one."""
    for incidents in range(1, sum(len(part) for _, part in random_world(number).chunks) + 1):
        case = random_world(number, incidents)
        difference = first_difference(of_compiled(case), of_simpy(case))
        if difference is not None:
            return f"world {number}, its first {incidents} incidents: {difference}"
    return None


def caught(case: Case, expected: Result) -> list[str]:
    """The planted faults that change a visit of this world."""
    found = {name: of_simpy(case, **fault) for name, fault in FAULTS.items()}
    seen = {name: first_difference(expected, result) or "" for name, result in found.items()}
    return [name for name, difference in seen.items() if difference.startswith("visits")]


# --- the page ---------------------------------------------------------------------------------


def _table(head: tuple[str, ...], lines: list[tuple]) -> list[str]:
    rows = [head, ("---", *["---:"] * (len(head) - 1)), *lines]
    return ["| " + " | ".join(map(str, row)) + " |" for row in rows] + [""]


def page(n_worlds: int, totals: Counter, tally: Tally, faults: Counter, n_faulty: int) -> str:
    """docs/guarantee.md."""
    pairs = [(a, *(tally.pair(a, b) for b in NEWS)) for a in NEWS]
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    groups = (("event", NEWS), ("command", codes.COMMANDS), ("outcome", codes.OUTCOMES))
    counts = [(f"{g} {name}", f"{tally[f'{g} {name}']:,}") for g, names in groups for name in names]
    counts += [(f"rule: {name}", f"{tally[f'rule {name}']:,}") for name in RULES]
    lines = [
        "# The two clocks agree",
        "",
        f"On {n_worlds:,} random crowded worlds (numbers 0 to {n_worlds - 1:,}) the compiled clock "
        "and the SimPy clock gave the same output to the last tick: incident rows and visit rows "
        "in their order, what is left, states, flow, reports, seat time, waiting, starts and "
        "events settled. Incidents, reports, time accounts and seats added up in every world.",
        "",
        f"Run on {datetime.date.today()} with `python -m experiments.guarantee --worlds {n_worlds}`"
        f"; sources {SOURCES}, Python {platform.python_version()}, {versions}. "
        f"{totals['incidents']:,} incidents, "
        f"{totals['visits']:,} recorded visits; {totals['endless']:,} worlds had a tick without "
        "end, for which both clocks must blame the same incident.",
        "",
        "## What occurred",
        "",
        *_table(("what", "times"), counts),
        "## Pairs of events in one round",
        "",
        "Rounds in which both occurred; on the diagonal, twice or more. No pair is impossible.",
        "",
        *_table(("", *NEWS), pairs),
        "## Planted faults",
        "",
        f"Each fault of order was planted in the SimPy clock on the first {n_faulty} worlds; it "
        "counts as caught where it changes a visit.",
        "",
        *_table(("fault", "worlds that caught it"), [(name, faults[name]) for name in FAULTS]),
    ]
    return "\n".join(lines)


def write(text: str) -> None:
    """Put the page in its place at once, so that nobody ever reads half of it."""
    partial = PAGE.with_suffix(".tmp")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, PAGE)


# --- the command ------------------------------------------------------------------------------


def run(n_worlds: int) -> list[str]:
    """Compare, write the page, and return what has not occurred or not been caught."""
    tally, faults, totals = Tally(), Counter(), Counter()
    kept = []  # for the faults
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeRemainingColumn()) as progress:
        compared = compare(range(n_worlds), tally)
        compared = progress.track(compared, total=n_worlds, description="comparing the clocks")
        for number, (case, expected) in enumerate(compared):
            totals["incidents"] += sum(len(part) for _, part in case.chunks)
            totals["visits"] += sum(len(part.visits) for part in expected[:-1])
            totals["endless"] += not isinstance(expected[-1], Outcome)
            if number < N_FOR_FAULTS:
                kept.append((case, expected))
        for case, expected in progress.track(kept, description="planting faults"):
            faults.update(caught(case, expected))
    missing = tally.missing() + [name for name in FAULTS if not faults[name]]
    if not missing:
        write(page(n_worlds, totals, tally, faults, len(kept)))
    return missing


def main() -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=10_000, help="how many (default: 10000)")
    n_worlds = parser.parse_args().worlds
    if n_worlds < 1:
        parser.error(f"--worlds: {n_worlds}; allowed: 1 or more")
    try:
        missing = run(n_worlds)
    except KeyboardInterrupt:
        print(f"Stopped; {PAGE.name} is as it was.", file=sys.stderr)
        return 130
    except DisagreementError as error:
        print(f"The clocks disagree.\n{error}", file=sys.stderr)
        return 1
    if missing:
        print(f"Not seen: {', '.join(missing)}; try more worlds.", file=sys.stderr)
        return 1
    print(f"{n_worlds:,} worlds: the clocks agree. See docs/{PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

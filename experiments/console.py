"""What the commands show on the terminal: progress, tables, numbers as people read them."""

import contextlib
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

_PRINTED_WIDTH = 150  # characters, where the output goes into a file and has no width of its own

console = Console(highlight=False)
if not console.is_terminal:
    console = Console(highlight=False, width=_PRINTED_WIDTH)
notes = Console(stderr=True, highlight=False)

LABELS = {
    "throughput_per_day": "Solved, per day of the cohort",
    "goodput_per_day": "Solved within the limit, per day",
    "closure_latency_mean_hours": "Closure latency, restricted mean (h)",
    "closure_latency_p50_hours": "  median (h)",
    "closure_latency_p90_hours": "  90th percentile (h)",
    "closure_latency_p95_hours": "  95th percentile (h)",
    "closure_latency_p99_hours": "  99th percentile (h)",
    "paper_latency_mean_hours": "Paper latency, restricted mean (h)",
    "paper_latency_p50_hours": "  median (h)",
    "paper_latency_p90_hours": "  90th percentile (h)",
    "on_time_share": "Closed on time (%)",
    "on_time_with_extensions_share": "  extensions granted (%)",
    "open_at_end": "Not solved at the end",
    "unseen_at_end": "  of them never noticed",
    "handovers_mean": "Hand-overs per incident",
    "returns_mean": "Returns per incident",
    "misrouted_share": "Sent to a wrong desk (%)",
    "reworked_share": "Re-worked (%)",
    "reopened_share": "Closed falsely at first (%)",
    "escalated_share": "Escalated (%)",
    "grown_share": "Grown graver, unattended (%)",
    "withdrawn_share": "Withdrawn by the resident (%)",
    "mismerged_share": "Merged by mistake (%)",
    "satisfied_share": "Residents satisfied, of the solved (%)",
    "reports_per_incident": "Reports per incident",
    "merged_share": "Reports merged (%)",
    "utilisation_city": "Utilisation, city (%)",
    "utilisation_district": "Utilisation, districts (%)",
    "utilisation_township": "Utilisation, townships (%)",
    "utilisation_grid": "Utilisation, grids (%)",
    "staff_hours": "Paid hours per week",
    "yuan_per_solved": "Yuan per solved incident",
    "worked_yuan_per_solved": "  of seat time worked",
    "harm_yuan_per_risk_incident": "Expected harm per risk incident (yuan)",
    "senior_free_share": "Free time of senior desks (%)",
    "senior_free_hours_per_novel": "  hours per incident of grade I or II",
    "district_latency_gini": "Latency between districts, Gini (%)",
    "district_latency_tail_ratio": "  worst tenth over best tenth",
}
"""Every measure that is printed, in order. Percentages are shown for shares."""


def number(value: float | None, *, percent: bool = False, sign: bool = False) -> str:
    """A number as people read it, three or four digits."""
    if value is None:
        return "-"
    value = 100 * value if percent else value
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 10 else 2
    return f"{value:{'+' if sign else ''},.{digits}f}"


def whole(value: float) -> str:
    """A count of hours, people or seats as it is shown."""
    return f"{round(value):,}"


def apart(a: float, b: float) -> int:
    """How much more the first count is, of both as they are shown: a sentence with the difference
    rounded by itself may be one off from its table."""
    return round(a) - round(b)


def replications(n: int) -> str:
    """How many replications, in words."""
    return "one replication" if n == 1 else f"{n} replications"


def measure(entry: Mapping[str, Any], *, percent: bool) -> str:
    """A difference with the half-width of its 95 % interval."""
    mean, (low, high) = entry["mean"], entry["ci95"]
    text = number(mean, percent=percent, sign=True)
    if mean is None or low is None:
        return text
    return f"{text} ± {number((high - low) / 2, percent=percent)}"


def is_share(name: str) -> bool:
    """Whether a measure is a share or a Gini coefficient, shown as a percentage."""
    return name.endswith(("_share", "_gini")) or name.startswith("utilisation")


def comparison(metrics: Mapping[str, Any], policies: list[str], reached: Mapping) -> Table:
    """The table of a comparison; a quantile that was not reached is shown as `> x`."""
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("measure", no_wrap=True)
    for policy in policies:
        table.add_column(policy, justify="right")
    for policy in policies[1:]:
        table.add_column(
            f"{policy} - {policies[0]}\n(± 95 % interval)", justify="right", no_wrap=True
        )
    for name, label in LABELS.items():
        row, percent = metrics[name], is_share(name)
        cells = []
        for policy in policies:
            beyond = reached.get(policy, {}).get(name)
            if row[policy]["mean"] is None and beyond is not None:
                cells.append(f"> {number(beyond)}")
            else:
                cells.append(number(row[policy]["mean"], percent=percent))
        for k in range(1, len(policies)):
            entry = row["difference"] if k == 1 else row["differences"][policies[k]]
            cells.append(measure(entry, percent=percent))
        table.add_row(label, *cells)
    return table


@contextlib.contextmanager
def progress_bar(what: str, parts: int) -> Iterator[Callable[[int], Callable[[float], None]]]:
    """A progress bar with time left over `parts` equal parts that may run at once.

    Yields a function that gives, for part i, the function to call with its share done.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    shares = [0.0] * parts
    lock = threading.Lock()
    with Progress(*columns, console=notes, transient=True) as bar:
        task = bar.add_task(what, total=float(parts))

        def of_part(i: int) -> Callable[[float], None]:
            def done(share: float) -> None:
                with lock:
                    shares[i] = share
                    bar.update(task, completed=sum(shares))

            return done

        yield of_part


@contextlib.contextmanager
def telling_warnings() -> Iterator[None]:
    """Print what the block warns of once it has ended well."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    warn(str(warning.message) for warning in caught)


def warn(texts: Iterable[str]) -> None:
    """Print warnings, each once."""
    for text in dict.fromkeys(texts):
        notes.print(f"warning: {text}", style="yellow", soft_wrap=True)

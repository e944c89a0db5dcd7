"""docs/benchmarks.md and its figure: `python -m experiments.bench.page FILE...`, each FILE from
`pytest -m benchmark --benchmark-only --benchmark-json FILE`."""

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis import style
from analysis.figures import scaling as figure
from experiments import pages
from experiments.bench.goals import GB, GOALS
from experiments.bench.measured import Measured, read, spread
from experiments.bench.processes import ROOT
from experiments.bench.scaling import MEASURED_DAYS
from sim.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOCS = ROOT / "docs"
MARK = "benchmarks"
TITLES = {
    "years": "Years of the whole city",
    "scaling": "What grows",
    "services": "Eight services an incident",
    "tandems": "200 tandems of five M/M/2",
    "threads": "20 replications in threads",
    "records": "What is kept",
    "starts": "`guantong run city=tiny`",
    "clocks": "The whole city, its first day",
}
_OF_SERVICES = ("tandems",)
"""Suites whose rows count services, since their engines do not all count the same customers."""


def contents(measured: Measured) -> str:
    """What stands between the marks of the page."""
    goals = [goal.line(measured) for goal in GOALS]
    lines = [
        *_about(measured),
        "### Reached?",
        "",
        "Median of the rounds, then the least and the most. A ratio is taken round by round.",
        "",
        *pages.table(("what", "target", "measured", "reached"), goals),
        "### All rows",
        "",
    ]
    for name, suite in measured.suites.items():
        counted = "services" if name in _OF_SERVICES else "incidents"
        head = ("row", counted, "seconds (least to most)", f"{counted} a second")
        head = (*head, "events a second", "processor", "peak memory")
        rows = [_row(measured, name, row, counted) for row in suite["rows"]]
        rounds = max(len(row.get("seconds", ())) for row in suite["rows"].values())
        lines += [f"**{TITLES[name]}**, {rounds} {'round' if rounds == 1 else 'rounds'}", ""]
        lines += pages.table(head, rows, numbers=len(head) - 1)
    return "\n".join(lines)


def _about(measured: Measured) -> list[str]:
    """On what, with what and when: one paragraph for all suites that were measured alike."""
    alike: dict[str, list[str]] = {}
    loads = []
    for name, suite in measured.suites.items():
        alike.setdefault(_words(suite), []).append(name)
        loads.append(suite["machine"]["load"])
    lines = [
        text if len(alike) == 1 else f"{', '.join(names)}: {text}" for text, names in alike.items()
    ]
    if any(load is not None for load in loads):
        busy = max(load for load in loads if load is not None)
        lines.append(f"Before a suite began, up to {busy:g} processes wanted to run already.")
    return [part for line in lines for part in (*_folded(line), "")]


def _words(suite: dict[str, Any]) -> str:
    machine = suite["machine"]
    packages = ", ".join(f"{name} {v}" for name, v in machine["packages"].items() if v is not None)
    memory = f", {machine['memory']} GB" if machine["memory"] else ""
    return (
        f"Measured on {suite['when']} at commit {suite['commit']}, in the {suite['form']} form, on "
        f"{machine['processor']}, {machine['cores']} cores{memory}; {machine['system']}, Python "
        f"{machine['python']}, {packages}."
    )


def _folded(text: str, width: int = 110) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _row(measured: Measured, suite: str, row: str, counted: str) -> tuple[str, ...]:
    found = measured.row(suite, row)
    if "missing" in found:
        return row, found["missing"], *[""] * 5
    name = f"{row} (cut short)" if found.get("cut") else row
    times = [spread(found[what]).text() for what in ("seconds", "warm") if what in found]
    amount = found.get(counted)
    cells = [f"{round(float(np.median(amount))):,}" if amount else "", "; ".join(times)]
    for what in (counted, "events"):
        speed = measured.speed(suite, row, what)
        cells.append(f"{round(float(np.median(speed))):,}" if speed.size else "")
    if "busy" in found:
        cells.append(f"{100 * np.median(np.divide(found['busy'], found['seconds'])):.0f} %")
    else:
        cells.append("")
    peak = found.get("peak")
    return name, *cells, f"{max(peak) / GB:.2f} GB" if peak else ""


# --- the figure -------------------------------------------------------------------------------


@style.styled
def draw(measured: Measured) -> "Figure | None":
    """What an incident costs as the horizon, the rate and the city grow, each with axes of its
    own; None where it was not measured."""
    rows = measured.suites.get("scaling", {}).get("rows", {})
    whole = {row: found for row, found in rows.items() if "seconds" in found}
    if not whole:
        return None
    fig, ax = style.figure(9.6, 3.2)
    fig.delaxes(ax)
    panels = (
        ("horizon,", ("incidents", 1), "incidents of the run", "Horizon"),
        ("rate,", ("incidents", MEASURED_DAYS), "incidents a day", "Rate"),
        ("city of", ("desks", 1), "desks of the city", "City"),
    )
    axes, most = fig.subplots(1, len(panels), sharey=True), 0.0
    for ax, (begins, (what, unit), label, title) in zip(axes, panels, strict=True):
        points = [found for row, found in whole.items() if row.startswith(begins)]
        amounts = [np.median(found[what]) / unit for found in points]
        costs = [1e6 * np.divide(found["seconds"], found["incidents"]) for found in points]
        most = max([most, *(cost.max() for cost in costs)])
        figure.draw(amounts, costs, ax, label=label, title=title)
        ax.label_outer()
    axes[0].set_ylim(0, 1.05 * most)
    return fig


# --- the command ------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None, docs: Path = DOCS) -> int:
    """The command; returns its exit code."""
    paths = [Path(name) for name in (sys.argv[1:] if arguments is None else arguments)]
    try:
        if not paths:
            raise InputError("which files? python -m experiments.bench.page FILE...")
        measured = read(paths)
        pages.renew(docs / "benchmarks.md", MARK, contents(measured))
        fig = draw(measured)
        if fig is not None:
            style.save(fig, docs / "images", "scaling")
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

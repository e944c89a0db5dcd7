"""The figures of docs/sceptic.md, from the results folders of a comparison and of `overturn`.

    python -m experiments.sceptic COMPARE_FOLDER OVERTURN_FOLDER

What stands between the two marks on the page is written anew; the prose around stays.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.account import CATEGORIES
from analysis.split import BASE, CONTROL, ROWS, TOTAL, UNLIMITED, UTILISATION
from experiments.console import number

PAGE = Path(__file__).resolve().parent.parent / "docs" / "sceptic.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
_SHOWN = 12


def _entry(entry: Mapping[str, Any]) -> str:
    low, high = entry["ci95"]
    text = number(entry["mean"], sign=True)
    return text if low is None else f"{text} ± {number((high - low) / 2)}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return ["| " + " | ".join(line) + " |" for line in lines] + [""]


def split_lines(split: Mapping[str, Any]) -> list[str]:
    """The tables of what the difference is made of, for the first further policy."""
    policy, part = next(iter(split["policies"].items()))
    settings = part["settings"]
    base, unlimited = settings[BASE], settings[UNLIMITED]
    names = [name for name in base[TOTAL] if name != "difference"]
    rows = [
        [
            row if row in CATEGORIES else "**closure latency**",
            *(number(base[row][name]["mean"]) for name in names),
            _entry(base[row]["difference"]),
            _entry(unlimited[row]["difference"]),
            _entry(part["found"][row]),
        ]
        for row in ROWS
    ]
    head = ["mean, h", *names, "difference", "arithmetic", "found"]
    again = [
        [
            _words(name, names[0]),
            _entry(entry[TOTAL]["difference"]),
            str(part["replications"][name]),
        ]
        for name, entry in settings.items()
        if name in (BASE, CONTROL, "assumed") or name.startswith(UTILISATION)
    ]
    share, numbers = part["share_assumed"], split["numbers"]
    low, high = share["ci95"]
    interval = "" if low is None else f" (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"
    return [
        *_table(head, rows),
        *_table(["otherwise", f"{policy} minus {names[0]}, h", "replications"], again),
        f"{100 * share['mean']:.0f} %{interval} of the difference goes when the "
        f"{len(part['numbers_that_differ']['assumed'])} assumed numbers in which the policies "
        f"differ are made equal. Of {numbers['all']:,} numbers in force {numbers['assumed']:,} "
        "are assumed.",
        "",
    ]


def _words(setting: str, first: str) -> str:
    known = {
        BASE: "as it is",
        CONTROL: f"no batches, sensors as in {first}",
        "assumed": f"assumed numbers as in {first}",
    }
    return known.get(setting) or f"staffed to {setting.removeprefix(UTILISATION)}"


def overturn_lines(found: Mapping[str, Any]) -> list[str]:
    """What moves the difference most, and what overturns it."""
    base = found["difference_hours"]
    factors: dict[str, dict[str, float]] = {}
    for effect in found["effects"]:
        factors.setdefault(effect["factor"], {})[effect["end"]] = effect["difference_hours"]
    order = sorted(factors, key=lambda f: -max(abs(d - base) for d in factors[f].values()))
    rows = [
        [f"`{name}`", *(number(factors[name].get(end), sign=True) for end in ("low", "high"))]
        for name in order[:_SHOWN]
    ]
    alone = [f"{e['factor']} at its {e['end']} end" for e in found["effects"]
             if e["difference_hours"] * base <= 0]  # fmt: skip
    count, worst = found["fewest_that_overturn"], found["worst"]
    text = (
        f"{len(factors)} assumptions went to both ends of their ranges, one at a time; as set, the "
        f"difference is {number(base, sign=True)} h (one replication, good to about 1 h). "
    )
    text += f"Alone, {'; '.join(alone)} overturn it. " if alone else "None overturns it alone. "
    if count is None:
        text += f"Nor do all {len(worst)} worst ends together."
    else:
        text += f"The {count} worst ends together do: {'; '.join(worst[:count])}."
    return [*_table(["assumption", "at its low end, h", "at its high end, h"], rows), text, ""]


def figures(compared: Path, overturned: Path) -> str:
    """What stands between the marks."""
    split = json.loads((compared / "summary.json").read_text("utf-8"))["split"]
    found = json.loads((overturned / "summary.json").read_text("utf-8"))
    made = [json.loads((f / "provenance.json").read_text("utf-8")) for f in (compared, overturned)]
    commands = " and ".join(f"`{' '.join(['guantong', *m['command'][1:2]])}`" for m in made)
    sources = ", ".join(sorted({m["sources"] for m in made}))
    return "\n".join([
        BEGIN,
        f"*Written from {commands}, default settings, {made[0]['created'][:10]}, sources "
        f"{sources}.*",
        "",
        *split_lines(split),
        "### What moves it most",
        "",
        *overturn_lines(found),
        END,
    ])  # fmt: skip


def renewed(page: str, text: str) -> str:
    """The page with new figures. Raises ValueError unless it has both marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} needs the lines {BEGIN} and {END}")
    return before + text + after


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("compare", type=Path, help="results folder of guantong compare")
    parser.add_argument("overturn", type=Path, help="results folder of guantong overturn")
    given = parser.parse_args(arguments)
    try:
        text = renewed(PAGE.read_text("utf-8"), figures(given.compare, given.overturn))
    except (OSError, KeyError, ValueError) as error:
        print(f"these are no whole results of compare and overturn: {error}", file=sys.stderr)
        return 1
    partial = PAGE.with_suffix(".tmp")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())

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

from analysis.split import BASE, ROWS, TOTAL, UNLIMITED
from experiments.console import number
from experiments.split_text import LABELS, setting_label

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
            f"**{LABELS[row]}**" if row == TOTAL else LABELS[row],
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
            setting_label(name, names[0]),
            _entry(entry[TOTAL]["difference"]),
            str(part["replications"][name]),
        ]
        for name, entry in settings.items()
        if name != UNLIMITED
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


def overturn_lines(found: Mapping[str, Any], replications: int) -> list[str]:
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
    runs = "one replication" if replications == 1 else f"{replications} replications"
    text = (
        f"{len(factors)} assumptions went to both ends of their ranges, one at a time; as set, the "
        f"difference is {number(base, sign=True)} h ({runs}). "
    )
    if alone:
        text += f"Alone, {'; '.join(alone)} overturn{'s' if len(alone) == 1 else ''} it."
    elif count is None:
        text += f"None overturns it alone, nor do all worst ends together ({len(worst)})."
    else:
        text += f"None overturns it alone; the {count} worst ends together do: "
        text += f"{'; '.join(worst[:count])}."
    return [*_table(["assumption", "at its low end, h", "at its high end, h"], rows), text, ""]


def figures(compared: Path, overturned: Path) -> str:
    """What stands between the marks."""
    split = json.loads((compared / "summary.json").read_text("utf-8"))["split"]
    found = json.loads((overturned / "summary.json").read_text("utf-8"))
    made = [json.loads((f / "provenance.json").read_text("utf-8")) for f in (compared, overturned)]
    commands = " and ".join(f"`{_command(m['command'])}`" for m in made)
    sources = ", ".join(sorted({m["sources"] for m in made}))
    return "\n".join([
        BEGIN,
        f"*Written from {commands}, else default settings, {made[0]['created'][:10]}, sources "
        f"{sources}.*",
        "",
        *split_lines(split),
        "### What moves it most",
        "",
        *overturn_lines(found, len(made[1]["seeds"])),
        END,
    ])  # fmt: skip


def _command(words: Sequence[str]) -> str:
    """A command without the place of its results."""
    return " ".join(word for word in words if not word.startswith("results="))


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

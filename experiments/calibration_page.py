"""What docs/calibration.md says of the facts, between its marks."""

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.calibration import MISSING, OUTSIDE
from experiments.console import number
from experiments.facts import CHECKED, ENDS, FITTED, HELD, Fact, fitted_places
from experiments.pages import table

if TYPE_CHECKING:
    from experiments.calibrate import Row

_TITLES = {
    FITTED: "Fitted: a number of the model was set by it",
    HELD: "Held: no number was set by it",
    CHECKED: "Checked only: confounded, claimed, or of something else",
}


def known_text(fact: Fact) -> str:
    """What is known, with its unit; in per cent where it is a share."""
    ends = [number(end, percent=fact.is_share) for end in (fact.low, fact.high)]
    text = ends[0] if fact.low == fact.high else " to ".join(ends)
    unit = "%" if fact.is_share else "" if fact.unit == "1" else fact.unit
    return f"{text} {unit}".strip()


def numbers_text(row: "Row") -> str:
    """What was simulated, with the half-width of its interval."""
    mean, low, high = row.simulated
    if mean is None:
        return "-"
    share = row.fact.is_share
    text = number(mean, percent=share)
    if low is not None:
        text += f" ± {number((high - low) / 2, percent=share)}"
    return f"{text} %" if share else text


def page(rows: Sequence["Row"], about: str) -> str:
    """What stands between the marks of docs/calibration.md."""
    judged = [row for row in rows if row.fact.use != CHECKED and row.verdict != MISSING]
    off = [row for row in judged if row.verdict == OUTSIDE]
    listed = "; ".join(f"{row.fact.what} ({row.policy})" for row in off)
    facts = list(dict.fromkeys(row.fact.key for row in rows))
    by_key = {row.fact.key: row.fact for row in rows}
    lines = [
        f"*Written by `guantong calibrate`, {datetime.date.today()}: {about}*",
        "",
        f"{len(facts)} facts. Of {len(judged)} comparisons with a verdict {len(off)} are outside"
        + (f": {listed}." if off else "."),
        "",
    ]
    for use, title in _TITLES.items():
        lines += [f"### {title}", "", *_table([row for row in rows if row.fact.use == use])]
    return "\n".join([*lines, *_sources([by_key[key] for key in facts])])


def _table(rows: Sequence["Row"]) -> list[str]:
    head = ("fact", "place", "evidence", "policy", "known", "simulated", "verdict")
    lines = [
        (
            row.fact.what,
            row.fact.place,
            row.fact.tag,
            row.policy,
            known_text(row.fact),
            numbers_text(row),
            _verdict(row),
        )
        for row in rows
    ]
    return table(head, lines)


def _verdict(row: "Row") -> str:
    if row.why:
        return f"{row.verdict}: {row.why}"
    if row.fact.use == CHECKED:
        return f"{row.verdict}: {row.fact.note}"
    return f"**{row.verdict}**" if row.verdict == OUTSIDE else row.verdict


def _sources(facts: Sequence[Fact]) -> list[str]:
    places = fitted_places(facts)
    told = "; ".join(f"`{end}`: {', '.join(places[end]) or 'none'}" for end in ENDS)
    fitted = [
        (f.what, f.place, f.policy, ", ".join(f"`{key}`" for key in f.sets))
        for f in facts
        if f.use == FITTED
    ]
    return [
        "### What was fitted to what",
        "",
        f"Places of the facts that describe one end only and were used for fitting: {told}. Where "
        "both ends have one, it must be the same place, or the command refuses to run. All other "
        "facts that were used set numbers that every policy shares.",
        "",
        *table(("fact", "place", "describes", "numbers that it set"), fitted),
        "### Sources",
        "",
        *table(
            ("fact", "place", "evidence", "source"),
            [(f.what, f.place, f.tag, f.source) for f in facts],
        ),
    ]

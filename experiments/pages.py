"""Pages of docs/ that a command writes a part of: tables, and what stands between two marks."""

import os
from collections.abc import Sequence
from pathlib import Path

from sim.errors import InputError


def marks(name: str) -> tuple[str, str]:
    """The lines between which a command writes."""
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


def between(text: str, name: str) -> str:
    """What stands between the marks of a page. Raises ValueError unless it has both, in order."""
    _, inside, _ = _parts(text, name)
    return inside


def renewed(text: str, name: str, inside: str) -> str:
    """The page with something else between the marks. Raises ValueError as `between` does."""
    before, _, after = _parts(text, name)
    begin, end = marks(name)
    return f"{before}{begin}\n{inside.strip()}\n{end}{after}"


def _parts(text: str, name: str) -> tuple[str, str, str]:
    begin, end = marks(name)
    before, first, rest = text.partition(begin)
    inside, second, after = rest.partition(end)
    if not first or not second:
        raise ValueError(f"it needs the lines '{begin}' and '{end}'")
    return before, inside.strip(), after


def renew(page: Path, name: str, inside: str) -> None:
    """Put a page with something else between its marks in its place, at once, so that nobody
    ever reads half of it. Raises InputError."""
    partial = page.with_suffix(".tmp")
    try:
        partial.write_text(renewed(page.read_text("utf-8"), name, inside), encoding="utf-8")
        os.replace(partial, page)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"page: '{page}' cannot be written: {reason}") from None


def table(head: Sequence[str], lines: Sequence[Sequence[str]], numbers: int = 0) -> list[str]:
    """A table and an empty line below it; the last `numbers` columns are set to the right."""
    left = len(head) - numbers
    rule = [*["---"] * left, *["---:"] * numbers]
    rows = [head, rule, *([cell.replace("|", "\\|") for cell in line] for line in lines)]
    return ["| " + " | ".join(row) + " |" for row in rows] + [""]

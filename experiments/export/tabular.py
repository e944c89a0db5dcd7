"""CSV: a row an activity, with the attributes of its case."""

import csv
import io
from collections.abc import Iterable, Iterator

from experiments.export.cases import Part
from experiments.export.facts import CASE, cases, zoned
from experiments.export.folder import Recorded
from experiments.export.places import Places
from sim.codes import OUTCOMES, STAGES

_OF_VISIT = (
    *("case_id", "activity", "start", "complete", "resource", "tier", "department", "role"),
    *("centre", "joined", "released", "worked", "retyping", "attempt", "report", "branch"),
    *("outcome", "visit"),
)
COLUMNS = (*_OF_VISIT, "replication", *CASE)
"""The columns, in order (docs/export.md)."""

_ROWS = 1 << 12  # written at once
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def text(recorded: Recorded, places: Places, parts: Iterable[Part]) -> Iterator[str]:
    """The log, piece by piece, visits by case and start."""
    yield ",".join(COLUMNS) + "\n"
    for part in parts:
        rows = _rows(part, recorded, places)
        held = list(_some(rows))
        while held:
            page = io.StringIO()
            csv.writer(page, lineterminator="\n").writerows(held)
            yield page.getvalue()
            held = list(_some(rows))


def _some(rows: Iterator[list]) -> Iterator[list]:
    for _, row in zip(range(_ROWS), rows):
        yield row


def harmless(value: str) -> str:
    """A text that no spreadsheet takes for a formula: a quote is put before what it would."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def _rows(part: Part, recorded: Recorded, places: Places) -> Iterator[list]:
    visits = part.visits
    keys, attributes = cases(part, recorded, places)
    own = {key: list(map(harmless, values)) for key, values in zip(keys, attributes)}
    columns = {name: visits[name].tolist() for name in visits.dtype.names}
    times = {
        name: zoned(recorded.start, visits[name])
        for name in ("joined", "started", "ended", "released")
    }
    centre = places.layout.centre
    for i, (key, desk) in enumerate(zip(columns["incident"], columns["desk"])):
        place = (places.desk[desk], places.tier[desk], places.department[desk], places.group[desk])
        yield [
            key,
            STAGES[columns["stage"][i]],
            times["started"][i],
            times["ended"][i],
            *(harmless(name) for name in place),
            harmless(places.centre[int(centre[desk])]),
            times["joined"][i],
            times["released"][i],
            *(columns[name][i] for name in ("worked", "retyping", "attempt", "report", "branch")),
            OUTCOMES[columns["outcome"][i]],
            columns["visit"][i],
            recorded.replication,
            *own[key],
        ]

"""What a run says of service: who was noticed, closed and solved within the limit."""

from typing import Any

import numpy as np

from experiments.one_run import Progress, simulate
from scenarios.parameters import Parameters
from sim.records import Columns

CLASSES = ("grave", "all")
"""Whom targets are about: incidents of grades I and II, and all."""

COUNTS = ("noticed", "closed", "solved")
_GRAVE = 1  # severities up to this one are grades I and II


def service(
    parameters: Parameters, seed: int, progress: Progress | None = None
) -> dict[str, list[Any]]:
    """Counts of the cohort's incidents: `noticed`, `closed` (first closed within the limit) and
    `solved` (solved within it), each by district and class, and as `kind_...` by kind and class.
    One that is not closed by the end is not closed within the limit."""
    n_districts, n_kinds = parameters.city.n_districts, len(parameters.catalogue.kinds)
    by_district = np.zeros((len(COUNTS), n_districts, len(CLASSES)), np.int64)
    by_kind = np.zeros((len(COUNTS), n_kinds, len(CLASSES)), np.int64)

    def take(name: str, columns: Columns) -> None:
        if name == "incidents":
            _add(columns, parameters, by_district, by_kind)

    simulate(parameters, seed, progress, sink=take)
    found = {name: table.tolist() for name, table in zip(COUNTS, by_district, strict=True)}
    return found | {f"kind_{n}": table.tolist() for n, table in zip(COUNTS, by_kind, strict=True)}


def _add(columns: Columns, parameters: Parameters, *tables: np.ndarray) -> None:
    begin, end = parameters.window
    noticed = (columns["occurred"] >= begin) & (columns["occurred"] < end)
    noticed &= columns["noticed"] <= parameters.end
    by = np.minimum(columns["limit"], parameters.end)
    met = (noticed, noticed & (columns["first_closed"] <= by), noticed & (columns["solved"] <= by))
    grave = columns["severity"] <= _GRAVE
    for table, code in zip(tables, (columns["district"], columns["kind"]), strict=True):
        for row, counted in zip(table, met, strict=True):
            row[:, 0] += np.bincount(code[counted & grave], minlength=len(row))
            row[:, 1] += np.bincount(code[counted], minlength=len(row))

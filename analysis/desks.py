"""How desks fared: the measures of queueing theory for each kind of desk."""

from collections.abc import Mapping, Sequence

import numpy as np

from sim.records import Columns
from sim.units import HOUR


def by_kind_of_desk(
    desks: Columns, names: Sequence[str], ticks: int, visits: Columns | None = None
) -> dict[str, dict[str, float | None]]:
    """Measures of all desks of a name together, such as "township.command"; open desks only.

    desks : the desk table (`records.DESK_COLUMNS`); names : of the kind of each desk; ticks :
    length of the measuring window; visits : `waited` [ticks] and `desk` of those that started
    within it, or None where visits are not recorded, which leaves out p95_wait_hours. Means are
    over the visits started in the window, `mean_waiting` over its time, and over all desks of a
    kind.
    """
    used = (desks["open"] > 0) | (desks["starts"] > 0)
    kinds, kind_of = np.unique(np.asarray(names, object).astype(str), return_inverse=True)
    n = np.bincount(kind_of[used], minlength=len(kinds))
    columns = ("joins", "starts", "delayed", "waited", "queued", "busy", "open", "blocked")
    sums = {
        name: np.bincount(kind_of, desks[name], minlength=len(kinds))
        for name in (*columns, "abandoned")
    }
    waits = {} if visits is None else _waits_by_kind(visits, kind_of)
    return {
        str(kind): _measures({name: values[i] for name, values in sums.items()}, n[i], ticks)
        | {"p95_wait_hours": _p95(waits.get(i))}
        for i, kind in enumerate(kinds)
        if n[i]
    }


def _measures(sums: Mapping[str, float], n: int, ticks: int) -> dict[str, float | None]:
    calls = sums["joins"] + sums["blocked"]
    return {
        "desks": int(n),
        "arrivals": int(calls),
        "mean_wait_hours": _ratio(sums["waited"] / HOUR, sums["starts"]),
        "waiting_share": _ratio(sums["delayed"], sums["starts"]),
        "mean_waiting": float(sums["queued"] / ticks / n),
        "utilisation": _ratio(sums["busy"], sums["open"]),
        "lost_share": _ratio(sums["blocked"] + sums["abandoned"], calls),
    }


def _waits_by_kind(visits: Columns, kind_of: np.ndarray) -> dict[int, np.ndarray]:
    wait, kind = visits["waited"], kind_of[visits["desk"]]
    return {int(i): wait[kind == i] for i in np.unique(kind)}


def _p95(waits: np.ndarray | None) -> float | None:
    if waits is None or not waits.size:
        return None
    return float(np.quantile(waits, 0.95, method="inverted_cdf")) / HOUR


def _ratio(total: float, count: float) -> float | None:
    return float(total / count) if count else None

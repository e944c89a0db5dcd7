"""Which desks get full: by the planned load, and by the queues above capacity."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from analysis.capacity import queue_growth, volume_of_share
from scenarios.parameters import Parameters
from sim.codes import GRID
from sim.layout import Layout

if TYPE_CHECKING:
    import pandas as pd

SHARES = {"first_desk": 0.0, "one_percent": 0.01, "ten_percent": 0.1}
"""Shares of desks for which the volume is told that fills them."""

N_NAMED = 5
"""Bottlenecks that are named in a summary."""


class Queues(NamedTuple):
    """What waits and works at the desks in the runs of one volume, means over replications."""

    volume: float
    waiting: np.ndarray  # f8[N], tasks that wait at the end
    busy: np.ndarray  # f8[N], seat time worked in the window [ticks]


@dataclass(frozen=True, eq=False)
class Bottlenecks:
    """The desks whose queues grow between the volume below capacity and the one above."""

    lower: float | None  # volume; None where the smallest one tried is too much
    volume: float
    growth: np.ndarray  # f8[N], tasks that wait at the end, more than at `lower`
    busy: np.ndarray  # f8[N], seat time worked at `volume` in the window [ticks]


def find(
    runs: Sequence[Queues], growths: Sequence[float], tolerance: float, reference: np.ndarray
) -> Bottlenecks | None:
    """Bottlenecks at the first volume from which on growth is above the tolerance.

    runs : by increasing volume; growths : their mean growth; reference : f8[N], tasks that wait
    at the end of a run at volume 1 where seats never run out. None if no volume is too much.
    """
    carried = np.flatnonzero(np.asarray(growths) <= tolerance)
    i = int(carried[-1]) + 1 if carried.size else 0
    if i == len(runs):
        return None
    volume, waiting, busy = runs[i]
    lower, below = (runs[i - 1].volume, runs[i - 1].waiting) if i else (1.0, reference)
    grown = queue_growth(waiting, below, reference, (lower, volume))
    return Bottlenecks(lower if i else None, volume, grown, busy)


# --- the planned load -------------------------------------------------------------------------


def limits(parameters: Parameters) -> np.ndarray:
    """The volume that fills each desk by the planned load, f8[N]; infinite where none comes."""
    offered = parameters.load.weekly.sum(axis=1) * parameters.active
    used = offered > 0
    result = np.full(offered.size, np.inf)
    result[used] = parameters.open_hours[used] / offered[used]
    return result


def planned(parameters: Parameters) -> dict[str, Any]:
    """From which volume on the first desk, 1 % and 10 % of them are offered more than they can
    do: above the grid, and by kind of desk, soonest first."""
    full_at = limits(parameters)
    used = np.isfinite(full_at)
    kinds = []
    for name, desks in _by_kind(parameters.layout, used):
        kinds.append({"kind": name, "desks": desks.size, **_shares(full_at[desks])})
    above = full_at[used & (parameters.layout.tier != GRID)]
    kinds.sort(key=lambda row: (row["first_desk"], row["kind"]))
    return {"desks": above.size, **_shares(above), "kinds": kinds}


def _by_kind(layout: Layout, among: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Each kind of desk (`Layout.kinds`) and its desks; among : bool[N]."""
    names, kind = np.unique(layout.kinds, return_inverse=True)
    for code in np.unique(kind[among]):
        yield str(names[code]), np.flatnonzero(among & (kind == code))


def _shares(full_at: np.ndarray) -> dict[str, float | None]:
    return {name: volume_of_share(full_at, share) for name, share in SHARES.items()}


# --- tables -----------------------------------------------------------------------------------


def desk_table(parameters: Parameters, found: Bottlenecks | None) -> "pd.DataFrame":
    """One row a desk that work comes to: kind, name, the volume that fills it by the planned
    load, and its queue growth and utilisation, empty where no volume is too much."""
    import pandas as pd

    layout, full_at = parameters.layout, limits(parameters)
    desks = np.flatnonzero(np.isfinite(full_at))
    nothing = np.full(layout.n_desks, np.nan)
    open_ticks = np.where(parameters.open_ticks > 0, parameters.open_ticks, np.nan)
    return pd.DataFrame(
        {
            "desk": desks,
            "kind": pd.Categorical([layout.kinds[desk] for desk in desks]),
            "name": [layout.name(desk) for desk in desks],
            "full_at": full_at[desks],
            "queue_growth": (nothing if found is None else found.growth)[desks],
            "utilisation": (nothing if found is None else found.busy / open_ticks)[desks],
        }
    )


def summary(parameters: Parameters, found: Bottlenecks | None) -> dict[str, Any] | None:
    """The bottlenecks as JSON: kinds of desk with their share of the growth, and single desks."""
    if found is None:
        return None
    layout = parameters.layout
    here = parameters.active & parameters.policy.used
    kinds = [
        {"kind": name, "desks": desks.size, **_row(parameters, found, desks)}
        for name, desks in _by_kind(layout, here)
    ]
    kinds.sort(key=lambda row: -row["queue_growth"])
    desks = np.flatnonzero(here)
    worst = desks[np.argsort(-found.growth[desks], kind="stable")][:N_NAMED]
    single = [
        {"desk": int(desk), "name": layout.name(desk), "kind": layout.kinds[desk]}
        | _row(parameters, found, np.array([desk]))
        for desk in worst
    ]
    return {
        "lower_volume": found.lower,
        "volume": found.volume,
        "queue_growth": float(found.growth[here].sum()),
        "kinds": kinds,
        "desks": single,
    }


def _row(parameters: Parameters, found: Bottlenecks, desks: np.ndarray) -> dict[str, float | None]:
    """Queue growth of some desks, their share of it in the whole run, and utilisation."""
    here = parameters.active & parameters.policy.used
    grown, total = float(found.growth[desks].sum()), float(found.growth[here].sum())
    open_ticks = int(parameters.open_ticks[desks].sum())
    return {
        "queue_growth": grown,
        "share": grown / total if total > 0 else None,
        "utilisation": float(found.busy[desks].sum()) / open_ticks if open_ticks else None,
    }

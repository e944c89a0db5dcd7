"""Which desks get full: by the planned load, and by the queues above capacity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from analysis.capacity import queue_growth, volume_of_share
from scenarios.parameters import Parameters
from sim.codes import BOARD, DEPARTMENT, DESK_GROUPS, GRID, TIERS, TOWNSHIP
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


# --- types of desk ----------------------------------------------------------------------------


def desk_types(layout: Layout) -> tuple[list[str], np.ndarray]:
    """Names of the types of desk, TIER.GROUP or TIER.GROUP/MEMBER, and each desk's, i8[N]."""
    names: list[str] = []
    first = np.zeros(len(TIERS), np.int64)
    for tier, width in enumerate(layout.tier_width):
        first[tier] = len(names)
        names += [_type(layout, tier, place) for place in range(int(width))]
    return names, first[layout.tier] + layout.place


def _type(layout: Layout, tier: int, place: int) -> str:
    group, book = int(layout.group_of_place[tier, place]), layout.catalogue
    name = f"{TIERS[tier]}.{DESK_GROUPS[group]}"
    unit = place - int(layout.group_offset[tier, group])
    if group == DEPARTMENT:
        return f"{name}/{book.departments[unit]}"
    if group == BOARD:
        return f"{name}/{(book.boards141 if tier == TOWNSHIP else book.boards8)[unit]}"
    return name


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
    do: above the grid, and by type of desk, soonest first."""
    full_at, (names, kind) = limits(parameters), desk_types(parameters.layout)
    used = np.isfinite(full_at)
    types = []
    for code in np.unique(kind[used]):
        mine = full_at[used & (kind == code)]
        types.append({"type": names[code], "desks": mine.size, **_shares(mine)})
    above = full_at[used & (parameters.layout.tier != GRID)]
    types.sort(key=lambda row: (row["first_desk"], row["type"]))
    return {"desks": above.size, **_shares(above), "types": types}


def _shares(full_at: np.ndarray) -> dict[str, float | None]:
    return {name: volume_of_share(full_at, share) for name, share in SHARES.items()}


# --- tables -----------------------------------------------------------------------------------


def desk_table(parameters: Parameters, found: Bottlenecks | None) -> "pd.DataFrame":
    """One row a desk that work comes to: type, name, the volume that fills it by the planned
    load, and its queue growth and utilisation, empty where no volume is too much."""
    import pandas as pd

    layout, full_at = parameters.layout, limits(parameters)
    names, kind = desk_types(layout)
    desks = np.flatnonzero(np.isfinite(full_at))
    nothing = np.full(layout.n_desks, np.nan)
    open_ticks = np.where(parameters.open_ticks > 0, parameters.open_ticks, np.nan)
    return pd.DataFrame(
        {
            "desk": desks,
            "type": pd.Categorical.from_codes(kind[desks], names),
            "name": [layout.name(desk) for desk in desks],
            "full_at": full_at[desks],
            "queue_growth": (nothing if found is None else found.growth)[desks],
            "utilisation": (nothing if found is None else found.busy / open_ticks)[desks],
        }
    )


def summary(parameters: Parameters, found: Bottlenecks | None) -> dict[str, Any] | None:
    """The bottlenecks as JSON: types of desk with their share of the growth, and single desks."""
    if found is None:
        return None
    layout, open_ticks = parameters.layout, parameters.open_ticks
    names, kind = desk_types(layout)
    here = parameters.active & parameters.policy.used
    total = float(found.growth[here].sum())

    def row(desks: np.ndarray) -> dict[str, Any]:
        grown, open_ = float(found.growth[desks].sum()), int(open_ticks[desks].sum())
        return {
            "queue_growth": grown,
            "share": grown / total if total > 0 else None,
            "utilisation": float(found.busy[desks].sum()) / open_ if open_ else None,
        }

    types = []
    for code in np.unique(kind[here]):
        desks = np.flatnonzero(here & (kind == code))
        types.append({"type": names[code], "desks": desks.size, **row(desks)})
    types.sort(key=lambda entry: -entry["queue_growth"])
    worst = np.flatnonzero(here)[np.argsort(-found.growth[here], kind="stable")][:N_NAMED]
    single = [
        {"desk": int(d), "name": layout.name(int(d)), "type": names[kind[d]], **row(np.array([d]))}
        for d in worst
    ]
    return {
        "lower_volume": found.lower,
        "volume": found.volume,
        "queue_growth": total,
        "types": types,
        "desks": single,
    }

"""Capacity: from what runs at several volumes leave behind to the volume that can be carried.

A *volume* is what occurs, in multiples of what staff is planned for. *Backlog* here is all that
is noticed and not solved, dormant and withdrawn incidents included: who has given up has not been
served. The *excess* is the backlog less that of the same city where seats never run out: what is
left undone because seats are short. *Growth* is how fast the
excess rises, as a share of what occurs; *capacity* the largest volume at which growth stays
within a tolerance. docs/capacity.md says why.
"""

import math
from typing import NamedTuple

import numpy as np

from sim.errors import InputError
from sim.records import FLOW_BIN, FLOW_COLUMNS
from sim.units import DAY, WEEK

_WEEK_BINS = WEEK // FLOW_BIN
_KNEE_POINTS = 1001


class Crossing(NamedTuple):
    """The largest volume that is carried, and the two tried volumes that it lies between.

    volume : None where it lies outside what was tried; then low is None (all are too much) or
    high is None (none is too much).
    """

    volume: float | None
    low: float | None
    high: float | None


def whole_weeks(n_bins: int, begin: int) -> int:
    """Whole weeks of a flow table from tick `begin` on."""
    return (n_bins - begin // FLOW_BIN) // _WEEK_BINS


def growth(flow: np.ndarray, reference: np.ndarray, begin: int) -> float:
    """Rise of the excess backlog per day, as a share of the incidents that occur per day.

    flow, reference : i8[n_bins, 9] (FLOW_COLUMNS), of the run and of the city where seats never
    run out, in proportion to what occurred; begin : tick after the warm-up.
    Compares the means of the first and the last whole week after `begin`, so that nights and
    weekends cancel. Raises InputError for fewer than two such weeks.
    """
    weeks = whole_weeks(len(flow), begin)
    if weeks < 2:
        raise InputError(
            f"growth of a backlog takes two whole weeks after the warm-up, not {weeks}"
        )
    occurred = flow[:, FLOW_COLUMNS.index("occurred")]
    before = reference[:, FLOW_COLUMNS.index("occurred")].sum()
    excess = _backlog(flow) - _backlog(reference) * (occurred.sum() / max(before, 1))
    first = begin // FLOW_BIN
    here = slice(first, first + weeks * _WEEK_BINS)
    means = excess[here].reshape(weeks, _WEEK_BINS).mean(axis=1)
    days = WEEK // DAY
    rise = (means[-1] - means[0]) / (days * (weeks - 1))
    return float(rise / max(occurred[here].sum() / (days * weeks), 1e-9))


def _backlog(flow: np.ndarray) -> np.ndarray:
    """Noticed and not solved at the end of each bin, i8[n_bins]."""
    noticed, solved = (flow[:, FLOW_COLUMNS.index(name)] for name in ("noticed", "solved"))
    return np.cumsum(noticed - solved)


def crossing(volumes: np.ndarray, growths: np.ndarray, tolerance: float) -> Crossing:
    """Where growth leaves the tolerance for good, by linear interpolation.

    volumes : f8[n], increasing; growths : f8[n]. The last volume within the tolerance counts:
    where little occurs, chance alone can make a backlog grow.
    """
    carried = np.flatnonzero(np.asarray(growths) <= tolerance)
    if not carried.size:
        return Crossing(None, None, float(volumes[0]))
    i = int(carried[-1])
    if i == len(volumes) - 1:
        return Crossing(None, float(volumes[-1]), None)
    low, high = float(volumes[i]), float(volumes[i + 1])
    share = (tolerance - growths[i]) / (growths[i + 1] - growths[i])
    return Crossing(low + float(share) * (high - low), low, high)


def next_volume(volumes: np.ndarray, growths: np.ndarray, tolerance: float) -> float | None:
    """The volume to try next: the middle of the gap that the crossing lies in, as growth bends
    sharply there and a secant would close in from one side only. None where it lies outside."""
    _, low, high = crossing(volumes, growths, tolerance)
    return None if low is None or high is None else (low + high) / 2


def knee(x: np.ndarray, y: np.ndarray) -> float | None:
    """The knee of a convex rising curve: where it lies farthest below its chord, both axes
    scaled to 0..1 (Satopaa, Albrecht, Irwin and Raghavan 2011, "Finding a kneedle in a haystack").

    x, y : f8[n], x increasing. Between the points the curve is a monotone cubic (Fritsch and
    Carlson 1980). None for fewer than three points, and where the curve does not rise or lies
    nowhere below its chord.
    """
    from scipy.interpolate import PchipInterpolator

    x, y = np.asarray(x, float), np.asarray(y, float)
    if x.size < 3 or not np.isfinite(y).all() or y[-1] <= y[0]:
        return None
    fine = np.linspace(x[0], x[-1], _KNEE_POINTS)
    curve = PchipInterpolator(x, y)(fine)
    below = (fine - x[0]) / (x[-1] - x[0]) - (curve - y[0]) / (y[-1] - y[0])
    best = int(below.argmax())
    return float(fine[best]) if below[best] > 1e-9 else None


def knee_before(x: np.ndarray, y: np.ndarray, end: float) -> float | None:
    """The knee of the part of a curve up to `end`, which lies within x; see `knee`."""
    from scipy.interpolate import PchipInterpolator

    x, y = np.asarray(x, float), np.asarray(y, float)
    if x.size < 2 or not np.isfinite(y).all():
        return None
    before = x < end
    at_end = float(PchipInterpolator(x, y)(end))
    return knee(np.append(x[before], end), np.append(y[before], at_end))


def volume_of_share(limits: np.ndarray, share: float) -> float | None:
    """The volume above which at least this share of desks is offered more than it can do.

    limits : f8[n], the volume that fills each desk; share : 0..1, of at least one desk. None
    without desks.
    """
    if not len(limits):
        return None
    rank = max(1, math.ceil(share * len(limits) - 1e-9))
    return float(np.sort(limits)[rank - 1])


def queue_growth(
    high: np.ndarray,
    low: np.ndarray,
    reference: np.ndarray,
    volumes: tuple[float, float],
) -> np.ndarray:
    """How much longer each desk's queue is at the higher of two volumes, f8[N] tasks.

    high, low, reference : f8[N], tasks that wait at the end at the volumes (low, high) and, where
    seats never run out, at volume 1. What waits for opening hours alone grows with the volume
    and is taken off.
    """
    return high - low - (volumes[1] - volumes[0]) * reference

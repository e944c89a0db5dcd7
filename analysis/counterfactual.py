"""The same incidents under two policies, one by one: who is closed sooner, who later, and why.

An incident's latency is restricted as the model's means are: min(closure latency, restriction), so
that what is not solved by then counts as solved then, under both policies alike. The mean of the
differences is the difference of the restricted means; each difference is the sum of those of the
incident's completed account of time, by account.CATEGORIES, in whole ticks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis import account
from analysis.account import CATEGORIES, OPEN
from sim.codes import WITHDRAWN
from sim.errors import InputError
from sim.records import AGAIN_COLUMNS, TIME_COLUMNS, Columns
from sim.units import DAY, HOUR

BEYOND = {"0": 0, "1h": HOUR, "1d": DAY, "1w": 7 * DAY}
"""Differences are counted that are larger than this [ticks], either way."""

SHARES = np.linspace(0.0, 1.0, 201)
"""Of the incidents in the order of their differences, at which the difference is kept."""

KEPT = 25
"""Incidents that are named of either end."""

CLASSES = ("sooner", "later")
GROUPED = ("district", "kind", "severity", "tier", "landscape")
"""By what it is told who is worse off; `tier` is that which resolves the incident."""

_SUMS = ("incidents", "later", "loss", "net")


@dataclass(frozen=True)
class Half:
    """What is kept of the incidents of a run, by key.

    incident : i8[n], keys; latency : i8[n], restricted [ticks]; is_open : bool[n], not solved by
    then; uses : i8[categories, n], the account [ticks]; codes : {GROUP: i8[n]}.
    """

    incident: np.ndarray
    latency: np.ndarray
    is_open: np.ndarray
    uses: np.ndarray
    codes: Mapping[str, np.ndarray]


def half(cohort: Columns, end: int, restrict: int, landscape: np.ndarray) -> Half:
    """One policy's half of the pairs.

    cohort : columns of the incident table, by key; end : of the run [tick]; restrict : as
    Reducer's [ticks]; landscape : int[n_townships], class of each.
    """
    solved = np.minimum(cohort["solved"], end) - cohort["occurred"]
    latency = np.minimum(solved, restrict)
    is_open = (cohort["solved"] > end) | (solved > restrict)
    parts = {name: cohort[name].copy() for name in (*TIME_COLUMNS, *AGAIN_COLUMNS)}
    rest = latency - np.sum([cohort[name] for name in TIME_COLUMNS], axis=0)
    known = (cohort["noticed"] <= end) & (cohort["state"] != WITHDRAWN)
    parts["sensing"] += np.where(known, 0, rest)
    parts[OPEN] = np.where(known, rest, 0)
    uses = np.stack([*account.by_category(parts).values()])
    codes = {name: cohort[name] for name in GROUPED if name in cohort}
    codes["landscape"] = landscape[cohort["township"]]
    return Half(cohort["incident"], latency, is_open, uses, codes)


def check_same(first: Half, second: Half) -> None:
    """Raises InputError unless both hold the same incidents."""
    if not np.array_equal(first.incident, second.incident):
        raise InputError("policies: they met different incidents; allowed: runs of one seed")


def reduced(first: Half, second: Half) -> dict[str, float | int]:
    """The pairs as numbers by name, sums and counts in whole ticks; second minus first.

    incidents; {sooner, later}.{BEYOND}; open.{first, second, both}: not solved by the restriction;
    sum.{sooner, later} and their {CLASS}.{CATEGORY} [ticks]; quantile.{0..200} of SHARES [ticks];
    {GROUP}.{CODE}.{incidents, later, loss, net}, only where there are incidents; {worst,
    best}.{0..}, keys of incidents, at most KEPT of those that are later and sooner.
    """
    check_same(first, second)
    more = second.latency - first.latency
    chosen = {"sooner": more < 0, "later": more > 0}
    uses = second.uses - first.uses
    found: dict[str, float | int] = {"incidents": more.size}
    for name, beyond in BEYOND.items():
        found[f"sooner.{name}"] = int(np.count_nonzero(more < -beyond))
        found[f"later.{name}"] = int(np.count_nonzero(more > beyond))
    is_open = first.is_open, second.is_open, first.is_open & second.is_open
    for name, which in zip(("first", "second", "both"), is_open, strict=True):
        found[f"open.{name}"] = int(np.count_nonzero(which))
    for name, which in chosen.items():
        found[f"sum.{name}"] = int(more[which].sum())
        for category, changed in zip(CATEGORIES, uses, strict=True):
            found[f"{name}.{category}"] = int(changed[which].sum())
    if more.size:
        ends = np.quantile(more, SHARES, method="inverted_cdf")
        found |= {f"quantile.{i}": int(value) for i, value in enumerate(ends)}
    for group, codes in first.codes.items():
        for code, sums in _by_code(codes, more).items():
            values = zip(_SUMS, sums, strict=True)
            found |= {f"{group}.{code}.{name}": int(value) for name, value in values}
    return found | _ends(first.incident, more)


def _by_code(codes: np.ndarray, more: np.ndarray) -> dict[int, tuple[float, ...]]:
    """Sums of each group that has incidents, by code. bincount sums in float64: exact, as the
    differences of a cohort stay below 2**53 ticks."""
    codes = codes.astype(np.int64)
    worse = np.maximum(more, 0)
    columns = [np.bincount(codes, weights) for weights in (None, worse > 0, worse, more)]
    table = np.stack([np.asarray(c, float) for c in columns], axis=1)
    return {code: tuple(table[code]) for code in np.flatnonzero(table[:, 0]).tolist()}


def _ends(keys: np.ndarray, more: np.ndarray) -> dict[str, int]:
    """The incidents with the largest loss and the largest gain; of equal ones the lower key."""
    order = np.argsort(more, kind="stable")
    best = [int(keys[i]) for i in order[:KEPT] if more[i] < 0]
    order = np.argsort(-more, kind="stable")
    worst = [int(keys[i]) for i in order[:KEPT] if more[i] > 0]
    return {
        f"{name}.{i}": key
        for name, listed in (("worst", worst), ("best", best))
        for i, key in enumerate(listed)
    }

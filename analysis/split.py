"""The difference between two policies, split: by what the time is, and into arithmetic and found.

Samples are hours of the restricted mean closure latency by account.CATEGORIES, one row a
replication, of every policy in every *setting*: the inputs in force, and variants of them.

- arithmetic : the difference with unlimited seats, what the inputs themselves remove;
- found      : the rest, queues and what follows from them.
"""

import math
from collections.abc import Mapping

import numpy as np

from analysis.account import CATEGORIES
from analysis.intervals import Interval, Values, compare_metrics

BASE, UNLIMITED, CONTROL, ASSUMED = "base", "unlimited", "control", "assumed"
UTILISATION = "utilisation "
"""Settings: the inputs in force; unlimited seats; delay, sensing equal; numbers that are assumed
set to the first policy's; and, followed by the number, another target utilisation."""

TOTAL = "total"
ROWS = (*CATEGORIES, TOTAL)

Samples = Mapping[str, Mapping[str, np.ndarray]]
"""{SETTING: {POLICY: f8[replications, categories]}} [h]; NaN where the mean is not defined."""


def split(samples: Samples, first: str, policy: str) -> dict:
    """The difference `policy` minus `first` in every setting that both were run in.

    A setting's replications are the first ones of the base's. Returns
    "replications"  {SETTING: n};
    "settings"      {SETTING: {ROW: {POLICY: entry, POLICY: entry, "difference": entry}}};
    "found"         {ROW: entry}, base minus unlimited, if there is an unlimited setting;
    "share_assumed" entry, share of the difference that the assumed numbers bring, if there is an
                    assumed setting: by Fieller's interval, its ends None where it is unbounded.
    An entry is {"mean", "ci95": [low, high]} [h], as in `intervals.compare_metrics`.
    """
    both = {name: (runs[first], runs[policy]) for name, runs in samples.items() if policy in runs}
    result: dict = {
        "replications": {name: len(b) for name, (_, b) in both.items()},
        "settings": {
            name: compare_metrics({first: rows(a), policy: rows(b)})
            for name, (a, b) in both.items()
        },
    }
    gap = {name: b - a for name, (a, b) in both.items()}
    if UNLIMITED in gap:
        base = gap[BASE][: len(gap[UNLIMITED])]
        apart = compare_metrics({UNLIMITED: rows(gap[UNLIMITED]), BASE: rows(base)})
        result["found"] = {row: apart[row]["difference"] for row in ROWS}
    if ASSUMED in gap:
        remaining = gap[ASSUMED].sum(axis=1)
        whole = gap[BASE][: len(remaining)].sum(axis=1)
        share, *ends = ratio_interval(whole - remaining, whole)
        result["share_assumed"] = {"mean": share, "ci95": ends}
    return result


def rows(sample: np.ndarray) -> list[dict[str, float]]:
    """A sample as one {ROW: hours} a replication."""
    return [dict(zip(ROWS, (*run, sum(run)), strict=True)) for run in sample.tolist()]


def ratio_interval(numerators: Values, denominators: Values, level: float = 0.95) -> Interval:
    """Ratio of two means of paired values, and Fieller's interval for it.

    Exact for pairs that are normal together (Fieller 1954, J. R. Stat. Soc. B 16). It has ends
    only if the mean of the denominators is told apart from 0 at this level; else low and high are
    None. All None if a value is None or NaN, or the denominators' mean is 0.
    """
    from scipy.special import stdtrit

    y, x = np.array(numerators, float), np.array(denominators, float)
    if not x.size or not np.isfinite([*y, *x]).all() or x.mean() == 0.0:
        return None, None, None
    ratio = float(y.mean() / x.mean())
    if x.size < 2:
        return ratio, None, None
    q = stdtrit(x.size - 1, (1 + level) / 2) ** 2 / x.size
    (syy, syx), (_, sxx) = q * np.cov(y, x)
    a, b, c = x.mean() ** 2 - sxx, y.mean() * x.mean() - syx, y.mean() ** 2 - syy
    if a <= 0.0:
        return ratio, None, None
    half = math.sqrt(max(b * b - a * c, 0.0)) / a
    return ratio, float(b / a - half), float(b / a + half)

"""Waiting and working, as far as a log tells them apart."""

from typing import NamedTuple

import numpy as np

_NEVER = -(2**62)


class Steps(NamedTuple):
    """Of each event, f8[n] [ticks], NaN where not known. since_case : since the event before of
    its case; since_resource : since the completion before of its resource, in any case; longest :
    the shorter of the two, which work cannot exceed if a resource does one thing at a time;
    chained : bool[n], the resource came free when the case was there already, so that `longest`
    is the work itself if resources never idle while a case waits."""

    since_case: np.ndarray
    since_resource: np.ndarray
    longest: np.ndarray
    chained: np.ndarray


def steps(case: np.ndarray, complete: np.ndarray, resource: np.ndarray) -> Steps:
    """case, complete, resource : i8[n], by (case, complete); resource -1 where not known."""
    n = len(case)
    since_case = np.full(n, np.nan)
    same = np.flatnonzero(case[1:] == case[:-1]) + 1
    since_case[same] = complete[same] - complete[same - 1]
    before = _before_of_resource(complete, resource)
    since_resource = np.where(before == _NEVER, np.nan, complete - before)
    longest = np.fmin(since_case, since_resource)
    with np.errstate(invalid="ignore"):
        chained = since_resource <= since_case
    return Steps(since_case, since_resource, longest, chained & ~np.isnan(since_case))


def _before_of_resource(complete: np.ndarray, resource: np.ndarray) -> np.ndarray:
    """The last earlier completion of the same resource; those at one moment have the same."""
    found = np.full(len(complete), _NEVER, np.int64)
    order = np.lexsort((complete, resource))
    order = order[resource[order] >= 0]
    own, moment = resource[order], complete[order]
    new = np.ones(len(order), bool)
    new[1:] = (own[1:] != own[:-1]) | (moment[1:] != moment[:-1])
    group = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    before = np.full(len(first), _NEVER, np.int64)
    alike = own[first[1:]] == own[first[:-1]] if len(first) > 1 else np.zeros(0, bool)
    before[1:][alike] = moment[first[:-1]][alike]
    found[order] = before[group]
    return found

"""Exact waits of a list of jobs."""

from heapq import heapreplace

import numpy as np

from analysis.queueing.measures import require_list, require_whole
from sim.errors import InputError


def waits(arrivals: np.ndarray, works: np.ndarray, seats: int = 1) -> np.ndarray:
    """Waits of jobs served first come, first served, in the order of the list.

    The recursion of Lindley (1952), for several seats that of Kiefer and Wolfowitz (1955), with
    the ticks at which seats fall free in place of the work left. Whole numbers stay exact.

    arrivals, works : number[n], 0 or more, arrivals not falling; returns number[n]
    """
    if len(arrivals) == 0:
        return np.zeros(0)
    require_list(arrivals=arrivals, works=works)
    require_whole(1, seats=seats)
    arrivals, works = np.asarray(arrivals), np.asarray(works)
    if (np.diff(arrivals) < 0).any():
        late = int(np.argmax(np.diff(arrivals) < 0)) + 1
        raise InputError(f"arrivals[{late}] = {arrivals[late]} is before the arrival ahead of it")
    free = [arrivals[0].item()] * seats
    result = []
    for arrival, work in zip(arrivals.tolist(), works.tolist()):
        start = max(arrival, free[0])
        heapreplace(free, start + work)
        result.append(start - arrival)
    return np.array(result)

"""Draws named by an incident: chances and exponential delays."""

from sim.draws import uniform
from sim.durations import relative_duration
from sim.jit import jit
from sim.keys import key_of
from sim.rows import I_ENTITY
from sim.units import LONGEST


@jit
def happens(w, inc, purpose, probability, attempt=0, report=0, branch=0):
    """Whether something of this probability happens to the incident."""
    if probability <= 0.0:
        return False
    u = uniform(w.seed, inc[I_ENTITY], key_of(inc), purpose, attempt, report, branch)
    return u < probability


@jit
def delay(w, inc, purpose, mean, attempt=0, report=0, branch=0):
    """Exponential delay of the given mean, rounded to the nearest tick [ticks]."""
    u = uniform(w.seed, inc[I_ENTITY], key_of(inc), purpose, attempt, report, branch)
    ticks = mean * relative_duration(u, w.quantile[w.exponential])
    return int(round(min(ticks, LONGEST)))

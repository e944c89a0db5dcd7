"""Special applications: some kinds go, in part, by a way of their own.

An application covers a share of some kinds' incidents. Those have its stage table in place of the
policy's, are sensed by its own sensors, judged with its map, and disposed of with less travel and
with its upkeep. Application 0 is none: the policy's own table, and numbers that change nothing.
"""

from sim.draws import APPLIED
from sim.jit import jit
from sim.levers import COVERAGE, MAP_LOGIT, SENSING, TRAVEL, UPKEEP, WARNING
from sim.rows import I_APPLICATION, I_KIND, I_REGIME
from sim.rules.chance import happens
from sim.rules.policy import lever, up


@jit
def choose(w, inc):
    """Note by which application the incident goes for the rest of its life, if by any.

    The first whose keyed draw says so: to raise the strength of one leaves all who went by it
    where they are, and takes others from the later ones only.
    """
    for application in range(1, w.applied.shape[1]):
        share = w.applied[inc[I_REGIME], application, inc[I_KIND]]
        if happens(w, inc, APPLIED, share, 0, 0, application):
            inc[I_APPLICATION] = application
            return


@jit
def _number(w, inc, which):
    """A number of the incident's application in the policy in force."""
    return w.application[inc[I_REGIME], inc[I_APPLICATION], which]


@jit
def coverage(w, inc):
    """Share of the foreseen sensors that are in place for the incident."""
    own = _number(w, inc, COVERAGE)
    return lever(w, inc, SENSING) if own < 0.0 else own * up(w, inc)


@jit
def sensor_mean(w, inc):
    """Mean time until a sensor in place notices the incident [ticks]."""
    return w.sensor_mean[inc[I_KIND]] * (1.0 - _number(w, inc, WARNING))


@jit
def map_logit(w, inc):
    """Gain of the judgement by the application's map [logit]."""
    return _number(w, inc, MAP_LOGIT)


@jit
def with_application(w, inc, hands_on, lead_first):
    """Hands-on work of a disposal [ticks, float] with the travel saved, and with the upkeep where
    the lead does it for the first time."""
    if inc[I_APPLICATION] == 0:
        return hands_on
    upkeep = _number(w, inc, UPKEEP) if lead_first else 0.0
    return hands_on * (1.0 - _number(w, inc, TRAVEL)) + upkeep

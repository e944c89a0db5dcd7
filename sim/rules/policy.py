"""Which policy is in force for an incident, and how strong its levers are now."""

from sim.jit import jit
from sim.rows import I_DISTRICT, I_REGIME


@jit
def regime_in(w, district, now):
    """The policy in force in a district."""
    return w.later[district] if now >= w.switch[district] else w.regime[district]


@jit
def in_force(w, inc, now):
    """Note which policy is in force where the incident is: the one at the time of the decision.

    What has been begun under an earlier one ends under it.
    """
    inc[I_REGIME] = regime_in(w, inc[I_DISTRICT], now)


@jit
def lever(w, inc, which):
    """Strength of a lever in the policy in force for the incident."""
    return w.lever[inc[I_REGIME], which]

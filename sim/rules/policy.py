"""Which policy is in force for an incident, and how strong its levers are now."""

from sim.jit import jit
from sim.levers import AUTOMATION, DIRECT, MERGING, SENSING, SHARED_DATA
from sim.rows import I_DISTRICT, I_MANUAL, I_REGIME


@jit
def regime_in(w, district, now):
    """The policy in force in a district; as changed last, where there are dated changes."""
    regime = w.later[district] if now >= w.switch[district] else w.regime[district]
    n = w.change_from.shape[0]
    if n == 0:
        return regime
    past = 0
    while past < n and now >= w.change_from[past]:
        past += 1
    return regime + past * (w.lever.shape[0] // (n + 1))


@jit
def in_force(w, inc, now):
    """Note which policy is in force where the incident is: the one at the time of the decision;
    and whether the platform is down.

    What has been begun under an earlier one ends under it.
    """
    inc[I_REGIME] = regime_in(w, inc[I_DISTRICT], now)
    inc[I_MANUAL] = 1 if is_down(w, now) else 0


@jit
def is_down(w, now):
    """Whether the platform is down at a tick: in one of the outages [from, to)."""
    low, high = 0, w.outage_from.shape[0]
    while low < high:  # the first that begins later
        middle = (low + high) // 2
        if w.outage_from[middle] <= now:
            low = middle + 1
        else:
            high = middle
    return low > 0 and now < w.outage_to[low - 1]


@jit
def lever(w, inc, which):
    """Strength of a lever in the policy in force for the incident.

    While the platform is down nothing is shared. Of what rests on shared data, as much is lost
    as is shared when it is up; the rest is done within one department, which needs no platform.
    """
    strength = w.lever[inc[I_REGIME], which]
    if inc[I_MANUAL] == 1:
        if which == SHARED_DATA:
            return 0.0
        if which in (SENSING, MERGING, DIRECT, AUTOMATION):
            return strength * up(w, inc)
    return strength


@jit
def up(w, inc):
    """What an outage leaves of that which rests on shared data: its share, 1 without an outage."""
    return 1.0 - w.lever[inc[I_REGIME], SHARED_DATA] if inc[I_MANUAL] == 1 else 1.0

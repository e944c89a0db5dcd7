"""Satisfaction (满意): what the resident says of the closing that has solved the incident."""

import math

from sim.codes import HOTLINE, NONE
from sim.draws import OF_INCIDENT, SATISFIED
from sim.jit import jit
from sim.levers import LATE_DISLIKE, RETURN_DISLIKE, SATISFACTION, WAIT_DISLIKE
from sim.rows import I_CHANNEL, I_ENTITY, I_LIMIT, I_NOTICED
from sim.rules.chance import happens
from sim.rules.steps import lives


@jit
def satisfied(w, inc, now):
    """Whether the resident is satisfied with the closing now: 1 or 0; NONE where none reported it.

    logit = base - late * [past the limit] - reopened * (times reported anew)
            - wait * log(1 + time since the notice / time allowed)
    """
    if inc[I_ENTITY] != OF_INCIDENT or inc[I_CHANNEL] != HOTLINE:
        return NONE
    allowed = max(1, inc[I_LIMIT] - inc[I_NOTICED])
    logit = w.mechanism[SATISFACTION]
    if now > inc[I_LIMIT]:
        logit -= w.mechanism[LATE_DISLIKE]
    logit -= w.mechanism[RETURN_DISLIKE] * lives(inc)
    logit -= w.mechanism[WAIT_DISLIKE] * math.log1p((now - inc[I_NOTICED]) / allowed)
    return 1 if happens(w, inc, SATISFIED, 1.0 / (1.0 + math.exp(-logit))) else 0

"""Learning: a new policy is done badly at first, better with use and after each training.

For a policy that has been in force in a district for a time a, at a centre that has made n
judgements:

    logit of a judgement  - dip_logit * exp(-a / dip_time)
                          + use_logit * (1 - exp(-n / uses))
                          + training_logit * exp(-(a mod training_period) / forgetting)
    hands-on work         * (1 + dip_work * exp(-a / dip_time))
"""

import math

from sim.jit import jit
from sim.levers import (
    DIP_LOGIT,
    DIP_TIME,
    DIP_WORK,
    FORGETTING,
    LEARNING_SINCE,
    TRAINING_LOGIT,
    TRAINING_PERIOD,
    USE_LOGIT,
    USES,
)
from sim.rows import I_DISTRICT
from sim.rules.centres import centre_of


@jit
def policy_age(w, inc, now):
    """For how long the policy has been in force that the incident goes by [ticks]; inf: for so
    long that nobody learns any more."""
    switch = w.switch[inc[I_DISTRICT]]
    since = float(switch) if now >= switch else w.mechanism[LEARNING_SINCE]
    return now - since if since <= now else math.inf


@jit
def learnt_logit(w, inc, desk, now):
    """What learning adds to the logit of a judgement at a desk."""
    m = w.mechanism
    if m[DIP_LOGIT] == 0.0 and m[USE_LOGIT] == 0.0 and m[TRAINING_LOGIT] == 0.0:
        return 0.0
    age = policy_age(w, inc, now)
    if age == math.inf:
        return 0.0
    n = w.situation.uses[centre_of(w, desk)]
    logit = m[USE_LOGIT] * (1.0 - math.exp(-n / m[USES])) if m[USE_LOGIT] != 0.0 else 0.0
    if m[TRAINING_LOGIT] != 0.0:
        logit += m[TRAINING_LOGIT] * math.exp(-(age % m[TRAINING_PERIOD]) / m[FORGETTING])
    if m[DIP_LOGIT] != 0.0:
        logit -= m[DIP_LOGIT] * math.exp(-age / m[DIP_TIME])
    return logit


@jit
def slowness(w, inc, now):
    """Factor of hands-on work."""
    m = w.mechanism
    if m[DIP_WORK] == 0.0:
        return 1.0
    age = policy_age(w, inc, now)
    return 1.0 if age == math.inf else 1.0 + m[DIP_WORK] * math.exp(-age / m[DIP_TIME])

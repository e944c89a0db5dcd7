"""What random worlds have several of: policies in force somewhere, dates of a rollout, special
applications."""

import numpy as np

from sim import levers
from sim.codes import NONE
from sim.units import DAY, HOUR

N_REGIMES, N_APPLICATIONS = 3, 3

STEP = 900
"""Grid of the coarse worlds [ticks]; shifts and releases begin on it, too."""

_DATES_UNTIL = 3 * DAY


def dates(rng, template, n_desks, coarse):
    """Regime, hours and seats of every desk from some dates on; often there are none."""
    ticks = rng.integers(_DATES_UNTIL, size=rng.integers(4))
    ticks = np.unique(ticks - ticks % STEP if coarse else ticks)
    size = ticks.size, n_desks
    n_openings, n_shifts = len(template.cal.seg_first), template.seats.shape[1]
    return {
        "later_from": ticks,
        "later_regime": rng.integers(N_REGIMES, size=size),
        "later_opening": rng.integers(n_openings, size=size),
        "later_seats": rng.choice([0, 1, 2, 2, 3], size=(*size, n_shifts)),
    }


def applications(rng, n_kinds, coarse):
    """Special applications of every regime, in half of the worlds used; the first is none."""
    size = N_REGIMES, N_APPLICATIONS
    number = np.zeros((*size, len(levers.APPLICATION_NUMBERS)))
    number[:, :, levers.MAP_LOGIT] = rng.uniform(-1, 2, size)
    number[:, :, levers.COVERAGE] = np.where(rng.random(size) < 0.3, NONE, rng.random(size))
    for which in (levers.TRAVEL, levers.WARNING):  # a coarse world knows no part of a step
        number[:, :, which] = rng.integers(2, size=size) if coarse else rng.random(size)
    upkeep = STEP * rng.integers(2, size=size) if coarse else rng.exponential(HOUR / 2, size)
    number[:, :, levers.UPKEEP] = upkeep
    number[:, 0] = 0.0
    number[:, 0, levers.COVERAGE] = NONE
    applied = np.clip(rng.uniform(-0.8, 1.8, (*size, n_kinds)), 0, 1) * rng.choice([0.0, 0.7])
    applied[:, 0] = 0.0
    return {"applied": applied, "application": number}

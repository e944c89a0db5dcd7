"""Assessment (考核): what ranking makes those do who are ranked."""

from sim.draws import OF_INCIDENT, RANKED
from sim.jit import jit
from sim.levers import (
    ASKED_EXTENSION,
    ASSESSMENT,
    EXTENSION,
    HURRY_FAILURE,
    HURRY_WINDOW,
    HURRY_WORK,
)
from sim.rows import (
    I_DUE,
    I_ENTITY,
    I_FIRST,
    I_HURRIED,
    I_KIND,
    I_LIMIT,
    I_NOTICED,
    T_BRANCH,
    T_REPORT,
    T_TURN,
)
from sim.rules.chance import happens
from sim.rules.policy import lever
from sim.units import NEVER


@jit
def is_reported(w, inc):
    """Whether a grid worker reports a trivial event, which counts in the ranking."""
    return happens(w, inc, RANKED, lever(w, inc, ASSESSMENT))


@jit
def asks_extension(w, inc):
    """Probability that an extension is asked for while nobody has begun to dispose."""
    return lever(w, inc, EXTENSION) + lever(w, inc, ASSESSMENT) * w.mechanism[ASKED_EXTENSION]


@jit
def _presses(w, inc, now):
    """Whether the ranking presses: the limit is near or past, nothing is closed on paper yet."""
    if inc[I_ENTITY] != OF_INCIDENT or inc[I_FIRST] != NEVER or inc[I_DUE] >= NEVER:
        return False
    length = inc[I_LIMIT] - inc[I_NOTICED]
    return now >= inc[I_DUE] - int(round(w.mechanism[HURRY_WINDOW] * length))


@jit
def haste(w, inc, task, now):
    """Factor on the hands-on work of a disposal that is taken up now.

    The lead's haste is noted in the incident; only one task is the lead's, so desks that start
    at one tick do not write it both.
    """
    strength = lever(w, inc, ASSESSMENT)
    hurried = strength > 0.0 and _presses(w, inc, now)
    if task[T_BRANCH] == 0 and task[T_TURN] == 0 and task[T_REPORT] == 0:
        inc[I_HURRIED] = 1 if hurried else 0
    return 1.0 - w.mechanism[HURRY_WORK] * strength if hurried else 1.0


@jit
def failure(w, inc):
    """Probability that the disposal that has just been done does not solve the incident."""
    chance = w.failure[inc[I_KIND]]
    if inc[I_HURRIED] == 1:
        chance += w.mechanism[HURRY_FAILURE] * lever(w, inc, ASSESSMENT)
    return chance

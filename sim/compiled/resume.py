"""A run goes on in another world: who slept through the change is woken."""

from sim.codes import NONE
from sim.compiled.events import OPENS, REVIEWS
from sim.compiled.state import D_LENGTH, D_WAKE
from sim.compiled.ways import schedule
from sim.jit import jit
from sim.rules.centres import n_reviewing, next_review
from sim.rules.seats import next_date
from sim.units import NEVER


@jit
def _relies_on_opening(s, desk):
    """Whether someone waits at a desk, or would not be looked after before it opens next."""
    return s.desks[desk, D_LENGTH] > 0 or s.desks[desk, D_WAKE] != NONE


@jit
def looks(w, s):
    """How many events `look_anew` makes room for."""
    n = n_reviewing(w)
    for desk in range(s.desks.shape[0]):
        n += _relies_on_opening(s, desk)
    return n


@jit
def look_anew(w, s, tick):
    """What would have been scheduled, had the change at this tick been known before.

    Where hours and seats are planned anew, desks that wait to open look at them, and lent seats are
    back. Centres review when they next would: which levers a run knows decides whether
    they do at all. Who was about to look then or later still does, in vain.
    """
    if next_date(w, tick - 1) == tick:
        for desk in range(s.desks.shape[0]):
            w.situation.extra_until[desk] = min(w.situation.extra_until[desk], tick)
            if _relies_on_opening(s, desk):
                schedule(s, tick, OPENS, 0, desk)
    for centre in range(n_reviewing(w)):
        at = next_review(w, centre, tick - 1)
        if at < NEVER:
            schedule(s, at, REVIEWS, 0, centre)

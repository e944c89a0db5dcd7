"""Hours and seats of a desk as planned: by the calendar, and anew from each date of a rollout."""

from sim.calendar import next_start, segment_at
from sim.codes import NONE
from sim.jit import jit
from sim.units import NEVER


@jit
def dates_past(w, tick):
    """How many of the rollout's dates are past at a tick."""
    n = 0
    while n < w.later_from.shape[0] and tick >= w.later_from[n]:
        n += 1
    return n


@jit
def next_date(w, tick):
    """First date of the rollout after a tick, or NEVER."""
    n = dates_past(w, tick)
    return w.later_from[n] if n < w.later_from.shape[0] else NEVER


@jit
def opening_at(w, desk, tick):
    """Opening by which a desk goes at a tick."""
    n = dates_past(w, tick)
    return w.later_opening[n - 1, desk] if n > 0 else w.desk_opening[desk]


@jit
def regime_at(w, desk, tick):
    """Policy in force in a desk's own district, or for the city's own desks."""
    n = dates_past(w, tick)
    return w.later_regime[n - 1, desk] if n > 0 else w.desk_regime[desk]


@jit
def seats_in(w, desk, shift, tick):
    """Seats in a shift of a desk, by the plan that holds at a tick."""
    n = dates_past(w, tick)
    return w.later_seats[n - 1, desk, shift] if n > 0 else w.seats[desk, shift]


@jit
def most_seats(w, desk, tick):
    """Seats of a desk in its best staffed shift, by the plan that holds at a tick."""
    most = 0
    for shift in range(w.seats.shape[1]):
        most = max(most, seats_in(w, desk, shift, tick))
    return most


@jit
def planned(w, desk, tick):
    """Seats planned at a desk at a tick, or NONE outside its hours."""
    i = segment_at(w.cal, opening_at(w, desk, tick), tick)
    return seats_in(w, desk, w.cal.seg_shift[i], tick) if i >= 0 else NONE


@jit
def next_opening(w, desk, tick):
    """Next tick at which the number of seats of a desk may rise by the plan, or NEVER."""
    start = next_start(w.cal, opening_at(w, desk, tick), tick)
    return min(start, next_date(w, tick))

"""When residents report: while they are about, and rarely at night or at the weekend.

Residents are about at a rate that depends on the kind of day and the hour, 1 in the mean of an
ordinary week. Whoever would report after a time reports when the rate has added up to it. Grades I
and II are reported at any hour.
"""

import math

from sim.codes import GRADE_II
from sim.jit import jit
from sim.levers import WAKING
from sim.rows import I_SEVERITY
from sim.units import DAY, HOUR


@jit
def reported_at(w, inc, now, wait):
    """Tick at which a resident reports who would do so `wait` ticks from now, if always about as in
    the mean; past the calendar everyone is."""
    if inc[I_SEVERITY] <= GRADE_II or w.mechanism[WAKING] <= 0.0:
        return now + wait
    left, day = float(wait), now // DAY
    hour, start = (now % DAY) // HOUR, now
    while day < w.cal.day_type.size:
        rate = w.about[w.cal.day_type[day], hour]
        end = day * DAY + (hour + 1) * HOUR
        if left <= rate * (end - start):
            return start if left <= 0.0 else start + int(math.ceil(left / rate))
        left -= rate * (end - start)
        start, hour = end, hour + 1
        if hour == DAY // HOUR:
            day, hour = day + 1, 0
    return start + int(math.ceil(left))

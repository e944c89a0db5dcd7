"""Storms that are drawn: when rain, heat or a crowd strikes which districts, by key.

A storm is a cluster: it has a beginning, a length and a set of districts, and in each of them it
adds incidents of its kinds to those that occur anyway. Its names are its type, the date on which
it begins and its number among those of that type and date. So it is the same under every policy,
for every length of the chunks and whenever the horizon starts.
"""

import datetime

import numpy as np

from sim.draws import (
    OF_WORLD,
    STORM_CENTRE,
    STORM_LENGTH,
    STORM_REACH,
    STORM_START,
    STORMS,
    poisson,
    uniform,
)
from sim.durations import relative_duration
from sim.stream import EPOCH, LONGEST_STORM, MOST_OF_A_DAY, Rates, drawn_number
from sim.units import DAY


def with_drawn_storms(seed: np.uint64, rates: Rates, n_days: int) -> Rates:
    """The rates with the storms of a seed that strike within `n_days` days, beside those stated.

    A storm adds to the ordinary rate of the average day, and false alarms in proportion.
    """
    begin, end, rate, alarms, number = [], [], [], [], []
    for day in range(-LONGEST_STORM, n_days):
        date = rates.first_day + day
        month = (EPOCH + datetime.timedelta(days=date)).month - 1
        for t in np.flatnonzero(rates.drawn_daily[:, month] > 0.0).tolist():
            u = uniform(seed, OF_WORLD, date, STORMS, 0, 0, t)
            for k in range(min(poisson(u, rates.drawn_daily[t, month]), MOST_OF_A_DAY)):
                first, last = _hours(seed, rates, day, t, k)
                if last <= 0:
                    continue
                struck = _struck(seed, rates, date, t, k)
                begin.append(first)
                end.append(last)
                rate.append(np.outer(struck, rates.drawn_extra[t]) * rates.daily / DAY)
                alarms.append(rates.drawn_alarms[t])
                number.append(drawn_number(t, k))
    if not begin:
        return rates
    return rates._replace(
        storm_from=np.append(rates.storm_from, begin),
        storm_to=np.append(rates.storm_to, end),
        storm_rate=np.concatenate([rates.storm_rate, rate]),
        storm_alarms=np.append(rates.storm_alarms, alarms),
        storm_number=np.append(rates.storm_number, number),
    )


def _hours(seed, rates, day, t, k):
    """Ticks from which and to which a storm lasts."""
    date = rates.first_day + day
    first = day * DAY + int(uniform(seed, OF_WORLD, date, STORM_START, k, t) * DAY)
    u = uniform(seed, OF_WORLD, date, STORM_LENGTH, k, t)
    length = round(rates.drawn_time[t] * relative_duration(u, rates.drawn_quantile[t]))
    return first, first + min(length, LONGEST_STORM * DAY)


def _struck(seed, rates, date, t, k):
    """Districts that a storm strikes, bool[D]: it begins in one, all being alike, and goes over
    to each district that touches one that is struck with the probability `drawn_reach`."""
    n_districts = len(rates.daily)
    starts, neighbours = rates.neighbour_start.tolist(), rates.neighbours.tolist()
    centre = int(uniform(seed, OF_WORLD, date, STORM_CENTRE, k, t) * n_districts)
    struck = np.zeros(n_districts, bool)
    struck[centre] = True
    edge = [centre]
    while edge:
        here = edge.pop()
        for other in neighbours[starts[here] : starts[here + 1]]:
            if struck[other]:
                continue
            u = uniform(seed, OF_WORLD, date, STORM_REACH, k, t, other)
            if u < rates.drawn_reach[t]:
                struck[other] = True
                edge.append(other)
    return struck

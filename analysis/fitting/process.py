"""A log's process as it can be replayed without knowing its queues: who follows whom, and after
how long.

What follows an activity, and when, is drawn from the cases of the log that had done that activity
at about the same age: one of those nearest in time since the case came. So it is a Markov chain of
the first order in activity and age (semi-Markov, inhomogeneous in the case's own time; Janssen and
Manca 2006), of which nothing is assumed but that, estimated by nearest neighbours (Stone 1977).
Without age a chain cannot know a rule such as "closed a month after it came, whenever it was
resolved". There are no seats and no queues in it: waiting is in the times, as it was. Time
is counted in open hours.
"""

from typing import NamedTuple

import numpy as np

from analysis.fitting.opening import OpenTime
from sim.units import DAY, HOUR


class Steps(NamedTuple):
    """What followed one activity, by age. age : i8[m], ascending [ticks since the case came];
    follows : i8[m], activity, or the number of activities where the case ended; gap : f8[m],
    ticks of open time until then."""

    age: np.ndarray
    follows: np.ndarray
    gap: np.ndarray


class Process(NamedTuple):
    """after : of each activity, and last of the arrival; near : how many cases of like age one is
    drawn from; most : events of the longest case."""

    after: list[Steps]
    near: int
    most: int


def process(
    case: np.ndarray,
    activity: np.ndarray,
    tick: np.ndarray,
    arrived: np.ndarray,
    finished: np.ndarray,
    clock: OpenTime,
    n_activities: int,
    near: int,
) -> Process:
    """Fit it. case, activity, tick : i8[n], by (case, time); arrived : i8[cases]; finished :
    bool[cases]: of others, what follows the last event is not known."""
    first = np.diff(case, prepend=-1) != 0
    last = np.append(first[1:], True) & finished[case]
    before = np.where(first, n_activities, np.roll(activity, 1))
    since = np.where(first, arrived[case], np.roll(tick, 1))
    gap = clock.at(tick) - clock.at(since)
    # A case that has ended is one more step, to the number of activities.
    before = np.concatenate([before, activity[last]])
    age = np.concatenate([since, tick[last]]) - arrived[np.concatenate([case, case[last]])]
    follows = np.concatenate([activity, np.full(last.sum(), n_activities)])
    gap = np.concatenate([gap, np.zeros(last.sum())])
    order = np.lexsort((age, before))
    bounds = np.searchsorted(before[order], np.arange(1, n_activities + 1))
    after = [Steps(age[rows], follows[rows], gap[rows]) for rows in np.split(order, bounds)]
    return Process(after, near, int(np.bincount(case).max()))


def replayed(
    found: Process, arrived: np.ndarray, clock: OpenTime, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Simulate cases that come at ticks `arrived`, i8[c]: (case, activity, tick) of the events,
    i8[n] by (case, tick), and nothing of cases that are longer than twice the longest seen."""
    end = len(found.after) - 1
    state = np.full(len(arrived), end)
    alive = np.arange(len(arrived))
    ticks = arrived.astype(float)
    events = []
    for _ in range(2 * found.most):
        follows, gaps = np.full(alive.size, end), np.zeros(alive.size)
        for s in np.unique(state[alive]):
            here = state[alive] == s
            age = ticks[alive[here]] - arrived[alive[here]]
            follows[here], gaps[here] = _drawn(found.after[s], end, found.near, age, rng)
        goes_on = follows != end
        alive, follows, gaps = alive[goes_on], follows[goes_on], gaps[goes_on]
        if not alive.size:
            break
        state[alive] = follows
        opened = clock.tick(clock.at(ticks[alive]) + gaps)
        ticks[alive] = np.maximum(opened, ticks[alive])
        events.append(np.stack([alive, follows, ticks[alive].astype(np.int64)]))
    case, activity, tick = np.concatenate(events, axis=1) if events else np.zeros((3, 0), np.int64)
    order = np.argsort(case, kind="stable")
    return case[order], activity[order], tick[order]


def _drawn(
    after: Steps, end: int, near: int, age: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """What follows at each age, and after how long; where nothing is known, the case ends."""
    n = len(after.age)
    if not n:
        return np.full(len(age), end), np.zeros(len(age))
    low = np.searchsorted(after.age, age, side="left")
    high = np.searchsorted(after.age, age, side="right")
    place = rng.integers(low, np.maximum(high, low + 1))  # among those of the very age, any
    begin = np.clip(place - near // 2, 0, max(n - near, 0))
    row = begin + rng.integers(0, min(near, n), len(age))
    return after.follows[row], after.gap[row]


def arrived_anew(
    per_day: np.ndarray, hour: np.ndarray, cv: float, begin_day: int, rng: np.random.Generator
) -> np.ndarray:
    """Arrivals by the fitted rates, sorted ticks. per_day : f8[days], mean of each day; hour :
    f8[24], shares; cv : of the gamma factor of a day."""
    factor = rng.gamma(1 / cv**2, cv**2, len(per_day)) if cv > 0 else np.ones(len(per_day))
    counts = rng.poisson(per_day * factor)
    days = np.repeat(np.arange(len(per_day)), counts) + begin_day
    hours = rng.choice(len(hour), days.size, p=hour / hour.sum())
    return np.sort(days * DAY + hours * HOUR + rng.integers(0, HOUR, days.size))

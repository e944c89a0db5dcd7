"""A log's process as it can be replayed without knowing its queues: who follows whom, and after
how long.

What follows an activity, and when, is drawn from the cases of the log that had done that activity
at about the same age: one of those nearest in time since the case came. So it is a Markov chain of
the first order in activity and age (semi-Markov, inhomogeneous in the case's own time; Janssen and
Manca 2006), of which nothing is assumed but that, estimated by nearest neighbours (Stone 1977).
Without age a chain cannot know a rule such as "closed a month after it came, whenever it was
resolved". There are no seats and no queues in it: waiting is in the times, as it was. Time
is counted in open hours.

Of a case that is still open at the end of the log it is known that nothing had followed by then.
To leave it out would make steps look quick, and those that are quick look frequent. So it is a
censored step: where it is drawn, another is drawn of those of like age that lasted longer. That is
Efron's (1967) way to the estimator of Kaplan and Meier, and for several things that may follow to
that of Aalen and Johansen (1978), at the nearest ages (Beran 1981).
"""

from typing import NamedTuple

import numpy as np

from analysis.fitting.opening import OpenTime
from sim.units import DAY, HOUR

OPEN = -1
"""What follows the last event of a case that was not finished by the end of the log."""


class Steps(NamedTuple):
    """What followed one activity, by age. age : i8[m], ascending [ticks since the case came];
    follows : i8[m], activity, the number of activities where the case ended, or OPEN; gap :
    f8[m], ticks of open time until then, of OPEN until the end of the log."""

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
    end: int,
) -> Process:
    """Fit it. case, activity, tick : i8[n], by (case, time); arrived : i8[cases]; finished :
    bool[cases]: of others, nothing followed the last event until the `end` of the log."""
    first = np.diff(case, prepend=-1) != 0
    last = np.append(first[1:], True)
    before = np.where(first, n_activities, np.roll(activity, 1))
    since = np.where(first, arrived[case], np.roll(tick, 1))
    gap = clock.at(tick) - clock.at(since)
    # A case that has ended is one more step, to the number of activities; so is one still open.
    ended, left = finished[case[last]], clock.at(np.maximum(end, tick[last])) - clock.at(tick[last])
    before = np.concatenate([before, activity[last]])
    age = np.concatenate([since, tick[last]]) - arrived[np.concatenate([case, case[last]])]
    follows = np.concatenate([activity, np.where(ended, n_activities, OPEN)])
    gap = np.concatenate([gap, np.where(ended, 0.0, left)])
    mixed = np.random.default_rng(0).random(len(age))  # steps at the very same age lie by chance
    order = np.lexsort((mixed, age, before))
    bounds = np.searchsorted(before[order], np.arange(1, n_activities + 1))
    after = [Steps(age[rows], follows[rows], gap[rows]) for rows in np.split(order, bounds)]
    return Process(after, near, int(np.bincount(case).max()))


def replayed(
    found: Process, arrived: np.ndarray, clock: OpenTime, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Simulate cases that come at ticks `arrived`, i8[c]: (case, activity, tick) of the events,
    i8[n] by (case, tick), and which cases ended, bool[c]. Others go on for longer than the log can
    tell, or are longer than twice the longest seen, where they are cut off."""
    end = len(found.after) - 1
    state = np.full(len(arrived), end)
    alive = np.arange(len(arrived))
    ticks = arrived.astype(float)
    ended = np.zeros(len(arrived), bool)
    events = []
    for _ in range(2 * found.most):
        follows, gaps = np.full(alive.size, end), np.zeros(alive.size)
        for s in np.unique(state[alive]):
            here = state[alive] == s
            age = ticks[alive[here]] - arrived[alive[here]]
            follows[here], gaps[here] = _drawn(found.after[s], found.near, age, rng)
        ended[alive[follows == end]] = True
        goes_on = (follows != end) & (follows != OPEN)
        alive, follows, gaps = alive[goes_on], follows[goes_on], gaps[goes_on]
        if not alive.size:
            break
        state[alive] = follows
        opened = clock.tick(clock.at(ticks[alive]) + gaps)
        ticks[alive] = np.maximum(opened, ticks[alive])
        events.append(np.stack([alive, follows, ticks[alive].astype(np.int64)]))
    case, activity, tick = np.concatenate(events, axis=1) if events else np.zeros((3, 0), np.int64)
    order = np.argsort(case, kind="stable")
    return case[order], activity[order], tick[order], ended


def _drawn(
    after: Steps, near: int, age: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """What follows at each age, and after how long; where nothing is known, it stays open."""
    n = len(after.age)
    if not n:
        return np.full(len(age), OPEN), np.zeros(len(age))
    low = np.searchsorted(after.age, age, side="left")
    high = np.searchsorted(after.age, age, side="right")
    place = rng.integers(low, np.maximum(high, low + 1))  # among those of the very age, any
    begin = np.clip(place - near // 2, 0, max(n - near, 0))
    row = begin + rng.integers(0, min(near, n), len(age))
    longest = after.gap[after.follows != OPEN].max(initial=-1.0)
    for i in np.flatnonzero((after.follows[row] == OPEN) & (after.gap[row] < longest)):
        row[i] = _longer(after, int(begin[i]), near, int(row[i]), rng)
    return after.follows[row], after.gap[row]


def _longer(after: Steps, begin: int, near: int, row: int, rng: np.random.Generator) -> int:
    """In place of a censored step one of those of like age that lasted longer, from `begin` on;
    where none of them did, of twice as many, and so on. Itself where nobody's did."""
    n, width = len(after.age), near
    while after.follows[row] == OPEN:
        low = max(0, begin - (width - near) // 2)
        longer = low + np.flatnonzero(after.gap[low : low + width] > after.gap[row])
        if longer.size:
            row = int(rng.choice(longer))
        elif low == 0 and low + width >= n:
            break
        else:
            width *= 2
    return row


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

"""Outages: when the platform is down, drawn by key and alike under every policy."""

import math

import numpy as np

from sim.draws import OF_WORLD, OUTAGE_LENGTH, OUTAGE_START, OUTAGES, poisson, uniform
from sim.levers import OUTAGE_RATE, OUTAGE_TIME
from sim.units import DAY
from sim.world import World

_LONGEST = 7
"""Days after which the platform is up again at the latest."""


def with_outages(world: World, first_day: int, n_days: int) -> World:
    """The world with the outages of its seed.

    They begin as a Poisson process of the rate `OUTAGE_RATE` and last an exponential time of the
    mean `OUTAGE_TIME`; those that overlap are one. first_day : day of tick 0, counted from
    `stream.EPOCH`. A world without outages of its own rate keeps those that it has.
    """
    rate, mean = world.mechanism[OUTAGE_RATE], world.mechanism[OUTAGE_TIME]
    if rate <= 0.0:
        return world
    spans = []
    for day in range(-_LONGEST, n_days):
        date = first_day + day
        for k in range(poisson(uniform(world.seed, OF_WORLD, date, OUTAGES), rate)):
            begin = day * DAY + int(uniform(world.seed, OF_WORLD, date, OUTAGE_START, k) * DAY)
            u = uniform(world.seed, OF_WORLD, date, OUTAGE_LENGTH, k)
            length = min(round(-mean * math.log(u)), _LONGEST * DAY)
            spans.append((begin, begin + length))
    merged: list[list[int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        elif begin < end:
            merged.append([begin, end])
    table = np.array([span for span in merged if span[1] > 0], np.int64).reshape(-1, 2)
    return world._replace(outage_from=table[:, 0].copy(), outage_to=table[:, 1].copy())


def outage_ticks(world: World, begin: int, end: int) -> int:
    """How long the platform is down between two ticks [ticks]."""
    inside = np.minimum(world.outage_to, end) - np.maximum(world.outage_from, begin)
    return int(np.maximum(inside, 0).sum())

"""Judgement (研判): who should dispose of an incident, named rightly or wrongly."""

import math

from sim.codes import BOARD, CITY, DISTRICT, GRID, JUDGE, NONE, POOL, TOWNSHIP
from sim.draws import JUDGED_HOW, JUDGED_RIGHT, JUDGED_TIER, uniform
from sim.jit import jit
from sim.keys import key_of
from sim.levers import (
    CENTRE_LOGIT,
    DISTANCE_LOGIT,
    RETURN_LIMIT,
    SHARED_DATA,
    SHARED_LOGIT,
    WRONG_TIER,
)
from sim.rows import (
    I_ENTITY,
    I_KIND,
    I_RETURNS,
    I_TIER,
    I_WRONG,
    T_COUNT,
    T_REPORT,
    T_RIGHT,
    T_TIER,
    T_UNIT,
)
from sim.rules.applications import map_logit
from sim.rules.chance import happens
from sim.rules.policy import lever


@jit
def accuracy(w, inc, tier, learnt=0.0):
    """Probability that a judgement at `tier` names the right desk: one logit sum.

    learnt : what learning adds to it (`learning.learnt_logit`).
    """
    kind = inc[I_KIND]
    shared = lever(w, inc, SHARED_DATA)
    logit = w.clarity[kind] + w.mechanism[SHARED_LOGIT] * shared
    if tier <= DISTRICT:
        logit += w.mechanism[CENTRE_LOGIT] * shared
    logit += map_logit(w, inc)
    distance = abs(tier - inc[I_TIER])
    logit -= w.mechanism[DISTANCE_LOGIT] * w.locality[kind] * distance
    logit += learnt
    return 1.0 / (1.0 + math.exp(-logit))


@jit
def units_at(w, tier):
    """How many units (departments or boards) could be named at a tier."""
    if tier == GRID:
        return 1
    if tier == TOWNSHIP:  # its boards stand before its pool
        return w.group_offset[TOWNSHIP, POOL] - w.group_offset[TOWNSHIP, BOARD]
    return w.duty.shape[0]


@jit
def right_unit(w, inc, tier):
    """Unit that an incident belongs to at a tier: its board at a township, else its lead."""
    if tier == GRID:
        return 0
    return w.board141[inc[I_KIND]] if tier == TOWNSHIP else w.lead[inc[I_KIND]]


@jit
def judge(w, inc, task, tier, learnt=0.0):
    """Name tier and unit of the disposer.

    tier : of the desk that judges; NONE where the stage table has no judgement, which then
    stands for a rule book that is always right. After the permitted number of returns the
    parent designates, and names the right desk. learnt : as of `accuracy`.
    """
    limit = lever(w, inc, RETURN_LIMIT)
    if tier == NONE or inc[I_RETURNS] >= limit > 0.0:
        name_desk(w, inc, task, 1.0)
    else:
        name_desk(w, inc, task, accuracy(w, inc, tier, learnt))


@jit
def name_desk(w, inc, task, chance):
    """Name tier and unit of the disposer, the right ones with this probability."""
    true_tier = inc[I_TIER]
    task[T_TIER], task[T_UNIT], task[T_RIGHT] = true_tier, right_unit(w, inc, true_tier), 1
    attempt, report = task[T_COUNT + JUDGE], task[T_REPORT]
    if chance >= 1.0 or happens(w, inc, JUDGED_RIGHT, chance, attempt, report):
        return
    if report == 0:
        inc[I_WRONG] += 1
    task[T_RIGHT] = 0
    n_units = units_at(w, true_tier)
    entity, key = inc[I_ENTITY], key_of(inc)
    if n_units == 1 or happens(w, inc, JUDGED_TIER, w.mechanism[WRONG_TIER], attempt, report):
        up = uniform(w.seed, entity, key, JUDGED_HOW, attempt, report) < 0.5  # either way alike
        step = -1 if (up or true_tier == GRID) and true_tier != CITY else 1
        task[T_TIER] = true_tier + step
        task[T_UNIT] = right_unit(w, inc, true_tier + step)
    else:
        u = uniform(w.seed, entity, key, JUDGED_HOW, attempt, report)
        task[T_UNIT] = (task[T_UNIT] + 1 + int(u * (n_units - 1))) % n_units

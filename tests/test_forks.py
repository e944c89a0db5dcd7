"""A run that forks is, in each future, the run of that future from the beginning."""

import numpy as np
import pytest

from sim.compiled import clock
from sim.outcome import Chunk, Outcome
from sim.rows import I_OCCURRED
from sim.units import DAY, NEVER
from tests.both import first_difference, of_compiled, of_simpy
from tests.worlds import Case, random_world

N_WORLDS = 60


def with_date(world, tick):
    """The world with a date of a rollout at a tick, from which on what was in force stays so."""
    past = int((world.later_from <= tick).sum())
    if past and world.later_from[past - 1] == tick:
        return world
    names = {"later_regime": "desk_regime", "later_opening": "desk_opening", "later_seats": "seats"}
    tables = {}
    for later, first in names.items():
        table = getattr(world, later)
        now = table[past - 1] if past else getattr(world, first)
        tables[later] = np.insert(table, past, now, axis=0)
    return world._replace(later_from=np.insert(world.later_from, past, tick), **tables)


def another_future(rng, world, tick, end):
    """The world with other policies in force, hours and seats from a tick on."""
    goes = world.switch >= tick
    when = rng.choice([tick, rng.integers(tick, end), NEVER], size=goes.size)
    later = rng.integers(len(world.lever), size=goes.size)
    tables = {}
    for name in ("later_regime", "later_opening", "later_seats"):
        table = getattr(world, name).copy()
        anew = world.later_from >= tick
        table[anew] = rng.permuted(table[anew], axis=1)
        tables[name] = table
    return world._replace(
        switch=np.where(goes, when, world.switch),
        later=np.where(goes, later, world.later).astype(world.later.dtype),
        **tables,
    )


def drawn(number):
    """Two cases that are alike before a tick, at which their second chunk begins."""
    case, rng = random_world(number), np.random.default_rng(number)
    tick = int(rng.integers(1, min(case.end, 3 * DAY)))
    before = with_date(case.world, tick)
    after = another_future(rng, before, tick, case.end)
    rows = np.concatenate([part for _, part in case.chunks])
    split = np.searchsorted(rows[:, I_OCCURRED], tick)
    chunks = [(tick, rows[:split]), (case.end, rows[split:])]
    return [Case(world, chunks, case.end, case.window) for world in (before, after)]


def forked(before: Case, after: Case) -> tuple[list[Chunk | Outcome], list[Chunk | Outcome]]:
    """Both cases' results, their past having been run once, as the first's."""
    (tick, first), _ = before.chunks
    course = clock.Course(before.world, before.end, before.window, keep_visits=True)
    past = course.advance(first, tick)
    other = course.fork(after.world)
    return [past, *to_the_end(course, before)], [past, *to_the_end(other, after)]


def to_the_end(course, case):
    _, (end, rest) = case.chunks
    nobody = rest[:0]
    parts = [course.advance(rest, end), course.advance(nobody, end)]
    return [*parts, *course.left(), course.outcome()]


@pytest.mark.parametrize(("of_full", "n"), [(of_compiled, N_WORLDS), (of_simpy, N_WORLDS // 4)])
def test_a_fork_is_what_running_each_future_in_full_is(of_full, n):
    """Fewer by the readable clock: that both are alike is what test_clocks_agree.py is about."""
    unlike = 0
    for number in range(n):
        cases = drawn(number)
        full = [of_full(case) for case in cases]
        if not all(isinstance(result[-1], Outcome) for result in full):
            continue  # a tick without end
        for result, expected in zip(forked(*cases), full, strict=True):
            assert first_difference(result, expected) is None, number
        unlike += first_difference(*full) is not None
    assert unlike > n / 2


def test_a_fork_without_the_date_would_be_found():
    """Where a desk sleeps through the fork, as no date of the plan wakes it, a future shows it."""
    found = 0
    for number in range(N_WORLDS):
        before, after = drawn(number)
        blind = before._replace(world=random_world(number).world)
        full = of_compiled(after)
        if isinstance(full[-1], Outcome):
            found += first_difference(forked(blind, after)[1], full) is not None
    assert found


def test_going_on_in_a_world_without_the_date_is_running_it_in_full():
    """Whoever sleeps through the tick is woken, and lent seats are back."""
    for number in range(N_WORLDS):
        _, after = drawn(number)
        full = of_compiled(after)
        if not isinstance(full[-1], Outcome):
            continue
        (tick, first), _ = after.chunks
        course = clock.Course(random_world(number).world, after.end, after.window, keep_visits=True)
        past = course.advance(first, tick)
        course.go_on(after.world, tick)
        *parts, outcome = to_the_end(course, after)
        outcome = outcome._replace(settled=full[-1].settled)  # some are woken in vain
        assert first_difference([past, *parts, outcome], full) is None, number

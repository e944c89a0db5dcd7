"""The process as it is replayed."""

import numpy as np
import pytest

from analysis.fitting.opening import OpenTime
from analysis.fitting.process import OPEN, arrived_anew, process, replayed
from sim.units import DAY, HOUR

ALWAYS = OpenTime(np.ones((7, 24), bool), 0, 0, 400)


def loops(rng, n, back=0.3):
    """Cases 0, 1, then 1 again with probability `back` each time, then 2; gaps of exactly 1 h."""
    case, activity, tick = [], [], []
    for c in range(n):
        path = [0, 1]
        while rng.random() < back:
            path.append(1)
        path.append(2)
        case += [c] * len(path)
        activity += path
        tick += [c * HOUR + k * HOUR for k in range(len(path))]
    return tuple(np.array(column) for column in (case, activity, tick))


def fitted(case, activity, tick, finished=None, near=30, end=400 * DAY):
    arrived = tick[np.flatnonzero(np.diff(case, prepend=-1))]
    finished = np.ones(len(arrived), bool) if finished is None else finished
    return process(case, activity, tick, arrived, finished, ALWAYS, 3, near, end)


def shares(steps):
    return np.bincount(steps.follows, minlength=4) / len(steps.follows)


def test_what_follows_and_after_how_long_is_recovered():
    found = fitted(*loops(np.random.default_rng(1), 2000))
    assert shares(found.after[3])[0] == 1
    assert shares(found.after[1])[1] == pytest.approx(0.3, abs=0.03)
    assert shares(found.after[2])[3] == 1
    assert set(found.after[0].gap) == {HOUR}
    assert (np.diff(found.after[1].age) >= 0).all()
    assert found.after[1].age[[0, -1]].tolist() == [HOUR, (found.most - 2) * HOUR]


def test_what_follows_an_open_case_is_not_taken_for_its_end():
    case, activity = np.array([0, 0, 1]), np.array([0, 1, 0])
    found = fitted(case, activity, np.array([0, 1, 2]), np.array([True, False]), end=9)
    pairs = zip(found.after[0].follows.tolist(), found.after[0].gap.tolist(), strict=True)
    assert sorted(pairs) == [(OPEN, 7), (1, 1)]  # nothing had followed by the end of the log
    assert found.after[1].follows.tolist() == [3]


def cut(rng, n, days):
    """Half of the cases go from 0 to 1 within 2 days, half to 2 within 20; so they end. They come
    all the time, and the log breaks off after so many days: (case, activity, tick, finished)."""
    arrived = np.sort(rng.integers(0, days * DAY, n))
    slow = rng.random(n) < 0.5
    ends = arrived + np.where(slow, rng.uniform(0, 20, n), rng.uniform(0, 2, n)) * DAY
    done = ends < days * DAY
    case = np.concatenate([np.arange(n), np.flatnonzero(done)])
    activity = np.concatenate([np.zeros(n, int), np.where(slow, 2, 1)[done]])
    tick = np.concatenate([arrived, ends[done]]).astype(np.int64)
    order = np.lexsort((tick, case))
    return case[order], activity[order], tick[order], done


@pytest.mark.parametrize("days", [40, 30])
def test_a_log_that_breaks_off_midway_does_not_make_cases_quicker(days):
    """Of the cases seen to their end too many are quick, 57 % after 40 days and 59 % after 30, and
    the slow ones took 8.9 and 8.3 days. What is replayed has half of each, and 10 days."""
    rng = np.random.default_rng(9)
    case, activity, tick, done = cut(rng, 8000, days)
    quick = np.bincount(activity, minlength=3)[1] / done.sum()
    assert quick > 0.5 + 0.04
    found = fitted(case, activity, tick, done, end=days * DAY)
    n = 8000
    again, did, when, ended = replayed(found, np.zeros(n, np.int64), ALWAYS, rng)
    last = np.append(np.diff(again) != 0, True)
    assert ended.mean() > 0.99
    assert np.mean(did[last] == 1) == pytest.approx(0.5, abs=0.04)
    assert np.mean(when[last & (did == 2)]) / DAY == pytest.approx(10, abs=0.5)


def test_cases_that_nobody_has_seen_end_stay_open():
    case, activity = np.array([0, 0, 1, 2]), np.array([0, 1, 0, 0])
    found = fitted(case, activity, np.array([0, 1, 0, 0]), np.array([True, False, False]), end=9)
    n = 3000
    again, _, _, ended = replayed(found, np.zeros(n, np.int64), ALWAYS, np.random.default_rng(1))
    assert ended.mean() == pytest.approx(1 / 3, abs=0.04)
    assert (np.bincount(again) == np.where(ended, 2, 1)).all()


def test_a_case_that_ends_at_a_set_age_does_so_in_the_replay():
    """Work takes up to 20 days, and every case is closed 30 days after it came: a chain that does
    not know the age of a case would put the two together, from 10 days to 50."""
    rng = np.random.default_rng(8)
    n = 3000
    arrived = np.sort(rng.integers(0, 100 * DAY, n))
    done = arrived + rng.integers(0, 20 * DAY, n)
    case, activity = np.repeat(np.arange(n), 3), np.tile([0, 1, 2], n)
    tick = np.stack([arrived, done, arrived + 30 * DAY], axis=1).ravel()
    again, _, when, ended = replayed(fitted(case, activity, tick), arrived, ALWAYS, rng)
    whole = np.maximum.reduceat(when, np.flatnonzero(np.diff(again, prepend=-1))) - arrived
    assert (np.abs(whole / DAY - 30) < 1.5).all()
    assert ended.all()
    work = (when[1::3] - arrived) / DAY
    assert np.mean(work) == pytest.approx(10, abs=0.5)


def test_a_replay_is_like_the_log():
    rng = np.random.default_rng(2)
    case, activity, tick = loops(rng, 2000)
    arrived = np.sort(rng.integers(0, 100 * DAY, 2000))
    again, did, when, _ = replayed(fitted(case, activity, tick), arrived, ALWAYS, rng)
    lengths, known = np.bincount(again), np.bincount(case)
    assert lengths.mean() == pytest.approx(known.mean(), abs=0.1)
    assert (np.diff(when)[np.diff(again) == 0] == HOUR).all()
    first = np.flatnonzero(np.diff(again, prepend=-1))
    assert np.array_equal(when[first], arrived)
    assert (did[first] == 0).all()


def test_time_stands_still_while_nothing_is_open():
    office = np.zeros((7, 24), bool)
    office[:, 9:17] = True
    clock = OpenTime(office, 0, 0, 400)
    rng = np.random.default_rng(3)
    _, _, when, _ = replayed(fitted(*loops(rng, 200)), np.full(500, 16 * HOUR), clock, rng)
    hours = when % DAY / HOUR
    assert ((hours >= 9) & (hours <= 17)).all()


def test_a_way_without_end_is_cut_off():
    found = fitted(*loops(np.random.default_rng(4), 50))
    again = found.after[1]
    after = [found.after[0], again._replace(follows=np.ones_like(again.follows)), *found.after[2:]]
    rng = np.random.default_rng(5)
    case, _, _, ended = replayed(found._replace(after=after), np.zeros(3, np.int64), ALWAYS, rng)
    assert np.bincount(case).tolist() == [2 * found.most] * 3
    assert not ended.any()


def test_arrivals_come_at_their_rates():
    rng = np.random.default_rng(6)
    hour = np.zeros(24)
    hour[[8, 9]] = 0.25, 0.75
    ticks = arrived_anew(np.full(200, 30.0), hour, 0.3, 5, rng)
    days = np.bincount(ticks // DAY, minlength=205)
    assert days[:5].sum() == 0
    assert days[5:].mean() == pytest.approx(30, rel=0.1)
    assert days[5:].std() / days[5:].mean() == pytest.approx(np.sqrt(0.3**2 + 1 / 30), rel=0.2)
    assert (ticks % DAY // HOUR == 9).mean() == pytest.approx(0.75, abs=0.03)

"""Shapley values of games whose shares are known, and of sampled orders."""

import math
from itertools import permutations

import numpy as np
import pytest

from analysis.intervals import mean_interval
from analysis.shapley import coalitions, exact, joined, orders, sampled
from sim.errors import InputError

ADDED = {"a": 1.0, "b": -2.0, "c": 5.0}


def glove(members):
    """One left glove and two right ones; a pair is worth 1."""
    return [float("left" in members and len(members) > 1)]


def additive(members):
    return [sum(ADDED[player] for player in members), 2 * sum(ADDED[m] for m in members)]


def airport(costs):
    return lambda members: [max((costs[player] for player in members), default=0.0)]


def random_game(players, replications=5, seed=1):
    """A value for each coalition, with no order in it at all."""
    random = np.random.default_rng(seed)
    values = {members: random.normal(100, 30, replications) for members in coalitions(players)}
    return values.__getitem__


def test_the_left_glove_gets_two_thirds():
    found = exact(["left", "right", "other right"], glove)
    np.testing.assert_allclose(found.means, [2 / 3, 1 / 6, 1 / 6])


def test_in_an_additive_game_everyone_gets_what_they_add():
    found = exact(list(ADDED), additive)
    np.testing.assert_allclose(found.shares, np.outer(list(ADDED.values()), [1, 2]), atol=1e-12)


def test_runways_are_shared_by_those_who_need_each_stretch():
    """The airport game (Littlechild and Owen 1973): each stretch is paid by all who use it."""
    costs = {"small": 12.0, "middle": 20.0, "large": 32.0}
    found = exact(list(costs), airport(costs))
    np.testing.assert_allclose(found.means, [12 / 3, 12 / 3 + 8 / 2, 12 / 3 + 8 / 2 + 12])


@pytest.mark.parametrize("n", range(1, 7))
def test_exact_shares_are_the_mean_over_all_orders_and_sum_to_the_whole(n):
    players = list("abcdef"[:n])
    value = random_game(players)
    found = exact(players, value)
    all_orders = list(permutations(players))
    expected = np.zeros((n, 5))
    for order in all_orders:
        for i, player in enumerate(order):
            gain = value(frozenset(order[: i + 1])) - value(frozenset(order[:i]))
            expected[players.index(player)] += gain / len(all_orders)
    np.testing.assert_allclose(found.shares, expected, atol=1e-9)
    assert np.abs(found.shares.sum(axis=0) - found.whole).max() < 1e-9
    np.testing.assert_array_equal(found.whole, value(frozenset(players)) - value(frozenset()))


def test_intervals_of_exact_shares_are_those_of_students_t():
    found = exact(["a", "b", "c"], random_game("abc"))
    for i in range(3):
        expected = mean_interval(found.shares[i].tolist())
        assert (found.means[i], found.low[i], found.high[i]) == pytest.approx(expected)
    assert np.isnan(exact(["left", "right"], glove).low).all()


def test_each_coalition_is_asked_for_once():
    asked = []

    def value(members):
        asked.append(members)
        return [float(len(members))]

    exact("abcd", value)
    assert sorted(map(sorted, asked)) == sorted(map(sorted, coalitions("abcd")))
    assert len(asked) == 16
    asked.clear()
    drawn = orders("abcdefgh", 5, seed=1)
    sampled("abcdefgh", drawn, value)
    assert len(asked) == len(set(asked)) == len(joined(drawn))
    assert set(asked) == set(joined(drawn))


def test_orders_come_in_pairs_forth_and_back_and_depend_on_the_seed_only():
    drawn = orders("abcdefg", 10, seed=3)
    assert len(drawn) == 20
    for forth, back in zip(drawn[0::2], drawn[1::2]):
        assert forth == back[::-1]
        assert sorted(forth) == list("abcdefg")
    assert drawn == orders("abcdefg", 10, seed=3) != orders("abcdefg", 10, seed=4)


@pytest.mark.parametrize("pairs", [2, 7, 50])
def test_sampled_shares_sum_to_the_whole_whatever_the_orders(pairs):
    players = "abcdefgh"
    found = sampled(players, orders(players, pairs, seed=pairs), random_game(players))
    assert np.abs(found.shares.sum(axis=0) - found.whole).max() < 1e-9


def test_all_orders_give_the_exact_shares():
    value = random_game("abcd")
    everyone = [
        order
        for forth in permutations("abcd")
        if forth < forth[::-1]
        for order in (forth, forth[::-1])
    ]
    found = sampled("abcd", everyone, value)
    np.testing.assert_allclose(found.shares, exact("abcd", value).shares, atol=1e-9)


def test_antithetic_orders_are_exact_where_levers_act_in_pairs():
    """v(S) = sum of own effects and of effects of pairs: any order and its reverse do."""
    random = np.random.default_rng(7)
    own, pair = random.normal(size=8), random.normal(size=(8, 8))

    def value(members):
        index = [ord(member) - ord("a") for member in members]
        return [own[index].sum() + np.triu(pair, 1)[np.ix_(sorted(index), sorted(index))].sum()]

    found = sampled("abcdefgh", orders("abcdefgh", 2, seed=1), value)
    both = np.triu(pair, 1) + np.triu(pair, 1).T
    np.testing.assert_allclose(found.means, own + both.sum(axis=1) / 2)


def test_intervals_of_sampled_shares_hold_the_true_ones():
    """The true shares are those of the game's mean. P(fewer than 561 of 600 | 95 %) = 0.05 for
    independent ones; those of a game depend, and the intervals err on the wide side."""
    players = "abcdef"
    mean = random_game(players, replications=1, seed=5)
    truth = exact(players, mean).means
    random, held = np.random.default_rng(6), 0
    for seed in range(100):
        noise = random.normal(0, 20, (64, 8))
        values = {m: mean(m) + noise[i] for i, m in enumerate(coalitions(players))}
        found = sampled(players, orders(players, 10, seed), values.__getitem__)
        held += ((found.low <= truth) & (truth <= found.high)).sum()
    assert 561 <= held < 600


def test_one_replication_has_no_interval():
    found = sampled("ab", orders("ab", 3, seed=1), lambda members: [len(members) ** 2.0])
    np.testing.assert_allclose(found.means, [2, 2])
    assert np.isnan(found.low).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: exact("abcdefg", additive),
        lambda: exact("aa", additive),
        lambda: exact("", additive),
        lambda: orders("ab", 1, seed=1),
        lambda: exact("ab", lambda members: [1.0] * (1 + len(members))),
        lambda: exact("ab", lambda members: []),
        lambda: exact("ab", lambda members: [math.nan if members else 1.0]),
    ],
)
def test_games_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InputError):
        wrong()

"""A gain split among those that bring it about together: Shapley values, exact or sampled.

A game gives every coalition of players (lever groups that are switched on) a value over the
replications, on common random numbers. A player's share is its marginal contribution v(S + i) -
v(S), on the mean over all orders in which the players can join (Shapley 1953, A value for n-person
games). In each order the contributions sum to v(all) - v(none), so the shares do too, replication
by replication.

A value that is costly is asked for once a coalition: run what `coalitions` or `joined` list, in
any order, and hand over a look-up.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from analysis.intervals import band
from sim.errors import InputError

Coalition = frozenset[str]
Value = Callable[[Coalition], Sequence[float]]
"""A coalition's values, one a replication, in the same order for all coalitions."""

MOST_EXACT = 6
"""Players up to whom all 2^n coalitions are asked for."""


@dataclass(frozen=True)
class Attribution:
    """Shares of the whole.

    shares : float[n_players, n_replications]; they sum to `whole`, float[n_replications].
    low, high : ends of the interval of each player's mean share, float[n_players]; NaN for one
    replication.
    """

    players: tuple[str, ...]
    shares: np.ndarray
    whole: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def means(self) -> np.ndarray:
        return self.shares.mean(axis=1)


def coalitions(players: Sequence[str]) -> list[Coalition]:
    """All 2^n coalitions, smaller ones first."""
    return [
        frozenset(members)
        for size in range(len(players) + 1)
        for members in combinations(players, size)
    ]


def exact(players: Sequence[str], value: Value, level: float = 0.95) -> Attribution:
    """Shapley values from all coalitions, with Student's t intervals over replications.

    The weight of a coalition S of a game of n is |S|! (n - |S| - 1)! / n!.
    Raises InputError for more than six players, or any twice.
    """
    players = _distinct(players)
    n = len(players)
    if n > MOST_EXACT:
        raise InputError(f"{n} players; allowed: up to {MOST_EXACT}, or sampled orders")
    values = _values(coalitions(players), value)
    weights = [
        math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n) for size in range(n)
    ]
    shares = np.array(
        [
            sum(
                weights[len(members)] * (values[members | {player}] - values[members])
                for members in values
                if player not in members
            )
            for player in players
        ]
    )
    _, low, high = band(shares.T, level)
    return Attribution(players, shares, _whole(players, values), low, high)


def orders(players: Sequence[str], pairs: int, seed: int) -> list[tuple[str, ...]]:
    """Random orders of joining, each followed by its reverse (antithetic: Mitchell and others
    2022, Journal of Machine Learning Research 23, section 4), 2 * pairs in all."""
    players = _distinct(players)
    if pairs < 2:
        raise InputError(f"{pairs} pairs of orders; allowed: 2 or more")
    random = np.random.default_rng(seed)
    drawn = [tuple(players[i] for i in random.permutation(len(players))) for _ in range(pairs)]
    return [order for forth in drawn for order in (forth, forth[::-1])]


def joined(some_orders: Iterable[Sequence[str]]) -> list[Coalition]:
    """The distinct coalitions that come about as players join in these orders."""
    found = {frozenset(order[:i]): None for order in some_orders for i in range(len(order) + 1)}
    return list(found)


def sampled(
    players: Sequence[str],
    some_orders: Sequence[Sequence[str]],
    value: Value,
    level: float = 0.95,
) -> Attribution:
    """Shapley values from sampled pairs of orders (Castro, Gómez and Tejada 2009, Computers and
    Operations Research 36), as `orders` gives them.

    The interval covers both the choice of orders and the replications: contributions y[pair,
    replication] are crossed, so the variance of their mean is at most var(means of pairs) / pairs +
    var(means of replications) / replications, with the degrees of freedom of Satterthwaite (1946).
    It takes the orders as drawn from endlessly many, so it errs on the wide side.
    """
    players = _distinct(players)
    values = _values(joined(some_orders), value)
    gained = np.array([_contributions(order, players, values) for order in some_orders])
    pairs = (gained[0::2] + gained[1::2]) / 2  # [pair, player, replication]
    shares = pairs.mean(axis=0)
    margin = _crossed_margin(pairs, level)
    means = shares.mean(axis=1)
    return Attribution(players, shares, _whole(players, values), means - margin, means + margin)


def _contributions(order: Sequence[str], players: tuple[str, ...], values: dict) -> np.ndarray:
    """What each player adds as it joins, float[n_players, n_replications]."""
    path = np.array([values[frozenset(order[:i])] for i in range(len(order) + 1)])
    return np.diff(path, axis=0)[[order.index(player) for player in players]]


def _crossed_margin(pairs: np.ndarray, level: float) -> np.ndarray:
    """Half-width of the interval of the mean over pairs and replications, float[n_players]."""
    from scipy.special import stdtrit

    n_pairs, n_players, n_replications = pairs.shape
    if n_replications < 2:
        return np.full(n_players, np.nan)
    of_pairs = pairs.mean(axis=2).var(axis=0, ddof=1) / n_pairs
    of_replications = pairs.mean(axis=0).var(axis=1, ddof=1) / n_replications
    both = of_pairs + of_replications
    spread = of_pairs**2 / (n_pairs - 1) + of_replications**2 / (n_replications - 1)
    freedom = np.where(spread > 0, both**2 / np.where(spread > 0, spread, 1), 1.0)
    return stdtrit(freedom, (1 + level) / 2) * np.sqrt(both)


def _values(members: Iterable[Coalition], value: Value) -> dict[Coalition, np.ndarray]:
    """Every coalition's values, each asked for once."""
    values = {coalition: np.asarray(value(coalition), float) for coalition in members}
    shapes = {array.shape for array in values.values()}
    if len(shapes) > 1 or any(len(shape) != 1 or not shape[0] for shape in shapes):
        raise InputError(f"coalitions with values of shapes {shapes}; allowed: all the same, [n]")
    if not all(np.isfinite(array).all() for array in values.values()):
        raise InputError("a coalition lacks a value in a replication, so the gain has no shares")
    return values


def _whole(players: tuple[str, ...], values: dict[Coalition, np.ndarray]) -> np.ndarray:
    return values[frozenset(players)] - values[frozenset()]


def _distinct(players: Sequence[str]) -> tuple[str, ...]:
    if not players or len(set(players)) < len(players):
        raise InputError(f"players {list(players)}; allowed: one or more, all different")
    return tuple(players)

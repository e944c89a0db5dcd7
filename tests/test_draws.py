"""Random numbers: the published cipher, the layout of its counter, and the distributions."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import special, stats

from sim import draws
from sim.codes import N_STAGES
from sim.draws import index_of, normal_score, philox, poisson, uniform

SEED = np.uint64(20241014)
SMALLEST, LARGEST = 2.0**-53, 1.0 - 2.0**-53  # of 52 bits and a half

# --- Philox: the same in exact integers of Python, forwards and backwards -----------------------

M0, M1, W0, W1, MASK = 0xD2511F53, 0xCD9E8D57, 0x9E3779B9, 0xBB67AE85, 0xFFFFFFFF


def round_keys(seed):
    low, high = seed & MASK, seed >> 32
    return [((low + i * W0) & MASK, (high + i * W1) & MASK) for i in range(10)]


def forwards(counter, seed):
    c0, c1, c2, c3 = counter
    for k0, k1 in round_keys(seed):
        p0, p1 = M0 * c0, M1 * c2
        c0, c1, c2, c3 = p1 >> 32 ^ c1 ^ k0, p1 & MASK, p0 >> 32 ^ c3 ^ k1, p0 & MASK
    return c0, c1, c2, c3


def backwards(words, seed):
    """The counter from which Philox makes these words: each round can be undone."""
    w0, w1, w2, w3 = words
    for k0, k1 in reversed(round_keys(seed)):
        c0, c2 = w3 * pow(M0, -1, 2**32) & MASK, w1 * pow(M1, -1, 2**32) & MASK
        w0, w1, w2, w3 = c0, M1 * c2 >> 32 ^ w0 ^ k0, c2, M0 * c0 >> 32 ^ w2 ^ k1
    return w0, w1, w2, w3


# Random123, tests/kat_vectors, "philox4x32 10": counter, key, words.
KNOWN_ANSWERS = [
    (
        "00000000 00000000 00000000 00000000",
        "00000000 00000000",
        "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    ),
    (
        "ffffffff ffffffff ffffffff ffffffff",
        "ffffffff ffffffff",
        "408f276d 41c83b0e a20bc7c6 6d5451fd",
    ),
    (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(counter, key, words):
    counter, key, words = (
        [int(word, 16) for word in text.split()] for text in (counter, key, words)
    )
    assert list(philox(*map(np.uint64, counter + key))) == words
    seed = key[1] << 32 | key[0]
    assert list(forwards(counter, seed)) == words
    assert list(backwards(words, seed)) == counter


# --- the names of a draw -----------------------------------------------------------------------

BITS = {"key": 62, "purpose": 8, "entity": 4, "branch": 16, "attempt": 16, "report": 16}


def named(seed=SEED, *, key=0, purpose=0, entity=0, branch=0, attempt=0, report=0):
    return uniform(np.uint64(seed), entity, key, purpose, attempt, report, branch)


fields = st.fixed_dictionaries({name: st.integers(0, 2**n - 1) for name, n in BITS.items()})


@given(seed=st.integers(0, 2**64 - 1), names=fields)
@example(seed=2**64 - 1, names={name: 2**n - 1 for name, n in BITS.items()})
def test_names_fill_the_counter_as_the_layout_says(seed, names):
    counter = (
        names["key"] & MASK,
        names["key"] >> 32,
        names["purpose"] << 24 | names["entity"] << 20 | names["branch"],
        names["attempt"] << 16 | names["report"],
    )
    w0, w1, _, _ = forwards(counter, seed)
    assert named(seed, **names) == ((w0 << 20 | w1 >> 12) + 0.5) / 2**52


def test_every_bit_of_every_name_counts():
    """The counter is a sum of the names' bits, so if no two bits share a place, no two names do.

    By chance two of 187 uniforms agree once in 10^11 times.
    """
    of_names = [{name: 1 << bit} for name, width in BITS.items() for bit in range(width)]
    draws_ = [named(**name) for name in [{}, *of_names]]
    draws_ += [named(int(SEED) ^ 1 << bit) for bit in range(64)]
    assert len(set(draws_)) == len(draws_) == 1 + sum(BITS.values()) + 64


def test_nothing_leaks_from_one_name_into_another():
    ends = [{0, 1, 1 << n - 1, (1 << n) - 1} for n in BITS.values()]
    ends[0] |= {MASK, MASK + 1}
    points = list(itertools.product(*ends))
    assert len({named(**dict(zip(BITS, point, strict=True))) for point in points}) == len(points)


def test_draws_have_no_state():
    names = [{"key": k, "purpose": p} for k in range(30) for p in (10, 11, 60)]
    expected = [named(**name) for name in names]
    order = random.Random(1).sample(range(len(names)), len(names))
    assert [named(**names[i]) for i in order] == [expected[i] for i in order]


def test_purposes_differ_and_fit_into_their_bits():
    codes = [
        value
        for name, value in vars(draws).items()
        if type(value) is int and name.isupper() and not name.startswith(("OF_", "_"))
    ]
    assert len(codes) == len(set(codes)) == 61
    assert not set(codes) & set(range(draws.WORK + 1, draws.WORK + N_STAGES))
    assert max(codes) < 256


PINNED = [  # seed, entity, key, purpose, attempt, report, branch; the uniform
    ((0, 0, 0, 0, 0, 0, 0), 0.3990464708489646),
    ((1, 0, 0, 0, 0, 0, 0), 0.8902591729757107),
    ((1, 1, 12345, 10, 0, 0, 0), 0.5192011083341498),
    ((20241014, 1, 1 << 60 | 987654321, 65, 1, 2, 3), 0.16683138335499825),
    ((2**64 - 1, 15, 2**62 - 1, 255, 65535, 65535, 65535), 0.2698688053113537),
]


@pytest.mark.parametrize(("names", "expected"), PINNED)
def test_the_random_world_stays_what_it_is(names, expected):
    seed, *rest = names
    assert uniform(np.uint64(seed), *rest) == expected


# --- uniform -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("word", "expected"), [(0, SMALLEST), (MASK, LARGEST)])
def test_the_interval_is_open_at_both_ends(word, expected):
    """Where the cipher gives nothing but zeros, or ones, the uniform is just inside."""
    for free in range(1000):
        c0, c1, c2, c3 = backwards((word, word, free, 0), int(SEED))
        if c1 >> 31 == 0 and c2 >> 16 & 15 == 0:  # a positive key, and the unused bits
            break
    u = uniform(SEED, c2 >> 20 & 15, c1 << 32 | c0, c2 >> 24, c3 >> 16, c3 & 0xFFFF, c2 & 0xFFFF)
    assert u == expected
    assert 0.0 < u < 1.0


def chi_square_p(counts):
    return stats.chisquare(counts).pvalue


@pytest.fixture(scope="module")
def sample():
    """52 bits each of two purposes of 100,000 incidents that follow one another, i8[2, n].

    The seed is fixed, so each test below always gives the same answer. Even a perfect
    generator would fail each of them under 1 seed in 1,000.
    """
    keys = range((1 << 60) + 5, (1 << 60) + 100_005)
    us = [[named(entity=1, key=key, purpose=p) for key in keys] for p in (11, 12)]
    return (np.array(us) * 2**52).astype(np.int64)


@pytest.mark.parametrize("shift", [44, 22, 0], ids=["high bits", "middle bits", "low bits"])
def test_uniforms_are_spread_evenly(sample, shift):
    for bits in sample:
        assert chi_square_p(np.bincount(bits >> shift & 255, minlength=256)) > 0.001


def test_purposes_and_neighbours_are_independent(sample):
    high = sample >> 48
    for a, b in ((high[0], high[1]), (high[0, 1:], high[0, :-1])):
        assert chi_square_p(np.bincount(a << 4 | b, minlength=256)) > 0.001


# --- distributions -----------------------------------------------------------------------------

MEANS = (0.001, 0.01, 0.1, 0.5, 1, 2, 3.3, 5, 10, 30, 99.9, 100, 101, 300, 745, 1000, 3000, 5000)
# Beyond these u, sums of doubles can no longer tell neighbouring counts apart.
tame = st.floats(1e-9, 1 - 1e-9)
means = st.floats(0.001, 5000)


@pytest.mark.parametrize("mean", MEANS)
def test_poisson_counts_are_the_quantiles(mean):
    us = np.concatenate([np.random.default_rng(1).random(2000), [1e-9, 1e-6, 1 - 1e-6, 1 - 1e-9]])
    assert [poisson(u, mean) for u in us] == stats.poisson.ppf(us, mean).tolist()


@pytest.mark.parametrize("mean", [0.0, -1.0])
def test_poisson_without_a_mean_is_none(mean):
    assert poisson(LARGEST, mean) == 0


@given(u=st.tuples(*[st.floats(SMALLEST, LARGEST)] * 2), mean=means)
def test_poisson_rises_with_u(u, mean):
    assert poisson(min(u), mean) <= poisson(max(u), mean)


@given(u=tame, mean=means, more=st.floats(1e-6, 5))
def test_poisson_rises_with_the_mean(u, mean, more):
    assert poisson(u, mean) <= poisson(u, mean * (1 + more))


@pytest.mark.parametrize("mean", MEANS)
def test_poisson_ends_at_every_u(mean):
    low, high = poisson(SMALLEST, mean), poisson(LARGEST, mean)
    assert 0 <= low <= mean <= high <= mean + 40 * np.sqrt(mean) + 41


def test_normal_score_against_scipy():
    tails = np.logspace(-16, -0.31, 5000)
    u = np.concatenate([[SMALLEST, 0.5, LARGEST], tails, 1 - tails, np.linspace(0.01, 0.99, 5001)])
    scores = np.array([normal_score(x) for x in u])
    np.testing.assert_allclose(scores, special.ndtri(u), rtol=1e-14, atol=1e-15)


@given(st.tuples(*[st.floats(SMALLEST, LARGEST)] * 2))
def test_normal_score_rises(u):
    assert normal_score(min(u)) <= normal_score(max(u))


SHARES = [  # shares, u, index
    ([1.0], 0.5, 0),
    ([0.25, 0.75], 0.0, 0),
    ([0.25, 0.75], np.nextafter(0.25, 0), 0),
    ([0.25, 0.75], 0.25, 1),
    ([0.0, 0.5, 0.0, 0.5, 0.0], SMALLEST, 1),
    ([0.0, 0.5, 0.0, 0.5, 0.0], 0.5, 3),
    ([0.0, 0.5, 0.0, 0.5, 0.0], LARGEST, 3),
    ([0.5, 0.5 - 1e-12, 0.0], LARGEST, 1),  # shares whose sum falls short by rounding
]


@pytest.mark.parametrize(("shares", "u", "index"), SHARES)
def test_index_of_shares(shares, u, index):
    assert index_of(u, np.array(shares)) == index


@given(
    st.lists(st.one_of(st.just(0.0), st.floats(0.01, 1)), min_size=1, max_size=9).filter(any),
    st.floats(SMALLEST, LARGEST),
)
def test_index_of_inverts_the_cumulated_shares(weights, u):
    shares = np.array(weights) / np.sum(weights)
    index = index_of(u, shares)
    assert shares[index] > 0
    before, upto = shares[:index].sum(), shares[: index + 1].sum()
    assert before - 1e-12 <= u <= upto + 1e-12

"""Trivial events of the stream: beside what occurs, in proportion to what patrol would find.

Statistical tests run on fixed seeds; a right program fails each at one seed in 10,000.
"""

import numpy as np
import pytest
from scipy import stats

from scenarios.rates import only_district, ranked, scaled
from sim import codes, rows
from sim.draws import OF_INCIDENT, OF_TRIVIAL
from sim.stream import generate, unpack_key

SEED = np.uint64(11)
DAYS, ERROR = 10, 1e-4


def drawn(siloed, rates, chunk=1):
    return np.concatenate([r for _, r in generate(SEED, rates, siloed.calendar, DAYS, chunk)])


@pytest.fixture(scope="module")
def rates(siloed):
    return ranked(siloed.city_rates, 0.5, 4.0)


@pytest.fixture(scope="module")
def table(siloed, rates):
    return drawn(siloed, rates)


def trivial(table):
    return table[table[:, rows.I_ENTITY] == OF_TRIVIAL]


def test_what_occurs_is_the_same_with_and_without_them(siloed, table):
    rest = table[table[:, rows.I_ENTITY] != OF_TRIVIAL]
    np.testing.assert_array_equal(rest, drawn(siloed, siloed.city_rates))
    assert len(trivial(table)) > 1000


def test_none_is_drawn_where_none_would_be_kept(siloed):
    assert not len(trivial(drawn(siloed, ranked(siloed.city_rates, 0.0, 4.0))))


def test_the_ranking_decides_which_are_kept_and_not_which_are_drawn(siloed, table):
    strong = drawn(siloed, ranked(siloed.city_rates, 1.0, 4.0))
    np.testing.assert_array_equal(strong, table)


def test_their_number_follows_what_patrol_finds_on_an_average_day(rates, table):
    expected = DAYS * 4.0 * (rates.daily.sum(axis=0) * rates.base[:, codes.PATROL])
    counts = np.bincount(trivial(table)[:, rows.I_KIND], minlength=4)
    found = expected > 0
    assert not counts[~found].any()
    p = 2 * np.minimum(stats.poisson.cdf(counts, expected), stats.poisson.sf(counts - 1, expected))
    assert (p[found] > ERROR / 4).all()


def test_each_is_a_small_matter_of_one_grid_with_a_key_of_its_own(table):
    mine = trivial(table)
    assert np.unique(mine[:, rows.I_KEY]).size == len(mine)
    for row in mine[:50]:
        entity, _, district, kind, _ = unpack_key(int(row[rows.I_KEY]))
        assert (entity, district, kind) == tuple(row[[rows.I_ENTITY, rows.I_DISTRICT, rows.I_KIND]])
    expected = {
        rows.I_BASE: codes.PATROL, rows.I_SEVERITY: codes.GRADE_IV, rows.I_TIER: codes.GRID,
        rows.I_PARTNERS: 0, rows.I_DUPLICATES: 0, rows.I_GIVEN: codes.NONE,
    }  # fmt: skip
    for column, value in expected.items():
        assert (mine[:, column] == value).all()


def test_the_size_of_the_chunks_changes_nothing(siloed, rates, table):
    np.testing.assert_array_equal(drawn(siloed, rates, chunk=3), table)


def test_they_follow_the_volume_and_the_district(siloed, rates, table):
    double = trivial(drawn(siloed, scaled(rates, 2.0)))
    assert 1.8 < len(double) / len(trivial(table)) < 2.2
    kept = set(trivial(table)[:, rows.I_KEY].tolist())
    assert kept <= set(double[:, rows.I_KEY].tolist())
    one = trivial(drawn(siloed, only_district(rates, 1)))
    assert set(one[:, rows.I_DISTRICT]) == {1}
    assert (table[:, rows.I_ENTITY] == OF_INCIDENT).any()

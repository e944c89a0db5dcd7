"""Stated storms add incidents of their own to the stream, and leave the others as they are.

Statistical tests run on fixed seeds; a right program fails each at one seed in 10,000.
"""

import numpy as np
import pytest
from scipy import stats

from scenarios.load import load
from scenarios.rates import only_district, scaled
from sim import rows
from sim.draws import OF_INCIDENT
from sim.stream import generate, unpack_key
from sim.units import DAY, HOUR
from tests.conftest import TINY

SEED = np.uint64(11)
ERROR = 1e-4
OWN = 1 << 16
"""Numbers within a cell that each storm has for itself; the ordinary incidents have the first."""

STORM = "{from: 2024-10-15 20:00, hours: 6, factor: 30}"
SECOND = "{from: 2024-10-15 22:00, hours: 9, factor: 10, kinds: [fire], districts: [Baiyun]}"


def stormy(*storms, start="2024-10-14"):
    return load([*TINY, f"horizon.start={start}", f"stream.storms=[{', '.join(storms)}]"])


@pytest.fixture(scope="module")
def p():
    return stormy(STORM)


def drawn(p, n_days=5, rates=None, chunk=1):
    rates = p.city_rates if rates is None else rates
    return np.concatenate([r for _, r in generate(SEED, rates, p.calendar, n_days, chunk)])


def split(table):
    """(ordinary rows, {storm: its rows})."""
    number = unpack_key(table[:, rows.I_KEY].copy())[4]
    storm = number // OWN - 1
    return table[storm < 0], {int(i): table[storm == i] for i in np.unique(storm[storm >= 0])}


# --- beside the ordinary ones -----------------------------------------------------------------


def test_ordinary_incidents_are_what_they_are_without_a_storm(p, siloed):
    ordinary, of_storm = split(drawn(p))
    np.testing.assert_array_equal(ordinary, drawn(siloed))
    assert len(of_storm[0]) > 300


def test_keys_are_unique_and_of_real_incidents_that_name_their_cell(p):
    table = drawn(p)
    assert np.unique(table[:, rows.I_KEY]).size == len(table)
    (storm,) = split(table)[1].values()
    entity, day, district, kind, number = unpack_key(storm[:, rows.I_KEY].copy())
    assert (entity == OF_INCIDENT).all()
    np.testing.assert_array_equal(entity, storm[:, rows.I_ENTITY])
    np.testing.assert_array_equal(district, storm[:, rows.I_DISTRICT])
    np.testing.assert_array_equal(kind, storm[:, rows.I_KIND])
    np.testing.assert_array_equal(day - p.city_rates.first_day, storm[:, rows.I_OCCURRED] // DAY)
    cell, k = np.divmod(np.sort(storm[:, rows.I_KEY]), 2**24)
    first = np.flatnonzero(np.diff(cell, prepend=-1))
    assert (k[first] == OWN).all()
    assert (np.delete(np.diff(k, prepend=0), first) == 1).all()
    assert number.max() < 2 * OWN


def test_days_with_a_storm_are_in_order_of_tick_then_key(p):
    table = drawn(p)
    order = np.lexsort((table[:, rows.I_KEY], table[:, rows.I_OCCURRED]))
    np.testing.assert_array_equal(order, np.arange(len(table)))


@pytest.mark.parametrize("chunk", [2, 5])
def test_chunks_of_every_size_hold_the_same_storm(p, chunk):
    np.testing.assert_array_equal(drawn(p, chunk=chunk), drawn(p))


def test_a_storm_is_the_same_whenever_the_horizon_starts(p):
    later = stormy(STORM, start="2024-10-15")
    moved = split(drawn(later, 3))[1][0]
    moved[:, rows.I_OCCURRED] += DAY
    np.testing.assert_array_equal(moved, split(drawn(p))[1][0])


def test_two_storms_at_once_have_incidents_of_their_own(p):
    ordinary, of_storm = split(drawn(stormy(STORM, SECOND)))
    np.testing.assert_array_equal(ordinary, split(drawn(p))[0])
    np.testing.assert_array_equal(of_storm[0], split(drawn(p))[1][0])
    assert (of_storm[1][:, [rows.I_KIND, rows.I_DISTRICT]] == [2, 1]).all()
    assert len(of_storm[1]) > 5


# --- when and how many ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begins", "hours", "window"),
    [
        ("2024-10-15 20:00", 6, (DAY + 20 * HOUR, 2 * DAY + 2 * HOUR)),  # over midnight
        ("2024-10-15 00:00", 24, (DAY, 2 * DAY)),
        ("2024-10-13 12:00", 24, (0, 12 * HOUR)),  # before the horizon nothing occurs
        ("2024-10-18 12:00", 900, (4 * DAY + 12 * HOUR, 5 * DAY)),  # nor after it
    ],
)
def test_a_storm_strikes_within_its_hours(begins, hours, window):
    p = stormy(f"{{from: {begins}, hours: {hours}, factor: 30}}")
    occurred = split(drawn(p))[1][0][:, rows.I_OCCURRED]
    assert window[0] <= occurred.min()
    assert occurred.max() < window[1]
    length = window[1] - window[0]
    assert occurred.min() < window[0] + length / 10  # a hundred of them and more: (9/10)^100
    assert occurred.max() > window[1] - length / 10


@pytest.mark.parametrize("begins", ["2024-10-12 00:00", "2024-10-30 00:00"])
def test_a_storm_at_another_time_adds_nothing(begins, siloed):
    p = stormy(f"{{from: {begins}, hours: 24, factor: 30}}")
    np.testing.assert_array_equal(drawn(p), drawn(siloed))


N_DAYS = 120
LONG = f"{{from: 2024-10-14 06:00, hours: {24 * N_DAYS - 12}, factor: 4}}"


@pytest.fixture(scope="module")
def long():
    """A storm of many days, and what it adds."""
    p = load([*TINY, f"stream.storms=[{LONG}]", f"horizon.cohort_days={N_DAYS}"])
    return p, split(drawn(p, N_DAYS))[1][0]


def test_a_storm_adds_a_poisson_number_of_the_stated_mean(long):
    """Three times the ordinary mean of each cell a day, whatever kind of day it is."""
    p, storm = long
    cell = storm[:, rows.I_DISTRICT] * 4 + storm[:, rows.I_KIND]
    counts = np.zeros((N_DAYS, 8))
    np.add.at(counts, (storm[:, rows.I_OCCURRED] // DAY, cell), 1)
    mean = 3 * p.city_rates.daily.ravel()
    whole = counts[1:-1]  # the first and the last day have only a part of it
    n = len(whole)
    score = (whole.sum(axis=0) - n * mean) / np.sqrt(n * mean)
    assert np.abs(score).max() < stats.norm.isf(ERROR / 16)
    index = ((whole - whole.mean(axis=0)) ** 2).sum(axis=0) / whole.mean(axis=0)
    chance = stats.chi2.sf(index, n - 1)
    assert (np.minimum(chance, 1 - chance) > ERROR / 16).all()
    ends = counts[0].sum() + counts[-1].sum()  # three quarters of a day each
    assert abs(ends - 1.5 * mean.sum()) < stats.norm.isf(ERROR / 2) * np.sqrt(1.5 * mean.sum())


def test_a_storm_is_as_strong_at_every_hour(long):
    moment = long[1][:, rows.I_OCCURRED]
    whole = (moment >= DAY) & (moment < (N_DAYS - 1) * DAY)
    by_hour = np.bincount(moment[whole] % DAY // HOUR, minlength=24)
    assert stats.chisquare(by_hour).pvalue > ERROR
    assert stats.chisquare(np.bincount(moment[whole] % HOUR // 360)).pvalue > ERROR


@pytest.mark.parametrize(
    ("column", "shares"), [(rows.I_SEVERITY, "severity"), (rows.I_TIER, "tier")]
)
def test_what_a_storm_brings_is_like_any_other_of_its_kind(long, column, shares):
    p, storm = long
    for kind in range(4):
        expected = getattr(p.catalogue, shares)[kind]
        found = np.bincount(storm[storm[:, rows.I_KIND] == kind, column], minlength=4)
        assert not found[expected == 0].any()
        found, expected = found[expected > 0], expected[expected > 0]
        if found.size > 1:
            assert stats.chisquare(found, found.sum() * expected).pvalue > ERROR / 8


def test_another_volume_is_another_storm_of_the_same_incidents(p):
    """Fewer occur, and each of them occurs at the greater volume, too."""
    half = split(drawn(p, rates=scaled(p.city_rates, 0.5)))[1][0]
    one = split(drawn(p))[1][0]
    known = np.isin(one[:, rows.I_KEY], half[:, rows.I_KEY])
    np.testing.assert_array_equal(one[known], half)
    mean = p.city_rates.storm_rate.sum() * 6 * HOUR
    for found, expected in ((half, mean / 2), (one, mean)):
        assert abs(len(found) - expected) < stats.norm.isf(ERROR / 2) * np.sqrt(expected)


def test_one_district_alone_has_its_own_part_of_the_storm(p):
    alone = split(drawn(p, rates=only_district(p.city_rates, 1)))[1][0]
    whole = split(drawn(p))[1][0]
    np.testing.assert_array_equal(alone, whole[whole[:, rows.I_DISTRICT] == 1])
    assert 0 < len(alone) < len(whole)

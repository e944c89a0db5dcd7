"""What occurs depends on the seed and the rates alone, and it follows the catalogue's shares.

Statistical tests run on fixed seeds; a right program fails each with a probability below 1e-4
(at another seed), so a failure tells of the program.
"""

import datetime

import numpy as np
import pytest
from scipy import stats

from scenarios.load import load
from sim import codes, rows
from sim.draws import OF_BACKGROUND, OF_CONSULTATION, OF_FALSE_ALARM, OF_INCIDENT
from sim.stream import EPOCH, describe_key, generate, pack_key, unpack_key
from sim.units import DAY, HOUR
from tests.conftest import TINY

SEED = np.uint64(11)
ERROR = 1e-4
SANITATION, NUISANCE, FIRE, ONE_STOP = range(4)


@pytest.fixture(scope="module")
def p():
    """The tiny city with a long calendar."""
    return load([*TINY, "horizon.warmup_days=1000"])


@pytest.fixture(scope="module")
def sample(p):
    """Everything that occurs in 1000 days."""
    return drawn(p, 1000)


def drawn(p, n_days, seed=SEED, chunk=7, **changes):
    rates = p.city_rates._replace(**changes)
    return np.concatenate([r for _, r in generate(seed, rates, p.calendar, n_days, chunk)])


def steady(p):
    """Rates that are the same on every day."""
    rates = p.city_rates
    ones = np.ones_like
    return {
        "city_factor": ones(rates.city_factor),
        "district_factor": ones(rates.district_factor),
        "day_factor": ones(rates.day_factor),
        "season": ones(rates.season),
    }


def of(table, entity=OF_INCIDENT, kind=None):
    right = table[:, rows.I_ENTITY] == entity
    return table[right if kind is None else right & (table[:, rows.I_KIND] == kind)]


def fits(found, shares):
    """Whether counts fit shares by a chi-square test; what has no share must not be there."""
    shares = np.asarray(shares, float)
    assert found[shares == 0].sum() == 0
    found, shares = found[shares > 0], shares[shares > 0]
    if shares.size == 1:
        return found[0] > 0
    expected = found.sum() * shares / shares.sum()
    assert expected.min() > 5, "too small a sample for this test"
    return stats.chisquare(found, expected).pvalue > ERROR


# --- identity ---------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 2, 3, 10, 11, 400])
def test_chunks_of_every_size_hold_the_same_incidents(p, chunk):
    chunks = list(generate(SEED, p.city_rates, p.calendar, 10, chunk))
    one = drawn(p, 10, chunk=10)
    np.testing.assert_array_equal(np.concatenate([r for _, r in chunks]), one)
    assert [until for until, _ in chunks] == [
        min(first + chunk, 10) * DAY for first in range(0, 10, chunk)
    ]
    for until, found in chunks:
        assert found[:, rows.I_OCCURRED].max() < until


def test_a_longer_horizon_adds_days_and_changes_none(p):
    first = drawn(p, 10)
    np.testing.assert_array_equal(drawn(p, 20)[: len(first)], first)


def test_another_seed_gives_other_incidents(p):
    a, b = drawn(p, 10), drawn(p, 10, np.uint64(12))
    assert len(np.intersect1d(a[:, rows.I_OCCURRED], b[:, rows.I_OCCURRED])) < len(a) / 10


def test_policy_and_seats_change_nothing_that_occurs(siloed, integrated):
    fewer = load([*TINY, "staff.target_utilisation=0.95", "staff.place=fixed"])
    for other in (integrated, fewer):
        for name, values in siloed.rates._asdict().items():
            np.testing.assert_array_equal(getattr(other.rates, name), values)


def test_days_are_in_order_of_tick_then_key(sample):
    order = np.lexsort((sample[:, rows.I_KEY], sample[:, rows.I_OCCURRED]))
    np.testing.assert_array_equal(order, np.arange(len(sample)))


def test_keys_are_unique_and_name_their_cell(sample):
    key = sample[:, rows.I_KEY]
    assert np.unique(key).size == key.size
    entity, day, district, kind, _ = unpack_key(key.copy())
    np.testing.assert_array_equal(entity, sample[:, rows.I_ENTITY])
    monday = (datetime.date(2024, 10, 14) - EPOCH).days
    np.testing.assert_array_equal(day - monday, sample[:, rows.I_OCCURRED] // DAY)
    np.testing.assert_array_equal(district, sample[:, rows.I_DISTRICT])
    np.testing.assert_array_equal(kind, sample[:, rows.I_KIND])


def test_numbers_within_a_cell_run_from_nought(sample):
    cell, k = np.divmod(np.sort(sample[:, rows.I_KEY]), 2**24)
    first = np.flatnonzero(np.diff(cell, prepend=-1))
    assert (k[first] == 0).all()
    assert (np.delete(np.diff(k, prepend=0), first) == 1).all()


@pytest.mark.parametrize(
    "parts", [(1, 0, 0, 0, 0), (3, 2**16 - 1, 2**12 - 1, 2**8 - 1, 2**24 - 1), (2, 365, 40, 25, 9)]
)
def test_a_packed_key_unpacks_to_its_parts(parts):
    key = pack_key(*parts)
    assert 0 < key < 2**63
    assert unpack_key(key) == parts
    for i in range(1, 5):  # the next number in any place is another key
        assert pack_key(*parts[:i], parts[i] ^ 1, *parts[i + 1 :]) != key


def test_a_key_is_described_by_its_date_and_place():
    key = pack_key(OF_INCIDENT, (datetime.date(2024, 2, 29) - EPOCH).days, 40, 25, 9)
    assert describe_key(key) == f"incident {key} (2024-02-29, district 40, kind 25, number 9)"


def test_one_date_has_one_set_of_incidents_whenever_the_horizon_starts(p):
    later = load([*TINY, "horizon.start=2024-10-17"])
    rates = p.city_rates._replace(first_day=later.city_rates.first_day)
    moved = np.concatenate([r for _, r in generate(SEED, rates, later.calendar, 5)])
    expected = drawn(p, 8)
    expected = expected[expected[:, rows.I_OCCURRED] >= 3 * DAY]
    moved[:, rows.I_OCCURRED] += 3 * DAY
    np.testing.assert_array_equal(moved, expected)


def test_unpacking_an_array_of_keys_leaves_it_as_it_was():
    keys = np.array([pack_key(1, 2, 3, 4, 5), pack_key(1, 6, 7, 8, 9)])
    before = keys.copy()
    assert unpack_key(keys)[1].tolist() == [2, 6]
    np.testing.assert_array_equal(keys, before)


def test_other_rates_in_one_district_leave_the_others_untouched(p):
    before = drawn(p, 30)
    daily = p.city_rates.daily.copy()
    daily[0] *= 2.5
    after = drawn(p, 30, daily=daily)
    one = [table[table[:, rows.I_DISTRICT] == 1] for table in (before, after)]
    np.testing.assert_array_equal(*one)
    none = [table[table[:, rows.I_DISTRICT] == 0] for table in (before, after)]
    assert len(none[1]) > 2 * len(none[0])
    known = np.isin(none[1][:, rows.I_KEY], none[0][:, rows.I_KEY])
    np.testing.assert_array_equal(none[1][known], none[0])  # more only add, and change nobody


# --- how many ---------------------------------------------------------------------------------


def test_counts_are_poisson_where_every_day_is_alike(p):
    table = of(drawn(p, 1000, **steady(p)))
    day, cell = table[:, rows.I_OCCURRED] // DAY, table[:, rows.I_DISTRICT] * 4
    counts = np.zeros((1000, 8))
    np.add.at(counts, (day, cell + table[:, rows.I_KIND]), 1)
    mean = p.city_rates.daily.ravel()
    # Index of dispersion of each cell: (n - 1) s^2 / mean is chi-square; 8 cells, two sides.
    index = (counts - counts.mean(axis=0)) ** 2 / counts.mean(axis=0)
    chance = stats.chi2.sf(index.sum(axis=0), 999)
    assert (np.minimum(chance, 1 - chance) > ERROR / 16).all()
    # Totals are Poisson, nearly normal.
    score = (counts.sum(axis=0) - 1000 * mean) / np.sqrt(1000 * mean)
    assert np.abs(score).max() < stats.norm.isf(ERROR / 16)


def test_days_are_overdispersed_by_the_day_factors(p):
    """Var N = mean + (mean cv)^2, and the city's part is common to the districts."""
    constant = steady(p)
    del constant["city_factor"], constant["district_factor"]
    table = of(drawn(p, 1000, **constant))
    counts = np.zeros((1000, 2))
    np.add.at(counts, (table[:, rows.I_OCCURRED] // DAY, table[:, rows.I_DISTRICT]), 1)
    mean = p.city_rates.daily.sum(axis=1)
    stream = p.settings.stream
    within = ((counts - mean) ** 2 - counts) / mean**2  # expectation cv^2 in each district
    across = np.prod(counts - mean, axis=1) / mean.prod()  # expectation: the city's part
    bound = stats.norm.isf(ERROR / 4)
    for parts, wanted in (
        (within[:, 0], stream.day_cv**2),
        (within[:, 1], stream.day_cv**2),
        (across, stream.day_city_share * stream.day_cv**2),
    ):
        error = parts.std() / np.sqrt(1000)
        assert abs(parts.mean() - wanted) < bound * error
        assert wanted > bound * error  # so that no overdispersion at all would be seen


def test_chongqing_has_four_million_incidents_a_year_exactly():
    p = load([])
    stream, residents = p.settings.stream, int(p.city.district_population.sum())
    a_year = p.city_rates.daily.sum() * 365.25
    assert a_year == pytest.approx(stream.per_resident * residents, rel=1e-12)
    assert a_year == pytest.approx(4.0e6, rel=1e-3)


def test_factors_of_day_and_season_leave_the_years_volume_as_it_is(p):
    rates, cal = p.city_rates, p.calendar
    days = slice(0, 365)
    product = rates.day_factor[:, cal.day_type[days]] * rates.season[:, cal.month[days]]
    np.testing.assert_allclose(product.mean(axis=1), 1.0, rtol=1e-12)


# --- what, when and where ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", range(4))
def test_hours_follow_the_profile(sample, p, kind):
    moment = of(sample, kind=kind)[:, rows.I_OCCURRED] % DAY
    assert fits(np.bincount(moment // HOUR, minlength=24), p.catalogue.hour[kind])
    within = moment % HOUR  # and within the hour all moments are alike
    assert fits(np.bincount(within // 360, minlength=10), np.ones(10))


@pytest.mark.parametrize("kind", range(4))
@pytest.mark.parametrize(
    ("column", "shares"),
    [(rows.I_SEVERITY, "severity"), (rows.I_TIER, "tier"), (rows.I_BASE, "base")],
)
def test_marks_follow_the_shares(sample, p, kind, column, shares):
    found = np.bincount(of(sample, kind=kind)[:, column], minlength=4)
    book = p.city_rates if shares == "base" else p.catalogue
    assert fits(found, getattr(book, shares)[kind])


@pytest.mark.parametrize("kind", range(4))
def test_districts_and_townships_have_their_part_by_people_and_landscape(sample, p, kind):
    city = p.city
    weight = p.catalogue.landscape[kind, city.township_landscape] * city.township_population
    found = np.bincount(of(sample, kind=kind)[:, rows.I_TOWNSHIP], minlength=4)
    district = np.bincount(city.township_district, found)
    # Between districts the day factors add to the variance: allow for it.
    share = np.bincount(city.township_district, weight)[0] / weight.sum()
    spread = np.sqrt(found.sum() * share * (1 - share)) + 0.29 * share * np.sqrt(1000)
    assert abs(district[0] - found.sum() * share) < stats.norm.isf(ERROR / 2) * spread
    for d in range(2):
        here = city.township_district == d
        assert fits(found[here], weight[here])


def test_places_fit_one_another_and_grids_of_a_township_are_alike(sample, p):
    city, real = p.city, of(sample)
    township = city.grid_township[real[:, rows.I_GRID]]
    np.testing.assert_array_equal(township, real[:, rows.I_TOWNSHIP])
    district = city.township_district[real[:, rows.I_TOWNSHIP]]
    np.testing.assert_array_equal(district, real[:, rows.I_DISTRICT])
    found = np.bincount(real[:, rows.I_GRID], minlength=city.n_grids)
    for t in range(city.n_townships):
        here = found[city.grid_township == t]
        assert fits(here, np.ones(here.size))


@pytest.mark.parametrize("kind", range(4))
def test_partners_and_duplicates_have_their_means(sample, p, kind):
    real, rates = of(sample, kind=kind), p.city_rates
    n = len(real)
    for bit in (*range(4), rows.TOWNSHIP_BIT):
        chance = rates.joint_township[kind] if bit > 3 else rates.joint[kind, bit]
        found = int(((real[:, rows.I_PARTNERS] >> bit) & 1).sum())
        assert stats.binomtest(found, n, chance).pvalue > ERROR
    allowed = sum(1 << bit for bit in range(4) if rates.joint[kind, bit] > 0)
    allowed |= (rates.joint_township[kind] > 0) << rows.TOWNSHIP_BIT
    assert not (real[:, rows.I_PARTNERS] & ~allowed).any()
    mean = rates.duplicates[kind]
    further = real[:, rows.I_DUPLICATES]
    assert abs(further.sum() - n * mean) <= stats.norm.isf(ERROR / 2) * np.sqrt(n * mean)
    assert abs(further.var() - mean) < 0.1 * mean + 1e-9  # Poisson


def test_false_alarms_come_with_the_sensors_share_and_from_sensors_only(sample, p):
    book = p.catalogue
    alarms = of(sample, OF_FALSE_ALARM)
    assert (alarms[:, rows.I_BASE] == codes.SENSOR).all()
    assert not alarms[:, [rows.I_PARTNERS, rows.I_DUPLICATES]].any()
    for kind in range(4):
        real = len(of(sample, kind=kind))
        per_real = book.channel[kind, codes.SENSOR] * book.false_alarms[kind]
        per_real /= 1 - book.false_alarms[kind]
        found = len(of(sample, OF_FALSE_ALARM, kind))
        spread = np.sqrt(real * per_real * (1 + per_real))
        assert abs(found - real * per_real) <= stats.norm.isf(ERROR / 2) * spread
    assert len(alarms) > 500


def test_calls_that_only_ask_come_in_proportion_to_those_that_report(sample, p):
    """By the hours of their kind; what else occurs is what it was."""
    asked = load([*TINY, "horizon.warmup_days=1000", "stream.consultations=1.5"]).city_rates
    table = drawn(p, 1000, consultations=asked.consultations)
    calls = of(table, OF_CONSULTATION)
    np.testing.assert_array_equal(table[table[:, rows.I_ENTITY] != OF_CONSULTATION], sample)
    assert (calls[:, rows.I_BASE] == codes.HOTLINE).all()
    assert not calls[:, [rows.I_PARTNERS, rows.I_DUPLICATES]].any()
    assert np.unique(table[:, rows.I_KEY]).size == len(table)
    assert calls[:, rows.I_KEY].min() > 0  # the entity class stands in the highest bits
    for kind in range(4):
        reports = of(sample, kind=kind)
        reports = (reports[:, rows.I_BASE] == codes.HOTLINE).sum()
        found = of(calls, OF_CONSULTATION, kind)
        spread = np.sqrt(reports * 1.5 * (1 + 1.5))
        assert abs(len(found) - reports * 1.5) <= stats.norm.isf(ERROR / 8) * spread
        hour = found[:, rows.I_OCCURRED] % DAY // HOUR
        assert fits(np.bincount(hour, minlength=24), p.catalogue.hour[kind])


def test_nothing_is_given_to_a_generated_incident(sample):
    assert (of(sample)[:, rows.I_GIVEN] == codes.NONE).all()


# --- background -------------------------------------------------------------------------------


def burdened(p, *daily):
    return {
        "background_daily": np.array(daily, float),
        "background_desk": 3 + np.arange(len(daily)),
        "daily": np.zeros_like(p.city_rates.daily),
    }


def test_background_tasks_burden_their_desks_at_any_hour(p):
    table = drawn(p, 200, **burdened(p, 40.0, 0.0, 10.0))
    assert (table[:, rows.I_ENTITY] == OF_BACKGROUND).all()
    desk = table[:, rows.I_GIVEN]
    for number, mean in ((3, 40.0), (4, 0.0), (5, 10.0)):
        spread = np.sqrt(200 * mean)
        assert abs((desk == number).sum() - 200 * mean) <= stats.norm.isf(ERROR / 2) * spread
    hour = table[:, rows.I_OCCURRED] % DAY // HOUR
    assert fits(np.bincount(hour, minlength=24), np.ones(24))
    assert np.unique(table[:, rows.I_KEY]).size == len(table)


def test_background_keys_are_unique_at_the_burden_of_a_whole_city(p):
    table = drawn(p, 1, **burdened(p, 9000.0, 9000.0))
    assert np.unique(table[:, rows.I_KEY]).size == len(table)

"""Drawn storms are clusters with names of their own: nothing in them depends on the run.

Statistical tests run on fixed seeds; a right program fails each at one seed in 10,000.
"""

import numpy as np
import pytest
from scipy import stats

from scenarios.load import load
from scenarios.rates import average_weeks, only_district, scaled
from sim import rows
from sim.draws import OF_FALSE_ALARM, OF_INCIDENT
from sim.storms import with_drawn_storms
from sim.stream import LONGEST_STORM, generate, unpack_key
from sim.units import DAY, HOUR
from tests.conftest import TINY

SEED = np.uint64(11)
ERROR = 1e-4
UPPER = 1 << 23
"""Numbers in a cell from which drawn storms have theirs."""

TYPES = {
    "rain": {
        "a_year": 60,
        "season": [1] * 12,
        "hours": 30,
        "cv": 0.8,
        "reach": 0.5,
        "alarms": 2,
        "factors": {"fire": 30, "nuisance": 5},
    },
    "heat": {
        "a_year": 20,
        "season": [0] * 9 + [3, 0, 0],
        "hours": 90,
        "cv": 0.5,
        "reach": 1,
        "alarms": 0,
        "factors": {"sanitation": 4, "flooding": 9},  # flooding: not in this city
    },
}


def stormy(*overrides, start="2024-10-14"):
    p = load([*TINY, "stream.storminess=1", f"horizon.start={start}", *overrides])
    p.settings.stream.storm_types = TYPES
    return p


@pytest.fixture(scope="module")
def p():
    return stormy()


def storms(rates, n_days=60, seed=SEED):
    return with_drawn_storms(seed, rates, n_days)


def drawn(p, n_days=60, rates=None, chunk=1):
    rates = storms(p.city_rates if rates is None else rates, n_days)
    return np.concatenate([r for _, r in generate(SEED, rates, p.calendar, n_days, chunk)])


def extras(table):
    return table[unpack_key(table[:, rows.I_KEY].copy())[4] >= UPPER]


# --- beside the ordinary ones -----------------------------------------------------------------


def test_ordinary_incidents_are_what_they_are_without_storms(p, siloed):
    table = drawn(p, 10)
    ordinary = table[unpack_key(table[:, rows.I_KEY].copy())[4] < UPPER]
    calm = np.concatenate([r for _, r in generate(SEED, siloed.city_rates, p.calendar, 10)])
    np.testing.assert_array_equal(ordinary, calm)
    assert len(extras(table)) > 50


def test_stated_and_drawn_storms_share_no_key():
    stated = "stream.storms=[{from: 2024-10-15 20:00, hours: 60, factor: 30}]"
    both = drawn(stormy(stated), 10)
    assert np.unique(both[:, rows.I_KEY]).size == len(both)
    np.testing.assert_array_equal(extras(both), extras(drawn(stormy(), 10)))


def test_keys_are_unique_and_name_entity_day_district_and_kind(p):
    table = extras(drawn(p))
    assert np.unique(table[:, rows.I_KEY]).size == len(table)
    entity, day, district, kind, _ = unpack_key(table[:, rows.I_KEY].copy())
    columns = [rows.I_ENTITY, rows.I_DISTRICT, rows.I_KIND]
    np.testing.assert_array_equal(np.column_stack([entity, district, kind]), table[:, columns])
    np.testing.assert_array_equal(day - p.city_rates.first_day, table[:, rows.I_OCCURRED] // DAY)


@pytest.mark.parametrize("chunk", [3, 60])
def test_chunks_of_every_size_hold_the_same_storms(p, chunk):
    np.testing.assert_array_equal(drawn(p, chunk=chunk), drawn(p))


def test_storms_are_the_same_whenever_the_horizon_starts(p):
    """Those that have begun before it, too."""
    table, moved = extras(drawn(p)), extras(drawn(stormy(start="2024-10-24"), 50))
    moved[:, rows.I_OCCURRED] += 10 * DAY
    np.testing.assert_array_equal(moved, table[table[:, rows.I_OCCURRED] >= 10 * DAY])
    begins = storms(stormy(start="2024-10-24").city_rates, 50).storm_from
    assert begins.min() < 0


def test_a_shorter_horizon_holds_the_same_storms(p):
    table = extras(drawn(p))
    np.testing.assert_array_equal(extras(drawn(p, 20)), table[table[:, rows.I_OCCURRED] < 20 * DAY])


def test_one_district_alone_has_its_own_part_of_the_storms(p):
    alone = extras(drawn(p, rates=only_district(p.city_rates, 1)))
    table = extras(drawn(p))
    np.testing.assert_array_equal(alone, table[table[:, rows.I_DISTRICT] == 1])
    assert 0 < len(alone) < len(table)


def test_another_volume_has_the_same_storms_with_part_of_their_incidents(p):
    half, one = (extras(drawn(p, rates=scaled(p.city_rates, v))) for v in (0.5, 1.0))
    np.testing.assert_array_equal(one[np.isin(one[:, rows.I_KEY], half[:, rows.I_KEY])], half)
    assert 0.3 < len(half) / len(one) < 0.7


def test_average_weeks_have_no_storms(p):
    calm = average_weeks(p.city_rates)
    assert storms(calm) is calm


# --- when, where and how many -----------------------------------------------------------------


@pytest.fixture(scope="module")
def many(p):
    """The storms of ten years of one type each, by the whole city's districts."""
    chongqing = load(["city=chongqing", "calendar=plain", "stream.storminess=1"]).city_rates
    daily = np.full((2, 12), 1 / 7)  # a storm a week
    kinds = chongqing.daily.shape[1]
    rates = chongqing._replace(
        drawn_daily=daily,
        drawn_time=np.array([30.0, 60.0]) * HOUR,
        drawn_quantile=p.city_rates.drawn_quantile[:2],
        drawn_reach=np.array([0.0, 1.0]),
        drawn_extra=np.ones((2, kinds)),
        drawn_alarms=np.zeros(2),
    )
    return rates, storms(rates, 3650)


def test_storms_begin_as_a_poisson_process_of_their_rate(many):
    begin = many[1].storm_from
    for number in (0, 1):
        own = np.sort(begin[(many[1].storm_number >> 20 & 7) == number])
        assert stats.kstest(np.diff(own) / (7 * DAY), "expon").pvalue > ERROR


def test_storms_last_a_lognormal_time(many):
    rates = many[1]
    hours = (rates.storm_to - rates.storm_from)[(rates.storm_number >> 20 & 7) == 0] / HOUR
    sigma = np.sqrt(np.log1p(0.8**2))
    expected = stats.lognorm(sigma, scale=30 * np.exp(-(sigma**2) / 2))
    assert stats.kstest(hours, expected.cdf).pvalue > ERROR
    assert (rates.storm_to - rates.storm_from).max() <= LONGEST_STORM * DAY


def test_a_storm_begins_in_any_district_and_reaches_none_or_all(many):
    rates = many[1]
    struck = rates.storm_rate[:, :, 0] > 0
    first = (rates.storm_number >> 20 & 7) == 0
    assert (struck[first].sum(axis=1) == 1).all()
    assert struck[~first].all()
    assert stats.chisquare(struck[first].sum(axis=0)).pvalue > ERROR


def test_a_storm_goes_over_to_neighbours_of_what_it_strikes(many):
    rates = many[0]._replace(drawn_reach=np.array([0.3, 0.6]))
    found = storms(rates, 400)
    struck = found.storm_rate[:, :, 0] > 0
    start, others = rates.neighbour_start, rates.neighbours
    for row in struck[struck.sum(axis=1) > 1]:
        for d in np.flatnonzero(row):
            assert row[others[start[d] : start[d + 1]]].any()
    mean = [struck[(found.storm_number >> 20 & 7) == t].sum(axis=1).mean() for t in (0, 1)]
    assert 1 < mean[0] < mean[1]


def test_storms_come_in_their_season(p):
    """Heat comes in October only."""
    rates = storms(p.city_rates, 80)
    heat = rates.storm_from[(rates.storm_number >> 20 & 7) == 1]
    assert len(heat) > 2
    assert heat.max() < 18 * DAY  # until the end of October


def test_a_storm_adds_a_poisson_number_to_the_kinds_of_its_type(p):
    """Thirty and five times the ordinary rate of fire and nuisance, the ordinary included."""
    rates = storms(p.city_rates, 60)
    length = np.minimum(rates.storm_to, 60 * DAY) - np.maximum(rates.storm_from, 0)
    mean = (rates.storm_rate * np.maximum(length, 0)[:, None, None]).sum(axis=(0, 1))
    table = extras(drawn(p))
    real = table[table[:, rows.I_ENTITY] == OF_INCIDENT]
    found = np.bincount(real[:, rows.I_KIND], minlength=4)
    assert mean[3] == 0 == found[3]
    for expected, n in zip(mean[:3], found[:3], strict=True):
        assert min(stats.poisson.sf(n - 1, expected), stats.poisson.cdf(n, expected)) > ERROR
    daily = p.city_rates.daily
    np.testing.assert_allclose(p.city_rates.drawn_extra[:2], [[0, 4, 29, 0], [3, 0, 0, 0]])
    first = int(np.flatnonzero((rates.storm_number >> 20 & 7) == 0)[0])
    d = int(rates.storm_rate[first, :, 2].argmax())
    assert rates.storm_rate[first, d, 2] == pytest.approx(29 * daily[d, 2] / DAY)


def test_false_alarms_rise_with_a_storm_where_its_type_says_so(p):
    table = extras(drawn(p))
    alarms = table[table[:, rows.I_ENTITY] == OF_FALSE_ALARM]
    kinds = np.bincount(alarms[:, rows.I_KIND], minlength=4)
    assert kinds[0] == 0  # heat brings none
    rates = storms(p.city_rates, 60)
    length = np.minimum(rates.storm_to, 60 * DAY) - np.maximum(rates.storm_from, 0)
    rain = (rates.storm_rate[:, :, 2].sum(axis=1) * np.maximum(length, 0)).sum()
    expected = 2 * rain * p.city_rates.alarms[2]
    chance = stats.poisson.sf(kinds[2] - 1, expected), stats.poisson.cdf(kinds[2], expected)
    assert min(chance) > ERROR

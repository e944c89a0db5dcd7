"""How often what occurs: people, landscape and catalogue shared out to districts and days."""

import dataclasses
import datetime

import numpy as np
import pytest

from scenarios.rates import average_weeks, build_rates, only_district, scaled
from sim.calendar import calendar_from
from sim.codes import SENSOR
from sim.errors import InputError
from sim.stream import EPOCH, MOST_STORMS, Rates
from sim.units import DAY, HOUR

SANITATION, NUISANCE, FIRE, ONE_STOP = range(4)
PER_YEAR = 0.12534 * 50 * 6000  # per resident, weight, residents of the tiny city


@pytest.fixture(scope="module")
def build(siloed):
    """Rates of the tiny city with changes of the catalogue or the stream."""
    year, _ = calendar_from(siloed.settings.calendar, siloed.start, 365)

    def built(stream=None, weight=50.0, **book) -> Rates:
        catalogue = dataclasses.replace(siloed.catalogue, **book)
        settings = dataclasses.replace(siloed.settings.stream, **(stream or {}))
        return build_rates(settings, siloed.city, catalogue, year, siloed.start, weight)

    return built


def quantile_moments(quantiles):
    """Mean and coefficient of variation of a tabulated quantile function over normal scores."""
    scores = np.linspace(-8.3, 8.3, quantiles.size)
    density = np.exp(-scores * scores / 2)
    density /= density.sum()
    mean = (quantiles * density).sum()
    return mean, np.sqrt((quantiles**2 * density).sum() - mean**2) / mean


def test_a_year_has_the_incidents_of_its_residents(build):
    assert build().daily.sum() * 365.25 == pytest.approx(PER_YEAR, rel=1e-12)


@pytest.mark.parametrize(
    ("stream", "weight", "factor"), [({"per_resident": 0.25068}, 50, 2), (None, 5, 0.1)]
)
def test_volume_grows_with_residents_and_their_weight(build, stream, weight, factor):
    np.testing.assert_allclose(build(stream, weight).daily, factor * build().daily, rtol=1e-12)


def test_kinds_have_their_shares_of_the_whole_city(build, siloed):
    rates = build()
    np.testing.assert_allclose(
        rates.daily.sum(axis=0) / rates.daily.sum(), siloed.catalogue.share, rtol=1e-12
    )
    assert siloed.catalogue.share.tolist() == [0.4, 0.3, 0.1, 0.2]


def test_places_have_their_parts_by_people_and_landscape(build):
    """Townships of 2400 (core), 1600 (urban), 1300 (town) and 700 (rural) residents."""
    rates, people = build(), np.array([2400, 1600, 1300, 700])
    for kind, landscape in ((SANITATION, [1.6, 1.2, 0.8, 0.3]), (FIRE, [0.8, 0.8, 1.2, 1.4])):
        weight = people * landscape
        district = weight.reshape(2, 2).sum(axis=1)
        np.testing.assert_allclose(
            rates.daily[:, kind] / rates.daily[:, kind].sum(), district / district.sum(), rtol=1e-12
        )
        expected = (np.cumsum(weight.reshape(2, 2), axis=1) / district[:, None]).ravel()
        np.testing.assert_allclose(rates.township_share[kind], expected, rtol=1e-12)


def test_a_kind_that_no_landscape_has_does_not_occur(build, siloed):
    landscape = siloed.catalogue.landscape.copy()
    landscape[FIRE] = 0, 0, 0, 5  # in the country only
    rates = build(landscape=landscape)
    assert rates.daily[0, FIRE] == 0 < rates.daily[1, FIRE]
    assert np.isfinite(rates.township_share).all()
    assert rates.daily.sum() * 365.25 == pytest.approx(PER_YEAR)


def test_factors_of_days_and_months_average_one_and_keep_their_proportions(build, siloed):
    rates, year = build(), calendar_from(siloed.settings.calendar, siloed.start, 365)[0]
    product = rates.day_factor[:, year.day_type] * rates.season[:, year.month]
    np.testing.assert_allclose(product.mean(axis=1), 1.0, rtol=1e-12)
    day = rates.day_factor[ONE_STOP]
    assert day[1] / day[0] == pytest.approx(0.4)
    assert rates.season[SANITATION, 6] / rates.season[SANITATION, 0] == pytest.approx(1.2 / 0.9)


def test_hours_are_shares_of_the_day(build):
    np.testing.assert_allclose(build().hour.sum(axis=1), 1.0, rtol=1e-12)
    assert build().hour[SANITATION, 10] / build().hour[SANITATION, 0] == pytest.approx(7.7)


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (SANITATION, [0, 0.60, 0.38, 0.02]),
        (FIRE, [0, 0.125, 0.875, 0]),
        (ONE_STOP, [0, 0.02, 0.98, 0]),
    ],
)
def test_without_sensors_the_other_channels_keep_their_proportions(build, kind, base):
    np.testing.assert_allclose(build().base[kind], base, atol=1e-12)


def test_a_kind_that_only_sensors_see_is_seen_by_them(build, siloed):
    channel = siloed.catalogue.channel.copy()
    channel[FIRE] = np.eye(4)[SENSOR]
    base = build(channel=channel).base
    assert base[FIRE].tolist() == [1, 0, 0, 0]
    np.testing.assert_allclose(base.sum(axis=1), 1.0)


def test_false_alarms_are_so_many_that_their_share_of_alarms_is_as_stated(build, siloed):
    real = siloed.catalogue.channel[:, SENSOR]
    false = build().alarms
    for kind in (NUISANCE, FIRE):
        share = false[kind] / (false[kind] + real[kind])
        assert share == pytest.approx(siloed.catalogue.false_alarms[kind])
    assert false[SANITATION] == 0


@pytest.mark.parametrize("family", ["gamma", "lognormal"])
@pytest.mark.parametrize("city_share", [0.0, 0.5, 1.0])
def test_day_factors_of_city_and_district_multiply_to_the_stated_variation(
    build, family, city_share
):
    rates = build({"day_family": family, "day_city_share": city_share, "day_cv": 0.29})
    mean, city = quantile_moments(rates.city_factor)
    assert mean == pytest.approx(1, abs=1e-4)
    mean, district = quantile_moments(rates.district_factor)
    assert mean == pytest.approx(1, abs=1e-4)
    both = (1 + city**2) * (1 + district**2) - 1
    assert both == pytest.approx(0.29**2, rel=1e-3)
    assert city**2 == pytest.approx(city_share * 0.29**2, rel=1e-3, abs=1e-9)


def test_without_variation_every_day_is_alike(build):
    rates = build({"day_cv": 0.0})
    assert set(rates.city_factor) == set(rates.district_factor) == {1.0}


@pytest.mark.parametrize("start", ["2000-01-01", "2024-10-14", "2026-12-31"])
def test_the_first_day_is_that_of_the_start_date(siloed, start):
    date = datetime.date.fromisoformat(start)
    year, _ = calendar_from(siloed.settings.calendar, date, 365)
    rates = build_rates(siloed.settings.stream, siloed.city, siloed.catalogue, year, date, 1.0)
    assert EPOCH + datetime.timedelta(days=rates.first_day) == date


def test_one_district_alone_and_another_volume(build):
    rates = build()
    alone = only_district(rates, 1)
    assert not alone.daily[0].any()
    np.testing.assert_array_equal(alone.daily[1], rates.daily[1])
    more = scaled(rates, 2.5)
    np.testing.assert_array_equal(more.daily, 2.5 * rates.daily)
    np.testing.assert_array_equal(more.storm_rate, 2.5 * rates.storm_rate)
    for changed in (alone, more):  # nothing else
        for name in set(Rates._fields) - {"daily", "storm_rate"}:
            assert getattr(changed, name) is getattr(rates, name), name


def test_rates_without_background_burden_no_desk(build):
    assert build().background_daily.size == build().background_desk.size == 0


@pytest.mark.parametrize(("per_day", "weight"), [(48.0, 50.0), (48.0, 1.0), (0.5, 50.0)])
def test_an_average_day_may_be_stated_in_place_of_the_residents_rate(build, per_day, weight):
    rates = build({"per_day": per_day}, weight)
    assert rates.daily.sum() == pytest.approx(per_day, rel=1e-12)
    ordinary = build()
    np.testing.assert_allclose(rates.daily / per_day, ordinary.daily / ordinary.daily.sum())


# --- storms -----------------------------------------------------------------------------------

STORM = {"from": "2024-10-15 08:30", "hours": 12, "factor": 5}


def storms(build, *changes):
    """Rates with storms that differ from STORM in these keys; a key of None is left out."""
    listed = [{k: v for k, v in (STORM | change).items() if v is not None} for change in changes]
    return build({"storms": listed})


def test_a_storm_begins_and_ends_as_stated(build):
    rates = storms(build, {}, {"from": "2024-10-13T23:00", "hours": 1.5}, {"from": "2024-10-14"})
    assert rates.storm_from.tolist() == [DAY + 8 * HOUR + 1800, -HOUR, 0]
    assert (rates.storm_to - rates.storm_from).tolist() == [12 * HOUR, 5400, 12 * HOUR]


@pytest.mark.parametrize(
    ("change", "districts", "kinds"),
    [
        ({}, [0, 1], range(4)),
        ({"kinds": [], "districts": None}, [0, 1], range(4)),
        ({"kinds": ["fire"]}, [0, 1], [FIRE]),
        ({"districts": ["Baiyun"]}, [1], range(4)),
        ({"districts": ["白云县"], "kinds": ["one_stop", "sanitation"]}, [1], [0, 3]),
    ],
)
def test_a_storm_multiplies_the_rate_of_an_average_hour_where_it_strikes(
    build, change, districts, kinds
):
    """With the ordinary incidents it is five times as much; elsewhere it adds nothing."""
    rates = storms(build, change)
    expected = np.zeros_like(rates.daily)
    here = np.ix_(districts, kinds)
    expected[here] = 4 * rates.daily[here] / DAY
    np.testing.assert_allclose(rates.storm_rate[0], expected, rtol=1e-12)
    np.testing.assert_array_equal(rates.daily, build().daily)


def test_a_storm_grows_with_the_volume_and_stays_in_its_district(build):
    rates = storms(build, {}, {"factor": 2})
    np.testing.assert_array_equal(scaled(rates, 3.0).storm_rate, 3 * rates.storm_rate)
    alone = only_district(rates, 1).storm_rate
    assert not alone[:, 0].any()
    np.testing.assert_array_equal(alone[:, 1], rates.storm_rate[:, 1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"factor": 1}, "stream.storms[0].factor: 1; allowed: a number above 1"),
        ({"factor": "much"}, "stream.storms[0].factor: much; allowed: a number above 1"),
        ({"factor": float("inf")}, "stream.storms[0].factor: inf; allowed: a number above 1"),
        ({"hours": 0}, "stream.storms[0].hours: 0; allowed: a number above 0"),
        ({"hours": float("nan")}, "stream.storms[0].hours: nan; allowed: a number above 0"),
        ({"hours": None}, "stream.storms[0].hours: missing; stream.storms[0] needs from, hours, "),
        ({"hour": 3}, "stream.storms[0].hour: no such key (did you mean 'hours'?); allowed: "),
        ({"from": "Monday"},
         "stream.storms[0].from: 'Monday'; allowed: a date and time YYYY-MM-DD HH:MM"),
        ({"from": "2024-10-15 08:00+08:00"}, "stream.storms[0].from: '2024-10-15 08:00+08:00'; "),
        ({"kinds": ["flood"]}, "stream.storms[0].kinds: 'flood'; allowed: sanitation, "),
        ({"districts": ["Baiyum"]}, "stream.storms[0].districts: 'Baiyum' is no district of tiny "),
    ],
)  # fmt: skip
def test_a_wrong_storm_is_named_with_what_is_allowed(build, change, message):
    with pytest.raises(InputError) as error:
        storms(build, change)
    assert str(error.value).startswith(message)


def test_a_storm_that_is_no_mapping_is_refused(build):
    with pytest.raises(InputError, match=r"^stream\.storms\[1\]: 'rain' is not a mapping"):
        build({"storms": [STORM, "rain"]})


def test_there_are_only_so_many_storms(build):
    assert len(build({"storms": [STORM] * MOST_STORMS}).storm_from) == MOST_STORMS == 127
    with pytest.raises(InputError, match=r"^stream\.storms: 128 storms; allowed: 127 at most"):
        build({"storms": [STORM] * 128})


# --- average weeks ----------------------------------------------------------------------------


def test_in_average_weeks_every_week_has_what_is_expected_of_it(siloed, build):
    rates = average_weeks(build())
    cal, districts = siloed.calendar, range(len(rates.daily))
    by_day = sum(
        rates.daily[d] * rates.day_factor[:, cal.day_type].T * rates.season[:, cal.month].T
        for d in districts
    )
    for week in range(5):
        found = by_day[7 * week : 7 * week + 7].sum(axis=0)
        np.testing.assert_allclose(found, 7 * rates.daily.sum(axis=0), rtol=1e-12)
    before = build().day_factor
    ratio = rates.day_factor[:, 0] / rates.day_factor[:, 1]
    np.testing.assert_allclose(ratio, before[:, 0] / before[:, 1])


def test_in_average_weeks_no_day_is_busy_by_chance_and_no_storm_strikes(build):
    storms = [{"from": "2024-10-15 08:00", "hours": 12, "factor": 5}]
    stormy = build({"storms": storms})
    rates = average_weeks(stormy)
    assert stormy.storm_rate.sum() > 0
    assert not rates.storm_rate.any()
    for factor in (rates.city_factor, rates.district_factor):
        np.testing.assert_array_equal(factor, 1.0)
    np.testing.assert_array_equal(rates.daily, stormy.daily)


def test_a_kind_that_ordinary_weeks_do_not_have_stays_as_it_is(build):
    rates = build()
    day_factor = rates.day_factor.copy()
    day_factor[FIRE] = [0, 0, 3]
    found = average_weeks(rates._replace(day_factor=day_factor))
    np.testing.assert_array_equal(found.day_factor[FIRE], [0, 0, 3])

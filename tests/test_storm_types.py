"""Types of drawn storms: checked, and turned into the arrays of the stream."""

import copy

import numpy as np
import pytest

from experiments.one_run import simulate
from scenarios.load import load
from scenarios.storm_types import build_storm_types
from sim.errors import InputError
from sim.stream import MOST_TYPES
from sim.units import HOUR
from tests.both import first_difference
from tests.conftest import TINY

RAIN = {
    "a_year": 12,
    "season": [0, 0, 1, 1, 1, 3, 3, 2, 1, 0, 0, 0],
    "hours": 20,
    "cv": 0.8,
    "reach": 0.5,
    "alarms": 2,
    "factors": {"fire": 3, "flooding": 20},
}


@pytest.fixture
def built(siloed):
    """The arrays of `stream.storm_types`, here of the tiny catalogue."""

    def build(types, storminess=1.0, kind="generated"):
        settings = copy.copy(siloed.settings.stream)
        settings.storm_types, settings.storminess, settings.kind = types, storminess, kind
        return build_storm_types(settings, siloed.catalogue)

    return build


def test_a_type_is_turned_into_rates_lengths_and_factors(built):
    arrays = built({"rain": RAIN}, storminess=2.0)
    season = np.array(RAIN["season"]) * 12 / sum(RAIN["season"])
    np.testing.assert_allclose(arrays["drawn_daily"], [24 / 365.25 * season])
    assert arrays["drawn_daily"].mean() * 365.25 == pytest.approx(24)
    assert (arrays["drawn_time"], arrays["drawn_reach"], arrays["drawn_alarms"]) == (
        20 * HOUR,
        0.5,
        2,
    )
    np.testing.assert_allclose(arrays["drawn_extra"], [[0, 0, 2, 0]])  # no flooding in this city
    assert len(arrays["drawn_quantile"]) == 1


@pytest.mark.parametrize("arguments", [({},), ({"rain": RAIN}, 1.0, "trace")])
def test_without_types_or_with_a_users_own_incidents_nothing_is_drawn(built, arguments):
    arrays = built(*arguments)
    assert {len(values) for values in arrays.values()} == {0}
    assert arrays["drawn_daily"].shape == (0, 12)
    assert arrays["drawn_extra"].shape == (0, 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"a_year": -1}, ".a_year: -1; allowed: a number from 0 to 1000"),
        ({"hours": "long"}, ".hours: 'long'; allowed: a number from 0.1 to 1000"),
        ({"reach": 1.5}, ".reach: 1.5; allowed: a number from 0 to 1"),
        ({"cv": True}, ".cv: True; allowed: a number from 0.01 to 10"),
        ({"season": [1, 2]}, ".season: [1, 2]; allowed: a list of 12 numbers"),
        ({"season": [0] * 12}, f".season: {[0] * 12}; at least one must be above 0"),
        ({"season": [1] * 11 + [-1]}, ".season[11]: -1; allowed: a number from 0 to 1000"),
        ({"factors": {}}, ".factors: {}; allowed: KIND: FACTOR, at least one"),
        ({"factors": {"fire": 0.5}}, ".factors.fire: 0.5; allowed: a number from 1 to 1000"),
        ({"factors": {"fires": 2}}, ".factors.fires: no such kind (did you mean 'fire'?)"),
        ({"alarm": 1}, ".alarm: no such key (did you mean 'alarms'?); allowed: a_year, hours, "),
    ],
)
def test_a_wrong_type_is_named_with_its_value_and_what_is_allowed(built, change, message):
    with pytest.raises(InputError) as error:
        built({"rain": RAIN | change})
    assert str(error.value).startswith(f"stream.storm_types.rain{message}")


def test_a_missing_number_is_named(built):
    with pytest.raises(InputError, match=r"rain\.hours: missing"):
        built({"rain": {name: value for name, value in RAIN.items() if name != "hours"}})


def test_too_many_types_are_refused(built):
    with pytest.raises(InputError, match=f"9 types; allowed: {MOST_TYPES} at most"):
        built({f"rain{i}": RAIN for i in range(9)})


def test_where_no_storms_are_drawn_their_numbers_change_nothing():
    quick = [*TINY, "record=visits"]
    a = simulate(load(quick), 1)
    other = load([*quick, "stream.storm_types.rain.a_year=500", "stream.storm_types.heat.reach=0"])
    assert first_difference(a, simulate(other, 1)) is None

"""Times in the forms in which logs write them."""

import numpy as np
import pandas as pd
import pytest

from experiments.fit.stamps import read_stamps
from sim.errors import InputError

NINE = 1_709_283_600.0  # 2024-03-01 09:00 UTC


def read(*texts, form=None, zone=None):
    return read_stamps(pd.Series(texts), np.ones(len(texts), int), form, zone)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-01T09:00:00", "2024-03-01 09:00", "2024-03-01 09:00:00.000", "2024/03/01 09:00",
        "2024/3/1 9:00", "2024年03月01日 09:00:00", "2024年3月1日 9时0分",
        "2024年03月01日 09时00分00秒",
        "01.03.2024 09:00",
    ],
)  # fmt: skip
def test_usual_forms_are_read(text):
    found = read(text)
    assert found.seconds[0] == NINE
    assert not found.days[0]


@pytest.mark.parametrize("text", ["2024-03-01", "2024年3月1日", "2024/03/01"])
def test_a_day_is_told_from_a_time(text):
    found = read(text)
    assert found.seconds[0] == NINE - 9 * 3600
    assert found.days[0]


def test_day_and_month_are_told_apart_by_what_can_be_read():
    assert (
        read("29-02-2016 01:16", "01-03-2016 01:16").seconds[1]
        == pd.Timestamp("2016-03-01 01:16").timestamp()
    )
    assert (
        read("02/29/2016 01:16", "03/01/2016 01:16").seconds[1]
        == pd.Timestamp("2016-03-01 01:16").timestamp()
    )
    with pytest.raises(InputError, match="day or month first; allowed: stamps in the file"):
        read("03/04/2016 01:16", "05/06/2016 01:16")
    assert (
        read("03/04/2016 01:16", form="%d/%m/%Y %H:%M").seconds[0]
        == pd.Timestamp("2016-04-03 01:16").timestamp()
    )


def test_mixed_zones_are_shown_by_one_clock():
    found = read("2024-03-01T09:00:00Z", "2024-03-01T17:00:00+08:00", "2024-03-01T18:00:00+0800")
    assert found.zone == "UTC+08:00"
    assert found.seconds.tolist() == [NINE + 8 * 3600] * 2 + [NINE + 9 * 3600]
    assert found.offsets == {28800: 2, 0: 1}


def test_a_named_zone_follows_its_summer_time():
    found = read("2024-03-01T09:00:00Z", "2024-07-01T09:00:00Z", zone="Europe/Rome")
    hours = [int(s) % 86400 // 3600 for s in found.seconds]
    assert hours == [10, 11]
    with pytest.raises(InputError, match="zone: 'Nowhere/Land'; allowed: a name such as"):
        read("2024-03-01T09:00:00Z", zone="Nowhere/Land")


def test_stamps_without_a_zone_are_that_clocks():
    found = read("2024-03-01T09:00:00+08:00", "2024-03-01T09:00:00")
    assert found.seconds[0] == found.seconds[1] == NINE
    assert found.offsets == {28800: 1, None: 1}


def test_what_cannot_be_read_is_nan():
    assert np.isnan(read("soon", "2024-13-45", "2024-03-01 09:00").seconds).tolist() == [
        True, True, False,
    ]  # fmt: skip
    with pytest.raises(InputError, match="reads none"):
        read("2024-03-01", form="%H:%M")

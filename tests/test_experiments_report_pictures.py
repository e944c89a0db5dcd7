"""Figures of a comparison, drawn anew: from the tables, of all that there is and no more."""

import pandas as pd
import pytest

from experiments.report import pictures
from experiments.report.folder import Folder, read
from experiments.report.pictures import city_of, differences, short_names, stated_storms
from experiments.report.words import Words
from sim.units import DAY, HOUR

WORDS = Words("en")


def folder_of(config, **summary):
    folder = Folder(None, {}, summary)
    folder.__dict__["config"] = config
    return folder


def test_all_that_the_tables_are_enough_for_is_drawn(compared):
    drawn = list(pictures.of_comparison(read(compared), WORDS))
    assert [picture.key for picture in drawn] == [
        *("survival", "split", "time_use", "backlog", "district_map", "lorenz"),
        *("township_heat", "flow", "flow"),
    ]
    assert all(picture.svg.startswith(b"<?xml") for picture in drawn)


def test_without_records_townships_and_flow_are_left_out(compared, monkeypatch):
    monkeypatch.setattr(Folder, "has", lambda self, name: name == "flow")
    keys = [picture.key for picture in pictures.of_comparison(read(compared), WORDS)]
    assert keys[-1] == "lorenz"


def test_a_city_that_is_not_there_any_more_has_no_map(compared):
    config = read(compared).config
    gone = config | {"city": config["city"] | {"folder": "nowhere", "name": "gone"}}
    assert city_of(folder_of(gone)) is None


def test_differences_are_paired_by_replication():
    frame = pd.DataFrame({
        "district": ["A"] * 4 + ["B"] * 4,
        "policy": ["siloed", "integrated"] * 4,
        "replication": [0, 0, 1, 1] * 2,
        "hours": [10.0, 8.0, 20.0, 18.0, 1.0, None, 2.0, 3.0],
    })  # fmt: skip
    a, b = differences(frame, "district", "siloed", "integrated", "hours")
    assert a == {"district": "A", "mean": -2.0, "low": -2.0, "high": -2.0}
    assert b["mean"] != b["mean"]  # not known in every replication


def test_storms_that_are_stated_are_counted_from_the_start():
    config = {
        "horizon": {"start": "2024-10-14"},
        "stream": {"storms": [{"from": "2024-10-15 06:00", "hours": 12}]},
    }
    assert stated_storms(folder_of(config)) == [(DAY + 6 * HOUR, DAY + 18 * HOUR)]
    assert stated_storms(folder_of(config | {"stream": {"storms": []}})) == []


def test_autonomous_counties_go_by_their_place(compared):
    city = city_of(read(compared))
    names = ("石柱土家族自治县", "彭水苗族土家族自治县", "沙坪坝区")
    object.__setattr__(city, "district_name_zh", names)
    assert short_names(city, Words("zh")) == ["石柱", "彭水", "沙坪坝区"]
    assert short_names(city, WORDS) == ["Qingshi", "Baiyun"]


def test_a_backlog_through_a_storm_has_a_caption_of_its_own(compared, monkeypatch):
    monkeypatch.setattr(pictures, "stated_storms", lambda folder: [(4 * DAY, 5 * DAY)])
    assert pictures.backlog(read(compared), ["siloed"]).key == "backlog_storm"


def test_the_window_is_the_cohorts(compared):
    assert pictures.window_of(read(compared)) == pytest.approx((3 * DAY, 7 * DAY))

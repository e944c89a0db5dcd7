"""What the log tells of the model's numbers."""

from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from experiments.fit.mapping import Mapping
from experiments.fit.numbers import Number
from experiments.fit.overlay import overlay, text_of, year_round
from experiments.fit.stages import InModel
from sim.units import DAY, HOUR
from tests.logs import fit_settings, found_in, part_of, stamp, write

AVAILABLE = (0.7, 0.5, 0.3, 0.1)


def fitted(path, siloed):
    part = part_of(path)
    model = InModel(part, found_in(part), Mapping(), siloed.catalogue, AVAILABLE)
    rng = np.random.default_rng(1)
    tree, said = overlay(model, fit_settings(resamples=20), rng)
    return yaml.safe_load(text_of(tree, "x")), said


@pytest.fixture
def office(tmp_path, siloed):
    """Cases that come at all hours and are dealt with in office hours, with a limit of a day."""
    rng, rows = np.random.default_rng(1), []
    for c in range(900):
        come = int(rng.integers(0, 56 * DAY))
        days = [d for d in range(come // DAY + 1, come // DAY + 5) if d % 7 < 5]
        hour = rng.choice([9, 10, 11, 14, 15, 16, 17])
        done = days[0] * DAY + int(hour) * HOUR + int(rng.integers(0, HOUR))
        limit = stamp(come + DAY)
        rows.append([c, "register", stamp(come), stamp(come + 240), "fire", "II", limit])
        rows.append([c, "dispose", stamp(done), stamp(done + 1200), "fire", "II", limit])
    header = ("case", "activity", "start", "complete", "kind", "severity", "limit")
    return fitted(write(tmp_path / "log.csv", rows, header), siloed)


def test_hours_limits_and_work_are_those_of_the_log(office):
    tree, said = office
    opening = tree["calendar"]["openings"]["office"]
    assert opening == {
        "days": ["workday"],
        "shifts": [[["09:00", "12:00"], ["14:00", "18:00"]]],
    }
    fire = tree["catalogue"]["kinds"]["fire"]
    assert fire["limit"] == {"II": [24, "clock_hours"]}
    assert fire["dispose"] == {"mean": 20, "cv": 0, "family": "fixed"}
    assert tree["catalogue"]["paperwork"] == {"register": {"mean": 4, "cv": 0, "family": "fixed"}}
    assert fire["severity"]["II"] == 1
    assert fire["share"] == 100
    assert tree["catalogue"]["kinds"]["nuisance"]["share"] == 0
    assert any("shares of channel stay as assumed" in text for text in said)


def test_without_tiers_seat_time_is_taken_whole(office):
    tree, _ = office
    assert set(tree["mechanism"]["availability"].values()) == {1}


def test_work_that_completions_do_not_tell_stays_as_assumed(tmp_path, siloed):
    """What passes between two completions of one desk varies too much to be work."""
    rng, rows = np.random.default_rng(4), []
    done = np.cumsum(np.exp(rng.normal(4, 3, 600))).astype(int) + 4 * DAY
    for c in range(600):
        rows.append([c, "register", stamp(done[c] - 4 * DAY), "B", "fire"])
        rows.append([c, "dispose", stamp(done[c]), "A", "fire"])
    path = write(tmp_path / "log.csv", rows, ("case", "activity", "complete", "resource", "kind"))
    tree, said = fitted(path, siloed)
    assert "dispose" not in tree["catalogue"]["kinds"]["fire"]
    assert any("above fit.most_cv=10): dispose" in text for text in said), said


def test_the_factor_of_a_district_is_found_from_that_of_all_counts():
    """By simulation: counts of a city whose districts have factors of their own vary less."""
    rng, v, s = np.random.default_rng(2), 0.29**2, 0.5
    weights = np.array([0.5, 0.3, 0.2])
    city, own = s * v, (1 + v) / (1 + s * v) - 1
    n = 200_000
    c = rng.gamma(1 / city, city, n)
    d = rng.gamma(1 / own, own, (n, 3))
    counts = c * (d @ weights)
    seen = float(counts.std() / counts.mean())
    tree = {
        "stream": {"per_day": Number(10.0, "1", 9.0, 11.0, "x"),
                   "day_cv": Number(seen, "1", None, None, "x")},
        "catalogue": {"kinds": {"a": {"share": Number(60.0, "%", None, None, "x")},
                                "b": {"share": Number(40.0, "%", None, None, "x")}}},
    }  # fmt: skip
    rates = SimpleNamespace(
        day_factor=np.array([[2.0], [0.5]]), season=np.ones((2, 1)), daily=weights[:, None]
    )
    parameters = SimpleNamespace(
        city_rates=rates,
        catalogue=SimpleNamespace(share=np.array([0.6, 0.4]), kinds=("a", "b")),
        settings=SimpleNamespace(stream=SimpleNamespace(day_city_share=s)),
    )
    seven = np.zeros(7, int)
    model = SimpleNamespace(found=SimpleNamespace(occurred=SimpleNamespace(counts=seven)))
    year_round(tree, model, parameters, (seven, seven))
    assert tree["stream"]["day_cv"].value == pytest.approx(0.29, rel=0.02)
    # Of 6 a day of a, seen on days with twice the year's, 3 are left; of 4 of b, at half, 8.
    assert tree["stream"]["per_day"].value == pytest.approx(3 + 8)
    shares = [tree["catalogue"]["kinds"][k]["share"].value for k in "ab"]
    assert shares == pytest.approx([300 / 11, 800 / 11])

"""A district's page: its numbers by hand, its probability calibrated, nothing invented."""

import re

import numpy as np
import pandas as pd
import pytest

from experiments.report import district as module
from experiments.report.district import District, incident_pairs, probability_worse
from experiments.report.folder import read
from experiments.report.pictures import city_of
from experiments.report.words import Words
from sim.units import DAY


@pytest.fixture(scope="module")
def qingshi(compared):
    folder = read(compared)
    return District(folder, city_of(folder), 0, Words("en", folder.config["catalogue"]["kinds"]))


@pytest.fixture
def without_incidents(qingshi, monkeypatch):
    monkeypatch.setattr(type(qingshi.folder), "has", lambda self, name: "incidents/" not in name)
    return qingshi


def test_its_gain_is_that_of_its_rows(qingshi, compared):
    frame = pd.read_parquet(compared / "by_district.parquet")
    rows = frame[frame["district"] == "青石区"]
    means = rows.groupby("policy")["mean_latency_hours"].mean()
    expected = means["integrated"] - means["siloed"]
    assert qingshi.change("mean_latency_hours")["mean"] == pytest.approx(expected)
    assert f"{abs(expected):.1f} h" in module.finding(qingshi)[0]
    assert "<table>" in module.gain(qingshi)


def test_pairs_of_incidents_give_the_same_gain(qingshi):
    pairs = incident_pairs(qingshi)
    by_run = pairs.groupby("replication")["hours"].mean()
    first, second = qingshi.values("mean_latency_hours")
    assert by_run.to_numpy() == pytest.approx(second - first, abs=1e-6)
    assert pairs["hours"].abs().max() <= 7 * DAY / 3600


def test_the_probability_of_being_worse_off_is_calibrated():
    """What is given for the next replication is uniform where the next one is drawn alike."""
    random = np.random.default_rng(1)
    draws = random.normal(3.0, 2.0, (20_000, 5))
    given = np.array([probability_worse(row[:4] - row[4]) for row in draws])
    assert given.mean() == pytest.approx(0.5, abs=0.01)  # 5 standard errors
    for level in (0.05, 0.5, 0.9):
        error = 5 * np.sqrt(level * (1 - level) / len(given))
        assert (given < level).mean() == pytest.approx(level, abs=error)


def test_replications_that_are_all_alike_leave_no_doubt():
    assert probability_worse(np.array([-1.0, -1.0])) == 0
    assert probability_worse(np.array([1.0, 1.0])) == 1
    assert [module.risk_text(r) for r in (0.0, 0.004, 1.0)] == ["< 0.1 %", "0.4 %", "> 99.9 %"]


def test_both_probabilities_say_what_they_are_over(qingshi):
    told = module.worse_off(qingshi, {})
    assert "Over stretches of such weeks:" in told
    assert "of 2 replications" in told
    assert "Over incidents:" in told
    assert f"{len(incident_pairs(qingshi)):,} pairs of incidents" in told


def test_without_incidents_it_tells_the_command_and_invents_nothing(without_incidents):
    told = module.worse_off(without_incidents, {})
    assert "not known, as no incident was recorded" in told
    assert "city.district=青石区" in told
    assert "record=incidents" in told
    assert "closed later" not in told
    assert "is not in this folder" in module.losers(without_incidents)


def test_groups_of_few_incidents_are_left_out(qingshi, monkeypatch):
    monkeypatch.setattr(module, "_FEWEST", 1)
    many = module.losers(qingshi)
    monkeypatch.setattr(module, "_FEWEST", 10**6)
    none = module.losers(qingshi)
    assert len(re.findall("<table>", many)) == 3
    assert "<table>" not in none


def test_what_to_measure_comes_from_the_split_and_how_to_get_the_rest(qingshi):
    told = module.to_measure(qingshi, {})
    assert "guantong sensitivity" in told
    assert told.count("<tr>") == 1 + 5  # the five categories of time
    assert "guantong sensitivity" in module.levers(qingshi, {})

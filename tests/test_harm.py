"""Expected harm, by hand on two kinds of which one is dangerous."""

import numpy as np
import pytest

from analysis.harm import by_kind_and_grade, metrics
from sim.units import DAY

RATES = np.array([[0.0, 0.0, 0.0, 0.0], [300.0, 100.0, 0.0, 10.0]])
WINDOW = 10 * DAY


@pytest.fixture
def exposure():
    return {
        "kind": np.repeat([0, 1], 4),
        "severity": np.tile(np.arange(4), 2),
        "incidents": np.array([9, 9, 9, 9, 1, 2, 5, 10]),
        "open_hours": np.array([99.0, 99.0, 99.0, 99.0, 2.0, 6.0, 50.0, 240.0]),
    }


def test_by_hand(exposure):
    table = by_kind_and_grade(exposure, RATES)
    assert table["kind"].tolist() == [1, 1, 1]
    assert table["severity"].tolist() == [0, 1, 3]
    assert table["harm_yuan"].tolist() == [600, 600, 2400]
    found = metrics(table, WINDOW)
    assert found == {"harm_yuan_per_day": 360, "harm_yuan_per_risk_incident": 3600 / 13}


def test_an_hour_more_harms_at_its_own_rate(exposure):
    exposure["open_hours"][4] += 1  # of grade I
    exposure["open_hours"][:4] += 1000  # of the harmless kind
    assert metrics(by_kind_and_grade(exposure, RATES), WINDOW)["harm_yuan_per_day"] == 390


def test_harm_is_proportional_to_its_rate(exposure):
    found = metrics(by_kind_and_grade(exposure, 2 * RATES), WINDOW)
    assert found["harm_yuan_per_day"] == 720


def test_without_dangerous_incidents_or_a_follow_up_it_is_not_defined(exposure):
    nothing = {"harm_yuan_per_day": None, "harm_yuan_per_risk_incident": None}
    assert metrics(by_kind_and_grade(exposure, 0 * RATES), WINDOW) == nothing
    exposure["open_hours"][:] = np.nan
    assert metrics(by_kind_and_grade(exposure, RATES), WINDOW) == nothing

"""The words of the page on calibration."""

import pytest

from analysis.calibration import CHECK, INSIDE, MISSING, OUTSIDE
from experiments.calibrate import FACTS, Row
from experiments.calibration_page import known_text, numbers_text, page
from experiments.facts import read_facts


@pytest.fixture(scope="module")
def facts():
    return {fact.key: fact for fact in read_facts(FACTS)}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("events_day", "9,100 to 14,200 events a day"),
        ("duplicates", "2.20 to 7.70 %"),
        ("weekend", "13.3 %"),
        ("day_factor", "0.29"),
        ("closing_p50", "97.0 h"),
        ("debris", "85.7 %"),
    ],
)
def test_what_is_known_has_its_unit(facts, key, expected):
    assert known_text(facts[key]) == expected


def test_what_was_simulated_has_its_interval(facts):
    assert numbers_text(Row(facts["weekend"], "siloed", (0.2, 0.15, 0.25), INSIDE)) == (
        "20.0 ± 5.00 %"
    )
    assert numbers_text(Row(facts["handovers"], "siloed", (5.0, None, None), OUTSIDE)) == "5.00"
    assert numbers_text(Row(facts["handovers"], "siloed", (None, None, None), MISSING)) == "-"


def test_the_page_names_what_is_outside_and_what_was_fitted(facts):
    rows = [
        Row(facts["events_day"], "integrated", (10000.0, 9900.0, 10100.0), INSIDE),
        Row(facts["handovers"], "siloed", (5.0, 4.9, 5.1), OUTSIDE),
        Row(facts["handovers"], "integrated", (3.0, 2.9, 3.1), INSIDE),
        Row(facts["newborn"], "change", (0.5, 0.4, 0.6), CHECK),
        Row(facts["consultations"], "every", (None, None, None), MISSING, "there are none"),
    ]
    text = page(rows, "tiny.")
    told = "4 facts. Of 3 comparisons with a verdict 1 are outside: hand-overs a case (siloed)."
    assert told in text
    assert "5.00 ± 0.10 | **outside** |" in text
    assert f"| check only: {facts['newborn'].note} |" in text
    assert "| not measured: there are none |" in text
    assert "were used for fitting: `siloed`: none; `integrated`: Chongqing. Where" in text
    assert "| events handled, a day | Chongqing | integrated | `stream.per_resident` |" in text
    assert text.count(facts["handovers"].source) == 1

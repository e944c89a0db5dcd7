"""What measures are called in sentences."""

import pytest

from experiments.metric_words import listed, words


@pytest.mark.parametrize(
    ("metric", "title", "unit"),
    [
        ("closure_latency_mean_hours", "Mean closure latency (h)", "h"),
        ("closure_latency_p90_hours", "Closure latency, 90th percentile (h)", "h"),
        ("paper_latency_p50_hours", "Paper latency, median (h)", "h"),
        ("on_time_share", "Closed on time (%)", "points"),
        ("on_time_with_extensions_share", "Closed on time, extensions granted (%)", "points"),
        ("unseen_at_end", "Not solved at the end, of them never noticed", ""),
        ("harm_yuan_per_risk_incident", "Expected harm per risk incident (yuan)", "yuan"),
        ("cohort_incidents", "cohort_incidents", ""),
    ],
)
def test_a_measure_has_a_title_and_the_unit_of_its_differences(metric, title, unit):
    assert words(metric).title == title
    assert words(metric).unit == unit


def test_amounts_have_their_unit_and_shares_are_told_in_hundredths():
    latency, share = words("closure_latency_mean_hours"), words("on_time_share")
    assert latency.amount(-41.93) == "-41.9 h"
    assert latency.ends(1.234, 2.5, sign=True) == "+1.23 to +2.50 h"
    assert latency.exact(0.5) == "0.5 h"
    assert share.amount(0.0934, sign=True) == "+9.34 points"
    assert share.exact(0.01) == "1 point"
    assert share.exact(0.02) == "2 points"
    assert share.level(0.761) == "76.1 %"
    assert latency.level(7.0) == "7.00 h"
    assert words("returns_mean").amount(0.5) == "0.50"


def test_names_are_listed_with_and():
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"]) == "a, b and c"

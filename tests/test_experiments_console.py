"""Numbers and tables as people read them."""

import warnings

import pytest

from experiments.console import (
    LABELS,
    comparison,
    is_share,
    measure,
    number,
    progress_bar,
    replications,
    telling_warnings,
)


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (None, {}, "-"),
        (0.0, {}, "0.00"),
        (1.234, {}, "1.23"),
        (12.34, {}, "12.3"),
        (12345.6, {}, "12,346"),
        (0.5, {"percent": True}, "50.0"),
        (3.0, {"sign": True}, "+3.00"),
        (-3.0, {"sign": True}, "-3.00"),
    ],
)
def test_numbers_have_three_or_four_digits(value, options, text):
    assert number(value, **options) == text


def test_a_difference_shows_its_half_width():
    assert measure({"mean": -2.0, "ci95": [-3.0, -1.0]}, percent=False) == "-2.00 ± 1.00"
    assert measure({"mean": 0.1, "ci95": [None, None]}, percent=True) == "+10.0"
    assert measure({"mean": None, "ci95": [None, None]}, percent=False) == "-"


def test_shares_are_percentages():
    assert is_share("on_time_share")
    assert is_share("utilisation_city")
    assert is_share("district_latency_gini")
    assert not is_share("handovers_mean")


def test_a_quantile_that_is_not_reached_is_shown_as_beyond_what_was():
    entry = {"mean": 1.0, "ci95": [0.5, 1.5]}
    row = {"a": entry, "b": entry, "difference": entry}
    metrics = dict.fromkeys(LABELS, row)
    beyond = {"mean": None, "ci95": [None, None]}
    metrics["closure_latency_p99_hours"] = {"a": beyond, "b": entry, "difference": beyond}
    table = comparison(metrics, ["a", "b"], {"a": {"closure_latency_p99_hours": 672.0}})
    place = list(LABELS).index("closure_latency_p99_hours")
    columns = [list(column.cells) for column in table.columns]
    assert [cells[place] for cells in columns] == ["  99th percentile (h)", "> 672.0", "1.00", "-"]
    assert len(columns[0]) == len(LABELS)


def test_progress_adds_up_over_parts():
    with progress_bar("x", 2) as part:
        part(0)(0.5)
        part(1)(1.0)


def test_each_warning_is_told_once_after_the_block(capsys):
    with telling_warnings():
        for text in ("few seats", "many holidays", "few seats"):
            warnings.warn(text, stacklevel=1)
        assert capsys.readouterr().err == ""
    told = ["warning: few seats", "warning: many holidays"]
    assert capsys.readouterr().err.splitlines() == told


@telling_warnings()
def fail():
    warnings.warn("few seats", stacklevel=1)
    raise ValueError("no seats")


def test_no_warning_is_told_where_the_block_fails(capsys):
    with pytest.raises(ValueError, match="no seats"):
        fail()
    assert capsys.readouterr().err == ""


def test_one_replication_is_not_several():
    assert [replications(n) for n in (1, 6)] == ["one replication", "6 replications"]

"""What a sweep says of its table: extremes, changes of sign, main effects."""

import io
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from analysis.intervals import paired_interval
from experiments import console
from experiments.factors import Design
from experiments.sweep import _differences
from experiments.sweep_report import draw, sentence, show, summary

METRIC = "closure_latency_mean_hours"
GRID = Design(("a", "b"), ((0, "x"), (0, "y"), (1, "x"), (1, "y")))
FACTORIAL = Design(GRID.keys, GRID.points, ("a = b",), GRID.keys)
NOISE = (-1.0, 0.0, 1.0)
"""What replications add to siloed and, twice as much, to integrated."""


def settings(design="grid", replications=3):
    sweep = SimpleNamespace(metric=METRIC, design=design)
    return SimpleNamespace(
        sweep=sweep, policies=["siloed", "integrated"], replications=replications
    )


def measures(plan, means, noise=NOISE):
    """Siloed is 100 at every point, integrated by so much more."""
    rows = [
        (i, policy, r, METRIC, 100.0 + (policy == "integrated") * (mean + e) + e)
        for i, mean in enumerate(means)
        if mean is not None
        for policy in ("siloed", "integrated")
        for r, e in enumerate(noise)
    ]
    return pd.DataFrame(rows, columns=["point", "policy", "replication", "measure", "value"])


def found(means, plan=GRID, design="grid", noise=NOISE):
    frame, given = measures(plan, means, noise), settings(design, len(noise))
    differences = _differences(frame, plan, given.policies)
    return summary(frame, differences, plan, given), differences, frame


def test_extremes_have_their_settings_and_intervals():
    result = found([-5.0, -20.0, 8.0, 1.0])[0]["policies"]["integrated"]
    interval = paired_interval([99, 100, 101], [78, 80, 82])
    assert result["smallest"] == {
        "settings": {"a": 0, "b": "y"},
        "mean": -20.0,
        "ci95": list(interval[1:]),
    }
    assert result["largest"]["settings"] == {"a": 1, "b": "x"}
    assert (result["lower"], result["lower_beyond_doubt"]) == (2, 2)
    assert (result["higher"], result["higher_beyond_doubt"]) == (2, 1)


def test_changes_of_sign_are_between_neighbours_on_the_grid():
    result = found([-5.0, -20.0, 8.0, -1.0])[0]["policies"]["integrated"]
    assert result["changes_sign"] == [
        {"key": "a", "between": [0, 1], "at": {"b": "x"}},
        {"key": "b", "between": ["x", "y"], "at": {"a": 1}},
    ]


def test_the_sentence_says_where_how_much_and_where_it_turns():
    result = found([-5.0, -20.0, 8.0, -1.0])[0]
    assert result["finding"] == sentence(result, "siloed")
    assert result["finding"] == (
        "Closure latency, restricted mean (h), integrated - siloed: lower at 3 points (2 beyond "
        "doubt), higher at 1 point (1 beyond doubt); from -20.0 (95 % interval -22.5 to -17.5) "
        "at a=0, b=y to +8.00 (95 % interval +5.52 to +10.5) at a=1, b=x. It changes sign between "
        "a=0 and 1 where b=x; between b=x and y where a=1."
    )


def test_without_a_grid_it_tells_no_neighbours_and_with_one_replication_no_intervals():
    result = found([-5.0, 3.0, -4.0, -1.0], design="lhs", noise=(0.0,))[0]
    assert result["policies"]["integrated"]["changes_sign"] is None
    assert "lower at 3 points (0 beyond doubt)" in result["finding"]
    assert "from -5.00 at a=0, b=x to +3.00 at a=0, b=y." in result["finding"]
    assert found([0.0] * 4)[0]["finding"].count("the same at 4 points") == 1


def test_main_effects_are_differences_of_means_with_intervals_over_replications():
    effects = found([1.0, 5.0, 2.0, 10.0], FACTORIAL, "factorial")[0]["policies"]["integrated"]
    a, b = effects["main_effects"]["a"], effects["main_effects"]["b"]
    assert a["mean"] == pytest.approx(3.0)
    assert b["mean"] == pytest.approx(6.0)
    assert a["ci95"] == pytest.approx([3.0, 3.0])  # noise is the same at every point: paired away


def test_where_points_have_failed_there_are_no_main_effects_and_fewer_points():
    result = found([1.0, None, 2.0, 10.0], FACTORIAL, "factorial")[0]["policies"]["integrated"]
    assert result["main_effects"] == {}
    assert result["known"] == 3
    nothing = found([None] * 4)[0]
    assert nothing["policies"]["integrated"]["smallest"] is None
    assert "not known at any point" in nothing["finding"]


@pytest.fixture
def printed(monkeypatch):
    text = io.StringIO()
    monkeypatch.setattr(console, "console", Console(file=text, width=150))
    return text.getvalue


def test_the_table_has_a_row_a_point_and_aliases_are_told(printed):
    result, differences, _ = found([1.0, 5.0, 2.0, 10.0], FACTORIAL, "factorial")
    show(differences, result, FACTORIAL, settings("factorial"))
    text = printed()
    assert text.count("± 2.48") == 4
    assert "main effect of b on integrated - siloed: +6.00 ± 0.00" in text
    assert "cannot be told apart by this design: a = b" in text
    assert result["finding"].split(";")[0] in text


def test_of_a_thousand_points_both_ends_are_shown(printed):
    plan = Design(("a",), tuple((i,) for i in range(1000)))
    means = np.random.default_rng(1).permutation(1000.0 * np.arange(1, 1001))
    result, differences, _ = found(means, plan, "lhs")
    show(differences, result, plan, settings("lhs"))
    assert len(printed().splitlines()) < 40
    assert "+1,000 ±" in printed()
    assert "+1,000,000 ±" in printed()


def test_the_figure_has_a_panel_a_factor_and_survives_missing_points(tmp_path):
    plan = Design(("a", "b", "c", "d"), tuple((i, str(i % 2), 1, None) for i in range(4)))
    frame = found([1.0, None, 3.0, 4.0], plan)[2]
    draw(tmp_path, frame, plan, settings())
    assert {p.name for p in tmp_path.iterdir()} == {"sweep.png", "sweep.svg"}

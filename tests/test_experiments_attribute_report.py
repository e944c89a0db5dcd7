"""What an attribution says of its shares."""

import io
import re
from types import SimpleNamespace

import pytest
from rich.console import Console

from analysis.shapley import coalitions, exact
from experiments import console
from experiments.attribute_report import draw, share_table, show, summary
from experiments.lever_groups import Change, LeverGroups

PLAYERS = ("one platform", "dispatch", "nights", "signs")
EFFECTS = {"one platform": -5.0, "dispatch": -20.0, "nights": 3.0, "signs": 0.0}
NOISE = {"one platform": 0.1, "dispatch": 0.5, "nights": 0.2, "signs": 0.3}
FOUND = LeverGroups(
    "siloed",
    "integrated",
    {name: (Change(f"levers.{name}", 0.0, 1.0),) for name in PLAYERS},
    ("sensing",),
)


def values(scale=1.0):
    """Additive effects, each with its own noise over three replications."""
    return {
        members: [
            100 * scale + scale * sum(EFFECTS[name] + r * NOISE[name] for name in members)
            for r in (-1, 0, 1)
        ]
        for members in coalitions(PLAYERS)
    }


def settings(metric="closure_latency_mean_hours"):
    chosen = SimpleNamespace(metric=metric, orders=16)
    return SimpleNamespace(attribute=chosen, replications=3)


def found(metric="closure_latency_mean_hours", scale=1.0):
    game = values(scale)
    shares = exact(PLAYERS, game.__getitem__)
    return summary(FOUND, shares, game, settings(metric)), shares, game


def test_the_sentence_names_who_brings_who_works_against_and_who_cannot_be_told():
    assert found()[0]["finding"] == (
        "Of the 22.0 h that integrated closes sooner than siloed: 20.0 h (95 % interval 18.8 h "
        "to 21.2 h) from dispatch; 5.00 h (95 % interval 4.75 h to 5.25 h) from one platform. "
        "It is made worse by nights 3.00 h (95 % interval 2.50 h to 3.50 h). Signs cannot be told "
        "apart from 0."
    )


def test_of_a_share_it_speaks_in_points_and_without_better_and_worse():
    finding = found("on_time_share", -0.01)[0]["finding"]
    begin = "Of the 22.0 points by which integrated raises 'Closed on time (%)': 20.0"
    assert finding.startswith(f"{begin} points")
    assert "It is lessened by nights 3.00 points" in finding


def test_groups_stand_by_size_with_what_they_bring_alone_and_last():
    groups = found()[0]["groups"]
    assert list(groups) == ["dispatch", "one platform", "nights", "signs"]
    assert groups["dispatch"]["alone"] == pytest.approx(-20.0)
    assert groups["nights"]["last"] == pytest.approx(3.0)
    assert groups["one platform"]["of_whole"] == pytest.approx(5 / 22)


def test_without_shares_it_says_so():
    result = summary(FOUND, None, {}, settings())
    assert result["finding"] == "The shares are not known, as runs failed."
    assert result["changes"]["nights"] == ["levers.nights 0.0 -> 1.0"]


def test_one_replication_leaves_every_group_in_doubt():
    game = {members: of[:1] for members, of in values().items()}
    result = summary(FOUND, exact(PLAYERS, game.__getitem__), game, settings())
    assert "no group brings a part beyond doubt" in result["finding"]
    assert result["groups"]["dispatch"]["ci95"] == [None, None]


def test_a_row_holds_share_interval_changes_and_replications():
    _, shares, game = found()
    frame = share_table(shares, game, FOUND).set_index("group")
    row = frame.loc["dispatch"]
    assert row["changes"] == "levers.dispatch 0.0 -> 1.0"
    assert [row[f"replication_{r}"] for r in range(3)] == pytest.approx([-20.5, -20.0, -19.5])
    assert row["low"] < row["share"] < row["high"]


def test_the_table_has_every_group_and_the_whole(monkeypatch):
    text = io.StringIO()
    monkeypatch.setattr(console, "console", Console(file=text, width=150))
    show(found()[0], settings())
    printed = text.getvalue()
    assert "dispatch" in printed
    assert "-22.0 ± " in printed
    assert re.search(
        r"16 coalitions, 3 replications; shares sum to the whole within \de-1\d in", printed
    )
    assert "alike in both policies: sensing" in printed


def test_the_waterfall_of_a_share_is_in_per_cent(tmp_path, monkeypatch):
    from analysis.figures import waterfall

    drawn = {}
    monkeypatch.setattr(waterfall, "draw", lambda shares, ax, **words: drawn.update(words))
    _, shares, game = found("on_time_share", 0.01)
    draw(tmp_path, shares, game, FOUND, settings("on_time_share"))
    assert drawn["start"] == pytest.approx(100.0)
    assert drawn["ends"] == ("siloed", "integrated")
    assert {p.name for p in tmp_path.iterdir()} == {"waterfall.png", "waterfall.svg"}

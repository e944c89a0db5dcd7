"""Figures of searches, drawn anew from their tables: in Chinese nothing of them is in English."""

import re

import numpy as np
import pandas as pd
import pytest

from analysis import style
from experiments.report import searches, studies
from experiments.report.folder import Folder
from experiments.report.words import Words
from tests.results import needs_chinese_font

METRIC = "closure_latency_mean_hours"
TWO = ["siloed", "integrated"]


@pytest.fixture
def texts(monkeypatch):
    """The words of each figure in place of its drawing."""

    def told(fig):
        from matplotlib.text import Text

        fig.canvas.draw()
        shown = (t.get_text() for t in fig.findobj(Text) if t.get_visible())
        return "\n".join(text for text in shown if text).encode()

    monkeypatch.setattr(style, "svg", told)


def study(path, kind, summary, **tables):
    for name, rows in tables.items():
        pd.DataFrame(rows).to_parquet(path / f"{name}.parquet")
    folder = Folder(path, {"kind": kind, "command": []}, {"metric": METRIC} | summary)
    folder.__dict__["config"] = {"policies": TWO, "horizon": {"start": "2024-10-14"}}
    return folder


def entry(mean, low, high, **more):
    return {"mean": mean, "ci95": [low, high], **more}


def replicated(path, stopped="spent", name="replication", n=4):
    rows = [
        {"policy": p, name: r, "measure": METRIC, "value": 100.0 - 20 * k + r * (1 + k)}
        for k, p in enumerate(TWO) for r in range(n)
    ]  # fmt: skip
    days = [
        {"policy": p, "replication": 0, "day": d, "backlog": 10.0 + d}
        for p in TWO
        for d in range(9)
    ]
    summary = {
        "reference": "siloed", "stopped": stopped, "target": {"half_width": 0.05, "relative": True},
        "policies": {"integrated": entry(-18.5, -20.0, -17.0, is_met=True, enough=3)},
        "warmup": {"warmup_days": 3, "mser_days": {"siloed": 5, "integrated": None}},
    }  # fmt: skip
    return study(path, "replicate", summary, **{f"{name}s": rows}, days=days)


def chosen(path):
    rows = [
        {"system": p, "replication": r, "value": 100.0 - 20 * k + r}
        for k, p in enumerate(TWO) for r in range(3)
    ]  # fmt: skip
    return study(path, "choose", {"left": ["integrated"]}, replications=rows)


def forked(path):
    rows = [
        {"future": f, "replication": r, "what": "open", "name": str(d),
         "value": d + r + k * (d > 3)}
        for k, f in enumerate(("现状", "一次")) for r in range(2) for d in range(12)
    ]  # fmt: skip
    none, all_at_once = {"goes_over": []}, {"goes_over": [{"date": "2024-10-19"}]}
    futures = {
        "现状": none | {"difference": entry(0.0, 0.0, 0.0)},
        "一次": all_at_once | {"difference": entry(1.0, 0.5, 1.5)},
    }
    return study(path, "rollout", {"fork": "2024-10-18", "futures": futures}, futures=rows)


def discovered(path):
    x = np.linspace(0, 1, 8)
    points = {"甲": x, "乙": x[::-1], "丙": ["a", "b"] * 4, "is_of_interest": x < 0.5}
    limit = {"box": 0, "p_value": 0.01}
    boxes = [
        limit | {"column": "甲", "side": "high", "limit": 0.5, "frequency": 0.8, "low": 0.4,
                 "high": 0.6},
        limit | {"column": "丙", "side": "b", "limit": np.nan, "frequency": 0.8, "low": np.nan,
                 "high": np.nan},
    ]  # fmt: skip
    drawn = {"across": "甲", "up": "乙", "of_interest": "better",
             "names": {"甲": "甲", "乙": "乙"}, "ranges": {"甲": [0, 1], "乙": [0, 1]}}  # fmt: skip
    summary = {"drawn": drawn, "boxes": [{"points": 2, "coverage": 0.5, "density": 1.0}]}
    return study(path, "discover", summary, points=points, boxes=boxes)


def staffed(path):
    curve = [
        {"policy": p, "ladder": rung, "paid_hours": hours, "target": "all grades", "level": 0.7,
         "share": hours / 10000}
        for p in TWO for rung, hours in (("0.1", 8000.0), ("keeps up", 6000.0), ("", 7000.0))
    ]  # fmt: skip
    summary = {
        "targets": [{"of": "all grades", "stated": 0.7, "level": 0.7},
                    {"of": "all grades, Qingshi", "stated": 0.7, "level": 0.7}],
        "staff": {p: {"paid_hours": 7000.0} for p in TWO},
        "ceiling": {p: {"all grades": 0.9} for p in TWO},
    }  # fmt: skip
    return study(path, "staff", summary, curve=curve)


ALL = [(replicated, 2), (chosen, 1), (forked, 2), (discovered, 2), (staffed, 1)]


@pytest.mark.parametrize(("made", "n"), ALL)
def test_in_chinese_no_word_is_english(made, n, tmp_path, texts):
    needs_chinese_font()
    with style.language("zh"):
        found = list(studies.of_study(made(tmp_path), Words("zh")))
    assert [picture.key for picture in found] == ["redrawn"] * n
    for picture in found:
        said = picture.svg.decode().replace("MSER", "")
        assert not re.findall(r"[A-Za-z]{3,}", said), said


def test_one_long_run_is_drawn_batch_by_batch(tmp_path, texts):
    folder = replicated(tmp_path, stopped=None, name="span", n=40)
    first, _ = studies.of_study(folder, Words("en"))
    assert "batch, in the order of time" in first.svg.decode()


def test_values_after_an_unknown_one_are_not_drawn(tmp_path):
    folder = replicated(tmp_path)
    frame = folder.table("replications")
    frame.loc[2, "value"] = np.nan
    frame.to_parquet(tmp_path / "replications.parquet")
    assert len(searches._paired(folder, folder.summary, "integrated")) == 2


def test_a_box_is_put_together_from_its_limits(tmp_path):
    folder = discovered(tmp_path)
    points, rows = folder.table("points"), folder.table("boxes")
    interest = points["is_of_interest"].to_numpy(bool)
    box = searches._box(folder.summary["boxes"], rows, points, interest)
    assert box.limits == {"甲": (-np.inf, 0.5), "丙": frozenset({"a"})}
    assert searches._box([], rows, points, interest).limits == {}


def test_the_star_stands_at_the_plan_that_was_settled_on(tmp_path):
    rows = staffed(tmp_path).table("curve").query("policy == 'siloed'")
    curve = searches._curve(rows, 7000.0, 0.9)
    assert curve.chosen == (7000.0, 0.7)
    assert curve.hours.tolist() == [8000.0, 6000.0]
    assert curve.others[0].tolist() == [7000.0]


def test_a_discovery_without_labels_has_no_figure(tmp_path):
    assert not list(searches.discover(study(tmp_path, "discover", {"drawn": None}), Words("en")))

"""Figures of studies: drawn anew from their tables, or taken as they lie in the folder."""

import pandas as pd
import pytest

from experiments.report import studies
from experiments.report.folder import Folder
from experiments.report.words import Words

METRIC = "closure_latency_mean_hours"
TWO = ["siloed", "integrated"]


def study(path, kind, summary, **tables):
    for name, rows in tables.items():
        pd.DataFrame(rows).to_parquet(path / f"{name}.parquet")
    folder = Folder(path, {"kind": kind, "command": []}, summary)
    folder.__dict__["config"] = {"policies": TWO}
    return folder


def swept(path, key, values):
    rows = [
        {"point": i, key: value, "policy": policy, "replication": r, "measure": METRIC,
         "value": 10.0 + value + r}
        for i, value in enumerate(values) for policy in TWO for r in range(2)
    ]  # fmt: skip
    return study(path, "sweep", {"metric": METRIC}, points=rows)


def keys(folder, lang="en"):
    return [picture.key for picture in studies.of_study(folder, Words(lang))]


def test_a_sweep_over_how_busy_staff_is_has_a_knee_and_others_have_none(tmp_path):
    assert keys(swept(tmp_path, "staff.target_utilisation", (0.5, 0.7, 0.9))) == ["sweep", "knee"]
    assert keys(swept(tmp_path, "mechanism.coordination_hours", (8, 40))) == ["sweep"]


def test_the_knee_stands_over_the_planned_utilisation(tmp_path, monkeypatch):
    from analysis.figures import knee

    given = {}
    monkeypatch.setattr(
        knee, "draw", lambda busy, latency, ax, **_: given.update(busy=busy, t=latency)
    )
    frame = swept(tmp_path, "staff.target_utilisation", (0.5, 0.9)).table("points")
    studies.knee(frame, TWO, Words("en"))
    assert given["busy"]["siloed"].tolist() == [[0.5, 0.5], [0.9, 0.9]]
    assert given["t"]["siloed"].tolist() == [[10.5, 11.5], [10.9, 11.9]]


def test_an_attribution_is_a_waterfall(tmp_path):
    shares = [{"group": "sensing", "share": -2.0, "low": -3.0, "high": -1.0, "replication_0": -2.5,
               "replication_1": -1.5}]  # fmt: skip
    summary = {"metric": METRIC, "policies": TWO, "first_mean": 110.0}
    assert keys(study(tmp_path, "attribute", summary, shares=shares)) == ["waterfall"]


def test_swings_are_a_tornado_and_none_is_drawn_where_nothing_swings(tmp_path):
    ends = {f"{end}{part}": 1.0 for end in ("at_low", "at_high") for part in ("", "_from", "_to")}
    row = {"assumption": "a", "low_end": 0.0, "high_end": 1.0, "is_distinguishable": True} | ends
    change = {"change": 1.0, "change_from": 0.5, "change_to": 1.5}
    summary = {"metric": METRIC, "policies": TWO, "as_assumed": {"mean": -2.0}}
    assert keys(study(tmp_path, "sensitivity", summary, swings=[row | change])) == ["tornado"]
    assert (
        keys(study(tmp_path, "sensitivity", summary, swings=[row | change | {"change": 0.0}])) == []
    )


def test_volumes_that_one_replication_tried_alone_leave_no_gap(tmp_path, monkeypatch):
    from analysis.figures import capacity

    given = []
    monkeypatch.setattr(capacity, "draw", lambda curves, marks, ax, **_: given.append(curves))
    curve = [
        {"policy": "siloed", "replication": r, "volume": v, METRIC: v, "goodput_per_day": v}
        for r, v in ((0, 0.8), (0, 0.9), (0, 1.0), (1, 0.8), (1, 1.0))
    ]
    nothing = {"siloed": {"mean": None, "ci95": [None, None]}}
    summary = {"metrics": {"capacity": nothing, "knee": nothing}}
    assert keys(study(tmp_path, "capacity", summary, curve=curve)) == ["capacity", "capacity"]
    assert given[0]["siloed"][0].tolist() == [0.8, 1.0]


@pytest.mark.parametrize(
    ("lang", "key", "title"),
    [("en", "stored", "The incident's time, step by step"),
     ("zh", "stored_english", "该事件逐步的时间")],
)  # fmt: skip
def test_other_figures_are_taken_as_they_lie_there(tmp_path, lang, key, title):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "timeline.svg").write_bytes(b"<svg/>")
    folder = study(tmp_path, "trace", {})
    (picture,) = studies.of_study(folder, Words(lang))
    assert (picture.key, picture.svg, picture.values) == (key, b"<svg/>", {"title": title})


def test_figures_of_a_kind_are_told_apart_and_unknown_ones_go_by_their_names(tmp_path):
    (tmp_path / "figures").mkdir()
    for name in ("difference_integrated", "worse_off", "mine_own"):
        (tmp_path / "figures" / f"{name}.svg").write_bytes(b"<svg/>")
    drawn = studies.of_study(study(tmp_path, "trace", {}), Words("zh"))
    assert [each.values["title"] for each in drawn] == [
        "差异: 贯通", "mine_own", "哪些事件更晚解决"
    ]  # fmt: skip

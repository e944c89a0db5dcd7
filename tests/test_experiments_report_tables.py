"""Tables of a report: right numbers, told better or worse only beyond chance."""

import pandas as pd
import pytest

from experiments import console
from experiments.report import tables
from experiments.report.folder import Folder, read
from experiments.report.words import Words

WORDS = Words("en")


@pytest.mark.parametrize(
    ("measure", "mean", "ends", "told"),
    [
        ("closure_latency_mean_hours", -2.0, [-3, -1], "better"),
        ("closure_latency_mean_hours", 2.0, [1, 3], "worse"),
        ("on_time_share", 0.1, [0.05, 0.2], "better"),
        ("on_time_share", -0.1, [-0.2, -0.05], "worse"),
        ("on_time_share", -0.1, [-0.2, 0.05], "within chance"),
        ("utilisation_city", 0.1, [0.05, 0.2], "higher"),
        ("staff_hours", -0.1, [-0.2, -0.05], "lower"),
        ("staff_hours", 0, [0, 0], "the same"),
        ("on_time_share", 0.1, [None, None], "one replication, chance not known"),
        ("on_time_share", None, [None, None], "–"),
    ],
)
def test_a_verdict_is_given_only_beyond_chance(measure, mean, ends, told):
    assert f">{told}<" in f">{tables.verdict(measure, {'mean': mean, 'ci95': ends}, WORDS)}<"


def test_measures_that_have_a_better_side_are_measures():
    known = {*console.LABELS, "solved", "incidents"}
    assert set(tables.HIGHER_IS_BETTER) | set(tables.NEITHER) | set(tables.KEYS) <= known
    assert not set(tables.HIGHER_IS_BETTER) & set(tables.NEITHER)


def test_every_measure_has_its_row(compared):
    made = tables.measures(read(compared), WORDS)
    assert made.count("<tr>") == 1 + len(console.LABELS)
    assert "integrated minus siloed" in made


def test_groups_stand_in_the_order_of_their_gain(compared):
    frame = pd.read_parquet(compared / "by_severity.parquet")
    made = tables.by_group(read(compared), "severity", WORDS, frame)
    wide = frame.pivot(
        index="severity", columns=["policy", "replication"], values="mean_latency_hours"
    ).dropna()
    change = (wide["integrated"] - wide["siloed"]).mean(axis=1)
    order = change.sort_values(ascending=False).index
    assert len(order) > 1
    places = [made.index(f">grade {grade}<") for grade in order]
    assert places == sorted(places)


def test_one_group_needs_no_table(compared):
    frame = pd.read_parquet(compared / "by_severity.parquet")
    alone = frame[frame["severity"] == "IV"]
    assert tables.by_group(read(compared), "severity", WORDS, alone) is None


def test_long_tables_are_cut_and_say_so(tmp_path):
    frame = pd.DataFrame({"n": range(100), "name": "x", "value": 0.5})
    for name in ("swings", "points"):
        frame.to_parquet(tmp_path / f"{name}.parquet")
    folder = Folder(tmp_path, {"kind": "sweep", "command": []}, {})
    assert tables.in_order(["points", "swings"]) == ["swings", "points"]
    for name, rows in (("swings", 40), ("points", 5)):
        _, table, note = tables.of_folder(folder, WORDS, name)
        assert table.count("<tr>") == 1 + rows
        assert f"{rows} of 100 rows and 3 of 3 columns are shown" in note
        assert table.index(">name<") < table.index(">n<")  # words first


def test_the_metric_of_a_study_comes_first_and_measures_have_their_words(tmp_path):
    names = ["open_at_end"] * 60 + ["closure_latency_mean_hours"] * 2
    frame = pd.DataFrame({"measure": names, "policy": "siloed", "value": range(62)})
    frame.to_parquet(tmp_path / "differences.parquet")
    summary = {"metric": "closure_latency_mean_hours"}
    folder = Folder(tmp_path, {"kind": "sweep", "command": []}, summary)
    _, table, _ = tables.of_folder(folder, Words("zh"), "differences")
    assert table.index(">60<") < table.index(">61<") < table.index(">0<")
    assert table.count("解决时长，截断均值（小时）") == 2
    assert table.count("条块分立") == 40


def test_a_quick_look_has_its_measures_and_an_empty_table_is_left_out(tmp_path):
    def row(siloed, integrated):
        return {name: {"mean": mean, "ci95": [mean - 1, mean + 1]} for name, mean in (
            ("siloed", siloed), ("integrated", integrated), ("difference", integrated - siloed))
        }  # fmt: skip

    metrics = {"closure_latency_mean_hours": row(113.0, 76.0), "sensing": row(22.0, 21.0)}
    folder = Folder(tmp_path, {"kind": "lab", "command": []}, {"metrics": metrics})
    folder.__dict__["config"] = {"policies": ["siloed", "integrated"]}
    made = tables.of_lab(folder, WORDS)
    assert "−37.0 (−38.0 to −36.0)" in made
    assert "of this sensing (h)" in made
    pd.DataFrame({"box": []}).to_parquet(tmp_path / "boxes.parquet")
    assert tables.of_folder(folder, WORDS, "boxes") == []


def test_the_interval_of_a_share_stays_a_share():
    assert tables.interval_of([0.0, 0.1], share=True)["ci95"][0] == 0
    assert tables.interval_of([0.0, 0.1])["ci95"][0] < 0

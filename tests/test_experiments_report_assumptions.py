"""What could overturn a finding: from studies, or the command that finds it."""

import pandas as pd

from experiments.report import assumptions
from experiments.report.folder import Folder
from experiments.report.words import Words

WORDS = Words("en")


def compared(*typed, split=None):
    made = {"kind": "compare", "command": ["guantong", "compare", *typed]}
    return Folder(None, made, {"split": {"policies": split or {}}})


def test_a_command_takes_the_settings_that_decide_what_it_finds():
    folder = compared("city=tiny", "results=x", "replications=3", "split.parts=[]", "horizon=short")
    made = assumptions.command("overturn", folder, "horizon=long")
    assert made == "<pre>guantong overturn city=tiny horizon=long</pre>"


def test_without_studies_the_share_and_the_commands_are_told():
    share = {"mean": 0.66, "ci95": [0.5, 0.79]}
    part = {"share_assumed": share, "numbers_that_differ": {"assumed": ["policy.levers.direct"]}}
    made = assumptions.section(compared("city=tiny", split={"integrated": part}), {}, WORDS)
    assert "66 % (95 % interval 50 to 79 %)" in made
    assert "policy.levers.direct" in made
    assert "guantong overturn city=tiny" in made
    assert "guantong sensitivity city=tiny" in made


def test_an_overturn_study_is_told_with_what_turns_first():
    effects = [
        {"factor": "mild", "end": "low", "difference_hours": -9.0},
        {"factor": "mild", "end": "high", "difference_hours": -11.0},
        {"factor": "turning", "end": "high", "difference_hours": 2.0},
    ]
    study = Folder(None, {}, {"difference_hours": -10.0, "effects": effects})
    made = assumptions.overturned(study, WORDS)
    assert made.index("turning") < made.index("mild")
    assert ">yes<" in made[made.index("turning") : made.index("mild")]
    assert ">no<" in made[made.index("mild") :]


def test_break_even_points_with_their_sets(tmp_path):
    rows = [
        {"lever": "a", "low_end": 0.0, "high_end": 1.0, "at": 0.25, "low": 0.2, "high": None,
         "verdict": "crosses"},
        {"lever": "b", "low_end": 0.0, "high_end": 1.0, "at": None, "low": None, "high": None,
         "verdict": "below"},
    ]  # fmt: skip
    frame = pd.DataFrame(rows).astype({"at": float, "low": float, "high": float})
    frame.to_parquet(tmp_path / "break_even.parquet")
    made = assumptions.break_even(Folder(tmp_path, {}, {}), WORDS)
    assert "0.25 (0.2 to beyond the range)" in made
    assert "crosses 0" in made
    assert "not within the range" in made
    assert "always below 0" in made


def test_without_break_even_points_none_is_given(tmp_path):
    made = assumptions.break_even(Folder(tmp_path, {}, {}), WORDS)
    assert "No study with break-even points" in made


def test_what_moves_most_beyond_chance_comes_first(tmp_path):
    frame = pd.DataFrame({"assumption": ["a", "b", "c"], "change": [1.0, -5.0, -2.0],
                          "is_distinguishable": [True, False, True]})  # fmt: skip
    frame.to_parquet(tmp_path / "swings.parquet")
    assert list(assumptions.widest(Folder(tmp_path, {}, {}), 2)["assumption"]) == ["c", "a"]

"""The claim for water: what is borne out, by hand, and the command on a small city."""

import json

import pytest

from analysis.intervals import mean_interval
from experiments.claim import PARTS, READINGS, Row, page, rows
from experiments.cli import main
from scenarios.load import CONF, compose_settings


def row(mean, low, high):
    return Row("as_shipped", "siloed", "integrated", dict.fromkeys(PARTS, (mean, low, high)))


@pytest.mark.parametrize(
    ("low", "said"),
    [
        (0.81, "80 % less time"),
        (0.80, "80 % less time"),
        (0.79, "1.8 times as fast"),
        (0.45, "1.8 times as fast"),
        (0.44, "neither"),
        (-0.2, "neither"),
        (None, "neither"),
    ],
)
def test_a_reading_is_borne_out_where_the_whole_interval_is(low, said):
    assert row(0.9, low, 0.95).says("sensing_hours") == said
    assert READINGS["1.8 times as fast"] == pytest.approx(4 / 9)


def test_each_part_falls_from_the_first_policy_to_each_other():
    before = [dict.fromkeys(PARTS, value) for value in (10.0, 20.0)]
    half = [dict.fromkeys(PARTS, value) for value in (5.0, 12.0)]
    found = rows("case", {"a": before, "b": half, "c": before})
    assert [(r.before, r.after) for r in found] == [("a", "b"), ("a", "c")]
    assert found[0].falls["closure_hours"] == mean_interval([0.5, 0.4])
    assert found[1].falls["closure_hours"] == (0.0, 0.0, 0.0)


def test_what_is_not_defined_is_said_so():
    undefined = [dict.fromkeys(PARTS, None)] * 2
    (found,) = rows("case", {"a": undefined, "b": undefined})
    made = {"created": "2026-11-23T00:00:00", "seeds": [1, 2], "sources": "0" * 64}
    text = "\n".join(page([found], made))
    assert "not defined" in text
    assert "neither" in text


def test_every_set_of_assumptions_composes_and_keeps_to_the_ranges():
    names = sorted(path.stem for path in (CONF / "experiment/water").glob("*.yaml"))
    assert len(names) == 7
    for name in names:
        config = compose_settings([f"experiment=water/{name}"])
        assert config.policies[1:] == ["integrated", "hybrid/water"]
        water = config.catalogue.kinds.water_pollution
        assert 90 <= water.dispose.mean <= 360
        assert 0.06 <= water.failure <= 0.34
        assert 28 <= water.patrol_hours <= 112


@pytest.mark.filterwarnings("ignore:policy ")
def test_the_command_writes_a_folder_and_the_page(tmp_path, capsys):
    target = tmp_path / "claim.md"
    target.write_text("<!-- claim: begin -->\n<!-- claim: end -->\n", encoding="utf-8")
    arguments = [
        *("city=tiny", "horizon=short", "stream.volume=2", "replications=2"),
        "staff.pilot_incidents=4000",
        *(f"results={tmp_path}", f"page={target}", "cases=[kindest]"),
    ]
    assert main(["claim", *arguments]) == 0
    (folder,) = tmp_path.glob("claim-*")
    found = json.loads((folder / "summary.json").read_text("utf-8"))["cases"]
    assert len(found) == 2
    assert {case["after"] for case in found} == {"integrated", "hybrid/water"}
    assert f"results: {folder}" in capsys.readouterr().out
    assert target.read_text("utf-8").count("| hybrid/water |") == 1

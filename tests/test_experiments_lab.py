"""`guantong lab`: quick comparisons, and answers that are what the lesson's commands give."""

import re
import shlex
from pathlib import Path

import pytest

from experiments import pages
from experiments.cli import main
from experiments.lab import LESSON, MEASURES, answer_of, commands, of_lesson
from tests.commands import folder_made, read_json

DOCS = Path(__file__).resolve().parent.parent / "docs"
ANSWERS = (DOCS / "lesson_answers.md").read_text("utf-8")
ASKED = commands(ANSWERS)
QUICK = [ASKED[1], ASKED[5], ASKED[11]]


def told(command: str, measure: str) -> list[float]:
    """The numbers of a row of an answer: mean and half interval, or means and the difference's."""
    table = pages.between(ANSWERS, command)
    (row,) = re.findall(rf"^\| {re.escape(measure)} \|(.*)\|$", table, re.M)
    return [float(number.replace(",", "")) for number in re.findall(r"[+-]?[\d,]+\.?\d*", row)]


# --- the lesson ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lesson.md", "lesson.zh.md"])
def test_the_answers_are_to_the_commands_of_the_lesson(name):
    shown = re.findall(r"^guantong .*$", (DOCS / name).read_text("utf-8"), re.M)
    assert shown == ASKED
    assert len(shown) == 12


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, marks=() if command in QUICK else pytest.mark.slow)
        for command in ASKED
    ],
)
def test_an_answer_is_what_its_command_gives(command):
    assert pages.between(ANSWERS, command) == answer_of(command).strip()


def test_the_plan_fills_ninety_minutes_without_gaps():
    for name in ("lesson.md", "lesson.zh.md"):
        plan = re.findall(r"^\| (\d+)–(\d+) \|", (DOCS / name).read_text("utf-8"), re.M)
        begins, ends = ([int(pair[k]) for pair in plan] for k in (0, 1))
        assert (begins[0], ends[-1]) == (0, 90)
        assert begins[1:] == ends[:-1]


def test_what_the_answers_say_of_the_knee_is_in_their_tables():
    quiet, planned, busy, full = ASKED[:4]
    waiting = [told(command, "waiting for a desk")[0] for command in (quiet, planned, busy, full)]
    assert waiting[1] < 1.5 * waiting[0]
    assert waiting[3] > 3 * waiting[1]
    assert waiting[2] / waiting[1] == pytest.approx(1.75, abs=0.05)
    grids = [told(command, "Utilisation, grids (%)")[0] for command in (quiet, planned, busy, full)]
    assert grids[1] == pytest.approx(66, abs=0.5)
    assert 80 < grids[2] < 92
    assert grids[3] > 99
    for measure in ("Utilisation, city (%)", "Utilisation, townships (%)"):
        assert told(quiet, measure)[0] < 35
    assert told(full, "Utilisation, townships (%)")[0] < 80
    rework = [told(command, "re-work, false closings")[0] for command in (quiet, full)]
    assert 1.8 < rework[1] / rework[0] < 2
    hours = "已知 0.5 时*等待工作台*（waiting for a desk）是 18.5 小时"
    assert hours in (DOCS / "lesson.zh.md").read_text("utf-8")
    assert waiting[0] == 18.5


def test_what_the_answers_say_of_pooling_is_in_their_tables():
    quick, slower, quiet = ASKED[4:7]
    mean = {c: told(c, "Closure latency, mean (h)") for c in (quick, slower, quiet)}
    *_, gain, half = mean[quick]
    assert gain + half < 0
    *_, none, half = mean[slower]
    assert none - half < 0 < none + half
    assert none > gain / 2
    *_, loss, half = mean[quiet]
    assert loss - half > 0
    siloed, pooled, *_ = told(slower, "Utilisation, grids (%)")
    assert pooled - siloed < 1
    tiers = ("city", "districts", "townships")
    assert siloed > max(told(slower, f"Utilisation, {tier} (%)")[0] for tier in tiers)


def test_what_the_answers_say_of_relays_is_in_their_tables():
    batches, at_once = ASKED[7:9]
    *_, gain, half = told(batches, "Closure latency, mean (h)")
    assert gain + half < 0
    *_, left, margin = told(at_once, "Closure latency, mean (h)")
    assert left + margin < 0
    assert left / gain == pytest.approx(1 / 3, abs=0.05)
    *_, waiting, half = told(at_once, "waiting for a desk")
    assert waiting + half < 0
    *_, again, half = told(batches, "re-work, false closings")
    assert again + half < 0
    assert told(at_once, "waiting for a desk")[0] > told(batches, "waiting for a desk")[0] + 2
    for tier in ("city", "townships"):
        *_, less, half = told(batches, f"Utilisation, {tier} (%)")
        assert less + half < 0


def test_what_the_answers_say_of_the_storm_is_in_their_tables():
    ordinary, storm, calm_heads = ASKED[9:]
    before, after = (told(c, "Closure latency, mean (h)") for c in (ordinary, storm))
    assert after[1] - before[1] > after[0] - before[0] > 0  # it costs the integrated city more
    assert before[2] + before[3] < after[2] - after[3] < after[2] + after[3] < 0
    *_, without, half = told(calm_heads, "Closure latency, mean (h)")
    assert without - half < after[2] + after[3]
    assert after[2] - after[3] < without + half
    grids = told(storm, "Utilisation, grids (%)")
    assert grids[1] > 100 > grids[0]


# --- the command --------------------------------------------------------------------------------


def test_a_lab_is_the_comparison_of_the_lesson(tmp_path, capsys):
    folder = folder_made(tmp_path, "lab", "policies=[siloed,lesson/direct]", "replications=2")
    found = read_json(folder)["metrics"]
    assert set(found) == set(MEASURES)
    for name in ("siloed", "lesson/direct"):
        parts = ("sensing", "assumed_delay", "work", "waiting", "rework")
        total = found["closure_latency_mean_hours"][name]["mean"]
        assert sum(found[part][name]["mean"] for part in parts) == pytest.approx(total)
    assert read_json(folder, "provenance")["seeds"] == [1_000_000, 1_000_001]
    said = capsys.readouterr().out
    assert "lesson/direct - siloed" in said
    assert all(label in said for label in MEASURES.values())


def test_another_experiment_takes_the_place_of_the_lesson():
    assert of_lesson(["seed=2"]) == [LESSON, "seed=2"]
    assert of_lesson(["experiment=plain"]) == ["experiment=plain"]


def test_answers_are_written_between_their_marks(tmp_path):
    page = tmp_path / "page.md"
    asked = shlex.join(["guantong", "lab", "policies=[siloed]", "replications=2"])
    page.write_text("\n".join(["before", *pages.marks(asked), "after"]), "utf-8")
    assert main(["lab", f"page={page}"]) == 0
    text = page.read_text("utf-8")
    assert pages.between(text, asked) == answer_of(asked).strip()
    assert text.startswith("before")
    assert text.endswith("after")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (["page={}/none.md"], "cannot be read"),
        (["page={}/empty.md"], "has no line"),
        (["page={}/empty.md", "seed=2"], "stands alone, and seed=2 was given"),
    ],
)
def test_a_page_without_marks_is_refused(given, error, tmp_path, capsys):
    (tmp_path / "empty.md").write_text("nothing", "utf-8")
    assert main(["lab", *(one.format(tmp_path) for one in given)]) == 1
    assert error in capsys.readouterr().err
    with pytest.raises(ValueError, match="it needs the lines"):
        pages.between("nothing", "x")

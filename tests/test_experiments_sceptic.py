"""The figures of the sceptic's page come from results folders and stand between its marks."""

import json
import shutil

import pytest

from experiments import overturn as module
from experiments import sceptic
from experiments.compare import compare
from experiments.overturn import factors, overturn
from experiments.sceptic import BEGIN, END, figures, main, overturn_lines, renewed
from tests.conftest import TINY

POLICIES = ("siloed", "integrated")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("results")
    with pytest.MonkeyPatch.context() as patch:
        few = factors(TINY, POLICIES)[:2]
        patch.setattr(module, "factors", lambda overrides, policies: few)
        overturned = overturn([*TINY, f"results={root}"])
    compared = compare([*TINY, "replications=2", "split.replications=2", f"results={root}"])
    return compared, overturned


@pytest.mark.filterwarnings("ignore:policy .* are offered more work than their seats can do")
def test_the_figures_say_what_the_folders_hold(folders, tmp_path):
    compared, overturned = (shutil.copytree(f, tmp_path / f.name) for f in folders)
    origin = json.loads((overturned / "provenance.json").read_text("utf-8"))
    origin["command"] = ["guantong", "overturn", "city.district=B", "results=here", "threads=1"]
    (overturned / "provenance.json").write_text(json.dumps(origin), encoding="utf-8")
    text = figures(compared, overturned)
    assert " and `guantong overturn city.district=B threads=1`, else default settings, " in text
    assert text.startswith(BEGIN)
    assert text.endswith(END)
    for words in ("| Sensing |", "| **Closure latency, restricted mean** |",
                  "| Control: no batches, sensors as in siloed |", "| Staffed to 0.95 |",
                  "numbers in force", "as set, the difference is", "`guantong"):  # fmt: skip
        assert words in text


def effect(name, end, difference):
    return {"factor": name, "end": end, "difference_hours": difference}


@pytest.mark.parametrize(
    ("together", "effects", "words"),
    [
        (
            2,
            [],
            "None overturns it alone; the 2 worst ends together do: a at its low end; b at its "
            "low end.",
        ),
        (None, [], "None overturns it alone, nor do all worst ends together (3)."),
        (1, [effect("c", "high", 1.0)], "Alone, c at its high end overturns it."),
        (
            1,
            [effect("c", "low", 2.0), effect("c", "high", 1.0)],
            "Alone, c at its low end; c at its high end overturn it.",
        ),
    ],
)
def test_the_sentence_says_what_overturns(together, effects, words):
    found = {
        "difference_hours": -20.0,
        "effects": [effect("a", "low", -5.0), effect("a", "high", -25.0), *effects],
        "worst": [f"{name} at its low end" for name in "abc"],
        "fewest_that_overturn": together,
    }
    *_, text, _ = overturn_lines(found, 1)
    assert text.endswith(f" h (one replication). {words}")
    assert " h (4 replications). " in overturn_lines(found, 4)[-2]


def test_the_prose_around_the_figures_stays():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert renewed(page, f"{BEGIN}\nnew\n{END}") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    with pytest.raises(ValueError, match="needs the lines"):
        renewed("before and after", "new")


def test_the_command_replaces_the_page(folders, tmp_path, monkeypatch):
    page = tmp_path / "sceptic.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(sceptic, "PAGE", page)
    assert main([str(folder) for folder in folders]) == 0
    text = page.read_text("utf-8")
    assert "old" not in text
    assert text.startswith("before\n<!-- figures: begin -->")


def test_folders_that_hold_something_else_are_refused(tmp_path, capsys):
    assert main([str(tmp_path), str(tmp_path)]) == 1
    assert "no whole results of compare and overturn" in capsys.readouterr().err


def test_the_page_itself_has_both_marks():
    text = sceptic.PAGE.read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1

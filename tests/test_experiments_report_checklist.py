"""How to reproduce a result, and the checklist: filled from the run, whatever it was."""

from experiments.report import checklist
from experiments.report.folder import Folder, read
from experiments.report.words import Words

WORDS = Words("en")


def typed(compared, *words):
    folder = read(compared)
    made = {**folder.made, "command": ["guantong", "compare", *words]}
    return Folder(folder.path, made, folder.summary)


def test_the_exact_command_can_be_typed(compared):
    made = checklist.reproduce(typed(compared, "city.district=渝中区", "a=[b, c]"), WORDS)
    assert "guantong compare &#x27;city.district=渝中区&#x27; &#x27;a=[b, c]&#x27;" in made
    assert "1000000, 1000001" in made


def test_many_seeds_are_counted(compared):
    folder = typed(compared)
    folder.made["seeds"] = list(range(20))
    assert "11 and 8 more" in checklist.reproduce(folder, WORDS)


def test_every_item_is_filled_from_the_run(compared):
    made = checklist.stress(typed(compared, "city=tiny"), WORDS)
    assert made.count("<dt>") == sum(map(len, checklist.ITEMS.values())) == 20
    for fact in ("3 days of warm-up", "Cohort of 4 days", "2 replications", "siloed, integrated",
                 "shared_data 0.1 → 0.85", "guantong compare city=tiny", "first come, first served",
                 "compiled clock"):  # fmt: skip
        assert fact in made, fact
    assert "{" not in made


def test_one_run_is_not_told_to_have_intervals(compared):
    folder = typed(compared)
    folder.made["seeds"] = [7]
    made = checklist.stress(folder, WORDS)
    assert "one run, seed 7, without an interval" in made
    assert "Student" not in made


def test_what_the_folder_does_not_have_is_not_made_up(compared, tmp_path):
    folder = typed(compared)
    elsewhere = Folder(tmp_path, folder.made, {})
    elsewhere.__dict__["config"] = folder.config
    made = checklist.stress(elsewhere, WORDS)
    assert "how many numbers are assumed is told by guantong evidence" in made
    assert "not in this folder" in made

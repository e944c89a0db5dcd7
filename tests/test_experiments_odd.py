"""The tables of parameters in docs/odd.md: current, and without a number left out."""

import re
import shutil

import pytest

from experiments import odd
from experiments.odd import MARK, PAGE, main, parameters, policies
from experiments.pages import between, marks
from scenarios.evidence import entries, ledger
from scenarios.load import CONF, option_files

HEADINGS = (
    "1 Purpose and patterns",
    "2 Entities, state variables and scales",
    "3 Process overview and scheduling",
    "4 Design concepts",
    "5 Initialisation",
    "6 Input data",
    "7 Submodels",
)
CONCEPTS = (
    *("Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction"),
    *("Sensing", "Interaction", "Stochasticity", "Collectives", "Observation"),
)


@pytest.fixture(scope="module")
def text():
    return parameters()


def rows(text, title):
    """The cells of the table below a heading, by the first one."""
    section = re.split(r"^#{4,5} ", text.partition(f"# {title}\n")[2], maxsplit=1, flags=re.M)[0]
    table = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:1] == "|"]
    head, _, *lines = table
    return {line[0]: dict(zip(head, line, strict=False)) for line in lines}


# --- the page ---------------------------------------------------------------------------------


def test_the_page_is_current(text):
    on_page = between(PAGE.read_text("utf-8"), MARK)
    assert on_page == text.strip(), "run: python -m experiments.odd"


def test_the_page_has_the_headings_of_the_protocol_in_order():
    page = PAGE.read_text("utf-8")
    assert tuple(re.findall(r"^## (.*)$", page, re.M)) == HEADINGS
    concepts = page.partition("## 4 ")[2].partition("## 5 ")[0]
    assert tuple(re.findall(r"^### (.*)$", concepts, re.M)) == CONCEPTS


# --- the tables -------------------------------------------------------------------------------


def test_every_setting_outside_the_catalogue_has_a_row(text):
    for entry in ledger({}, CONF):
        if not entry.file.startswith("catalogue/"):
            assert f"| `{entry.key.partition('[')[0]}` |" in text, entry.key
    for name in policies(CONF):
        for path, package in option_files([f"policy={name}"], CONF):
            for entry in entries([(path, package)], CONF) if package == "policy" else ():
                assert f"| `{entry.key}` |" in text, (name, entry.key)


def test_every_number_of_the_catalogue_has_a_cell(text):
    """As many numbers stand in the tables of kinds and profiles as the ledger has."""
    catalogue = text.partition("# conf/catalogue/")[2].partition("\n#### ")[0]
    bare = re.sub(r"\([^|()]*\.\.[^|()]*\)", "", catalogue)  # ranges
    found = 0
    for title in re.findall(r"^##### (.*)$", catalogue, re.M):
        for line in rows(bare, title).values():
            texts = {"profile", "kind", "name", "unit", "range", "evidence", "joint"}
            numbers = [cell for name, cell in line.items() if name not in texts]
            found += sum(bool(re.match(r"-?\d", cell)) for cell in numbers)
            found += len(re.findall(r"\w [\d.]+", line.get("joint", "")))
    counted = [e for e in ledger({}, CONF) if re.match(r"catalogue\.(kinds|profiles)", e.key)]
    assert found == len(counted) > 1000


def test_a_row_has_value_unit_range_and_evidence(text):
    found = rows(text, "conf/stream/generated.yaml")["`stream.day_cv`"]
    assert found == {
        "setting": "`stream.day_cv`", "value": "0.29", "unit": "1", "range": "0.05..0.4",
        "evidence": "Boston 311 2015, computed",
    }  # fmt: skip


def test_a_list_is_one_row_for_each_evidence(text):
    found = [line for line in text.splitlines() if line.startswith("| `calendar.holidays`")]
    assert len(found) == len({e.evidence for e in ledger({}, CONF) if "holidays" in e.key}) > 1
    assert "2024-02-10, 2024-02-17; 2024-04-04, 2024-04-06" in "".join(found)


def test_a_kind_has_its_numbers_in_the_tables_of_its_themes(text):
    limits = rows(text, "Kinds: limits by grade")["`sanitation`"]
    assert (limits["limit I"], limits["limit IV"]) == ("2 h", "4 wh")
    assert limits["evidence"] == "digital city management case standard, read"
    noticed = rows(text, "Kinds: until noticed and reported again")["`sanitation`"]
    assert noticed["patrol_hours"] == "8 (4..16)"
    assert noticed["evidence"] == "duplicates: Boston 311 2015, computed; else assumed"
    assert rows(text, "Kinds: what they are")["8"]["joint"] == "water 0.5, township 0.5"


def test_policies_stand_side_by_side_the_default_first(text):
    assert policies(CONF)[0] == "siloed"
    assert "theory" not in policies(CONF)
    joint = rows(text, "conf/policy")["`policy.levers.joint`"]
    assert [joint[name] for name in ("siloed", "integrated")] == ["0.1 (0..0.4)", "0.7 (0.4..1)"]


def test_files_that_are_left_out_are_named(text):
    rest = text.partition("#### Other files")[2]
    assert "`catalogue/tiny.yaml` (" in rest
    assert "`policy/theory.yaml` (" in rest
    assert "siloed" not in rest


def test_numbers_of_a_new_field_of_the_kinds_are_not_lost(tmp_path):
    conf = tmp_path / "conf"
    shutil.copytree(CONF, conf)
    path = conf / "catalogue" / "chongqing.yaml"
    new = "    prevention_hours: 48  # h | 12..96 | assumed\n    failure:"
    path.write_text(path.read_text("utf-8").replace("    failure:", new), "utf-8")
    found = rows(parameters(conf), "Kinds: further numbers")
    fire = {"kind": "`fire`", "prevention_hours": "48"}
    assert fire.items() <= found["`fire`"].items()
    assert len(found) == 26


# --- the command ------------------------------------------------------------------------------


def test_the_command_renews_the_page_and_nothing_else(tmp_path, monkeypatch, text):
    page = tmp_path / "odd.md"
    begin, end = marks(MARK)
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n", "utf-8")
    monkeypatch.setattr(odd, "PAGE", page)
    assert main([]) == 0
    assert page.read_text("utf-8") == f"before\n{begin}\n{text.strip()}\n{end}\nafter\n"


def test_a_page_without_marks_is_an_error(tmp_path, monkeypatch, capsys):
    page = tmp_path / "odd.md"
    page.write_text("prose", "utf-8")
    monkeypatch.setattr(odd, "PAGE", page)
    assert main([]) == 1
    assert "needs the lines" in capsys.readouterr().err
    assert page.read_text("utf-8") == "prose"

"""A results folder as a report reads it: whole, of this version, not edited, or it says so."""

import json
import shlex
import shutil

import pytest

from experiments.report.folder import Folder, beside, read
from sim.errors import InputError


@pytest.fixture
def copied(compared, tmp_path):
    return shutil.copytree(compared, tmp_path / "root" / compared.name)


def remade(folder, **changes):
    path = folder / "provenance.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def test_a_whole_folder_is_read_without_a_notice(compared):
    folder = read(compared)
    assert (folder.kind, folder.notices) == ("compare", ())
    assert folder.config["city"]["name"] == "tiny"
    assert {"by_district", "metrics", "flow"} <= set(folder.tables)
    assert len(folder.table("flow", ["hour"]).columns) == 1
    assert {path.suffix for path in folder.figures} == {".svg"}


def test_its_files_are_listed_in_its_provenance(compared):
    files = read(compared).made["files"]
    on_disk = {p.relative_to(compared).as_posix() for p in compared.rglob("*") if p.is_file()}
    assert set(files) == on_disk - {"provenance.json"}


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda f: shutil.rmtree(f), "is no folder"),
        (lambda f: (f / "summary.json").unlink(), "it lacks summary.json"),
        (lambda f: (f / "config.yaml").unlink(), "it lacks config.yaml"),
        (lambda f: (f / "by_kind.parquet").unlink(), "it lacks by_kind.parquet"),
        (lambda f: (f / "summary.json").write_text("{", "utf-8"), "is no JSON"),
        (lambda f: (f / "provenance.json").write_text("{}", "utf-8"), "lacks command, created"),
        (lambda f: remade(f, command=["guantong"], kind=None), "lacks the command's name"),
    ],
)
def test_what_is_not_whole_is_refused(copied, broken, message):
    broken(copied)
    with pytest.raises(InputError, match=message):
        read(copied)


def test_a_folder_that_is_still_being_written_is_refused(copied):
    hidden = copied.rename(copied.with_name(".compare-1.partial"))
    with pytest.raises(InputError, match="still being written"):
        read(hidden)


def test_a_play_is_refused_with_the_command_that_gives_it_results(tmp_path):
    play = tmp_path / "cockpit 1"
    play.mkdir()
    (play / "replay.sh").write_text("guantong run\n", "utf-8")
    (play / "provenance.json").write_text("{}", "utf-8")
    with pytest.raises(InputError, match="is a play of the cockpit") as refused:
        read(play)
    _, again, then = str(refused.value).splitlines()
    assert shlex.split(again) == ["sh", str(play / "replay.sh")]
    assert "guantong report run=FOLDER" in then


def test_an_edited_file_is_named_and_passes_only_when_asked(copied):
    path = copied / "summary.json"
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    with pytest.raises(
        InputError, match=r"edited after it was written: summary\.json; edited=true"
    ):
        read(copied)
    assert read(copied, edited=True).notices == (("notice.edited", {"files": "summary.json"}),)


def test_a_file_that_was_added_is_no_edit(copied):
    (copied / "report.html").write_text("x", "utf-8")
    assert read(copied).notices == ()


@pytest.mark.parametrize("text", ["", "a: [1", "\x00", "- 1"])
def test_settings_that_cannot_be_read_are_refused(copied, text):
    (copied / "config.yaml").write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"config\.yaml' (holds no|cannot be read as) settings"):
        _ = read(copied, edited=True).config


def test_other_sources_and_a_folder_without_a_list_are_told(copied):
    remade(copied, sources="0123")
    ((key, values),) = read(copied).notices
    assert (key, values["theirs"]) == ("notice.sources", "0123")
    made = json.loads((copied / "provenance.json").read_text("utf-8"))
    del made["files"]
    (copied / "provenance.json").write_text(json.dumps(made), "utf-8")
    assert [key for key, _ in read(copied).notices] == ["notice.unlisted", "notice.sources"]


def test_a_table_that_cannot_be_read_is_named(copied):
    (copied / "flow.parquet").write_bytes(b"x")
    with pytest.raises(InputError, match=r"flow.parquet' cannot be read as a table"):
        read(copied, edited=True).table("flow")


def test_a_folder_made_from_python_has_no_command_line(compared):
    folder = read(compared)
    assert folder.typed is None
    made = dict(folder.made, command=["guantong", "compare", "city=tiny"])
    assert Folder(folder.path, made, {}).typed == made["command"]


def test_folders_beside_it_must_have_its_fingerprint_and_be_whole(copied):
    assert beside(read(copied)) == []
    for name, changes in (
        ("attribute-1", {"kind": "attribute"}),
        ("attribute-2", {"kind": "attribute", "created": "2999-01-01T00:00:00"}),
        ("sweep-1", {"kind": "sweep", "fingerprint": "other"}),
        ("overturn-1", {"kind": "overturn"}),
        ("compare-2", {}),
    ):
        remade(shutil.copytree(copied, copied.parent / name), **changes)
    (copied.parent / "overturn-1" / "summary.json").unlink()
    assert [other.path.name for other in beside(read(copied))] == ["attribute-2"]

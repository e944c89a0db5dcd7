"""`guantong export`: whole files, clear words, nothing left behind."""

import errno
import gzip

import pytest

from experiments.cli import main
from experiments.export import command
from tests.event_logs import awkward_folder, busy_folder


def test_a_compressed_log_holds_the_same_and_is_the_same_each_time(tmp_path):
    plain, first, second = (tmp_path / name for name in ("a", "b.gz", "c"))
    said = ["export", f"run={awkward_folder()}", "format=csv"]
    assert main([*said, f"to={plain}"]) == 0
    assert main([*said, f"to={first}"]) == 0  # by its name
    assert main([*said, f"to={second}", "gzip=true"]) == 0
    assert gzip.decompress(first.read_bytes()) == plain.read_bytes()
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b.gz", "c"]


def test_what_the_log_holds_is_said(tmp_path, capsys):
    assert main(["export", f"run={busy_folder()}", f"to={tmp_path / 'log'}"]) == 0
    log = (tmp_path / "log").read_text("utf-8")
    cases, visits = log.count("<trace>"), log.count('value="complete"')
    said = capsys.readouterr().out
    assert f"integrated, replication 0: {cases:,} cases, {visits:,} visits; " in said
    assert "incidents without a visit are left out." in said


def test_a_log_stands_beside_its_folder_unless_told_where():
    folder = awkward_folder()
    assert main(["export", f"run={folder}", "format=ocel"]) == 0
    place = folder.parent / f"{folder.name}-siloed-0.ocel.json"
    assert place.is_file()
    place.unlink()


def test_a_file_is_only_written_over_when_told(tmp_path, capsys):
    place = tmp_path / "log.csv"
    place.write_text("mine")
    said = ["export", f"run={awkward_folder()}", "format=csv", f"to={place}"]
    assert main(said) == 1
    assert "is there already; allowed: a new file, or replace=true" in capsys.readouterr().err
    assert place.read_text() == "mine"
    assert main([*said, "replace=true"]) == 0
    assert place.read_text("utf-8").startswith("case_id,activity,start,complete,resource,tier,")


def test_a_disk_that_gets_full_is_told_and_nothing_is_left(tmp_path, monkeypatch, capsys):
    def full(*given):
        yield "begun"
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(command._FORMATS, "xes", (full, ".xes"))
    assert main(["export", f"run={awkward_folder()}", f"to={tmp_path / 'log'}"]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "cannot be written to: No space left on device; nothing is left of it" in told
    assert not list(tmp_path.iterdir())


def test_nothing_is_left_of_a_log_that_is_stopped(tmp_path, monkeypatch):
    def stopped(*given):
        yield "begun"
        raise KeyboardInterrupt

    monkeypatch.setitem(command._FORMATS, "xes", (stopped, ".xes"))
    assert main(["export", f"run={awkward_folder()}", f"to={tmp_path / 'log'}"]) == 130
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "run: no value is given"),
        (["run={folder}", "format=pdf"], "format: 'pdf'; allowed: xes, ocel, csv"),
        (["run={folder}", "lang=fr"], "lang: 'fr'; allowed: en, zh"),
        (["run={folder}", "to=nowhere/at/all.xes"], "cannot be written: No such file or directory"),
        (["run={folder}", "from=x"], "from: no such key"),
        (["run=nowhere"], "run: 'nowhere' is not there; allowed: a folder of `guantong run`"),
    ],
)
def test_bad_input_is_told_in_one_sentence(given, told, capsys):
    said = [one.format(folder=awkward_folder()) for one in given]
    assert main(["export", *said]) == 1
    assert told in capsys.readouterr().err

"""Kept points: whole or not there, whatever happens to the disk or the file."""

import errno
import os

import pytest

from experiments.study.kept import Kept
from experiments.study.point import Failure, Job, Point, Result
from sim.errors import InputError

JOB = Job(Point(("city=tiny",), ("siloed",), 1), "ab" * 32, "code")
RESULT = Result({"siloed": {"x": 0.1 + 0.2, "n": 3, "none": None}}, ("渝中区 is full",))


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path)


def files(kept):
    return sorted(p.name for p in kept.root.rglob("*") if p.is_file())


def test_what_is_put_is_got_exactly_and_lies_in_one_file(kept):
    assert kept.get(JOB.key) is None
    kept.put(JOB, RESULT)
    assert kept.get(JOB.key) == RESULT
    assert files(kept) == [f"{JOB.key}.json"]
    assert kept.damaged == []


def test_one_result_gives_the_same_bytes(kept, tmp_path):
    other = Kept(tmp_path / "other")
    for each in (kept, other):
        each.put(JOB, RESULT)
    assert kept.path(JOB.key).read_bytes() == other.path(JOB.key).read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_file_that_is_cut_short_counts_as_not_there_and_is_told(kept, share):
    kept.put(JOB, RESULT)
    path = kept.path(JOB.key)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert kept.get(JOB.key) is None
    assert kept.damaged == [path]
    kept.put(JOB, RESULT)
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("before", "after"),
    [(b'"n": 3', b'"n": 4'), (b"siloed", b"solved"), (b'"sha256"', b'"md5"'), (b"{", b"[1, {")],
)
def test_a_file_that_is_edited_counts_as_not_there(kept, before, after):
    kept.put(JOB, RESULT)
    path = kept.path(JOB.key)
    assert before in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(before, after))
    assert kept.get(JOB.key) is None


@pytest.mark.parametrize("text", ["[]", "3", '{"sha256": 1}', "null", '"text"'])
def test_another_json_in_its_place_counts_as_not_there(kept, text):
    kept.put(JOB, RESULT)
    kept.path(JOB.key).write_text(text)
    assert kept.get(JOB.key) is None


def test_a_failure_lies_beside_until_there_is_a_result(kept):
    kept.put_failure(JOB, Failure("ValueError", "three", "trace"))
    assert kept.get(JOB.key) is None
    assert files(kept) == [f"{JOB.key}.failed.json"]
    kept.put(JOB, RESULT)
    assert files(kept) == [f"{JOB.key}.json"]


@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_a_full_disk_is_a_clear_message_and_leaves_what_was_there(kept, monkeypatch, call):
    other = Job(JOB.point, "cd" * 32, "code")
    kept.put(other, RESULT)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(InputError, match=r"cannot be written to: No space left .* goes on"):
        kept.put(JOB, RESULT)
    assert files(kept) == [f"{other.key}.json"]
    assert kept.get(other.key) == RESULT


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match=r"results: .*file' cannot be written to"):
        Kept(tmp_path / "file")
    (tmp_path / "points").write_text("not a folder")
    with pytest.raises(InputError, match=r"results: .*points.* cannot be written to"):
        Kept(tmp_path).put(JOB, RESULT)

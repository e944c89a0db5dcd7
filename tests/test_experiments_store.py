"""Results folders are whole or not there."""

import errno
import json

import numpy as np
import pytest

from experiments.store import check_writable, fingerprint, provenance, results_folder, write_json
from scenarios.load import load
from sim.errors import InputError

TINY = ["city=tiny", "horizon=short"]


def test_a_folder_gets_its_name_when_it_is_whole(tmp_path):
    with results_folder(tmp_path, "run") as (folder, final):
        (folder / "a.txt").write_text("a")
        assert not final.exists()
    assert (final / "a.txt").read_text() == "a"
    assert list(tmp_path.iterdir()) == [final]


def test_a_block_that_fails_leaves_nothing(tmp_path):
    def stopped():
        with results_folder(tmp_path, "run") as (folder, _):
            (folder / "a.txt").write_text("a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert list(tmp_path.iterdir()) == []


def test_two_runs_of_one_second_get_two_folders(tmp_path):
    names = set()
    for _ in range(3):
        with results_folder(tmp_path, "run") as (_, final):
            names.add(final.name)
    assert len(names) == 3 == len(list(tmp_path.iterdir()))


def test_two_runs_at_one_time_get_two_folders(tmp_path):
    with results_folder(tmp_path, "run") as (one, first), results_folder(tmp_path, "run") as two:
        (one / "a.txt").write_text("one")
        (two[0] / "a.txt").write_text("two")
    assert {(first / "a.txt").read_text(), (two[1] / "a.txt").read_text()} == {"one", "two"}
    assert len(list(tmp_path.iterdir())) == 2


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match=r"results: .*file' cannot be written to"):
        check_writable(tmp_path / "file")


def test_a_disk_that_gets_full_is_told_and_leaves_nothing(tmp_path):
    full = OSError(errno.ENOSPC, "No space left on device")
    told = r"results: '.*' cannot be written to: No space left on device; .* with results="
    with pytest.raises(InputError, match=told), results_folder(tmp_path, "run"):
        raise full
    assert not list(tmp_path.iterdir())


def test_another_error_of_the_system_is_not_taken_for_a_full_disk(tmp_path):
    with pytest.raises(ConnectionError), results_folder(tmp_path, "run"):
        raise ConnectionError(errno.ECONNRESET, "reset")


def test_json_takes_numpy_and_chinese_but_no_nan(tmp_path):
    write_json(tmp_path / "a.json", {"渝中区": np.int64(3), "x": np.float64(0.5)})
    text = (tmp_path / "a.json").read_text("utf-8")
    assert "渝中区" in text
    assert json.loads(text) == {"渝中区": 3, "x": 0.5}
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "b.json", {"x": float("nan")})


@pytest.mark.parametrize(
    ("override", "same"),
    [
        ("policy=integrated", True),  # policies of one world are compared
        ("seed=5", True),
        ("record=summary", True),
        ("rollout.check=true", True),  # what a command does with the world, not the world
        ("rollout.only=[nobody,core_first]", True),
        ("mechanism.session_hours=3", False),
        ("stream.per_resident=0.2", False),
        ("horizon.cohort_days=5", False),
        ("city.weight=60", False),
    ],
)
def test_the_fingerprint_tells_worlds_apart_and_not_policies(override, same):
    before, after = fingerprint(load(TINY)), fingerprint(load([*TINY, override]))
    assert (before == after) == same


def test_provenance_lists_seeds_and_versions():
    origin = provenance(load(TINY), [1, 2], 3.456)
    assert origin["seeds"] == [1, 2]
    assert origin["seconds"] == 3.46
    assert origin["packages"]["numpy"] == np.__version__

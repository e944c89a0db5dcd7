"""Measured loads on disk: read back as they were, never for another origin, never broken."""

import numpy as np
import pytest

from scenarios import kept as module
from scenarios.kept import fingerprint, kept

LOAD = {"weekly": np.arange(6.0).reshape(2, 3), "own": np.zeros((0, 4))}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_FOLDER", tmp_path / "loads")
    return tmp_path / "loads"


class Measure:
    """Gives LOAD and counts how often it was asked."""

    def __init__(self):
        self.times = 0

    def __call__(self):
        self.times += 1
        return LOAD


def same(found):
    assert set(found) == set(LOAD)
    for name, values in LOAD.items():
        np.testing.assert_array_equal(found[name], values)
        assert found[name].dtype == values.dtype


def test_what_was_measured_once_is_read_back():
    measure = Measure()
    same(kept(measure, 1, "a"))
    same(kept(measure, 1, "a"))
    assert measure.times == 1
    same(kept(measure, 2, "a"))
    assert measure.times == 2


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive"])
def test_a_broken_file_is_measured_anew_and_mended(folder, content):
    measure = Measure()
    kept(measure, 1)
    (path,) = folder.iterdir()
    path.write_bytes(content)
    same(kept(measure, 1))
    same(kept(measure, 1))
    assert measure.times == 2


def test_a_file_cut_short_is_measured_anew(folder):
    measure = Measure()
    kept(measure, 1)
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:-40])
    same(kept(measure, 1))
    assert measure.times == 2


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(folder):
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file stands in the way")
    measure = Measure()
    same(kept(measure, 1))
    same(kept(measure, 1))
    assert measure.times == 2


def test_only_the_latest_are_kept(folder, monkeypatch):
    monkeypatch.setattr(module, "_MOST", 3)
    for i in range(5):
        kept(Measure(), i)
    assert len(list(folder.iterdir())) == 3
    latest = Measure()
    kept(latest, 4)
    assert latest.times == 0


ONE = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1, 2),
        (1, 1.0),
        (1, "1"),
        (0, None),
        (0, False),
        ((1, 2), (2, 1)),
        ((1, (2,)), ((1,), 2)),
        (ONE, ONE + 1e-15),
        (ONE, ONE.astype("f4")),
        (ONE, ONE.reshape(2, 1)),
        (ONE, ONE[::-1]),
        ([1, ONE], [2, ONE]),
        ([1, ONE], [1, ONE + 1]),
        (np.float64(0.1), np.float64(0.2)),
    ],
)
def test_unlike_origins_have_unlike_fingerprints(a, b):
    assert fingerprint(a) != fingerprint(b)
    assert fingerprint(a) == fingerprint(a)


def test_a_view_counts_by_its_values():
    wide = np.arange(8.0).reshape(2, 4)
    assert fingerprint(wide[:, ::2]) == fingerprint(wide[:, ::2].copy())


def test_what_cannot_be_told_apart_is_refused():
    with pytest.raises(TypeError, match="object has no fingerprint"):
        fingerprint(object())

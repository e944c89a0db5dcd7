"""The bytes of a log: packed, within bounds, of a known encoding."""

import gzip

import pytest

from experiments.fit.source import encoding_of, opened
from sim.errors import InputError
from tests.logs import fit_settings


def test_plain_and_packed_give_the_same(tmp_path):
    text = "工单号,环节\n1,受理\n".encode()
    (tmp_path / "a.csv").write_bytes(text)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text))
    for name in ("a.csv", "a.csv.gz"):
        with opened(tmp_path / name, fit_settings()) as source:
            assert source.read() == text


def test_a_bomb_is_refused_before_it_fills_the_memory(tmp_path):
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb") as file:
        for _ in range(64):
            file.write(bytes(1 << 20))
    with opened(path, fit_settings()) as source, pytest.raises(InputError, match="most_ratio=200"):
        source.read()
    with (
        opened(path, fit_settings(most_bytes=10**6)) as source,
        pytest.raises(InputError, match="more than 1,000,000 bytes"),
    ):
        source.read()


def test_a_broken_archive_and_a_missing_file_are_told(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"abc" * 1000)[:-20])
    with opened(path, fit_settings()) as source, pytest.raises(InputError, match="unpacked"):
        source.read()
    with pytest.raises(InputError, match="is no file; allowed: CSV, XES or OCEL"):
        opened(tmp_path / "none.csv", fit_settings())


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("受理", "utf-8-sig"), ("受理", "utf-8"), ("受理，办结", "gb18030"), ("受理", "utf-16")],
)
def test_the_encoding_is_found(text, encoding, tmp_path):
    found = encoding_of(text.encode(encoding), tmp_path)
    assert text.encode(encoding).decode(found) == text


def test_what_is_no_text_is_refused(tmp_path):
    with pytest.raises(InputError, match="allowed: UTF-8, GB18030"):
        encoding_of(bytes([0x80, 0xFF, 0xFE, 0x80, 0xFF]), tmp_path)

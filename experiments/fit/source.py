"""The bytes of a log: unpacked within bounds, and the encoding of its text."""

import codecs
import gzip
import io
import zlib
from pathlib import Path
from typing import BinaryIO

from scenarios.commands import FitSettings
from sim.errors import InputError

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
_SMALL = 16 << 20  # bytes that are unpacked whatever their ratio
ENCODINGS = ("utf-8-sig", "gb18030")


class Bounded(io.RawIOBase):
    """A stream that ends with an InputError where it gives more than the settings allow: more
    bytes, or more bytes for each one packed."""

    def __init__(self, path: Path, settings: FitSettings):
        self.path, self._settings, self._given = path, settings, 0
        self.size = path.stat().st_size
        self._file = path.open("rb")
        self.packed = self._file.read(2) == _GZIP
        self._file.seek(0)
        self._stream: BinaryIO = gzip.GzipFile(fileobj=self._file) if self.packed else self._file

    def readable(self) -> bool:
        return True

    @property
    def share(self) -> float:
        """Of the file that has been read, 0 to 1."""
        return self._file.tell() / max(self.size, 1)

    def read(self, size: int = -1) -> bytes:
        """Raises InputError."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(_CHUNK), b""))
        try:
            data = self._stream.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"log: '{self.path}' cannot be unpacked: {error}") from None
        self._given += len(data)
        self._check()
        return data

    def _check(self) -> None:
        most, ratio = self._settings.most_bytes, self._settings.most_ratio
        if self._given > most:
            raise InputError(
                f"log: '{self.path}' holds more than {most:,} bytes; allowed: fit.most_bytes={most}"
            )
        if self.packed and self._given > max(_SMALL, ratio * self.size):
            raise InputError(
                f"log: '{self.path}' unpacks to more than {ratio:g} times its size, as bombs do; "
                f"allowed: fit.most_ratio={ratio:g}"
            )

    def close(self) -> None:
        self._stream.close()
        self._file.close()
        super().close()


def opened(path: str | Path, settings: FitSettings) -> Bounded:
    """The stream of a log, plain or gzip. Raises InputError."""
    found = Path(path)
    if not found.is_file():
        raise InputError(f"log: '{path}' is no file; allowed: CSV, XES or OCEL 2.0 JSON, also .gz")
    try:
        return Bounded(found, settings)
    except OSError as error:
        raise InputError(f"log: '{path}' cannot be read: {error.strerror}") from None


def encoding_of(data: bytes, path: Path) -> str:
    """The encoding of a text: UTF-8 with or without a mark, or else GB18030. Raises InputError."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for at in range(0, len(data), _CHUNK):
                decoder.decode(data[at : at + _CHUNK])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise InputError(f"log: '{path}' is text of no known encoding; allowed: UTF-8, GB18030")

"""Measured loads, kept on disk: a pilot takes seconds and gives the same for the same world.

They lie beside the compiled code, in a folder named by a hash of the sources, each in a file named
by a hash of all that it was measured from, so none can go stale. Only arrays are read back.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from sim.jit import CACHE

_MOST = 512  # loads on disk, as many as a study has designs; one of the whole city is about 0.2 MB
_FOLDER = CACHE / "loads"


def kept(measure: Callable[[], dict[str, np.ndarray]], *origin: Any) -> dict[str, np.ndarray]:
    """What `measure` gives, by name; read from disk where it was measured before.

    origin : all that it depends on: numbers, texts, arrays, and tuples and lists of them. Raises
    TypeError for anything else.
    """
    path = _FOLDER / f"{fingerprint(*origin)}.npz"
    found = _read(path)
    if found is None:
        found = measure()
        with contextlib.suppress(OSError):  # a cache that cannot be written is none
            _write(path, found)
    return found


def fingerprint(*values: Any) -> str:
    """Short sha256 of values of the types that `kept` names. joblib.hash would do, but to import it
    takes a tenth of a short command."""
    digest = hashlib.sha256()
    for value in values:
        _feed(digest, value)
    return digest.hexdigest()[:32]


def _feed(digest: Any, value: Any) -> None:
    if isinstance(value, np.ndarray):
        digest.update(f"{value.dtype.str}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).data)
    elif isinstance(value, (tuple, list)):
        digest.update(f"{len(value)}[".encode())
        for part in value:
            _feed(digest, part)
    elif value is None or isinstance(value, (str, int, float, np.generic)):
        digest.update(f"{value!r};".encode())
    else:
        raise TypeError(f"{type(value).__name__} has no fingerprint")


def _read(path: Any) -> dict[str, np.ndarray] | None:
    """The arrays of a file, or None where there is none or it is broken."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        path.touch()  # was of use
        return arrays
    except Exception:  # whatever a broken file may raise, it is measured anew
        return None


def _write(path: Any, arrays: dict[str, np.ndarray]) -> None:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            np.savez_compressed(file, **arrays)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    by_use = sorted(_FOLDER.glob("*.npz"), key=lambda p: p.stat().st_mtime)
    for old in by_use[:-_MOST]:
        old.unlink(missing_ok=True)

"""Compiling: one decorator for every compiled function, with a cache that cannot go stale.

numba's own cache does not notice an edit to an *imported* compiled function (numba issue 1833):
it would go on running the old rule, silently. So the cache lives in a folder named by a hash of
all sources that go into it, below the user's cache folder.
"""

import functools
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

_SOURCES = (Path(__file__).parent, Path(__file__).parent.parent / "scenarios")


def sources_hash() -> str:
    """Short sha256 of every source file that compiled functions are made of."""
    digest = hashlib.sha256(numba.__version__.encode())
    for folder in _SOURCES:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder.parent).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    """Folder of the compiled code of these sources; in the temporary folder if need be."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "guantong" / sources_hash()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".used").touch()
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"guantong-{sources_hash()}"
    return folder


CACHE = Path(os.environ.get("NUMBA_CACHE_DIR") or _cache_folder())
numba.config.CACHE_DIR = str(CACHE)


def jit(
    function: Callable | None = None, *, allocates: bool = False, cache: bool = True, **options: Any
) -> Callable:
    """Compile a function on first use; it releases Python's lock while it runs.

    allocates : whether it makes arrays. The others are compiled without counting owners, which
    they need not do, as handles lend their arrays: measured, a tenth of the run.
    """
    options = {"nogil": True, "no_cfunc_wrapper": True, "_nrt": allocates, **options}
    if function is None:
        return functools.partial(jit, allocates=allocates, cache=cache, **options)
    return _by_plain_types(numba.njit(cache=cache, **options)(function))


def _by_plain_types(function: Callable) -> Callable:
    """Have one version compiled for all constants that a compiled caller gives, and for numbers out
    of rows: measured, half as many versions, a quarter of the time of compiling, and runs as
    fast."""
    resolve = function.get_call_template

    def plain(args, kws):
        return resolve(tuple(map(_plain, args)), {name: _plain(kind) for name, kind in kws.items()})

    function.get_call_template = plain
    return function


def _plain(kind: numba.types.Type) -> numba.types.Type:
    kind = numba.types.unliteral(kind)
    return numba.types.int64 if kind == numba.types.int32 else kind


def is_warm() -> bool:
    """Whether compiled code of these sources lies in the cache already."""
    return any(CACHE.rglob("*.nbi"))

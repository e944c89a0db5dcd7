"""The version of the code that makes a measure, as a hash of its sources.

A kept point may be used again only if the same code would make it again. The commit is too much
for that: a new figure or page would throw every kept point away. A list of files by hand is too
little, as it goes stale. So the imports are followed: what the measure's module imports, directly
or not, at its top or within a function, is what it is made by. All of `sim` and `scenarios` counts
anyway (`sim.jit.sources_hash`, and numba's version with it).
"""

import ast
import hashlib
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sim.errors import InputError
from sim.jit import sources_hash

_ROOT = Path(__file__).resolve().parents[2]
_FOLLOWED = ("agents", "analysis", "experiments")


@cache
def code_hash(module: str) -> str:
    """Short sha256 of all that a module is made of, as it was when first asked."""
    parts = sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in sources_of(module))
    return hashlib.sha256("".join([sources_hash(), *parts]).encode()).hexdigest()[:16]


def sources_of(module: str) -> set[Path]:
    """The file of a module, which may be a user's own, and those of agents, analysis and
    experiments that it imports, directly or not. Raises InputError if there is no such module."""
    found: set[Path] = set()
    ahead = [_own(module)]
    while ahead:
        path = ahead.pop()
        if path is not None and path not in found:
            found.add(path)
            ahead += map(_file, _imported(path))
    return found


def _own(module: str) -> Path:
    try:
        spec = importlib.util.find_spec(module)
    except ImportError:
        spec = None
    if spec is None or spec.origin is None:
        raise InputError(f"measure: '{module}'; allowed: a module that can be imported")
    return Path(spec.origin)


def _file(module: str) -> Path | None:
    """The file of a module, or of the package whose name it is; None for other people's, and for
    what is no module."""
    if module.partition(".")[0] not in _FOLLOWED:
        return None
    place = _ROOT.joinpath(*module.split("."))
    return next((p for p in (place.with_suffix(".py"), place / "__init__.py") if p.is_file()), None)


def _imported(path: Path) -> Iterator[str]:
    """The names of modules that a file imports; for `from a import b` both a and a.b."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)

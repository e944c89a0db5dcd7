"""A results folder as a report reads it: whole, of this version, not edited, or it says so."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.store import altered, refuse_play
from sim.errors import InputError
from sim.jit import sources_hash

if TYPE_CHECKING:
    import pandas as pd

_NEEDED = ("provenance.json", "config.yaml")
_SUMMARIES = ("summary.json", "story.json")  # `guantong trace` has the second
_KEYS = ("command", "created", "seeds", "fingerprint", "sources")
_OF_KIND = {"compare": ("metrics.parquet", "by_district.parquet", "time_account.parquet")}
_OF_COMMAND = 1  # place of its name in the command line


@dataclass(frozen=True, eq=False)
class Folder:
    """A results folder.

    notices : what a reader must know of it, keys of the words with what they are filled with.
    """

    path: Path
    made: Mapping[str, Any]
    summary: Mapping[str, Any]
    notices: tuple[tuple[str, Mapping[str, Any]], ...] = field(default=())

    @property
    def kind(self) -> str:
        """The command that has made it."""
        return kind_of(self.made)

    @property
    def typed(self) -> list[str] | None:
        """The command line; None where it was made from Python, of which provenance only has how
        that was started."""
        words = self.made["command"]
        return words if words[_OF_COMMAND : _OF_COMMAND + 1] == [self.kind] else None

    @property
    def fingerprint(self) -> str:
        return self.made["fingerprint"]

    @cached_property
    def config(self) -> dict[str, Any]:
        """The settings as resolved. Raises InputError where they cannot be read."""
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast
        path = self.path / "config.yaml"
        try:
            found = yaml.load(path.read_text("utf-8"), loader)
        except (ValueError, yaml.YAMLError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"run: '{path}' cannot be read as settings: {reason}") from None
        if not isinstance(found, dict):
            raise InputError(f"run: '{path}' holds no settings")
        return found

    def has(self, name: str) -> bool:
        return (self.path / f"{name}.parquet").is_file()

    def table(self, name: str, columns: list[str] | None = None) -> "pd.DataFrame":
        """A table of it. Raises InputError where it cannot be read or lacks a column."""
        import pandas as pd
        from pyarrow.lib import ArrowException

        path = self.path / f"{name}.parquet"
        try:
            return pd.read_parquet(path, columns=columns)
        except (OSError, ArrowException) as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"run: '{path}' cannot be read as a table: {reason}") from None

    @cached_property
    def tables(self) -> list[str]:
        """Names of the tables beside the summary, in order."""
        return sorted(path.stem for path in self.path.glob("*.parquet"))

    @cached_property
    def figures(self) -> list[Path]:
        """The figures that lie in it, as SVG."""
        return sorted((self.path / "figures").glob("*.svg")) or sorted(self.path.glob("*.svg"))


def kind_of(made: Mapping[str, Any]) -> str:
    """The command that has made a folder with this provenance; older ones do not name it."""
    return made.get("kind") or made["command"][_OF_COMMAND]


def read(path: str | Path, *, edited: bool = False) -> Folder:
    """The results folder at a path. Raises InputError for one that is none, not whole, or not as
    it was written; `edited` lets the last pass, with a notice."""
    path = Path(path)
    if not path.is_dir():
        raise InputError(
            f"run: '{path}' is no folder; allowed: a folder that a command has written"
        )
    if path.name.startswith("."):
        raise InputError(f"run: '{path}' is still being written, or its command was killed")
    refuse_play(path, "and then `guantong report run=FOLDER` with each folder that it writes")
    missing = [name for name in _NEEDED if not (path / name).is_file()]
    told = next((name for name in _SUMMARIES if (path / name).is_file()), None)
    if told is None:
        missing.append(_SUMMARIES[0])
    if missing:
        raise InputError(f"run: '{path}' is no whole results folder: it lacks {', '.join(missing)}")
    made, summary = (_json(path / name) for name in (_NEEDED[0], told))
    lacking = [key for key in _KEYS if key not in made]
    if lacking or not (made.get("kind") or len(made["command"]) > _OF_COMMAND):
        what = ", ".join(lacking) or "the command's name"
        raise InputError(f"run: the provenance.json of '{path}' lacks {what}")
    notices = [*_whole(path, made, edited=edited), *_version(made)]
    return Folder(path, made, summary, tuple(notices))


def _json(path: Path) -> Any:
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InputError(f"run: '{path}' is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise InputError(f"run: '{path}' does not hold an object")
    return found


def _whole(
    path: Path, made: Mapping[str, Any], *, edited: bool
) -> list[tuple[str, Mapping[str, Any]]]:
    """That a folder was edited, or cannot be told from one that was. Raises InputError."""
    missing = [name for name in _OF_KIND.get(kind_of(made), ()) if not (path / name).is_file()]
    gone, other = altered(path, made)
    missing = list(dict.fromkeys([*missing, *gone]))
    if missing:
        raise InputError(f"run: '{path}' is not whole: it lacks {', '.join(missing)}")
    if other and not edited:
        raise InputError(
            f"run: '{path}' was edited after it was written: {', '.join(other)}; edited=true "
            "reports on it all the same, and says so on the page"
        )
    if other:
        return [("notice.edited", {"files": ", ".join(other)})]
    return [] if "files" in made else [("notice.unlisted", {})]


def _version(made: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """That it comes from other sources than those that report on it."""
    if made["sources"] == sources_hash():
        return []
    return [("notice.sources", {"theirs": made["sources"], "ours": sources_hash()})]


def beside(folder: Folder) -> list[Folder]:
    """The other folders of its fingerprint in the same place, the newest of each command first.

    Those that cannot be read are left out: they were not asked for.
    """
    found: dict[str, Folder] = {}
    for path in sorted(folder.path.resolve().parent.glob("*/provenance.json"), reverse=True):
        if path.parent == folder.path.resolve():
            continue
        try:
            made = _json(path)
            if made.get("fingerprint") != folder.fingerprint or kind_of(made) == folder.kind:
                continue
            newest = found.get(kind_of(made))
            if newest is None or newest.made["created"] < made["created"]:
                found[kind_of(made)] = read(path.parent)
        except (InputError, KeyError, IndexError):
            continue
    return list(found.values())

"""`guantong export`: writes the event log of a results folder."""

import contextlib
import gzip
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import numpy as np

from experiments import console
from experiments.asked import asked
from experiments.export import ocel, tabular, xes
from experiments.export.cases import Part, parts
from experiments.export.folder import Recorded, doubts, opened
from experiments.export.places import Places
from experiments.store import file_name, needing_room
from sim.errors import InputError

_FORMATS = {
    "xes": (xes.text, ".xes"),
    "ocel": (ocel.text, ".ocel.json"),
    "csv": (tabular.text, ".csv"),
}
_DEALT = 0.1  # share of the time that dealing visits out to cases takes, about
_OBJECTS = 0.5  # share of the time until the objects of OCEL are written, about
_COMPRESSION = 6  # of gzip; more takes long and saves little


@dataclass
class Asked:
    """What the command may be told."""

    run: str
    format: str = field(default="xes", metadata={"choices": tuple(_FORMATS)})
    to: str | None = None
    gzip: bool = False
    policy: str | None = None
    replication: int = field(default=0, metadata={"low": 0, "high": 1_000_000})
    lang: str = field(default="en", metadata={"choices": ("en", "zh")})
    replace: bool = False


@dataclass
class Counts:
    """What a log holds, counted as it is written."""

    cases: int = 0
    visits: int = 0
    without: int = 0  # incidents that have no visit and so no case


def export(overrides: Sequence[str] = ()) -> Path:
    """Write an event log from recorded visits, and say what it holds; returns its path."""
    wanted = asked(Asked, overrides)
    recorded = opened(wanted.run, wanted.policy, wanted.replication)
    write, ending = _FORMATS[wanted.format]
    to = Path(wanted.to) if wanted.to else _beside(recorded, ending, wanted.gzip)
    if to.exists() and (to.is_dir() or not wanted.replace):
        raise InputError(f"to: '{to}' is there already; allowed: a new file, or replace=true")
    console.warn(doubts(recorded))
    counts, places = Counts(), Places(recorded.layout, wanted.lang)
    zipped = wanted.gzip or to.suffix == ".gz"
    with console.progress_bar(f"writing {to.name}", 1) as progress, _whole(to, zipped) as (out, by):
        told, more = progress(0), {}
        until = 1.0
        if wanted.format == "ocel":  # which writes events when all cases are done
            until = _OBJECTS
            more = {"told": _between(until, 1.0, told)}
        cases = parts(recorded, by, _between(0.0, until * _DEALT, told))
        counted = _counted(cases, counts, recorded, _between(until * _DEALT, until, told))
        for text in write(recorded, places, counted, **more):
            out.write(text)
    size = console.number(to.stat().st_size / 1e6)
    console.console.print(
        f"{recorded.policy}, replication {recorded.replication}: {counts.cases:,} cases, "
        f"{counts.visits:,} visits; {counts.without:,} incidents without a visit are left out."
    )
    console.console.print(f"event log: {to} ({size} MB)", soft_wrap=True)
    return to


def _between(begin: float, end: float, told: Callable[[float], None]) -> Callable[[float], None]:
    """Tells the share of a part of the work as one of the whole."""
    return lambda share: told(begin + (end - begin) * share)


def _beside(recorded: Recorded, ending: str, zipped: bool) -> Path:
    """Where a log goes that is not told where to: beside the results folder."""
    folder = recorded.path.resolve()
    of = f"-{file_name(recorded.policy)}-{recorded.replication}"
    name = f"{folder.name}{of}{ending}{'.gz' if zipped else ''}"
    return folder.parent / name


@contextlib.contextmanager
def _whole(to: Path, zipped: bool) -> Iterator[tuple[TextIO, Path]]:
    """A text file that gets its name when the block ends well, and a folder beside it to work in;
    nothing stays of either when it does not. Raises InputError where neither can be made."""
    try:
        work = Path(tempfile.mkdtemp(prefix=f".{to.name}.", suffix=".partial", dir=to.parent))
    except OSError as error:
        raise InputError(f"to: '{to}' cannot be written: {error.strerror}") from None
    try:
        with needing_room("to", to), contextlib.ExitStack() as stack:
            out = stack.enter_context((work / "log").open("wb"))
            if zipped:  # without name and time, so that the same log is the same file
                out = stack.enter_context(
                    gzip.GzipFile("", "wb", _COMPRESSION, fileobj=out, mtime=0)
                )
            text = io.TextIOWrapper(out, "utf-8", newline="\n")
            yield stack.enter_context(text), work
        with needing_room("to", to):
            os.replace(work / "log", to)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _counted(
    cases: Iterable[Part], counts: Counts, recorded: Recorded, told: Callable[[float], None]
) -> Iterator[Part]:
    """The parts, as they are counted and the share done is told."""
    n = max(recorded.visits.metadata.num_rows, 1)
    for part in cases:
        keys = np.unique(part.visits["incident"])
        counts.cases += len(keys)
        counts.without += int((~np.isin(part.incidents["incident"], keys)).sum())
        yield part
        counts.visits += len(part.visits)
        told(counts.visits / n)

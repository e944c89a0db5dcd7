"""Results folders: written under a temporary name and renamed when whole."""

import contextlib
import datetime
import errno
import hashlib
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.parameters import Parameters
from sim.errors import InputError
from sim.jit import sources_hash

if TYPE_CHECKING:
    import pandas as pd

PACKAGES = ("numpy", "scipy", "numba", "simpy", "mesa", "hydra-core", "pandas", "pyarrow")
_PROVENANCE = "provenance.json"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
REPLAY = "replay.sh"
"""What a play that the cockpit exported is run again by."""
_ROOT = Path(__file__).resolve().parent.parent


def check_writable(root: str | Path) -> None:
    """Make the folder that results folders go to, before any work; InputError if it cannot be."""
    try:
        Path(root).mkdir(parents=True, exist_ok=True)
        probe = Path(root) / f".probe-{os.getpid()}"
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        raise InputError(f"results: '{root}' cannot be written to: {error.strerror}") from None


@contextlib.contextmanager
def needing_room(key: str, place: str | Path) -> Iterator[None]:
    """Raises InputError, in place of the system's own error, where the disk gets full or can no
    longer be written to within the block; key : of the setting that says where."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise InputError(
            f"{key}: '{place}' cannot be written to: {os.strerror(error.errno)}; nothing is left "
            f"of it; make room, or give another place with {key}="
        ) from None


@contextlib.contextmanager
def results_folder(root: str | Path, name: str) -> Iterator[tuple[Path, Path]]:
    """A new folder below `root`: yields (folder to write into, its final path).

    The folder gets its final name when the block ends well, and vanishes when it does not, so
    that a reader never sees half a result. Its provenance lists what is in it (`altered`).
    """
    check_writable(root)
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    partial, final = _reserved(Path(root), f"{name}-{stamp}")
    try:
        with needing_room("results", root):
            yield partial, final
            _finish(partial, name)
            os.replace(partial, final)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _finish(folder: Path, kind: str) -> None:
    """Write into the provenance of a whole folder, if it has one, what made it and the hash of
    every other file."""
    path = folder / _PROVENANCE
    if path.is_file():
        made = json.loads(path.read_text("utf-8"))
        files = sorted(p for p in folder.rglob("*") if p.is_file() and p != path)
        listed = {_name(p, folder): _hash(p) for p in files}
        write_json(path, {"kind": kind} | made | {"files": listed})


def altered(folder: Path, made: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The files of a results folder that are gone, and those that are not what was written.

    made : its provenance; one without `files` tells nothing. Files that came later do not count.
    """
    files = {name: folder / name for name in made.get("files", {})}
    gone = [name for name, path in files.items() if not path.is_file()]
    other = [n for n, p in files.items() if n not in gone and _hash(p) != made["files"][n]]
    return gone, other


def refuse_play(folder: Path, then: str) -> None:
    """Raises InputError for a play that the cockpit exported, which has no results until it is run;
    then : what to do next."""
    if (folder / REPLAY).is_file():
        again = shlex.join(["sh", str(folder / REPLAY)])
        raise InputError(
            f"run: '{folder}' is a play of the cockpit, and holds no results yet; first run\n"
            f"  {again}\n{then}"
        )


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reserved(root: Path, name: str) -> tuple[Path, Path]:
    """A hidden folder, made, and the final path that is its alone, among processes, too."""
    final, number = root / name, 1
    while True:
        partial = root / f".{final.name}.partial"
        with contextlib.suppress(FileExistsError):
            partial.mkdir()
            if not final.exists():
                return partial, final
            partial.rmdir()
        number += 1
        final = root / f"{name}-{number}"


def file_name(policy: str) -> str:
    """A policy's name as that of a file: `hybrid/hub` is a folder's file only in conf/."""
    return policy.replace("/", "-")


def write_json(path: Path, value: Any) -> None:
    """Write JSON that other programs read: UTF-8, no NaN."""
    path.write_text(
        json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False, default=plain) + "\n",
        encoding="utf-8",
    )


def write_table(path: Path, frame: "pd.DataFrame") -> None:
    """Write a table as Parquet and CSV; path : without its ending."""
    frame.to_parquet(path.with_suffix(".parquet"), index=False)
    frame.to_csv(path.with_suffix(".csv"), index=False)


def plain(value: Any) -> Any:
    """NumPy's numbers and paths as JSON holds them. Raises TypeError."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def write_study(
    folder: Path,
    config: Any,
    found: Any,
    failures: Any,
    first: Parameters,
    seeds: list[int],
    begun: float,
) -> None:
    """What every study's folder holds beside its tables: settings, summary, where it comes from,
    and the points that failed, if any. begun : `time.perf_counter` at the start."""
    write_settings(folder / "config.yaml", config)
    write_json(folder / "summary.json", found)
    if failures:
        write_json(folder / "failed.json", failures)
    seconds = time.perf_counter() - begun
    write_json(folder / "provenance.json", provenance(first, seeds, seconds))


def write_settings(path: Path, config: Any) -> None:
    """The configuration as resolved, so that the run can be repeated from it."""
    from omegaconf import OmegaConf

    path.write_text(OmegaConf.to_yaml(config), encoding="utf-8")


def fingerprint(parameters: Parameters) -> str:
    """Short sha256 of all that decides a result but policy and seed: settings, city, catalogue
    and the sources. Results of unlike fingerprints are not to be compared."""
    from dataclasses import asdict

    settings = asdict(parameters.settings)
    # How it is computed and what commands do besides.
    aside = ("split", "capacity", "verify", "overturn", "calibrate", "fit", "theory", "claim")
    # Of `assumptions` the settings hold what it has moved.
    studies = ("sweep", "attribute", "counterfactual", "replicate", "choose", "sensitivity")
    studies += ("discover", "service", "cockpit", "assumptions", "rollout")
    how = ("seed", "replications", "threads", "executor", "results", "record", "clock")
    for name in ("policy", "policies", *how, *aside, *studies):
        settings.pop(name)
    settings["baseline"] = asdict(parameters.baseline)
    if parameters.settings.staff.plan is not None:
        settings["plan"] = hashlib.sha256(parameters.seats.tobytes()).hexdigest()
    if parameters.trace is not None:
        settings["trace"] = hashlib.sha256(parameters.trace.rows.tobytes()).hexdigest()
    text = json.dumps(settings, sort_keys=True, default=str)
    parts = (text, parameters.city.fingerprint(), parameters.catalogue.fingerprint())
    return hashlib.sha256("|".join((*parts, sources_hash())).encode()).hexdigest()[:16]


def provenance(parameters: Parameters, seeds: list[int], seconds: float) -> dict[str, Any]:
    """Where a result comes from."""
    return {
        "command": ["guantong", *sys.argv[1:]],
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
        "seeds": seeds,
        "fingerprint": fingerprint(parameters),
        "sources": sources_hash(),
        "version": _version("guantong"),
        "commit": _commit(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Commit of the checkout, with + when it has been edited; None outside a checkout."""
    try:
        show = ["git", "-C", str(_ROOT), "describe", "--always", "--dirty=+", "--abbrev=12"]
        return subprocess.run(show, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None

"""The points that are kept: one small file each, whole or not there.

`RESULTS/points/AB/ABCD....json`, named by the point's key, which holds all that decides what is in
it. So whoever asks for a point again, after a kill, in another study or in two processes at once,
finds the same result or none, and needs no lock: two that write one file write the same bytes.
"""

import contextlib
import hashlib
import json
import os
import threading
from pathlib import Path
from typing import Any

from experiments.store import check_writable
from experiments.study.point import Failure, Job, Result
from sim.errors import InputError

_FAILED = ".failed.json"


class Kept:
    """Kept points below a results folder. Raises InputError where it cannot be written to."""

    def __init__(self, results: str | Path):
        check_writable(results)
        self.root = Path(results) / "points"
        self.damaged: list[Path] = []
        """Files that were found cut short or edited; they are removed."""

    def path(self, key: str) -> Path:
        return self.root / key[:2] / f"{key}.json"

    def get(self, key: str) -> Result | None:
        """The result kept under a key; None if there is none that is whole."""
        path = self.path(key)
        try:
            held = json.loads(path.read_text("utf-8"))
            if held.pop("sha256") == _digest(held):
                return Result(held["measures"], tuple(held["warnings"]))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"results: '{path}' cannot be read: {error.strerror}") from None
        except (ValueError, LookupError, AttributeError, TypeError):
            pass  # cut short, or edited into something else
        self.damaged.append(path)
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        return None

    def put(self, job: Job, result: Result) -> None:
        """Keep a result, and forget an earlier failure. Raises InputError."""
        held = {"measures": result.measures, "warnings": list(result.warnings)}
        self._write(self.path(job.key), job, held)
        with contextlib.suppress(OSError):
            self.path(job.key).with_suffix(_FAILED).unlink(missing_ok=True)

    def put_failure(self, job: Job, failure: Failure) -> None:
        """Keep why a point has no result, beside where its result would be. Raises InputError."""
        held = {"error": failure.kind, "message": failure.message, "trace": failure.trace}
        self._write(self.path(job.key).with_suffix(_FAILED), job, held)

    def _write(self, path: Path, job: Job, held: dict[str, Any]) -> None:
        point = job.point
        named = {
            "overrides": list(point.overrides),
            "policies": list(point.policies),
            "seed": point.seed,
            "measure": point.measure,
            "code": job.code,
        }
        record = {"point": named} | held
        text = json.dumps(record | {"sha256": _digest(record)}, ensure_ascii=False, indent=1)
        partial = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with partial.open("w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(partial, path)
            finally:
                partial.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(
                f"results: '{path}' cannot be written to: {error.strerror}; what was finished "
                "before is kept, and the same command goes on from there"
            ) from None


def _digest(record: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()

"""A Dask cluster of processes of their own, which talk over TCP as they would between machines."""

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextlib.contextmanager
def cluster(workers: int, folder: Path):
    """A scheduler and workers as processes of their own: (address, {worker's name: process})."""
    pytest.importorskip("distributed", reason="dask is not installed")
    address = f"tcp://127.0.0.1:{free_port()}"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started = {}

    def start(name, *arguments):
        command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
        with (folder / f"{name}.log").open("w") as log:
            started[name] = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    try:
        start("scheduler", "dask_scheduler", "--host", address, "--no-dashboard")
        for name in (f"worker-{n}" for n in range(workers)):
            own = ("--no-nanny", "--no-dashboard", "--nthreads", "1", "--name", name)
            start(name, "dask_worker", address, *own, "--local-directory", str(folder))
        yield address, started
    finally:
        for process in started.values():
            process.kill()
        for process in started.values():
            process.wait()

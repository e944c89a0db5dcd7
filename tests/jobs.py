"""Jobs light enough for processes that start for a test alone."""

import os
import signal
import time
from pathlib import Path


def square(job, progress=None):
    return job * job, os.getpid()


def fail_at_three(job, progress=None):
    if job == 3:
        raise ValueError("three")
    return job


def die_at_three(job, progress=None):
    """Ends its process at job 3, as the operating system does where memory runs out."""
    time.sleep(0.05)
    if job == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return job


def note(job, progress=None):
    """Leaves a file named by the process while it works, and takes its time."""
    number, folder = job
    mark = Path(folder) / f"{os.getpid()}"
    mark.touch()
    time.sleep(0.05)
    return number


def wait_until_stopped(job, progress):
    for _ in range(10**6):
        progress(0.5)
        time.sleep(0.001)

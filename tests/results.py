"""Commands that read a results folder, and what they need of the machine."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from analysis import fonts
from experiments import cli
from sim.errors import InputError

OF_RESULTS = ("report",)
"""Commands that read the results folder `run` and put what they make into it."""


def needs_chinese_font() -> None:
    """Skip the test where no font has Chinese characters."""
    try:
        fonts.chinese()
    except InputError:
        pytest.skip("no Chinese font is installed")


def read_into(made: Path, words: Sequence[str]) -> None:
    """Run a command on a folder that is there under the name it asks for, into which it puts one
    more file; `made` is copied there."""
    (path,) = (Path(word.removeprefix("run=")) for word in words if word.startswith("run="))
    shutil.copytree(made, path)
    if "lang=zh" in words:
        needs_chinese_font()
    before = set(path.iterdir())
    assert cli.main(words) == 0
    assert len(set(path.iterdir()) - before) == 1

"""Commands as a user calls them, and what they leave behind."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.cli import main


def folder_made(root: Path, command: str, *overrides: str) -> Path:
    """The results folder that a command makes in a folder that holds no other."""
    assert main([command, *overrides, f"results={root}"]) == 0
    (made,) = root.iterdir()
    return made


def read_json(folder: Path, name: str = "summary") -> dict[str, Any]:
    """A JSON file of a results folder."""
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def folder_of(words: str) -> str:
    """The command whose results folder a command of the documentation works on; empty: none."""
    return next(iter(re.findall(r"\brun=results/(\w+)-", words)), "")


def with_folder(words: str, quick: Callable[[str], list[str]]) -> str:
    """A command on a results folder of its own, made below the place where one is."""
    made = folder_of(words)
    assert main(quick(f"{made} record=visits")) == 0
    (folder,) = Path("results").glob(f"{made}-*")
    return re.sub(r"\brun=\S+", f"run={folder}", words)

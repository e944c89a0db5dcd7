"""Commands as a user calls them, and what they leave behind."""

import json
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

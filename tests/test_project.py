"""The project itself: its packages, who imports whom, its make targets, what its files say."""

import importlib
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("sim", "agents", "scenarios", "experiments", "analysis")
TARGETS = {"run", "test", "check", "bench", "guarantee", "help"}
LONGEST_FILE = 420


def joined(*pieces: str) -> str:
    """One pattern from pieces, so that this file doesn't hold what it looks for."""
    return "".join(pieces)


FORBIDDEN = re.compile(
    "|".join(
        [
            # A path of one machine, not an address or a phrase with slashes in it.
            joined(r"(?<![\w.~/-])/", r"(?:home|root|Users|work|workspace)", r"/\w"),
            joined(r"\b[A-Z]:[\\/]+", r"Users\b"),
            # The host of a package registry.
            joined(r"py", r"pi\.org"),
            joined(r"python", r"hosted\.org"),
            joined(r"npm", r"js\.(?:org|com)"),
            joined(r"conda", r"\.anaconda\.org"),
            joined(r"deb", r"\.debian\.org"),
            joined(r"index", r"-url"),
        ]
    )
)


@cache
def project_files() -> list[Path]:
    """The files that git tracks or would, given the chance, track."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = set(listing.stdout.split("\0"))
    if "pyproject.toml" not in names:
        reason = f"not a git checkout: {listing.stderr.strip()}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return sorted(path for name in names if name and (path := ROOT / name).is_file())


def python_files() -> list[Path]:
    """The code, tests included, as it lies in the checkout."""
    return [path for name in (*PACKAGES, "tests") for path in sorted((ROOT / name).rglob("*.py"))]


def settings() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", PACKAGES)
def test_packages_come_from_this_checkout(name):
    module = importlib.import_module(name)
    assert module.__file__ is not None, f"{name} lacks an __init__.py"
    assert Path(module.__file__).resolve() == ROOT / name / "__init__.py"


def test_every_folder_of_code_is_a_package():
    bare = {path.parent for path in python_files() if not (path.parent / "__init__.py").exists()}
    assert not bare


def test_no_top_level_module_hides_one_of_the_standard_library():
    modules = {path.stem for path in ROOT.glob("*.py")}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    assert not (modules | folders) & set(sys.stdlib_module_names)


def test_imports_keep_the_contracts():
    contracts = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports; exit(lint_imports(no_logo=True))",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert contracts.returncode == 0, contracts.stdout + contracts.stderr


def test_contracts_cover_every_package():
    assert set(settings()["tool"]["importlinter"]["root_packages"]) == set(PACKAGES)


def test_a_wheel_takes_every_package_and_setting():
    setuptools = settings()["tool"]["setuptools"]
    assert set(PACKAGES) | {"conf"} <= set(setuptools["packages"]["find"]["include"])
    taken = setuptools["package-data"]["*"]
    files = [path for path in (ROOT / "conf").rglob("*") if path.is_file()]
    assert not [path for path in files if not any(path.match(pattern) for pattern in taken)]


def test_makefile_has_its_targets_and_tells_of_each():
    told = re.findall(r"^([a-z]+):.*## \S", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(told) >= TARGETS


def test_constraints_are_plain_pins():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert not [pin for pin in pins if not re.fullmatch(r"[a-z0-9-]+==[\w.]+", pin)]
    assert not [line for line in lines if "://" in line]


def test_files_name_no_machine_and_no_registry():
    found = []
    for path in project_files():
        content = path.read_bytes()
        if b"\0" in content:
            continue  # not text
        for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
            if FORBIDDEN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        (joined('open("/', 'home/ada/x.csv")'), True),
        (joined("see /", "work/main"), True),
        (joined("C:\\", "Users\\ada"), True),
        (joined("https://py", "pi.org/simple"), True),
        (f"https://example.org/{'work'}/report and home/{'work'}/school", False),
        ("#!/usr/bin/env bash", False),
    ],
)
def test_the_search_for_machines_and_registries_can_tell(line, caught):
    assert bool(FORBIDDEN.search(line)) is caught


def test_files_of_code_stay_short():
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in python_files()}
    assert not {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > LONGEST_FILE}

"""The notebooks: each cell runs and prints what the notebook shows."""

import contextlib
import io
import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "docs/notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def cells(notebook: Path) -> list[tuple[str, str, list[str]]]:
    """(code, what it prints, types of what it shows) of each cell of code."""
    return [
        (
            "".join(cell["source"]),
            "".join("".join(out.get("text", ())) for out in cell["outputs"]),
            [kind for out in cell["outputs"] for kind in out.get("data", ())],
        )
        for cell in json.loads(notebook.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]


def test_there_are_three_and_the_page_names_them():
    page = (FOLDER / "README.md").read_text("utf-8")
    assert [n.stem for n in NOTEBOOKS] == ["first_comparison", "own_policy", "reading_latency"]
    assert all(f"]({notebook.name})" in page for notebook in NOTEBOOKS)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_every_cell_prints_what_the_notebook_shows(notebook, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    import matplotlib.pyplot as plt

    names: dict = {}
    for code, printed, shown in cells(notebook):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(code, notebook.name, "exec"), names)
        assert said.getvalue() == printed
        assert shown == ["image/png"] * len(plt.get_fignums())
        assert printed or shown
        plt.close("all")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_links_resolve_and_no_place_of_a_machine_is_named(notebook):
    text = notebook.read_text("utf-8")
    for target in re.findall(r"\]\(([\w./]+)\)", text):
        assert (FOLDER / target).exists(), target
    assert not re.search(r"/(home|root|Users|tmp|work)/", text)
    assert not any(cell.get("metadata") for cell in json.loads(text)["cells"])


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_a_notebook_program_shows_the_same(notebook):
    reason = "nbclient and ipykernel are not installed"
    pytest.importorskip("ipykernel", reason=reason)
    client = pytest.importorskip("nbclient", reason=reason)
    nbformat = pytest.importorskip("nbformat", reason=reason)
    made = nbformat.read(notebook, as_version=4)
    client.NotebookClient(made, resources={"metadata": {"path": str(FOLDER)}}).execute()
    told = [
        "".join(out["text"] for out in cell["outputs"] if out["output_type"] == "stream")
        for cell in made["cells"]
        if cell["cell_type"] == "code"
    ]
    assert told == [printed for _, printed, _ in cells(notebook)]

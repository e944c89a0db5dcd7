"""The gallery of figures: every line of it draws its figure."""

import importlib
import re
import shutil
from pathlib import Path

from analysis import style
from tests.results import needs_chinese_font
from tests.test_docs import ROOT, blocks, text

FIGURES = ROOT / "docs/figures.md"
ROW = re.compile(r"^\|[^|]+\|[^|]+\| `(\w+)(\.draw\(.*\))` \|$", re.MULTILINE)


def test_every_figure_of_the_gallery_is_drawn_by_its_line(compared, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(compared, "results/compare-20261123-101500")
    first, chinese = (code for kind, code in blocks(FIGURES) if kind == "python")
    known: dict = {}
    exec(compile(first, "figures.md", "exec"), known)
    lines = ROW.findall(text(FIGURES))
    for name, call in lines:
        known[name] = importlib.import_module(f"analysis.figures.{name}")
        fig, ax = style.figure()
        assert eval(f"{name}{call}", known | {"ax": ax}) is ax, name
        fig.draw_without_rendering()
    drawn = {name for name, _ in lines}
    assert {"lorenz", "flow", "township_heat", "knee", "waterfall", "tornado"} <= drawn
    needs_chinese_font()
    exec(compile(chinese, "figures.md", "exec"), known)
    assert Path("figures/mine-zh.svg").is_file()

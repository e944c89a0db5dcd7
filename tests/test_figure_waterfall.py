"""The waterfall: steps that lead from one end to the other."""

import subprocess
import sys

import numpy as np
import pytest

from analysis import style
from analysis.figures import waterfall
from analysis.shapley import coalitions, exact

MINUS = "\N{MINUS SIGN}"
STEPS = {"patrols": -5.0, "platform": -20.0, "nights": 3.0}


@pytest.fixture
def drawn():
    random = np.random.default_rng(1)
    noise = {members: random.normal(0, 0.5, 6) for members in coalitions(list(STEPS))}
    attribution = exact(
        list(STEPS), lambda members: sum(STEPS[name] for name in members) + noise[members]
    )
    ax = style.figure(6.4, waterfall.height(3))[1]
    waterfall.draw(attribution, ax, start=180.0, ends=("siloed", "integrated"), label="mean [h]")
    return ax, attribution


def test_steps_follow_one_another_from_the_largest_on(drawn):
    ax, attribution = drawn
    sizes = dict(zip(attribution.players, attribution.means, strict=True))
    at = 180.0
    for bar, name in zip(ax.patches, ("platform", "patrols", "nights"), strict=True):
        assert bar.get_x() == pytest.approx(at)
        assert bar.get_width() == pytest.approx(sizes[name])
        at += sizes[name]
    (*_, end) = [line for line in ax.get_lines() if line.get_marker() == "D"]
    assert end.get_xdata()[0] == pytest.approx(at)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["siloed", "platform", "patrols", "nights", "integrated"]


def test_losses_have_another_colour_and_numbers_their_sign(drawn):
    ax, attribution = drawn
    colours = [bar.get_facecolor() for bar in ax.patches]
    assert colours[0] == colours[1] != colours[2]
    texts = [text.get_text() for text in ax.texts]
    whole = attribution.whole.mean()
    assert texts[0] == "180.0"
    assert [text[0] for text in texts[1:4]] == [MINUS, MINUS, "+"]
    assert texts[-1] == f"{180 + whole:.1f}  ({MINUS}{-whole:.1f})"
    assert "[h]" in ax.get_xlabel()


def test_intervals_are_drawn_about_the_ends_of_their_steps(drawn):
    ax, attribution = drawn
    intervals = [line.get_xdata() for line in ax.get_lines() if line.get_marker() == "|"]
    i = attribution.players.index("platform")
    expected = [180 + attribution.low[i], 180 + attribution.high[i]]
    assert intervals[0] == pytest.approx(expected)


def test_one_replication_has_no_interval_and_names_can_be_replaced():
    attribution = exact(["a", "b"], lambda members: [float(len(members))])
    ax = style.figure()[1]
    waterfall.draw(
        attribution, ax, start=0.0, ends=("x", "y"), label="h", names=["first", "second"]
    )
    assert not [line for line in ax.get_lines() if line.get_marker() == "|"]
    assert "second" in [label.get_text() for label in ax.get_yticklabels()]


def test_numbers_stay_inside_the_figure(drawn):
    ax, _ = drawn
    ax.figure.canvas.draw()
    for text in ax.texts:
        assert text.get_window_extent().x1 <= ax.figure.bbox.x1


def test_importing_the_figures_of_studies_loads_nothing_heavy():
    heavy = ("matplotlib", "scipy.stats", "SALib", "sklearn", "pandas")
    code = (
        "import sys; from analysis.figures import boxes, difference, replications, tornado;"
        "from analysis.figures import waterfall; from analysis import tree;"
        f"sys.exit(any(name in sys.modules for name in {heavy}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""The figure of the split: bars left and right of 0, with their sums."""

import pytest

from analysis import style
from analysis.account import CATEGORIES
from analysis.figures import split
from analysis.split import BASE, CONTROL, TOTAL, UNLIMITED


def rows(*hours):
    total = sum(hours)
    entries = {
        name: {"mean": value, "ci95": [None, None]}
        for name, value in zip(CATEGORIES, hours, strict=True)
    }
    return entries | {TOTAL: {"mean": total, "ci95": [total - 1, total + 1]}}


def part(base, unlimited=None, control=None):
    """A split; each argument the hours of five categories."""
    settings = {BASE: base, UNLIMITED: unlimited, CONTROL: control}
    found = {
        name: {row: {"difference": entry} for row, entry in rows(*hours).items()}
        for name, hours in settings.items()
        if hours
    }
    result = {"settings": found}
    if unlimited:
        result["found"] = rows(*(a - b for a, b in zip(base, unlimited, strict=True)))
    return result


FULL = part((-2, -20, 1, -10, -5), (-2, -20, 1, -4, -6), (0, -2, 1, -10, -4))


@pytest.fixture
def ax():
    return style.figure()[1]


def bars(ax):
    """{row: {colour: (low end, high end)}} of what has a length."""
    from matplotlib.colors import to_hex

    found = {}
    for bar in ax.patches:
        ends = sorted((bar.get_x(), bar.get_x() + bar.get_width()))
        if bar.get_width():
            row = round(bar.get_y() + bar.get_height() / 2, 6)
            found.setdefault(row, {})[to_hex(bar.get_facecolor())] = tuple(ends)
    return found


def test_negative_parts_stack_to_the_left_and_positive_ones_to_the_right(ax):
    split.draw({"b": FULL}, "a", ax)
    colours = {name: style.USE_COLOURS[use].lower() for name, use in zip(CATEGORIES, split._USES)}
    assert len(set(colours.values())) == 5
    in_all = bars(ax)[3.0]
    assert in_all[colours["sensing"]] == (-2, 0)
    assert in_all[colours["assumed_delay"]] == (-22, -2)
    assert in_all[colours["waiting"]] == (-32, -22)
    assert in_all[colours["work"]] == (0, 1)
    lengths = {
        row: sum(high - low for low, high in found.values()) for row, found in bars(ax).items()
    }
    assert lengths == {1.0: 33, 2.0: 7, 3.0: 38, 4.0: 17}


def test_every_bar_has_its_sum_marked_and_printed(ax):
    split.draw({"b": FULL}, "a", ax)
    marks = [float(line.get_xdata()[0]) for line in ax.get_lines() if line.get_marker() == "v"]
    assert marks == [-31, -5, -36, -15]
    texts = [text.get_text() for text in ax.texts]
    for total in marks:
        assert f"\N{MINUS SIGN}{-total:.1f} ± 1.0" in texts
    assert "\N{MINUS SIGN}20.0" in texts
    assert "+1.0" not in texts  # too narrow for its number
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "arithmetic", "found", "in all", "control"
    ]  # fmt: skip


def test_each_policy_has_a_heading_and_only_the_bars_that_were_run(ax):
    split.draw({"b": part((-2, -20, 1, -10, -5)), "c": FULL}, "a", ax)
    texts = [text.get_text() for text in ax.texts]
    assert {"b minus a", "c minus a"} <= set(texts)
    assert len(ax.get_yticklabels()) == 1 + 4
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == [*split.CATEGORY_LABELS.values(), "sum"]
    assert "[h]" in ax.get_xlabel()
    assert split.height({"b": FULL, "c": FULL}) > split.height({"b": FULL}) > 2


def test_a_difference_of_nothing_or_without_a_mean_can_be_drawn(ax):
    unknown = {
        row: {"difference": {"mean": None, "ci95": [None, None]}} for row in (*CATEGORIES, TOTAL)
    }
    split.draw({"b": part((0, 0, 0, 0, 0)), "c": {"settings": {BASE: unknown}}}, "a", ax)
    assert "not defined" in [text.get_text() for text in ax.texts]
    ax.figure.canvas.draw()


def test_sums_stay_inside_the_figure():
    fig, ax = style.figure(6.4, split.height({"b": FULL}))
    split.draw({"b": part((2, 20, 1, 10, 5), (1, 20, 1, 10, 5))}, "a", ax)
    fig.canvas.draw()
    for text in ax.texts:
        assert text.get_window_extent().x1 <= fig.bbox.x1

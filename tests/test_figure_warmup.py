"""The backlog day by day, with where it is warm."""

import pytest

from analysis import style
from analysis.figures import warmup


@pytest.fixture
def ax():
    return style.figure()[1]


def test_each_policy_has_its_line_and_a_dot_where_it_is_warm(ax):
    series = {"siloed": [1.0, 5.0, 6.0, 6.0], "integrated": [1.0, 2.0, 2.0, 2.0]}
    warmup.draw(series, {"siloed": 3, "integrated": None}, 2, ax, label="backlog (incidents)")
    lines = ax.get_lines()
    assert [list(line.get_ydata()) for line in lines] == [series["siloed"], [6.0], [1, 2, 2, 2]]
    assert list(lines[1].get_xdata()) == [3]
    assert lines[0].get_color() == lines[1].get_color() == style.POLICY_COLOURS["siloed"]
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == [
        "warm-up: 2 days",
        "siloed: warm after 3 days by MSER-5",
        "integrated: MSER-5 cannot tell",
    ]
    assert "(incidents)" in ax.get_ylabel()

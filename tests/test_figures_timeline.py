"""The timeline of a story: strips, lanes, marks, axis and words."""

import pytest

from analysis import style
from analysis.figures import timeline
from sim import codes
from sim.units import DAY, HOUR, NEVER
from tests.stories import NAMES, solved, told, visit


@pytest.fixture
def ax():
    return style.figure()[1]


def legend_texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


STORIES = {
    "siloed": solved(
        visit("judge", 1, desk=4, released=12 * HOUR),
        visit("dispose", 12, worked=3 * HOUR, ended=24 * HOUR),
        visit("register", 2, desk=4, report=1),
    ),
    "integrated": told(
        visit("dispose", 1, outcome=codes.FALSE_CLOSED),
        limit=9 * DAY,
        state=codes.ASLEEP,
        first_closed=5400,
        false_closings=1,
    ),
}


def bars(ax, row):
    """(colour, left [h], width [h], height) of the bars of a row, counted from the top."""
    from matplotlib.colors import to_hex

    y = ax.get_yticks()[row]
    names = {colour.lower(): use for use, colour in style.USE_COLOURS.items()}
    return [
        (
            names.get(to_hex(bar.get_facecolor())),
            round(24 * bar.get_x(), 3),
            round(24 * bar.get_width(), 3),
            round(bar.get_height(), 3),
        )
        for bar in ax.patches
        if abs(bar.get_y() + bar.get_height() / 2 - y) < 0.45
    ]


def test_there_is_a_strip_a_policy_and_a_lane_a_desk(ax):
    timeline.draw(STORIES, ax, NAMES, "Rubbish")
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert rows == ["siloed", "Desk 4", "Desk 1", "integrated", "Desk 1"]
    assert ax.get_title(loc="left") == "Rubbish"
    assert ax.get_yticklabels()[0].get_color() == style.POLICY_COLOURS["siloed"]


def test_the_strip_is_the_path(ax):
    timeline.draw(STORIES, ax, NAMES)
    strip = [bar[:3] for bar in bars(ax, 0)]
    assert strip[:4] == [
        ("sensing", 0, 1),
        ("waiting", 1, 0.1),
        ("working", 1.1, 0.4),
        ("release", 1.5, 10.5),
    ]
    assert [bar[:3] for bar in bars(ax, 3)][-1] == ("dormant", 1.5, 238.5)


def test_pauses_show_by_the_height_of_the_work(ax):
    timeline.draw(STORIES, ax, NAMES)
    *_, whole, worked = bars(ax, 0)
    assert (whole[0], worked[0]) == ("waiting", "working")
    assert whole[1:3] == worked[1:3] == (12.1, 11.9)
    assert worked[3] == pytest.approx(whole[3] * 3 / 11.9, abs=0.001)
    assert "lower part of a bar: share worked" in legend_texts(ax)


def test_lanes_show_further_reports_as_thin_bars(ax):
    timeline.draw(STORIES, ax, NAMES)
    heights = {bar[1]: bar[3] for bar in bars(ax, 1) if bar[0] == "working"}
    assert heights[2.1] < heights[1.1]


def test_lanes_stand_in_the_order_of_the_first_report():
    story = solved(
        visit("register", 1, desk=4),
        visit("register", 2, desk=4, report=1),
        visit("judge", 3, desk=6, report=1),
        visit("sign", 4, desk=5, report=1),
        visit("judge", 5, desk=5),
        visit("dispose", 6, desk=6),
    )
    assert timeline.lanes(story) == [4, 5, 6]


def test_limits_and_closings_are_marked(ax):
    timeline.draw(STORIES, ax, NAMES)
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["24.0 h", "not solved"]
    limits = [segment[0][0] for lines in ax.collections for segment in lines.get_segments()]
    assert limits == [1, 9]
    crossed, solved_at = (
        [line.get_xdata()[0] for line in ax.get_lines() if line.get_marker() == marker]
        for marker in ("X", "D")
    )
    assert (crossed, solved_at) == ([5400 / DAY], [1])
    assert set(legend_texts(ax)) >= {"limit", "closed falsely", "closed and solved", "unseen"}


def test_a_limit_far_beyond_the_end_is_left_out(ax):
    stories = {"siloed": solved(visit("dispose", 1), limit=9 * DAY)}
    timeline.draw(stories, ax, NAMES)
    assert ax.get_xlim()[1] < 0.2
    assert "limit: beyond the axis" in legend_texts(ax)
    assert not ax.collections
    timeline.draw({"siloed": solved(visit("dispose", 1), limit=NEVER)}, ax, NAMES)
    assert not [text for text in legend_texts(ax) if "limit" in text]


def test_the_axis_tells_days_and_dates(ax):
    timeline.draw(STORIES, ax, NAMES)
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels[:2] == ["0 d\nMon 14 Oct\n00:00", "2 d\nWed 16 Oct\n00:00"]
    timeline.draw({"siloed": STORIES["siloed"]}, ax, NAMES)
    assert ax.get_xticklabels()[1].get_text() == "3 h\nMon 14 Oct\n03:00"


def test_words_stay_inside_the_figure():
    fig, ax = style.figure(9, timeline.height(STORIES))
    timeline.draw(STORIES, ax, NAMES, "A title")
    fig.canvas.draw()
    whole = fig.bbox
    for text in (*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), ax.title):
        box = text.get_window_extent()
        assert box.x0 >= whole.x0
        assert box.x1 <= whole.x1
    title, legend = ax._left_title.get_window_extent(), ax.get_legend().get_window_extent()
    assert title.y0 >= legend.y1 - 3
    assert title.y1 <= whole.y1

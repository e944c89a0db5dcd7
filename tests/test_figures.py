"""Figures hold the right data, in the right colours, with labels and units."""

import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from analysis import style
from analysis.account import PARTS
from analysis.figures import backlog, capacity, district_map, survival, time_use
from analysis.histogram import Histogram
from scenarios.load import CONF
from sim.units import DAY, HOUR, MINUTE


def histogram(*hours, censored=()):
    result = Histogram()
    result.add(np.array(hours) * HOUR, np.array(censored, int) * HOUR)
    return result


def line(ax, label):
    (found,) = [one for one in ax.get_lines() if one.get_label() == label]
    return found


def legend_texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def bands(ax):
    """Low and high end of each band, by colour."""
    from matplotlib.colors import to_hex

    result = {}
    for band in ax.collections:
        x, y = band.get_paths()[0].vertices.T
        result[to_hex(band.get_facecolor()[0])] = (x, y)
    return result


@pytest.fixture
def ax():
    return style.figure()[1]


# Style


def test_named_policies_keep_their_colour_and_no_two_share_one():
    alone, among = style.looks(["integrated"]), style.looks(["x", "siloed", "integrated", "y"])
    assert alone["integrated"]["color"] == among["integrated"]["color"]
    assert len({look["color"] for look in among.values()}) == 4
    assert len({look["linestyle"] for look in among.values()}) == 4


def test_drawing_leaves_the_users_settings_alone(ax):
    import matplotlib

    before = dict(matplotlib.rcParams)
    survival.draw({"siloed": [histogram(1, 2)]}, ax)
    assert dict(matplotlib.rcParams) == before
    assert ax.title.get_fontsize() == style.RC["axes.titlesize"]


def test_importing_the_figures_does_not_load_matplotlib():
    code = (
        "import sys; from analysis.figures import backlog, capacity, district_map, split;"
        "from analysis.figures import survival, time_use, timeline;"
        "sys.exit('matplotlib' in sys.modules or 'scipy.stats' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    written = []
    for folder in (tmp_path / "a", tmp_path / "b" / "deeper"):
        fig, ax = style.figure()
        survival.draw({"siloed": [histogram(1, 2, 30)]}, ax)
        paths = style.save(fig, folder, "survival", formats=("png", "svg", "pdf"))
        assert [path.name for path in paths] == ["survival.png", "survival.svg", "survival.pdf"]
        written.append([path.read_bytes() for path in paths])
    assert written[0] == written[1]
    assert written[0][0].startswith(b"\x89PNG")
    assert b"<svg" in written[0][1]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (MINUTE, 40 * DAY, ["1 min", "10 min", "1 h", "6 h", "1 day", "1 week", "1 month"]),
        (HOUR, 2 * DAY, ["1 h", "6 h", "1 day"]),
    ],
)
def test_durations_are_labelled_in_words(ax, low, high, expected):
    style.duration_axis(ax, low, high)
    assert [label.get_text() for label in ax.get_xticklabels()] == expected
    assert ax.get_xticks()[expected.index("1 h")] == HOUR
    assert not ax.xaxis.get_minorticklocs().size


# Survival


def test_survival_line_is_the_mean_of_the_replications(ax):
    runs = [histogram(1, 2, 4, 400), histogram(1, 2, 3, censored=[400])]
    survival.draw({"siloed": runs, "integrated": [histogram(1)]}, ax)
    x, y = line(ax, "siloed").get_data()
    expected = 50 * (runs[0].survival(x) + runs[1].survival(x))
    np.testing.assert_allclose(y, expected)
    assert y[0] == 100
    assert x[0] == MINUTE
    assert x[-1] == pytest.approx(400 * HOUR, rel=0.001)
    assert y[-2] == 25
    assert legend_texts(ax) == ["siloed", "integrated"]
    assert "[%]" in ax.get_ylabel()
    assert ax.get_xscale() == "log"


def test_survival_band_covers_the_line_and_stays_in_range(ax):
    survival.draw({"siloed": [histogram(1, 5), histogram(2, 6)], "paper": [histogram(3)]}, ax)
    shown = bands(ax)
    assert list(shown) == [style.POLICY_COLOURS["siloed"].lower()]  # none for one replication
    _, y = shown[style.POLICY_COLOURS["siloed"].lower()]
    assert y.min() == 0
    assert y.max() == 100


def test_a_survival_curve_ends_where_it_is_no_longer_known(ax):
    survival.draw({"siloed": [histogram(1, censored=[10])], "paper": [histogram(1000)]}, ax)
    x, y = line(ax, "siloed").get_data()
    assert (y[x < 10 * HOUR] >= 50).all()
    assert np.isnan(y[x > 10.1 * HOUR]).all()


# Backlog


def test_backlog_is_what_was_noticed_and_not_solved(ax):
    flow = np.zeros((72, 9), np.int64)
    flow[0] = [9, 7, 4, 0, 4, 0, 3, 1, 0]  # seven noticed, four falsely closed, two given up
    flow[30] = [0, 4, 0, 3, 0, 4, 0, 0, 0]
    other = 2 * flow
    backlog.draw({"siloed": [flow, other]}, (DAY, 2 * DAY), date(2024, 2, 28), ax)
    x, y = line(ax, "siloed").get_data()
    assert (y[0], y[29], y[30], y[71]) == (7.5, 7.5, 9, 9)
    assert x[0] == np.datetime64("2024-02-28T01:00")
    assert x[71] == np.datetime64("2024-03-02T00:00")
    assert legend_texts(ax) == ["the cohort occurs", "siloed"]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_legend_of_the_backlog_leaves_the_title_free(n):
    """However many policies there are; the longest names of those that are shipped come first."""
    fig, ax = style.figure()
    folder = CONF / "policy"
    names = [p.relative_to(folder).with_suffix("").as_posix() for p in folder.rglob("*.yaml")]
    flows = {name: [np.ones((72, 9), int)] for name in sorted(names, key=len, reverse=True)[:n]}
    backlog.draw(flows, (DAY, 2 * DAY), date(2024, 2, 28), ax)
    fig.canvas.draw()
    legend, title, whole = (
        part.get_window_extent() for part in (ax.get_legend(), ax._left_title, fig)
    )
    assert not legend.overlaps(title)
    assert whole.x0 <= legend.x0 < legend.x1 <= whole.x1
    assert title.y1 <= whole.y1


def test_the_cohort_window_is_shaded_at_its_dates(ax):
    from matplotlib.dates import date2num

    backlog.draw({"x": [np.ones((72, 9), int)]}, (DAY, 2 * DAY), date(2024, 2, 28), ax)
    (shade,) = ax.patches
    ends = [shade.get_x(), shade.get_x() + shade.get_width()]
    assert ends == list(date2num([np.datetime64("2024-02-29"), np.datetime64("2024-03-01")]))
    ax.figure.canvas.draw()
    assert "29 Feb\n2024" in [label.get_text() for label in ax.get_xticklabels()]


# Capacity

VOLUMES = np.array([0.5, 1.0, 2.0])
LATENCIES = np.array([[10.0, 20.0, 60.0], [14.0, 24.0, 80.0]])
UNKNOWN = (None, None, None)


def measured(ax, capacities, **kinds):
    curves = {"siloed": (VOLUMES, LATENCIES), "paper": (VOLUMES[1:], LATENCIES[:1, 1:])}
    return capacity.draw(curves, capacities, ax, label="latency [h]", title="Latency", **kinds)


def test_a_measure_is_drawn_at_its_volumes_with_a_band(ax):
    measured(ax, {"siloed": UNKNOWN, "paper": UNKNOWN})
    x, y = line(ax, "siloed").get_data()
    assert (x.tolist(), y.tolist()) == ([0.5, 1, 2], [12, 22, 70])
    assert line(ax, "paper").get_ydata().tolist() == [20, 60]
    shown = bands(ax)
    assert list(shown) == [style.POLICY_COLOURS["siloed"].lower()]  # none for one replication
    x, y = shown[style.POLICY_COLOURS["siloed"].lower()]
    assert (x.min(), x.max()) == (0.5, 2)
    assert y.min() == 0
    assert y.max() > 80
    assert legend_texts(ax) == ["siloed", "paper"]
    assert (ax.get_ylabel(), ax.get_ylim()[0]) == ("latency [h]", 0)
    assert "volume [" in ax.get_xlabel()


def test_capacity_and_its_interval_stand_at_their_volumes_in_the_policys_colour(ax):
    measured(ax, {"siloed": (1.2, 1.1, 1.3), "paper": (1.6, None, None)})
    drawn = {tuple(one.get_xdata()): one for one in ax.get_lines()}
    assert drawn[1.2, 1.2].get_color() == style.POLICY_COLOURS["siloed"]
    assert drawn[1.1, 1.2, 1.3].get_color() == style.POLICY_COLOURS["siloed"]
    assert drawn[(1.6,)].get_color() == style.POLICY_COLOURS["paper"]
    heights = {tuple(drawn[x].get_ydata()) for x in ((1.1, 1.2, 1.3), (1.6,))}
    assert len({height[0] for height in heights}) == 2  # they can't cover one another
    assert legend_texts(ax)[-1] == "capacity and its interval"


def test_knees_lie_on_the_line(ax):
    nowhere = {"siloed": UNKNOWN, "paper": UNKNOWN}
    measured(ax, nowhere, knees={"siloed": 1.5, "paper": None})
    (knee,) = [one for one in ax.get_lines() if one.get_marker() == "D"]
    assert (knee.get_xdata()[0], knee.get_ydata()[0]) == (1.5, 46)
    assert legend_texts(ax)[-1] == "knee"


# Time use


def account(**hours):
    return {name: float(hours.get(name, 0)) for name in PARTS}


def bars(ax):
    """Bars as {(row, colour): (left, width)}."""
    from matplotlib.colors import to_hex

    return {
        (round(bar.get_y() + bar.get_height() / 2, 6), to_hex(bar.get_facecolor())): (
            bar.get_x(),
            bar.get_width(),
        )
        for bar in ax.patches
    }


def test_time_use_stacks_the_means_over_replications(ax):
    runs = [account(sensing=1, judge_waiting=2), account(sensing=3, judge_waiting=4, dormant=2)]
    time_use.draw({"siloed": runs, "paper": [account(judge_waiting=1, sign_release=0.5)]}, ax)
    shown, colours = bars(ax), {use: c.lower() for use, c in style.USE_COLOURS.items()}
    assert shown[1.0, colours["sensing"]] == (0, 2)
    assert shown[1.0, colours["waiting"]] == (2, 3)
    assert shown[1.0, colours["dormant"]] == (5, 1)
    assert shown[2.0, colours["waiting"]] == (0, 1)
    assert shown[2.0, colours["release"]] == (1, 0.5)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["siloed", "paper"] * len(time_use.GROUPS)
    whole = sum(width for (row, _), (_, width) in shown.items() if row <= 2)
    parts = sum(width for (row, _), (_, width) in shown.items() if row > 2)
    assert whole == pytest.approx(parts)


def test_time_use_prints_lengths_headings_and_uses(ax):
    time_use.draw({"siloed": [account(sensing=1.5, dispose_working=0.25)]}, ax)
    texts = [text.get_text() for text in ax.texts]
    assert texts[:2] == ["The restricted mean closure latency", "1.8 h"]
    assert texts[texts.index("Sensing") + 1] == "1.5 h"
    assert texts[texts.index("Dispose") + 1] == "15 min"
    assert legend_texts(ax) == list(time_use.USES.values())
    assert "[h]" in ax.get_xlabel()


def test_time_use_says_so_where_no_mean_is_defined(ax):
    time_use.draw({"siloed": [dict.fromkeys(PARTS)]}, ax)
    assert "not defined" in [text.get_text() for text in ax.texts]
    assert not ax.patches


# District map

CITY = {
    "hex_x": np.array([0.0, 1.0, 0.5, 0.5]),
    "hex_y": np.array([0.0, 0.0, 0.866, 0.289]),
    "hex_size": np.array([1.0, 1.0, 1.0, 0.5]),
    "names": ["Wanzhou", "Nan'an", "Fuling", "High-tech Zone"],
}


def faces(ax):
    from matplotlib.colors import to_hex

    return {tuple(patch.xy): to_hex(patch.get_facecolor()) for patch in ax.patches}


def test_map_colours_diverge_from_zero(ax):
    district_map.draw(np.array([-10.0, 0.0, 5.0, 10.0]), ax, **CITY)
    import matplotlib

    colours = matplotlib.colormaps[style.DIVERGING]
    found = list(faces(ax).values())
    expected = [matplotlib.colors.to_hex(colours(share)) for share in (0.0, 0.5, 0.75, 1.0)]
    assert found == expected
    bar = ax.figure.axes[1]
    assert bar.get_ylim() == (-10, 10)
    assert "[h]" in bar.get_ylabel()


def test_hexagons_are_pointy_topped_and_fill_their_cells(ax):
    district_map.draw(np.zeros(4), ax, **CITY)
    corners = [patch.get_transform().transform(patch.get_path().vertices) for patch in ax.patches]
    corners = [ax.transData.inverted().transform(points) for points in corners]
    left, right = corners[0], corners[1]
    assert left[:, 0].max() == pytest.approx(right[:, 0].min())  # neighbours touch
    assert left[:, 0].max() == pytest.approx(0.5)
    assert left[:, 1].max() == pytest.approx(1 / 3**0.5)
    assert np.ptp(corners[3][:, 0]) == pytest.approx(0.5)
    assert ax.get_aspect() == 1


def test_map_labels_and_key(ax):
    district_map.draw(np.array([-10.0, 0.04, np.nan, 4.0]), ax, **CITY)
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["Wanzhou\n\N{MINUS SIGN}10", "Nan'an\n+0", "Fuling", "a"]
    assert legend_texts(ax) == ["a: High-tech Zone +4", "no incidents"]
    assert faces(ax)[0.5, 0.866] == "#ffffff"


def test_map_greys_what_may_be_zero(ax):
    values = np.array([-10.0, 3.0, 5.0, np.nan])
    low, high = np.array([-12, -1, np.nan, np.nan]), np.array([-8, 7, np.nan, np.nan])
    district_map.draw(values, ax, interval=(low, high), **CITY)
    grey = district_map.UNSURE.lower()
    found = list(faces(ax).values())
    assert found[0] != grey
    assert found[1:] == [grey, grey, "#ffffff"]
    assert "95 % interval includes 0" in legend_texts(ax)


def test_map_text_fits_its_hexagon():
    fig, ax = style.figure(5, 4)
    district_map.draw(np.array([-10.0, 5.0, 3.0, 1.0]), ax, **CITY)
    fig.canvas.draw()
    for text, patch in zip(ax.texts, ax.patches, strict=True):
        inside, outside = text.get_window_extent(), patch.get_window_extent()
        assert inside.width < outside.width
        assert inside.height < outside.height


def test_map_of_no_difference_can_be_drawn(ax):
    district_map.draw(np.zeros(4), ax, **CITY)
    assert ax.figure.axes[1].get_ylim() == (-1, 1)

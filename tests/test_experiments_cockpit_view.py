"""What is drawn of a play, against a run of the same city and against sums done another way."""

import json

import numpy as np
import pytest

from experiments.cockpit import draw
from experiments.cockpit.draw import Focus
from experiments.cockpit.play import Play
from experiments.cockpit.player import Frame
from experiments.cockpit.view import MOST_LISTED, alarms, backlog, listed, path, shown
from experiments.cockpit.words import WORDS, say
from experiments.one_run import simulate
from scenarios.load import load
from sim.codes import GRADE_II, OPEN, STAGES
from sim.keys import key_of, keys_of
from sim.rows import I_DISTRICT, I_ENTITY, I_GRADE, I_LIMIT, I_STATE, I_TOWNSHIP
from sim.units import DAY, HOUR
from tests.conftest import TINY

pytestmark = pytest.mark.filterwarnings("ignore:policy .* are offered more work")
UNTIL = 6 * DAY + 11 * HOUR


@pytest.fixture(scope="module")
def play():
    played = Play([*TINY, "policies=[siloed,integrated]"])
    for hour in range(0, UNTIL // HOUR + 1, 7):
        played.advance(hour * HOUR)
    played.advance(UNTIL)
    yield played
    played.close()


@pytest.fixture(scope="module")
def run():
    """The whole run of the siloed side, every visit kept."""
    horizon = ["horizon.warmup_days=0", "horizon.cohort_days=14", "horizon.followup_days=0"]
    horizon.append("horizon.mean_days=7")
    return simulate(load([*TINY, "policy=siloed", "record=visits", *horizon]), 1)


def open_rows(side):
    rows = np.concatenate([side.in_township(t) for t in range(side.parameters.city.n_townships)])
    return rows[(rows[:, I_ENTITY] == 1) & (rows[:, I_STATE] == OPEN)]


def test_what_is_open_is_counted_by_place(play):
    for name, side in play.sides.items():
        seen, rows = shown(name, side), open_rows(side)
        late = rows[:, I_LIMIT] < play.now
        for level, column in ((0, I_DISTRICT), (1, I_TOWNSHIP)):
            size = len(seen.backlog[level])
            np.testing.assert_array_equal(
                seen.backlog[level], np.bincount(rows[:, column], minlength=size)
            )
            expected = np.bincount(rows[late, column], minlength=size)
            np.testing.assert_array_equal(seen.overdue[level], expected)
        assert seen.counters["open"] == len(rows) > 50
        assert seen.counters["overdue"] == late.sum()
        assert seen.counters["urgent"] == (rows[:, I_GRADE] <= GRADE_II).sum()
        assert backlog(play)[1][name][-1] == len(rows)


def test_the_loop_counts_what_the_run_counts(play, run):
    counters = shown("siloed", play.sides["siloed"]).counters
    table, visits = run.incident_columns, run.visit_columns
    assert counters["sensed"] == (table["noticed"] < UNTIL).sum()
    solved = table["solved"] < UNTIL
    in_time = solved & (table["first_closed"] <= table["limit"])
    # An incident leaves once the last of its tasks is over: a few are solved and still here.
    assert 0 <= solved.sum() - counters["closed"] <= 5
    assert 0 <= in_time.sum() - counters["on_time"] <= 5
    judged = (visits["stage"] == STAGES.index("judge")) & (visits["ended"] < UNTIL)
    judged &= (visits["report"] == 0) & (visits["attempt"] == 0)
    judged &= np.isin(visits["incident"], table["incident"])
    assert counters["judged"] == judged.sum()
    assert counters["judged"] >= counters["dispatched"] >= counters["closed"] > 100


def test_latency_and_visits_are_those_of_what_ended_lately(play, run):
    seen, table, visits = (
        shown("siloed", play.sides["siloed"]),
        run.incident_columns,
        run.visit_columns,
    )
    since = (UNTIL // HOUR - 71) * HOUR
    lately = (table["solved"] >= since) & (table["solved"] < UNTIL)
    for district in range(2):
        here = lately & (table["district"] == district)
        hours = (table["solved"] - table["occurred"])[here] / HOUR
        assert seen.latency[0][district] == pytest.approx(hours.mean(), rel=0.02)
    ended = (visits["ended"] >= (UNTIL // HOUR - 23) * HOUR) & (visits["ended"] < UNTIL)
    of_incidents = np.bincount(visits["stage"][ended], minlength=len(STAGES))
    assert (seen.stages[:, 3] == of_incidents).all()


def test_a_path_is_that_of_the_run_so_far(play, run):
    side, visits = play.sides["siloed"], run.visit_columns
    told = 0
    for key in keys_of(open_rows(side)[:40]).tolist():
        found = path(play, key)["siloed"]
        mine = (visits["incident"] == key) & (visits["ended"] < UNTIL)
        ended = [step for step in found.steps if step.ended is not None]
        columns = ("stage", "desk", "joined", "started", "ended")
        expected = sorted(zip(*(visits[name][mine].tolist() for name in columns), strict=True))
        assert sorted(step[:5] for step in ended) == expected
        under_way = [step for step in found.steps if step.ended is None]
        for step in under_way:
            if step.outcome == "on_the_way":
                continue
            same = (visits["incident"] == key) & (visits["joined"] == step.joined)
            assert (visits["desk"][same] == step.desk).any() or not same.any()
        told += len(under_way)
    assert told > 20


def test_a_watched_incident_is_told_of_after_it_has_left():
    play = Play([*TINY, "policies=[siloed]"])
    play.advance(2 * DAY)
    side = play.sides["siloed"]
    key = int(key_of(open_rows(side)[0]))
    before = path(play, key)["siloed"]
    play.advance(12 * DAY)
    assert side._slot(key) is None
    after = path(play, key)["siloed"]
    assert after.solved is not None
    assert len(after.steps) >= len(before.steps)
    assert path(play, 17) == {"siloed": None}
    play.close()


def test_alarms_are_the_gravest_first_and_of_each_district(play):
    side = play.sides["siloed"]
    rows = shown("siloed", side).alarms
    whole = alarms(play.now, rows, None)
    grades = [row["grade"] for row in whole if row["grade"] <= GRADE_II]
    assert grades == sorted(grades)
    assert all(row["late"] > 0 for row in whole if row["grade"] > GRADE_II)
    for district in range(2):
        assert {row["district"] for row in alarms(play.now, rows, district)} == {district}


def test_a_townships_list_holds_what_is_open_there(play):
    for name, (count, rows) in listed(play, 1).items():
        here = open_rows(play.sides[name])
        keys = keys_of(here[here[:, I_TOWNSHIP] == 1]).tolist()
        assert count == len(keys)
        assert len(rows) == min(count, MOST_LISTED)
        assert {int(row["key"]) for row in rows} <= set(keys)
        grades = [row["grade"] for row in rows]
        assert grades == sorted(grades)


# --- in words and colours ---------------------------------------------------------------------


def frame(play):
    sides = [shown(name, side) for name, side in play.sides.items()]
    share = play.now / play.end
    return Frame(1, play, play.moment, share, "paused", 4.0, sides, backlog(play), "")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("measure", ["backlog", "latency"])
@pytest.mark.parametrize("district", [None, 1])
def test_a_moment_is_drawn_cell_by_cell(play, lang, measure, district):
    focus, now = Focus(lang, measure, district), frame(play)
    drawn = json.loads(json.dumps(draw.drawn(now, focus)))
    cells = draw.cells(play.parameters, focus)["cells"]
    for side in drawn["sides"]:
        assert len(side["map"]) == len(cells) == 2
        assert all(colour in (*draw.COLOURS, draw.NOTHING) for colour, _, _ in side["map"])
        assert side["list"]
    values = [float(text) for side in drawn["sides"] for _, text, _ in side["map"]]
    assert 0 < max(values) <= float(drawn["top"])
    assert ("年" in drawn["clock"]) == (lang == "zh")


def test_what_was_done_is_marked_in_the_curve():
    play = Play([*TINY, "policies=[siloed,integrated]"])
    play.advance(DAY + 6 * HOUR)
    play.change("integrated", {"merging": 0.1})
    play.storm(12, 3.0)
    play.advance(2 * DAY)
    now = frame(play)
    points = draw.curves(now)
    assert len(points) == 2
    assert len(points[0]) == 48
    assert points[0][29][0] == draw.changed_at(now)[1][0]  # the end of the 30th hour
    assert draw.changed_at(now)[0] == []
    ((begin, end),) = draw.storms(now)
    assert begin == draw.changed_at(now)[1][0]
    assert end - begin == 12 * 3600 * 1000
    play.close()


def test_more_is_darker_on_both_maps_alike(play):
    drawn = draw.drawn(frame(play), Focus())["sides"]
    shades = [(float(t), draw.COLOURS.index(c)) for side in drawn for c, t, _ in side["map"]]
    ordered = [shade for _, shade in sorted(shades)]
    assert ordered == sorted(ordered)


def test_every_word_is_there_in_both_languages_with_the_same_gaps():
    for what, (english, chinese) in WORDS.items():
        assert english, what
        assert chinese, what
        assert english.count("{") == chinese.count("{"), what
    assert say("no such word", "zh") == "no such word"
    assert say("late_by", "zh", 3) == "超期 3 小时"


def test_a_path_is_told_in_both_languages(play):
    key = int(key_of(open_rows(play.sides["siloed"])[0]))
    found = path(play, key)["siloed"]
    parameters = play.parameters
    english, chinese = (draw.path_lines(parameters, found, play.now, x) for x in ("en", "zh"))
    assert len(english["lines"]) == len(chinese["lines"]) > len(found.steps)
    assert english["lines"][0][1] == "occurred"
    assert chinese["lines"][0][1] == "发生"
    assert draw.path_lines(parameters, None, play.now, "en")["none"] == say("unknown", "en")

"""XES: the standard holds, every visit is found again to the tick."""

import pytest

from experiments.cli import main
from experiments.export import xes
from sim.records import VISIT_COLUMNS
from tests.event_logs import (
    NAMES,
    busy_folder,
    checked_xes,
    tick,
    values,
    visits_of,
)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("xes") / "log.xes"
    assert main(["export", f"run={busy_folder()}", f"to={path}"]) == 0
    return checked_xes(path)


def test_every_visit_is_found_with_its_ticks_exactly(log):
    found = {}
    for trace in log.iterfind("trace"):
        pairs = {}
        for event in map(values, trace.iterfind("event")):
            pairs.setdefault(event["concept:instance"], []).append(event)
        for name, (begin, end) in pairs.items():
            assert [e["lifecycle:transition"] for e in (begin, end)] == ["start", "complete"]
            assert all(begin[key] == end[key] for key in ("concept:name", "org:resource", "tier"))
            found[int(name)] = visit = {
                "incident": int(values(trace)["concept:name"]),
                "stage": end["concept:name"],
                "outcome": end["outcome"],
                "started": tick(begin["time:timestamp"]),
                "ended": tick(end["time:timestamp"]),
                "joined": tick(end["joined"]),
                "released": tick(end["released"]),
            }
            for key in ("worked", "retyping", "attempt", "report", "branch"):
                visit[key] = int(end[key])
    told = {
        row: {name: value for name, value in visit.items() if name != "desk"}
        for row, visit in visits_of(busy_folder()).items()
    }
    assert found == told
    assert set(found[0]) == set(VISIT_COLUMNS) - {"desk"}
    assert {v["stage"] for v in found.values()} >= {"supervise", "register", "dispose"}


def test_events_of_a_trace_stand_in_the_order_of_time_and_a_start_before_its_end(log):
    for trace in log.iterfind("trace"):
        events = [values(event) for event in trace.iterfind("event")]
        times = [tick(event["time:timestamp"]) for event in events]
        assert times == sorted(times)
        first = [event["lifecycle:transition"] for event in events if event["concept:name"]]
        assert first[0] == "start"


def test_each_case_is_one_trace_with_its_attributes(log):
    told = [values(trace) for trace in log.iterfind("trace")]
    keys = [int(case["concept:name"]) for case in told]
    assert keys == sorted({visit["incident"] for visit in visits_of(busy_folder()).values()})
    assert {case["class"] for case in told} >= {"incident", "consultation"}
    assert {case["district"] for case in told} == {NAMES["Qingshi"], NAMES["Baiyun"]}
    assert all(case["policy"] == "integrated" for case in told)
    of_incidents = [case for case in told if case["class"] == "incident"]
    assert all(tick(case["occurred"]) <= tick(case["noticed"]) for case in of_incidents)
    assert not any("occurred" in case for case in told if case["class"] != "incident")


def test_chinese_and_marks_survive(tmp_path):
    path = tmp_path / "log.xes"
    assert main(["export", f"run={busy_folder()}", f"to={path}", "lang=zh"]) == 0
    names = {values(trace)["district"] for trace in checked_xes(path).iterfind("trace")}
    assert names == {NAMES["青石区"], NAMES["白云县"]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('a&"<b>', "a&amp;&quot;&lt;b&gt;"),
        ("a\tb\nc", "a&#9;b&#10;c"),
        ("bell\x07", "bell\ufffd"),
        ("渝中区", "渝中区"),
    ],
)
def test_texts_are_made_safe(text, told):
    assert xes.safe(text) == told

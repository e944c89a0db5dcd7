"""Logs of every form become the same arrays; what cannot be used is counted with its reason."""

import gzip
import json
from pathlib import Path

import pytest

from experiments.fit.cleaning import MISSING
from experiments.fit.log import read_log
from experiments.fit.mapping import Mapping, mapping_of
from sim.errors import InputError
from tests.logs import HEADER, fit_settings, write

ROWS = [
    ["a", "register", "2024-10-14T08:00:00", "2024-10-14T08:10:00", "r"],
    ["a", "dispose", "2024-10-14T09:00:00", "2024-10-14T09:30:00", "s"],
    ["b", "register", "2024-10-14T08:05:00", "2024-10-14T08:20:00", "r"],
]
ENDED, BEGUN = [600, 5400, 1200], [0, 3600, 300]  # after 08:00


USUAL = Mapping()


def read(path: Path, mapping: Mapping = USUAL, **changed):
    return read_log(str(path), mapping, fit_settings(**changed), lambda share: None)


def check(log, starts=True):
    assert [log.names["case"][c] for c in log.frame["case"]] == ["a", "a", "b"]
    names = [log.names["activity"][a] for a in log.frame["activity"]]
    assert names == ["register", "dispose", "register"]
    assert (log.frame["complete"] - 8 * 3600).tolist() == ENDED
    if starts:
        assert (log.frame["start"] - 8 * 3600).tolist() == BEGUN
    else:
        assert (log.frame["start"] == MISSING).all()
    assert [log.names["resource"][r] for r in log.frame["resource"]] == ["r", "s", "r"]
    assert (str(log.first_day), log.n_days) == ("2024-10-14", 1)


def xes(rows, lifecycle=True, head="") -> str:
    """A log in which each trace stands by itself."""
    said = ['<?xml version="1.0"?>', head, '<log xmlns="http://www.xes-standard.org/">']
    for case in dict.fromkeys(row[0] for row in rows):
        said.append(f'<trace><string key="concept:name" value="{case}"/>')
        for _, name, start, end, who in (row for row in rows if row[0] == case):
            for step, moment in (("start", start), ("complete", end)):
                if step == "start" and not lifecycle:
                    continue
                mark = f'<string key="lifecycle:transition" value="{step}"/>' if lifecycle else ""
                said.append(
                    f'<event><string key="concept:name" value="{name}"/>{mark}<string key='
                    f'"org:resource" value="{who}"/><date key="time:timestamp" value="{moment}"/>'
                    '<list key="more"><values><string key="concept:name" value="no"/></values>'
                    "</list></event>"
                )
        said.append("</trace>")
    return "\n".join([*said, "</log>"])


def ocel(rows) -> dict:
    objects = {row[0]: "incident" for row in rows} | {row[4]: "desk" for row in rows}
    return {
        "objects": [{"id": name, "type": kind} for name, kind in objects.items()],
        "events": [
            {"id": f"e{i}", "type": name, "time": end,
             "attributes": [{"name": "started", "value": start}],
             "relationships": [{"objectId": case, "qualifier": ""},
                               {"objectId": who, "qualifier": ""}]}
            for i, (case, name, start, end, who) in enumerate(rows)
        ],
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("packed", [False, True])
def test_csv_in_chinese(tmp_path, encoding, packed):
    header = ("工单编号", "环节", "开始时间", "完成时间", "处理人")
    path = write(tmp_path / "log.csv", ROWS, header, encoding)
    if packed:
        (tmp_path / "log.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
        path = tmp_path / "log.csv.gz"
    check(read(path))


@pytest.mark.parametrize("delimiter", ";\t|")
def test_other_delimiters(tmp_path, delimiter):
    path = tmp_path / "log.csv"
    path.write_text("\n".join(delimiter.join(row) for row in [HEADER, *ROWS]), "utf-8")
    check(read(path))


@pytest.mark.parametrize("lifecycle", [True, False])
def test_xes(tmp_path, lifecycle):
    path = tmp_path / "log.xes"
    path.write_text(xes(ROWS, lifecycle), "utf-8")
    check(read(path), starts=lifecycle)
    packed = tmp_path / "log.xes.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    check(read(packed), starts=lifecycle)


def test_ocel(tmp_path):
    path = tmp_path / "log.json"
    path.write_text(json.dumps(ocel(ROWS)), "utf-8")
    check(read(path))


def test_starts_and_completions_are_paired_in_order(tmp_path):
    """The same activity twice in a case, another transition, a start that is never completed."""
    lines = [
        ["a", "x", "start", "2024-10-14 08:00"], ["a", "x", "complete", "2024-10-14 08:10"],
        ["a", "x", "start", "2024-10-14 09:00"], ["a", "x", "complete", "2024-10-14 09:20"],
        ["a", "x", "suspend", "2024-10-14 09:10"], ["a", "x", "start", "2024-10-14 10:00"],
    ]  # fmt: skip
    header = ("case", "activity", "lifecycle:transition", "timestamp")
    log = read(write(tmp_path / "log.csv", lines, header))
    assert (log.frame["complete"] - log.frame["start"]).tolist() == [600, 1200]
    assert log.refused == {"transition suspend": 1, "begun, not completed": 1}


def test_every_row_refused_is_counted_and_listed_with_its_reason(tmp_path):
    good = ROWS[0]
    bad = {
        3: (["", *good[1:]], "no case"),
        4: (["a", " ", *good[2:]], "no activity"),
        5: ([*good[:3], "soon", "r"], "time cannot be read"),
        6: ([*good[:3], "", "r"], "not completed"),
        7: ([*good[:2], "", "9999-01-01 00:00", "r"], "absurd date in complete"),
        8: ([*good[:2], "2024-10-15 08:00", *good[3:]], "starts after it ends"),
        9: (good, "double"),
        10: ([*good, "one", "two"], "misshapen"),
    }
    rows = [good, *(row for row, _ in bad.values()), ROWS[1]]
    log = read(write(tmp_path / "log.csv", rows, HEADER))
    assert len(log.frame) == 2
    assert log.read == len(rows)
    assert {line: reason for line, reason, _ in log.listed} == {
        line: reason for line, (_, reason) in bad.items()
    }
    assert sum(log.refused.values()) == len(bad)
    assert log.frame["line"].tolist() == [2, 11]  # the lines of the good ones


def test_the_listing_is_cut_off_but_all_are_counted(tmp_path):
    rows = [ROWS[0], *([["", *ROWS[0][1:]]] * 1500)]
    log = read(write(tmp_path / "log.csv", rows, HEADER))
    assert log.refused == {"no case": 1500}
    assert len(log.listed) == 1000


def test_missing_resources_and_days(tmp_path):
    rows = [["a", "x", "2024-10-14", "?"], ["a", "y", "2024-10-15", "r"]]
    header = ("case", "activity", "timestamp", "resource")
    log = read(write(tmp_path / "log.csv", rows, header))
    assert (log.frame["resource"] == -1).tolist() == [True, False]
    assert log.by_day
    assert not read(write(tmp_path / "log.csv", ROWS, HEADER)).by_day


BOMB = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>'
OUTER = '<!DOCTYPE x SYSTEM "file:///etc/hostname">'


@pytest.mark.parametrize("head", [BOMB, OUTER])
def test_xml_with_entities_is_refused(tmp_path, head):
    path = tmp_path / "log.xes"
    path.write_text(xes(ROWS, head=head), "utf-8")
    with pytest.raises(InputError, match="declares a document type or entities"):
        read(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("log.xes", "<log><trace>", "is no XES"),
        ("log.xes", "<log/>", "holds no event"),
        ("log.xes", "<a>" * 200, "nests deeper"),
        ("log.json", "[" * 100_000, "is no OCEL 2.0 JSON"),
        ("log.json", '{"objects": 3}', "is no OCEL 2.0 JSON"),
        ("log.json", '{"objects": [], "events": []}', "relates no event"),
        ("log.csv", "", "has no header"),
        ("log.csv", "a,b\n1,2\n", "columns.case: no value is given"),
        ("log.csv", "case,activity,timestamp,case\n1,x,2024-01-01,2\n", "two columns 'case'"),
        ("log.csv", "case,activity,timestamp\n", "has no row that can be used: it is empty"),
        ("log.csv", "case,activity,timestamp\n1,x,soon\n", "1 time cannot be read"),
        ("log.pkl", "cos\nsystem\n(S'true'\ntR.", "allowed: .csv, .xes or .json"),
    ],
)
def test_what_is_no_log_is_told_in_a_sentence(tmp_path, name, content, message):
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(InputError, match=message):
        read(tmp_path / name)


def test_the_case_of_an_ocel_may_be_stated(tmp_path):
    path = tmp_path / "log.json"
    path.write_text(json.dumps(ocel(ROWS)), "utf-8")
    by_desk = read(path, mapping_of({"object": "desk"}))
    assert by_desk.names["case"] == ["r", "s"]
    with pytest.raises(InputError, match="object: 'x' is no type of the log; allowed: incident"):
        read(path, mapping_of({"object": "x"}))


def test_what_is_no_incident_of_a_log_of_guantongs_is_left_out(tmp_path):
    rows = [[*ROWS[0], "incident"], [*ROWS[2], "consultation"]]
    log = read(write(tmp_path / "log.csv", rows, (*HEADER, "class")))
    assert len(log.frame) == 1
    assert log.refused == {"no incident but consultation": 1}

"""OCEL 2.0: the standard holds, every visit is found again to the tick."""

import pyarrow.parquet as pq
import pytest

from experiments.cli import main
from experiments.export import ocel
from experiments.export.folder import opened
from experiments.export.places import Places
from sim.records import SUPERVISE_BRANCH
from tests.event_logs import NAMES, busy_folder, checked_ocel, of_ocel, tick, visits_of


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("ocel") / "log.ocel.json"
    assert main(["export", f"run={busy_folder()}", "format=ocel", f"to={path}", "lang=zh"]) == 0
    return checked_ocel(path)


def related(one):
    return {qualifier: target for target, qualifier in (r.values() for r in one["relationships"])}


def test_every_visit_is_found_with_its_ticks_exactly(log):
    found = {}
    for event in log["events"]:
        told, at = of_ocel(event), related(event)
        row = int(event["id"].removeprefix("v"))
        found[row] = {
            "incident": int(at["handled"]),
            "desk": int(at["handled at"].removeprefix("desk:")),
            "stage": event["type"],
            "outcome": told["outcome"],
            "ended": tick(event["time"]),
            **{name: tick(told[name]) for name in ("started", "joined", "released")},
        }
        for name in ("worked", "retyping", "attempt", "report", "branch"):
            found[row][name] = int(told[name])
        assert ("worked on" in at) == (found[row]["branch"] < SUPERVISE_BRANCH)
    assert found == visits_of(busy_folder())
    ended = [visit["ended"] for visit in found.values()]
    assert ended == sorted(ended)


def test_objects_are_all_that_the_visits_touch_and_the_places(log):
    visits = visits_of(busy_folder()).values()
    by_type = {}
    for one in log["objects"]:
        by_type.setdefault(one["type"], {})[one["id"]] = one
    assert set(by_type["incident"]) == {str(v["incident"]) for v in visits}
    assert set(by_type["desk"]) == {f"desk:{v['desk']}" for v in visits}
    plain = [v for v in visits if v["branch"] < SUPERVISE_BRANCH]
    assert set(by_type["report"]) == {f"{v['incident']}/{v['report']}" for v in plain}
    assert [of_ocel(o)["name"] for o in by_type["district"].values()] == ['青石"<区>', "=1+1"]
    assert {of_ocel(o)["name"] for o in by_type["township"].values()} == {
        *("钟楼街道", "河湾街道", "松林镇", "云顶乡")
    }


def test_an_incident_is_tied_to_its_township_and_district(log):
    table = pq.read_table(busy_folder() / "incidents.parquet").to_pylist()
    places = {str(row["incident"]): (row["township"], row["district"]) for row in table}
    for one in log["objects"]:
        if one["type"] == "incident" and of_ocel(one)["class"] == "incident":
            targets = {r["objectId"] for r in one["relationships"]}
            township, district = places[one["id"]]
            assert targets == {f"township:{township}", f"district:{district}"}
    of_event = {related(event)["handled"]: related(event)["happened in"] for event in log["events"]}
    for key, (_, district) in places.items():
        assert of_event.get(key, f"district:{district}") == f"district:{district}"


def test_names_are_those_of_the_language(log):
    names = {of_ocel(o)["name"] for o in log["objects"] if o["type"] == "desk"}
    assert f"{NAMES['青石区']}：指挥" in names
    assert "awkward：热线" in names


def test_the_share_of_events_that_is_written_is_told():
    recorded, shares = opened(str(busy_folder())), []
    for _ in ocel.text(recorded, Places(recorded.layout, "en"), [], shares.append):
        pass
    assert shares == sorted(shares)
    assert shares[-1] == 1

"""What an event log tells of a case: what its incident is, or what its key alone tells."""

import datetime

import numpy as np
import pyarrow.parquet as pq

from experiments.export import cases as by_case
from experiments.export.facts import CASE, CLASSES, cases, stamps, zoned
from experiments.export.folder import opened
from experiments.export.places import Places
from sim import draws
from sim.units import NEVER
from tests.event_logs import busy_folder, tick


def test_ticks_become_moments_in_china():
    start = datetime.date(2024, 2, 28)
    ticks = np.array([0, 86400 + 3661, 2 * 86400, NEVER])
    assert stamps(start, ticks) == [
        "2024-02-28T00:00:00",
        "2024-02-29T01:01:01",
        "2024-03-01T00:00:00",
        "",
    ]
    assert zoned(start, ticks)[1] == "2024-02-29T01:01:01+08:00"


def test_classes_are_those_of_the_draws():
    for name in ("INCIDENT", "FALSE_ALARM", "BACKGROUND", "CONSULTATION", "TRIVIAL"):
        assert CLASSES[getattr(draws, f"OF_{name}")] == name.lower()


def test_a_case_tells_what_the_tables_hold(tmp_path):
    recorded = opened(str(busy_folder()))
    (part,) = by_case.parts(recorded, tmp_path, lambda share: None)
    found = cases(part, recorded, Places(recorded.layout, "en"))
    told = {key: dict(zip(CASE, values)) for key, values in zip(*found)}
    table = pq.read_table(busy_folder() / "incidents.parquet").to_pylist()
    rows = {row["incident"]: row for row in table}
    assert set(rows) > {key for key in told if told[key]["class"] == "incident"}
    for key, case in told.items():
        row = rows.get(key)
        if row is None:
            assert case["class"] in ("false_alarm", "consultation", "trivial")
            assert case["kind"] in recorded.catalogue.kinds
            assert case["district"] in recorded.city.district_name_en
            assert not any(case[name] for name in ("severity", "township", "grid", "occurred"))
            continue
        for name in ("kind", "severity", "grade", "channel", "state"):
            assert case[name] == row[name]
        assert case["resolving_tier"] == row["tier"]
        assert case["district"] == recorded.city.district_name_en[row["district"]]
        assert case["township"] == recorded.city.township_name_pinyin[row["township"]]
        for name in ("occurred", "noticed", "limit", "due", "first_closed", "solved"):
            assert (tick(case[name]) if case[name] else None) == row[name]

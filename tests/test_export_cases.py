"""Visits by case: whole, in order, and in memory that does not grow with the file."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.export import cases, ocel, tabular, xes
from experiments.export.folder import _table, opened
from experiments.export.places import Places
from sim.arrow import to_arrow
from sim.draws import OF_INCIDENT
from sim.errors import InputError
from sim.records import INCIDENT_COLUMNS, VISIT_COLUMNS, empty
from sim.stream import pack_key
from tests.event_logs import awkward_folder, busy_folder


@pytest.fixture(scope="module")
def recorded():
    return opened(str(busy_folder()))


def whole(recorded, spill, **sizes):
    return list(cases.parts(recorded, spill, lambda share: None, **sizes))


def test_small_parts_hold_what_one_part_holds(recorded, tmp_path):
    (all_of_it,) = whole(recorded, tmp_path)
    small = whole(recorded, tmp_path, batch=100, part=50)
    assert len(small) > 10
    for name in ("visits", "incidents"):
        joined = np.concatenate([getattr(part, name) for part in small])
        np.testing.assert_array_equal(joined, getattr(all_of_it, name))
    assert not list(tmp_path.iterdir())
    keys = [set(part.visits["incident"].tolist()) for part in small]
    assert sum(map(len, keys)) == len(set.union(*keys))  # no case is in two parts


def test_the_order_of_visits_is_by_case_start_end_and_file(recorded, tmp_path):
    (part,) = whole(recorded, tmp_path)
    order = [part.visits[n].tolist() for n in ("incident", "started", "ended", "visit")]
    rows = list(zip(*order))
    assert rows == sorted(rows)
    assert sorted(order[3]) == list(range(len(rows)))


def test_the_share_that_is_dealt_out_is_told(recorded, tmp_path):
    shares = []
    for _ in cases.parts(recorded, tmp_path, shares.append, batch=64):
        pass
    assert shares == sorted(shares)
    assert shares[-1] == 1


def long_run(recorded, folder, n_days: int, a_day: int = 250, each: int = 4):
    """The same city with as many incidents as one likes, in files of small groups of rows."""
    rng = np.random.default_rng(7)
    n = n_days * a_day
    day, number = np.divmod(np.arange(n), a_day)
    keys = np.array(
        [pack_key(OF_INCIDENT, 9000 + int(d), k % 2, 0, k) for d, k in zip(day, number)]
    )
    visits = empty(VISIT_COLUMNS, n * each)
    visits["incident"] = np.repeat(keys, each)
    visits["ended"] = np.repeat(day, each) * 86400 + rng.integers(0, 20 * 86400, n * each)
    visits = {name: values[np.argsort(visits["ended"])] for name, values in visits.items()}
    visits["stage"][:] = 1
    incidents = empty(INCIDENT_COLUMNS, n)
    incidents["incident"] = keys
    for name in ("occurred", "noticed", "limit", "due", "first_closed", "solved"):
        incidents[name] = day * 86400 + rng.integers(0, 86400, n)  # no two logs have alike texts
    texts = {"kind": recorded.catalogue.kinds}
    made = {}
    for name, columns in (("visits", visits), ("incidents", incidents)):
        pq.write_table(to_arrow(columns, texts), folder / f"{name}.parquet", row_group_size=500)
        made[name] = _table(folder, folder / f"{name}.parquet", ["incident"])
    kept = ("city", "catalogue", "start", "policy", "layout", "path", "provenance")
    shared = {name: getattr(recorded, name) for name in (*kept, "replication", "seed")}
    return SimpleNamespace(**shared, **made)


def peak(write, recorded, spill) -> tuple[int, int, int]:
    """(most bytes that Python holds at once while a log is written, most that Arrow holds, the
    log's characters)."""
    places, written, arrow = Places(recorded.layout, "en"), 0, 0
    places.desk, places.centre  # noqa: B018
    before = pa.total_allocated_bytes()

    def look(share: float) -> None:
        nonlocal arrow
        arrow = max(arrow, pa.total_allocated_bytes() - before)

    tracemalloc.start()
    parts = cases.parts(recorded, spill, look, batch=500, part=1000)
    for text in write(recorded, places, parts):
        written += len(text)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most, arrow, written


@pytest.mark.parametrize("write", [xes.text, ocel.text, tabular.text])
def test_memory_does_not_grow_with_the_log(recorded, tmp_path, write):
    sizes = []
    for n_days in (4, 16):
        folder = tmp_path / str(n_days)
        folder.mkdir()
        long = long_run(recorded, folder, n_days)
        held = []
        read = cases.batches
        for records in read(long.visits, long, 500):
            held.append(len(records))
        assert max(held) <= 500
        assert sum(held) == n_days * 250 * 4
        sizes.append(peak(write, long, folder))
    (small, held, few), (large, held_of_many, many) = sizes
    assert many > 3.9 * few
    assert large < 1.2 * small
    assert held_of_many < 1.2 * held


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [("desk", 10**6, "desks or places"), ("stage", "daydream", "the stage 'daydream'")],
)
def test_what_the_city_cannot_have_is_refused(recorded, tmp_path, column, value, told):
    table = pq.read_table(awkward_folder() / "visits.parquet")
    place = table.schema.get_field_index(column)
    kind = pa.string() if isinstance(value, str) else pa.int32()
    pq.write_table(
        table.set_column(place, column, pa.array([value] * len(table), kind)),
        tmp_path / "v.parquet",
    )
    odd = pq.ParquetFile(tmp_path / "v.parquet")
    shared = SimpleNamespace(**{n: getattr(recorded, n) for n in ("path", "catalogue", "city")})
    shared.layout, shared.visits = recorded.layout, odd
    with pytest.raises(InputError, match=told):
        list(cases.batches(odd, shared))

"""The rows that a clock hands back become the columns that records.py names."""

import numpy as np

from sim import rows
from sim.draws import OF_INCIDENT
from sim.errors import InputError
from sim.keys import keys_of
from sim.outcome import incident_columns, never_settles, unended, visit_columns
from sim.records import AGAIN_COLUMNS, INCIDENT_COLUMNS, TIME_COLUMNS, VISIT_COLUMNS
from sim.stream import pack_key


def test_every_incident_column_comes_from_its_place_in_the_row():
    table = np.arange(2 * rows.INCIDENT_WIDTH).reshape(2, -1)
    columns = incident_columns(table)
    assert list(columns) == list(INCIDENT_COLUMNS)
    np.testing.assert_array_equal(columns.pop("incident"), keys_of(table))
    places = {name: int(values[0]) for name, values in columns.items()}
    assert len(set(places.values())) == len(places)
    short = {"first_closed": "FIRST", "false_closings": "FALSE",
             "wrong_desks": "WRONG", "tier": "FIRST_TIER"}  # fmt: skip
    accounts = TIME_COLUMNS + AGAIN_COLUMNS
    for name in set(columns) - set(accounts):
        assert places[name] == getattr(rows, "I_" + short.get(name, name.upper())), name
    account = [places[name] for name in accounts]
    assert account == list(range(rows.I_ACCOUNT, rows.I_AGAIN + len(AGAIN_COLUMNS)))
    assert account[-1] < rows.INCIDENT_WIDTH
    steps = {(int(b) - int(a)) % 256 for a, b in columns.values()}  # the narrow ones wrap round
    assert steps == {rows.INCIDENT_WIDTH}


def test_tables_have_the_types_that_records_state():
    incidents = incident_columns(np.zeros((3, rows.INCIDENT_WIDTH), np.int64))
    visits = visit_columns(np.zeros((3, len(VISIT_COLUMNS)), np.int64))
    for table, stated in ((incidents, INCIDENT_COLUMNS), (visits, VISIT_COLUMNS)):
        assert {name: values.dtype for name, values in table.items()} == {
            name: np.dtype(kind) for name, kind in stated.items()
        }


def test_visit_columns_stand_in_the_order_of_records():
    columns = visit_columns(np.arange(len(VISIT_COLUMNS))[None, :])
    assert {name: int(values[0]) for name, values in columns.items()} == {
        name: i for i, name in enumerate(VISIT_COLUMNS)
    }


def test_a_circle_is_told_of_by_the_incident_that_goes_in_it():
    key = pack_key(OF_INCIDENT, 366, 3, 7, 45)
    error = never_settles(key)
    assert isinstance(error, InputError)
    assert f"incident {key} (2001-01-01, district 3, kind 7, number 45)" in str(error)
    assert "no work and no delay" in str(error)


def test_what_has_not_ended_comes_in_chunks_in_order(monkeypatch):
    monkeypatch.setattr("sim.outcome._AT_ONCE", 4)
    table = np.arange(10)[:, None]
    found = list(unended(10, lambda part: table[part]))
    assert [chunk.incidents[:, 0].tolist() for chunk in found] == [
        [*range(4)],
        [*range(4, 8)],
        [8, 9],
    ]
    assert all(chunk.visits.shape == (0, len(VISIT_COLUMNS)) for chunk in found)
    assert not list(unended(0, lambda part: table[part]))

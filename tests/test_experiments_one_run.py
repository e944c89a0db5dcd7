"""A run hands back one consistent account, and policies meet the very same incidents."""

import dataclasses
import tracemalloc

import numpy as np
import pytest

from experiments import load, simulate
from sim import codes
from sim.codes import GRID
from sim.draws import OF_FALSE_ALARM, OF_INCIDENT
from sim.errors import InputError
from sim.records import DESK_COLUMNS, FLOW_COLUMNS, INCIDENT_COLUMNS, TIME_COLUMNS, VISIT_COLUMNS
from sim.stream import unpack_key
from sim.units import DAY, HOUR, NEVER
from tests.conftest import TINY

WHAT_IT_IS = ("incident", "occurred", "kind", "severity", "tier", "grid", "township", "district")


def of(parameters, **settings):
    """The same parameters with other settings of the run."""
    return dataclasses.replace(
        parameters, settings=dataclasses.replace(parameters.settings, **settings)
    )


@pytest.fixture(scope="module")
def p():
    return load([*TINY, "record=visits"])


@pytest.fixture(scope="module")
def run(p):
    return simulate(p, seed=1)


@pytest.fixture(scope="module")
def other(integrated):
    return simulate(integrated, seed=1)


# --- the summary ------------------------------------------------------------------------------


def test_the_summary_has_its_measures_and_they_fit_one_another(run, p):
    s = run.summary()
    table = run.incident_columns
    days = p.settings.horizon.cohort_days
    assert next(iter(s)) == "incidents"
    assert s["incidents"] == run.outcome.drawn == run.flow[:, 0].sum()
    assert s["cohort_incidents"] == len(table["incident"])
    assert 0 < s["cohort_incidents"] < s["incidents"]
    solved = (table["solved"] < p.end).sum()
    assert s["throughput_per_day"] * days == pytest.approx(solved)
    assert s["open_at_end"] == s["cohort_incidents"] - solved
    assert s["unseen_at_end"] == (table["noticed"] == NEVER).sum()
    assert s["goodput_per_day"] <= s["throughput_per_day"]
    assert s["closure_latency_p50_hours"] > 0
    for name, value in s.items():
        if name.endswith("_share") or name.startswith("utilisation"):
            assert 0 <= value <= 1, name
    assert s["staff_hours"] == pytest.approx(p.paid_by_desk.sum())


def test_the_summary_names_every_tier_and_latency(run):
    expected = {f"utilisation_{tier}" for tier in codes.TIERS} | {
        f"closure_latency_p{q}_hours" for q in (50, 90, 95, 99)
    }
    assert expected <= set(run.summary())
    assert {"on_time_share", "handovers_mean", "returns_mean", "merged_share"} <= set(run.summary())


def test_utilisation_is_work_over_open_seats(run):
    desks = run.desks
    assert list(desks) == list(DESK_COLUMNS)
    assert {name: values.dtype for name, values in desks.items()} == {
        name: np.dtype(kind) for name, kind in DESK_COLUMNS.items()
    }
    grid = desks["tier"] == GRID
    expected = desks["busy"][grid].sum() / desks["open"][grid].sum()
    assert run.summary()["utilisation_grid"] == pytest.approx(expected)


def test_the_flow_counts_all_incidents_of_the_horizon(run, p):
    flow = dict(zip(FLOW_COLUMNS, run.flow.sum(axis=0)))
    assert len(run.flow) >= p.end // HOUR
    states = run.outcome.states
    assert flow["occurred"] - flow["noticed"] == states[codes.UNSEEN]
    assert flow["false_closed"] - flow["returned"] == states[codes.ASLEEP]
    dormant = states[codes.ASLEEP]
    assert flow["noticed"] - flow["solved"] - dormant == states[codes.OPEN]


def test_the_same_seed_gives_the_same_run_and_another_another(p, run):
    again, another = simulate(p, seed=1), simulate(p, seed=2)
    assert again.summary() == run.summary() != another.summary()
    for name, values in run.visit_columns.items():
        np.testing.assert_array_equal(values, again.visit_columns[name])


def test_progress_goes_to_one(p):
    told = []
    simulate(p, 3, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    busy = load([*TINY, "stream.per_day=6000"])  # a day of so many is a chunk of its own
    daily = []
    simulate(busy, 3, daily.append)
    assert daily == [(day + 1) / busy.n_days for day in range(busy.n_days)]


def test_a_stream_without_incidents_is_refused_before_the_run():
    with pytest.raises(InputError, match=r"stream\.per_resident"):
        simulate(load([*TINY, "stream.per_resident=0"]), 1)


# --- tables -----------------------------------------------------------------------------------


def test_the_incident_table_names_codes_and_leaves_out_what_has_not_happened(run, p):
    table, columns = run.incidents, run.incident_columns
    assert table.column_names == list(INCIDENT_COLUMNS)
    assert table.num_rows == len(columns["incident"])
    assert set(table["kind"].to_pylist()) == set(p.catalogue.kinds)
    assert table["solved"].null_count == (columns["solved"] == NEVER).sum() > 0
    for name, code in (("solved", codes.SOLVED), ("dormant", codes.ASLEEP)):
        named = (np.array(table["state"].to_pylist()) == name).sum()
        assert named == (columns["state"] == code).sum()
    keys = columns["incident"]
    assert (np.diff(keys) > 0).all()  # by key, each once


def test_the_cohort_is_what_occurred_in_the_window(run, p):
    occurred = run.incident_columns["occurred"]
    assert (occurred >= p.window[0]).all()
    assert (occurred < p.window[1]).all()
    by_hour = run.flow[p.window[0] // HOUR : p.window[1] // HOUR, 0]
    assert by_hour.sum() == occurred.size


def test_life_goes_forward(run, p):
    c = run.incident_columns
    seen, solved = c["noticed"] < NEVER, c["solved"] < NEVER
    assert (c["occurred"][seen] <= c["noticed"][seen]).all()
    assert (c["noticed"] <= c["first_closed"])[seen].all()
    assert (c["first_closed"] <= c["solved"])[solved].all()
    assert (c["noticed"] < c["limit"])[seen].all()
    assert (c["solved"][solved] < p.end).all()
    false = c["false_closings"] > 0
    assert ((c["first_closed"] < c["solved"]) == false)[solved].all()


def test_the_time_account_sums_to_the_closure_latency(run):
    c = run.incident_columns
    solved = c["solved"] < NEVER
    assert solved.sum() > 200
    spent = sum(c[name] for name in TIME_COLUMNS)
    restrict = run.parameters.restrict
    for whole, part in (("solved", spent), ("noticed", c["sensing"])):
        length = np.minimum(c[whole] - c["occurred"], restrict)
        np.testing.assert_array_equal(part[solved], length[solved])


def test_the_visit_table_tells_of_the_same_lives(run):
    table, visits, c = run.visits, run.visit_columns, run.incident_columns
    assert table.column_names == list(VISIT_COLUMNS)
    assert set(table["stage"].to_pylist()) >= {"register", "judge", "sign", "dispose", "verify"}
    assert (np.diff(visits["ended"]) >= 0).all()
    of_incident = unpack_key(visits["incident"].copy())[0] == OF_INCIDENT
    assert set(visits["incident"][of_incident]) <= set(c["incident"])
    alarms = unpack_key(visits["incident"].copy())[0] == OF_FALSE_ALARM
    assert alarms.any()
    solving = visits["outcome"] == codes.SOLVED_BY
    order = np.argsort(visits["incident"][solving])
    solved = c["solved"] < NEVER
    np.testing.assert_array_equal(visits["incident"][solving][order], c["incident"][solved])
    np.testing.assert_array_equal(visits["ended"][solving][order], c["solved"][solved])
    for outcome, column in ((codes.RETURNED, "returns"), (codes.FAILED, "reworks"),
                            (codes.FALSE_CLOSED, "false_closings")):  # fmt: skip
        assert (visits["outcome"] == outcome).sum() == c[column].sum()


def test_work_in_the_account_is_the_work_of_the_leads_visits(run):
    """Of incidents without a joint disposal: seat time by stage, incident by incident."""
    visits, c = run.visit_columns, run.incident_columns
    joint = np.unique(visits["incident"][(visits["branch"] > 0) & (visits["branch"] < 64)])
    short = c["solved"] - c["occurred"] <= run.parameters.restrict
    single = short & ~np.isin(c["incident"], joint)
    for stage in ("register", "judge", "sign", "dispose", "verify"):
        mine = (visits["stage"] == codes.STAGES.index(stage)) & (visits["report"] == 0)
        keys, place = np.unique(visits["incident"][mine], return_inverse=True)
        worked = dict(zip(keys, np.bincount(place, visits["worked"][mine])))
        found = [worked.get(key, 0) for key in c["incident"][single]]
        np.testing.assert_array_equal(found, c[f"{stage}_working"][single])


# --- what is recorded -------------------------------------------------------------------------


@pytest.mark.parametrize("record", ["summary", "incidents"])
def test_what_is_recorded_does_not_change_what_is_measured(p, run, record):
    less = simulate(of(p, record=record), seed=1)
    assert less.metrics() == run.metrics()
    assert less.visits.num_rows == 0
    assert less.visits.column_names == list(VISIT_COLUMNS)
    n = run.incidents.num_rows if record == "incidents" else 0
    assert less.incidents.num_rows == n
    if n:
        assert less.incidents.equals(run.incidents)


def test_both_clocks_give_the_same_run(p, run):
    slow = simulate(of(p, clock="simpy"), seed=1)
    assert slow.summary() == run.summary()
    assert slow.visits.equals(run.visits)
    assert slow.incidents.equals(run.incidents)


# --- the same incidents -----------------------------------------------------------------------


def test_two_policies_meet_the_same_incidents(run, other):
    a, b = run.incident_columns, other.incident_columns
    assert run.outcome.drawn == other.outcome.drawn
    for name in WHAT_IT_IS:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)
    np.testing.assert_array_equal(run.flow[:, 0], other.flow[:, 0])
    assert (a["solved"] != b["solved"]).mean() > 0.5  # and do not treat them alike


UNCHANGED = [
    "policy.name=another",
    "policy.stages.dispatch.hotline=city.command",  # nothing goes directly: lever direct is 0
    "policy.stages.supervise.hotline=parent.command",  # nor is anything supervised
    "policy.opening.district.board=duty",  # boards have no part in the siloed policy
]


@pytest.mark.parametrize("override", UNCHANGED)
def test_a_policy_that_changes_nothing_changes_no_incident_by_one_tick(run, override):
    same = simulate(load([*TINY, "record=visits", override]), seed=1)
    for name, values in run.incident_columns.items():
        np.testing.assert_array_equal(same.incident_columns[name], values, err_msg=name)
    for name, values in run.visit_columns.items():
        np.testing.assert_array_equal(same.visit_columns[name], values, err_msg=name)
    np.testing.assert_array_equal(same.flow, run.flow)


def test_a_lever_that_changes_something_is_seen_in_this_comparison(run):
    changed = simulate(load([*TINY, "policy.levers.refusal=0.09", "staff.place=fixed"]), seed=1)
    assert (changed.incident_columns["solved"] != run.incident_columns["solved"]).any()
    for name in WHAT_IT_IS:
        np.testing.assert_array_equal(changed.incident_columns[name], run.incident_columns[name])


def test_a_district_alone_has_the_incidents_that_it_has_in_the_city(run):
    alone = simulate(load([*TINY, "city.district=B"]), seed=1).incident_columns
    here = run.incident_columns["district"] == 1
    for name in WHAT_IT_IS:
        np.testing.assert_array_equal(alone[name], run.incident_columns[name][here])


def test_a_run_starts_with_an_empty_city_and_ends_on_time(run, p):
    assert run.visit_columns["joined"].min() >= p.window[0]
    assert run.visit_columns["ended"].max() < p.end
    assert p.end == 14 * DAY


def test_memory_does_not_grow_with_the_horizon_when_only_summaries_are_kept():
    def peak(days):
        settings = ["city=tiny", "calendar=plain", "record=summary", "staff.pilot_incidents=4000"]
        parameters = load([*settings, f"horizon.cohort_days={days}"])
        _ = parameters.world, parameters.rates, parameters.open_ticks, parameters.paid_by_desk
        simulate(parameters, 1)  # everything is compiled and imported
        tracemalloc.start()
        run = simulate(parameters, 1)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return run.outcome.drawn, most - run.flow.nbytes

    (few, small), (many, large) = peak(28), peak(560)
    assert many > 6 * few
    assert large < 1.5 * small

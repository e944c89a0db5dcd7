"""The reducer on a hand-worked cohort, against pandas, and cut into any chunks."""

import itertools
import json
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from analysis.account import CATEGORIES, PARTS
from analysis.histogram import BIN_ERROR, N_BINS, Histogram, bin_of
from analysis.reducer import Reducer
from sim.arrow import to_arrow
from sim.errors import InputError
from sim.records import DESK_COLUMNS, INCIDENT_COLUMNS, empty
from sim.units import DAY, HOUR, NEVER

WINDOW, END = (2 * DAY, 12 * DAY), 20 * DAY
NO_DESKS = empty(DESK_COLUMNS)


def incidents(n, seed=0):
    """A table as a run might write it: some unseen, open, dormant or outside."""
    rng = np.random.default_rng(seed)
    table = empty(INCIDENT_COLUMNS, n)
    table["incident"][:] = np.arange(n)
    table["occurred"][:] = rng.integers(0, END, n)
    table["noticed"][:] = table["occurred"] + rng.exponential(6 * HOUR, n).astype(np.int64)
    table["limit"][:] = table["noticed"] + rng.choice([DAY, 5 * DAY], n)
    table["due"][:] = table["limit"] + rng.choice([0, 2 * DAY], n)
    table["first_closed"][:] = table["noticed"] + rng.lognormal(11, 1.2, n).astype(np.int64)
    false_closing = rng.random(n) < 0.1
    table["false_closings"][:] = false_closing
    table["solved"][:] = table["first_closed"] + false_closing * 3 * DAY
    table["dormant"][:] = false_closing * 3 * DAY
    table["sensing"][:] = table["noticed"] - table["occurred"]
    table["dispose_working"][:] = table["first_closed"] - table["noticed"]
    for name in ("noticed", "first_closed", "solved"):
        table[name][table[name] > END] = NEVER
    for name in ("limit", "due"):
        table[name][table["noticed"] == NEVER] = NEVER
    restrict_accounts(table, END - WINDOW[1])
    for name, top in (("kind", 3), ("severity", 4), ("tier", 4), ("district", 5)):
        table[name][:] = rng.integers(0, top, n)
    table["township"][:] = table["district"] * 2 + rng.integers(0, 2, n)
    for name in ("handovers", "returns", "reworks", "wrong_desks"):
        table[name][:] = rng.poisson(0.3, n)
    table["reports"][:] = 1 + rng.poisson(0.3, n)
    table["merged"][:] = np.minimum(table["reports"] - 1, rng.poisson(0.3, n))
    table["growths"][:] = rng.poisson(0.3, n)
    table["retracted"][:] = rng.random(n) < 0.1
    table["mismerged"][:] = rng.poisson(0.1, n)
    table["satisfied"][:] = np.where(table["solved"] < NEVER, rng.integers(-1, 2, n), -1)
    for name in ("escalated", "reminded", "extensions", "dual"):
        table[name][:] = rng.random(n) < 0.2
    return table


def restrict_accounts(table, restrict):
    """Cut what was booked as a clock does: at occurred + restrict, and what has not ended is not
    booked yet."""
    left = np.full(table["occurred"].size, restrict)
    for name in ("sensing", "dispose_working", "dormant"):
        table[name][:] = np.minimum(table[name], left)
        left -= table[name]
    table["sensing"][table["noticed"] == NEVER] = 0
    table["dispose_working"][table["first_closed"] == NEVER] = 0
    table["dormant"][table["first_closed"] == NEVER] = 0
    table["again_working"][:] = table["dispose_working"] // 3


LANDSCAPE = np.array([0, 1, 2, 3, 3, 2, 1, 0, 2, 2])


def reducer():
    return Reducer(WINDOW, END, n_districts=5, n_kinds=3, landscape=LANDSCAPE)


@pytest.fixture
def hand_worked():
    """Four incidents at the window's start (18 days before the end; follow-up 8 days), two of
    them solved, after 1 h and after 10 days; a third unseen, a fourth closed and dormant."""
    table = empty(INCIDENT_COLUMNS, 6)
    table["occurred"][:] = WINDOW[0]
    table["noticed"][:] = WINDOW[0] + HOUR // 2
    table["limit"][:] = WINDOW[0] + DAY
    table["first_closed"][:] = WINDOW[0] + HOUR
    table["solved"][:] = [WINDOW[0] + HOUR, WINDOW[0] + 10 * DAY, NEVER, NEVER, 0, 0]
    table["first_closed"][1] = table["solved"][1]
    for name in ("noticed", "limit", "first_closed"):
        table[name][2] = NEVER
    table["occurred"][4:6] = [WINDOW[0] - 1, WINDOW[1]]  # just outside the cohort
    table["false_closings"][3] = 1
    table["handovers"][:] = [1, 4, 0, 1, 9, 9]
    table["reports"][:] = [1, 2, 0, 1, 9, 9]
    table["sensing"][[0, 1, 3]] = HOUR // 2
    table["dispose_working"][[0, 1, 3]] = [HOUR // 2, 8 * DAY - HOUR // 2, HOUR // 2]
    table["dormant"][3] = 3 * DAY  # and then reported anew
    table["again_working"][1] = DAY
    table["district"][:] = [0, 1, 1, 1, 0, 0]
    return table


def test_hand_worked_cohort(hand_worked):
    r = reducer()
    r.add(hand_worked)
    m = r.metrics(NO_DESKS)
    assert m["incidents"] == 4
    assert m["throughput_per_day"] == 0.2
    assert m["goodput_per_day"] == 0.1
    assert m["open_at_end"] == 2
    assert m["unseen_at_end"] == 1
    # Restricted to the follow-up of 8 days: 1 h, and three times 8 days.
    assert m["closure_latency_mean_hours"] == pytest.approx((1 + 3 * 8 * 24) / 4)
    assert m["closure_latency_p50_hours"] == pytest.approx(240, rel=BIN_ERROR)
    assert m["closure_latency_p90_hours"] is None
    # On paper three were noticed and closed: after 0.5, 0.5 and 239.5 hours.
    assert m["paper_latency_mean_hours"] == pytest.approx((0.5 + 0.5 + 192) / 3, rel=BIN_ERROR)
    assert m["paper_latency_p50_hours"] == 0.5
    assert m["on_time_share"] == pytest.approx(2 / 3)
    assert m["handovers_mean"] == 2
    assert m["reports_per_incident"] == pytest.approx(4 / 3)
    assert m["reopened_share"] == pytest.approx(1 / 3)
    assert m["utilisation_city"] is None
    assert m["staff_hours"] == 0
    assert r.reached() == {
        f"closure_latency_p{p}_hours": pytest.approx(18 * 24, rel=BIN_ERROR) for p in (90, 95, 99)
    }
    account = r.time_account()
    assert account["sensing"] == (3 * 0.5 + 192) / 4  # the third is unseen for 8 days and longer
    assert account["dispose_working"] == (0.5 + 191.5 + 0.5) / 4
    assert account["open_waiting"] == (192 - 1 - 72) / 4
    assert sum(account.values()) == pytest.approx(m["closure_latency_mean_hours"])
    assert {name: ticks / HOUR for name, ticks in r.category_ticks().items()} == {
        "sensing": 193.5,
        "assumed_delay": 0,
        "work": 192.5 - 24,
        "waiting": 192 - 1 - 72,
        "rework": 24 + 72,
    }
    by_district = r.breakdown("district")
    assert by_district["incidents"].tolist() == [1, 3, 0, 0, 0]
    np.testing.assert_allclose(by_district["mean_latency_hours"][:2], [1, 8 * 24])
    assert np.isnan(by_district["mean_latency_hours"][2:]).all()


def test_random_table_against_pandas():
    table = incidents(3000)
    r = reducer()
    r.add(table)
    frame = pd.DataFrame(table)
    frame = frame[frame.occurred.between(*WINDOW, inclusive="left")].copy()
    noticed, solved = frame[frame.noticed < NEVER], frame[frame.solved < NEVER]
    m = r.metrics(NO_DESKS)
    assert m["incidents"] == len(frame)
    assert m["throughput_per_day"] == len(solved) / 10
    assert m["goodput_per_day"] == (solved.solved <= solved.limit).sum() / 10
    restricted = (frame.solved - frame.occurred).clip(upper=END - WINDOW[1])
    assert m["closure_latency_mean_hours"] == pytest.approx(restricted.mean() / HOUR)
    assert m["on_time_share"] == (noticed.first_closed <= noticed.limit).mean()
    with_extensions = m["on_time_with_extensions_share"]
    assert with_extensions == (noticed.first_closed <= noticed.due).mean() > m["on_time_share"]
    assert m["misrouted_share"] == (noticed.wrong_desks > 0).mean()
    assert m["reworked_share"] == (noticed.reworks > 0).mean()
    assert m["escalated_share"] == noticed.escalated.mean()
    assert m["withdrawn_share"] == noticed.retracted.mean()
    assert m["mismerged_share"] == (noticed.mismerged > 0).mean()
    assert m["grown_share"] == (frame.growths > 0).mean()
    asked = frame[frame.satisfied >= 0]
    assert m["satisfied_share"] == pytest.approx((asked.satisfied == 1).mean())
    for name, column in (("extended", "extensions"), ("reminded", "reminded"), ("dual", "dual")):
        assert m[f"{name}_share"] == (noticed[column] > 0).mean() > 0
    assert m["returns_mean"] == pytest.approx(noticed.returns.mean())
    assert m["merged_share"] == pytest.approx(noticed.merged.sum() / noticed.reports.sum())
    frame["latency"], frame["landscape"] = restricted / HOUR, LANDSCAPE[frame.township]
    for group in ("district", "kind", "severity", "tier", "landscape"):
        expected = frame.groupby(group).latency.agg(["size", "mean"])
        found = r.breakdown(group)
        np.testing.assert_array_equal(found["incidents"], expected["size"])
        np.testing.assert_allclose(found["mean_latency_hours"], expected["mean"])
        assert found["goodput_per_day"].sum() == pytest.approx(m["goodput_per_day"])
    assert sum(r.category_ticks().values()) == restricted.sum()
    assert sum(r.time_account().values()) == pytest.approx(restricted.mean() / HOUR)
    assert r.categories()["rework"] == pytest.approx(
        (frame.again_working + frame.dormant).mean() / HOUR
    )


def test_latency_quantiles_against_scipy():
    table = incidents(3000)
    r = reducer()
    r.add(table)
    m = r.metrics(NO_DESKS)
    cohort = (table["occurred"] >= WINDOW[0]) & (table["occurred"] < WINDOW[1])
    noticed = cohort & (table["noticed"] < NEVER)
    for latency, rows, begin, finish in (
        ("closure_latency", cohort, "occurred", "solved"),
        ("paper_latency", noticed, "noticed", "first_closed"),
    ):
        finished = table[finish][rows]
        begun = table[begin][rows]
        censored = np.bincount(bin_of(END - begun[finished == NEVER]), minlength=N_BINS)
        np.testing.assert_array_equal(getattr(r, latency).censored, censored)
        times = (np.minimum(finished, END) - begun) / HOUR
        curve = ecdf(CensoredData.right_censored(times, finished == NEVER)).cdf
        for p in (50, 90):
            expected = curve.quantiles[np.searchsorted(curve.probabilities, p / 100)]
            assert m[f"{latency}_p{p}_hours"] == pytest.approx(expected, rel=2 * BIN_ERROR)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 500), max_size=6), st.randoms(use_true_random=False))
def test_the_result_does_not_depend_on_the_chunks(cuts, random):
    table = incidents(500)
    whole, chunked = reducer(), reducer()
    whole.add(table)
    edges = sorted([0, *cuts, 500])
    parts = list(itertools.pairwise(edges))
    random.shuffle(parts)
    for start, stop in parts:
        chunked.add({name: values[start:stop] for name, values in table.items()})
    assert chunked.metrics(NO_DESKS) == whole.metrics(NO_DESKS)
    assert chunked.time_account() == whole.time_account()
    assert chunked.category_ticks() == whole.category_ticks()
    for name, columns in whole.tables().items():
        for column, values in columns.items():
            np.testing.assert_array_equal(chunked.tables()[name][column], values)


def test_the_mean_is_the_plain_mean_when_all_is_solved_within_the_follow_up():
    table = incidents(200)
    table["solved"][:] = table["occurred"] + np.arange(200) * 1000
    r = reducer()
    r.add(table)
    assert r.metrics(NO_DESKS)["closure_latency_mean_hours"] == pytest.approx(
        r.closure_latency.mean / HOUR
    )
    assert r.metrics(NO_DESKS)["open_at_end"] == 0


def test_what_happens_after_the_end_has_not_happened():
    """A table written up to a later end, reduced at an earlier one."""
    table = incidents(1000)
    cut = {name: values.copy() for name, values in table.items()}
    late, early = Reducer(WINDOW, 13 * DAY, 5, 3), Reducer(WINDOW, 13 * DAY, 5, 3)
    for name in ("noticed", "first_closed", "solved"):
        cut[name][cut[name] > 13 * DAY] = NEVER
    cut["limit"][cut["noticed"] == NEVER] = NEVER
    late.add(table)
    early.add(cut)
    assert late.metrics(NO_DESKS) == early.metrics(NO_DESKS)
    assert late.metrics(NO_DESKS)["open_at_end"] > 0


def test_utilisation_and_staff_hours():
    desks = empty(DESK_COLUMNS, 5)
    desks["tier"][:] = [0, 0, 0, 1, 2]
    desks["busy"][:] = [30, 50, 9, 90, 7]  # the third and the last: overtime after closing
    desks["open"][:] = [100, 100, 0, 100, 0]
    desks["paid"][:] = [40, 40, 0, 168, 10.5]
    m = reducer().metrics(desks)
    assert m["utilisation_city"] == 0.4
    assert m["utilisation_district"] == 0.9
    assert m["utilisation_township"] is None
    assert m["utilisation_grid"] is None
    assert m["staff_hours"] == 258.5


def test_an_empty_cohort_has_no_shares_and_no_nan():
    m = reducer().metrics(NO_DESKS)
    assert m["incidents"] == 0
    assert m["on_time_share"] is None
    assert m["closure_latency_mean_hours"] is None
    assert reducer().time_account() == dict.fromkeys(PARTS)
    assert reducer().categories() == dict.fromkeys(CATEGORIES)
    json.dumps(m, allow_nan=False)


def test_without_follow_up_there_is_no_mean():
    r = Reducer(WINDOW, WINDOW[1], 5, 3)
    r.add(incidents(500))
    m = r.metrics(NO_DESKS)
    assert m["closure_latency_mean_hours"] is None
    assert m["paper_latency_mean_hours"] is None
    assert m["closure_latency_p50_hours"] > 0
    assert np.isnan(r.breakdown("kind")["mean_latency_hours"]).all()
    assert r.time_account() == dict.fromkeys(PARTS)
    assert r.categories() == dict.fromkeys(CATEGORIES)


@pytest.mark.parametrize("window", [(5, 5), (6, 5), (0, 11)])
def test_a_bad_window_is_refused(window):
    with pytest.raises(InputError, match="window"):
        Reducer(window, 10, 1, 1)


def test_tables_become_arrow_tables_with_names():
    r = reducer()
    r.add(incidents(500))
    tables = {
        name: to_arrow(table, {"landscape": ("core", "urban", "town", "rural")})
        for name, table in r.tables().items()
    }
    assert tables["by_severity"]["severity"].to_pylist() == ["I", "II", "III", "IV"]
    assert tables["by_landscape"]["landscape"].to_pylist()[3] == "rural"
    assert tables["time_account"]["part"].to_pylist() == list(PARTS)
    stored = {
        name: column.to_numpy()
        for name, column in zip(
            tables["closure_latency"].column_names, tables["closure_latency"].columns, strict=True
        )
    }
    again = Histogram.from_columns(stored)
    np.testing.assert_array_equal(again.events, r.closure_latency.events)


def test_a_cohort_of_a_city_month_is_reduced_fast():
    table = incidents(155_000)
    begun = time.process_time()
    r = reducer()
    r.add(table)
    r.metrics(NO_DESKS)
    assert time.process_time() - begun < 0.3


def test_exposure_is_the_time_not_solved_by_kind_and_grade(hand_worked):
    hand_worked["kind"][:] = [0, 2, 2, 2, 1, 1]
    hand_worked["severity"][:] = [3, 0, 0, 1, 1, 1]
    r = reducer()
    r.add(hand_worked)
    found = r.exposure()
    row = {
        (kind, grade): (n, hours)
        for kind, grade, n, hours in zip(*(found[name].tolist() for name in found))
    }
    assert len(row) == 3 * 4
    assert row.pop((0, 3)) == (1, 1)
    assert row.pop((2, 0)) == (2, 2 * 8 * 24)  # restricted to the follow-up of 8 days
    assert row.pop((2, 1)) == (1, 8 * 24)
    assert set(row.values()) == {(0, 0)}  # nothing outside the window
    assert r.solved_per_day == 0.2


def test_exposure_adds_up_to_the_mean_latency_whatever_the_chunks():
    table, whole, chunked = incidents(3000), reducer(), reducer()
    whole.add(table)
    for part in np.array_split(np.arange(3000), 7):
        chunked.add({name: values[part] for name, values in table.items()})
    for name, values in whole.exposure().items():
        np.testing.assert_array_equal(chunked.exposure()[name], values)
    m, exposure = whole.metrics(NO_DESKS), whole.exposure()
    assert exposure["incidents"].sum() == m["incidents"]
    mean = exposure["open_hours"].sum() / m["incidents"]
    assert mean == pytest.approx(m["closure_latency_mean_hours"])


def test_without_a_follow_up_exposure_is_not_known():
    r = Reducer(WINDOW, WINDOW[1], n_districts=5, n_kinds=3)
    r.add(incidents(100))
    assert np.isnan(r.exposure()["open_hours"]).all()

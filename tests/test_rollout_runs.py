"""Whole runs of a rollout: what it changes where and when, and what it must not."""

from functools import cache

import numpy as np
import pytest

from experiments.one_run import simulate
from sim import codes
from sim.codes import BOARD, CITY, DISPATCH_DESK, DISTRICT, HOTLINE_DESK
from sim.stream import unpack_key
from sim.units import DAY, HOUR, NEVER
from tests.both import first_difference, tables
from tests.conftest import TINY, find_desk
from tests.test_rollout import DATED, MIXED, TO, A, B, parameters, to_integrated, waves


@cache
def run(*overrides, base=TINY):
    return simulate(parameters(*overrides, base=base), seed=7)


# --- what a rollout must not change -----------------------------------------------------------


def test_a_rollout_of_nothing_changes_no_incident_by_one_tick():
    for nothing in (
        [TO],
        to_integrated("{share:0}"),
        to_integrated("{from:'2025-01-01',share:1}", city_from="2025-01-01"),
    ):
        assert first_difference(run(), run(*nothing)) is None


def test_a_rollout_to_the_same_policy_changes_nothing():
    same = ("policy.rollout.to=siloed", waves("{from:'2024-10-17 10:30',share:1}"),
            "policy.rollout.city_from='2024-10-17 10:30'")  # fmt: skip
    assert run(*same).parameters.world.later_from.tolist() == [3 * DAY + 10 * HOUR + 1800]
    plain, rolled = tables(run()), tables(run(*same))
    for name in plain.keys() - {"settled"}:  # desks look at the date whether they may start work
        for column, values in plain[name].items():
            np.testing.assert_array_equal(rolled[name][column], values, f"{name}: {column}")


def test_a_rollout_everywhere_from_the_start_is_that_policy():
    everywhere = to_integrated("{share:1}", city_from="start")
    assert first_difference(run("policy=integrated"), run(*everywhere)) is None


# --- what it changes, and no more -------------------------------------------------------------

ALIKE = ("staff.place=fixed",)
"""Seats and hours as in the silos: what a district does is then all that a rollout changes."""


@cache
def ample(*overrides):
    """Incidents of a run with seats that never run out, so that none gets in another's way."""
    p = parameters(*ALIKE, "stream.volume=4", *overrides).unlimited()
    return simulate(p, seed=7).incident_columns


def alike(one, other, which):
    """Whether these rows of two incident tables are the same in every column."""
    np.testing.assert_array_equal(one["incident"], other["incident"])
    return np.all([one[name][which] == other[name][which] for name in one], axis=0)


def test_a_district_behaves_as_its_own_policy_does_everywhere():
    siloed, integrated, mixed = ample(), ample("policy=integrated"), ample(*MIXED)
    a = mixed["district"] == A
    assert alike(mixed, integrated, a).all()
    assert alike(mixed, siloed, ~a).all()
    assert not alike(siloed, integrated, a).all()
    assert not alike(siloed, integrated, ~a).all()
    assert min(a.sum(), (~a).sum()) > 100


def test_from_its_date_on_a_district_behaves_as_the_new_policy_does():
    """What is over before the date is as under the old one, what occurs later as under the new."""
    date = 5 * DAY
    siloed, integrated = ample(), ample("policy=integrated")
    mixed = ample(*to_integrated("{from:'2024-10-19',districts:[A]}"))
    a = mixed["district"] == A
    over = a & (siloed["solved"] < date)
    new = a & (mixed["occurred"] >= date)
    assert alike(mixed, siloed, over).all()
    assert alike(mixed, integrated, new).all()
    assert alike(mixed, siloed, ~a).all()
    assert min(over.sum(), new.sum()) > 30
    assert not alike(siloed, integrated, over).all()
    between = a & ~over & ~new
    assert not alike(mixed, siloed, between).all()
    assert not alike(mixed, integrated, between).all()


BUSY_DAYS = (
    "experiment=plain",
    *("horizon.start='2024-10-15'", "horizon.warmup_days=0", "horizon.cohort_days=4"),
    *("horizon.followup_days=0", "stream.volume=3", "staff.pilot_incidents=20000"),
    *("policy.stages.register.hotline=township.command", "policy.stages.verify.hotline=grid.grid"),
    "policy.stages.judge.hotline=township.command",
)
"""Four busy days of Chongqing, of which every visit is kept. Residents are served nearby: did they
all meet at the city's hotline, everyone would share a desk with everyone."""


def reached(runs, changed):
    """Incidents that share a desk with those changed, after it has been reached, directly or
    through others, in any of some runs.

    changed : keys. From the time at which one that has been reached joins a desk, whoever is
    there or comes there is reached, too.
    """
    visits = {name: np.concatenate([run.visit_columns[name] for run in runs])
              for name in ("incident", "desk", "joined", "ended")}  # fmt: skip
    keys, incident = np.unique(visits["incident"], return_inverse=True)
    joined, ended, desk = visits["joined"], visits["ended"], visits["desk"]
    since = np.where(np.isin(keys, changed), 0, NEVER)
    at_desk = np.full(desk.max() + 1, NEVER)
    while True:
        before = since.sum(dtype=float) + at_desk.sum(dtype=float)
        reaches = since[incident] <= ended
        np.minimum.at(at_desk, desk[reaches], np.maximum(joined, since[incident])[reaches])
        meets = at_desk[desk] <= ended
        np.minimum.at(since, incident[meets], np.maximum(joined, at_desk[desk])[meets])
        if before == since.sum(dtype=float) + at_desk.sum(dtype=float):
            return keys[since < NEVER]


def test_a_change_leaves_untouched_who_shares_no_desk_with_it():
    """Directly or through others; some of those who do share are changed."""
    core = (TO, waves("{zones:[core]}"))
    siloed, mixed = (run(*ALIKE, *rolled, base=BUSY_DAYS) for rolled in ((), core))
    went = np.flatnonzero(mixed.parameters.rollout.first[:-1])
    seen = np.union1d(siloed.visit_columns["incident"], mixed.visit_columns["incident"])
    changed = seen[np.isin(unpack_key(seen)[2], went)]
    before, after = siloed.incident_columns, mixed.incident_columns
    stayed = ~np.isin(before["district"], went)
    touched = np.isin(before["incident"], reached([siloed, mixed], changed))
    assert alike(before, after, stayed & ~touched).all()
    assert (stayed & ~touched).sum() > 10_000
    assert not alike(before, after, stayed & touched).all()


def test_what_has_been_begun_ends_where_it_was_begun():
    """The silos' dispatch desk judges those who wait there at the date, and no one after them."""
    when = to_integrated("{from:'2024-10-17 09:00',share:1}", city_from="2024-10-17 09:00")
    date = 3 * DAY + 9 * HOUR
    kept = "policy.levers.first_receiver=1"  # so that nobody is sent back to be judged again
    found = run(*when, kept, "staff.target_utilisation=0.95", "stream.volume=2")
    visits, layout = found.visit_columns, found.parameters.layout
    here = (visits["desk"] == find_desk(layout, CITY, DISPATCH_DESK)) & (
        visits["stage"] == codes.JUDGE
    )
    assert (visits["joined"][here] < date).all()
    assert (visits["started"][here] >= date).any()
    hotline = visits["desk"] == find_desk(layout, CITY, HOTLINE_DESK)
    assert (visits["joined"][hotline] >= date).any()  # which both policies have


# --- runs -------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:policy .* are offered more work")
@pytest.mark.parametrize("overrides", [MIXED, DATED], ids=["mixed", "dated"])
def test_both_clocks_agree_on_a_rollout(overrides):
    base = ("city=tiny", "horizon=short", "staff.pilot_incidents=4000")
    fast = run(*overrides, base=base)
    slow = run(*overrides, "clock=simpy", base=base)
    assert first_difference(fast, slow) is None
    assert fast.outcome.drawn > 1000


def test_more_waves_are_more_of_the_change():
    """Relays end with the silos, district by district."""
    relayed = []
    for districts in ("[]", "[B]", "[A,B]"):
        visits = run(*to_integrated(f"{{districts:{districts}}}")).visit_columns
        relayed.append((visits["stage"] == codes.DISPATCH).sum())
    assert relayed[0] > relayed[1] > relayed[2]


def test_supervising_boards_open_where_the_policy_supervises():
    p = parameters(*MIXED)
    boards = [find_desk(p.layout, DISTRICT, BOARD, 0, centre) for centre in (A, B)]
    assert (p.seats[boards].sum(axis=1) > 0).tolist() == [True, False]

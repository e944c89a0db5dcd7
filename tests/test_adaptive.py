"""Adaptive centres on whole runs: off they change nothing, on each moves what it is to move."""

from functools import cache

import numpy as np
import pytest

from experiments.one_run import simulate
from scenarios.load import load
from sim.codes import GRID, PATROL
from sim.compiled.events import PATROLS, REVIEWS
from sim.units import NEVER
from tests.both import first_difference
from tests.conftest import TINY

BUSY = ("staff.target_utilisation=0.95", "stream.volume=1.3")
ALARM = ("mechanism.emergency.district_on=3", "mechanism.emergency.city_on=3")
LEARNING = ("mechanism.learning.since_days=0",)


@cache
def run(*overrides):
    """A run of the tiny city, siloed unless said otherwise."""
    return simulate(load([*TINY, "record=visits", *overrides]), seed=11)


def desks(column, *overrides):
    return int(run(*overrides).desks[column].sum())


# --- off --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "numbers",
    [
        ("mechanism.patrol.least=0.9",),
        ("mechanism.flexible.switching_minutes=77",),
        (*ALARM, "mechanism.emergency.night_share=1", "mechanism.emergency.coordination=7"),
        ("mechanism.sharing.queue=0", "mechanism.sharing.travel_minutes=99"),
        (*LEARNING, "mechanism.learning.dip_days=1", "mechanism.learning.uses=1"),
    ],
    ids=["patrol", "flexible", "emergency", "sharing", "learning"],
)
def test_what_is_off_changes_no_incident_by_one_tick(numbers):
    assert first_difference(run(), run(*numbers)) is None


def test_nobody_reviews_while_all_is_off():
    settled = run().outcome.settled
    assert settled[:3].all()
    assert not settled[[REVIEWS, PATROLS]].any()


# --- patrol -----------------------------------------------------------------------------------


def sensed(weight):
    """Sensing of the incidents that patrol notices in both extremes, by incident [ticks]."""
    table = run(f"mechanism.patrol.weight={weight}", "mechanism.patrol.least=0").incident_columns
    by_patrol = (table["channel"] == PATROL) & (table["noticed"] < NEVER)
    waited = table["noticed"] - table["occurred"]
    return dict(zip(table["incident"][by_patrol], waited[by_patrol], strict=True))


def test_work_makes_patrol_later_and_never_earlier():
    found = [sensed(weight) for weight in (0, 1, 4)]
    same = set(found[0]) & set(found[1]) & set(found[2])
    assert len(same) > 50
    times = np.array([[each[key] for key in sorted(same)] for each in found])
    assert (times[0] <= times[1]).all()
    assert times[0].sum() < times[1].sum() < times[2].sum()


def test_retyping_eats_patrol():
    """The same visits at the grids, but for what is typed there again."""
    pressed = ("mechanism.patrol.weight=1", "mechanism.patrol.least=0")
    runs = [run(*pressed, f"policy.levers.shared_data={shared}") for shared in (1, 0)]
    at_grids, means = [], []
    for each in runs:
        tier = each.desks["tier"][each.visit_columns["desk"]]
        at_grids.append(each.visit_columns["retyping"][tier == GRID].sum())
        table = each.incident_columns
        mine = (table["channel"] == PATROL) & (table["noticed"] < NEVER)
        means.append((table["noticed"] - table["occurred"])[mine].mean())
    assert at_grids[0] == 0 < at_grids[1]
    assert means[0] < means[1]


# --- flexible staff ---------------------------------------------------------------------------


def test_more_flexible_staff_moves_more_seats():
    moved = [desks("moved", *BUSY, f"policy.levers.flexible={share}") for share in (0, 0.2, 0.6)]
    assert moved[0] == 0 < moved[1] < moved[2]


def test_moved_seats_are_open_where_they_are_needed():
    """At the change of shifts; no hour is paid for it."""
    fixed, moved = (run(*BUSY, f"policy.levers.flexible={share}") for share in (0, 0.6))
    np.testing.assert_array_equal(fixed.desks["paid"], moved.desks["paid"])
    np.testing.assert_array_equal(fixed.desks["open"], moved.desks["open"])
    assert fixed.desks["starts"].sum() > 1000
    assert first_difference(fixed, moved) is not None


def test_a_centre_of_one_pool_has_nothing_to_move():
    pooled = ("policy.levers.pooling=1", "policy.levers.flexible=0.6")
    assert desks("moved", *BUSY, *pooled) == 0


# --- emergency mode ---------------------------------------------------------------------------

ON = (*ALARM, "policy.levers.emergency=1")


def test_the_mode_keeps_centres_open_at_night_and_counts_it():
    found = run(*ON).desks
    assert (found["emergency"] > 0).any()
    assert found["overtime"].sum() > 0
    assert not found["overtime"][found["tier"] > 1].any()
    assert not desks("overtime", *ALARM)
    assert not desks("emergency", *ALARM)


def test_a_higher_threshold_means_less_of_it():
    low, high = ON, (*ON, "mechanism.emergency.district_on=40", "mechanism.emergency.city_on=40")
    assert desks("emergency", *low) > desks("emergency", *high)


def test_more_people_at_night_are_more_overtime():
    shares = [(*ON, f"mechanism.emergency.night_share={share}") for share in (0, 0.4, 1)]
    none, some, all_of_them = (desks("overtime", *each) for each in shares)
    assert none == 0 < some <= all_of_them


# --- load sharing -----------------------------------------------------------------------------


@pytest.mark.parametrize("queue", [0.5, 1])
def test_more_sharing_helps_more_incidents(queue):
    limit = f"mechanism.sharing.queue={queue}"
    shares = [run(*BUSY, limit, f"policy.levers.load_sharing={share}") for share in (0, 0.5, 1)]
    helped = [each.incident_columns["helped"].mean() for each in shares]
    assert helped[0] == 0 < helped[1] < helped[2]


def test_travel_is_worked():
    there = ("mechanism.sharing.queue=0.5", "policy.levers.load_sharing=1")
    near, far = (
        run(*BUSY, *there, f"mechanism.sharing.travel_minutes={minutes}") for minutes in (0, 60)
    )
    assert far.desks["busy"].sum() > near.desks["busy"].sum()


# --- learning ---------------------------------------------------------------------------------


def wrong(*overrides):
    return run(*LEARNING, *overrides).incident_columns["wrong_desks"].sum()


def test_a_rollout_dips_and_use_and_training_bring_it_up():
    plain = wrong()
    assert wrong("mechanism.learning.dip_logit=1.5") > plain
    assert wrong("mechanism.learning.use_logit=1", "mechanism.learning.uses=50") < plain
    assert wrong("mechanism.learning.training_logit=0.5") < plain


def test_work_is_slower_at_first():
    slow = run(*LEARNING, "mechanism.learning.dip_work=0.5", "mechanism.learning.dip_days=1000")
    ratio = slow.visit_columns["worked"].sum() / run(*LEARNING).visit_columns["worked"].sum()
    assert 1.2 < ratio < 1.6

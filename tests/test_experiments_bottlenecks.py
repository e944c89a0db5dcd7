"""Which desks get full: by the planned load, and by queues of constructed runs."""

import dataclasses

import numpy as np
import pytest

from experiments import bottlenecks
from experiments.bottlenecks import Queues
from scenarios.staff import overloads
from sim.codes import CALLBACK, CITY, COMMAND, GRID, TOWNSHIP
from tests.conftest import find_desk

# --- the planned load -------------------------------------------------------------------------


@pytest.mark.parametrize("volume", [1.0, 1.3, 2.0])
@pytest.mark.parametrize("name", ["siloed", "integrated"])
def test_desks_above_their_limit_are_those_that_are_overloaded(name, volume, request):
    p = request.getfixturevalue(name)
    load = dataclasses.replace(p.load, weekly=volume * p.load.weekly)
    over = {desk for desk, _, _ in overloads(load, p.staffed_slots, p.seats)}
    above = p.layout.tier != GRID
    assert set(np.flatnonzero(above & (bottlenecks.limits(p) < volume)).tolist()) == over
    assert over or volume < 2


def test_planned_limits_are_told_for_desks_above_the_grid_and_by_kind(siloed):
    full_at, told = bottlenecks.limits(siloed), bottlenecks.planned(siloed)
    grid = siloed.layout.tier == GRID
    above = np.sort(full_at[np.isfinite(full_at) & ~grid])
    assert told["desks"] == above.size
    assert told["first_desk"] == above[0]
    assert told["ten_percent"] == above[int(np.ceil(0.1 * above.size)) - 1]
    by_kind = {row["kind"]: row for row in told["kinds"]}
    assert by_kind["grid.grid"]["first_desk"] == full_at[grid].min()
    assert sum(row["desks"] for row in told["kinds"]) == np.isfinite(full_at).sum()
    firsts = [row["first_desk"] for row in told["kinds"]]
    assert firsts == sorted(firsts)


def test_desks_of_other_districts_have_no_limit(siloed):
    active = siloed.layout.tier == CITY
    alone = siloed._as_built(siloed.settings, active=active)
    full_at = bottlenecks.limits(alone)
    assert np.isinf(full_at[~active]).all()
    assert np.isfinite(full_at[active]).any()


# --- queues -----------------------------------------------------------------------------------


def queues(*waiting):
    return [Queues(v, np.array(w, float), np.zeros(len(w))) for v, w in waiting]


RUNS = queues((0.5, [1, 5]), (1.0, [2, 10]), (2.0, [40, 22]))
NIGHT = np.array([2.0, 10.0])


def test_bottlenecks_are_sought_at_the_first_volume_that_is_too_much():
    found = bottlenecks.find(RUNS, [0.0, 0.001, 0.2], 0.01, NIGHT)
    assert (found.lower, found.volume) == (1.0, 2.0)
    np.testing.assert_allclose(found.growth, [36, 2])


def test_where_all_is_too_much_queues_are_held_against_seats_that_never_run_out():
    found = bottlenecks.find(RUNS, [0.1, 0.2, 0.3], 0.01, NIGHT)
    assert (found.lower, found.volume) == (None, 0.5)
    np.testing.assert_allclose(found.growth, [0, 0])


def test_where_nothing_is_too_much_there_is_no_bottleneck(siloed):
    assert bottlenecks.find(RUNS, [0.0, 0.2, 0.01], 0.01, NIGHT) is None
    assert bottlenecks.summary(siloed, None) is None
    assert bottlenecks.desk_table(siloed, None)["queue_growth"].isna().all()


def test_the_summary_names_the_desks_that_grow_most(siloed):
    layout = siloed.layout
    grown = np.zeros(layout.n_desks)
    callback = find_desk(layout, CITY, CALLBACK)
    commands = np.flatnonzero((layout.tier == TOWNSHIP) & (layout.group == COMMAND))
    grown[callback], grown[commands] = 60, 10
    grown[~siloed.policy.used] = 1000  # no work can wait there
    found = bottlenecks.Bottlenecks(1.0, 1.5, grown, 0.5 * siloed.open_ticks)
    told = bottlenecks.summary(siloed, found)
    first, second = told["kinds"][:2]
    assert (first["kind"], first["desks"], first["queue_growth"]) == ("city.callback", 1, 60)
    assert first["share"] == pytest.approx(0.6)
    assert first["utilisation"] == pytest.approx(0.5)
    assert (second["kind"], second["desks"]) == ("township.command", len(commands))
    assert second["queue_growth"] == 40
    assert told["desks"][0]["name"] == layout.name(callback)
    assert len(told["desks"]) == bottlenecks.N_NAMED
    table = bottlenecks.desk_table(siloed, found).set_index("desk")
    assert table.loc[callback, "queue_growth"] == 60
    assert table.loc[callback, "kind"] == "city.callback"
    assert table.loc[callback, "utilisation"] == pytest.approx(0.5)

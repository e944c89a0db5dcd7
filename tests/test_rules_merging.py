"""False merges: what is mistaken for something else, and how it comes back."""

import numpy as np
import pytest
from scipy import stats

from sim import codes, rows
from sim.codes import (
    ASLEEP,
    CITY,
    COMMAND,
    HOTLINE_DESK,
    JUDGE,
    MERGED_BY,
    PATROL,
    QUEUE,
    REGISTER,
    SLEEP,
)
from sim.draws import OF_FALSE_ALARM
from sim.rules.life import after_visit, reopen
from sim.rules.merging import is_mismerged
from sim.rules.steps import channel_of, is_again
from sim.units import HOUR
from sim.world import world_handle
from tests.conftest import (
    MONDAY_9,
    account,
    incident_row,
    task_row,
    with_lever,
    with_mechanism,
    with_route,
)

ERROR = 1e-4
N = 2000


@pytest.fixture(scope="module")
def world(plain):
    """Residents' calls are registered at the hotline and judged at the city's command desk; what
    has another like it is merged with it."""
    world = with_lever(with_mechanism(plain, false_merge=1.0, dormancy=HOUR), merging=1.0)
    return with_route(world, register=(CITY, HOTLINE_DESK), judge=(CITY, COMMAND))


def city(world, n, kind=0, township=2):
    """The world as compiled code takes it, with n open incidents of a kind in a township."""
    w = world_handle(world)
    w.fields.situation.fields.alike[kind, township] = n
    return w


@pytest.mark.parametrize(
    ("place", "columns", "expected"),
    [
        ({"n": 1}, {}, True),
        ({"n": 0}, {}, False),
        ({"n": 1}, {"counted": 1}, False),  # it alone
        ({"n": 2}, {"counted": 1}, True),
        ({"n": 1, "kind": 1}, {}, False),
        ({"n": 1, "township": 1}, {}, False),
        ({"n": 1}, {"entity": OF_FALSE_ALARM}, False),
        ({"n": 1}, {"false": 1}, False),  # the city knows it from before
        ({"n": 1}, {"mismerged": 1}, True),
    ],
)
def test_only_an_open_incident_of_the_kind_in_the_township_is_mistaken_for_it(
    world, place, columns, expected
):
    assert is_mismerged(city(world, **place), incident_row(**columns)) == expected


@pytest.mark.parametrize(("q", "merging"), [(0.0, 1.0), (1.0, 0.0)])
def test_nothing_is_mistaken_where_either_is_nought(world, q, merging):
    off = with_lever(with_mechanism(world, false_merge=q), merging=merging)
    assert not is_mismerged(city(off, 10**6), incident_row())


@pytest.mark.parametrize("n", [1, 3, 10])
def test_each_other_incident_has_the_same_chance(world, n):
    """1 - (1 - q m)^n; the stronger lever keeps what the weaker has merged."""
    world, found = with_mechanism(world, false_merge=0.2), []
    for merging in (0.3, 0.9):
        w = city(with_lever(world, merging=merging), n)
        found.append({k for k in range(N) if is_mismerged(w, incident_row(key=k))})
        chance = 1 - (1 - 0.2 * merging) ** n
        assert stats.binomtest(len(found[-1]), N, chance).pvalue > ERROR / 6
    assert found[0] < found[1]


def test_a_second_mistake_is_drawn_anew(world):
    w = city(with_mechanism(world, false_merge=0.5), 1)
    found = np.array([
        [is_mismerged(w, incident_row(key=k, **columns)) for k in range(N)]
        for columns in ({}, {"mismerged": 1}, {"retracted": 1, "mismerged": 1})
    ])  # fmt: skip
    correlated = np.corrcoef(found)[np.triu_indices(3, 1)]
    assert np.abs(correlated).max() < stats.norm.isf(ERROR / 6) / np.sqrt(N)


def registered(w, inc, at, **columns):
    """(command, task) after the hotline has registered a report."""
    task = task_row(stage=REGISTER, desk=at(CITY, HOTLINE_DESK), joined=MONDAY_9, work=0, **columns)
    return after_visit(w, inc, task, MONDAY_9), task


def test_it_lies_dormant_without_having_been_closed(world, at):
    inc = incident_row(counted=1)
    command, task = registered(city(world, 2), inc, at)
    assert (command, task[rows.T_OUTCOME]) == (SLEEP, MERGED_BY)
    assert task[rows.T_UNTIL] == MONDAY_9 + HOUR
    assert inc[[rows.I_STATE, rows.I_MISMERGED, rows.I_FALSE]].tolist() == [ASLEEP, 1, 0]
    assert inc[rows.I_MERGED] == 0
    assert inc[rows.I_FIRST] > MONDAY_9 + HOUR
    assert account(inc, "dormant") == inc[rows.I_ACCOUNT :].sum() == HOUR


def test_a_further_report_is_merged_rightly_or_not_at_all(world, at):
    inc = incident_row(reports=2)
    command, _ = registered(city(world, 5), inc, at, report=1)
    assert (command, inc[rows.I_STATE], inc[rows.I_MISMERGED]) == (codes.END, codes.OPEN, 0)


def test_it_comes_back_by_the_hotline_and_only_registering_is_done_again(world, at):
    inc, w = incident_row(channel=PATROL, counted=1), city(world, 2)
    _, task = registered(w, inc, at)
    command = reopen(w, inc, task, MONDAY_9 + HOUR)
    assert (command, task[rows.T_STAGE]) == (QUEUE, REGISTER)
    assert inc[[rows.I_STATE, rows.I_REPORTS]].tolist() == [codes.OPEN, 2]
    assert channel_of(inc, task) == codes.HOTLINE
    assert [bool(is_again(inc, stage)) for stage in (REGISTER, JUDGE)] == [True, False]

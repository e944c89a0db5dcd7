"""Who judged an incident, whom they named, and whether they were right."""

import pytest

from analysis.story_judged import Judgement, judgements, procedure_at
from analysis.story_path import path_of
from sim.codes import RETURNED
from sim.units import HOUR, NEVER
from tests.stories import END, POOL, RIGHT, WRONG, incident, is_right, visit

CO = 8


def judged(*visits, right=is_right, **columns):
    row = incident(dispose_waiting=END, **columns)
    leads = [v for v in visits if v.branch == 0]
    blocks = path_of(row, leads, END, NEVER).blocks
    return judgements(row, blocks, [v for v in visits if v.branch], right), blocks


def co_handler(joined):
    return visit("sign", joined, desk=CO, branch=68)


@pytest.mark.parametrize(
    ("desk", "wrong_desks", "expected"),
    [
        (RIGHT, 0, Judgement(RIGHT, False, CO)),
        (RIGHT, 1, Judgement(RIGHT, True, CO, is_mended=True)),
        (WRONG, 1, Judgement(WRONG, True, CO)),
        (POOL, 0, Judgement(POOL, False, CO)),
        (POOL, 1, Judgement(POOL, None, CO)),
    ],
)
def test_by_dual_dispatch_the_right_desk_leads_though_the_other_was_named(
    desk, wrong_desks, expected
):
    visits = [visit("judge", 1), visit("sign", 2, desk=desk), co_handler(2)]
    found, _ = judged(*visits, dual=1, wrong_desks=wrong_desks)
    assert found == {0: expected}


def test_a_co_handler_that_has_not_ended_leaves_its_desk_open():
    found, _ = judged(visit("judge", 1), visit("sign", 2), dual=1, wrong_desks=1)
    assert found == {0: Judgement(RIGHT, True, None, is_mended=True)}


def test_a_later_judgement_was_not_dispatched_twice():
    visits = [
        *(visit("judge", 1), visit("sign", 2, desk=WRONG, outcome=RETURNED), co_handler(2)),
        *(visit("judge", 3), visit("sign", 4)),
    ]
    found, _ = judged(*visits, dual=1, wrong_desks=1)
    assert found == {0: Judgement(WRONG, True, CO), 2: Judgement(RIGHT, False)}


def test_a_procedure_judges_before_the_first_signing_without_a_visit():
    visits = [
        *(visit("register", 1), visit("sign", 1.5, desk=WRONG, outcome=RETURNED)),
        *(visit("judge", 3), visit("sign", 4)),
    ]
    found, blocks = judged(*visits, automated=1, wrong_desks=1)
    assert found == {~1: Judgement(WRONG, True), 2: Judgement(RIGHT, False)}
    assert procedure_at(incident(), blocks, ~1) == 1.5 * HOUR


@pytest.mark.parametrize(("rows", "at"), [([visit("register", 1)], 1.5 * HOUR), ([], HOUR)])
def test_a_procedure_has_judged_though_nobody_has_signed(rows, at):
    found, blocks = judged(*rows, automated=1, wrong_desks=1)
    assert found == {~len(rows): Judgement(None, True)}
    assert procedure_at(incident(), blocks, ~len(rows)) == at


def test_without_a_judge_nobody_has_judged():
    assert judged(visit("register", 1), visit("sign", 2))[0] == {}

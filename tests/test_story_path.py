"""The path of one incident: what lies between its visits, and before it is withdrawn."""

import pytest

from analysis.story_path import path_of
from sim import codes
from sim.codes import MERGED_BY, WITHDRAWN
from sim.records import WITHDRAWN_BRANCH
from sim.units import DAY, HOUR, MINUTE, NEVER
from tests.stories import END, incident, visit


def path(*visits, restrict=NEVER, **columns):
    return path_of(incident(**columns), visits, END, restrict)


def uses(found):
    return [(part.use, (part.end - part.start) / HOUR) for part in found.parts]


REGISTERED = {"register_waiting": 6 * MINUTE, "register_working": 24 * MINUTE}
GONE = {"state": WITHDRAWN, "retracted": 1}


@pytest.mark.parametrize(
    ("columns", "before"),
    [
        ({"judge_waiting": 3 * HOUR}, [("waiting", 3)]),
        ({"dispatch_release": 3 * HOUR}, [("release", 3)]),
        ({"judge_waiting": HOUR, "judge_working": 2 * HOUR}, [("waiting", 1), ("working", 2)]),
    ],
)
def test_what_is_booked_leads_up_to_the_withdrawal(columns, before):
    """Of a task that was removed there is no visit."""
    found = path(visit("register", 1), **GONE, **REGISTERED, **columns)
    assert uses(found)[3:] == [*before, ("withdrawn", 240 - 4.5)]
    assert found.withdrawals == ((round(4.5 * HOUR), True),)


def test_a_visit_during_which_it_is_withdrawn_is_cut_off():
    broken = visit("register", 1, branch=WITHDRAWN_BRANCH, outcome=codes.VOIDED)
    found = path(broken, **GONE, register_waiting=6 * MINUTE, register_working=12 * MINUTE)
    assert uses(found)[1:] == [("waiting", 0.1), ("working", 0.2), ("withdrawn", 240 - 1.3)]
    assert found.blocks == ()


def test_a_batch_ends_with_the_withdrawal():
    held = visit("judge", 1, released=20 * HOUR)
    row = {"judge_waiting": 6 * MINUTE, "judge_working": 24 * MINUTE}
    found = path(held, **GONE, **row, dispatch_release=3 * HOUR)
    assert uses(found)[3:] == [("release", 3), ("withdrawn", 240 - 4.5)]


def test_an_account_that_has_come_to_its_end_does_not_tell_when_it_was_withdrawn():
    row = GONE | REGISTERED | {"judge_waiting": 2 * DAY - round(1.5 * HOUR)}
    found = path(visit("register", 1), restrict=2 * DAY, **row)
    assert found.withdrawals == ((2 * DAY, False),)
    assert uses(found)[3:] == [("untold", 240 - 1.5)]


def test_another_report_renews_what_was_withdrawn():
    """What was lost is booked as sensing, up to the tick at which that report was registered."""
    other, judged = visit("register", 50, report=1), visit("judge", 50.5)
    row = {"retracted": 1, "reports": 2, "sensing": HOUR + 40 * HOUR}
    stages = {"judge_waiting": 9 * HOUR + 6 * MINUTE, "judge_working": 24 * MINUTE}
    found = path(visit("register", 1), other, judged, **row, **REGISTERED, **stages)
    assert [block.is_renewal for block in found.blocks] == [False, True, False]
    assert found.withdrawals == ((round(10.5 * HOUR), True),)
    assert uses(found)[3:-1] == [
        *[("waiting", 9), ("withdrawn", 40)],
        *[("waiting", 0.1), ("working", 0.4)],
    ]


def test_a_caller_who_gave_up_is_followed_by_the_report_that_goes_on():
    """Reports 1 and 3 are merged or go their own way; only 2 goes on as the first."""
    visits = [
        visit("register", 5, report=1, outcome=MERGED_BY),
        visit("register", 7, report=2),
        visit("judge", 7.5),
        visit("register", 9, report=3),
        visit("judge", 9.5, report=3),
    ]
    account = {"sensing": 5 * HOUR, "register_waiting": round(2.5 * HOUR)}
    judged = {"judge_waiting": 6 * MINUTE, "judge_working": 24 * MINUTE}
    found = path(*visits, reports=4, **account, **judged)
    assert [block.is_renewal for block in found.blocks] == [True, False]
    assert uses(found)[1:3] == [("waiting", 2.5), ("withdrawn", 4)]


def test_a_false_merge_sleeps_from_the_registering_on():
    merged = visit("register", 1, outcome=MERGED_BY)
    found = path(merged, visit("register", 30), mismerged=1, **REGISTERED, dormant=29 * HOUR)
    assert [(s.use, s.at, s.back) for s in found.sleeps] == [
        ("mismerged", round(1.5 * HOUR), 30 * HOUR)
    ]
    assert ("mismerged", 28.5) in uses(found)


def test_where_nobody_registers_it_sleeps_from_the_notice_on():
    found = path(visit("register", 30), mismerged=1, **REGISTERED, dormant=29 * HOUR)
    assert [(s.at, s.back, s.is_seen) for s in found.sleeps] == [(HOUR, 30 * HOUR, False)]
    asleep = path(mismerged=1, state=codes.ASLEEP, dormant=20 * DAY)
    assert uses(asleep) == [("sensing", 1), ("mismerged", 239)]
    assert asleep.sleeps[0].back == NEVER


def test_one_that_is_back_without_a_visit_that_has_ended_is_no_longer_asleep():
    merged = visit("register", 1, outcome=MERGED_BY)
    found = path(merged, mismerged=1, **REGISTERED, dormant=30 * HOUR)
    assert found.sleeps[0].back == round(31.5 * HOUR)
    assert uses(found)[3:] == [("mismerged", 30), ("unbooked", 240 - 31.5)]
    cut = path(merged, mismerged=1, restrict=DAY, **REGISTERED, dormant=DAY - round(1.5 * HOUR))
    assert cut.sleeps[0].back == NEVER
    assert uses(cut)[3:] == [("mismerged", 22.5), ("untold", 216)]


def test_a_gap_before_a_call_is_waiting_and_before_another_desk_a_batch():
    called = path(visit("register", 5), register_waiting=4 * HOUR + 30 * MINUTE)
    assert uses(called)[1] == ("waiting", 4)
    account = {"dispatch_release": 2 * HOUR, "sign_waiting": HOUR}
    gathered = path(visit("judge", 1), visit("sign", 3.5), **REGISTERED, **account)
    assert uses(gathered)[3] == ("release", 2)

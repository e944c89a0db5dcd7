"""A story in words: each kind of step, the whole, and what lies between two of them."""

import pytest

from analysis.story_words import (
    count,
    counts,
    difference,
    duration,
    headline,
    lines,
    outcome,
    time_account,
)
from sim import codes
from sim.codes import ASLEEP, FAILED, FALSE_CLOSED, MERGED_BY, RETURNED, SOLVED_BY, UNSEEN
from sim.records import SUPERVISE_BRANCH
from sim.units import DAY, HOUR, MINUTE, NEVER
from tests.stories import NAMES, RIGHT, WRONG, solved, told, visit

WAITED = "Waited 6 min, until 02:06; 24 min of work."


def texts(story):
    return [line.text for line in lines(story, NAMES)]


@pytest.mark.parametrize(
    ("ticks", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (HOUR - 31, "59 min"),
        (HOUR - 1, "1.0 h"),
        (90 * MINUTE, "1.5 h"),
        (71 * HOUR, "71.0 h"),
        (3 * DAY, "3.0 days"),
    ],
)
def test_durations_as_people_say_them(ticks, words):
    assert duration(ticks) == words


def test_numbers_of_things():
    words = ("return", "returns")
    assert [count(n, words) for n in range(3)] == ["no returns", "one return", "2 returns"]


def test_clock_times():
    assert NAMES.clock(8 * HOUR + 3 * MINUTE) == "Mon 14 Oct 2024 08:03"
    assert NAMES.until(DAY - 1, HOUR) == "23:59"
    assert NAMES.until(DAY, HOUR) == "Tue 15 Oct 2024 00:00"


VISITS = {
    "registered": (visit("register", 2), f"Desk 1 registered it (受理). {WAITED}"),
    "judged, not yet known whom": (
        visit("judge", 2),
        f"Desk 1 judged it (研判), rightly. {WAITED}",
    ),
    "passed on": (visit("dispatch", 2), f"Desk 1 passed it on (派单). {WAITED}"),
    "signed": (visit("sign", 2), f"Desk 1 signed for it (签收). {WAITED}"),
    "returned by the right desk": (
        visit("sign", 2, outcome=RETURNED),
        f"Desk 1 returned it (退单), although it was its own. {WAITED}",
    ),
    "dealt with": (visit("dispose", 2), f"Desk 1 dealt with it. {WAITED}"),
    "verified": (
        visit("verify", 2, outcome=SOLVED_BY),
        f"Desk 1 verified it (核查) and found it solved. {WAITED}",
    ),
    "a failure seen": (
        visit("verify", 2, outcome=FAILED),
        f"Desk 1 verified it (核查) and saw that it was not solved. {WAITED}",
    ),
    "a failure overlooked": (
        visit("verify", 2, outcome=FALSE_CLOSED),
        f"Desk 1 verified it (核查) and did not see that it was not solved. {WAITED}",
    ),
    "at once": (
        visit("register", 2, started=2 * HOUR, worked=30 * MINUTE),
        "Desk 1 registered it (受理). No waiting; 30 min of work.",
    ),
    "retyping": (
        visit("sign", 2, retyping=5 * MINUTE),
        "Desk 1 signed for it (签收). "
        "Waited 6 min, until 02:06; 24 min of work, 5 min of it retyping.",
    ),
    "sittings": (
        visit("dispose", 2, worked=5 * HOUR, ended=26 * HOUR),
        "Desk 1 dealt with it. Waited 6 min, until 02:06; 5.0 h of work, in sittings with 18.9 h "
        "of waiting between them, until Tue 15 Oct 2024 02:00.",
    ),
    "a batch": (
        visit("judge", 2, released=10 * HOUR),
        f"Desk 1 judged it (研判), rightly. {WAITED} "
        "Then held 7.5 h for the next batch, until 10:00.",
    ),
    "coordination": (
        visit("dispose", 2, released=34 * HOUR),
        f"Desk 1 dealt with it. {WAITED} "
        "Then 31.5 h of coordination with the next partner, until Tue 15 Oct 2024 10:00.",
    ),
    "another report": (
        visit("register", 2, report=1, outcome=MERGED_BY),
        "Another resident reported it. 24 min of work at Desk 1, until 02:30; "
        "merged with the first.",
    ),
    "a notice": (
        visit("supervise", 2, branch=SUPERVISE_BRANCH),
        f"Desk 1 issued a notice (督办), as it was late. {WAITED} "
        "From 02:30 on it went before others.",
    ),
    **{
        errand: (visit(stage, 2, branch=SUPERVISE_BRANCH + place, attempt=attempt), words)
        for errand, stage, place, attempt, words in (
            (
                "a reminder",
                "supervise",
                1,
                0,
                f"Desk 1 sent a reminder (催办), as its limit drew near. {WAITED}",
            ),
            (
                "a criticism",
                "supervise",
                2,
                0,
                "Desk 1 circulated a criticism (通报), as it was "
                f"still open after its limit. {WAITED}",
            ),
            ("its answer", "supervise", 2, 1, f"Desk 1 answered the criticism. {WAITED}"),
            ("an extension", "supervise", 3, 0, f"Desk 1 granted an extension (延期). {WAITED}"),
            (
                "a co-handler",
                "sign",
                4,
                0,
                f"Desk 1 looked into it as the co-handler (协办). {WAITED}",
            ),
        )
    },
}


@pytest.mark.parametrize("case", VISITS)
def test_each_kind_of_visit(case):
    row, words = VISITS[case]
    assert texts(told(row, limit=NEVER))[2] == words


def test_a_judgement_and_those_whom_it_names():
    story = told(
        visit("judge", 1, desk=9),
        visit("sign", 2, desk=WRONG, outcome=RETURNED),
        visit("judge", 3, desk=9),
        visit("sign", 4, desk=WRONG),
        visit("dispose", 5, desk=WRONG),
        wrong_desks=2,
    )
    said = [text.split(". ")[0] for text in texts(story)[2:7]]
    assert said == [
        "Desk 9 judged it (研判) and wrongly named Desk 2",
        "Desk 2 returned it (退单): it was not its own",
        "Desk 9 judged it and wrongly named Desk 2",
        "Desk 2 signed for it (签收), although it was not its own",
        "Desk 2 dealt with it, although it was not its own",
    ]


def test_partners():
    joint = told(visit("dispose", 2), visit("dispose", 2, desk=7, branch=3))
    turn = told(visit("dispose", 2), visit("dispose", 40, desk=7, branch=3))
    assert texts(joint)[2].startswith("Desk 1 dealt with it, jointly with the partners.")
    assert texts(joint)[3].startswith("Desk 7 did its part as a partner, at the same time.")
    assert texts(turn)[4].startswith("Desk 7 did its part as a partner, in turn.")


def test_a_second_life():
    story = told(
        visit("dispose", 1),
        visit("verify", 2, outcome=FAILED),
        visit("dispose", 3),
        visit("register", 75.5, desk=8),
        visit("judge", 76, desk=8),
        visit("dispose", 77),
        first_closed=round(3.5 * HOUR),
    )
    said = texts(story)
    assert said[3].startswith("Desk 1 checked its own work (核查) and saw that it was not solved.")
    assert said[4].startswith("Desk 1 dealt with it again, as re-work (返工).")
    assert said[5] == "Closed (办结) without verification, but not solved: a false closing."
    assert said[6] == "After 3.0 days it came back and was reported anew."
    assert said[7].startswith("Desk 8 registered it (受理) again.")
    assert said[8].startswith("Desk 8 judged it (研判) again and rightly named Desk 1.")
    assert said[9].startswith("Desk 1 dealt with it again.")


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        (codes.SENSOR, "A sensor noticed it"),
        (codes.PATROL, "A grid worker on patrol noticed it"),
        (codes.HOTLINE, "A resident called the hotline (12345)"),
        (codes.ASSIGNED, "It was assigned from above"),
    ],
)
def test_each_channel(channel, words):
    due = "It had to be closed by Tue 15 Oct 2024 00:00."
    assert texts(told(channel=channel))[1] == f"{words}, 1.0 h after it occurred. {due}"
    assert texts(told(channel=channel, noticed=0, sensing=0))[1] == f"{words}. {due}"


def test_the_limit_and_the_end():
    assert texts(told())[2:] == [
        "The limit passed, and it was not closed.",
        "The run ended, 10.0 days after it occurred; it was still open, and its next step had "
        "not ended.",
    ]
    unseen = told(state=UNSEEN, noticed=NEVER, limit=NEVER)
    assert texts(unseen)[-1].endswith("nobody had noticed it.")
    asleep = told(visit("dispose", 1), state=ASLEEP, first_closed=round(1.5 * HOUR))
    assert texts(asleep)[-1].endswith("it was still closed falsely.")
    closed = solved(visit("dispose", 1), visit("verify", 2))
    assert texts(closed)[-1] == "Closed (办结) and solved (解决), 2.5 h after it occurred."


def test_a_notice_that_comes_too_late_says_so():
    late = visit("supervise", 25, branch=SUPERVISE_BRANCH)
    story = solved(visit("dispose", 25, ended=25 * HOUR + 7 * MINUTE, worked=MINUTE), late)
    (said,) = [line.text for line in lines(story, NAMES) if line.what == "notice"]
    assert said.endswith("By then it was solved.")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"limit": NEVER}, "no limit was set"),
        ({"limit": 4 * HOUR}, "limit met with 1.5 h to spare"),
        ({"limit": 2 * HOUR}, "limit missed by 30 min"),
        (
            {"limit": 2 * HOUR, "first_closed": HOUR, "false_closings": 1},
            "limit met on paper only, by a false closing",
        ),
    ],
)
def test_the_outcome_of_a_solved_one_names_the_limit(columns, words):
    story = solved(visit("dispose", 2), **columns)
    assert outcome(story) == f"Solved after 2.5 h; {words}."


def test_the_outcome_of_one_that_is_not_solved():
    assert outcome(told()) == (
        "Not solved when the run ended after 10.0 days: still open; "
        "limit missed by more than 9.0 days."
    )
    unseen = told(state=UNSEEN, noticed=NEVER, limit=NEVER)
    assert "never noticed" in outcome(unseen)
    assert outcome(told(limit=11 * DAY)).endswith("still open; limit ahead.")


# --- the whole ---------------------------------------------------------------------------------

QUICK = solved(visit("dispose", 1), handovers=1)
SLOW = solved(
    visit("sign", 1, outcome=RETURNED, released=10 * HOUR),
    visit("dispose", 10),
    handovers=3,
    returns=1,
)
OPEN = told(visit("dispose", 1))


def test_what_a_story_comes_to():
    assert time_account(SLOW) == (
        "1.0 h unseen, 12 min waiting in queues, 48 min being worked on and "
        "8.5 h held for batches or coordination"
    )
    assert counts(SLOW) == (
        "3 hand-overs, no wrong desks, one return, no re-works, no false closings and one report; "
        "all desks together worked 48 min on it"
    )
    assert counts(told(reports=3, merged=2)).endswith(
        "3 reports (2 merged); all desks together worked 0 s on it"
    )


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (
            SLOW,
            QUICK,
            "b solves it 9.0 h sooner than a: 8.5 h less held for batches or coordination.",
        ),
        (
            QUICK,
            SLOW,
            "b solves it 9.0 h later than a: 8.5 h more held for batches or coordination.",
        ),
        (QUICK, QUICK, "a and b solve it at the same moment."),
        (OPEN, OPEN, "Neither a nor b had solved it when the run ended."),
        (
            OPEN,
            SLOW,
            "a had not solved it when the run ended, 9.6 days after b had: "
            "9.9 days less in a step that the run cut short, "
            "against 8.5 h more held for batches or coordination.",
        ),
        (
            QUICK,
            OPEN,
            "b had not solved it when the run ended, 9.9 days after a had: "
            "9.9 days more in a step that the run cut short.",
        ),
    ],
)
def test_the_headline(first, second, words):
    assert headline(first, second, ("a", "b")) == words


def test_the_difference_lists_every_use_and_count_that_differs():
    assert difference(SLOW, QUICK, ("a", "b")) == (
        "Compared with a, b spent 8.5 h less held for batches or coordination, "
        "24 min less being worked on and 6 min less waiting in queues. "
        "On the way: 2 hand-overs fewer and one return fewer. "
        "All desks together worked 24 min less."
    )
    assert difference(QUICK, QUICK, ("a", "b")) == "b spent the time as a did."


def test_terms_stand_in_brackets_once():
    story = told(visit("register", 1), visit("dispose", 2), visit("register", 30, desk=RIGHT))
    said = " ".join(texts(story))
    assert said.count("(受理)") == 1
    assert said.count("registered it") == 2

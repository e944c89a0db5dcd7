"""A story in words: each kind of step, the whole, and what lies between two of them."""

import pytest

from analysis.story import story_of
from analysis.story_words import count, duration, lines
from sim import codes
from sim.codes import ASLEEP, FAILED, FALSE_CLOSED, MERGED_BY, RETURNED, SOLVED_BY, UNSEEN
from sim.records import SUPERVISE_BRANCH, WITHDRAWN_BRANCH
from sim.units import DAY, HOUR, MINUTE, NEVER
from tests.stories import (
    END,
    NAMES,
    RIGHT,
    WRONG,
    incident,
    is_right,
    lively,
    solved,
    told,
    visit,
)

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
                f"Desk 1 sent a reminder (催办), as its limit drew near. {WAITED} "
                "From 02:30 on it went before ordinary ones.",
            ),
            (
                "a criticism",
                "supervise",
                2,
                0,
                "Desk 1 circulated a criticism (通报), as it was "
                f"still open after its limit. {WAITED}",
            ),
            (
                "its answer",
                "supervise",
                2,
                1,
                f"Desk 1 answered the criticism. {WAITED} From 02:30 on it went before others.",
            ),
            (
                "an extension",
                "supervise",
                3,
                0,
                "Desk 1 granted an extension (延期), until Wed 16 Oct 2024 00:00. " + WAITED,
            ),
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
    assert texts(told(row, limit=NEVER, due=2 * DAY))[2] == words


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


def test_terms_stand_in_brackets_once():
    story = told(visit("register", 1), visit("dispose", 2), visit("register", 30, desk=RIGHT))
    said = " ".join(texts(story))
    assert said.count("(受理)") == 1
    assert said.count("registered it") == 2


# --- what is off as shipped -------------------------------------------------------------------


def lines_of(story, what):
    return [line.text for line in lines(story, NAMES) if line.what == what]


def test_a_false_merge_that_comes_back():
    story = told(
        visit("register", 1, outcome=MERGED_BY), visit("register", 75.5), mismerged=1, limit=NEVER
    )
    mistake = "merged by mistake with another open incident of its kind"
    assert texts(story)[2].startswith(f"Desk 1 registered it (受理), but it was {mistake}.")
    assert texts(story)[3] == "After 3.1 days it came back and was reported anew."
    assert texts(story)[4].startswith("Desk 1 registered it again.")
    unseen = told(visit("register", 30), mismerged=1)
    assert lines_of(unseen, "merged") == [f"It was {mistake}."]
    asleep = told(state=ASLEEP, mismerged=1, dormant=20 * DAY)
    assert texts(asleep)[-1].endswith("it was still merged by mistake.")


def test_a_withdrawal():
    gone = {"state": codes.WITHDRAWN, "judge_waiting": 3 * HOUR}
    story = told(visit("register", 1), retracted=1, **gone)
    assert texts(story)[-2:] == [
        "The resident withdrew it (撤诉), 4.0 h after it occurred. Nobody had begun to deal with "
        "it, and it left the desks.",
        "The run ended, 10.0 days after it occurred; it had been withdrawn.",
    ]
    given_up = told(**gone)
    assert texts(given_up)[-2].startswith("Its caller gave up, 4.0 h after it occurred.")
    assert texts(given_up)[-1].endswith("its caller had given up.")
    row = incident(retracted=1, **gone)
    (told_late,) = lines_of(story_of(row, [], END, is_right, 4 * HOUR), "withdrawn")
    assert "not before this time, 4.0 h after it occurred; the record does not tell" in told_late


def test_another_report_renews_it():
    rows = [visit("register", 50, report=1), visit("judge", 50.5)]
    story = told(*rows, retracted=1, sensing=41 * HOUR, judge_waiting=10 * HOUR)
    assert "Desk 1 registered it (受理) by another resident's report, with which it went on." in (
        " ".join(texts(story))
    )
    assert lines_of(story, "duplicate") == []


@pytest.mark.parametrize(
    ("stage", "branch", "doing"),
    [("judge", 0, "judging it"), ("sign", 68, "looking into it as the co-handler (协办)")],
)
def test_a_visit_that_the_withdrawal_overtakes(stage, branch, doing):
    broken = visit(stage, 2, branch=branch + WITHDRAWN_BRANCH, outcome=codes.VOIDED)
    story = told(broken, state=codes.WITHDRAWN, retracted=1, judge_waiting=round(1.2 * HOUR))
    assert lines_of(story, "broken_off") == [
        f"Desk 1 was {doing} when it was withdrawn, and ended that at 02:30 for nothing. {WAITED}"
    ]


def test_limits_that_were_put_off():
    story = told(extensions=1, due=2 * DAY)
    assert lines_of(story, "overdue") == [
        "The first limit passed, and it was not closed; it was put off to Wed 16 Oct 2024 00:00.",
        "The extended limit passed, and it was not closed.",
    ]


def test_dual_dispatch():
    rows = [visit("judge", 1, desk=9), visit("sign", 2), visit("sign", 2, desk=8, branch=68)]
    rightly = told(*rows, dual=1)
    assert "and rightly named Desk 1; it went to Desk 8 as well (双派单)." in texts(rightly)[2]
    mended = told(*rows, dual=1, wrong_desks=1)
    both = "and wrongly named Desk 8; it went to Desk 1 as well (双派单), which took the lead."
    assert both in texts(mended)[2]
    assert lines_of(mended, "visit")[1].startswith("Desk 1 signed for it (签收). ")
    unended = told(*rows[:2], dual=1, wrong_desks=1)
    assert "and wrongly named another desk; it went to Desk 1 as well" in texts(unended)[2]


def test_a_procedure():
    (said,) = lines_of(told(visit("register", 1), visit("sign", 2), automated=1), "procedure")
    assert said == "A procedure judged it in place of a desk and rightly named Desk 1."


def test_a_whistle():
    story = told(
        visit("sign", 1, desk=WRONG),
        visit("dispose", 1.5),
        visit("dispose", 1.5, desk=7, branch=3),
        visit("dispose", 1.5, desk=WRONG, branch=63),
        whistled=1,
    )
    said = [text.split(". ")[0] for text in lines_of(story, "visit")]
    assert said == [
        "Desk 2 signed for it (签收) and called the departments in (吹哨)",
        "Desk 1 came at the whistle (报到) and dealt with it, jointly with the others",
        "Desk 7 came at the whistle and did its part, at the same time",
        "Desk 2 did its part, at the same time",
    ]


@pytest.mark.parametrize(
    ("satisfied", "words"),
    [
        (1, " The resident was satisfied (满意)."),
        (0, " The resident was not satisfied (满意)."),
        (codes.NONE, ""),
    ],
)
def test_what_the_resident_says_of_the_closing(satisfied, words):
    said = texts(solved(visit("dispose", 1), satisfied=satisfied))[-1]
    assert said == (
        f"Closed (办结) without verification and solved (解决), 1.5 h after it occurred.{words}"
    )


def test_every_line_of_a_lively_city_is_a_sentence():
    for policy in ("siloed", "integrated"):
        for story in lively(policy):
            for text in texts(story):
                assert text.endswith(".")
                assert "None" not in text
                assert "  " not in text

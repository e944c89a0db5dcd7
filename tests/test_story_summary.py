"""What a story comes to, in words, and what lies between two of them."""

import pytest

from analysis.story import story_of
from analysis.story_summary import counts, difference, headline, outcome, remarks, time_account
from sim import codes
from sim.codes import ASLEEP, RETURNED, UNSEEN, WITHDRAWN
from sim.units import DAY, HOUR, NEVER
from tests.stories import END, NAMES, incident, is_right, lively, solved, told, visit


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


# --- what is off as shipped -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"retracted": 1}, "Withdrawn by the resident after 4.0 h; before its limit."),
        ({}, "Given up by its caller after 4.0 h; before its limit."),
        ({"limit": 2 * HOUR}, "Given up by its caller after 4.0 h; after its limit."),
    ],
)
def test_the_outcome_of_a_withdrawn_one(columns, words):
    assert outcome(told(state=WITHDRAWN, judge_waiting=3 * HOUR, **columns)) == words


def test_the_outcome_where_the_record_does_not_tell_when_it_was_withdrawn():
    row = incident(state=WITHDRAWN, retracted=1, judge_waiting=3 * HOUR)
    assert outcome(story_of(row, [], END, is_right, 4 * HOUR)) == (
        "Withdrawn by the resident after more than 4.0 h; "
        "whether before its limit, the record does not tell."
    )


def test_the_outcome_of_one_that_is_still_merged_or_was_put_off():
    assert "merged by mistake" in outcome(told(state=ASLEEP, mismerged=1, dormant=20 * DAY))
    asleep = told(visit("dispose", 1), state=ASLEEP, first_closed=round(1.5 * HOUR))
    assert "falsely closed" in outcome(asleep)
    late = solved(visit("dispose", 2), limit=2 * HOUR, due=3 * HOUR, extensions=1)
    assert outcome(late) == "Solved after 2.5 h; limit missed by 30 min, within its extension."


def test_what_has_no_time_is_remarked():
    assert remarks(told(), NAMES) == []
    story = told(
        growths=2, severity=codes.GRADE_III, grade=codes.GRADE_I, extensions=1, due=2 * DAY, dual=1
    )
    assert remarks(story, NAMES) == [
        "While nobody dealt with it, it grew graver, from grade III to grade I.",
        "Its limit was put off (延期) to Wed 16 Oct 2024 00:00.",
        "It was dispatched to department and township at once (双派单).",
    ]


def test_special_events_are_counted_where_they_happened():
    story = told(mismerged=2, growths=1)
    assert "no false closings, 2 false merges, one grade of growth and one report" in counts(story)
    assert "On the way: 2 false merges more" in difference(told(), story, ("a", "b"))


@pytest.mark.parametrize("policy", ["siloed", "integrated"])
def test_a_lively_city_ends_as_its_table_says(policy):
    begins = {codes.SOLVED: "Solved after", WITHDRAWN: "Withdrawn by the resident after"}
    found, grown = set(), 0
    for story in lively(policy):
        row = story.incident
        state = row["state"]
        assert outcome(story).startswith(begins.get(state, "Not solved when the run ended"))
        said = " ".join(remarks(story, NAMES))
        assert ("grew graver" in said) == (row["severity"] != row["grade"])
        found.add(state)
        grown += row["growths"]
    assert {codes.SOLVED, WITHDRAWN, codes.OPEN} <= found
    assert grown > 50

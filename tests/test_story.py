"""One incident's rows put in order: its steps, its path, where its time went."""

from collections import Counter

import pytest

from analysis.story import story_of
from analysis.story_path import USES
from experiments import load, simulate
from experiments.story import belongs, tell
from sim import codes
from sim.codes import ASLEEP, FAILED, FALSE_CLOSED, RETURNED, SOLVED_BY
from sim.records import FLOW_COLUMNS, SUPERVISE_BRANCH, TIME_COLUMNS, WITHDRAWN_BRANCH
from sim.units import DAY, HOUR, MINUTE, NEVER
from tests.conftest import TINY
from tests.stories import (
    END,
    POOL,
    RIGHT,
    WRONG,
    incident,
    is_right,
    lively,
    lively_run,
    solved,
    told,
    visit,
)

pytestmark = pytest.mark.filterwarnings("ignore:policy '")  # of desks that have too much to do


def kinds(story):
    return [step.what for step in story.steps]


def of(story, what):
    return [step for step in story.steps if step.what == what]


# --- every incident of a run ------------------------------------------------------------------


@pytest.fixture(scope="module", params=["siloed", "integrated", "paper"])
def run(request):
    return simulate(load([*TINY, f"policy={request.param}", "record=visits"]), 1)


@pytest.fixture(scope="module")
def stories(run):
    return [tell(run, int(key)) for key in run.incident_columns["incident"]]


def test_paths_have_no_gap_and_lead_to_the_solution_or_the_end(stories):
    assert len(stories) > 200
    for story in stories:
        at = story.incident["occurred"]
        for part in story.path:
            assert part.start == at
            assert part.start < part.end
            at = part.end
        assert at == min(story.incident["solved"], story.end)


def test_the_uses_of_time_add_up_and_are_those_of_the_account(run, stories):
    """A second way to the account of time, which the rules book tick by tick."""
    for story in stories:
        uses = story.time_uses()
        assert sum(uses.values()) == story.latency
        if story.is_solved and story.latency < run.parameters.restrict:
            booked = Counter()
            for name in TIME_COLUMNS:
                booked[name.rpartition("_")[2]] += story.incident[name]
            assert uses == {use: booked[use] for use in USES}
            assert uses["unbooked"] == 0


def test_steps_agree_with_what_the_incident_counted(stories):
    for story in stories:
        row = story.incident
        assert [step.at for step in story.steps] == sorted(step.at for step in story.steps)
        assert len(of(story, "false_closing")) == row["false_closings"]
        returned = [step for step in of(story, "visit") if step.visit.outcome == RETURNED]
        assert len(returned) == row["returns"]
        closings = [step.at for step in story.steps if step.what in ("false_closing", "solved")]
        assert min(closings, default=NEVER) == row["first_closed"]
        wrong = [s.wrong for s in of(story, "visit") if s.visit.stage == codes.JUDGE]
        assert sum(w is True for w in wrong) <= row["wrong_desks"]
        if None not in wrong:
            assert sum(wrong) == row["wrong_desks"]
        visits = sum(len(step.visits) for step in story.steps)
        assert visits == len(story.visits)


def test_a_desk_that_keeps_or_returns_a_wrong_one_is_not_the_right_one(run, stories):
    layout, checked = run.parameters.layout, 0
    for story in stories:
        right = belongs(run.parameters, story.incident)
        for step in of(story, "visit"):
            if step.visit.stage == codes.SIGN and layout.group[step.visit.desk] != codes.POOL:
                assert step.wrong is (not right(step.visit.desk))
                checked += 1
    assert checked > 100


# --- every incident of a run with all that is off as shipped ----------------------------------


@pytest.fixture(params=["siloed", "integrated"])
def policy(request):
    return request.param


def test_every_visit_is_told_once_and_every_tick_is_accounted_for(policy):
    restrict = lively_run(policy).parameters.restrict
    for story in lively(policy):
        row, uses = story.incident, story.time_uses()
        assert Counter(v for step in story.steps for v in step.visits) == Counter(story.visits)
        ends = [row["occurred"], *(part.end for part in story.path)]
        assert [part.start for part in story.path] == ends[:-1]
        assert ends[-1] == min(row["solved"], story.end)
        assert min(uses.values()) >= 0
        booked = Counter()
        for name in TIME_COLUMNS:
            booked[name.rpartition("_")[2]] += row[name]
        if booked.total() < restrict:
            assert {use: uses[use] for use in ("waiting", "working", "release")} == {
                use: booked[use] for use in ("waiting", "working", "release")
            }
        if story.is_solved and booked.total() < restrict:
            assert booked["sensing"] == uses["sensing"] + uses["withdrawn"]
            assert booked["dormant"] == uses["dormant"] + uses["mismerged"]
            assert uses["untold"] == uses["unbooked"] == 0


def test_what_happened_is_told_as_often_as_the_incident_counted_it(policy):
    total = Counter()
    for story in lively(policy):
        row, told_of = story.incident, Counter(kinds(story))
        merged = [s for s in of(story, "visit") if s.visit.outcome == codes.MERGED_BY]
        counted = {
            "false_closing": row["false_closings"],
            "withdrawn": row["retracted"],
            "notice": row["escalated"],
            "reminder": row["reminded"],
            "criticism": row["criticised"],
            "procedure": row["automated"],
        }
        assert {what: told_of[what] for what in counted} == counted
        assert told_of["merged"] + len(merged) == row["mismerged"]
        assert told_of["extension"] <= row["extensions"]
        assert told_of["co_handling"] <= row["dual"]
        assert sum(s.manner == "whistle" for s in of(story, "visit")) == row["whistled"]
        is_withdrawn = row["state"] == codes.WITHDRAWN
        assert (told_of["solved"], told_of["end"]) == (story.is_solved, not story.is_solved)
        assert (story.withdrawal is not None) == is_withdrawn
        assert is_withdrawn == (story.path[-1].use in ("withdrawn", "untold"))
        total += Counter(counted) + Counter(mismerged=row["mismerged"], whistled=row["whistled"])
    assert all(total[what] > 10 for what in total if what != "notice" or policy == "integrated")


def test_judgements_are_right_or_wrong_as_counted_whoever_judges(policy):
    settled = 0
    for story in lively(policy):
        row = story.incident
        judged = [s for s in story.steps if s.what == "procedure" or _is_judgement(s)]
        wrong = [s.wrong for s in judged]
        assert sum(w is True for w in wrong) <= row["wrong_desks"]
        if None not in wrong:
            assert sum(wrong) == row["wrong_desks"]
            settled += 1
    assert settled > 0.95 * len(lively(policy))


def _is_judgement(step):
    return step.what == "visit" and step.visit.stage == codes.JUDGE


def test_the_hours_told_are_hours_in_which_the_city_counted_it(policy):
    """The flow table counts other incidents, too."""
    flow = lively_run(policy).flow
    hours = {name: Counter() for name in ("withdrawn", "renewed", "mismerged", "returned")}
    for story in lively(policy):
        row = story.incident
        for step in story.steps:
            if step.what == "withdrawn" and step.is_exact:
                hours["withdrawn"][step.at // HOUR] += 1
            elif step.what == "back":
                hours["returned"][step.at // HOUR] += 1
            elif step.what == "merged":
                hours["mismerged"][step.at // HOUR] += 1
            elif step.what == "visit" and step.manner == "renewal":
                assert row["retracted"] == 1
                hours["renewed"][step.visit.ended // HOUR] += 1
            if step.what == "visit" and step.visit.outcome == codes.MERGED_BY:
                hours["mismerged"][step.visit.ended // HOUR] += 1
    for name, counted in hours.items():
        column = FLOW_COLUMNS.index(name)
        assert counted
        assert all(n <= flow[hour, column] for hour, n in counted.items())


def test_a_whistle_brings_the_departments_to_the_township(policy):
    layout, heard = lively_run(policy).parameters.layout, 0
    for story in lively(policy):
        for signed in of(story, "visit"):
            if signed.manner != "whistle":
                continue
            assert layout.tier[signed.visit.desk] == codes.TOWNSHIP
            came = [s for s in of(story, "visit") if s.manner == "report"]
            assert all(s.visit.joined == signed.visit.ended for s in came)
            heard += len(came) > 1
    assert heard > 10


# --- case tables ------------------------------------------------------------------------------


def test_an_unseen_incident_has_one_use_of_time():
    story = story_of(
        incident(state=codes.UNSEEN, noticed=NEVER, limit=NEVER, sensing=0), [], END, is_right
    )
    assert kinds(story) == ["occurred", "end"]
    assert story.time_uses() == dict.fromkeys(USES, 0) | {"sensing": END}


def test_a_solved_incident_in_order():
    visits = [visit("register", 1), visit("dispose", 2), visit("verify", 3, outcome=SOLVED_BY)]
    story = solved(*visits)
    assert kinds(story) == ["occurred", "noticed", "visit", "visit", "visit", "solved"]
    assert story.latency == 3 * HOUR + 30 * MINUTE
    assert story.steps[-1].manner == ""
    assert solved(*visits[:2]).steps[-1].manner == "unverified"


def test_pauses_between_sittings_count_as_waiting():
    story = solved(visit("dispose", 1, ended=9 * HOUR, worked=2 * HOUR))
    assert story.time_uses()["working"] == 2 * HOUR
    assert story.time_uses()["waiting"] == 6 * HOUR
    assert len(story.path) == 3


def test_a_batch_beyond_the_end_is_cut_off():
    story = told(visit("judge", 1, released=END + DAY))
    assert [part.use for part in story.path] == ["sensing", "waiting", "working", "release"]
    assert story.path[-1].end == END


@pytest.mark.parametrize(
    ("first", "second", "wrong_desks", "expected"),
    [
        (WRONG, RIGHT, 1, [True, False]),
        (POOL, RIGHT, 1, [True, False]),
        (POOL, RIGHT, 0, [False, False]),
        (POOL, POOL, 2, [True, True]),
        (POOL, POOL, 1, [None, None]),
        (WRONG, POOL, 1, [True, False]),
    ],
)
def test_judgements_are_wrong_by_their_desk_or_else_by_the_count(
    first, second, wrong_desks, expected
):
    story = told(
        visit("judge", 1, desk=9),
        visit("sign", 2, desk=first, outcome=RETURNED),
        visit("judge", 3, desk=9),
        visit("sign", 4, desk=second),
        wrong_desks=wrong_desks,
    )
    judged = [step for step in of(story, "visit") if step.visit.stage == codes.JUDGE]
    assert [step.wrong for step in judged] == expected
    assert [step.named for step in judged] == [first, second]
    signed = [step for step in of(story, "visit") if step.visit.stage == codes.SIGN]
    assert [step.wrong for step in signed] == expected


def test_a_judgement_whose_next_visit_has_not_ended_names_nobody():
    (step,) = of(told(visit("judge", 1), wrong_desks=1), "visit")
    assert (step.named, step.wrong) == (None, True)


def test_without_a_judging_desk_the_next_one_is_right():
    story = told(
        visit("judge", 1),
        visit("sign", 2, desk=WRONG, outcome=RETURNED),
        visit("sign", 3),
        wrong_desks=1,
    )
    assert [step.wrong for step in of(story, "visit")] == [True, True, False]


def test_the_branch_that_ends_last_decides_a_joint_disposal():
    lead, partner = visit("dispose", 2), visit("dispose", 2, desk=7, branch=3, ended=9 * HOUR)
    story = solved(visit("sign", 1, ended=2 * HOUR, worked=54 * MINUTE), lead, partner)
    assert [step.manner for step in of(story, "visit")[1:]] == ["joint", "joint"]
    assert story.path[-1].end == 9 * HOUR
    assert story.time_uses()["working"] == 54 * MINUTE + partner.worked


def test_a_joint_disposal_without_its_last_branch_is_not_yet_on_the_path():
    partner = visit("dispose", 2, desk=7, branch=3)
    sign = visit("sign", 1, ended=2 * HOUR, worked=54 * MINUTE)
    story = told(sign, partner, sign_working=HOUR)
    assert of(story, "visit")[1].manner == "joint"
    assert story.path[-1] == ("unbooked", 2 * HOUR, END, 0)


def test_partners_in_turn_follow_the_lead():
    lead = visit("dispose", 1, released=5 * HOUR)
    story = solved(lead, visit("dispose", 5, desk=7, branch=3))
    assert [step.manner for step in of(story, "visit")] == ["", "turn"]
    assert [part.use for part in story.path][3] == "release"


def test_false_closings_with_and_without_verification():
    story = told(
        visit("register", 1),
        visit("dispose", 2, outcome=FALSE_CLOSED),
        visit("register", 30),
        visit("dispose", 31),
        visit("verify", 32, outcome=FALSE_CLOSED),
        state=ASLEEP,
        false_closings=2,
        first_closed=round(2.5 * HOUR),
    )
    closed = of(story, "false_closing")
    assert [step.manner for step in closed] == ["unverified", ""]
    assert [step.at for step in closed] == [round(2.5 * HOUR), round(32.5 * HOUR)]
    assert [step.at for step in of(story, "back")] == [30 * HOUR]
    assert [step.manner for step in of(story, "visit")[2:]] == ["anew"] * 3
    assert story.path[-1] == ("dormant", round(32.5 * HOUR), END, 0)


def test_a_joint_disposal_that_closes_falsely_is_seen_by_what_follows():
    """Its visits say only that they are done."""
    lead, partner = visit("dispose", 1), visit("dispose", 1, desk=7, branch=3, ended=3 * HOUR)
    story = told(lead, partner, visit("register", 9), first_closed=3 * HOUR)
    (closed,) = of(story, "false_closing")
    assert (closed.at, closed.manner) == (3 * HOUR, "unverified")


def test_rework_and_checks_of_ones_own_work():
    story = solved(
        visit("dispose", 1),
        visit("verify", 2, outcome=FAILED),
        visit("dispose", 3, attempt=1),
        visit("verify", 4, desk=8, outcome=SOLVED_BY),
    )
    assert [step.manner for step in of(story, "visit")] == ["", "", "rework", "rework"]
    assert [step.own for step in of(story, "visit")] == [False, True, False, False]


def test_other_reports_and_notices_stand_beside_the_path():
    story = told(
        visit("register", 1),
        visit("register", 2, report=1),
        visit("judge", 3, report=1),
        visit("register", 4, report=2, outcome=codes.MERGED_BY),
        visit("supervise", 25, branch=SUPERVISE_BRANCH),
    )
    assert [len(step.visits) for step in of(story, "duplicate")] == [2, 1]
    assert kinds(story)[-3:] == ["overdue", "notice", "end"]
    assert [part.use for part in story.path] == ["sensing", "waiting", "working", "unbooked"]


def test_limits_that_pass_while_nobody_wants_it_are_not_told():
    gone = told(visit("register", 1), state=codes.WITHDRAWN, retracted=1, judge_waiting=HOUR)
    assert kinds(gone) == ["occurred", "noticed", "visit", "withdrawn", "end"]
    later = told(state=codes.WITHDRAWN, retracted=1, judge_waiting=2 * DAY)
    assert kinds(later) == ["occurred", "noticed", "overdue", "withdrawn", "end"]


def test_an_extension_has_a_limit_of_its_own():
    story = told(visit("supervise", 18, branch=SUPERVISE_BRANCH + 3), extensions=1, due=2 * DAY)
    assert [(s.manner, s.at) for s in of(story, "overdue")] == [
        ("first", DAY),
        ("extended", 2 * DAY),
    ]


def test_a_side_task_that_is_broken_off_is_no_errand():
    for branch in (0, *range(SUPERVISE_BRANCH, SUPERVISE_BRANCH + 5)):
        broken = visit("sign", 2, branch=branch + WITHDRAWN_BRANCH, outcome=codes.VOIDED)
        story = told(broken, state=codes.WITHDRAWN, retracted=1, sign_waiting=2 * HOUR)
        assert kinds(story) == ["occurred", "noticed", "broken_off", "withdrawn", "end"]


def test_after_a_false_merge_nothing_is_done_again_but_the_registering():
    story = told(
        visit("register", 1, outcome=codes.MERGED_BY),
        visit("register", 30),
        visit("judge", 31),
        mismerged=1,
    )
    assert kinds(story)[2:] == ["visit", "overdue", "back", "visit", "visit", "end"]
    assert [step.manner for step in of(story, "visit")] == ["", "anew", ""]

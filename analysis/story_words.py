"""One incident's story in words: plain sentences with clock times and named desks.

Terms of Chinese governance stand in brackets the first time they come up (docs/model.md).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from analysis.story import Step, Story, errand
from analysis.story_path import Visit
from sim.codes import (
    ASLEEP,
    ASSIGNED,
    DISPATCH,
    DISPOSE,
    FAILED,
    FALSE_CLOSED,
    HOTLINE,
    JUDGE,
    MERGED_BY,
    PATROL,
    REGISTER,
    RETURNED,
    SENSOR,
    SIGN,
    UNSEEN,
)
from sim.records import SUPERVISE_BRANCH, WITHDRAWN_BRANCH
from sim.rows import TOWNSHIP_BRANCH
from sim.units import DAY, HOUR, MINUTE, NEVER

_NOTICED = {
    SENSOR: "A sensor noticed it",
    PATROL: "A grid worker on patrol noticed it",
    HOTLINE: "A resident called the hotline (12345)",
    ASSIGNED: "It was assigned from above",
}
_MISMERGED = "merged by mistake with another open incident of its kind"
_ALTHOUGH = ", although it was not its own"
_TERM = re.compile(r" \(([\u4e00-\u9fff]+)\)")


@dataclass(frozen=True)
class Names:
    """How ticks and desks are called."""

    start: date  # of tick 0
    desk: Callable[[int], str]

    def clock(self, tick: int) -> str:
        """A tick as a date and a time of day, such as Mon 14 Oct 2024 08:03."""
        moment = datetime.combine(self.start, time()) + timedelta(seconds=tick)
        return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M}"

    def until(self, tick: int, now: int) -> str:
        """As `clock`, the time only where it is of the same day as `now`."""
        text = self.clock(tick)
        return text[-5:] if tick // DAY == now // DAY else text


class Line(NamedTuple):
    """A step in words."""

    at: int  # tick
    when: str
    what: str  # Step.what
    text: str


def duration(ticks: int) -> str:
    """A length of time as people say it: 40 s, 24 min, 31.2 h, 5.4 days."""
    if ticks < MINUTE:
        return f"{ticks} s"
    if round(ticks / MINUTE) * MINUTE < HOUR:
        return f"{ticks / MINUTE:.0f} min"
    return f"{ticks / HOUR:.1f} h" if ticks < 3 * DAY else f"{ticks / DAY:.1f} days"


def count(number: int, words: tuple[str, str]) -> str:
    """A number of things: no return, one return, 2 returns."""
    return f"{ {0: 'no', 1: 'one'}.get(number, number) } {words[number != 1]}"


def lines(story: Story, names: Names) -> list[Line]:
    """The steps of a story in words, each Chinese term once."""
    seen: set[str] = set()
    result = []
    for step in story.steps:
        text = _once(_TELL[step.what](story, step, names), seen)
        result.append(Line(step.at, names.clock(step.at), step.what, text))
    return result


def _once(text: str, seen: set[str]) -> str:
    """The text without the bracketed terms that have been seen before."""

    def keep(match: re.Match) -> str:
        is_new = match[1] not in seen
        seen.add(match[1])
        return match[0] if is_new else ""

    return _TERM.sub(keep, text)


# --- moments -----------------------------------------------------------------------------------


def _occurred(story: Story, step: Step, names: Names) -> str:
    return "It occurred."


def _noticed(story: Story, step: Step, names: Names) -> str:
    row = story.incident
    delay = row["noticed"] - row["occurred"]
    late = f", {duration(delay)} after it occurred" if delay else ""
    due = f" It had to be closed by {names.clock(row['limit'])}." if row["limit"] < NEVER else ""
    return f"{_NOTICED[row['channel']]}{late}.{due}"


def _overdue(story: Story, step: Step, names: Names) -> str:
    if step.manner == "first":
        put_off = names.clock(story.incident["due"])
        return f"The first limit passed, and it was not closed; it was put off to {put_off}."
    limit = "extended limit" if step.manner == "extended" else "limit"
    return f"The {limit} passed, and it was not closed."


def _merged(story: Story, step: Step, names: Names) -> str:
    return f"It was {_MISMERGED}."


def _withdrawn(story: Story, step: Step, names: Names) -> str:
    since = duration(step.at - story.incident["occurred"])
    when = f"{since} after it occurred"
    if not step.is_exact:
        when = f"not before this time, {when}; the record does not tell when"
    if step.manner == "caller":
        return f"Its caller gave up, {when}. Nobody knew of it any more."
    return (
        f"The resident withdrew it (撤诉), {when}. Nobody had begun to deal with it, and it left "
        "the desks."
    )


def _false_closing(story: Story, step: Step, names: Names) -> str:
    return f"Closed (办结){_unverified(step)}, but not solved: a false closing."


def _unverified(step: Step) -> str:
    return " without verification" if step.manner == "unverified" else ""


def _back(story: Story, step: Step, names: Names) -> str:
    sleeps = (part for part in story.path if part.use in ("dormant", "mismerged"))
    slept = sum(part.end - part.start for part in sleeps if part.end == step.at)
    return f"After {duration(slept)} it came back and was reported anew."


def _solved(story: Story, step: Step, names: Names) -> str:
    how = f"Closed (办结){_unverified(step)} and solved (解决)"
    says = {1: " The resident was satisfied (满意).", 0: " The resident was not satisfied (满意)."}
    said = says.get(story.incident["satisfied"], "")
    return f"{how}, {duration(story.latency)} after it occurred.{said}"


def _end(story: Story, step: Step, names: Names) -> str:
    state = story.incident["state"]
    since = f", {duration(story.latency)} after it occurred"
    if state == UNSEEN:
        return f"The run ended{since}; nobody had noticed it."
    if state == ASLEEP:
        how = "merged by mistake" if story.path[-1].use == "mismerged" else "closed falsely"
        return f"The run ended{since}; it was still {how}."
    if story.withdrawal is not None:
        who = "its caller had given up" if story.withdrawal.manner else "it had been withdrawn"
        return f"The run ended{since}; {who}."
    return f"The run ended{since}; it was still open, and its next step had not ended."


# --- visits ------------------------------------------------------------------------------------


def _visit(story: Story, step: Step, names: Names) -> str:
    visit = step.visit
    done = f"{names.desk(visit.desk)} {_done(step, names)}."
    return " ".join(part for part in (done, _times(visit, names), _held(visit, names)) if part)


def _done(step: Step, names: Names) -> str:
    """What the desk did, as the predicate of a sentence."""
    visit, again = step.visit, " again" if step.manner == "anew" else ""
    is_renewal = step.manner == "renewal"
    if visit.stage == REGISTER:
        whose = " by another resident's report, with which it went on" if is_renewal else ""
        merged = f", but it was {_MISMERGED}" if visit.outcome == MERGED_BY else ""
        return f"registered it (受理){again}{whose}{merged}"
    if visit.stage == JUDGE:
        return f"judged it (研判){again}{_named(step, names)}"
    if visit.stage == DISPATCH:
        return "passed it on (派单)"
    if visit.stage == SIGN and visit.outcome == RETURNED:
        whose = {True: "it was not its own", False: "although it was its own", None: ""}[step.wrong]
        return f"returned it (退单){': ' if step.wrong else ', ' if whose else ''}{whose}"
    if visit.stage == SIGN:
        called = " and called the departments in (吹哨)" if step.manner == "whistle" else ""
        return f"signed for it (签收){called}{_ALTHOUGH if step.wrong else ''}"
    if visit.stage == DISPOSE:
        return _disposed(step)
    return _verified(step)


def _named(step: Step, names: Names) -> str:
    how = {True: " wrongly", False: " rightly", None: ""}[step.wrong]
    if step.named is None:
        return f",{how}" if how else ""
    if step.is_mended:
        wrong = "another desk" if step.beside is None else names.desk(step.beside)
        lead = names.desk(step.named)
        return (
            f" and wrongly named {wrong}; it went to {lead} as well (双派单), which took the lead"
        )
    beside = (
        f"; it went to {names.desk(step.beside)} as well (双派单)"
        if step.beside is not None
        else ""
    )
    return f" and{how} named {names.desk(step.named)}{beside}"


def _procedure(story: Story, step: Step, names: Names) -> str:
    return f"A procedure judged it in place of a desk{_named(step, names)}."


def _disposed(step: Step) -> str:
    if step.manner == "report":
        if step.visit.branch == 0:
            return "came at the whistle (报到) and dealt with it, jointly with the others"
        came = "" if step.visit.branch == TOWNSHIP_BRANCH else "came at the whistle (报到) and "
        return f"{came}did its part, at the same time"
    if step.visit.branch > 0:
        how = "at the same time" if step.manner == "joint" else "in turn"
        return f"did its part as a partner, {how}"
    if step.manner == "joint":
        return "dealt with it, jointly with the partners"
    how = {"rework": " again, as re-work (返工)", "anew": " again"}.get(step.manner, "")
    return f"dealt with it{how}{_ALTHOUGH if step.wrong else ''}"


def _verified(step: Step) -> str:
    outcome = step.visit.outcome
    verb = "checked its own work (核查)" if step.own else "verified it (核查)"
    if outcome == FAILED:
        return f"{verb} and saw that it was not solved"
    if outcome == FALSE_CLOSED:
        return f"{verb} and did not see that it was not solved"
    return f"{verb} and found it solved"


def _times(visit: Visit, names: Names) -> str:
    """How long a visit waited and how long it was worked on."""
    waited = visit.started - visit.joined
    typed = f", {duration(visit.retyping)} of it retyping" if visit.retyping else ""
    work = f"{duration(visit.worked)} of work{typed}"
    paused = visit.ended - visit.started - visit.worked
    if paused:
        ended = names.until(visit.ended, visit.joined)
        work += f", in sittings with {duration(paused)} of waiting between them, until {ended}"
    if not waited:
        return f"No waiting; {work}."
    return f"Waited {duration(waited)}, until {names.until(visit.started, visit.joined)}; {work}."


def _held(visit: Visit, names: Names) -> str:
    """How long the incident was held on its way from the desk, if at all."""
    if visit.released == visit.ended:
        return ""
    held, until = duration(visit.released - visit.ended), names.until(visit.released, visit.joined)
    if visit.stage == DISPOSE:
        return f"Then {held} of coordination with the next partner, until {until}."
    return f"Then held {held} for the next batch, until {until}."


# --- beside the path ---------------------------------------------------------------------------


def _aside(story: Story, step: Step, names: Names) -> str:
    """A side task beside the path, and what it changed."""
    visit = step.visit
    did = f"{names.desk(visit.desk)} {_ASIDE[step.what]}"
    if step.what == "extension":
        did += f", until {names.clock(story.incident['due'])}"
    then = ""
    if step.what in _BEFORE:
        ended = names.until(visit.ended, visit.joined)
        then = f" From {ended} on it went before {_BEFORE[step.what]}."
        if visit.ended >= story.incident["solved"]:
            then = " By then it was solved."
    return f"{did}. {_times(visit, names)}{then}"


_ASIDE = {
    "notice": "issued a notice (督办), as it was late",
    "reminder": "sent a reminder (催办), as its limit drew near",
    "extension": "granted an extension (延期)",
    "criticism": "circulated a criticism (通报), as it was still open after its limit",
    "answer": "answered the criticism",
    "co_handling": "looked into it as the co-handler (协办)",
}
_BEFORE = {"notice": "others", "reminder": "ordinary ones", "answer": "others"}


def _broken_off(story: Story, step: Step, names: Names) -> str:
    """A visit during which the incident was withdrawn: it ended, and led to nothing."""
    visit = step.visit
    doing = _DOING.get(visit.stage, "working on it")
    if visit.branch % WITHDRAWN_BRANCH >= SUPERVISE_BRANCH:
        doing = _ASIDE_DOING[errand(visit)]
    ended = names.until(visit.ended, visit.joined)
    return (
        f"{names.desk(visit.desk)} was {doing} when it was withdrawn, and ended that at {ended} "
        f"for nothing. {_times(visit, names)}"
    )


_DOING = {
    REGISTER: "registering it",
    JUDGE: "judging it",
    DISPATCH: "passing it on",
    SIGN: "signing for it",
}
_ASIDE_DOING = {
    "notice": "issuing a notice (督办)",
    "reminder": "sending a reminder (催办)",
    "extension": "signing an extension (延期)",
    "criticism": "writing a criticism (通报)",
    "answer": "answering the criticism",
    "co_handling": "looking into it as the co-handler (协办)",
}


def _duplicate(story: Story, step: Step, names: Names) -> str:
    """One more report: all its visits in one sentence."""
    last, work = step.visits[-1], sum(visit.worked for visit in step.visits)
    desks = ", ".join(dict.fromkeys(names.desk(visit.desk) for visit in step.visits))
    merged = "; merged with the first" if last.outcome == MERGED_BY else ""
    ended = names.until(last.ended, step.at)
    return (
        f"Another resident reported it. {duration(work)} of work at {desks}, until {ended}{merged}."
    )


_TELL: Mapping[str, Callable[[Story, Step, Names], str]] = {
    "occurred": _occurred,
    "noticed": _noticed,
    "visit": _visit,
    "duplicate": _duplicate,
    "procedure": _procedure,
    "merged": _merged,
    "broken_off": _broken_off,
    "withdrawn": _withdrawn,
    **dict.fromkeys(_ASIDE, _aside),
    "overdue": _overdue,
    "false_closing": _false_closing,
    "back": _back,
    "solved": _solved,
    "end": _end,
}

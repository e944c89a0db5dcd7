"""One incident's story in words: plain sentences with clock times and named desks.

Terms of Chinese governance stand in brackets the first time they come up (docs/model.md).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from analysis.story import Step, Story, Visit
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
from sim.units import DAY, HOUR, MINUTE, NEVER

USE_WORDS = {
    "sensing": "unseen",
    "waiting": "waiting in queues",
    "working": "being worked on",
    "release": "held for batches or coordination",
    "dormant": "falsely closed",
    "unbooked": "in a step that the run cut short",
}
"""How an incident's time passes, as it follows a length of time."""

_COUNTED = {  # column: one and several
    "handovers": ("hand-over", "hand-overs"),
    "wrong_desks": ("wrong desk", "wrong desks"),
    "returns": ("return", "returns"),
    "reworks": ("re-work", "re-works"),
    "false_closings": ("false closing", "false closings"),
}
_NOTICED = {
    SENSOR: "A sensor noticed it",
    PATROL: "A grid worker on patrol noticed it",
    HOTLINE: "A resident called the hotline (12345)",
    ASSIGNED: "It was assigned from above",
}
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
    return "The limit passed, and it was not closed."


def _false_closing(story: Story, step: Step, names: Names) -> str:
    return f"Closed (办结){_unverified(step)}, but not solved: a false closing."


def _unverified(step: Step) -> str:
    return " without verification" if step.manner == "unverified" else ""


def _back(story: Story, step: Step, names: Names) -> str:
    slept = next(p for p in story.path if p.use == "dormant" and p.end == step.at)
    return f"After {duration(slept.end - slept.start)} it came back and was reported anew."


def _solved(story: Story, step: Step, names: Names) -> str:
    how = f"Closed (办结){_unverified(step)} and solved (解决)"
    return f"{how}, {duration(story.latency)} after it occurred."


def _end(story: Story, step: Step, names: Names) -> str:
    state = story.incident["state"]
    since = f", {duration(story.latency)} after it occurred"
    if state == UNSEEN:
        return f"The run ended{since}; nobody had noticed it."
    if state == ASLEEP:
        return f"The run ended{since}; it was still closed falsely."
    return f"The run ended{since}; it was still open, and its next step had not ended."


# --- visits ------------------------------------------------------------------------------------


def _visit(story: Story, step: Step, names: Names) -> str:
    visit = step.visit
    done = f"{names.desk(visit.desk)} {_done(step, names)}."
    return " ".join(part for part in (done, _times(visit, names), _held(visit, names)) if part)


def _done(step: Step, names: Names) -> str:
    """What the desk did, as the predicate of a sentence."""
    visit, again = step.visit, " again" if step.manner == "anew" else ""
    if visit.stage == REGISTER:
        return f"registered it (受理){again}"
    if visit.stage == JUDGE:
        return f"judged it (研判){again}{_named(step, names)}"
    if visit.stage == DISPATCH:
        return "passed it on (派单)"
    if visit.stage == SIGN and visit.outcome == RETURNED:
        whose = {True: "it was not its own", False: "although it was its own", None: ""}[step.wrong]
        return f"returned it (退单){': ' if step.wrong else ', ' if whose else ''}{whose}"
    if visit.stage == SIGN:
        return f"signed for it (签收){', although it was not its own' if step.wrong else ''}"
    if visit.stage == DISPOSE:
        return _disposed(step)
    return _verified(step)


def _named(step: Step, names: Names) -> str:
    how = {True: " wrongly", False: " rightly", None: ""}[step.wrong]
    if step.named is None:
        return f",{how}" if how else ""
    return f" and{how} named {names.desk(step.named)}"


def _disposed(step: Step) -> str:
    if step.visit.branch > 0:
        how = "at the same time" if step.manner == "joint" else "in turn"
        return f"did its part as a partner, {how}"
    if step.manner == "joint":
        return "dealt with it, jointly with the partners"
    how = {"rework": " again, as re-work (返工)", "anew": " again"}.get(step.manner, "")
    return f"dealt with it{how}{', although it was not its own' if step.wrong else ''}"


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


def _notice(story: Story, step: Step, names: Names) -> str:
    visit = step.visit
    ended = names.until(visit.ended, visit.joined)
    in_time = visit.ended < story.incident["solved"]
    then = f"From {ended} on it went before others." if in_time else "By then it was solved."
    who = names.desk(visit.desk)
    return f"{who} issued a notice (督办), as it was late. {_times(visit, names)} {then}"


def _aside(story: Story, step: Step, names: Names) -> str:
    """A side task beside the path that changes nothing at once."""
    return f"{names.desk(step.visit.desk)} {_ASIDE[step.what]}. {_times(step.visit, names)}"


_ASIDE = {
    "reminder": "sent a reminder (催办), as its limit drew near",
    "extension": "granted an extension (延期)",
    "criticism": "circulated a criticism (通报), as it was still open after its limit",
    "answer": "answered the criticism",
    "co_handling": "looked into it as the co-handler (协办)",
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
    "notice": _notice,
    **dict.fromkeys(_ASIDE, _aside),
    "overdue": _overdue,
    "false_closing": _false_closing,
    "back": _back,
    "solved": _solved,
    "end": _end,
}


# --- the whole ---------------------------------------------------------------------------------


def outcome(story: Story) -> str:
    """How it ended, and whether the limit was met."""
    if story.is_solved:
        ended = f"Solved after {duration(story.latency)}"
    else:
        state = {UNSEEN: "never noticed", ASLEEP: "falsely closed"}.get(
            story.incident["state"], "still open"
        )
        ended = f"Not solved when the run ended after {duration(story.latency)}: {state}"
    return f"{ended}; {_limit(story)}."


def _limit(story: Story) -> str:
    """Whether it was closed in time, as its papers say, and whether it was solved in time."""
    row, end = story.incident, story.end
    closed, solved, limit = row["first_closed"], row["solved"], row["limit"]
    if limit >= NEVER:
        return "no limit was set"
    if solved <= limit:
        return f"limit met with {duration(limit - solved)} to spare"
    if closed <= limit:
        return "limit met on paper only, by a false closing"
    if closed <= end:
        return f"limit missed by {duration(closed - limit)}"
    return f"limit missed by more than {duration(end - limit)}" if limit < end else "limit ahead"


def time_account(story: Story) -> str:
    """Where the time went."""
    uses = {use: ticks for use, ticks in story.time_uses().items() if ticks}
    return _listed(f"{duration(ticks)} {USE_WORDS[use]}" for use, ticks in uses.items())


def counts(story: Story) -> str:
    """What happened how often."""
    row = story.incident
    parts = [count(row[name], words) for name, words in _COUNTED.items()]
    merged = f" ({row['merged']} merged)" if row["merged"] else ""
    listed = _listed([*parts, count(row["reports"], ("report", "reports"))])
    return f"{listed}{merged}; all desks together worked {duration(story.worked)} on it"


def headline(first: Story, second: Story, names: tuple[str, str]) -> str:
    """The difference in one sentence. names : of the two policies."""
    a, b = names
    gap = second.latency - first.latency
    if not first.is_solved and not second.is_solved:
        return f"Neither {a} nor {b} had solved it when the run ended."
    if not second.is_solved:
        found = f"{b} had not solved it when the run ended, {duration(gap)} after {a} had"
    elif not first.is_solved:
        found = f"{a} had not solved it when the run ended, {duration(-gap)} after {b} had"
    elif gap == 0:
        return f"{a} and {b} solve it at the same moment."
    else:
        found = f"{b} solves it {duration(abs(gap))} {'sooner' if gap < 0 else 'later'} than {a}"
    return f"{found}: {_reason(first, second, gap)}."


def _reason(first: Story, second: Story, gap: int) -> str:
    """The use of time that made the most of the difference, and the one most against it."""
    changes = sorted(_changes(first, second), reverse=gap > 0)
    (most, use), (against, other) = changes[0], changes[-1]
    but = f", against {_change(against, other)}" if (against > 0) != (most > 0) else ""
    return f"{_change(most, use)}{but}"


def difference(first: Story, second: Story, names: tuple[str, str]) -> str:
    """Where the difference lies: the time by its use, longest first, and what was counted."""
    changes = sorted(_changes(first, second), key=lambda change: -abs(change[0]))
    times = [_change(*change) for change in changes]
    numbers = []
    for name, words in _COUNTED.items():
        more = second.incident[name] - first.incident[name]
        if more:
            numbers.append(f"{count(abs(more), words)} {'more' if more > 0 else 'fewer'}")
    more = second.worked - first.worked
    sentences = [
        f"Compared with {names[0]}, {names[1]} spent {_listed(times)}." if times else "",
        f"On the way: {_listed(numbers)}." if numbers else "",
        f"All desks together worked {_more(more)}." if more else "",
    ]
    said = " ".join(sentence for sentence in sentences if sentence)
    return said or f"{names[1]} spent the time as {names[0]} did."


def _changes(first: Story, second: Story) -> list[tuple[int, str]]:
    """(ticks more, use) of each use that differs; adds up to the difference of the latencies."""
    before, after = first.time_uses(), second.time_uses()
    return [(after[use] - before[use], use) for use in before if after[use] != before[use]]


def _change(more: int, use: str) -> str:
    return f"{_more(more)} {USE_WORDS[use]}"


def _more(ticks: int) -> str:
    return f"{duration(abs(ticks))} {'more' if ticks > 0 else 'less'}"


def _listed(parts: Iterable[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last

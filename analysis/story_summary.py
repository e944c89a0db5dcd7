"""What one incident's story comes to, and what lies between two of them, in words."""

from collections.abc import Iterable

from analysis.story import Story
from analysis.story_words import Names, count, duration
from sim.codes import ASLEEP, SEVERITIES, UNSEEN
from sim.units import NEVER

USE_WORDS = {
    "sensing": "unseen",
    "waiting": "waiting in queues",
    "working": "being worked on",
    "release": "held for batches or coordination",
    "dormant": "falsely closed",
    "mismerged": "merged by mistake",
    "withdrawn": "withdrawn",
    "untold": "that the record does not tell apart",
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
_SPECIAL = {  # likewise, told only where it happened
    "mismerged": ("false merge", "false merges"),
    "extensions": ("extension", "extensions"),
    "growths": ("grade of growth", "grades of growth"),
}


def outcome(story: Story) -> str:
    """How it ended, and whether the limit was met."""
    gone = story.withdrawal
    if story.is_solved:
        ended = f"Solved after {duration(story.latency)}"
    elif gone is not None:
        who = "Given up by its caller" if gone.manner else "Withdrawn by the resident"
        after = duration(gone.at - story.incident["occurred"])
        ended = f"{who} after {after if gone.is_exact else f'more than {after}'}"
    else:
        ended = f"Not solved when the run ended after {duration(story.latency)}: {_state(story)}"
    return f"{ended}; {_limit(story)}."


def _state(story: Story) -> str:
    """What it was when the run ended, unsolved."""
    state = story.incident["state"]
    if state == ASLEEP:
        return "merged by mistake" if story.path[-1].use == "mismerged" else "falsely closed"
    return "never noticed" if state == UNSEEN else "still open"


def _limit(story: Story) -> str:
    """Whether it was closed in time, as its papers say, and whether it was solved in time."""
    row, end, gone = story.incident, story.end, story.withdrawal
    closed, solved, limit = row["first_closed"], row["solved"], row["limit"]
    if limit >= NEVER:
        return "no limit was set"
    if solved <= limit:
        return f"limit met with {duration(limit - solved)} to spare"
    if closed <= limit:
        return "limit met on paper only, by a false closing"
    if closed <= end:
        within = ", within its extension" if closed <= row["due"] else ""
        return f"limit missed by {duration(closed - limit)}{within}"
    if gone is not None:
        if not gone.is_exact and gone.at <= limit:
            return "whether before its limit, the record does not tell"
        return "after its limit" if gone.at > limit else "before its limit"
    return f"limit missed by more than {duration(end - limit)}" if limit < end else "limit ahead"


def time_account(story: Story) -> str:
    """Where the time went."""
    uses = {use: ticks for use, ticks in story.time_uses().items() if ticks}
    return _listed(f"{duration(ticks)} {USE_WORDS[use]}" for use, ticks in uses.items())


def counts(story: Story) -> str:
    """What happened how often."""
    row = story.incident
    parts = [count(row[name], words) for name, words in _COUNTED.items()]
    parts += [count(row[name], words) for name, words in _SPECIAL.items() if row[name]]
    merged = f" ({row['merged']} merged)" if row["merged"] else ""
    listed = _listed([*parts, count(row["reports"], ("report", "reports"))])
    return f"{listed}{merged}; all desks together worked {duration(story.worked)} on it"


def remarks(story: Story, names: Names) -> list[str]:
    """What the record holds without telling when, a sentence each."""
    row, told = story.incident, {step.what for step in story.steps}
    said = []
    if row["growths"]:
        grades = f"from grade {SEVERITIES[row['severity']]} to grade {SEVERITIES[row['grade']]}"
        said.append(f"While nobody dealt with it, it grew graver, {grades}.")
    if row["extensions"] and "extension" not in told:
        said.append(f"Its limit was put off (延期) to {names.clock(row['due'])}.")
    if row["dual"] and all(step.beside is None for step in story.steps):
        said.append("It was dispatched to department and township at once (双派单).")
    return said


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
    for name, words in (_COUNTED | _SPECIAL).items():
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

"""One incident's story: its rows of the tables, put in the order of time.

Rows become steps (what happened, where and when) and a path (how every tick passed until it was
solved). `analysis.story_words` puts the steps into words, `analysis.figures.timeline` draws the
path. All times are ticks [s] since 00:00 on the start date.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import NamedTuple

from sim.codes import (
    ANSWER,
    ASLEEP,
    CRITICISE,
    DISPOSE,
    ERRANDS,
    FAILED,
    FALSE_CLOSED,
    JUDGE,
    NOTIFY,
    RETURNED,
    SIGN,
    SOLVED,
    VERIFY,
)
from sim.records import SUPERVISE_BRANCH, TIME_COLUMNS, VISIT_COLUMNS, Columns
from sim.units import NEVER

USES = ("sensing", "waiting", "working", "release", "dormant", "unbooked")
"""How an incident's time passes; `unbooked` is a step that had not ended when the run did."""

Visit = NamedTuple("Visit", [(name, int) for name in VISIT_COLUMNS])
"""A row of the visit table."""

Right = Callable[[int], bool | None]
"""Whether an incident belongs to a desk; None where it cannot be told, as at a pool."""


class Closing(NamedTuple):
    """A closing that did not solve it."""

    at: int
    back: int  # tick of coming back; NEVER while it sleeps
    is_verified: bool


class Part(NamedTuple):
    """A stretch of the path; of a visit's work in several sittings, `worked` is less than it."""

    use: str  # USES
    start: int
    end: int
    worked: int = 0  # seat time in it


@dataclass(frozen=True)
class Step:
    """Something that happens to an incident.

    what : occurred, noticed, visit, duplicate (of one report, all its visits), an errand of a side
    task (codes.ERRANDS), overdue, false_closing, back, solved or end (of the run, before it was
    solved).
    """

    what: str
    at: int
    visits: tuple[Visit, ...] = ()
    manner: str = ""  # anew (after a false closing), rework, joint, turn (a partner's), unverified
    own: bool = False  # of a verification: by the desk that led the disposal
    named: int | None = None  # desk that a judgement named, where its next visit tells
    wrong: bool | None = None  # whether the judgement was wrong; None: it cannot be told

    @property
    def visit(self) -> Visit:
        """The visit of a step that is one."""
        return self.visits[0]


@dataclass(frozen=True)
class Story:
    """What happened to an incident under one policy."""

    incident: Mapping[str, int]  # columns of records.INCIDENT_COLUMNS
    steps: tuple[Step, ...]  # by time
    path: tuple[Part, ...]  # from occurred to solved or the end of the run, without a gap
    visits: tuple[Visit, ...]
    end: int  # tick at which the run ends

    @property
    def is_solved(self) -> bool:
        return self.incident["state"] == SOLVED

    @property
    def latency(self) -> int:
        """Closure latency [ticks]; up to the end of the run while not solved."""
        return min(self.incident["solved"], self.end) - self.incident["occurred"]

    @property
    def worked(self) -> int:
        """Seat time of all visits [ticks]: of every branch and every report."""
        return sum(visit.worked for visit in self.visits)

    def time_uses(self) -> dict[str, int]:
        """The latency by USES [ticks]; adds up to it.

        Of a joint disposal it counts the branch that ended last.
        """
        total = dict.fromkeys(USES, 0)
        for part in self.path:
            total["working"] += part.worked
            rest = part.end - part.start - part.worked
            total["waiting" if part.use == "working" else part.use] += rest
        return total


def rows_of(table: Columns, key: int) -> list[dict[str, int]]:
    """The rows of an incident in a table of columns, as plain integers."""
    (places,) = (table["incident"] == key).nonzero()
    return [{name: int(values[i]) for name, values in table.items()} for i in places]


def story_of(
    incident: Mapping[str, int],
    visits: Iterable[Visit],
    end: int,
    right: Right,
    restrict: int = NEVER,
) -> Story:
    """The story of an incident.

    incident : its row; visits : its rows, in the order in which they ended; end : tick at which
    the run ends; restrict : ticks that its account of time counts at most.
    """
    visits = tuple(sorted(visits, key=lambda v: (v.joined, v.ended)))
    blocks = _blocks([v for v in visits if v.report == 0 and v.branch < SUPERVISE_BRANCH])
    path, closings = _path(incident, blocks, end, restrict)
    steps = [
        *_moments(incident, closings, end, bool(blocks) and blocks[-1].last.stage == VERIFY),
        *_lead_steps(incident, blocks, {closing.back for closing in closings}, right),
        *(Step(_errand(v), v.joined, (v,)) for v in visits if v.branch >= SUPERVISE_BRANCH),
        *_duplicates(v for v in visits if v.report > 0),
    ]
    return Story(incident, tuple(sorted(steps, key=_order)), tuple(path), visits, end)


def _errand(visit: Visit) -> str:
    """What the visit of a side task is for, by name (codes.ERRANDS)."""
    errand = NOTIFY + visit.branch - SUPERVISE_BRANCH
    return ERRANDS[ANSWER if errand == CRITICISE and visit.attempt > 0 else errand]


_LATE = {"occurred": -3, "noticed": -2, "back": -1, "false_closing": 1, "solved": 2, "end": 3}


def _order(step: Step) -> tuple[int, int]:
    """By time; at one tick a closing stands after the visit that ends in it."""
    return step.at, _LATE.get(step.what, 0)


# --- the path of the first report --------------------------------------------------------------


@dataclass(frozen=True)
class _Block:
    """A visit of the lead task, or all visits of a joint disposal."""

    visits: tuple[Visit, ...]
    is_joint: bool = False

    @property
    def lead(self) -> Visit:
        return self.visits[0]

    @property
    def last(self) -> Visit:
        """The visit that ended last, whose time decided; of several at one tick the last branch."""
        return max(self.visits, key=lambda v: (v.ended, v.branch))

    def is_closed_falsely(self, following: "_Block") -> bool:
        """Whether a false closing lies before the following block: it says so, or the incident
        begins anew, though it was not returned."""
        if self.last.stage not in (DISPOSE, VERIFY):
            return False
        return self.last.outcome == FALSE_CLOSED or following.lead.stage < DISPOSE


def _blocks(visits: list[Visit]) -> list[_Block]:
    """The lead task's visits, one after another, with joint disposals as one block.

    In a joint disposal all join at one tick, and no disposal has gone before; partners in turn
    come after the lead's.
    """
    blocks: list[_Block] = []
    for _, group in groupby(visits, key=lambda v: (v.joined, v.stage == DISPOSE)):
        own = tuple(group)
        is_first = all(block.lead.stage != DISPOSE for block in blocks)
        if own[0].stage == DISPOSE and is_first and any(v.branch for v in own):
            blocks.append(_Block(tuple(sorted(own, key=lambda v: v.branch)), is_joint=True))
        else:
            blocks.extend(_Block((v,)) for v in own)
    return blocks


def _path(
    incident: Mapping[str, int], blocks: list[_Block], end: int, restrict: int
) -> tuple[list[Part], list[Closing]]:
    """The path, and the false closings on it."""
    occurred, noticed = incident["occurred"], min(incident["noticed"], end)
    parts, closings = [Part("sensing", occurred, noticed)], []
    # A joint disposal that still waits for a branch is not booked, and not on the path. An
    # account that has come to its end tells no more; then what has ended is taken as done.
    booked = sum(incident[name] for name in TIME_COLUMNS)
    done = [
        block for block in blocks if booked >= restrict or block.last.ended <= occurred + booked
    ]
    for block, following in zip_longest(done, done[1:]):
        last = block.last
        parts.append(Part("waiting", last.joined, last.started))
        parts.append(Part("working", last.started, last.ended, last.worked))
        parts.append(Part("release", last.ended, min(last.released, end)))
        back = None
        if following is not None and block.is_closed_falsely(following):
            back = following.lead.joined
        elif following is None and incident["state"] == ASLEEP:
            back = NEVER
        if back is not None:
            closings.append(Closing(last.ended, back, last.stage == VERIFY))
            parts.append(Part("dormant", last.ended, min(back, end)))
    if incident["state"] != SOLVED:
        parts.append(Part("unbooked", parts[-1].end, end))
    return [part for part in parts if part.end > part.start], closings


# --- steps -------------------------------------------------------------------------------------


def _moments(
    incident: Mapping[str, int], closings: list[Closing], end: int, is_verified: bool
) -> Iterable[Step]:
    """What happens at one tick, without a desk. is_verified : before the last closing."""
    yield Step("occurred", incident["occurred"])
    if incident["noticed"] < NEVER:
        yield Step("noticed", incident["noticed"])
    if incident["limit"] < min(incident["first_closed"], end):
        yield Step("overdue", incident["limit"])
    for closing in closings:
        yield Step("false_closing", closing.at, manner=_verified(closing.is_verified))
        if closing.back < NEVER:
            yield Step("back", closing.back)
    if incident["state"] == SOLVED:
        yield Step("solved", incident["solved"], manner=_verified(is_verified))
    else:
        yield Step("end", end)


def _verified(is_verified: bool) -> str:
    return "" if is_verified else "unverified"


def _lead_steps(
    incident: Mapping[str, int], blocks: list[_Block], backs: set[int], right: Right
) -> Iterable[Step]:
    """The first report's visits, each with what the visits around it tell."""
    named, wrong = _judgements(incident, blocks, right)
    again, led, is_wrong = "", None, False
    for i, block in enumerate(blocks):
        if block.lead.joined in backs:
            again, is_wrong = "anew", False
        is_wrong = wrong.get(i, is_wrong)
        for visit in block.visits:
            manner = again
            if block.is_joint or visit.branch > 0:
                manner = "joint" if block.is_joint else "turn"
            own = visit.stage == VERIFY and visit.desk == led
            yield Step("visit", visit.joined, (visit,), manner, own, named.get(i), is_wrong)
        if block.lead.stage == DISPOSE and block.lead.branch == 0:
            led = block.lead.desk
        if block.lead.outcome == FAILED:
            again = "rework"
        elif block.lead.outcome == RETURNED:
            is_wrong = False  # without a desk that judges anew, the right one is named


def _judgements(
    incident: Mapping[str, int], blocks: list[_Block], right: Right
) -> tuple[dict[int, int], dict[int, bool | None]]:
    """By place of a judgement: the desk it named, and whether that was wrong.

    A pool stands for any desk, so of a judgement that named one, or whose next visit has not
    ended, only the incident's count of wrong judgements may tell.
    """
    named: dict[int, int] = {}
    wrong: dict[int, bool | None] = {}
    judgement = None
    for i, block in enumerate(blocks):
        lead = block.lead
        if lead.stage == JUDGE:
            judgement, wrong[i] = i, None
        elif lead.stage in (SIGN, DISPOSE) and lead.branch == 0 and judgement is not None:
            named[judgement], is_right = lead.desk, right(lead.desk)
            wrong[judgement] = None if is_right is None else not is_right
            judgement = None
    unknown = [i for i, is_wrong in wrong.items() if is_wrong is None]
    left = incident["wrong_desks"] - sum(is_wrong is True for is_wrong in wrong.values())
    if left in (0, len(unknown)):
        wrong |= dict.fromkeys(unknown, left > 0)
    return named, wrong


def _duplicates(visits: Iterable[Visit]) -> Iterable[Step]:
    """One step for each further report."""
    reports: dict[int, list[Visit]] = {}
    for visit in visits:
        reports.setdefault(visit.report, []).append(visit)
    for own in reports.values():
        yield Step("duplicate", own[0].joined, tuple(own))

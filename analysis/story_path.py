"""The path of one incident: how every tick passed, by its visits and its account of time.

The visits of the first report follow one another in blocks. What lies between two blocks is told by
how the first ended, by how the second begins and by what the account has booked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

from sim.codes import (
    ASLEEP,
    DISPOSE,
    DONE,
    FALSE_CLOSED,
    MERGED_BY,
    REGISTER,
    SOLVED,
    VERIFY,
    WITHDRAWN,
)
from sim.records import SUPERVISE_BRANCH, TIME_COLUMNS, VISIT_COLUMNS
from sim.units import NEVER

USES = (
    *("sensing", "waiting", "working", "release"),
    *("dormant", "mismerged", "withdrawn", "untold", "unbooked"),
)
"""How an incident's time passes: the account's uses, but a sleep after a false merge is `mismerged`
and the time in which nobody wants it, which the account leaves out or, where it is renewed, books
as sensing, is `withdrawn`. `untold` is a stretch of which the account, having come to its end, does
not tell when it went from one to the other; `unbooked` is a step that had not ended when the run
did."""

Visit = NamedTuple("Visit", [(name, int) for name in VISIT_COLUMNS])
"""A row of the visit table."""

_UNKNOWN = ""  # use of a stretch before a withdrawal, until the account tells it


class Part(NamedTuple):
    """A stretch of the path; of a visit's work in several sittings, `worked` is less than it."""

    use: str  # USES
    start: int
    end: int
    worked: int = 0  # seat time in it


class Sleep(NamedTuple):
    """A false closing (`dormant`) or a false merge (`mismerged`), and what follows it."""

    use: str
    at: int
    back: int  # tick of coming back; NEVER while it sleeps, or where it cannot be told
    is_verified: bool = False  # of a false closing
    is_seen: bool = True  # whether a visit tells it


class Withdrawal(NamedTuple):
    """The resident withdraws it, or its caller gives up."""

    at: int  # tick; the earliest possible one where the account has come to its end before
    is_exact: bool


@dataclass(frozen=True)
class Block:
    """A visit of the lead task, all visits of a joint disposal, or a renewal: the registering of
    another report, which becomes the first."""

    visits: tuple[Visit, ...]
    is_joint: bool = False
    is_renewal: bool = False

    @property
    def lead(self) -> Visit:
        return self.visits[0]

    @property
    def last(self) -> Visit:
        """The visit that ended last, whose time decided; of several at one tick the last branch."""
        return max(self.visits, key=lambda v: (v.ended, v.branch))

    @property
    def begin(self) -> int:
        """Tick from which it is on the path: until it is registered nobody wants a renewed one."""
        return self.lead.ended if self.is_renewal else self.lead.joined

    def is_closed_falsely(self, following: "Block") -> bool:
        """Whether a false closing lies before the following block: it says so, or the incident
        begins anew, though it was not returned."""
        if self.last.stage not in (DISPOSE, VERIFY):
            return False
        return self.last.outcome == FALSE_CLOSED or following.lead.stage < DISPOSE


class Path(NamedTuple):
    """The path of an incident and what interrupts it."""

    blocks: tuple[Block, ...]
    parts: tuple[Part, ...]  # from occurred to solved or the end of the run, without a gap
    sleeps: tuple[Sleep, ...]
    withdrawals: tuple[Withdrawal, ...]


def path_of(incident: Mapping[str, int], visits: Sequence[Visit], end: int, restrict: int) -> Path:
    """The path of an incident.

    visits : all its rows, by `joined`; end : tick at which the run ends; restrict : ticks that its
    account counts at most.
    """
    blocks = _blocks(incident, visits)
    walk = _Walk(incident, end, restrict, blocks)
    # A joint disposal that still waits for a branch is not booked, and not on the path. An
    # account that has come to its end tells no more; then what has ended is taken as done.
    last = incident["occurred"] + walk.booked
    done = [block for block in blocks if walk.booked >= restrict or block.last.ended <= last]
    for before, after in pairwise([None, *done, None]):
        walk.between(before, after)
    parts = (part for part in walk.told() if part.end > part.start)
    return Path(tuple(blocks), tuple(parts), tuple(walk.sleeps), tuple(walk.withdrawals))


# --- blocks ------------------------------------------------------------------------------------


def _blocks(incident: Mapping[str, int], visits: Sequence[Visit]) -> list[Block]:
    """The lead task's visits, one after another, with joint disposals as one block.

    In a joint disposal all join at one tick, and no disposal has gone before; partners in turn
    come after the lead's.
    """
    leads = [v for v in visits if v.report == 0 and v.branch < SUPERVISE_BRANCH]
    blocks = [Block((v,), is_renewal=True) for v in _renewals(incident, visits, leads)]
    is_first = True
    for (_, is_disposal), group in groupby(leads, key=lambda v: (v.joined, v.stage == DISPOSE)):
        own = tuple(group)
        if is_disposal and is_first and any(v.branch for v in own):
            blocks.append(Block(tuple(sorted(own, key=lambda v: v.branch)), is_joint=True))
        else:
            blocks.extend(Block((v,)) for v in own)
        is_first = is_first and not is_disposal
    return sorted(blocks, key=lambda block: (block.begin, block.last.ended))


def _renewals(
    incident: Mapping[str, int], visits: Sequence[Visit], leads: Sequence[Visit]
) -> list[Visit]:
    """The visits by which another report became the first.

    Nobody else has reported what the resident withdraws, so the next to be registered renews it.
    Where a caller gives up, it is the one that goes on as the first report.
    """
    others = sorted((v for v in visits if v.report > 0), key=lambda v: v.ended)
    registered = [v for v in others if v.stage == REGISTER]
    if incident["retracted"]:
        return registered[:1]
    if incident["sensing"] <= incident["noticed"] - incident["occurred"]:
        return []
    begins = {v.joined for v in leads if v.stage != REGISTER}
    going_on = {v.report for v in others if v.stage != REGISTER}
    return [
        v
        for v in registered
        if v.outcome == DONE and v.report not in going_on and v.ended in begins
    ]


# --- the path ----------------------------------------------------------------------------------


class _Walk:
    """Walks along the blocks and puts down parts, sleeps and withdrawals."""

    def __init__(
        self, incident: Mapping[str, int], end: int, restrict: int, blocks: Sequence[Block]
    ):
        self.row, self.end, self.restrict = incident, end, restrict
        self.last = incident["occurred"] + restrict  # from here on the account counts nothing
        self.booked = sum(incident[name] for name in TIME_COLUMNS)
        self.renewals = sum(block.is_renewal for block in blocks)
        merged = sum(b.lead.stage == REGISTER and b.lead.outcome == MERGED_BY for b in blocks)
        self.merged_unseen = incident["mismerged"] - merged  # where no desk registers
        self.at = incident["occurred"]
        self.parts: list[Part] = []
        self.sleeps: list[Sleep] = []
        self.withdrawals: list[Withdrawal] = []
        self._pass("sensing", min(incident["noticed"], end))

    def _pass(self, use: str, end: int, worked: int = 0) -> None:
        self.parts.append(Part(use, self.at, max(end, self.at), worked))
        self.at = self.parts[-1].end

    def between(self, before: Block | None, after: Block | None) -> None:
        """Put down a block (None: the notice) and what lies between it and the next (None: the
        end)."""
        if before is not None and not before.is_renewal:
            self._pass("waiting", before.last.started)
            self._pass("working", before.last.ended, before.last.worked)
        until = self.end if after is None else after.begin
        leaves = self.row["state"] == WITHDRAWN if after is None else after.is_renewal
        gone = self._withdrawal(until, after) if leaves else None
        stop = until if gone is None else min(gone.at, until)
        use = self._sleep_use(before, after)
        if use:
            self._sleep(use, before, stop, goes_on=after is not None)
        elif before is not None:
            self._pass("release", min(before.last.released, stop if gone else until))
        if gone is not None:
            self.withdrawals.append(gone)
            if gone.is_exact:
                self._pass(_UNKNOWN, stop)
            self._pass("withdrawn" if gone.is_exact else "untold", until)
        elif after is not None:  # a call that was not answered; a batch that gathered
            self._pass("waiting" if after.lead.stage == REGISTER else "release", until)
        elif self.row["state"] != SOLVED:
            is_told = not use or self.sleeps[-1].back < NEVER
            self._pass("unbooked" if is_told else "untold", until)

    def _sleep_use(self, before: Block | None, after: Block | None) -> str:
        """What kind of sleep follows a block: a use, or nothing."""
        if before is None:
            return "mismerged" if self.merged_unseen > 0 else ""
        last = before.last
        if last.stage == REGISTER:
            return "mismerged" if last.outcome == MERGED_BY else ""
        if after is not None:
            return "dormant" if before.is_closed_falsely(after) else ""
        told = sum(sleep.use == "dormant" for sleep in self.sleeps)
        is_closed = self.row["state"] == ASLEEP or self.row["false_closings"] > told
        return "dormant" if last.stage in (DISPOSE, VERIFY) and is_closed else ""

    def _sleep(self, use: str, before: Block | None, stop: int, *, goes_on: bool) -> None:
        """Put down a sleep up to `stop`, where the incident goes on, or as long as the account
        says; it may be awake again at the end of the run, without a visit that has ended."""
        begun, back = self.at, stop
        if not goes_on and self.row["state"] == ASLEEP:
            back = NEVER
        elif not goes_on:
            booked = sum(p.end - p.start for p in self.parts if p.use in ("dormant", "mismerged"))
            stop = min(stop, begun + self.row["dormant"] - booked)
            back = stop if stop < self.last else NEVER
        self._pass(use, stop)
        is_verified = before is not None and before.last.stage == VERIFY
        self.sleeps.append(Sleep(use, begun, back, is_verified, before is not None))

    def _withdrawal(self, until: int, after: Block | None) -> Withdrawal:
        """The withdrawal before a renewal, or before the end: what is booked leads up to it, and
        what a renewal has booked as sensing leads back to it."""
        if after is None:
            if self.booked < self.restrict:
                return Withdrawal(self.row["occurred"] + self.booked, True)
        elif self.renewals == 1:
            noticed = min(self.row["noticed"], self.last)
            lost = self.row["sensing"] - (noticed - self.row["occurred"])
            if lost > 0 or until <= self.last:
                return Withdrawal(min(until, self.last) - lost, True)
        return Withdrawal(max(self.at, min(self.last, until)), False)

    def told(self) -> list[Part]:
        """The parts, the stretch before a withdrawal told by what the account has besides."""
        spent = dict.fromkeys(("release", "waiting", "working"), 0)
        for part in self.parts:
            spent["working"] += part.worked
            use = "waiting" if part.use == "working" else part.use
            if use in spent:
                spent[use] += part.end - part.start - part.worked
        parts = []
        for part in self.parts:
            if part.use != _UNKNOWN:
                parts.append(part)
                continue
            if self.booked >= self.restrict:  # the account is cut off, and does not tell
                parts.append(part._replace(use="waiting"))
                continue
            at = part.start
            for use in ("release", "waiting", "working"):
                booked = sum(self.row[name] for name in TIME_COLUMNS if name.endswith(f"_{use}"))
                end = min(part.end, at + booked - spent[use])
                parts.append(Part(use, at, end, end - at if use == "working" else 0))
                at = end
        return parts

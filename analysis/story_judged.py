"""Who judged one incident, whom they named, and whether they were right.

A judgement's visit says nothing of that. The desk of the visit that follows tells whom it named,
and the incident's count of wrong judgements what the desk leaves open: of a pool, which may stand
for any desk; of an incident that has grown, which may belong to a higher tier by then; and of a
dual dispatch, in which the right one of two desks takes the lead, whichever was named.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.story_path import Block, Visit
from sim.codes import DISPOSE, DONE, JUDGE, REGISTER, SIGN

Right = Callable[[int], bool | None]
"""Whether an incident belongs to a desk; None where it cannot be told, as at a pool."""


@dataclass(frozen=True)
class Judgement:
    """What a desk or a procedure has judged."""

    named: int | None = None  # desk to which it went, where its next visit tells
    wrong: bool | None = None  # None: it cannot be told
    beside: int | None = None  # desk of the co-handler, where its visit tells
    is_mended: bool = False  # wrong, but the right one of two desks took the lead


def judgements(
    incident: Mapping[str, int],
    blocks: Sequence[Block],
    co_handlers: Sequence[Visit],
    right: Right,
) -> dict[int, Judgement]:
    """The judgements of the first report by place among its blocks.

    That of a procedure, which makes no visit, stands at ~i, i being the place of the block to
    which it led; of a desk that has not ended its visit, at ~len(blocks).
    """
    found: dict[int, Judgement] = {}
    is_right: dict[int, bool | None] = {}
    place = None
    for i, block in enumerate(blocks):
        lead = block.lead
        if lead.stage == JUDGE:
            place, found[i] = i, Judgement()
        elif lead.stage in (SIGN, DISPOSE) and lead.branch == 0:
            if incident["automated"] and not found and not is_right:
                place = ~i
            if place is not None:
                is_right[place] = right(lead.desk)
                found[place] = _named(incident, lead, co_handlers, is_right[place])
            else:
                is_right[i] = None
            place = None
    if incident["automated"] and all(i >= 0 for i in found):
        found[~len(blocks)] = Judgement()
    return _by_the_count(incident, found, is_right, co_handlers)


def procedure_at(incident: Mapping[str, int], blocks: Sequence[Block], place: int) -> int:
    """Tick of the judgement of a procedure at ~i (`judgements`): it takes no time."""
    if ~place < len(blocks):
        return blocks[~place].begin
    registered = (b.lead for b in blocks if b.lead.stage == REGISTER and b.lead.outcome == DONE)
    return next((visit.ended for visit in registered), incident["noticed"])


def _named(
    incident: Mapping[str, int], lead: Visit, co_handlers: Sequence[Visit], is_right: bool | None
) -> Judgement:
    """The judgement that led to a visit, as far as that visit tells."""
    beside = next((v.desk for v in co_handlers if v.joined == lead.joined), None)
    may_be_dual = beside is not None or (incident["dual"] and not co_handlers)
    wrong = None if is_right is None or (is_right and may_be_dual) else not is_right
    return Judgement(lead.desk, wrong, beside)


def _by_the_count(
    incident: Mapping[str, int],
    found: dict[int, Judgement],
    is_right: Mapping[int, bool | None],
    co_handlers: Sequence[Visit],
) -> dict[int, Judgement]:
    """Settle what the desks leave open by the number of wrong judgements, where it can."""
    unknown = [i for i, judgement in found.items() if judgement.wrong is None]
    left = incident["wrong_desks"] - sum(j.wrong is True for j in found.values())
    if left not in (0, len(unknown)):
        return found
    for i in unknown:
        wrong, judgement = left > 0, found[i]
        is_dual = judgement.beside is not None or (incident["dual"] and not co_handlers)
        mended = wrong and bool(is_dual) and is_right.get(i) is True
        if wrong and is_dual and not mended:
            continue  # at a pool: the one that was named, or the one that took the lead
        found[i] = replace(judgement, wrong=wrong, is_mended=mended)
    return found

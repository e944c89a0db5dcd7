"""One incident's story: its rows of the tables, put in the order of time.

Rows become steps: what happened, where and when. `analysis.story_path` tells how every tick passed
until it was solved, `analysis.story_words` puts the steps into words, `analysis.figures.timeline`
draws the path. All times are ticks [s] since 00:00 on the start date.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from analysis.story_judged import Judgement, Right, judgements, procedure_at
from analysis.story_path import USES, Part, Path, Visit, path_of
from sim.codes import (
    ANSWER,
    CO_HANDLE,
    CRITICISE,
    DISPOSE,
    ERRANDS,
    FAILED,
    JUDGE,
    N_STAGES,
    NOTIFY,
    RETURNED,
    SIGN,
    SOLVED,
    VERIFY,
    WITHDRAWN,
)
from sim.records import SUPERVISE_BRANCH, WITHDRAWN_BRANCH, Columns
from sim.units import NEVER


@dataclass(frozen=True)
class Step:
    """Something that happens to an incident.

    what : occurred, noticed, merged (by mistake, where no desk registers), visit, procedure (it
    judges), duplicate (of one report, all its visits), an errand of a side task (codes.ERRANDS),
    broken_off (a visit during which it was withdrawn), overdue, false_closing, back, withdrawn,
    solved or end (of the run, before it was solved).
    """

    what: str
    at: int
    visits: tuple[Visit, ...] = ()
    manner: str = ""
    """Of a visit: anew (in a later life), rework, joint, turn (a partner's), renewal, whistle (its
    desk calls the departments in) or report (of those who come); of a closing: unverified; of a
    limit: first or extended; of a withdrawal: caller (who gave up)."""
    own: bool = False  # of a verification: by the desk that led the disposal
    named: int | None = None  # desk that a judgement named, where its next visit tells
    wrong: bool | None = None  # whether the judgement was wrong; None: it cannot be told
    beside: int | None = None  # desk of the co-handler to whom a judgement went as well
    is_mended: bool = False  # wrong, but by dual dispatch the right desk took the lead
    is_exact: bool = True  # of a withdrawal: or the earliest tick possible

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
    def withdrawal(self) -> Step | None:
        """The step by which it was withdrawn for good."""
        if self.incident["state"] != WITHDRAWN:
            return None
        return [step for step in self.steps if step.what == "withdrawn"][-1]

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


_CO_HANDLING = SUPERVISE_BRANCH + CO_HANDLE - NOTIFY


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
    path = path_of(incident, visits, end, restrict)
    renewals = {block.lead for block in path.blocks if block.is_renewal}
    asides = [v for v in visits if SUPERVISE_BRANCH <= v.branch < WITHDRAWN_BRANCH]
    co_handlers = [v for v in visits if v.branch % WITHDRAWN_BRANCH == _CO_HANDLING]
    steps = [
        *_moments(incident, path, end),
        *_lead_steps(incident, path, co_handlers, right),
        *(Step(errand(v), v.joined, (v,)) for v in asides),
        *(Step("broken_off", v.joined, (v,)) for v in visits if v.branch >= WITHDRAWN_BRANCH),
        *_duplicates(v for v in visits if v.report > 0 and v not in renewals),
    ]
    return Story(incident, tuple(sorted(steps, key=_order)), path.parts, visits, end)


def errand(visit: Visit) -> str:
    """What the visit of a side task is for, by name (codes.ERRANDS)."""
    code = NOTIFY + visit.branch % WITHDRAWN_BRANCH - SUPERVISE_BRANCH
    return ERRANDS[ANSWER if code == CRITICISE and visit.attempt > 0 else code]


_EARLY = {"occurred": -4, "noticed": -3, "merged": -2, "back": -1}
_LATE = {"false_closing": 1, "withdrawn": 2, "solved": 3, "end": 4}


def _order(step: Step) -> tuple[int, int]:
    """By time; at one tick a closing stands after the visit that ends in it."""
    return step.at, (_EARLY | _LATE).get(step.what, 0)


# --- moments -----------------------------------------------------------------------------------


def _moments(incident: Mapping[str, int], path: Path, end: int) -> Iterable[Step]:
    """What happens at one tick, without a desk."""
    yield Step("occurred", incident["occurred"])
    if incident["noticed"] < NEVER:
        yield Step("noticed", incident["noticed"])
    yield from _overdue(incident, path, end)
    for sleep in path.sleeps:
        if sleep.use == "dormant":
            yield Step("false_closing", sleep.at, manner=_verified(sleep.is_verified))
        elif not sleep.is_seen:
            yield Step("merged", sleep.at)
        if sleep.back < NEVER:
            yield Step("back", sleep.back)
    for n, gone in enumerate(path.withdrawals):
        manner = "" if incident["retracted"] and n == 0 else "caller"
        yield Step("withdrawn", gone.at, manner=manner, is_exact=gone.is_exact)
    if incident["state"] == SOLVED:
        is_verified = bool(path.blocks) and path.blocks[-1].last.stage == VERIFY
        yield Step("solved", incident["solved"], manner=_verified(is_verified))
    else:
        yield Step("end", end)


def _overdue(incident: Mapping[str, int], path: Path, end: int) -> Iterable[Step]:
    """The limits that passed while it was to be closed: the first, and that of an extension."""
    limits = {"": incident["limit"]}
    if incident["extensions"]:
        limits = {"first": incident["limit"], "extended": incident["due"]}
    unwanted = [part for part in path.parts if part.use in ("withdrawn", "untold")]
    for manner, limit in limits.items():
        is_unwanted = any(part.start <= limit < part.end for part in unwanted)
        if limit < min(incident["first_closed"], end) and not is_unwanted:
            yield Step("overdue", limit, manner=manner)


def _verified(is_verified: bool) -> str:
    return "" if is_verified else "unverified"


def _duplicates(visits: Iterable[Visit]) -> Iterable[Step]:
    """One step for each further report."""
    reports: dict[int, list[Visit]] = {}
    for visit in visits:
        reports.setdefault(visit.report, []).append(visit)
    for own in reports.values():
        yield Step("duplicate", own[0].joined, tuple(own))


# --- the first report --------------------------------------------------------------------------


def _lead_steps(
    incident: Mapping[str, int], path: Path, co_handlers: list[Visit], right: Right
) -> Iterable[Step]:
    """The first report's visits, each with what the visits around it tell."""
    judged = judgements(incident, path.blocks, co_handlers, right)
    whistled, reported = _whistle(incident, path)
    backs = {sleep.back: sleep.use for sleep in path.sleeps}
    later, rework, led, astray = False, False, None, False
    seen = set()  # stages done before
    for i, block in enumerate(path.blocks):
        lead = block.lead
        if block.begin in backs or block.is_renewal:
            later, rework, astray = True, False, False
            if backs.get(block.begin) == "dormant":
                seen.update(range(N_STAGES))
        if i == reported:
            astray = False  # the right department leads
        for place in {~i, i} & judged.keys():
            judgement = judged[place]
            astray = judgement.wrong and not judgement.is_mended
            if place < 0:
                seen.add(JUDGE)
                yield _procedure(incident, path, place, judged)
        for visit in block.visits:
            manner = "rework" if rework else "anew" if later and visit.stage in seen else ""
            if i in (whistled, reported):
                manner = "whistle" if i == whistled else "report"
            elif block.is_renewal:
                manner = "renewal"
            elif block.is_joint or visit.branch > 0:
                manner = "joint" if block.is_joint else "turn"
            own = visit.stage == VERIFY and visit.desk == led
            step = Step("visit", visit.joined, (visit,), manner, own, wrong=astray)
            yield _judged(step, judged[i]) if i in judged else step
        seen.add(lead.stage)
        if lead.stage == DISPOSE and lead.branch == 0:
            led = lead.desk
        if lead.outcome == FAILED:
            rework = True
        elif lead.outcome == RETURNED:
            astray = False  # without a desk that judges anew, the right one is named
    if ~len(path.blocks) in judged:
        yield _procedure(incident, path, ~len(path.blocks), judged)


def _procedure(
    incident: Mapping[str, int], path: Path, place: int, judged: Mapping[int, Judgement]
) -> Step:
    at = procedure_at(incident, path.blocks, place)
    return _judged(Step("procedure", at), judged[place])


def _judged(step: Step, judgement: Judgement) -> Step:
    """A step with what was judged in it."""
    return replace(
        step,
        named=judgement.named,
        wrong=judgement.wrong,
        beside=judgement.beside,
        is_mended=judgement.is_mended,
    )


def _whistle(incident: Mapping[str, int], path: Path) -> tuple[int | None, int | None]:
    """Places of the signing at which the township called the departments in, and of the disposal
    for which they came; None where the incident has none."""
    if not incident["whistled"]:
        return None, None
    stages = [block.lead.stage for block in path.blocks]
    reported = stages.index(DISPOSE) if DISPOSE in stages else len(stages)
    signed = [i for i in range(reported) if stages[i] == SIGN]
    return (signed[-1] if signed else None), reported

"""What a run writes: the columns of its tables, in one place.

Inside the project a table is a dict of equally long NumPy arrays ("columns"); arrow.py turns
one into what users get. All times are ticks [s] since 00:00 on the start date.
"""

from collections.abc import Mapping

import numpy as np

Columns = dict[str, np.ndarray]

TIMED_STAGES = ("register", "judge", "dispatch", "sign", "dispose", "verify")
TIME_COLUMNS = (
    "sensing",
    *(f"{stage}_{use}" for stage in TIMED_STAGES for use in ("waiting", "working", "release")),
    "dormant",
)
"""The time account of an incident [ticks]: along the path that decided its closing, these
add up exactly to solved - occurred, or to the restriction of the means where that is less.
`dispose_release` is coordination between departments; the other releases are batches and relays
on the way to the next desk."""

AGAIN_COLUMNS = ("again_waiting", "again_working", "again_release")
"""What of the time account was spent on stages done again [ticks]: after a return, after a
disposal that failed, after a false closing."""

INCIDENT_COLUMNS: dict[str, str] = {
    "incident": "i8",  # key, the same under every policy
    "occurred": "i8",  # tick
    "noticed": "i8",  # tick of the first report; NEVER while unseen
    "limit": "i8",  # tick by which it must be closed, set at the first report; NEVER while unseen
    "due": "i8",  # the limit with its extensions (延期)
    "first_closed": "i8",  # tick of the first closing, true or false; NEVER
    "solved": "i8",  # tick of the closing that solved it; NEVER
    "state": "i1",  # INCIDENT_STATES at the end of the run
    "kind": "i2",
    "severity": "i1",  # initial true severity
    "tier": "i1",  # tier that truly resolves it
    "channel": "i1",  # channel of the first report, NONE while unseen
    "grid": "i4",
    "township": "i4",  # township index, 0-based in the city's own order
    "district": "i4",  # district index, 0-based
    "reports": "i2",  # reports made so far, the first included
    "merged": "i2",  # of them, merged
    "handovers": "i2",  # moves from one desk to another
    "returns": "i2",  # sent back by a desk (退单)
    "reworks": "i2",  # failed verifications that led to re-work (返工)
    "false_closings": "i2",  # closings that did not solve it
    "wrong_desks": "i2",  # judgements that named a wrong desk
    "escalated": "i1",  # 1 when a notice (督办) was issued and dealt with
    "grade": "i1",  # true severity at the end
    "growths": "i1",  # grades by which it has grown worse since it occurred
    "retracted": "i1",  # 1 when the resident has withdrawn it (撤诉)
    "mismerged": "i2",  # times it was merged into another incident by mistake
    "satisfied": "i1",  # 1 when the resident who reported it is satisfied, 0 when not, else NONE
    "reminded": "i1",  # 1 when a reminder (催办) was
    "criticised": "i1",  # 1 when a criticism (通报) was circulated
    "extensions": "i1",  # extensions (延期) granted
    "dual": "i1",  # 1 when it was dispatched to department and township at once (双派单)
    "whistled": "i1",  # 1 when the township called the departments in (吹哨)
    "automated": "i1",  # 1 when a procedure judged it
    "helped": "i1",  # 1 when a neighbouring township disposed of it, or is to
    **dict.fromkeys(TIME_COLUMNS, "i8"),
    **dict.fromkeys(AGAIN_COLUMNS, "i8"),
}

VISIT_COLUMNS: dict[str, str] = {
    "incident": "i8",
    "report": "i2",  # 0 is the first report
    "branch": "i2",  # 0 lead; 1.. joint partners; SUPERVISE_BRANCH and above: side tasks; from
    # WITHDRAWN_BRANCH on one of these whose incident was withdrawn meanwhile
    "stage": "i1",  # STAGES
    "attempt": "i2",  # how often this task did this stage before
    "desk": "i4",
    "joined": "i8",  # tick it first joined the waiting list
    "started": "i8",  # tick a seat first took it up
    "ended": "i8",  # tick the seat finished it
    "worked": "i8",  # seat time spent on it [ticks], all sessions
    "retyping": "i8",  # of that, typing again what another system already held [ticks]
    "released": "i8",  # tick it may join the next desk (= ended unless held for a batch)
    "outcome": "i1",  # OUTCOMES
}

DESK_COLUMNS: dict[str, str] = {
    "desk": "i4",
    "centre": "i4",
    "tier": "i1",
    "role": "i2",  # index into the desk roles of the run
    "busy": "i8",  # seat time worked inside the measuring window [ticks]
    "open": "i8",  # seat time open inside the measuring window [ticks]
    "waited": "i8",  # waiting of all visits that started inside the window [ticks]
    "starts": "i8",  # visits started inside the window
    "delayed": "i8",  # of these, visits that had to wait
    "joins": "i8",  # visits that joined the waiting list inside the window
    "blocked": "i8",  # calls that found no line inside the window
    "abandoned": "i8",  # callers who hung up inside the window
    "removed": "i8",  # tasks that left inside the window because their incident was withdrawn
    "queued": "i8",  # time spent waiting inside the window by all that wait [ticks]
    "queue": "i8",  # tasks that wait at the end of the run
    "moved": "i8",  # seats lent to it by others of its centre inside the window, shift by shift
    "overtime": "i8",  # seat time kept open by emergency mode outside its hours [ticks]
    "emergency": "i8",  # time of its centre in emergency mode inside the window [ticks]
    "paid": "f8",  # paid hours per week
}

FLOW_COLUMNS = (
    *("occurred", "noticed", "first_closed", "solved", "false_closed", "returned"),
    *("withdrawn", "renewed"),
    "mismerged",
)
"""Columns of the flow table, int64[n_bins, 9]: how many incidents did this in each hour.
Unlike the incident table it counts every incident from the first tick, warm-up included.
first_closed + later closings: `solved` ends an incident; `false_closed` puts it to sleep
and `returned` wakes it, as it does one that was `mismerged` with another; a caller who gives up,
or a resident who no longer wants it, has `withdrawn` it, and another may have it `renewed`. So
unseen = occurred - noticed, dormant = false_closed + mismerged - returned, lost = withdrawn -
renewed and open = noticed - solved - dormant - lost, each summed up to the bin."""

FLOW_BIN = 3600
"""Width of a bin of the flow table [ticks]."""

SUPERVISE_BRANCH = 64
"""Branch number of a notice, the first of an incident's side tasks: above every joint partner. The
other errands (codes.ERRANDS) follow in order; an answer is the second visit of a criticism."""

TIMER_BRANCH = 253
"""Where the timer of an incident's limit stands among its tasks: after all that carry no report."""

WITHDRAWN_BRANCH = 128
"""Added to the branch of a task at work whose incident is withdrawn: it ends with its visit."""


def empty(columns: Mapping[str, str], length: int = 0) -> Columns:
    """A table of `length` rows of zeros with the given columns."""
    return {name: np.zeros(length, dtype) for name, dtype in columns.items()}


def concatenate(parts: list[Columns], columns: Mapping[str, str]) -> Columns:
    """Several tables of the same columns under one another."""
    if not parts:
        return empty(columns)
    return {name: np.concatenate([part[name] for part in parts]) for name in columns}

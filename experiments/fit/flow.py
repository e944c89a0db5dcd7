"""How cases move: hand-overs, ways back, reopening, limits."""

import numpy as np

from analysis.fitting.estimate import mean, share
from experiments.fit.cleaning import MISSING
from experiments.fit.part import Part
from experiments.fit.row import Row
from sim.codes import FAILED, FALSE_CLOSED, OUTCOMES, RETURNED, SOLVED_BY


def flow(part: Part) -> list[Row]:
    """Rows on hand-overs, returns, reopening and limits, of finished cases where the rest of a
    case's way matters."""
    return [*_handovers(part), *_ways_back(part), *_outcomes(part), *_limits(part)]


def _row(name: str, unit: str, estimate, how: str = "estimated") -> Row:
    return Row("flow", "all", name, unit, estimate, how)


def _per_case(part: Part, events: np.ndarray) -> np.ndarray:
    """How many of the events, bool[n], each finished case has."""
    n = part.log.n_cases
    counts = np.bincount(part.column("case"), events, minlength=n)
    return counts[part.chosen & part.cases.finished]


def _handovers(part: Part) -> list[Row]:
    case, resource = part.column("case"), part.column("resource")
    if not (resource >= 0).any():
        return []
    moved = np.zeros(len(case), bool)
    moved[1:] = (case[1:] == case[:-1]) & (resource[1:] != resource[:-1])
    moved[1:] &= (resource[1:] >= 0) & (resource[:-1] >= 0)
    rows = [_row("hand-overs", "per finished case", mean(_per_case(part, moved)))]
    if part.log.has("reassigned"):
        most = part.frame.groupby("case")["reassigned"].max().to_numpy(float)
        rows.append(_row("reassignments", "per case", mean(most[~np.isnan(most)]),
                         "estimated: the log's own counter"))  # fmt: skip
    return rows


def came_before(case: np.ndarray, activity: np.ndarray) -> np.ndarray:
    """Whether the case has left this activity for another and comes back to it, bool[n]; arrays by
    (case, time)."""
    new = np.ones(len(case), bool)
    new[1:] = (case[1:] != case[:-1]) | (activity[1:] != activity[:-1])
    runs = np.flatnonzero(new)
    pairs = case[runs] * (int(activity.max(initial=0)) + 1) + activity[runs]
    _, first = np.unique(pairs, return_index=True)
    again = np.ones(len(runs), bool)
    again[first] = False
    back = np.zeros(len(case), bool)
    back[runs[again]] = True
    return back


def _ways_back(part: Part) -> list[Row]:
    case, activity = part.column("case"), part.column("activity")
    back = _per_case(part, came_before(case, activity))
    rows = [_row("cases that come back to an activity", "share",
                 share(int((back > 0).sum()), len(back)))]  # fmt: skip
    codes = [part.log.names["activity"].index(name) for name in part.cases.closing]
    if codes:
        closed = np.isin(activity, codes)
        goes_on = np.zeros(len(case), bool)
        goes_on[:-1] = closed[:-1] & (case[1:] == case[:-1]) & ~closed[1:]
        some = _per_case(part, goes_on) > 0
        rows.append(_row("reopened after closing", "share", share(int(some.sum()), len(some))))
    if part.log.has("reopened"):
        most = part.frame.groupby("case")["reopened"].max().to_numpy(float)
        k, n = int((most > 0).sum()), int((~np.isnan(most)).sum())
        rows.append(_row("reopened", "share", share(k, n), "estimated: the log's own counter"))
    return rows


def outcome_counts(part: Part, stage: str | None = None) -> dict[str, int]:
    """Events by outcome, of one activity or all."""
    frame = part.frame
    if stage is not None:
        frame = frame[frame["activity"] == part.log.names["activity"].index(stage)]
    return frame["outcome"].astype("str").value_counts().to_dict()


def _outcomes(part: Part) -> list[Row]:
    """Rates by the outcomes that visits of Guantong have, where the log has them."""
    if not part.log.has("outcome"):
        return []
    counts = outcome_counts(part)
    returned, failed, false, solved = (
        counts.get(OUTCOMES[code], 0) for code in (RETURNED, FAILED, FALSE_CLOSED, SOLVED_BY)
    )
    rows = []
    names = part.log.names["activity"]
    if returned and "sign" in names:
        signed = outcome_counts(part, "sign")
        e = share(signed.get(OUTCOMES[RETURNED], 0), sum(signed.values()))
        rows.append(_row("returned when signing", "share of signings", e))
    if false + solved:
        rows.append(_row("false closings", "share of closings", share(false, false + solved)))
        rows.append(_row("disposals that fail", "share of those closed or sent back",
                         share(failed + false, failed + false + solved)))  # fmt: skip
    if failed + false:
        rows.append(_row("failures seen by a verifier", "share", share(failed, failed + false)))
    return rows


def _limits(part: Part) -> list[Row]:
    if part.log.has("on_time"):
        last = part.frame.drop_duplicates("case", keep="last")["on_time"].astype("str").str.lower()
        yes = last.isin(["true", "1", "yes", "是"])
        return [_row("within the limit", "share", share(int(yes.sum()), len(last)),
                     "estimated: the log's own mark")]  # fmt: skip
    if not part.log.has("limit"):
        return []
    limit = case_limits(part)
    known = limit != MISSING
    chosen = part.chosen & known
    late_if_open = ~part.cases.finished & (part.cases.end > limit)
    judged = chosen & (part.cases.finished | late_if_open)
    on_time = judged & part.cases.finished & (part.cases.last <= limit)
    return [_row("within the limit", "share", share(int(on_time.sum()), int(judged.sum())),
                 "estimated: cases open within their limit at the end are left out")]  # fmt: skip


def case_limits(part: Part) -> np.ndarray:
    """The first limit stated of each case, i8[cases], MISSING without one."""
    found = np.full(part.log.n_cases, MISSING)
    frame = part.log.frame
    stated = frame.loc[frame["limit"] != MISSING, ["case", "limit"]].drop_duplicates("case")
    found[stated["case"].to_numpy()] = stated["limit"].to_numpy()
    return found

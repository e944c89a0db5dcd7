"""The cases of a log: when each came and how it ended, if it did."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.fit.cleaning import MISSING
from experiments.fit.log import EventLog
from experiments.fit.mapping import Mapping
from scenarios.commands import FitSettings
from sim.codes import OUTCOMES, SOLVED_BY
from sim.errors import InputError

BY_OUTCOME = f"cases with the outcome {OUTCOMES[SOLVED_BY]}"
_USUAL = 3  # activities told that cases end with
_FEW = 0.01  # share of the cases that an activity must end to count as one that ends cases


@dataclass(frozen=True, eq=False)
class Cases:
    """arrived, last : i8[c], first and last moment known of each; finished : bool[c]; closing :
    activities that end cases, and how that is known; first_row : i8[c], of each case's events."""

    arrived: np.ndarray
    last: np.ndarray
    finished: np.ndarray
    closing: list[str]
    how: str
    first_row: np.ndarray
    end: int
    gone_on: int = 0
    """Cases that went on after they had closed, and had not closed again by the end of the log."""

    @property
    def duration(self) -> np.ndarray:
        """Cycle time so far, until the end of the log where the case is not finished, i8[c]."""
        return np.where(self.finished, self.last, self.end) - self.arrived

    def until(self, tick: int) -> np.ndarray:
        """Cases that came before a tick, bool[c]."""
        return self.arrived < tick


def cases_of(log: EventLog, mapping: Mapping, settings: FitSettings) -> Cases:
    """Raises InputError for closing activities that the log has not, or that do not end cases."""
    frame = log.frame
    case, complete = frame["case"].to_numpy(), frame["complete"].to_numpy()
    first = np.flatnonzero(np.diff(case, prepend=-1))
    rows = np.append(first, len(case))
    last = rows[1:] - 1
    start = frame["start"].to_numpy()
    begun = np.where(start == MISSING, complete, np.minimum(start, complete))
    if log.has("noticed"):
        noticed = frame["noticed"].to_numpy()
        begun = np.where(noticed == MISSING, begun, np.minimum(begun, noticed))
    arrived = np.minimum.reduceat(begun, first)
    finished, closing, how = _finished(log, mapping, settings, last)
    gone_on = _closed(log, closing) & ~finished
    if mapping.closing:
        _check_closing(log, mapping, settings, last, gone_on)
    until = complete[last].copy()
    if how == BY_OUTCOME:  # what comes after it, such as a duplicate's look, is not of its way
        rows = np.flatnonzero(_solved(log))[::-1]
        until[case[rows]] = complete[rows]
    return Cases(
        arrived, until, finished, closing, how, first, int(complete.max()), int(gone_on.sum())
    )


def _finished(
    log: EventLog, mapping: Mapping, settings: FitSettings, last: np.ndarray
) -> tuple[np.ndarray, list[str], str]:
    names, activity = log.names["activity"], log.frame["activity"].to_numpy()
    if mapping.closing:
        for name in mapping.closing:
            if name not in names:
                raise InputError(f"closing: '{name}'; allowed: {', '.join(names)}")
        codes = [names.index(name) for name in mapping.closing]
        return np.isin(activity[last], codes), list(mapping.closing), "as stated"
    if log.has("outcome") and _solved(log).any():
        case = log.frame["case"].to_numpy()
        finished = np.zeros(log.n_cases, bool)
        finished[case[_solved(log)]] = True
        return finished, [], BY_OUTCOME
    codes = _final(activity, last, settings)
    return np.isin(activity[last], codes), [names[c] for c in codes], (
        f"activities that are the last of their case {settings.final_share:.0%} of the time or more"
    )  # fmt: skip


def _closed(log: EventLog, closing: Sequence[str]) -> np.ndarray:
    """Cases that have come to a closing activity, bool[cases]."""
    codes = [log.names["activity"].index(name) for name in closing]
    came = np.zeros(log.n_cases, bool)
    came[log.frame["case"].to_numpy()[np.isin(log.frame["activity"].to_numpy(), codes)]] = True
    return came


def _check_closing(
    log: EventLog, mapping: Mapping, settings: FitSettings, last: np.ndarray, gone_on: np.ndarray
) -> None:
    """A case that closes, goes on and closes again was reopened. But where most go on for good, the
    activity is not what ends cases: no case would count as finished, nor the process ever end."""
    came = int(_closed(log, mapping.closing).sum())
    if came - int(gone_on.sum()) >= settings.closing_share * came:
        return
    names, activity = log.names["activity"], log.frame["activity"].to_numpy()
    ends = np.bincount(activity[last], minlength=len(names))
    usual = [names[code] for code in np.argsort(-ends, kind="stable")[:_USUAL] if ends[code]]
    raise InputError(
        f"closing: {', '.join(mapping.closing)}; of {came:,} cases that come to it, "
        f"{gone_on.sum():,} go on and do not come back to it; allowed: those that end at least "
        f"{settings.closing_share:.0%} of the cases that come to them (fit.closing_share); "
        f"cases of this log end most often with: {', '.join(usual)}"
    )


def _solved(log: EventLog) -> np.ndarray:
    return (log.frame["outcome"].astype("str") == OUTCOMES[SOLVED_BY]).to_numpy()


def _final(activity: np.ndarray, last: np.ndarray, settings: FitSettings) -> Sequence[int]:
    """Activities that nearly always end a case; without any, the one that ends most."""
    n = int(activity.max()) + 1
    ends, every = np.bincount(activity[last], minlength=n), np.bincount(activity, minlength=n)
    share = ends / np.maximum(every, 1)
    found = np.flatnonzero((share >= settings.final_share) & (ends >= _FEW * len(last)))
    return found.tolist() if found.size else [int(np.argmax(ends))]

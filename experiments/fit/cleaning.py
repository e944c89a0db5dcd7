"""What is made of the rows of a log before it is used: times read, doubles and slips refused."""

from collections import Counter
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.fit.mapping import STAMPS, Mapping
from experiments.fit.raw import Raw, Refusal
from experiments.fit.stamps import read_stamps
from scenarios.commands import FitSettings

MISSING = -(2**62)
"""A time that is not known."""
LISTED = 1000
"""Refused rows that are listed; all are counted."""

_BEGUN, _ENDED = "start", ("complete", "")
_INCIDENT = "incident"
_LONGEST = 200  # characters of a refused row that are shown


class Times(NamedTuple):
    """zone : whose wall clock the times are; day_share : share of completions without a time."""

    zone: str
    day_share: float


class Refused:
    """Rows that are not used, each with the first reason found."""

    def __init__(self, raw: Raw):
        self._raw = raw
        self._reason = np.full(len(raw.frame), "", object)
        self._used = np.zeros(len(raw.frame), bool)

    @property
    def kept(self) -> np.ndarray:
        """Rows that become events, bool[n]."""
        return (self._reason == "") & ~self._used

    def use(self, rows: np.ndarray) -> None:
        """Rows whose content another row has taken over: neither kept nor refused."""
        self._used |= rows

    def refuse(self, rows: np.ndarray, reason: str) -> None:
        """rows : bool[n]; those refused already keep their reason."""
        self._reason[rows & self.kept] = reason

    def counts(self) -> Counter:
        """Refused rows by reason, most frequent first."""
        values, numbers = np.unique(
            self._reason[self._reason != ""].astype(str), return_counts=True
        )
        counts = Counter(dict(zip(values.tolist(), numbers.tolist(), strict=True)))
        counts.update(reason for _, reason, _ in self._raw.refused)
        return Counter(dict(counts.most_common()))

    def listed(self) -> list[Refusal]:
        """The first LISTED of them by line."""
        found = list(self._raw.refused)
        for row in np.flatnonzero(self._reason != "")[:LISTED]:
            cells = ", ".join(str(value) for value in self._raw.frame.iloc[row])
            found.append((int(self._raw.lines[row]), str(self._reason[row]), cells[:_LONGEST]))
        return sorted(found)[:LISTED]


def cleaned(
    raw: Raw, mapping: Mapping, settings: FitSettings
) -> tuple[pd.DataFrame, Times, list[str], Refused]:
    """The rows that are used, with times in seconds since 1970-01-01 (MISSING where not known);
    what to say of them; the rows that are not. Raises InputError."""
    frame, refused, notes = raw.frame, Refused(raw), []
    times: dict[str, np.ndarray] = {}
    days, zone = np.zeros(len(frame), bool), ""
    for role in (role for role in STAMPS if role in frame):
        seconds, by_day, shown, said = _times(frame[role], mapping)
        times[role], zone = seconds, zone or shown
        notes += [f"{role}: {text}" for text in said]
        if role == "complete":
            days = by_day
    _refuse_blanks(refused, frame, times, settings)
    if "class" in frame:
        _refuse_classes(refused, frame["class"])
    if "lifecycle" in frame:
        times["start"] = _paired(refused, frame, times)
        notes.append("starts and completions of an activity in a case are paired in order")
    _refuse_doubles(refused, frame, times)
    kept = refused.kept
    table = pd.DataFrame({"line": raw.lines[kept]})
    for role in frame.columns.difference([*times, "lifecycle", "instance", "class"]):
        table[role] = frame[role][kept].array
    for role, seconds in times.items():
        whole = np.floor(np.where(np.isnan(seconds), 0.0, seconds)).astype(np.int64)
        table[role] = np.where(np.isnan(seconds), MISSING, whole)[kept]
    if "start" not in table:
        table["start"] = MISSING
    share = float(days[kept].mean()) if kept.any() else 0.0
    return table, Times(zone, share), notes, refused


def _times(column: pd.Series, mapping: Mapping):
    """Seconds of each row, whether it is a day alone, the zone shown, and what to say."""
    codes = column.cat.codes.to_numpy()
    texts = column.cat.categories.to_series(index=range(len(column.cat.categories)))
    weights = np.bincount(codes[codes >= 0], minlength=len(texts))
    found = read_stamps(texts, weights, mapping.stamps, mapping.zone)
    said = []
    zones = [value for value in found.offsets if value is not None]
    if len(zones) > 1 or (zones and None in found.offsets):
        counted = ", ".join(_offset_text(value, n) for value, n in found.offsets.most_common())
        said.append(f"mixed time zones ({counted}), shown by the clock of {found.zone}")
    nothing = codes < 0
    seconds = np.where(nothing, np.nan, found.seconds[codes])
    return seconds, np.where(nothing, False, found.days[codes]), found.zone, said


def _offset_text(value: int | None, n: int) -> str:
    return f"{n:,} without" if value is None else f"{n:,} at {value / 3600:+g} h"


def _refuse_blanks(
    refused: Refused, frame: pd.DataFrame, times: dict, settings: FitSettings
) -> None:
    for role in ("case", "activity"):
        blank = frame[role].cat.categories.astype(str).str.strip() == ""
        codes = frame[role].cat.codes.to_numpy()
        refused.refuse((codes < 0) | np.append(blank, False)[codes], f"no {role}")
    text = frame["complete"]
    none = np.append(text.cat.categories.astype(str).str.strip().isin(["", "?"]), False)
    refused.refuse(none[text.cat.codes.to_numpy()], "not completed")
    refused.refuse(np.isnan(times["complete"]), "time cannot be read")
    low, high = (
        np.datetime64(f"{year:04d}-01-01", "s").astype(np.int64)
        for year in (settings.earliest, settings.latest)
    )
    for role, seconds in times.items():
        with np.errstate(invalid="ignore"):
            absurd = (seconds < low) | (seconds >= high)
        if role in ("complete", "start"):
            refused.refuse(absurd, f"absurd date in {role}")
        seconds[absurd] = np.nan
    if "start" in times:
        with np.errstate(invalid="ignore"):
            refused.refuse(times["start"] > times["complete"], "starts after it ends")


def _refuse_classes(refused: Refused, column: pd.Series) -> None:
    """Of a log that Guantong has written: what is no incident, such as calls that only ask."""
    names = column.astype("str").to_numpy()
    if _INCIDENT in names:
        for other in np.unique(names[names != _INCIDENT].astype(str)):
            refused.refuse(names == other, f"no incident but {other[:_LONGEST]}")


def _paired(refused: Refused, frame: pd.DataFrame, times: dict) -> np.ndarray:
    """The start of each completion: the k-th start of an activity in a case is that of the k-th
    completion. All other transitions are refused, and starts without a completion."""
    step = frame["lifecycle"].astype("str").str.strip().str.casefold().to_numpy()
    begun, ended = step == _BEGUN, np.isin(step, _ENDED)
    for other in np.unique(step[~begun & ~ended].astype(str)):
        refused.refuse(step == other, f"transition {other[:_LONGEST]}")
    start = times.get("start", np.full(len(frame), np.nan)).copy()
    key = [frame[role].cat.codes.to_numpy(np.int64) for role in ("case", "activity")]
    if "instance" in frame:  # which tells visits of an activity in a case apart
        width = len(frame["instance"].cat.categories) + 1
        key[1] = key[1] * width + frame["instance"].cat.codes.to_numpy()
    place = {}
    for name, chosen in (("begun", begun), ("ended", ended)):
        rows = np.flatnonzero(chosen & refused.kept)
        rows = rows[np.lexsort((times["complete"][rows], key[1][rows], key[0][rows]))]
        place[name] = pd.DataFrame({"row": rows, "case": key[0][rows], "activity": key[1][rows]})
        place[name]["k"] = place[name].groupby(["case", "activity"]).cumcount()
    both = place["ended"].merge(place["begun"], on=["case", "activity", "k"], suffixes=("", "_of"))
    moments = times["complete"][both["row_of"]]
    right = moments <= times["complete"][both["row"]]
    start[both["row"][right]] = moments[right]
    used = np.zeros(len(frame), bool)
    used[both["row_of"]] = True
    refused.refuse(begun & ~used, "begun, not completed")
    refused.use(begun & used)
    return start


def _refuse_doubles(refused: Refused, frame: pd.DataFrame, times: dict) -> None:
    """All but the first of rows that are the same in every column that is read."""
    kept = refused.kept
    same = pd.DataFrame(
        {role: frame[role].cat.codes.to_numpy()[kept] for role in frame if role not in times}
        | {role: seconds[kept] for role, seconds in times.items()}
    )
    doubled = np.zeros(len(frame), bool)
    doubled[kept] = same.duplicated().to_numpy()
    refused.refuse(doubled, "double")

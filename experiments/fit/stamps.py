"""Times as logs write them, read as the wall clock of one time zone."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.errors import InputError

_ZONE = r"(?i)(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})$"
_CLOCKS = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%H时%M分%S秒", "%H时%M分", "%H点%M分")
_DATES = ("%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d", "%d.%m.%Y")
_EITHER = (("%d-%m-%Y", "%m-%d-%Y"), ("%d/%m/%Y", "%m/%d/%Y"))
"""Orders of day and month that only the numbers can tell apart."""


@dataclass(frozen=True, eq=False)
class Stamps:
    """seconds : f8[n], of the local wall clock since 1970-01-01, NaN where not read; days :
    bool[n], whether a text gives a day and no time; offsets : how many texts had which offset
    from UTC [s], None without one; zone : the zone shown, in words."""

    seconds: np.ndarray
    days: np.ndarray
    offsets: Counter
    zone: str


def read_stamps(
    texts: "pd.Series", weights: np.ndarray, form: str | None, zone: str | None
) -> Stamps:
    """Read different texts. weights : i8[n], how often each occurs.

    Without `zone` the offset that most stamps have counts; stamps without an offset are taken as
    that clock's. Raises InputError for an unknown zone, for a form that reads nothing, and where
    day and month cannot be told apart.
    """
    texts = texts.astype("str").str.strip()
    stems, offset = _taken_apart(texts)
    aware = ~np.isnan(offset)
    naive = _naive(stems, form)
    offsets: Counter = Counter()
    for value in np.unique(offset[aware]):
        offsets[int(value)] = int(weights[aware & (offset == value)].sum())
    unzoned = ~aware & ~np.isnan(naive)
    if unzoned.any():
        offsets[None] = int(weights[unzoned].sum())
    seconds, shown = _shown(naive, offset, offsets, zone)
    days = ~texts.str.contains(r"\d[:时点T]", regex=True).to_numpy(bool)
    return Stamps(seconds, days, offsets, shown)


def _taken_apart(texts: "pd.Series") -> tuple["pd.Series", np.ndarray]:
    """The texts without their offsets from UTC, and these [s], f8[n], NaN without one. By Arrow,
    whose regular expressions are ten times as fast as Python's."""
    import pyarrow as pa
    import pyarrow.compute as pc

    array = pa.array(texts, pa.string())
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays([pa.array([], pa.string()), *array.chunks])
    zones = pc.struct_field(pc.extract_regex(array, _ZONE), "zone").dictionary_encode()
    known = np.array([*(_offset(t) for t in zones.dictionary.to_pylist()), np.nan])
    codes = zones.indices.fill_null(len(zones.dictionary)).to_numpy(zero_copy_only=False)
    if not len(zones.dictionary):
        return texts, known[codes]
    stems = pc.replace_substring_regex(array, _ZONE, r"\1")
    return pd.Series(stems.to_pandas(), index=texts.index).astype("str"), known[codes]


def _shown(
    naive: np.ndarray, offset: np.ndarray, offsets: Counter, zone: str | None
) -> tuple[np.ndarray, str]:
    aware = ~np.isnan(offset)
    if zone is not None:
        utc = pd.Series(naive - offset)[aware]
        try:
            moments = pd.to_datetime(utc, unit="s", errors="coerce", utc=True).dt.tz_convert(zone)
        except (KeyError, ValueError, OSError):
            raise InputError(f"zone: '{zone}'; allowed: a name such as Asia/Shanghai") from None
        seconds = naive.copy()
        seconds[aware] = _seconds(moments.dt.tz_localize(None))
        return seconds, zone
    known = {value: n for value, n in offsets.items() if value is not None}
    if not known:
        return naive, "as written, without a zone"
    main = max(known, key=known.__getitem__)
    sign, size = ("-", -main) if main < 0 else ("+", main)
    text = f"UTC{sign}{size // 3600:02d}:{size % 3600 // 60:02d}"
    return np.where(aware, naive - offset + main, naive), text


def _offset(text: str) -> int:
    """Seconds east of Greenwich."""
    if text.upper() in ("Z", "UTC"):
        return 0
    digits = text[1:].replace(":", "")
    size = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -size if text[0] == "-" else size


def _seconds(moments: "pd.Series") -> np.ndarray:
    """f8[n], NaN where there is none."""
    ticks = moments.astype("datetime64[s]").to_numpy()
    seconds = ticks.astype(np.int64).astype(float)
    seconds[np.isnat(ticks)] = np.nan
    return seconds


def _parsed(texts: "pd.Series", form: str) -> np.ndarray:
    return _seconds(pd.to_datetime(texts, format=form, errors="coerce"))


def _naive(texts: "pd.Series", form: str | None) -> np.ndarray:
    """Seconds of texts without a zone: by the form given, or else the usual ones in turn."""
    if form is not None:
        found = _parsed(texts, form)
        if np.isnan(found).all() and len(texts):
            raise InputError(f"stamps: '{form}' reads none, such as '{texts.iloc[0]}'")
        return found
    found = _parsed(texts, "ISO8601")
    for date in (*_DATES, *_EITHER):
        if not np.isnan(found).any():
            break
        left = np.flatnonzero(np.isnan(found))
        if isinstance(date, tuple):
            found[left] = _either(texts.iloc[left], *date)
        else:
            found[left] = _with_clocks(texts.iloc[left], date)
    return found


def _with_clocks(texts: "pd.Series", date: str) -> np.ndarray:
    """With whichever clock stands behind the date, or none."""
    found = np.full(len(texts), np.nan)
    separator = date[2]
    maybe = texts.str.contains(separator, regex=False).to_numpy(bool)
    for form in (date, *(f"{date} {clock}" for clock in _CLOCKS)):
        left = np.flatnonzero(np.isnan(found) & maybe)
        if left.size == 0:
            break
        found[left] = _parsed(texts.iloc[left], form)
    return found


def _either(texts: "pd.Series", first: str, second: str) -> np.ndarray:
    """The order of day and month that reads more. Raises InputError where both read as much."""
    a, b = _with_clocks(texts, first), _with_clocks(texts, second)
    read = (~np.isnan(a)).sum(), (~np.isnan(b)).sum()
    if read[0] == read[1] and read[0] and not np.array_equal(a, b, equal_nan=True):
        raise InputError(
            f"stamps: '{texts.iloc[0]}' may be day or month first; allowed: stamps in the file of "
            f"columns=FILE, such as '{first} %H:%M'"
        )
    return a if read[0] >= read[1] else b
